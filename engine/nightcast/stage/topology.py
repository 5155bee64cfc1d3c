"""The edges of a triangle mesh, and which of them are seen: silhouettes, borders and creases.

On a processor, anti-aliasing a whole picture costs more than drawing it. But where jagged steps can appear is
known from the geometry: along edges between a triangle that faces the camera and one that does not, along open
borders, and where two faces meet at an angle. Only these are smoothed, as lines (after Persson's geometric
post-process anti-aliasing, GPU Pro 3, 2012). Pure numpy; pixels have y down.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nightcast.gltf.records import F32, U32

#: Faces whose normals differ by more than this meet in a visible edge.
CREASE_DEG = 50.0

#: Topology of more triangles takes seconds to work out; such models are drawn with plain edges.
MAX_TRIANGLES = 300_000

Index = NDArray[np.intp]


class Topology:
    """The edges of a triangle mesh, and the faces on both sides of each."""

    def __init__(self, positions: F32, indices: U32) -> None:
        """`positions` (n, 3) at rest, `indices` (3·t,); vertices at one place count as one."""
        self.faces = indices.reshape(-1, 3).astype(np.intp)
        #: (3, faces) of the same, for `facing`.
        self.corners: Index = np.ascontiguousarray(self.faces.T)
        self.edges: Index = np.zeros((0, 2), np.intp)
        self.left: Index = np.zeros(0, np.intp)
        #: The other face; the number of faces where there is none (or more than one).
        self.right: Index = np.zeros(0, np.intp)
        #: (2, edges) the corner of the left face, and of the right one, that is not on the edge.
        self.across: Index = np.zeros((2, 0), np.intp)
        #: Edges that are seen whenever one of their faces is: borders and creases.
        self.always = np.zeros(0, bool)
        if 0 < len(self.faces) <= MAX_TRIANGLES:
            self._join(positions)

    def _join(self, positions: F32) -> None:
        _, welded = np.unique(np.round(positions, 6), axis=0, return_inverse=True)
        welded = welded.reshape(-1)
        corners, third = self.faces[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2), self.faces[:, [2, 0, 1]].reshape(-1)
        face = np.repeat(np.arange(len(self.faces)), 3)
        ends = np.sort(welded[corners], axis=1)
        keys = ends[:, 0].astype(np.int64) * (int(welded.max()) + 1) + ends[:, 1]
        order = np.argsort(keys, kind="stable")
        keys, corners, third, face = keys[order], corners[order], third[order], face[order]
        first = np.flatnonzero(np.r_[True, keys[1:] != keys[:-1]])
        count = np.diff(np.r_[first, len(keys)])
        self.edges = corners[first]
        self.left = face[first]
        second = np.minimum(first + 1, len(face) - 1)
        self.right = np.where(count == 2, face[second], len(self.faces))
        self.across = np.stack([third[first], third[second]])
        a, b, c = (positions[self.faces[:, i]] for i in range(3))
        normals = np.cross(b - a, c - a)
        normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)
        padded = np.concatenate([normals, np.zeros((1, 3), np.float32)])
        self.always = (padded[self.left] * padded[self.right]).sum(axis=1) < np.cos(np.radians(CREASE_DEG))

    def seen(self, front: NDArray[np.bool_], positions: F32, *, both_sides: NDArray[np.bool_]) -> Index:
        """(k,) the visible edges.

        `front` (faces,) says which faces face the camera, `both_sides` (edges,) whose faces are drawn if not;
        `positions` (n, 3) are posed, fronts outward. Where backs are not drawn, no outline runs along a fold to the
        front, as in the lining of a sleeve: something lies before it (Markosian et al., "Real-time
        nonphotorealistic rendering", 1997).
        """
        padded = np.append(front, False)
        left, right = padded[self.left], padded[self.right]
        outline = left != right
        maybe = np.flatnonzero(outline & ~self.always & ~both_sides)
        outline[maybe[self._folds_in(maybe, positions)]] = False
        return np.flatnonzero(outline | (self.always & (both_sides | left | right)))

    def _folds_in(self, edges: Index, positions: F32) -> NDArray[np.bool_]:
        """(k,) whether the front sides of the two faces of each of `edges` (k,) look at each other."""
        a, b, c, d = (positions.take(corner, axis=0).T for corner in (*self.edges[edges].T, *self.across[:, edges]))
        (ux, uy, uz), (vx, vy, vz), (wx, wy, wz) = b - a, c - a, d - a  # numpy's own product takes twice as long
        return np.asarray((uy * vz - uz * vy) * wx + (uz * vx - ux * vz) * wy + (ux * vy - uy * vx) * wz > 0)


def facing(screen: F32, corners: Index) -> NDArray[np.bool_]:
    """(faces,) whether each faces the camera, from its `corners` (3, faces) on the screen, (2, n) with y down."""
    x, y = screen  # gathered one by one: points of two coordinates take numpy ten times as long
    (ax, bx, cx), (ay, by, cy) = x.take(corners), y.take(corners)
    return np.asarray((bx - ax) * (cy - ay) < (by - ay) * (cx - ax))


def on_screen(positions: F32, view_projection: F32) -> F32:
    """(2, n) of world positions (n, 3), in clip space divided by w, as the matrix has it."""
    clip = view_projection[[0, 1, 3], :3] @ positions.T + view_projection[[0, 1, 3], 3:]
    return np.asarray(clip[:2] / np.maximum(clip[2], 1e-6), np.float32)
