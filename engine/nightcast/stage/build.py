"""From a scene's YAML to what the renderer draws: set, light, screens, stands, the host at its mark.

A `BuiltScene` holds what does not change from frame to frame and makes the frame of a world state. World space,
metres, +Y up. GL thread only.
"""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image as Pictures

from nightcast.gltf.records import F32, Image, Material, Mesh, Model, Node, Primitive, Texture, TextureRef
from nightcast.show.catalog import Catalog, Product
from nightcast.show.load import resolve
from nightcast.show.scene import Lamp as SceneLamp
from nightcast.show.scene import Scene, Screen, Stand
from nightcast.stage.frame import Background, ContactShadow, Effects, Instance, Kind, Lamp, Lighting, Makeup
from nightcast.stage.model import ModelHandle
from nightcast.stage.overlays.kit import Kit
from nightcast.stage.renderer import Renderer
from nightcast.stage.screens import ScreenPicture
from nightcast.stage.state import StandState, WorldState
from nightcast.stage.stock import Library, Stocked
from nightcast.stage.text import parse_colour

__all__ = ["BuiltScene", "Seat", "placed", "seat"]

_GREY = (0.85, 0.87, 0.92)  # irradiance of a scene without an environment, in units of a white wall
_IN_PI = math.pi  # a scene's light of 1 makes a white wall white; the renderer counts in irradiance


@dataclass(frozen=True, eq=False)
class Seat:
    """A product on its stand: its world matrix and its size there."""

    world: F32  #: (4, 4)
    foot_m: tuple[float, float]  #: half extents along x and z
    height_m: float
    longest_m: float


def placed(at: Sequence[float], turn_deg: float = 0.0, scale: float = 1.0) -> F32:
    """(4, 4): scaled, turned about the vertical, then moved to `at`."""
    matrix = _turn_y(turn_deg)
    matrix[:3, :3] *= scale
    matrix[:3, 3] = at
    return matrix


def seat(low: F32, high: F32, stand: Stand, turned_deg: float, product: Product) -> Seat:
    """Puts a model with these corners on a stand: true size up to `max_size`, its underside on the surface.

    The catalog's `wear` says how the file's numbers become metres and where its front is, its `display` how it is
    turned for show; the corners are of the product and of what it is shown on.
    """
    metres = product.wear.scale if product.wear else 1.0
    upright = _euler(product.wear.turn) if product.wear else np.eye(4, dtype=np.float32)
    if product.display:
        upright = _euler(product.display.turn) @ upright
    corners = np.array([[x, y, z, 1] for x in (low[0], high[0]) for y in (low[1], high[1]) for z in (low[2], high[2])])
    turned = (corners @ upright.T)[:, :3] * metres
    least, most = turned.min(axis=0), turned.max(axis=0)
    longest_m = float(max(most - least))
    fit = min(1.0, stand.max_size / longest_m) if longest_m > 0 else 1.0
    least, most = least * fit, most * fit
    centred = np.eye(4, dtype=np.float32)
    centred[:3, 3] = [-(least[0] + most[0]) / 2, -least[1], -(least[2] + most[2]) / 2]
    sized = upright.copy()
    sized[:3] *= np.float32(metres * fit)
    lean = _turn_x(-stand.tilt)
    world = placed(stand.at, stand.facing + turned_deg) @ lean @ centred @ sized
    half = (most - least) / 2
    return Seat(
        np.asarray(world, np.float32), (float(half[0]), float(half[2])), float(most[1] - least[1]), longest_m * fit
    )


def _turn_y(turn_deg: float) -> F32:
    cos, sin = math.cos(math.radians(turn_deg)), math.sin(math.radians(turn_deg))
    return np.array([[cos, 0, sin, 0], [0, 1, 0, 0], [-sin, 0, cos, 0], [0, 0, 0, 1]], np.float32)


def _turn_x(turn_deg: float) -> F32:
    cos, sin = math.cos(math.radians(turn_deg)), math.sin(math.radians(turn_deg))
    return np.array([[1, 0, 0, 0], [0, cos, -sin, 0], [0, sin, cos, 0], [0, 0, 0, 1]], np.float32)


def _turn_z(turn_deg: float) -> F32:
    cos, sin = math.cos(math.radians(turn_deg)), math.sin(math.radians(turn_deg))
    return np.array([[cos, -sin, 0, 0], [sin, cos, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]], np.float32)


def _euler(turn: Sequence[float]) -> F32:
    """About X, then Y, then Z, all in the fixed frame, as `wear.turn` is written."""
    return np.asarray(_turn_z(turn[2]) @ _turn_y(turn[1]) @ _turn_x(turn[0]), np.float32)


@dataclass(eq=False)
class _BuiltScreen:
    picture: ScreenPicture
    handle: ModelHandle
    world: F32
    kind: Kind  #: a video changes too often to be kept with the set


@dataclass(eq=False)
class BuiltScene:
    """A scene on the device."""

    file: Path
    scene: Scene
    catalog: Catalog | None
    catalog_file: Path | None
    stock: Library
    lighting: Lighting
    background: Background
    effects: Effects
    pieces: tuple[Instance, ...]
    _screens: list[_BuiltScreen] = field(default_factory=list)
    _files: dict[str, Path] = field(default_factory=dict)  # of the catalog's assets

    @classmethod
    def build(
        cls,
        file: Path,
        scene: Scene,
        catalog: Catalog | None,
        catalog_file: Path | None,
        kit: Kit,
        library: Library,
        renderer: Renderer,
    ) -> BuiltScene:
        """Load everything the scene names; what cannot be drawn is left out with a warning."""
        pieces = []
        for piece in scene.set_:
            stocked = library.model(resolve(file, piece.model), keep=True)
            if stocked is not None:
                pieces.append(Instance(stocked.handle, placed(piece.at, piece.turn, piece.scale), "set"))
        built = cls(
            file=file,
            scene=scene,
            catalog=catalog,
            catalog_file=catalog_file,
            stock=library,
            lighting=_lighting(file, scene, library),
            background=_background(file, scene, library),
            effects=Effects(scene.effects.vignette, scene.effects.bloom),
            pieces=tuple(pieces),
        )
        for screen in scene.screens.values():
            handle = renderer.load_model(_quad(screen))
            picture = ScreenPicture(screen, kit, catalog.products if catalog else ())
            kind: Kind = "product" if screen.shows == "video" else "set"
            built._screens.append(_BuiltScreen(picture, handle, placed(screen.at, screen.facing), kind))
        return built

    def release(self) -> None:
        """Give back what belongs to this scene alone; models stay in the library."""
        for screen in self._screens:
            screen.picture.close()
            screen.handle.release()
        self._screens.clear()

    def instances(
        self, state: WorldState, host: Stocked | None, outfit: str | None = None
    ) -> tuple[list[Instance], list[ContactShadow]]:
        """What stands in the scene at this moment, and the soft shadows under it; the host in a material variant."""
        instances, shadows = list(self.pieces), []
        for screen in self._screens:
            bitmap = screen.picture.picture(state.time_s, state.comments)
            screen.handle.drop_makeup(frozenset({bitmap.key}))
            instances.append(Instance(screen.handle, screen.world, screen.kind, makeup=(Makeup(0, bitmap),)))
        for name, shown in state.stands.items():
            seated = self._seat(name, shown.product, shown.turned_deg)
            if seated is not None:
                instances += self._product(*seated, shown)
                shadows.append(self._under(name, seated[1], shown))
        if host is not None:
            mark = self.scene.host
            pose = state.host if state.host is not None and len(state.host.node_world) else None
            instances.append(Instance(host.handle, self.mark, "host", pose, outfit))
            shadows.append(ContactShadow((mark.mark[0], mark.mark[1], mark.mark[2]), (0.26, 0.2), 0.5, mark.facing))
        return instances, shadows

    @property
    def mark(self) -> F32:
        """(4, 4) where the host stands."""
        return placed(self.scene.host.mark, self.scene.host.facing)

    def extent_m(self, stand: str, product: str) -> tuple[float, float] | None:
        """Height and longest side of a product on a stand of this scene; None where it is not drawn."""
        found = self._seat(stand, product, 0.0)
        return (found[1].height_m, found[1].longest_m) if found else None

    def _product(self, stocked: Stocked, seated: Seat, product: Product, shown: StandState) -> list[Instance]:
        chosen = product.variant(shown.variant) if shown.variant else None
        variant = chosen.model_variant if chosen else None
        display = self._display(product)
        under = [Instance(display.handle, seated.world, "product")] if display else []
        return [*under, Instance(stocked.handle, seated.world, "product", variant=variant)]

    def _under(self, name: str, seated: Seat, shown: StandState) -> ContactShadow:
        stand = self.scene.stands[name]
        foot_m = (max(seated.foot_m[0], 0.01) * 1.15, max(seated.foot_m[1], 0.01) * 1.15)
        return ContactShadow(stand.at, foot_m, 0.45, stand.facing + shown.turned_deg)

    def _seat(self, stand: str, product_id: str, turned_deg: float) -> tuple[Stocked, Seat, Product] | None:
        product = self.catalog.product(product_id) if self.catalog else None
        if product is None or product.model is None or stand not in self.scene.stands:
            return None
        stocked = self._sold(product.model)
        if stocked is None:
            return None
        display = self._display(product)
        low = np.minimum(stocked.low, display.low) if display else stocked.low
        high = np.maximum(stocked.high, display.high) if display else stocked.high
        return stocked, seat(low, high, self.scene.stands[stand], turned_deg, product), product

    def _display(self, product: Product) -> Stocked | None:
        return self._sold(product.display.model) if product.display and product.display.model else None

    def _sold(self, asset: str) -> Stocked | None:
        """A model that the catalog names. Its path is looked up once: that asks the file system."""
        if self.catalog_file is None:
            return None
        if asset not in self._files:
            self._files[asset] = resolve(self.catalog_file, asset)
        return self.stock.model(self._files[asset])


def _lighting(file: Path, scene: Scene, library: Library) -> Lighting:
    light = scene.light
    environment = library.environment(resolve(file, light.environment.file)) if light.environment.file else None
    strength = light.environment.intensity
    grey = _IN_PI * strength if environment is None else 0.0
    mark = scene.host.mark
    return Lighting(
        key=_lamp(light.key, mark),
        fill=_lamp(light.fill, mark),
        rim=_lamp(light.rim, mark),
        ambient=(_GREY[0] * grey * 0.5, _GREY[1] * grey * 0.5, _GREY[2] * grey * 0.5),
        environment=environment,
        environment_intensity=strength,
        environment_deg=light.environment.turn,
    )


def _lamp(lamp: SceneLamp | None, mark: Sequence[float]) -> Lamp | None:
    """A light that shines from its place towards the host's chest."""
    if lamp is None:
        return None
    x, y, z = lamp.from_
    toward = (x - mark[0], y - mark[1] - 1.2, z - mark[2])
    colour = _rgb(lamp.colour) if lamp.colour else None
    return Lamp(toward, lamp.intensity * _IN_PI, lamp.kelvin, colour, lamp.shadow)


def _background(file: Path, scene: Scene, library: Library) -> Background:
    spec = scene.background
    match spec.kind:
        case "environment":
            return Background(environment=True, blur=spec.blur)
        case "image" if spec.file:
            return Background(_rgb(spec.bottom), image=library.image(resolve(file, spec.file)))
        case "gradient":
            return Background(_rgb(spec.top), _rgb(spec.bottom))
        case _:
            return Background(_rgb(spec.colour))


def _rgb(colour: str) -> tuple[float, float, float]:
    red, green, blue, _ = parse_colour(colour)
    return red, green, blue


def _quad(screen: Screen) -> Model:
    """A glowing rectangle that faces +Z, its picture laid over it as makeup of its only material."""
    half_width, half_height = screen.size[0] / 2, screen.size[1] / 2
    corners = [(-1, -1), (1, -1), (1, 1), (-1, 1)]
    quad = Primitive(
        positions=np.array([(x * half_width, y * half_height, 0) for x, y in corners], np.float32),
        normals=np.array([(0, 0, 1)] * 4, np.float32),
        indices=np.array([0, 1, 2, 0, 2, 3], np.uint32),
        uv0=np.array([(0, 1), (1, 1), (1, 0), (0, 0)], np.float32),
        material=0,
    )
    upright = np.array([0, 0, 0, 1], np.float32)
    node = Node("screen", None, (), np.zeros(3, np.float32), upright, np.ones(3, np.float32), mesh=0)
    level = screen.brightness
    material = Material(
        "screen",
        (level, level, level, 1.0),
        base_color_texture=TextureRef(0),
        # Blended surfaces cast no shadow, and a shadow of the screen would coarsen the host's.
        alpha_mode="BLEND" if screen.shows == "video" else "OPAQUE",
        unlit=True,
    )
    mesh = Mesh("screen", (quad,), np.zeros(0, np.float32))
    return Model(
        Path("screen"), (node,), (0,), (mesh,), materials=(material,), textures=(Texture(0),), images=(_white(),)
    )


def _white() -> Image:
    """One white pixel, which the screen's picture covers."""
    data = io.BytesIO()
    Pictures.new("RGB", (1, 1), (255, 255, 255)).save(data, "PNG")
    return Image("white", data.getvalue(), "image/png")
