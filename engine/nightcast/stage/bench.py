"""How fast pictures are drawn here: the figures behind `nightcast bench render`.

Time is counted until a picture's bytes are in the caller's memory, in the layout that goes to the encoder. As many are
begun before the first is fetched as the profile has in flight, so that a figure is what one picture costs in a running
show, not how long one takes from end to end.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from nightcast.gltf import load
from nightcast.gltf.records import F32, Model
from nightcast.host.frame import HostFrame
from nightcast.process.shared import Layout, picture_shape
from nightcast.show.catalog import Catalog
from nightcast.stage.frame import Background, Camera, Frame, Instance, Lamp, Lighting, look_at
from nightcast.stage.gpu import Gpu
from nightcast.stage.renderer import Renderer
from nightcast.stage.shot import Moment, moment_cues
from nightcast.stage.studio import Studio

#: Drawn before the clock starts: programs are compiled, textures uploaded.
WARM_UP = 10


@dataclass(frozen=True)
class RenderFigures:
    """What pictures took. `cpu_ms` is of the whole process, the driver's threads included, for each picture.

    `fps` is how many came in a second, at most the beat where there is one. `late` counts those that were not done with
    when the next was due; without a beat none is due.
    """

    device: str
    profile: str
    width_px: int
    height_px: int
    pictures: int
    p50_ms: float
    p95_ms: float
    cpu_ms: float
    fps: float
    late: int
    draw_calls: int
    triangles: int
    picture_bytes: int


def bench_scene(studio: Studio, pictures: int = 300, fps: int = 0, moment: Moment | None = None) -> RenderFigures:
    """Figures of a scene as it begins: host, set, label; with a `moment`, of that instead.

    `fps` 0: one picture after the other.
    """
    if moment is not None:
        studio.apply(moment_cues(studio, moment))
    return _measure(studio.renderer, studio.begin, pictures, fps)


def bench_model(
    model: Path, environment: Path, size_px: tuple[int, int] = (1280, 720), pictures: int = 300, fps: int = 0
) -> RenderFigures:
    """Figures of one avatar in HDR light with a soft shadow and smooth edges, its face moving.

    Camera, light and movement are those of the three.js page it is compared with: 30° from (0, 1.5, 1.6). `fps` 0: one
    picture after the other.

    Raises:
        ModelError, AssetError: a file cannot be used.
        GpuError: there is no device.
    """
    record = load(model)
    with Gpu() as gpu, Renderer(gpu, size_px) as renderer:
        handle = renderer.load_model(record)
        lighting = Lighting(
            key=Lamp((1, 3, 2), 2.5, shadow="soft"),
            ambient=(0.6, 0.6, 0.6),
            environment=renderer.load_environment(environment),
            environment_deg=-90,
        )
        camera = Camera(look_at((0, 1.5, 1.6), (0, 1.45, 0)), near_m=0.1, far_m=20)

        def begin(index: int, layout: Layout) -> None:
            pose = HostFrame(index / 30, handle.geometry.rest_world, moving_face(record, index))
            instance = Instance(handle, np.eye(4, dtype=np.float32), "host", pose=pose)
            background = Background((0.6, 0.667, 0.733))
            renderer.begin(Frame(camera, lighting, background, [instance], time_s=index / 30), layout)

        figures = _measure(renderer, begin, pictures, fps)
        handle.release()
    return figures


def busy_moment(catalog: Catalog) -> Moment:
    """A moment of a show that has much to draw: stands filled, two kinds of product worn, overlays, a line."""
    kinds = {
        product.wear.kind: product.id for product in reversed(catalog.products) if product.wear and product.host_wears
    }
    return Moment(wear=tuple(kinds.values())[-2:])


def moving_face(model: Model, index: int) -> dict[int, F32]:
    """Weights of eight targets of each mesh that has as many, swinging with the picture's number."""
    weights = {}
    for number, mesh in enumerate(model.meshes):
        moved = np.zeros_like(mesh.weights)
        for k in range(min(8, (len(moved) + 4) // 5)):
            moved[5 * k] = 0.5 + 0.5 * np.sin(index * 0.3 + k)
        weights[number] = moved
    return weights


def _measure(renderer: Renderer, begin: Callable[[int, Layout], None], pictures: int, fps: int) -> RenderFigures:
    (width, height), layout = renderer.size_px, renderer.air_layout
    memory = memoryview(bytearray(math.prod(picture_shape(layout, width, height))))
    took_ms, cpu_began_s, late = [], 0.0, 0
    due_s = first_s = time.perf_counter()
    for index in range(WARM_UP + pictures):
        if index == WARM_UP:
            cpu_began_s = time.process_time()
            due_s = first_s = time.perf_counter()  # shaders are compiled by now, which took longer than a picture may
        if fps:
            time.sleep(max(due_s - time.perf_counter(), 0.0))
            due_s += 1 / fps
        began_s = time.perf_counter()
        begin(index, layout)
        if renderer.in_flight >= renderer.profile.pictures_in_flight:
            renderer.finish(memory)
        if index >= WARM_UP:
            took_ms.append((time.perf_counter() - began_s) * 1e3)
            late += bool(fps) and time.perf_counter() > due_s
    cpu_ms = (time.process_time() - cpu_began_s) * 1e3 / pictures
    passed_s = max(time.perf_counter(), due_s) - first_s  # the last picture has its time as well
    while renderer.in_flight:
        renderer.finish(memory)
    p50_ms, p95_ms = np.percentile(took_ms, [50, 95])
    return RenderFigures(
        device=str(renderer.gpu.device),
        profile=renderer.profile.name,
        width_px=width,
        height_px=height,
        pictures=pictures,
        p50_ms=round(float(p50_ms), 2),
        p95_ms=round(float(p95_ms), 2),
        cpu_ms=round(cpu_ms, 2),
        fps=round(pictures / passed_s, 2),
        late=late,
        draw_calls=renderer.figures.draw_calls,
        triangles=renderer.figures.triangles,
        picture_bytes=memory.nbytes,
    )
