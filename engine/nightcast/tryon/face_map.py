"""The host's face in its own UVs, sampled once from its mesh and its painted skin: what makeup is laid on.

Each texel knows where on the face it lies (host space of the T-pose, metres), how it faces, how much it belongs to the
lips, and how far the upper lid's own movement takes it. Lips are where the mouth's morph targets pull them in, narrowed
to what is painted redder than the skin about it; what faces into the mouth stays bare. No GL.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from nightcast.gltf.hierarchy import posed_positions
from nightcast.gltf.records import Model, Primitive
from nightcast.host.expressions import Channels
from nightcast.host.face import Face, Intent
from nightcast.host.lips import VISEMES
from nightcast.tryon.eye_area import GROWN_EYES_M, EyeArea, eye_area
from nightcast.tryon.product import F64
from nightcast.tryon.raster import rasterised
from nightcast.tryon.wearer import Wearer

__all__ = ["FaceMap", "face_map"]

_SIDE_PX = 1024
#: Targets that roll the lips in, in ARKit's words; and what shapes a mouth in others'.
_LIP_TARGETS = (("mouthRollLower", "mouthRollUpper"), ("mouthPucker",), ("viseme_U",), ("viseme_PP",))
_LIP_LEAST, _LIP_MOST = 0.12, 0.45
_EYEBALL_MM = 10.0  #: a piece of the mesh whose middle is so near to an eye's is the eye itself


@dataclass(frozen=True, eq=False)
class FaceMap:
    """The face in the UVs of `material`, (1024, 1024) each; `place` and `normal` have three columns more."""

    material: int
    known: NDArray[np.bool_]
    place: F64
    normal: F64
    light: F64  #: of the painted skin, 0 to 1
    lips: F64  #: 0 to 1
    lids: F64  #: 0 to 1: how far the upper lids take it when the eyes close
    eyes: Sequence[EyeArea]  #: as many as an opening was found for
    texel_mm: float  #: size of a texel on the mouth


@lru_cache(maxsize=4)
def face_map(wearer: Wearer) -> FaceMap | None:
    """The face of a body, sampled; None where there is no face with UVs. Takes about a second, once."""
    model = wearer.rig.model
    found = _face_of(model, wearer)
    if found is None:
        return None
    node, primitive, targets = found
    if primitive.uv0 is None or primitive.material is None:
        return None
    points = posed_positions(model, wearer.rig.rest_world.astype(np.float32), node, primitive).astype(np.float64)
    turn = _turn(model, wearer, node)
    normals = primitive.normals @ turn.T
    pull = _pull(targets, primitive, points, wearer)
    values = np.column_stack([points, normals, pull, _lids(wearer, node, primitive, turn)])
    front = _front_triangles(primitive, values, wearer)
    uv = primitive.uv0.astype(np.float64)
    sampled, known = rasterised(uv, front, values, _SIDE_PX)
    place, normal, pulled, lids = sampled[..., :3], sampled[..., 3:6], sampled[..., 6], sampled[..., 7]
    texel_mm = _texel_mm(primitive, front, points, pull)
    skin = _skin(model, primitive.material)
    light = skin.mean(axis=-1)
    lips = _narrowed(
        np.clip((pulled - _LIP_LEAST) / (_LIP_MOST - _LIP_LEAST), 0, 1) * known, pulled, skin, known, texel_mm
    )
    lips = lips * np.clip(normal[..., 2] * 4 + 0.6, 0, 1) * known
    eyes = _eyes(wearer, points, normals, uv, light, front)
    return FaceMap(primitive.material, known, place, normal, light, lips, lids * known, eyes, texel_mm)


def _skin(model: Model, material: int) -> F64:
    """(1024, 1024, 3) what is painted on a material, 0 to 1; white where nothing is."""
    base = model.materials[material].base_color_texture
    if base is None or base.uv_set != 0:
        return np.ones((_SIDE_PX, _SIDE_PX, 3))
    pixels = model.images[model.textures[base.texture].image].pixels
    image = Image.fromarray(np.ascontiguousarray(pixels[..., :3])).resize((_SIDE_PX, _SIDE_PX), Image.Resampling.BOX)
    return np.asarray(image, np.float64) / 255


def _lids(wearer: Wearer, node: int, primitive: Primitive, turn: F64) -> F64:
    """(n,) how far down each vertex goes when the eyes close, against the one that goes farthest."""
    channels = Channels(wearer.rig.model)
    closed = Face(channels).weights(Intent(np.zeros(len(VISEMES)), {}, blink_left=1.0, blink_right=1.0))
    weights = channels.morph_weights(channels.settled(closed))
    moved = np.zeros((primitive.vertex_count, 3))
    mesh = wearer.rig.model.nodes[node].mesh
    for weight, target in zip(weights.get(mesh, ()) if mesh is not None else (), primitive.targets, strict=False):
        moved[target.vertices] += weight * target.positions
    down = np.maximum(-(moved @ turn.T)[:, 1], 0.0)
    shares: F64 = down / max(float(down.max()), 1e-9)
    return shares


def _eyes(
    wearer: Wearer, points: F64, normals: F64, uv: F64, light: F64, front: NDArray[np.intp]
) -> tuple[EyeArea, ...]:
    middles = [wearer.anchors[f"eye_{side}"].rest[:3, 3] for side in "lr"]
    skin = _without_eyeballs(points, front, middles)
    between = (middles[0] + middles[1]) / 2
    size = float(np.linalg.norm(middles[0] - middles[1])) / GROWN_EYES_M
    found = (eye_area(eye, np.sign(eye[0] - between[0]), size, points, normals, uv, light, skin) for eye in middles)
    return tuple(eye for eye in found if eye is not None)


def _without_eyeballs(points: F64, triangles: NDArray[np.intp], eyes: Sequence[F64]) -> NDArray[np.intp]:
    """Triangles but for those of pieces that lie in the eyes; vertices at one place are one."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    _, same = np.unique(points.round(5), axis=0, return_inverse=True)
    corners = same.reshape(-1)[triangles]
    links = np.concatenate([corners[:, :2], corners[:, 1:]])
    count = len(points)
    _, piece = connected_components(coo_matrix((np.ones(len(links)), (links[:, 0], links[:, 1])), (count, count)))
    pieces = piece[corners[:, 0]]
    middles = np.stack([
        np.bincount(pieces, points[triangles].mean(axis=1)[:, axis]) / np.maximum(np.bincount(pieces), 1)
        for axis in range(3)
    ], axis=1)  # fmt: skip
    apart = np.min([np.linalg.norm(middles - eye, axis=1) for eye in eyes], axis=0)
    kept: NDArray[np.intp] = triangles[apart[pieces] > _EYEBALL_MM / 1000]
    return kept


def _face_of(model: Model, wearer: Wearer) -> tuple[int, Primitive, Mapping[str, int]] | None:
    """Node, primitive and target numbers of the mesh with the most of the face: most targets, then most vertices."""
    best: tuple[int, int, int, Primitive, Mapping[str, int]] | None = None
    head = wearer.rig.below("head")
    for i, node in enumerate(model.nodes):
        if node.mesh is None:
            continue
        mesh = model.meshes[node.mesh]
        names = {name: k for k, name in enumerate(mesh.target_names)}
        for primitive in mesh.primitives:
            skinned = node.skin is not None or i in head
            if primitive.uv0 is None or not skinned:
                continue
            score = (len(primitive.targets), primitive.vertex_count)
            if best is None or score > best[:2]:
                best = (*score, i, primitive, names)
    return None if best is None else (best[2], best[3], best[4])


def _turn(model: Model, wearer: Wearer, node: int) -> F64:
    """(3, 3) rotation of the face's mesh into host space."""
    skin = model.nodes[node].skin
    matrix = wearer.rig.rest_world[node]
    if skin is not None and wearer.rig.bones["head"] in model.skins[skin].joints:
        joint = list(model.skins[skin].joints).index(wearer.rig.bones["head"])
        matrix = wearer.rig.rest_world[wearer.rig.bones["head"]] @ model.skins[skin].inverse_bind[joint]
    turn: F64 = matrix[:3, :3] / np.linalg.norm(matrix[:3, :3], axis=0)
    return turn


def _pull(names: Mapping[str, int], primitive: Primitive, points: F64, wearer: Wearer) -> F64:
    """(n,) how far the mouth's targets move each vertex, 1 the farthest; those in the mouth's cavity not at all."""
    moved = np.zeros(primitive.vertex_count)
    chosen = next((group for group in _LIP_TARGETS if all(name in names for name in group)), ())
    for name in chosen:
        target = primitive.targets[names[name]]
        own = np.zeros_like(moved)
        own[target.vertices] = np.linalg.norm(target.positions, axis=1)
        moved = np.maximum(moved, own / max(float(own.max()), 1e-9))
    if not moved.any():
        return moved
    lips = moved > 0.3
    front = np.quantile(points[lips, 2], 0.9)
    moved[points[:, 2] < front - 0.03] = 0.0
    return moved


def _front_triangles(primitive: Primitive, values: F64, wearer: Wearer) -> NDArray[np.intp]:
    """(t, 3) the triangles of the face's front: between crown and chin, before the ears, not turned away."""
    triangles = primitive.indices.reshape(-1, 3).astype(np.intp)
    middle = values[triangles].mean(axis=1)
    anchors = wearer.anchors
    low, high = anchors["chin"].rest[1, 3] - 0.03, anchors["crown"].rest[1, 3]
    behind = (anchors["ear_l"].rest[2, 3] + anchors["ear_r"].rest[2, 3]) / 2
    inside = (middle[:, 1] > low) & (middle[:, 1] < high) & (middle[:, 2] > behind) & (middle[:, 5] > -0.35)
    front: NDArray[np.intp] = triangles[inside]
    return front


def _texel_mm(primitive: Primitive, triangles: NDArray[np.intp], points: F64, pull: F64) -> float:
    """Size of a texel on the mouth, or on the whole face where no mouth is known, in millimetres."""
    near = triangles[(pull[triangles] > 0.3).all(axis=1)]
    chosen = near if len(near) else triangles
    if primitive.uv0 is None or not len(chosen):
        return 0.2
    a, b = chosen[:, 0], chosen[:, 1]
    on_face = np.linalg.norm(points[a] - points[b], axis=1)
    on_map = np.linalg.norm(primitive.uv0[a] - primitive.uv0[b], axis=1) * _SIDE_PX
    return float(1000 * np.median(on_face / np.maximum(on_map, 1e-6)))


_INSIDE = 0.6  #: as bright as the skin about it: darker is not lips but what lies between them
_REDDER = 0.02
_HIGHLIGHT = 0.03  #: of the lips, at most


def _narrowed(region: F64, pull: F64, colour: F64, known: NDArray[np.bool_], texel_mm: float) -> F64:
    """The lips as they are painted, where the skin's picture shows them redder than what surrounds them."""
    from scipy import ndimage  # a fifth of a second, for those who wear makeup

    red = (colour[..., 0] - colour[..., 1]) / np.maximum(colour.sum(axis=-1), 0.12)
    mouth, about = (
        ndimage.binary_dilation(pull > 0.3, iterations=max(round(by_mm / max(texel_mm, 0.05)), 1)) & known
        for by_mm in (4.0, 7.0)  # corners of the mouth hardly move, and lie farther out
    )
    if mouth.sum() < 50:
        return region
    light = colour.sum(axis=-1)
    lit = mouth & (light > _INSIDE * np.median(light[about]))  # the inside of a mouth is redder than pale lips
    threshold = _otsu(red[lit])
    inner, outer = red[lit & (red > threshold)], red[lit & (red <= threshold)]
    if not len(inner) or not len(outer) or inner.mean() - outer.mean() < _REDDER:
        return region
    painted = ndimage.binary_opening(about & (red > threshold), iterations=2)
    parts, count = ndimage.label(painted)
    if not count:
        return region
    sizes = ndimage.sum_labels(painted, parts, np.arange(1, count + 1))
    kept = np.flatnonzero(sizes > 0.15 * sizes.max()) + 1
    lips = ndimage.binary_closing(np.isin(parts, kept), iterations=3)
    holes, count = ndimage.label(~lips)  # a painted highlight is no redder than skin
    if count:
        lips |= (np.bincount(holes.reshape(-1)) < _HIGHLIGHT * lips.sum())[holes]
    whole: F64 = lips.astype(np.float64)
    return whole


def _otsu(values: F64) -> float:
    """The threshold that parts values into two classes best (Otsu 1979)."""
    counts, edges = np.histogram(values, 64)
    middles = (edges[:-1] + edges[1:]) / 2
    below = np.cumsum(counts)
    above = below[-1] - below
    mean_below = np.cumsum(counts * middles) / np.maximum(below, 1)
    mean_above = ((counts * middles).sum() - np.cumsum(counts * middles)) / np.maximum(above, 1)
    return float(middles[int((below * above * (mean_below - mean_above) ** 2).argmax())])
