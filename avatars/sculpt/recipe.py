"""What makes one host different from another: every number an artist would turn."""

from __future__ import annotations

from dataclasses import dataclass, field

from .basemesh import Macro
from .paint import Color


@dataclass(frozen=True)
class Skin:
    """Colours of the face and hands, and the make-up."""

    base: Color
    flush: Color  # cheeks, nose tip, ears, knuckles
    shade_tint: Color  # how much darker each channel gets in occlusion
    lips: Color
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
        "eyes/l-eye-height2-incr": 0.55,
        "eyes/l-eye-height1-incr": 0.25,
        "eyes/l-eye-height3-incr": 0.3,
        "eyes/l-eye-corner2-up": 0.65,
        "eyes/l-eye-bag-decr": 0.9,
        "nose/nose-volume-decr": 0.45,
        "nose/nose-scale-horiz-decr": 0.4,
        "nose/nose-nostrils-width-decr": 0.4,
        "nose/nose-point-up": 0.25,
        "nose/nose-point-width-decr": 0.35,
        "nose/nose-greek-incr": 0.15,
        "mouth/mouth-upperlip-height-decr": 0.25,
        "mouth/mouth-upperlip-volume-decr": 0.1,
        "mouth/mouth-lowerlip-height-decr": 0.15,
        "mouth/mouth-angles-up": 0.5,
        "mouth/mouth-cupidsbow-incr": 0.3,
        "mouth/mouth-scale-horiz-decr": 0.25,
        "mouth/mouth-scale-vert-decr": 0.2,
        "chin/chin-width-decr": 0.25,
        "chin/chin-bones-decr": 0.3,
        "chin/chin-height-decr": 0.1,
        "head/head-oval": 0.4,
        "head/head-invertedtriangular": 0.15,
        "head/head-scale-horiz-decr": 0.25,
        "cheek/l-cheek-volume-incr": 0.25,
        "cheek/l-cheek-bones-incr": 0.3,
        "cheek/l-cheek-inner-decr": 0.2,
        "forehead/forehead-nubian-incr": 0.15,
        "neck/neck-scale-horiz-decr": 0.35,
        "neck/neck-scale-depth-decr": 0.2,
        "ears/l-ear-scale-decr": 0.35,
        "ears/l-ear-wing-decr": 0.5,
        "arms/l-upperarm-shoulder-muscle-decr": 0.5,
        "arms/l-upperarm-fat-decr": 0.5,
        "torso/measure-waist-circ-decr": 0.25,
        "neck/neck-scale-vert-incr": 0.1,
    },
    shoulder_drop_m=0.022,
    shoulder_in_m=0.012,
    head_scale=1.24,
    eye_scale=1.28,
    jaw_slimming=0.055,
    skin=Skin(
        base=(0.905, 0.738, 0.625),
        flush=(0.86, 0.47, 0.41),
        shade_tint=(0.66, 0.88, 0.95),
        lips=(0.80, 0.40, 0.38),
        lip_strength=0.66,
        liner=0.9,
        shadow=0.3,
        blush=0.27,
        contour=0.12,
    ),
    brow=Brow(
        points=((-0.78, 0.98), (-0.25, 1.18), (0.45, 1.30), (1.05, 1.12), (1.32, 0.92)),
        thickness=(0.12, 0.22, 0.21, 0.14, 0.05),
        color=(0.15, 0.087, 0.062),
        hairs=330,
    ),
    iris=(0.24, 0.155, 0.11),
    lash_length=1.0,
    lash_color=(0.07, 0.045, 0.04),
    hair_color=(0.165, 0.10, 0.075),
    hair_style="bun",
    outfits={"host": "qipao", "wrap": "wrap"},
    face_budget=6400,
    hand_budget=560,
    expression_bias={
        "mouthSmileLeft": 0.23,
        "mouthSmileRight": 0.19,
        "eyeBlinkLeft": 0.10,
        "eyeBlinkRight": 0.10,
    },
)

BO = Recipe(
    name="bo",
    height_m=1.70,
    macro=Macro(1, 0.06, 0.52, 0.46, 0.55, 0.95, {"asian": 0.6, "caucasian": 0.4}),
    features={
        "eyes/l-eye-height2-incr": 0.45,
        "eyes/l-eye-height1-incr": 0.2,
        "eyes/l-eye-height3-incr": 0.25,
        "eyes/l-eye-bag-decr": 0.85,
        "nose/nose-volume-decr": 0.3,
        "nose/nose-greek-incr": 0.15,
        "nose/nose-nostrils-width-decr": 0.3,
        "nose/nose-scale-horiz-decr": 0.15,
        "mouth/mouth-upperlip-volume-incr": 0.2,
        "mouth/mouth-lowerlip-volume-incr": 0.2,
        "mouth/mouth-angles-up": 0.45,
        "mouth/mouth-cupidsbow-incr": 0.25,
        "chin/chin-width-incr": 0.1,
        "chin/chin-bones-incr": 0.2,
        "chin/chin-prominent-incr": 0.2,
        "head/head-rectangular": 0.15,
        "cheek/l-cheek-bones-incr": 0.4,
        "ears/l-ear-scale-decr": 0.25,
        "ears/l-ear-wing-decr": 0.4,
        "head/head-scale-horiz-decr": 0.15,
        "arms/l-upperarm-shoulder-muscle-decr": 0.6,
        "arms/l-upperarm-muscle-decr": 0.4,
        "torso/torso-muscle-dorsi-decr": 0.3,
        "torso/torso-scale-horiz-decr": 0.3,
        "torso/measure-waist-circ-decr": 0.3,
    },
    shoulder_drop_m=0.018,
    shoulder_in_m=0.016,
    head_scale=1.25,
    eye_scale=1.20,
    jaw_slimming=0.03,
    skin=Skin(
        base=(0.865, 0.685, 0.56),
        flush=(0.78, 0.42, 0.35),
        shade_tint=(0.68, 0.88, 0.95),
        lips=(0.74, 0.45, 0.40),
        lip_strength=0.42,
        liner=0.55,
        shadow=0.08,
        blush=0.22,
        contour=0.34,
        stubble=0.27,
    ),
    brow=Brow(
        points=((-0.80, 0.98), (-0.25, 1.14), (0.45, 1.28), (1.1, 1.13), (1.42, 0.92)),
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
    hand_budget=560,
    expression_bias={"mouthSmileLeft": 0.15, "mouthSmileRight": 0.19},
)

RECIPES = {recipe.name: recipe for recipe in (LAN, BO)}
