"""From a recipe to a VRM file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from scipy import ndimage

from . import skin
from .anchors import anchors
from .basemesh import BODY, BaseMesh
from .export import export
from .finish import finished
from .head import (
    Figure,
    eye_part,
    face_offsets,
    head_part,
    lash_part,
    lip_curves,
    with_low_molars,
    without_scraps,
)
from .occlusion import open_share
from .outfits import Outfit
from .paint import Canvas, canvas, encode
from .part import Part
from .recipe import Recipe
from .relief import Relief
from .skeleton import TPose
from .strands import fluff_texture, strand_texture
from .styles import STYLES
from .styling import Hair
from .stylise import (
    close_lips,
    enlarge_eyes,
    enlarge_head,
    landmarks,
    pulled,
    round_nose,
    slim_jaw,
    slope_shoulders,
    smoothstep,
)
from .vrm import Material
from .wardrobe import market, qipao
from .wardrobe_away import jacket, wrap

FACE_TEXTURE_PX, BODY_TEXTURE_PX, NORMAL_TEXTURE_PX = 2048, 1536, 1024
SOLE_M = 0.022
TAILORS = {"qipao": qipao, "market": market, "wrap": wrap, "jacket": jacket}
RAYS, DRAFT_RAYS = 64, 10  # per vertex, for ambient occlusion


def sculpt(mesh: BaseMesh, recipe: Recipe) -> tuple[Figure, TPose]:
    """The person: shape at full height with the feet on the soles, skeleton and landmarks."""
    shape = mesh.shaped(recipe.macro, recipe.features)
    for name, weight in recipe.expression_bias.items():
        shape += weight * mesh.face_unit(name)
    shape = slope_shoulders(mesh, shape, recipe.shoulder_drop_m, recipe.shoulder_in_m)
    shape = enlarge_eyes(enlarge_head(mesh, shape, recipe.head_scale), recipe.eye_scale)
    rest = TPose(mesh, shape)
    body = rest.to_rest(shape[BODY], rest.weights[BODY])
    scale = (recipe.height_m - SOLE_M) / np.ptp(body[:, 1])
    shape = shape * scale + (0, SOLE_M - body[:, 1].min() * scale, 0)
    shape = slim_jaw(shape, landmarks(mesh, shape), recipe.jaw_slimming)
    shape = pulled(shape, landmarks(mesh, shape), recipe.pulls)
    shape = round_nose(mesh, shape, landmarks(mesh, shape))
    shape = close_lips(shape, lip_curves(mesh, shape))
    pose = TPose(mesh, shape)
    marks = landmarks(mesh, shape)
    near = np.minimum(*(np.linalg.norm(shape - marks.eye * (s, 1, 1), axis=1) for s in (1, -1)))
    grown = recipe.head_scale * scale * (1 + (recipe.eye_scale - 1) * np.clip((0.042 - near) / 0.02, 0, 1))
    return Figure(mesh, shape, pose.weights, marks, grown), pose


def orm_image(masks: dict[str, np.ndarray], c: Canvas, outfit: Outfit) -> np.ndarray:
    """(h, w, 3) occlusion, roughness, metal for the body atlas."""
    rough = np.full(c.occlusion.shape, outfit.roughness["skin"])
    for name, value in outfit.roughness.items():
        if name in masks:
            rough[masks[name]] = value
    return np.stack([0.3 + 0.7 * c.occlusion, rough, np.zeros_like(rough)], -1)


def shade_hair(hair: Hair, face: Part) -> None:
    """Darken what lies deep in the hair, by vertex colours: its pictures repeat and cannot be painted with shade."""
    for part, share in zip(hair.parts, open_share(hair.parts, [face], RAYS), strict=True):
        part.light = 0.5 + 0.5 * smoothstep(0.05, 0.75, share)


def head_materials(face: Canvas, figure: Figure, recipe: Recipe, hair: Hair) -> list[Material]:
    """Materials of face, eyes and hair; paints the face."""
    skin.paint_face(face, figure, recipe, hair.scalp)
    fluff = encode(fluff_texture(recipe.hair_color))
    return [
        Material("face", encode(face.color), encode(skin.face_surface(face, figure)[::4, ::4])),
        Material("lash", encode(skin.lash_texture(recipe)), alpha="BLEND", double_sided=True, roughness=0.8),
        Material("eyes", encode(skin.iris_texture(recipe), 92), roughness=0.12),
        Material(
            "hair",
            encode(strand_texture(recipe.hair_color, hair.accents)),
            roughness=0.66,
            double_sided=True,
            tiles=True,
        ),
        Material("hair_cards", fluff, alpha="MASK", roughness=0.7, double_sided=True),
    ]


def build(recipe: Recipe, tailor: str, path: Path, draft: bool = False) -> dict[str, int]:
    """Make a host in clothes by `tailor` and write it to `path`; a draft has rougher shade.

    Returns counts of vertices and triangles.
    """
    figure, pose = sculpt(BaseMesh(), recipe)
    skeleton = pose.skeleton()
    sculpted = dict(zip(pose.names, pose.sculpted, strict=True))
    offsets = face_offsets(figure)
    outfit = TAILORS[tailor](figure, sculpted, recipe, skeleton)
    face = head_part(figure, outfit.neckline, offsets, recipe.face_budget)
    hair = STYLES[recipe.hair_style](figure, skeleton)
    lashes = lash_part(figure, offsets, recipe.lash_length)
    eyes = [eye_part(figure, side, skeleton.index(f"{side}Eye")) for side in ("left", "right")]
    shares = open_share([face, *outfit.parts], [*eyes, *hair.parts], DRAFT_RAYS if draft else RAYS)
    shade_hair(hair, face)

    c = canvas([face], shares[:1], FACE_TEXTURE_PX, recipe.skin.base)
    body = canvas(outfit.parts, shares[1:], BODY_TEXTURE_PX, recipe.skin.base)
    relief = Relief(outfit.parts, outfit.folds, NORMAL_TEXTURE_PX)
    body.occlusion *= 1 - 0.55 * ndimage.zoom(relief.cavity(), BODY_TEXTURE_PX / NORMAL_TEXTURE_PX, order=1)
    masks = {part.name: body.owner == number for number, part in enumerate(outfit.parts)}
    pictures = {}
    for colourway in outfit.colourways:
        body.height[:] = 0
        outfit.paint(body, masks, colourway)
        pictures[colourway] = encode(body.color)
    first, *others = outfit.colourways
    materials = [
        *head_materials(c, figure, recipe, hair),
        Material(
            "body",
            pictures[first],
            encode(orm_image(masks, body, outfit)[::4, ::4]),
            encode(relief.image(body), 86, fine_color=True),
            variants={n: pictures[n] for n in others},
        ),
    ]
    # After painting, so that pictures which were committed before stay as they are.
    head, *worn = finished(with_low_molars(without_scraps(figure, face)), outfit.parts)
    return export(
        path,
        recipe,
        pose,
        skeleton,
        [head, lashes, *eyes, *hair.parts, *worn],
        materials,
        [*hair.chains, *outfit.chains],
        anchors(figure, skeleton),
    )
