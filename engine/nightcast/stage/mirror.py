"""The try-on mirror: products of a catalog on people before a camera. GL thread only.

The reference host is made into each person by what was learnt of their head: products are fitted to that at their true
size, and its shape hides what lies behind them. World space is the camera's: at the origin, looking along −Z.
Each head and each hand is drawn in a window of the picture, and only what a product changed is laid into it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from nightcast.gltf.load import load
from nightcast.gltf.records import f32
from nightcast.host.rig import Rig
from nightcast.show.catalog import Catalog, Product
from nightcast.show.load import resolve
from nightcast.stage.environment import Environment
from nightcast.stage.figures import Figure, Figures
from nightcast.stage.frame import Background, Camera, Frame, Instance, Lamp, Lighting
from nightcast.stage.gpu import Gpu
from nightcast.stage.layers import Bitmap
from nightcast.stage.model import ModelHandle
from nightcast.stage.occluders import cylinder
from nightcast.stage.renderer import Renderer
from nightcast.stage.stock import Library
from nightcast.tryon.errors import CannotWearError
from nightcast.tryon.face_light import FaceLight, Shine
from nightcast.tryon.face_paint import paint_face
from nightcast.tryon.finish import CameraLook, finished, hair_matte, hands_matte, skin_area
from nightcast.tryon.fit import Fitted, Piece
from nightcast.tryon.foot import FootPose
from nightcast.tryon.garment import dress
from nightcast.tryon.hand import HandPose
from nightcast.tryon.hat_hair import press_hair
from nightcast.tryon.heads import head_model
from nightcast.tryon.on_person import ON_FOOT, ON_HAND, ON_HEAD, wearable
from nightcast.tryon.person import Person
from nightcast.tryon.pnp import Intrinsics
from nightcast.tryon.product import F64
from nightcast.tryon.seen import Body, Want
from nightcast.tryon.wearer import Wearer

__all__ = ["Mirror", "Onlookers"]

_FACE_OVAL = (10, 297, 284, 389, 454, 361, 397, 378, 152, 149, 172, 132, 234, 162, 54, 67)
#: Widths and heights of windows that are drawn, against the picture's shorter side; glasses are wide, hats are not.
_TILES = (
    (0.28, 0.28), (0.45, 0.25), (0.4, 0.4), (0.56, 0.25), (0.65, 0.33), (0.55, 0.55), (0.65, 0.5), (0.75, 0.53),
    (0.75, 0.75),
)  # fmt: skip
_SHOE_SIZES = (0.8, 1.3)  #: against its true size
_PAD_MM = 12.0  #: about what is worn, for its shadow
#: About the middle of a hat's band, hair that it presses: to the left, above, to the right and below.
_HAIR_MM = np.array([170.0, 180.0, 170.0, 60.0])
_LEAST_PX = 32  #: of a window in which hair is looked for


_EYE = f32(np.eye(4))  #: world space is the camera's

_Box = tuple[int, int, int, int]  #: left, top, right, bottom in whole pixels


@dataclass(frozen=True, eq=False)
class Onlookers:
    """Who is before the camera in one picture. `mask` (h, w) is 0 to 255 where a person is, at any size."""

    people: Sequence[Person] = ()
    hands: Sequence[HandPose] = ()
    feet: Sequence[FootPose] = ()
    body: Body | None = None
    mask: NDArray[np.uint8] | None = None


@dataclass(frozen=True, eq=False)
class _Worn:
    """A product that a mirror shows: its model, or its colour."""

    product: Product
    kind: str
    variant: str | None
    colour: str | None
    stocked: ModelHandle | None = None
    cloth: NDArray[np.uint8] | None = None  #: (h, w, 4) of a garment

    def goes_on(self, hand: HandPose, hands: Sequence[HandPose]) -> bool:
        """On its own side's hand; where only the other one is shown, on that."""
        wear = self.product.wear
        side = "right" if wear is not None and wear.side == "right" else "left"
        return hand.side == side or all(other.side != side for other in hands)


@dataclass(frozen=True, eq=False)
class _Group:
    """What is drawn in one window: what hides, what is worn, and whose face or hand it is."""

    hides: list[Instance]
    pieces: list[Instance]
    px_per_mm: float
    opacity: float = 1.0
    face: Person | None = None
    band_m: F64 | None = None  #: of who wears a hat, as `Figure.hat_band_m`, in the camera's space


class _Tile:
    """A renderer for windows of one size, with room for what goes in and comes out: to find it anew takes longer."""

    def __init__(self, renderer: Renderer) -> None:
        self.renderer = renderer
        size_px = renderer.size_px
        self._behind = np.full((size_px[1], size_px[0], 4), 255, np.uint8)
        self._drawn = memoryview(bytearray(self._behind.nbytes))
        self.begin(np.zeros((1, 1, 3), np.uint8), Camera(_EYE), Lighting(), ())  # compiles shaders, which takes a while
        self.finish()

    def begin(
        self, behind: NDArray[np.uint8], camera: Camera, lighting: Lighting, instances: Sequence[Instance]
    ) -> None:
        """Have instances drawn over a picture (h, w, 3) of this tile's size."""
        self._behind[..., :3] = behind
        self.renderer.begin(Frame(camera, lighting, Background(image=Bitmap(self._behind)), instances))

    def finish(self) -> NDArray[np.uint8]:
        """(h, w, 4) what was begun. Overwritten by the next."""
        return self.renderer.finish(self._drawn)

    def holds(self, width: int, height: int) -> bool:
        return self.renderer.size_px[0] >= width and self.renderer.size_px[1] >= height


@dataclass(eq=False)
class _Drawing:
    """The tiles of a mirror, and what it knows of its camera."""

    sizes: tuple[_Tile, ...]  #: small windows first, the whole picture last
    fine: int
    look: CameraLook = field(default_factory=CameraLook)


class Mirror:
    """Draws people with what they try on. One size of picture; products change between pictures."""

    def __init__(
        self,
        gpu: Gpu,
        reference: Path,
        catalog: Catalog,
        catalog_file: Path,
        camera: Intrinsics,
        *,
        fine: int = 1,
        light: Path | None = None,
        waits: bool = True,
    ) -> None:
        """`reference` is the model of a host, who is made into everybody; a pixel has `fine`² samples.

        `light` is a panorama for products to mirror. With `waits` a picture takes as long as it takes to fit products
        to whom it shows; without, what fits the reference is worn until then.
        """
        self.camera = camera
        self.warnings: list[str] = []
        self._catalog, self._catalog_file = catalog, catalog_file
        side_px = min(camera.width_px, camera.height_px)
        tiles = [(round(width * side_px) * fine, round(height * side_px) * fine) for width, height in _TILES]
        whole = Renderer(gpu, (camera.width_px * fine, camera.height_px * fine))
        small = (whole.beside(size, lit_alike=True) for size in sorted(tiles, key=np.prod))
        self._drawing = _Drawing(tuple(map(_Tile, (*small, whole))), fine)
        self._library = Library(whole, self.warnings.append)
        self._environment = self._library.environment(light) if light is not None else None
        wearer = Wearer.of(Rig(load(reference)))
        self._figures = Figures(whole, wearer, waits=waits)
        self._limb = self._library.put(cylinder(reference))
        self._light = FaceLight()
        self._shine = Shine(1.0, (0.0, 0.0, 0.0))
        self._worn: list[_Worn] = []
        self._drawn = 0

    @property
    def wants(self) -> frozenset[Want]:
        """What a tracker must look for, for what is worn now."""
        kinds = {worn.kind for worn in self._worn}
        wants: set[Want] = set()
        if kinds - {*ON_HAND, *ON_FOOT}:
            wants.add("face")
        if kinds - set(ON_FOOT):
            wants.add("hands")
        if kinds & {"watch", "bracelet", "garment", *ON_FOOT}:
            wants.add("body")
        if kinds & {"glasses", "hat", "garment"}:
            wants.add("mask")
        return frozenset(wants or {"face"})

    def prepare(self, products: Iterable[str]) -> None:
        """Load, fit and draw products once, so that putting them on later takes no longer than any picture."""
        before = self._worn
        blank = np.zeros((self.camera.height_px, self.camera.width_px, 3), np.uint8)
        nobody, away = np.zeros(len(head_model().modes_mm)), np.array([0.0, 0.0, -600.0])
        head = Person(0, np.eye(3), away, 1.0, nobody, 1.0, (0.0, 0.0, 1.0, 1.0), 0.0)
        there = f32(np.eye(4))
        there[2, 3] = away[2] / 1000
        for name in products:
            self.wear([name])
            self.draw(blank, Onlookers([head]))
            for worn in self._worn:
                if worn.stocked is not None and worn.kind in ON_HEAD:
                    self._figures.expect(worn.product, worn.stocked.model)
            for _, fitted, handle in self._on_reference(ON_HAND + ON_FOOT):
                pieces = [Instance(handle, there, "worn") for _ in fitted.pieces]
                self._draw_group(blank, _Group([], pieces, 1.0), Shine(1.0, (0, 0, 0)), Onlookers())
        self._worn = before

    def wear(self, products: Sequence[str], variant: str | None = None) -> None:
        """Change what everybody tries on. Raises CannotWearError for what nobody can wear before a camera."""
        self._worn = [self._take(name, variant) for name in products]

    def draw(self, pixels: NDArray[np.uint8], onlookers: Onlookers) -> NDArray[np.uint8]:
        """(h, w, 3) uint8: the picture (h, w, 3) with everybody wearing what was chosen. Never mirrored."""
        self._drawn += 1
        picture = np.ascontiguousarray(pixels[..., :3])
        if not self._worn:
            return picture
        picture = picture.copy()
        people = [person for person in onlookers.people if person.opacity > 0]
        for person in people:
            if person.landmarks_px is not None:
                self._make_up(picture, person.landmarks_px)
        self._clothe(picture, onlookers)
        groups = self._groups(people, onlookers)
        for person in people[:1]:
            self._shine = self._light.observe(pixels, person)
            if self._drawn % 15 == 1:
                x0, y0, x1, y1 = (round(max(value, 0)) for value in person.box_px)
                self._drawing.look.observe(np.ascontiguousarray(pixels[y0:y1, x0:x1]))
        for group in groups:
            if group.pieces:
                self._draw_group(picture, group, self._shine, onlookers)
                self._press_hair(picture, pixels, group, onlookers)
        return picture

    def overlay(self, onlookers: Onlookers) -> NDArray[np.uint8]:
        """(h, w, 4) uint8 RGBA, straight alpha: the products alone, for programs that lay them over a camera.

        Makeup is part of the skin and cannot be had without it.
        """
        shape = self.camera.height_px, self.camera.width_px
        people = [person for person in onlookers.people if person.opacity > 0]
        groups = self._groups(people, onlookers)
        on_black, on_white = np.zeros((*shape, 3), np.uint8), np.full((*shape, 3), 255, np.uint8)
        for group in groups:
            if group.pieces:
                for picture in (on_black, on_white):
                    self._draw_group(picture, group, self._shine, onlookers, taken=False)
        through = (on_white.astype(np.float32) - on_black).mean(axis=-1, keepdims=True) / 255
        alpha = np.clip(1 - through, 0, 1)
        colour = on_black / np.maximum(alpha, 1 / 255)
        return np.concatenate([colour.clip(0, 255), 255 * alpha], axis=-1).round().astype(np.uint8)

    def close(self) -> None:
        self._figures.release()
        self._library.release()
        for tile in self._drawing.sizes:
            tile.renderer.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # ---- what is worn

    def _take(self, name: str, variant: str | None) -> _Worn:
        product = self._catalog.product(name)
        if product is None:
            known = ", ".join(item.id for item in self._catalog.products if wearable(item))
            raise CannotWearError(name, "the catalog has no such product", f"It has {known}.")
        if product.wear is None or not wearable(product):
            kinds = ", ".join((*ON_HEAD, *ON_HAND, *ON_FOOT, "makeup", "garment"))
            raise CannotWearError(product.id, "a tracked person can wear it nowhere", f"The mirror knows {kinds}.")
        chosen = product.variant(variant) if variant else None
        model_variant, colour = (chosen.model_variant, chosen.colour) if chosen else (None, None)
        if product.wear.kind == "makeup":
            return _Worn(product, "makeup", model_variant, colour)
        if product.wear.garment is not None:
            bitmap = self._library.image(resolve(self._catalog_file, product.wear.garment.picture))
            if bitmap is None:
                raise CannotWearError(product.id, "its picture cannot be read", self.warnings[-1])
            return _Worn(product, "garment", model_variant, colour, cloth=bitmap.pixels)
        wear = product.wear
        if wear.kind in ON_HAND:  # a strap is laid round a wrist that is known, and only hands are tracked
            product = product.model_copy(
                update={"wear": wear.model_copy(update={"fit": "true_size", "carried": "hand"})}
            )
        stocked = self._stock(product)
        self._figures.reference.fitted(product, stocked)  # what nobody can wear is refused now
        return _Worn(product, wear.kind, model_variant, colour, stocked)

    def _stock(self, product: Product) -> ModelHandle:
        assert product.model is not None
        stocked = self._library.model(resolve(self._catalog_file, product.model), keep=True)
        if stocked is None:
            raise CannotWearError(product.id, "its model cannot be read", self.warnings[-1])
        return stocked.handle

    def _make_up(self, picture: NDArray[np.uint8], landmarks_px: F64) -> None:
        for worn in self._worn:
            if worn.kind == "makeup" and worn.product.wear is not None and worn.product.wear.makeup is not None:
                paint_face(picture, landmarks_px, worn.product.wear.makeup, worn.colour)

    def _clothe(self, picture: NDArray[np.uint8], onlookers: Onlookers) -> None:
        """Garments, on the one body that is tracked, under everything else."""
        hands_px = [hand.seen_px for hand in onlookers.hands]
        for worn in self._worn:
            garment = worn.product.wear.garment if worn.product.wear is not None else None
            if worn.cloth is not None and garment is not None and onlookers.body is not None:
                dress(picture, worn.cloth, garment, onlookers.body, onlookers.mask, hands_px, self._shine.level)

    def _on_head(self, person: Person, figure: Figure) -> _Group:
        head = person.matrix_m() @ figure.from_host
        pieces = []
        for worn in self._worn:
            if worn.kind in ON_HEAD and worn.stocked is not None:
                model = self._figures.model_for(figure, worn.product)
                fitted, handle = model.fitted(worn.product, worn.stocked)
                host = person.matrix_m() @ model.from_host
                pieces += [
                    Instance(handle, f32(piece.at(host @ piece.anchor.rest)), "worn", variant=worn.variant)
                    for piece in fitted.pieces
                ]
        px_per_mm = self.camera.focal_px / max(-float(person.place_mm[2]), 1.0)
        hatted = any(worn.kind == "hat" for worn in self._worn)
        hides = [
            Instance(figure.under_a_hat() if hatted else figure.head, f32(head), "occluder"),
            Instance(self._limb, f32(head @ figure.neck), "occluder"),
        ]
        band_m = figure.hat_band_m @ head[:3, :3].T + head[:3, 3] if hatted else None
        return _Group(hides, pieces, px_per_mm, person.opacity, person, band_m)

    def _on_hand(self, hand: HandPose, hands: Sequence[HandPose]) -> _Group:
        pieces = [
            Instance(handle, f32(_held(worn, piece, hand)), "worn", variant=worn.variant)
            for worn, fitted, handle in self._on_reference(ON_HAND)
            if worn.goes_on(hand, hands)
            for piece in fitted.pieces
        ]
        hides = [Instance(self._limb, f32(limb), "occluder") for limb in hand.limbs()]
        px_per_mm = self.camera.focal_px / max(-float(hand.points_mm[0, 2]), 1.0)
        return _Group(hides, pieces, px_per_mm)

    def _on_foot(self, foot: FootPose) -> _Group:
        """A shoe is drawn as long as the foot that is seen, for the person's own shows beneath it."""
        pieces = []
        for worn, fitted, handle in self._on_reference(ON_FOOT):
            for piece in fitted.pieces:
                if piece.anchor.name == f"foot_{foot.side[0]}":
                    low, high = handle.bounds
                    long_mm = 1000 * float(np.abs(piece.local[2, :3]) @ (high - low))
                    sized = foot.sole()
                    sized[:3, :3] *= np.clip(foot.length_mm / long_mm, *_SHOE_SIZES)
                    pieces.append(Instance(handle, f32(sized @ piece.local), "worn", variant=worn.variant))
        px_per_mm = self.camera.focal_px / max(-float(foot.points_mm[1, 2]), 1.0)
        return _Group([Instance(self._limb, f32(foot.leg()), "occluder")], pieces, px_per_mm)

    def _on_reference(self, kinds: Sequence[str]) -> Iterator[tuple[_Worn, Fitted, ModelHandle]]:
        """What is worn of these kinds, for which the person's own measures are not known."""
        for worn in self._worn:
            if worn.kind in kinds and worn.stocked is not None:
                yield worn, *self._figures.reference.fitted(worn.product, worn.stocked)

    def _groups(self, people: Sequence[Person], onlookers: Onlookers) -> list[_Group]:
        on_heads = [(w.product, w.stocked.model) for w in self._worn if w.stocked is not None and w.kind in ON_HEAD]
        figures, hands = self._figures.of(people, on_heads), onlookers.hands
        heads = [self._on_head(person, figure) for person, figure in zip(people, figures, strict=True)]
        return [*heads, *(self._on_hand(hand, hands) for hand in hands), *map(self._on_foot, onlookers.feet)]

    # ---- drawing

    def _draw_group(
        self,
        picture: NDArray[np.uint8],
        group: _Group,
        shine: Shine,
        onlookers: Onlookers,
        *,
        taken: bool = True,
    ) -> None:
        """Draw a head's or a hand's products into the picture, in place; with `taken` as its camera would show them."""
        box = self._box(group)
        if box is None:
            return
        drawn = self._begin(picture, box, [*group.hides, *group.pieces], shine)
        left, top, right, bottom = box
        window = picture[top:bottom, left:right]
        plain = window.copy()
        offset, shape = np.array([left, top], np.float64), (bottom - top, right - left)
        skin = nearer = None
        if group.face is not None and group.face.landmarks_px is not None:
            face = group.face.landmarks_px - offset
            nearer = hands_matte([hand.seen_px - offset for hand in onlookers.hands], shape)
            if taken:
                skin = skin_area(face[list(_FACE_OVAL)], shape)
            if taken and any(worn.kind == "glasses" for worn in self._worn):
                hair = self._hair(plain, face, onlookers.mask, box)
                nearer = hair if nearer is None else nearer if hair is None else np.maximum(nearer, hair)
        done = finished(
            plain,
            drawn(),
            self._drawing.look if taken else CameraLook(),
            skin=skin,
            before=nearer,
            px_per_mm=group.px_per_mm,
            seed=self._drawn,
        )
        if group.opacity < 1:
            done = (plain * (1 - group.opacity) + done * group.opacity).round().astype(np.uint8)
        window[:] = done

    def _press_hair(
        self, picture: NDArray[np.uint8], plain: NDArray[np.uint8], group: _Group, onlookers: Onlookers
    ) -> None:
        """Take hair out of the picture, in place, that stands out above the band of a hat."""
        face, mask = group.face, onlookers.mask
        if group.band_m is None or mask is None or face is None or face.landmarks_px is None:
            return
        if (group.band_m[:, 2] > -0.06).any():
            return
        camera = self.camera
        points_px = group.band_m[:, :2] * [1, -1] / -group.band_m[:, 2:] * camera.focal_px + camera.middle_px
        middle, crown = points_px[0], points_px[-1]
        up = (crown - middle) / max(float(np.linalg.norm(crown - middle)), 1e-6)
        band = max(points_px[:-1], key=lambda point: float(point @ up))  # what shows below its edge stays
        left, top = np.maximum(band - _HAIR_MM[:2] * group.px_per_mm, 0).astype(int).tolist()
        far = np.minimum(band + _HAIR_MM[2:] * group.px_per_mm, [camera.width_px, camera.height_px])
        right, bottom = far.astype(int).tolist()
        if min(right - left, bottom - top) < _LEAST_PX:
            return
        shares = np.array([left, top, right, bottom]) / np.tile([camera.width_px, camera.height_px], 2)
        offset = np.array([left, top], np.float64)
        press_hair(
            picture[top:bottom, left:right],
            np.ascontiguousarray(plain[top:bottom, left:right, :3]),
            face.landmarks_px - offset,
            [hand.seen_px - offset for hand in onlookers.hands],
            Image.fromarray(mask).crop(tuple((shares * np.tile(mask.shape[::-1], 2)).round().astype(int).tolist())),
            band - offset,
            up,
        )

    def _hair(
        self, plain: NDArray[np.uint8], face_px: F64, mask: NDArray[np.uint8] | None, box: _Box
    ) -> NDArray[np.float32] | None:
        """(h, w) hair over the temples of glasses, in the box."""
        if mask is None:
            return hair_matte(plain, face_px, None)
        left, top, right, bottom = box
        rows = (np.arange(top, bottom) * mask.shape[0] // self.camera.height_px).clip(0, mask.shape[0] - 1)
        columns = (np.arange(left, right) * mask.shape[1] // self.camera.width_px).clip(0, mask.shape[1] - 1)
        return hair_matte(plain, face_px, mask[np.ix_(rows, columns)].astype(np.float32) * np.float32(1 / 255))

    def _box(self, group: _Group) -> _Box | None:
        """The pixels that a group may change; None where nothing of it is in the picture."""
        camera, found = self.camera, []
        for piece in group.pieces:
            low, high = piece.model.bounds
            corners = np.array([[x, y, z, 1.0] for x in (low[0], high[0]) for y in (low[1], high[1])
                                for z in (low[2], high[2])]) @ piece.world.T.astype(np.float64)  # fmt: skip
            if (corners[:, 2] > -0.06).any():
                return 0, 0, camera.width_px, camera.height_px
            found.append(corners[:, :2] * [1, -1] / -corners[:, 2:3] * camera.focal_px + camera.middle_px)
        points, pad_px = np.concatenate(found), _PAD_MM * group.px_per_mm + 4
        left, top = np.maximum(np.floor(points.min(axis=0) - pad_px), 0).astype(int).tolist()
        right, bottom = np.minimum(
            np.ceil(points.max(axis=0) + pad_px), [camera.width_px, camera.height_px]
        ).astype(int).tolist()  # fmt: skip
        return (left, top, right, bottom) if right > left and bottom > top else None

    def _begin(
        self, picture: NDArray[np.uint8], box: _Box, instances: Sequence[Instance], shine: Shine
    ) -> Callable[[], NDArray[np.uint8]]:
        """Have instances drawn over the box of the picture, by the smallest renderer that holds it.

        Returns what waits for it: meanwhile the driver's own threads draw.
        """
        camera, fine = self.camera, self._drawing.fine
        left, top, right, bottom = box
        sizes = self._drawing.sizes
        tile = next((each for each in sizes if each.holds((right - left) * fine, (bottom - top) * fine)), sizes[-1])
        width, height = (side_px // fine for side_px in tile.renderer.size_px)
        x0 = min(max((left + right - width) // 2, 0), camera.width_px - width)
        y0 = min(max((top + bottom - height) // 2, 0), camera.height_px - height)
        lens = Intrinsics(width, height, camera.focal_px, (camera.middle_px[0] - x0, camera.middle_px[1] - y0))
        behind = picture[y0 : y0 + height, x0 : x0 + width]
        if fine > 1:
            behind = behind.repeat(fine, 0).repeat(fine, 1)  # each pixel comes back as it was
        eye = Camera(_EYE, projection=f32(lens.projection()))
        tile.begin(behind, eye, _lighting(shine, self._environment), instances)

        def drawn() -> NDArray[np.uint8]:
            pixels = tile.finish()
            if fine > 1:
                pixels = pixels.reshape(height, fine, width, fine, 4).mean(axis=(1, 3)).round().astype(np.uint8)
            return np.ascontiguousarray(pixels[top - y0 : bottom - y0, left - x0 : right - x0, :3])

        return drawn


def _held(worn: _Worn, piece: Piece, hand: HandPose) -> F64:
    """(4, 4) from a product's own space to the camera's, on a tracked hand."""
    if worn.kind == "bag":
        hung = np.eye(4)
        if piece.facing is not None:
            hung[:3, :3] = piece.facing
        hung[:3, 3] = hand.grip()
        matrix: F64 = hung @ piece.local
        return matrix
    wear = worn.product.wear
    frame = hand.finger(wear.finger) if wear is not None and worn.kind == "ring" else hand.wrist()
    fixed: F64 = frame @ piece.local
    return fixed


def _lighting(shine: Shine, environment: Environment | None) -> Lighting:
    """Light from all around as bright as on the face, and a lamp from where the face is brighter."""
    x, y, z = shine.toward
    key = Lamp((x, y + 0.5, z + 0.5), 1.7 * shine.level)
    around = 0.75 * shine.level
    return Lighting(
        key=key, ambient=(around, around, around), environment=environment, environment_intensity=0.4 * shine.level
    )
