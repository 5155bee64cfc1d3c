"""What a face does for a viseme or a feeling, in the vocabularies that avatars bring.

Each intent has alternatives, best first; the first whose channels the avatar has is taken. A channel that
ends in "*" stands for its Left and its Right. ARKit names are Apple's 52 blend shapes, viseme_* the Oculus
set as Ready Player Me exports it, Fcl_* VRoid's, and plain words are VRM's presets. Amounts are for
ordinary speech, not shouting.
"""

from __future__ import annotations

from collections.abc import Mapping

Recipe = Mapping[str, float]

VISEME_RECIPES: dict[str, tuple[Recipe, ...]] = {
    "sil": ({},),
    "PP": (
        {"viseme_PP": 1.0},
        {"mouthPress*": 0.35, "mouthRollLower": 0.25, "mouthRollUpper": 0.25},
        {},
    ),
    "FF": (
        {"viseme_FF": 1.0},
        {"mouthRollLower": 0.55, "mouthUpperUp*": 0.2, "jawOpen": 0.05},
        {"Fcl_MTH_I": 0.12, "Fcl_MTH_U": 0.12},
        {"ih": 0.12, "ou": 0.12},
    ),
    "TH": (
        {"viseme_TH": 1.0},
        {"jawOpen": 0.15, "tongueOut": 0.25, "mouthLowerDown*": 0.15},
        {"jawOpen": 0.15, "mouthLowerDown*": 0.15},
        {"Fcl_MTH_I": 0.25, "Fcl_MTH_A": 0.1},
        {"ih": 0.25, "aa": 0.1},
    ),
    "DD": (
        {"viseme_DD": 0.9},
        {"jawOpen": 0.11, "mouthUpperUp*": 0.1, "mouthLowerDown*": 0.15},
        {"Fcl_MTH_I": 0.28},
        {"ih": 0.28},
    ),
    "kk": (
        {"viseme_kk": 0.9},
        {"jawOpen": 0.15, "mouthLowerDown*": 0.1, "mouthStretch*": 0.1},
        {"Fcl_MTH_I": 0.2, "Fcl_MTH_A": 0.1},
        {"ih": 0.2, "aa": 0.1},
    ),
    "CH": (
        {"viseme_CH": 1.0},
        {"mouthFunnel": 0.5, "mouthPucker": 0.2, "jawOpen": 0.08, "mouthShrugUpper": 0.15},
        {"Fcl_MTH_U": 0.4, "Fcl_MTH_I": 0.2},
        {"ou": 0.4, "ih": 0.2},
    ),
    "SS": (
        {"viseme_SS": 1.0},
        {"mouthStretch*": 0.3, "mouthLowerDown*": 0.25, "mouthUpperUp*": 0.15, "jawOpen": 0.03},
        {"Fcl_MTH_I": 0.35},
        {"ih": 0.35},
    ),
    "nn": (
        {"viseme_nn": 0.9},
        {"jawOpen": 0.10, "mouthLowerDown*": 0.12},
        {"Fcl_MTH_I": 0.22},
        {"ih": 0.22},
    ),
    "RR": (
        {"viseme_RR": 0.9},
        {"mouthFunnel": 0.35, "mouthPucker": 0.15, "jawOpen": 0.12},
        {"Fcl_MTH_U": 0.3, "Fcl_MTH_I": 0.15},
        {"ou": 0.3, "ih": 0.15},
    ),
    "aa": (
        {"viseme_aa": 0.9},
        {"jawOpen": 0.5, "mouthLowerDown*": 0.25, "mouthUpperUp*": 0.15},
        {"Fcl_MTH_A": 0.75},
        {"aa": 0.75},
    ),
    "E": (
        {"viseme_E": 0.9},
        {
            "jawOpen": 0.3,
            "mouthStretch*": 0.25,
            "mouthSmile*": 0.15,
            "mouthLowerDown*": 0.25,
            "mouthUpperUp*": 0.15,
        },
        {"Fcl_MTH_E": 0.75},
        {"ee": 0.75},
        {"aa": 0.45},
    ),
    "ih": (
        {"viseme_I": 0.9},
        {"viseme_ih": 0.9},
        {"jawOpen": 0.18, "mouthStretch*": 0.3, "mouthSmile*": 0.2, "mouthLowerDown*": 0.25},
        {"Fcl_MTH_I": 0.75},
        {"ih": 0.75},
        {"aa": 0.3},
    ),
    "oh": (
        {"viseme_O": 0.85},
        {"viseme_oh": 0.85},
        {"jawOpen": 0.38, "mouthFunnel": 0.5, "mouthPucker": 0.15},
        {"Fcl_MTH_O": 0.8},
        {"oh": 0.8},
        {"aa": 0.6},
    ),
    "ou": (
        {"viseme_U": 1.0},
        {"viseme_ou": 1.0},
        {"jawOpen": 0.15, "mouthPucker": 0.65, "mouthFunnel": 0.3},
        {"Fcl_MTH_U": 0.85},
        {"ou": 0.85},
        {"aa": 0.3},
    ),
}

#: How far each viseme opens the jaw, for avatars that have a jaw bone and no mouth shapes: share of 18°.
JAW_SHARES = {
    "aa": 1.0,
    "E": 0.6,
    "ih": 0.4,
    "oh": 0.75,
    "ou": 0.35,
    "TH": 0.3,
    "kk": 0.3,
    "DD": 0.2,
    "nn": 0.2,
    "RR": 0.25,
}
JAW_OPEN_DEG = 18.0

#: Feelings. Smiles reach the eyes: a mouth that smiles alone looks like a salesman.
FEELING_RECIPES: dict[str, tuple[Recipe, ...]] = {
    "happy": (
        {
            "mouthSmile*": 0.62,
            "cheekSquint*": 0.6,
            "eyeSquint*": 0.48,
            "mouthDimple*": 0.15,
            "browInnerUp": 0.15,
            "browOuterUp*": 0.1,
        },
        {"Fcl_BRW_Joy": 0.8, "Fcl_EYE_Joy": 0.4, "Fcl_MTH_Fun": 0.7},
        {"happy": 0.8},
        {"relaxed": 0.8},
    ),
    "relaxed": (
        {"mouthSmile*": 0.32, "cheekSquint*": 0.22, "eyeSquint*": 0.2, "browInnerUp": 0.08},
        {"Fcl_BRW_Fun": 0.7, "Fcl_EYE_Fun": 0.35, "Fcl_MTH_Fun": 0.5},
        {"relaxed": 0.8},
        {"happy": 0.35},
    ),
    "surprised": (
        {"eyeWide*": 0.55, "browInnerUp": 0.7, "browOuterUp*": 0.6, "jawOpen": 0.14, "mouthFunnel": 0.12},
        {"Fcl_BRW_Surprised": 0.9, "Fcl_EYE_Surprised": 0.6, "Fcl_MTH_Surprised": 0.35},
        {"surprised": 0.8},
    ),
    "sad": (
        {"browInnerUp": 0.7, "mouthFrown*": 0.45, "mouthShrugLower": 0.25, "eyeSquint*": 0.15},
        {"Fcl_BRW_Sorrow": 0.8, "Fcl_EYE_Sorrow": 0.5, "Fcl_MTH_Sorrow": 0.5},
        {"sad": 0.8},
    ),
    "angry": (
        {"browDown*": 0.7, "noseSneer*": 0.2, "mouthFrown*": 0.25, "mouthPress*": 0.2, "eyeSquint*": 0.25},
        {"Fcl_BRW_Angry": 0.8, "Fcl_EYE_Angry": 0.6, "Fcl_MTH_Angry": 0.5},
        {"angry": 0.8},
    ),
    "curious": (
        {
            "browOuterUpLeft": 0.5,
            "browInnerUp": 0.35,
            "browDownRight": 0.15,
            "eyeWide*": 0.15,
            "mouthSmile*": 0.15,
        },
        {"Fcl_BRW_Surprised": 0.5, "Fcl_MTH_Fun": 0.2},
        {"surprised": 0.25},
    ),
    "wink": (
        {"eyeBlinkLeft": 1.0, "cheekSquintLeft": 0.6, "mouthSmile*": 0.5, "mouthSmileLeft": 0.7},
        {"blinkLeft": 1.0, "happy": 0.3},
        {"blinkLeft": 1.0},
    ),
}

#: Small motions that the host makes by itself.
OWN_RECIPES: dict[str, tuple[Recipe, ...]] = {
    "blinkLeft": (
        {"blinkLeft": 1.0},
        {"eyeBlinkLeft": 1.0},
        {"Fcl_EYE_Close_L": 1.0},
        {"blink": 0.5},
        {"eyesClosed": 0.5},
        {"Fcl_EYE_Close": 0.5},
    ),
    "blinkRight": (
        {"blinkRight": 1.0},
        {"eyeBlinkRight": 1.0},
        {"Fcl_EYE_Close_R": 1.0},
        {"blink": 0.5},
        {"eyesClosed": 0.5},
        {"Fcl_EYE_Close": 0.5},
    ),
    "browsUp": ({"browInnerUp": 0.45, "browOuterUp*": 0.35}, {"Fcl_BRW_Surprised": 0.4}, {}),
}

#: Eyes and lids by shape, at a full turn of `LOOK_DEG`.
LOOK_RECIPES: dict[str, tuple[Recipe, ...]] = {
    "lookUp": ({"eyeLookUp*": 1.0}, {"lookUp": 1.0}),
    "lookDown": ({"eyeLookDown*": 1.0}, {"lookDown": 1.0}),
    "lookLeft": ({"eyeLookOutLeft": 1.0, "eyeLookInRight": 1.0}, {"lookLeft": 1.0}),
    "lookRight": ({"eyeLookInLeft": 1.0, "eyeLookOutRight": 1.0}, {"lookRight": 1.0}),
}
LOOK_DEG = 32.0

#: Words that planners and people use for the same feeling.
ALIASES = {
    "joy": "happy",
    "smile": "happy",
    "fun": "relaxed",
    "calm": "relaxed",
    "sorrow": "sad",
    "surprise": "surprised",
    "excited": "happy",
    "anger": "angry",
    "thinking": "curious",
}

#: Channels with these beginnings belong to the mouth, to the lids, and to the gaze.
MOUTH_STARTS = ("mouth", "jaw", "viseme", "tongue", "fclmth")
MOUTH_WORDS = ("aa", "ih", "ou", "ee", "oh")
BLINK_WORDS = ("blink", "blinkleft", "blinkright", "eyeblinkleft", "eyeblinkright", "eyesclosed")
BLINK_STARTS = ("fcleyeclose",)
LOOK_STARTS = ("look", "eyelook")


def expanded(recipe: Recipe) -> dict[str, float]:
    """The recipe with "*" written out as Left and Right."""
    full: dict[str, float] = {}
    for channel, amount in recipe.items():
        for name in (channel[:-1] + "Left", channel[:-1] + "Right") if channel.endswith("*") else (channel,):
            full[name] = amount
    return full
