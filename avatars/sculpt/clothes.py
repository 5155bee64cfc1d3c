"""Cutting clothes from the base mesh's tights and skin, and unwrapping them.

A garment is a region of the tights grown outwards; every cut edge is turned in, so that cloth has thickness.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

import numpy as np

from .basemesh import TIGHTS
from .head import Figure, Rect, quads_within
from .part import Part, fan, vertex_normals

HEM_ROOM_M = 0.02  # kept in charts, beyond an edge, for what is turned in there
ARM_BONES = ("upperarm", "lowerarm", "wrist", "metacarpal", "finger")


class Limbs:
    """Where on arms and legs each base vertex lies."""

    def __init__(self, figure: Figure, joints: dict[str, np.ndarray]) -> None:
        w = figure.mesh.bone_weights
        self.arm = sum(w[b] for b in w if b.startswith(ARM_BONES))
        self.leg = sum(w[b] for b in w if b.startswith(("upperleg", "lowerleg", "foot", "toe")))
        self.along = np.zeros(len(figure.shape))  # metres from the shoulder joint, along upper and lower arm
        self.turn = np.zeros(len(figure.shape))  # angle round the arm, 0 in front
        for side, sign in (("left", 1.0), ("right", -1.0)):
            shoulder, elbow, wrist = (joints[side + b] for b in ("UpperArm", "LowerArm", "Hand"))
            here = figure.shape[:, 0] * sign > 0.02
            upper, lower = elbow - shoulder, wrist - elbow
            a = (figure.shape - shoulder) @ upper / np.linalg.norm(upper)
            b = (figure.shape - elbow) @ lower / np.linalg.norm(lower)
            on_lower = a > np.linalg.norm(upper)
            self.along[here] = np.where(on_lower, np.linalg.norm(upper) + np.maximum(b, 0), a)[here]
            axis = np.where(on_lower[:, None], lower / np.linalg.norm(lower), upper / np.linalg.norm(upper))
            away = figure.shape - np.where(on_lower[:, None], elbow, shoulder)
            away = away - axis * (away * axis).sum(1, keepdims=True)
            front = np.array([0.0, 0.0, 1.0]) - axis * axis[:, 2:]
            other = np.cross(axis, front) * sign
            self.turn[here] = np.arctan2((away * other).sum(1), (away * front).sum(1))[here]
        forearm = joints["leftHand"] - joints["leftLowerArm"]
        self.lower_axis = forearm / np.linalg.norm(forearm)
        self.upper_m = float(np.linalg.norm(joints["leftLowerArm"] - joints["leftUpperArm"]))
        self.lower_m = float(np.linalg.norm(forearm))


def cut_tights(figure: Figure, name: str, keep: Callable[[np.ndarray], np.ndarray]) -> Part:
    """The tights' quads for whose vertices `keep(indices)` holds, as a part without UVs yet."""
    faces = quads_within(figure.mesh, TIGHTS)
    quads = figure.mesh.quads[faces]
    chosen = quads[keep(quads.ravel()).reshape(quads.shape).all(1)]
    source, corner = np.unique(chosen, return_inverse=True)
    return Part(
        name,
        "body",
        figure.shape[source].copy(),
        fan(corner.reshape(-1, 4)),
        np.zeros((len(source), 2)),
        figure.weights[source],
        source,
    )


def grow(part: Part, by_m: np.ndarray | float) -> None:
    """Move the cloth outwards along its normals."""
    normals = vertex_normals(part.positions, part.triangles, part.weld)
    part.positions = part.positions + normals * np.reshape(by_m, (-1, 1))


def smooth(part: Part, rounds: int, amount: float, where: np.ndarray | None = None) -> None:
    """Relax vertices towards their neighbours' mean; cut edges only along themselves."""
    edges = np.unique(
        np.sort(np.concatenate([part.triangles[:, [0, 1]], part.triangles[:, [1, 2]], part.triangles[:, [2, 0]]]), 1),
        axis=0,
    )
    loops = {v for loop in border_loops(part.triangles) for v in loop}
    rim = np.array([v in loops for v in range(len(part.positions))])
    usable = edges[rim[edges[:, 0]] == rim[edges[:, 1]]]
    inner = edges[~rim[edges[:, 0]] | ~rim[edges[:, 1]]]
    share = np.ones(len(part.positions)) * amount if where is None else amount * where
    for _ in range(rounds):
        total, count = np.zeros_like(part.positions), np.zeros(len(part.positions))
        for pairs, target_rim in ((usable, True), (inner, False)):
            for a, b in ((0, 1), (1, 0)):
                take = rim[pairs[:, a]] == target_rim
                np.add.at(total, pairs[take, a], part.positions[pairs[take, b]])
                np.add.at(count, pairs[take, a], 1)
        mean = total / np.maximum(count, 1)[:, None]
        part.positions = part.positions + np.where(count[:, None] > 0, mean - part.positions, 0) * share[:, None]


def border_loops(triangles: np.ndarray) -> list[list[int]]:
    """Cut edges as closed loops of vertices, in the direction of their triangles."""
    directed = {(int(a), int(b)) for t in triangles for a, b in ((t[0], t[1]), (t[1], t[2]), (t[2], t[0]))}
    following: dict[int, list[int]] = defaultdict(list)
    for a, b in directed:
        if (b, a) not in directed:
            following[a].append(b)
    loops = []
    while following:
        start = next(iter(following))
        loop, at = [start], start
        while following.get(at):
            nxt = following[at].pop()
            if not following[at]:
                del following[at]
            if nxt == start:
                break
            loop.append(nxt)
            at = nxt
        else:
            following.pop(at, None)
        if len(loop) > 5:
            loops.append(loop)
    return loops


def hemmed(part: Part, depth_m: float, inset_m: float) -> tuple[Part, np.ndarray]:
    """The part with every cut edge turned in: one more ring of vertices, `inset_m` inwards and up to `depth_m` back.

    Returns with it, for each vertex, the one of the given part that it was turned in from, or itself.

    Narrow openings are turned in less, and the highest, where cloth rises from shoulder to neck, least of all: there
    it would come out through itself.
    """
    normals = vertex_normals(part.positions, part.triangles, part.weld)
    points, weights, uvs, weld = [part.positions], [part.weights], [part.uvs], [part.weld]
    triangles = [part.triangles]
    count, next_weld = len(part.positions), int(part.weld.max()) + 1
    loops = [np.array(loop) for loop in border_loops(part.triangles)]
    heights = [part.positions[ring, 1].mean() for ring in loops]
    for ring, height in zip(loops, heights, strict=True):
        rim = part.positions[ring]
        along = np.roll(rim, -1, 0) - np.roll(rim, 1, 0)
        back = np.cross(along, normals[ring])
        back /= np.maximum(np.linalg.norm(back, axis=1, keepdims=True), 1e-9)
        inward = -normals[ring]
        sign = 1.0 if ((back * _into_the_cloth(part, ring)).sum() > 0) else -1.0
        neck = height == max(heights)
        deep_m = min(depth_m, (0.06 if neck else 0.3) * float(np.linalg.norm(rim - rim.mean(0), axis=1).mean()))
        points.append(rim + inward * (0.5 if neck else 1.0) * inset_m + back * sign * deep_m)
        weights.append(part.weights[ring])
        uvs.append(part.uvs[ring])
        weld.append(next_weld + np.arange(len(ring)))
        inner = count + np.arange(len(ring))
        outer, a, b = ring, np.roll(ring, -1), np.roll(inner, -1)
        triangles.append(np.concatenate([np.stack([a, outer, inner], 1), np.stack([a, inner, b], 1)]))
        count += len(ring)
        next_weld += len(ring)
    whole = Part(
        part.name,
        part.material,
        np.concatenate(points),
        np.concatenate(triangles),
        np.concatenate(uvs),
        np.concatenate(weights),
        np.concatenate(weld),
    )
    return whole, np.concatenate([np.arange(len(part.positions)), *loops])


def _into_the_cloth(part: Part, ring: np.ndarray) -> np.ndarray:
    """(k, 3) directions from each rim vertex to the middle of the triangles that touch it."""
    members = np.isin(part.triangles, ring).any(1)
    total, count = np.zeros_like(part.positions), np.zeros(len(part.positions))
    middles = part.positions[part.triangles[members]].mean(1)
    for k in range(3):
        np.add.at(total, part.triangles[members, k], middles)
        np.add.at(count, part.triangles[members, k], 1)
    return total[ring] / np.maximum(count[ring], 1)[:, None] - part.positions[ring]


def charted(part: Part, charts: list[tuple[np.ndarray, np.ndarray, np.ndarray, Rect]]) -> Part:
    """Unwrap by charts (triangle mask (m,), turns (n,) in [0, 1), heights (n,) in [0, 1] downwards, rectangle).

    Vertices are doubled where charts meet and where a chart's turn runs round from 1 to 0.
    """
    keys: list[np.ndarray] = []
    rows: list[np.ndarray] = []
    for number, (mask, turn, height, rect) in enumerate(charts):
        triangles = part.triangles[mask]
        corner = turn[triangles]
        wrapped = (corner < 0.5) & (np.ptp(corner, axis=1) > 0.5)[:, None]
        corner = corner + wrapped
        x0, y0, x1, y1 = rect
        u = x0 + (x1 - x0) * corner / max(corner.max(initial=0), 1)  # room for what wraps beyond the chart's end
        v = y0 + (y1 - y0) * np.clip(height[triangles], 0, 1)
        keys.append(np.stack([triangles.ravel(), np.full(triangles.size, number), wrapped.ravel()], 1))
        rows.append(np.stack([u.ravel(), v.ravel()], 1))
    unique, first, corner_of = np.unique(np.concatenate(keys), axis=0, return_index=True, return_inverse=True)
    source = unique[:, 0]
    out = part.subset(source, corner_of.reshape(-1, 3))
    out.uvs = np.concatenate(rows)[first]
    return out


def downwards(part: Part, origin: np.ndarray, counted: np.ndarray | None = None) -> np.ndarray:
    """(n,) heights in a chart of a hemmed part, 0 at the top; what is turned in lies beyond the edge it belongs to.

    `origin` (n,) is what `hemmed` gives; only `counted` vertices (n,) set the chart's range.
    """
    y = part.positions[origin, 1]
    within = y if counted is None else y[counted]
    turned_in = (np.arange(len(origin)) > origin.max()) * np.where(y > (within.max() + within.min()) / 2, -1, 1)
    return (within.max() + HEM_ROOM_M - y + HEM_ROOM_M * turned_in) / (np.ptp(within) + 2 * HEM_ROOM_M)


def azimuth_turn(points: np.ndarray, centre: np.ndarray) -> np.ndarray:
    """(n,) turns in [0, 1) round a vertical axis through `centre` (x, z); 0.5 in front, the seam behind."""
    angle = np.arctan2(points[:, 0] - centre[0], points[:, 2] - centre[1])
    return (0.5 + angle / (2 * np.pi)) % 1.0
