"""What is put right on clothes once they are painted, so that their pictures stay as they are.

Thinning keeps every vertex of a cut edge and few beside it: triangles may lie back on their neighbours there, and a
hem, which is turned in before that can be seen, comes out through them. Here edges are drawn smooth, triangles laid
flat, hems laid behind the cloth that is there, and sleeves lined where one looks into them.
"""

from __future__ import annotations

from dataclasses import replace

import bpy  # noqa: F401  (brings mathutils)
import numpy as np
from mathutils import Vector
from mathutils.bvhtree import BVHTree
from scipy.spatial import cKDTree

from .clothes import border_loops
from .part import Part, barycentric, vertex_normals
from .reduce import border
from .stylise import smoothstep

HEMMED = ("top", "lower")
#: Waves in one turn of a cut edge's curve: of what is level or round, and of the outline of a trunk.
LEVEL_WAVES, OUTLINE_WAVES = 2, 4
TAB = 0.008  # how far beside its chart's edge, as a share of the picture, a vertex belongs to what level hems folded up
FOLDED = 0.2  # cosine between two triangles below which the edge between them is a fold that no cloth has
MOST_ROUNDS = 50  # of looking for folds: edges that are turned must not chase each other for ever
BEHIND = 0.24  # how far behind its cloth a hem ends, as a share of how deep it is turned in
COVER_M = 0.03  # how far from the skin its cover is looked for
UNDER_M, COLLARED_M = 0.012, 0.003  # how far skin goes on under an open neck, and under one with a collar
DIP_M = 0.005  # how deep it lies there
SLEEVE_M, NECK_M = 0.20, 0.04  # how far one may look into a sleeve, and into an open neck
LINING_M = 0.0006  # how far inside its cloth a lining lies


def finished(skin: Part, worn: list[Part]) -> list[Part]:
    """The skin of the head and neck, an outfit's parts as they are to be drawn, and after them what lines them."""
    collared = any(part.name == "collar" for part in worn)
    laid = [tucked(unfolded(levelled(part, collared))) if part.name in HEMMED else part for part in worn]
    (top,) = (part for part in laid if part.name == "top")
    return [below(skin, top, collared), *laid, lining(top, collared)]


def below(skin: Part, cloth: Part, collared: bool) -> Part:
    """The skin that one sees beside a cloth, without what lies below it and might come through.

    At an open neck it dips below the edge first, and moves with the cloth there; where a collar hides its end, every
    vertex stays as it is.
    """
    hem = hems(cloth)
    outside = cloth.triangles[~hem]
    tree = BVHTree.FromPolygons(cloth.positions.tolist(), outside.tolist())
    points, weights, deep = skin.positions.copy(), skin.weights.copy(), np.zeros(len(skin.positions), bool)
    normals = vertex_normals(points, skin.triangles, skin.weld)
    rims = cloth.positions[np.intersect1d(cloth.triangles[hem], outside)]
    for v, away_m in enumerate(cKDTree(rims).query(points)[0]):
        found, normal, number, gap_m = tree.find_nearest(Vector(points[v]), COVER_M)
        if found is None:
            continue
        if not collared:
            corners = outside[number]
            moves = barycentric(np.array(found), cloth.positions[corners]) @ cloth.weights[corners]
            weights[v] += smoothstep(COVER_M, DIP_M, gap_m) * (moves - weights[v])
            if gap_m < DIP_M and (Vector(points[v]) - found) @ normal > -DIP_M:
                points[v] = found - normal * DIP_M
        start = Vector(points[v] - normals[v] * COVER_M / 3)
        covered = tree.ray_cast(start, Vector(normals[v]), COVER_M)[0] is not None
        deep[v] = covered and away_m > (COLLARED_M if collared else UNDER_M)
    return replace(skin, positions=points, weights=weights, triangles=skin.triangles[~deep[skin.triangles].all(1)])


def hems(part: Part) -> np.ndarray:
    """Which triangles (m,) of a part are turned in: they alone reach its borders."""
    place = np.unique(part.weld, return_inverse=True)[1]
    return np.isin(place[part.triangles], border(place[part.triangles])).any(1)


def levelled(part: Part, collared: bool) -> Part:
    """The part with its cut edges drawn to smooth curves; to the highest a collar may be sewn, and it stays.

    Round sleeves and legs the edge and the hem that hangs from it are drawn level in their charts as well.
    """
    _, first, place = np.unique(part.weld, return_index=True, return_inverse=True)
    points, uvs, hem = part.positions[first].copy(), part.uvs.copy(), hems(part)
    loops = border_loops(place[part.triangles[~hem]])
    loops.sort(key=lambda loop: points[loop, 1].mean())
    for loop in loops[:-1] if collared else loops:
        rim = points[loop] - points[loop].mean(0)
        across = np.linalg.svd(rim)[2]
        turn = np.unwrap(np.arctan2(rim @ across[1], rim @ across[0]))
        sense = np.sign(turn[-1] - turn[0])
        round_limb = abs(points[loop, 0].mean()) > 0.05
        turn = sense * np.sort(sense * turn)
        level, outline = waved(turn, rim, LEVEL_WAVES), waved(turn, rim, OUTLINE_WAVES)
        points[loop] += np.where((round_limb, round_limb or loop is not loops[-1], round_limb), level, outline) - rim
        if round_limb:
            on_rim = np.isin(place, loop)
            hanging = np.setdiff1d(part.triangles[hem & on_rim[part.triangles].any(1)], np.flatnonzero(on_rim))
            for row in (np.flatnonzero(on_rim), hanging):
                height = np.median(uvs[row, 1])
                uvs[row[np.abs(uvs[row, 1] - height) > TAB], 1] = height
    return replace(part, positions=points[place], uvs=uvs)


def waved(turn: np.ndarray, points: np.ndarray, waves: int) -> np.ndarray:
    """Points (n, 3) at turns (n,), in radians, on the curve of so many waves that lies nearest to them."""
    angle = np.outer(turn, np.arange(1, waves + 1))
    terms = np.hstack([np.ones((len(turn), 1)), np.cos(angle), np.sin(angle)])
    curve: np.ndarray = terms @ np.linalg.lstsq(terms, points)[0]
    return curve


def unfolded(part: Part) -> Part:
    """The part with other edges where triangles of its cloth lie back on their neighbours."""
    points, hem = part.positions, hems(part)
    triangles = part.triangles[~hem].tolist()

    def normal(*corners: int) -> np.ndarray:
        a, b, c = points[list(corners)]
        across = np.cross(b - a, c - a)
        return across / max(np.linalg.norm(across), 1e-12)

    for _ in range(MOST_ROUNDS):
        beside = {(t[k - 1], t[k]): i for i, t in enumerate(triangles) for k in range(3)}
        touched: set[int] = set()
        for (a, b), left in beside.items():
            right = beside.get((b, a))
            if right is None or a > b or left in touched or right in touched:
                continue
            (c,), (d,) = ({*triangles[side]} - {a, b} for side in (left, right))
            bend = normal(a, b, c) @ normal(b, a, d)
            if bend > FOLDED or (c, d) in beside or (d, c) in beside:
                continue
            if normal(c, a, d) @ normal(d, b, c) > max(FOLDED, bend):
                triangles[left], triangles[right] = [c, a, d], [d, b, c]
                touched |= {left, right}
        if not touched:
            break
    every = part.triangles.copy()
    every[~hem] = triangles
    return replace(part, triangles=every)


def tucked(part: Part) -> Part:
    """The part with each vertex at which a hem ends behind the cloth above the middle of its edge, and moving with it.

    So no triangle of the hem crosses the cloth from whose edge it hangs.
    """
    _, first, place = np.unique(part.weld, return_index=True, return_inverse=True)
    points, weights = part.positions[first].copy(), part.weights[first].copy()
    hem = hems(part)
    cloth, turned_in = place[part.triangles[~hem]], place[part.triangles[hem]]
    ends = np.setdiff1d(turned_in, cloth)
    normals = vertex_normals(points, cloth, np.arange(len(points)))
    tree = BVHTree.FromPolygons(points.tolist(), cloth.tolist())
    opposite = {frozenset((a, b)): c for t in cloth.tolist() for a, b, c in (t, t[1:] + t[:1], t[2:] + t[:2])}
    for triangle in turned_in[np.isin(turned_in, ends).sum(1) == 1]:
        (end,), (a, b) = np.intersect1d(triangle, ends), np.setdiff1d(triangle, ends)
        middle, along = (points[a] + points[b]) / 2, points[b] - points[a]
        into = points[opposite[frozenset((a, b))]] - middle
        into -= along * (into @ along) / (along @ along)
        deep_m = np.linalg.norm(np.cross(points[end] - middle, along)) / np.linalg.norm(along)
        found, _, number, _ = tree.find_nearest(Vector(middle + into / np.linalg.norm(into) * deep_m))
        corners = cloth[number]
        share = barycentric(np.array(found), points[corners])
        points[end] = np.array(found) - BEHIND * deep_m * (share @ normals[corners])
        weights[end] = share @ weights[corners]
    return replace(part, positions=points[place], weights=weights[place])


def lining(top: Part, collared: bool) -> Part:
    """The inner side of a blouse or shirt where one looks into it: in its sleeves, and at an open neck."""
    cloth = top.triangles[~hems(top)]
    _, first, place = np.unique(top.weld, return_index=True, return_inverse=True)
    rims = [top.positions[first[loop]] for loop in border_loops(place[cloth])]
    rims.sort(key=lambda rim: rim[:, 1].mean())
    openings = [(rim, SLEEVE_M) for rim in rims if abs(rim[:, 0].mean()) > 0.2]
    openings += [] if collared else [(rims[-1], NECK_M)]
    seen = np.any([cKDTree(rim).query(top.positions)[0] < reach_m for rim, reach_m in openings], axis=0)
    used, corners = np.unique(cloth[seen[cloth].all(1)], return_inverse=True)
    inside = top.subset(used, corners.reshape(-1, 3)[:, ::-1])
    inside.positions -= LINING_M * vertex_normals(top.positions, top.triangles, top.weld)[used]
    return replace(inside, name="lining")
