"""The try-on mirror: products of a catalog on people before a camera. GL thread only.

The person's head is taken for our reference head, turned, moved and scaled as it is seen: what fits the reference head
fits them, and its shape hides what lies behind them. World space is the camera's: at the origin, looking along −Z.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from nightcast.gltf.load import load
from nightcast.gltf.records import Mesh, Model, Primitive, f32
from nightcast.host.rig import Rig
from nightcast.show.catalog import Catalog, Product
from nightcast.show.load import resolve
from nightcast.stage.frame import Background, Camera, Frame, Instance, Lamp, Lighting
from nightcast.stage.gpu import Gpu
from nightcast.stage.layers import Bitmap
from nightcast.stage.model import ModelHandle
from nightcast.stage.renderer import Renderer
from nightcast.stage.stock import Library
from nightcast.tryon.errors import CannotWearError
from nightcast.tryon.fit import Fitted, fit
from nightcast.tryon.person import Person
from nightcast.tryon.pnp import Intrinsics
from nightcast.tryon.product import F64
from nightcast.tryon.wearer import Wearer

__all__ = ["Mirror"]

#: What a tracked head can carry; the tracker sees no wrist, hand or foot.
WORN_ON_HEAD = ("glasses", "hat", "headband", "earring", "necklace")


@dataclass(frozen=True, eq=False)
class _Piece:
    handle: ModelHandle
    variant: str | None
    on_head: F64  #: (4, 4) from the model's own space to the reference head's, metres


class Mirror:
    """Draws people with what they try on. One size of picture; products change between pictures."""

    def __init__(
        self, gpu: Gpu, reference: Path, catalog: Catalog, catalog_file: Path, camera: Intrinsics, *, fine: int = 1
    ) -> None:
        """`reference` is the model of our own host, whose head `tryon.person` knows; a pixel has `fine`² samples."""
        self.camera = camera
        self.warnings: list[str] = []
        self._catalog, self._catalog_file = catalog, catalog_file
        self._fine = fine
        self._renderer = Renderer(gpu, (camera.width_px * fine, camera.height_px * fine))
        self._library = Library(self._renderer, self.warnings.append)
        self._wearer = Wearer.of(Rig(load(reference)))
        self._occluder = self._library.put(_head_of(self._wearer))
        eyes = (self._wearer.anchors["eye_l"].rest + self._wearer.anchors["eye_r"].rest)[:3, 3] / 2
        self._from_host = np.eye(4)
        self._from_host[:3, 3] = -eyes
        self._worn: list[_Piece] = []
        self._fitted: dict[str, tuple[Fitted, ModelHandle]] = {}

    def wear(self, products: Sequence[str], variant: str | None = None) -> None:
        """Change what everybody tries on. Raises CannotWearError for what a head cannot carry."""
        worn = []
        for name in products:
            product = self._catalog.product(name)
            if product is None:
                known = ", ".join(item.id for item in self._catalog.products if item.wear)
                raise CannotWearError(name, "the catalog has no such product", f"It has {known}.")
            fitted, handle = self._fit(product)
            chosen = product.variant(variant) if variant else None
            worn += [
                _Piece(handle, chosen.model_variant if chosen else None, piece.anchor.rest @ piece.local)
                for piece in fitted.pieces
            ]
        self._worn = worn

    def draw(self, pixels: NDArray[np.uint8], people: Sequence[Person]) -> NDArray[np.uint8]:
        """(h, w, 3) uint8: the picture (h, w, 3) with every person wearing what was chosen. Never mirrored."""
        instances: list[Instance] = []
        for person in people:
            if person.opacity <= 0:
                continue
            head = person.matrix_m() @ self._from_host
            instances.append(Instance(self._occluder, f32(head), "occluder"))
            instances += [
                Instance(piece.handle, f32(head @ piece.on_head), "worn", variant=piece.variant) for piece in self._worn
            ]
        if not self._worn or not instances:
            return pixels[..., :3]
        opaque = np.full((*pixels.shape[:2], 4), 255, np.uint8)
        opaque[..., :3] = pixels[..., :3]
        camera = Camera(np.eye(4, dtype=np.float32), projection=f32(self.camera.projection()))
        frame = Frame(camera, _light(pixels, people), Background(image=Bitmap(opaque)), instances)
        drawn = self._renderer.draw(frame)[..., :3]
        if self._fine > 1:
            rows, columns = pixels.shape[:2]
            cells = drawn.reshape(rows, self._fine, columns, self._fine, 3)
            drawn = cells.mean(axis=(1, 3)).round().astype(np.uint8)
        return _faded(pixels, drawn, people)

    def _fit(self, product: Product) -> tuple[Fitted, ModelHandle]:
        if product.wear is None or product.wear.kind not in WORN_ON_HEAD or product.model is None:
            kinds = ", ".join(WORN_ON_HEAD)
            raise CannotWearError(product.id, "a tracked person can wear it nowhere", f"The mirror knows {kinds}.")
        if product.id not in self._fitted:
            stocked = self._library.model(resolve(self._catalog_file, product.model), keep=True)
            if stocked is None:
                raise CannotWearError(product.id, "its model cannot be read", self.warnings[-1])
            on_person = product.model_copy(update={"wear": product.wear.model_copy(update={"dangle": 0.0})})
            fitted = fit(on_person, stocked.handle.model, self._wearer)
            bent = fitted.model is not stocked.handle.model
            self._fitted[product.id] = fitted, self._library.put(fitted.model) if bent else stocked.handle
        return self._fitted[product.id]

    def close(self) -> None:
        self._library.release()
        self._renderer.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _head_of(wearer: Wearer) -> Model:
    """Skin, eyes and neck of the reference head as a model that stands still; its hair is not the person's."""
    surface = wearer.skin.of(wearer.rig.below("neck"))
    used, corners = np.unique(surface.triangles, return_inverse=True)
    points = f32(surface.points[used])
    normals = np.broadcast_to(f32([0, 0, 1]), points.shape)
    skin = Primitive(points, f32(normals), corners.reshape(-1).astype(np.uint32))
    still = replace(wearer.rig.model.nodes[0], name="head", parent=None, children=(), mesh=0, skin=None,
                    translation=f32([0, 0, 0]), rotation=f32([0, 0, 0, 1]), scale=f32([1, 1, 1]))  # fmt: skip
    mesh = Mesh("head", (skin,), np.zeros(0, np.float32))
    return Model(path=wearer.rig.model.path, nodes=(still,), roots=(0,), meshes=(mesh,))


def _light(pixels: NDArray[np.uint8], people: Sequence[Person]) -> Lighting:
    """Light as bright as the faces, and from the side on which they are brighter."""
    left, right = 0.35, 0.35
    for person in people[:1]:
        x0, y0, x1, y1 = (round(value) for value in person.box_px)
        face = pixels[max(y0, 0) : max(y1, 1), max(x0, 0) : max(x1, 1)].astype(np.float32) / 255
        if face.size:
            luma = (face**2.2) @ np.array([0.2126, 0.7152, 0.0722], np.float32)
            half = max(luma.shape[1] // 2, 1)
            left, right = float(luma[:, :half].mean()), float(luma[:, half:].mean() if half < luma.shape[1] else left)
    level = float(np.clip((left + right) / 2 / 0.35, 0.15, 2.0))  # skin in full light reflects about a third
    side = float(np.clip((right - left) / max(left + right, 1e-3), -0.6, 0.6))
    key = Lamp((1.6 * side, 0.9, 1.0), 1.7 * level)
    return Lighting(key=key, fill=Lamp((-side, 0.2, 1.0), 0.5 * level), ambient=(level, level, level))


def _faded(pixels: NDArray[np.uint8], drawn: NDArray[np.uint8], people: Sequence[Person]) -> NDArray[np.uint8]:
    """The drawn picture, faded to the plain one as the last of the people is lost."""
    opacity = max(person.opacity for person in people)
    if opacity >= 1:
        return drawn
    mixed = pixels[..., :3] * (1 - opacity) + drawn * opacity
    return mixed.round().astype(np.uint8)
