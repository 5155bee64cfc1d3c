"""Pictures in memory that driver and process share: what is drawn is there, and what is left is given back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.stage.boards import GREEN, Quad, place

from nightcast.gltf.records import F32, Material
from nightcast.stage.frame import Camera, Effects, Frame, Instance, Lamp, Lighting
from nightcast.stage.gpu import Gpu, Scope
from nightcast.stage.renderer import Renderer
from nightcast.stage.sharing import Sharing
from nightcast.stage.targets import Target

SIZE = 70, 30  # rows that the driver makes longer
LIGHTING = Lighting(key=Lamp((0.2, 0.3, 1), 2.0, shadow="soft"), ambient=(0.3, 0.3, 0.3))


@pytest.fixture
def scope(gpu: Gpu) -> Iterator[Scope]:
    if gpu.sharing is None:
        pytest.skip("this driver shares no memory")
    made = gpu.scope()
    yield made
    made.release()


def test_what_is_drawn_can_be_read_when_a_fence_says_so(gpu: Gpu, scope: Scope) -> None:
    canvas = scope.canvas(SIZE)
    scope.framebuffer([canvas.drawn]).clear(1.0, 0.4, 0.2, 1.0, viewport=(0, 0, 35, 30))
    fence = scope.fence()
    assert fence.wait(), "it was never set"
    fence.set()
    assert fence.wait()
    assert fence.wait(), "at once"
    assert canvas.rows is not None
    assert canvas.rows.shape == (30, 280)
    assert canvas.rows[29, :4].tolist() == [255, 102, 51, 255]
    assert canvas.rows[0, 140:].max() == 0


def test_what_is_written_here_can_be_seen_by_the_driver(gpu: Gpu, scope: Scope) -> None:
    canvas = scope.canvas(SIZE)
    canvas.fill(0xFF336699)
    assert scope.framebuffer([canvas.seen]).read(components=4)[:4] == bytes([0x99, 0x66, 0x33, 0xFF])


def test_a_target_is_filled_and_cleared_alike_with_and_without_it(
    gpu: Gpu, scope: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    def drawn() -> tuple[bytes, bytes]:
        source, target = Target(scope, SIZE), Target(scope, SIZE)
        source.clear((0.1, 0.5, 0.9))
        source.surface.use()
        source.surface.clear(1.0, 1.0, 0.0, 1.0, depth=0.25, viewport=(5, 5, 20, 10))
        source.mark()
        target.fill(source)
        gpu.context.finish()
        return target.surface.read(components=4), target.surface.read(attachment=-1, components=1, dtype="u4")

    shared = drawn()
    monkeypatch.setattr(gpu, "sharing", None)
    assert shared == drawn()


def test_what_is_drawn_is_seen_by_shaders_through_the_other_texture(gpu: Gpu, scope: Scope) -> None:
    canvas, copy = scope.canvas(SIZE), scope.texture(SIZE, 4)
    assert canvas.seen.glo != canvas.drawn.glo
    program = scope.program(
        "#version 330 core\nvoid main() {"
        " gl_Position = vec4(4 * (gl_VertexID & 1) - 1, 2 * (gl_VertexID & 2) - 1, 0, 1); }",
        "#version 330 core\nuniform sampler2D seen; out vec4 color; void main() {"
        " color = texelFetch(seen, ivec2(gl_FragCoord.xy), 0).bgra; }",
    )
    scope.framebuffer([canvas.drawn]).clear(1.0, 0.4, 0.2, 1.0)
    target = scope.framebuffer([copy])
    target.use()
    gpu.context.enable_only(0)
    canvas.seen.use(0)
    scope.vertex_array(program, []).render(vertices=3)
    assert target.read(components=4)[-4:] == bytes([51, 102, 255, 255])


@pytest.mark.parametrize("effect", ["sharp", "soft", "glowing"])
def test_pictures_in_flight_are_what_they_are_without_it(
    gpu: Gpu, camera: Camera, quad: Quad, monkeypatch: pytest.MonkeyPatch, effect: str
) -> None:
    felt = Material("felt", base_color=(0.6, 0.1, 0.1, 1), metallic=0.0)
    if effect == "soft":
        camera = replace(camera, focus_m=(3.0, 3.0), aperture_m=2.0)
    effects = Effects(bloom=0.5 if effect == "glowing" else 0.0)

    def film() -> list[bytes]:
        with Renderer(gpu, (64, 64)) as renderer:
            wall, board = (renderer.load_model(quad(made, half_m=half)) for made, half in ((GREEN, 2), (felt, 0.2)))
            instances = [
                Instance(wall, at(0, -1), "set"),
                Instance(board, at(-0.4, 0.2)),
                Instance(board, at(0.3, 0.1), "host"),
            ]
            pictures = []
            for count in range(24):
                renderer.begin(Frame(camera, LIGHTING, instances=instances, effects=effects, time_s=count / 30))
                if renderer.in_flight == renderer.profile.pictures_in_flight:
                    pictures.append(renderer.finish().tobytes())
            board.release()
            wall.release()
            return pictures

    shared = film()
    monkeypatch.setattr(gpu, "sharing", None)
    assert shared == film()


def test_a_shadow_does_not_outlive_a_leap_in_time(
    renderer: Renderer, camera: Camera, quad: Quad, put: Callable
) -> None:
    wall = put(quad(Material("wall", metallic=0.0), half_m=2), "set", **place(0, 0, -1))
    hosts = [put(quad(GREEN, half_m=0.2), "host", **place(x, 0, 0)) for x in (-0.4, 0.4)]
    renderer.forget()
    for count in range(8):  # three pictures a second: none follows the last
        frame = Frame(camera, LIGHTING, instances=[wall, hosts[count % 2]], time_s=count / 3)
        seen = renderer.draw(frame).copy()
        renderer.forget()
        assert np.array_equal(seen, renderer.draw(frame))


def test_pictures_in_flight_may_be_given_up_with_their_memory(
    renderer: Renderer, camera: Camera, quad: Quad, put: Callable
) -> None:
    wall = put(quad(GREEN, half_m=2), "set", **place(0, 0, -1))
    alive = set()
    for _ in range(20):
        for _ in range(renderer.profile.pictures_in_flight):
            renderer.begin(Frame(camera, LIGHTING, instances=[wall]))
        renderer.rescale(1.0)
        alive.add(renderer.gpu.live_objects)
    assert len(alive) == 1
    assert renderer.draw(Frame(camera, LIGHTING, instances=[wall]))[32, 32, 1] > 100


def test_memory_is_given_back(gpu: Gpu, scope: Scope) -> None:
    def views() -> int:
        return Path("/proc/self/maps").read_text(encoding="utf-8").count("memfd:picture")

    before = views()
    for _ in range(5):
        made = gpu.scope()
        canvas = made.canvas(SIZE)
        assert views() > before
        del canvas
        made.release()
    assert views() <= before + 1


def test_a_driver_that_does_not_know_the_heading_shares_nothing(
    gpu: Gpu, scope: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Sharing, "heading", lambda self, length: bytes(4096))
    assert Sharing.of(gpu.context) is None
    assert gpu.context.error == "GL_NO_ERROR"


def test_a_system_without_such_files_shares_nothing(gpu: Gpu, scope: Scope, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(name: str) -> int:
        raise PermissionError(name)

    monkeypatch.setattr("os.memfd_create", refused)
    assert Sharing.of(gpu.context) is None


def test_the_state_of_a_drivers_source_is_part_of_its_signature() -> None:
    released = Sharing("4.5 (Core Profile) Mesa 22.3.6").heading(8192)
    built = Sharing("4.5 (Core Profile) Mesa 24.0.0-devel (git-0123456789)").heading(8192)
    assert released[:16] == built[:16]
    assert released[16:32] != built[16:32]


def at(x: float, z: float) -> F32:
    placed = np.eye(4, dtype=np.float32)
    placed[0, 3], placed[2, 3] = x, z
    return placed
