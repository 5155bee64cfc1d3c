"""Darkness on what stands still: the shadow of what moves, and contact shadows under what rests on it.

Both multiply what is already drawn, so that a set with baked light takes them as well as any other.
"""

from __future__ import annotations

from collections.abc import Sequence

import moderngl
import numpy as np
from numpy.typing import NDArray

from nightcast.gltf.records import F32, U32
from nightcast.stage.drawlist import Item
from nightcast.stage.edges import placed
from nightcast.stage.frame import ContactShadow
from nightcast.stage.gpu import Gpu, Scope
from nightcast.stage.programs import Programs
from nightcast.stage.shadow import ShadowMap


class ShadowCatcher:
    """Draws the shadow map's shadow on sets: on those of their triangles that it can reach.

    Great triangles are cut up first, so that a floor is not drawn where no shadow falls.
    """

    def __init__(self, gpu: Gpu, programs: Programs, shadow_taps: int) -> None:
        self._gpu = gpu
        self._shader = programs.get("catch.vert", "catch.frag", {f"SHADOW_TAPS {shadow_taps}"})
        self._scope = gpu.scope()
        self._set: tuple[object, ...] = ()
        self._matrix: F32 | None = None
        self._corners = np.zeros((0, 3, 3), np.float32)  # of all triangles, world space
        self._normals = np.zeros((0, 3, 3), np.float32)
        self._low = self._high = np.zeros((3, 0), np.float32)  # of those chosen, in map coordinates of `_matrix`
        self._buffer: moderngl.Buffer | None = None
        self._indices: moderngl.Buffer | None = None
        self._array: moderngl.VertexArray | None = None

    def keep(self, items: Sequence[Item]) -> None:
        """Take the triangles of a set's solid parts."""
        key = tuple((item.part, item.matrix.tobytes()) for item in items)
        if key == self._set:
            return
        self._set, self._matrix = key, None
        solid = [item for item in items if not item.surface.look.blended]
        corners, normals = [np.zeros((0, 3, 3), np.float32)], [np.zeros((0, 3, 3), np.float32)]
        for item in solid:
            geometry, part = item.geometry, item.part
            indices = geometry.indices[part.first : part.first + part.count].reshape(-1, 3)
            corners.append(placed(geometry.positions, [item])[indices])
            turned = part.primitive.normals[indices - part.base] @ item.normal_matrix.T
            normals.append(turned / np.maximum(np.linalg.norm(turned, axis=2, keepdims=True), 1e-9))
        self._corners, self._normals = cut(np.concatenate(corners), np.concatenate(normals), PIECE_M)

    def draw(self, target: moderngl.Framebuffer, shadow: ShadowMap) -> int:
        """Darken the bound scene's set. Returns the number of draw calls."""
        if self._matrix is None or strayed(self._matrix, shadow.matrix) > MARGIN:
            self._matrix = shadow.matrix
            self._select(shadow.matrix)
        change = shadow.matrix @ np.linalg.inv(self._matrix)  # a shift and a scale: the light looks the same way
        scale, shift = np.diag(change)[:3, None].astype(np.float32), change[:3, 3:].astype(np.float32)
        low, high = self._low * scale + shift, self._high * scale + shift
        count = self._write(np.flatnonzero(shadow.footprint.reaches(low, high)))
        if self._array is None or not count:
            return 0
        context = self._gpu.context
        target.use()
        target.depth_mask = False
        context.enable_only(moderngl.BLEND | moderngl.DEPTH_TEST)
        context.enable_direct(CLIP_DISTANCE_0)
        for plane in range(1, 4):
            context.enable_direct(CLIP_DISTANCE_0 + plane)
        context.blend_func = moderngl.DST_COLOR, moderngl.ZERO
        context.polygon_offset = (-1.0, -4.0)
        self._array.render(vertices=count)
        context.polygon_offset = (0.0, 0.0)
        for plane in range(4):
            context.disable_direct(CLIP_DISTANCE_0 + plane)
        target.depth_mask = True
        return 1

    def release(self) -> None:
        self._scope.release()
        self._buffer = self._indices = self._array = None

    def _select(self, shadow: F32) -> None:
        """Put the triangles about the map's frame on the device."""
        chosen = reached(self._corners, self._normals, shadow)
        corners = self._corners[chosen]
        at = corners @ shadow[:3, :3].T + shadow[:3, 3]
        self._low, self._high = (np.ascontiguousarray(edge.T) for edge in (at.min(axis=1), at.max(axis=1)))
        packed = np.concatenate([corners, self._normals[chosen]], axis=2).astype(np.float32)
        if not len(packed):
            return
        if self._buffer is None or packed.nbytes > self._buffer.size:
            self._scope.release()
            self._buffer = self._scope.buffer(reserve=packed.nbytes * 2)
            self._indices = self._scope.buffer(reserve=packed.nbytes * 2 // 24 * 4)
            layout = [(self._buffer, "3f 3f", "in_position", "in_normal")]
            self._array = self._scope.vertex_array(self._shader.program, layout, self._indices)
        self._buffer.write(packed)

    def _write(self, triangles: NDArray[np.intp]) -> int:
        """Choose among those on the device; returns the number of indices."""
        if self._indices is None or not len(triangles):
            return 0
        self._indices.write((3 * triangles[:, None] + np.arange(3)).astype(np.uint32))
        return 3 * len(triangles)


#: GL_CLIP_DISTANCE0; the others follow.
CLIP_DISTANCE_0 = 0x3000

#: Triangles this far outside of the map's frame are kept ready, so that a host who sways needs no new choice.
MARGIN = 0.08


#: Longest side of a piece of a set that is looked at for shadow by itself.
PIECE_M = 0.3

#: Pieces of a set at most; a greater set is cut less finely.
MOST_PIECES = 40_000


def cut(corners: F32, normals: F32, side_m: float) -> tuple[F32, F32]:
    """Triangles (n, 3, 3), and their corners' normals (n, 3, 3), with no side longer than `side_m`.

    The longest side is halved until all are short enough. Two neighbours halve a common side at the same points, so
    no gap opens between them. More than `MOST_PIECES` are not made.
    """
    while True:
        sides = np.linalg.norm(corners[:, [1, 2, 0]] - corners, axis=2)
        long = np.flatnonzero(sides.max(axis=1) > side_m)
        if not len(long) or len(corners) + len(long) > MOST_PIECES:
            return corners, normals
        first = sides[long].argmax(axis=1)
        turn = (first[:, None] + np.arange(3)) % 3  # the longest side from corner 0 to corner 1
        a, b, c = np.moveaxis(np.take_along_axis(corners[long], turn[:, :, None], axis=1), 1, 0)
        na, nb, nc = np.moveaxis(np.take_along_axis(normals[long], turn[:, :, None], axis=1), 1, 0)
        middle, normal = (a + b) / 2, (na + nb) / 2
        halves = np.concatenate([np.stack([a, middle, c], 1), np.stack([middle, b, c], 1)])
        their_normals = np.concatenate([np.stack([na, normal, nc], 1), np.stack([normal, nb, nc], 1)])
        kept = np.ones(len(corners), bool)
        kept[long] = False
        corners = np.concatenate([corners[kept], halves]).astype(np.float32)
        normals = np.concatenate([normals[kept], their_normals]).astype(np.float32)


def strayed(before: F32, now: F32) -> float:
    """How far, in map coordinates, a corner of one shadow map's frame has moved in another's; 1 if it was turned."""
    change = now @ np.linalg.inv(before)
    if not np.allclose(change[:3, :3], np.diag(np.diag(change)[:3]), atol=1e-4):
        return 1.0
    corners = np.array([[x, y, z, 1] for x in (0, 1) for y in (0, 1) for z in (0, 1)])
    return float(np.abs(corners @ change.T - corners).max())


def reached(corners: F32, normals: F32, shadow: F32) -> U32:
    """(k,) triangles, of corners (n, 3, 3) with normals (n, 3, 3), about the map's frame and facing its light.

    `shadow` is (4, 4) world to map coordinates 0…1, whose depth grows away from the light.
    """
    at = corners @ shadow[:3, :3].T + shadow[:3, 3]
    low, high = at.min(axis=1), at.max(axis=1)
    inside = (high[:, :2] > -MARGIN).all(axis=1) & (low[:, :2] < 1 + MARGIN).all(axis=1) & (high[:, 2] > -MARGIN)
    toward = -shadow[2, :3] / np.linalg.norm(shadow[2, :3])
    faces = (normals @ toward > 0).any(axis=1)
    return np.flatnonzero(inside & faces).astype(np.uint32)


class ContactShadows:
    """Soft discs on horizontal surfaces."""

    def __init__(self, gpu: Gpu, scope: Scope, programs: Programs) -> None:
        self._context = gpu.context
        self._shader = programs.get("contact.vert", "contact.frag")
        self._disc = scope.vertex_array(self._shader.program, [])

    def draw(self, target: moderngl.Framebuffer, shadows: Sequence[ContactShadow]) -> int:
        """Darken the scene under what rests on it; returns the number of draw calls."""
        if not shadows:
            return 0
        target.use()
        target.depth_mask = False
        self._context.enable_only(moderngl.BLEND | moderngl.DEPTH_TEST)
        self._context.blend_func = moderngl.DST_COLOR, moderngl.ZERO
        for shadow in shadows:
            self._shader.set("u_center", *shadow.center, float(np.radians(shadow.turn_deg)))
            self._shader.set("u_extent", *shadow.radius_m, shadow.strength)
            self._disc.render(moderngl.TRIANGLE_STRIP, vertices=4)
        target.depth_mask = True
        return len(shadows)
