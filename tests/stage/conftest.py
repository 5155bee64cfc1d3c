"""For the room's tests: a typesetter with the machine's own fonts, a small show on disk, a renderer."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
import trimesh
from tests.stage.boards import EYE4, SIZE

from nightcast.gltf.records import Image, Material, Mesh, Model, Node, Primitive, Texture
from nightcast.stage.errors import GpuError
from nightcast.stage.frame import Camera, Instance, look_at
from nightcast.stage.gpu import Gpu
from nightcast.stage.production import Production
from nightcast.stage.renderer import Renderer
from nightcast.stage.studio import Studio
from nightcast.stage.text import NoFontError, Typesetter

SCENE = """
stage: {size: [320, 180], fps: 30}
light:
  key: {from: [1, 3, 2], kelvin: 4500, intensity: 0.6, shadow: soft}
background: {kind: gradient, top: "#404050", bottom: "#101018"}
set:
  - {model: ../assets/box.glb, at: [0, 0, -2], scale: 4}
host: {mark: [1.2, 0, -1]}
stands:
  table: {at: [0, 1, 0], turntable_rpm: 10, max_size: 0.3}
screens:
  back: {at: [-0.6, 1.3, -0.6], size: [0.8, 0.45], shows: product_gallery}
shots:
  wide: {from: [0, 1.4, 2.4], look_at: [0, 1.1, 0], fov: 34}
  product: {follow: stands.table, distance: 0.9}
overlays:
  price_card: {anchor: bottom-left}
  captions: {}
transitions: {default: {cut: 0}, product: {dissolve: 0.4}}
"""

CATALOG = """
brand: Lantern
currency: CNY
products:
  - {id: box, name: {en: A box, zh: 盒子}, kind: box, model: box.glb, price: 12900, as_of: 2026-11-01}
  - {id: raised, name: {en: On a base, zh: 有底座}, kind: box, model: box.glb, price: 100, as_of: 2026-11-01,
     display: {model: base.glb}}
  - {id: ghost, name: {en: A ghost, zh: 幽灵}, kind: ghost, model: torn.glb, price: 100, as_of: 2026-11-01}
"""

AVATAR = "{name: Box, model: ../assets/box.glb}"

SCRIPT = """
title: test
host: ../avatars/box.yaml
scenes: [../scenes/stall.yaml]
catalog: ../assets/catalog.yaml
rundown: [opening]
"""


@pytest.fixture
def font_warnings() -> list[str]:
    return []


@pytest.fixture
def typesetter(font_warnings: list[str]) -> Typesetter:
    try:
        return Typesetter.find_fonts(None, font_warnings.append)
    except NoFontError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def show_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A show with a box to sell, a file that is no model, and a box at the host's mark."""
    root = tmp_path_factory.mktemp("show")
    for folder in ("avatars", "scenes", "scripts", "assets"):
        (root / folder).mkdir()
    trimesh.creation.box((0.2, 0.1, 0.1)).export(root / "assets/box.glb")
    base = trimesh.creation.box((0.3, 0.1, 0.2))
    base.apply_translation((0, -0.1, 0))
    base.export(root / "assets/base.glb")
    (root / "assets/torn.glb").write_bytes(b"glTF\x02\x00\x00\x00 torn")
    (root / "avatars/box.yaml").write_text(AVATAR, encoding="utf-8")
    (root / "scripts/night.yaml").write_text(SCRIPT, encoding="utf-8")
    (root / "assets/catalog.yaml").write_text(CATALOG, encoding="utf-8")
    (root / "scenes/stall.yaml").write_text(SCENE, encoding="utf-8")
    return root


@pytest.fixture(scope="session")
def opened_stall(show_folder: Path) -> Iterator[Studio]:
    """One device and one set of programs for all tests of a worker: compiling shaders takes seconds."""
    try:
        studio = Studio(Production.of_scene(show_folder / "scenes/stall.yaml"), (320, 180))
    except GpuError as error:
        pytest.skip(str(error))
    with studio:
        yield studio


@pytest.fixture
def scene_file(show_folder: Path) -> Path:
    return show_folder / "scenes/stall.yaml"


@pytest.fixture
def stall(opened_stall: Studio, gpu: Gpu, scene_file: Path) -> Studio:
    """The studio at the beginning of a night, its scene as written at first."""
    stamp = scene_file.stat().st_mtime_ns + 1_000_000  # edits within one tick of the file system's clock
    scene_file.write_text(SCENE, encoding="utf-8")
    os.utime(scene_file, ns=(stamp, stamp))
    opened_stall.fps = 30
    opened_stall.reload()
    opened_stall.restart()
    opened_stall.take_warnings()
    return opened_stall


@pytest.fixture(autouse=True)
def _current_device(request: pytest.FixtureRequest) -> None:
    """Make the shared device current again: a test before may have opened one of its own."""
    if "opened_stall" in request.fixturenames:
        opened: Studio = request.getfixturevalue("opened_stall")
        opened.renderer.gpu.context.__enter__()  # for good: leaving would make none current


@pytest.fixture
def gpu(opened_stall: Studio) -> Gpu:
    """The device that a worker's tests share: two contexts in one process get into each other's way."""
    return opened_stall.renderer.gpu


@pytest.fixture
def camera() -> Camera:
    """Two metres in front of the origin, seeing one metre to each side on a square picture."""
    return Camera(look_at((0, 0, 2), (0, 0, 0)), fov_deg=2 * float(np.degrees(np.arctan(0.5))), near_m=0.1, far_m=10)


QuadMaker = Callable[..., Model]


@pytest.fixture
def quad() -> QuadMaker:
    """Makes a model of one square that faces +Z, its texture's row 0 on top."""

    def make(
        material: Material | None = None,
        *,
        half_m: float = 0.5,
        center: Sequence[float] = (0, 0, 0),
        pictures: Sequence[Image] = (),
        materials: Sequence[Material] = (),
        variants: dict[int, int] | None = None,
        variant_names: tuple[str, ...] = (),
    ) -> Model:
        corners = np.array([[-1, -1, 0], [1, -1, 0], [1, 1, 0], [-1, 1, 0]], np.float32) * half_m
        uv = np.array([[0, 1], [1, 1], [1, 0], [0, 0]], np.float32)
        primitive = Primitive(
            positions=corners + np.array(center, np.float32),
            normals=np.tile(np.array([0, 0, 1], np.float32), (4, 1)),
            indices=np.array([0, 1, 2, 0, 2, 3], np.uint32),
            tangents=np.tile(np.array([1, 0, 0, 1], np.float32), (4, 1)),
            uv0=uv,
            uv1=uv,
            material=0 if material or materials else None,
            variants=variants or {},
        )
        return model_of(primitive, materials or ([material] if material else []), pictures, variant_names)

    return make


def model_of(
    primitive: Primitive,
    materials: Sequence[Material],
    pictures: Sequence[Image] = (),
    variant_names: tuple[str, ...] = (),
) -> Model:
    zero, one = np.zeros(3, np.float32), np.ones(3, np.float32)
    node = Node("quad", None, (), zero, np.array([0, 0, 0, 1], np.float32), one, mesh=0)
    return Model(
        path=Path("quad.glb"),
        nodes=(node,),
        roots=(0,),
        meshes=(Mesh("quad", (primitive,), np.zeros(len(primitive.targets), np.float32)),),
        materials=tuple(materials),
        textures=tuple(Texture(i, "clamp", "clamp") for i in range(len(pictures))),
        images=tuple(pictures),
        variants=variant_names,
    )


@pytest.fixture(scope="session")
def kept_renderer(opened_stall: Studio) -> Iterator[Renderer]:
    """One for a worker's tests: a software driver compiles each program for a while."""
    opened_stall.renderer.gpu.context.__enter__()  # a test before may have opened a device of its own
    with Renderer(opened_stall.renderer.gpu, (SIZE, SIZE)) as made:
        yield made


@pytest.fixture
def renderer(kept_renderer: Renderer) -> Renderer:
    kept_renderer.rescale(1.0)
    return kept_renderer


@pytest.fixture
def put(renderer: Renderer) -> Iterator[Callable[..., Instance]]:
    """Loads a model and makes an instance of it."""
    handles = []

    def make(model: Model, kind: str = "product", **more: object) -> Instance:
        handles.append(renderer.load_model(model))
        world = EYE4.copy()
        world[:3, 3] = more.pop("at", (0, 0, 0))
        return Instance(handles[-1], world, kind, **more)

    yield make
    for handle in handles:
        handle.release()
