"""Pictures in memory that driver and process share: what is drawn is there, and what is left is given back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from tests.stage.boards import GREEN, Quad, place

from nightcast.gltf.records import F32, Material
from nightcast.stage.frame import Background, Camera, Frame, Instance, Lamp, Lighting
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
    fence = gpu.fence()
    fence.wait()
    fence.wait()  # at once
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


def test_textures_of_one_memory_are_one_picture_to_shaders(gpu: Gpu, scope: Scope) -> None:
    depth = scope.canvas(SIZE, depth=True)
    scope.framebuffer(depth=depth.drawn).clear(depth=0.5)
    assert depth.seen.size == depth.drawn.size == SIZE
    assert depth.seen.glo != depth.drawn.glo
    gpu.fence().wait()
    assert depth.rows is not None
    assert abs(int(depth.rows[:, 2].min()) - 0x80) <= 1


def test_pictures_are_the_same_without_it(
    gpu: Gpu, camera: Camera, quad: Quad, monkeypatch: pytest.MonkeyPatch
) -> None:
    def film() -> list[bytes]:
        with Renderer(gpu, (64, 64)) as renderer:
            felt = renderer.load_model(quad(Material("felt", base_color=(0.6, 0.1, 0.1, 1), metallic=0.0), half_m=0.2))
            wall = renderer.load_model(quad(GREEN, half_m=2))
            at = np.eye(4, dtype=np.float32)
            at[0, 3] = 0.2
            instances = [Instance(felt, at)]
            plain = Frame(camera, LIGHTING, Background((0.2, 0.4, 0.7)), instances)
            before = Frame(camera, LIGHTING, instances=[*instances, Instance(wall, _back())])
            pictures = [renderer.draw(frame).tobytes() for frame in (plain, before)]
            felt.release()
            wall.release()
            return pictures

    shared = film()
    monkeypatch.setattr(gpu, "sharing", None)
    assert shared == film()


def test_pictures_in_flight_may_be_given_up_with_their_memory(
    renderer: Renderer, camera: Camera, quad: Quad, put: Callable
) -> None:
    wall = put(quad(GREEN, half_m=2), "set", **place(0, 0, -1))
    for _ in range(20):
        for _ in range(renderer.profile.pictures_in_flight):
            renderer.begin(Frame(camera, LIGHTING, instances=[wall]))
        renderer.rescale(1.0)
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


def _back() -> F32:
    at = np.eye(4, dtype=np.float32)
    at[2, 3] = -1
    return at
