"""Makeup on the host's face: a layer of colour in the face's own UVs, made once from its mesh and its painted skin.

The face is sampled into its UVs: each texel knows where on the face it lies (host space of the T-pose, metres), how it
faces, and how much it belongs to the lips. Lips are where the mouth's morph targets pull them in, narrowed to what is
painted redder than the skin about it; what faces into the mouth stays bare. No GL.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from nightcast.gltf.hierarchy import posed_positions
from nightcast.gltf.records import Model, Primitive
from nightcast.show import wear
from nightcast.show.catalog import Product
from nightcast.tryon.colour import rgb_of
from nightcast.tryon.errors import CannotWearError
from nightcast.tryon.product import F64
from nightcast.tryon.wearer import Wearer

__all__ = ["FaceMap", "Paint", "blended", "face_map", "paint", "place_of"]

_SIDE_PX = 1024
#: Roughness of a surface with each finish; skin is about 0.5.
_ROUGHNESS = {"matte": 0.78, "satin": 0.42, "gloss": 0.14, "metallic": 0.28, "shimmer": 0.32}
#: Targets that roll the lips in, in ARKit's words; and what shapes a mouth in others'.
_LIP_TARGETS = (("mouthRollLower", "mouthRollUpper"), ("mouthPucker",), ("viseme_U",), ("viseme_PP",))
_LIP_LEAST, _LIP_MOST = 0.12, 0.45


@dataclass(frozen=True, eq=False)
class Paint:
    """A layer for a material: (h, w, 4) uint8 sRGB with straight alpha, row 0 at v = 0."""

    material: int
    pixels: NDArray[np.uint8]
    roughness: float | None


@dataclass(frozen=True, eq=False)
class FaceMap:
    """The face in the UVs of `material`, (1024, 1024) each; `place` and `normal` have three columns more."""

    material: int
    known: NDArray[np.bool_]
    place: F64
    normal: F64
    lips: F64  #: 0 to 1
    texel_mm: float  #: size of a texel on the mouth


def paint(product: Product, wearer: Wearer, colour: str | None = None) -> Paint:
    """The layer of a product of kind makeup, in a variant's colour where one is given.

    Raises CannotWearError for a face without UVs, or one whose mouth cannot be told from its shape.
    """
    from scipy import ndimage  # a fifth of a second, for those who wear makeup

    if product.wear is None or product.wear.makeup is None:
        raise CannotWearError(product.id, "it is no makeup", "Write its `wear: {kind: makeup, makeup: …}`.")
    spec = product.wear.makeup
    face = face_map(wearer)
    if face is None:
        raise CannotWearError(product.id, "the host's face has no UVs to paint on", "Export the avatar with UVs.")
    if spec.region == "lips" and not face.lips.any():
        raise CannotWearError(
            product.id, "the host's lips were not found", "Give its face the targets mouthRollLower and mouthRollUpper."
        )
    mask = _region(spec, face, wearer)
    feather_px = max(spec.feather / max(face.texel_mm, 1e-3) / 2, 0.5)
    soft = ndimage.gaussian_filter(mask, feather_px) * face.known
    if spec.region == "foundation":  # it fades on the skin, not across lips and brows
        soft = np.minimum(soft, mask)
    pixels = np.zeros((*soft.shape, 4), np.uint8)
    pixels[..., :3] = rgb_of(colour or spec.colour)
    pixels[..., 3] = np.round(255 * np.clip(soft, 0, 1) * spec.opacity)
    return Paint(face.material, pixels, _ROUGHNESS[spec.finish])


def place_of(product: Product, wearer: Wearer) -> F64 | None:
    """(3,) the middle of what it makes up, on the wearer's right where there are two; None where that is not found."""
    face = face_map(wearer)
    if product.wear is None or product.wear.makeup is None or face is None:
        return None
    spec = product.wear.makeup
    mask = _region(spec, face, wearer)
    if spec.region != "lips":
        mask = mask * (face.place[..., 0] < wearer.anchors["nose_bridge"].rest[0, 3])
    made_up = mask > 0.5
    if not made_up.any():
        return None
    middle: F64 = face.place[made_up].mean(axis=0)
    return middle


def blended(paints: Sequence[Paint]) -> list[Paint]:
    """One layer for each material: later ones lie over earlier ones."""
    layers: dict[int, Paint] = {}
    for top in paints:
        below = layers.get(top.material)
        layers[top.material] = top if below is None else _over(top, below)
    return list(layers.values())


def _over(top: Paint, below: Paint) -> Paint:
    a, b = top.pixels[..., 3:] / 255.0, below.pixels[..., 3:] / 255.0
    alpha = a + b * (1 - a)
    colour = (top.pixels[..., :3] * a + below.pixels[..., :3] * b * (1 - a)) / np.maximum(alpha, 1e-6)
    pixels = np.concatenate([colour, 255 * alpha], axis=-1).round().astype(np.uint8)
    return Paint(top.material, pixels, top.roughness)


# ---- regions


def _region(spec: wear.Makeup, face: FaceMap, wearer: Wearer) -> F64:
    """(1024, 1024) how much each texel is made up, 0 to 1."""
    if spec.region == "lips":
        return face.lips
    anchors = wearer.anchors
    eyes = [anchors[f"eye_{side}"].rest[:3, 3] for side in "lr"]
    chin, bridge = anchors["chin"].rest[:3, 3], anchors["nose_bridge"].rest[:3, 3]
    size = float(np.linalg.norm(eyes[0] - eyes[1])) / 0.063  # against a grown face's eyes
    ahead = np.clip(face.normal[..., 2] * 3, 0, 1) * face.known

    def spots(region: str) -> F64:
        mask = np.zeros_like(face.lips)
        for eye in eyes:
            out = np.sign(eye[0] - bridge[0])
            for across, up, wide, high in _SPOTS[region]:
                x = (face.place[..., 0] - eye[0]) * out / size - across / 1000
                y = (face.place[..., 1] - eye[1]) / size - up / 1000
                mask = np.maximum(mask, np.exp(-(((x * 1000 / wide) ** 2 + (y * 1000 / high) ** 2) ** _EDGE[region])))
        found: F64 = mask * ahead
        return found

    if spec.region == "foundation":
        below = np.clip((bridge[1] + 0.075 * size - face.place[..., 1]) / 0.02, 0, 1)
        above = np.clip((face.place[..., 1] - chin[1] + 0.02) / 0.02, 0, 1)
        bare: F64 = ahead * below * above * (1 - face.lips) * (1 - spots("brow"))
        return bare
    return spots(spec.region)


#: Ellipses about an eye, millimetres on a face with eyes 63 mm apart: outwards, up, half width, half height.
_SPOTS = {
    "eyeshadow": ((2.0, 9.5, 17.0, 6.5),),
    "eyeliner": ((1.0, 5.5, 16.0, 1.6), (17.0, 4.0, 5.0, 1.6)),
    "brow": ((1.0, 23.0, 19.0, 3.5),),
    "blush": ((12.0, -34.0, 19.0, 13.0),),
}
#: 1 fades like a bell, more has an edge.
_EDGE = {"eyeshadow": 1.5, "eyeliner": 2.0, "brow": 2.0, "blush": 1.0}


# ---- the face in its UVs


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
    pull = _pull(targets, primitive, points, wearer)
    values = np.column_stack([points, primitive.normals @ turn.T, pull])
    front = _front_triangles(primitive, values, wearer)
    sampled, known = _rasterised(primitive.uv0.astype(np.float64), front, values)
    place, normal, lips = sampled[..., :3], sampled[..., 3:6], sampled[..., 6]
    texel_mm = _texel_mm(primitive, front, points, pull)
    base = model.materials[primitive.material].base_color_texture
    region = np.clip((lips - _LIP_LEAST) / (_LIP_MOST - _LIP_LEAST), 0, 1) * known
    if base is not None and base.uv_set == 0:
        image = model.images[model.textures[base.texture].image].pixels
        region = _narrowed(region, lips, image, known, texel_mm)
    region = region * np.clip(normal[..., 2] * 4 + 0.6, 0, 1) * known
    return FaceMap(primitive.material, known, place, normal, region, texel_mm)


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


def _rasterised(uv: F64, triangles: NDArray[np.intp], values: F64) -> tuple[F64, NDArray[np.bool_]]:
    """Values (n, k) of vertices, interpolated over their triangles in a square of UVs; and where there are any."""
    out = np.zeros((_SIDE_PX, _SIDE_PX, values.shape[1]))
    known = np.zeros((_SIDE_PX, _SIDE_PX), bool)
    for corners in triangles:
        a, b, c = uv[corners] * _SIDE_PX - 0.5
        low = np.maximum(np.floor(np.minimum(np.minimum(a, b), c)).astype(int), 0)
        high = np.minimum(np.ceil(np.maximum(np.maximum(a, b), c)).astype(int) + 1, _SIDE_PX)
        area = (b[0] - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (b[1] - a[1])
        if abs(area) < 1e-9 or (high <= low).any() or (high - low).max() > _SIDE_PX // 3:
            continue
        x, y = np.arange(low[0], high[0])[None, :], np.arange(low[1], high[1])[:, None]
        v = ((x - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (y - a[1])) / area
        w = ((b[0] - a[0]) * (y - a[1]) - (x - a[0]) * (b[1] - a[1])) / area
        inside = (v >= -0.02) & (w >= -0.02) & (v + w <= 1.02)
        rows, columns = np.nonzero(inside)
        share = np.stack([1 - v[inside] - w[inside], v[inside], w[inside]], axis=1)
        out[rows + low[1], columns + low[0]] = share @ values[corners]
        known[rows + low[1], columns + low[0]] = True
    return out, known


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


def _narrowed(region: F64, pull: F64, image: NDArray[np.uint8], known: NDArray[np.bool_], texel_mm: float) -> F64:
    """The lips as they are painted, where the skin's picture shows them redder than what surrounds them."""
    from scipy import ndimage  # a fifth of a second, for those who wear makeup

    rows = np.minimum((np.arange(_SIDE_PX) + 0.5) / _SIDE_PX * image.shape[0], image.shape[0] - 1).astype(int)
    columns = np.minimum((np.arange(_SIDE_PX) + 0.5) / _SIDE_PX * image.shape[1], image.shape[1] - 1).astype(int)
    colour = image[np.ix_(rows, columns)][..., :3].astype(np.float64)
    red = (colour[..., 0] - colour[..., 1]) / np.maximum(colour.sum(axis=-1), 30)
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
    lips: F64 = ndimage.binary_closing(np.isin(parts, kept), iterations=3).astype(np.float64)
    return lips


def _otsu(values: F64) -> float:
    """The threshold that parts values into two classes best (Otsu 1979)."""
    counts, edges = np.histogram(values, 64)
    middles = (edges[:-1] + edges[1:]) / 2
    below = np.cumsum(counts)
    above = below[-1] - below
    mean_below = np.cumsum(counts * middles) / np.maximum(below, 1)
    mean_above = ((counts * middles).sum() - np.cumsum(counts * middles)) / np.maximum(above, 1)
    return float(middles[int((below * above * (mean_below - mean_above) ** 2).argmax())])
