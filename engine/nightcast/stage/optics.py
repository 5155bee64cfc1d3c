"""What a lens makes of distances: how soft things are, and where on the picture. Pure.

Distances are metres along the line of sight, radii pixels of the drawn picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nightcast.gltf.records import F32
from nightcast.stage.drawlist import Item
from nightcast.stage.frame import Camera

#: A disc's greatest radius as a share of the picture's height: wider ones would need more samples than they are worth.
WIDEST = 1 / 30

#: What moves is left as it is up to this radius.
SHARP_PX = 2.5

#: Left, top, width and height in pixels of the drawn picture.
Box = tuple[int, int, int, int]


@dataclass(frozen=True)
class Optics:
    """A lens in the numbers of one picture; equal ones make equal blur."""

    depth_scale: float  #: of the projection
    depth_offset: float
    focus_m: tuple[float, float]  #: sharp from here to here
    far_px: float  #: radius of the disc of a point infinitely far away
    most_px: float  #: no disc is wider

    @classmethod
    def of(cls, camera: Camera, projection: F32, focal_px: float) -> Optics | None:
        """The optics of a camera with this (4, 4) projection as drawn; None for one that keeps all sharp.

        `focal_px` is the pixels of one metre at one metre's distance.

        A thin lens of opening A, focused on f, spreads a point at distance d over a disc of diameter A·|d − f| / d at
        the distance f. Here what is shown is sharp from its front to its back, and f is the nearer of them.
        """
        if camera.aperture_m <= 0:
            return None
        far_px = camera.aperture_m / 2 * focal_px / camera.focus_m[0]
        most_px = max(4.0, WIDEST * 2 * focal_px / abs(float(projection[1, 1])))
        return cls(float(projection[2, 2]), float(projection[2, 3]), camera.focus_m, far_px, most_px)

    def radius_px(self, distance_m: float) -> float:
        away_m = max(distance_m, 1e-3)
        near_m, far_m = self.focus_m
        return min(self.far_px * max(near_m / away_m - 1, 1 - far_m / away_m, 0.0), self.most_px)

    def depth(self, distance_m: float) -> float:
        """The depth, −1…1, of what is this far away."""
        return self.depth_offset / distance_m - self.depth_scale


@dataclass(frozen=True, eq=False)
class SoftThing:
    """Something that moves and is out of focus from its nearest to its farthest point."""

    items: tuple[Item, ...]
    radius_px: float
    before: bool  #: nearer than what is sharp
    depth: float  #: −1…1; what of the set is nearer hides it
    box: Box


def soft_things(items: Sequence[Item], optics: Optics, clip: F32, size_px: tuple[int, int]) -> list[SoftThing]:
    """What of the moving parts is out of focus, farthest first.

    A host and what is worn are soft together or not at all: a hand before the lens keeps its owner sharp. `clip` is
    (4, 4) world to clip space as drawn.
    """
    groups: dict[object, list[Item]] = {}
    for item in items:
        if item.instance.kind != "occluder":
            group = "host" if item.instance.kind in ("host", "worn") else item.instance
            groups.setdefault(group, []).append(item)
    found = [thing for group in groups.values() if (thing := _soft(group, optics, clip, size_px)) is not None]
    return [thing for _, thing in sorted(found, key=lambda entry: -entry[0])]


def _soft(items: Sequence[Item], optics: Optics, clip: F32, size_px: tuple[int, int]) -> tuple[float, SoftThing] | None:
    """With its distance."""
    at = np.concatenate([_vertices(item) for item in items]) @ clip[[0, 1, 3], :3].T + clip[[0, 1, 3], 3]
    near_m, far_m = float(at[:, 2].min()), float(at[:, 2].max())
    if near_m <= optics.focus_m[1] and far_m >= optics.focus_m[0]:
        return None
    distance_m = (near_m + far_m) / 2
    radius_px = optics.radius_px(distance_m)
    if radius_px < SHARP_PX:
        return None
    screen = (at[:, :2] / np.maximum(at[:, 2:], 0.01) * 0.5 + 0.5) * size_px
    low = np.clip(np.floor(screen.min(axis=0) - radius_px), 0, size_px).astype(int)
    high = np.clip(np.ceil(screen.max(axis=0) + radius_px), 0, size_px).astype(int)
    if (high <= low).any():
        return None
    box = int(low[0]), int(low[1]), int(high[0] - low[0]), int(high[1] - low[1])
    before = far_m < optics.focus_m[0]
    # It is seen past what of the set is soft itself, but not past what is sharp.
    hidden_by_m = distance_m if before else optics.focus_m[1] * 1.01
    return distance_m, SoftThing(tuple(items), radius_px, before, optics.depth(hidden_by_m), box)


def _vertices(item: Item) -> F32:
    """(n, 3) of a part, world space."""
    part = item.part
    positions = item.geometry.positions[part.base : part.base + part.primitive.vertex_count]
    return positions if part.moving else np.asarray(positions @ item.matrix[:3, :3].T + item.matrix[:3, 3], np.float32)
