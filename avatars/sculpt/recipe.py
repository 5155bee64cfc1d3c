"""What makes one host different from another: every number an artist would turn."""

from __future__ import annotations

from dataclasses import dataclass, field

from .basemesh import Macro
from .paint import Color
from .stylise import Pull


@dataclass(frozen=True)
class Skin:
    """Colours of the face and hands, and the make-up."""

    base: Color
    flush: Color  # cheeks, nose tip, ears, knuckles
    shade_tint: Color  # how much darker each channel gets in occlusion
    lips: Color
    nails: Color
    lip_strength: float
    liner: float  # eyeliner and lash line
    shadow: float  # eye shadow on the upper lid
    blush: float
    contour: float  # the shade below the cheekbone
    stubble: float = 0.0


@dataclass(frozen=True)
class Brow:
    """One brow, measured from the eyeball's centre in eyeball radii, inner end to tail."""

    points: tuple[tuple[float, float], ...]
    thickness: tuple[float, ...]  # at the same points, in eyeball radii
    color: Color
    hairs: int


@dataclass(frozen=True)
class Recipe:
    """A host from head to foot."""

    name: str
    height_m: float
    macro: Macro
    features: dict[str, float]
    shoulder_drop_m: float  # how far the shoulders' points sink, and how far they come in, from the plain likeness
    shoulder_in_m: float
    head_scale: float
    eye_scale: float
    jaw_slimming: float
    pulls: tuple[Pull, ...]
    skin: Skin
    brow: Brow
    iris: Color
    lash_length: float
    lash_color: Color
    hair_color: Color
    hair_style: str
    outfits: dict[str, str]  # file's name to the outfit in it
    face_budget: int
    hand_budget: int
    expression_bias: dict[str, float] = field(default_factory=dict)  # ARKit shapes baked into the rest face


LAN = Recipe(
    name="lan",
    height_m=1.61,
    macro=Macro(0, 0.05, 0.5, 0.42, 0.55, 0.95, {"asian": 0.55, "caucasian": 0.45}),
    features={
        "eyes/l-eye-height2-incr": 0.75,
        "eyes/l-eye-height1-incr": 0.1,
        "eyes/l-eye-height3-incr": 0.9,
        "eyes/l-eye-scale-incr": 0.6,
        "eyes/l-eye-epicanthus-out": 0.5,
        "eyes/l-eye-corner2-up": 1.0,
        "eyes/l-eye-corner1-down": 0.5,
        "eyes/l-eye-bag-decr": 0.9,
        "nose/nose-volume-decr": 0.45,
        "nose/nose-scale-horiz-decr": 0.4,
        "nose/nose-nostrils-width-decr": 0.4,
        "nose/nose-point-up": 0.25,
        "nose/nose-point-width-decr": 0.2,
        "nose/nose-scale-vert-decr": 0.35,
        "nose/nose-width2-decr": 0.4,
        "nose/nose-septumangle-decr": 0.4,
        "nose/nose-greek-incr": 0.15,
        "mouth/mouth-upperlip-height-decr": 0.0,
        "mouth/mouth-upperlip-volume-incr": 0.2,
        "mouth/mouth-lowerlip-volume-incr": 0.2,
        "mouth/mouth-angles-up": 0.5,
        "mouth/mouth-cupidsbow-incr": 0.3,
        "mouth/mouth-scale-horiz-decr": 0.25,
        "mouth/mouth-scale-vert-decr": 0.2,
        "chin/chin-width-decr": 0.25,
        "chin/chin-bones-decr": 0.3,
        "chin/chin-height-decr": 0.1,
        "head/head-oval": 0.4,
        "head/head-invertedtriangular": 0.15,
        "head/head-scale-horiz-decr": 0.65,
        "cheek/l-cheek-volume-incr": 0.25,
        "cheek/l-cheek-bones-incr": 0.3,
        "cheek/l-cheek-inner-decr": 0.2,
        "forehead/forehead-nubian-incr": 0.15,
        "neck/neck-scale-horiz-decr": 0.15,
        "neck/neck-scale-depth-decr": 0.2,
        "ears/l-ear-scale-decr": 0.35,
        "ears/l-ear-wing-decr": 0.5,
        "arms/l-upperarm-shoulder-muscle-decr": 1.0,
        "arms/l-upperarm-fat-decr": 1.0,
        "arms/measure-upperarm-circ-decr": 0.25,
        "breast/breast-point-decr": 1.0,
        "torso/measure-waist-circ-decr": 0.25,
        "neck/neck-scale-vert-incr": 0.45,
    },
    shoulder_drop_m=0.010,
    shoulder_in_m=0.010,
    head_scale=1.24,
    eye_scale=1.46,
    jaw_slimming=0.055,
    pulls=(
        Pull("chin", (0, 0, 0), 42, (0, 11, -1)),
        Pull("mouth", (0, 0, 0), 34, (0, 3, 0)),
        Pull("nose_tip", (0, 0, 0), 16, (0, 3, -2.5)),
        Pull("mouth", (46, -4, -46), 26, (2.5, 2, 2)),
        Pull("eye", (46, -30, -50), 26, (-4, 0, 0)),
        Pull("eye", (20, 2, 8), 9, (0.5, 1.8, 0)),
        Pull("chin", (16, 2, -12), 16, (-3.5, 0, 0)),
        Pull("eye", (14, -30, 18), 20, (2, 1, 4)),
    ),
    skin=Skin(
        base=(0.925, 0.765, 0.670),
        flush=(0.90, 0.47, 0.42),
        shade_tint=(0.66, 0.88, 0.95),
        lips=(0.80, 0.36, 0.36),
        nails=(0.83, 0.42, 0.40),
        lip_strength=0.80,
        liner=0.9,
        shadow=0.3,
        blush=0.25,
        contour=0.30,
    ),
    brow=Brow(
        points=((-0.74, 0.98), (-0.25, 1.10), (0.45, 1.24), (0.98, 1.16), (1.30, 0.96)),
        thickness=(0.14, 0.20, 0.18, 0.12, 0.04),
        color=(0.17, 0.092, 0.062),
        hairs=520,
    ),
    iris=(0.24, 0.155, 0.11),
    lash_length=1.0,
    lash_color=(0.07, 0.045, 0.04),
    hair_color=(0.165, 0.10, 0.075),
    hair_style="bun",
    outfits={"host": "qipao", "wrap": "wrap"},
    face_budget=6400,
    hand_budget=680,
    expression_bias={
        "mouthSmileLeft": 0.27,
        "mouthSmileRight": 0.23,
        "eyeBlinkLeft": 0.15,
        "eyeBlinkRight": 0.15,
    },
)

BO = Recipe(
    name="bo",
    height_m=1.70,
    macro=Macro(1, 0.06, 0.52, 0.46, 0.55, 0.95, {"asian": 0.6, "caucasian": 0.4}),
    features={
        "eyes/l-eye-height2-incr": 0.55,
        "eyes/l-eye-height1-incr": 0.2,
        "eyes/l-eye-height3-incr": 0.5,
        "eyes/l-eye-scale-incr": 0.4,
        "eyes/l-eye-corner2-up": 0.4,
        "eyes/l-eye-bag-decr": 0.85,
        "nose/nose-volume-decr": 0.3,
        "nose/nose-greek-incr": 0.4,
        "nose/nose-nostrils-width-decr": 0.3,
        "nose/nose-scale-horiz-decr": 0.35,
        "nose/nose-width2-decr": 0.35,
        "nose/nose-scale-vert-decr": 0.25,
        "mouth/mouth-scale-horiz-decr": 0.3,
        "mouth/mouth-angles-up": 0.45,
        "mouth/mouth-cupidsbow-incr": 0.25,
        "chin/chin-width-incr": 0.1,
        "chin/chin-bones-incr": 0.2,
        "chin/chin-prominent-incr": 0.2,
        "head/head-rectangular": 0.15,
        "cheek/l-cheek-bones-incr": 0.4,
        "ears/l-ear-scale-decr": 0.25,
        "ears/l-ear-wing-decr": 0.4,
        "head/head-scale-horiz-decr": 0.6,
        "arms/l-upperarm-shoulder-muscle-decr": 0.6,
        "arms/l-upperarm-muscle-decr": 0.4,
        "torso/torso-muscle-dorsi-decr": 0.3,
        "torso/torso-scale-horiz-decr": 0.3,
        "torso/measure-waist-circ-decr": 0.3,
    },
    shoulder_drop_m=0.018,
    shoulder_in_m=0.016,
    head_scale=1.25,
    eye_scale=1.36,
    jaw_slimming=0.03,
    pulls=(
        Pull("chin", (0, 0, 0), 44, (0, 9, 1)),
        Pull("mouth", (0, 0, 0), 34, (0, 2, 0)),
        Pull("nose_tip", (0, 0, 0), 16, (0, 2, -1)),
        Pull("mouth", (38, 2, -30), 22, (-4, 0, -1)),
        Pull("eye", (22, -24, 6), 18, (1, 0, 3)),
        Pull("eye", (4, 20, 24), 16, (0, -1.5, 3)),
        Pull("chin", (17, 6, -10), 13, (2.5, -1, 1)),
        Pull("mouth", (52, -14, -62), 20, (3, -2, 0)),
    ),
    skin=Skin(
        base=(0.885, 0.705, 0.59),
        flush=(0.84, 0.44, 0.37),
        shade_tint=(0.68, 0.88, 0.95),
        lips=(0.74, 0.40, 0.36),
        nails=(0.90, 0.66, 0.58),
        lip_strength=0.45,
        liner=0.55,
        shadow=0.08,
        blush=0.16,
        contour=0.42,
        stubble=0.20,
    ),
    brow=Brow(
        points=((-0.76, 0.96), (-0.25, 1.10), (0.45, 1.22), (1.0, 1.10), (1.34, 0.90)),
        thickness=(0.19, 0.30, 0.30, 0.21, 0.07),
        color=(0.075, 0.055, 0.045),
        hairs=430,
    ),
    iris=(0.22, 0.14, 0.09),
    lash_length=0.35,
    lash_color=(0.07, 0.05, 0.045),
    hair_color=(0.115, 0.088, 0.076),
    hair_style="quiff",
    outfits={"host": "market", "jacket": "jacket"},
    face_budget=6400,
    hand_budget=680,
    expression_bias={"mouthSmileLeft": 0.36, "mouthSmileRight": 0.42},
)

RECIPES = {recipe.name: recipe for recipe in (LAN, BO)}
