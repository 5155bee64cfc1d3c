"""VRM expressions as combinations of the 52 ARKit shapes: the 18 presets and the 15 Oculus visemes."""

from __future__ import annotations

Weights = dict[str, float]


def both(name: str, weight: float) -> Weights:
    """The same weight on the left and right shape."""
    return {f"{name}Left": weight, f"{name}Right": weight}


PRESETS: dict[str, Weights] = {
    "happy": both("mouthSmile", 0.5)
    | both("cheekSquint", 0.55)
    | both("eyeSquint", 0.3)
    | both("mouthPress", 0.2)
    | both("browOuterUp", 0.15),
    "angry": both("browDown", 0.9)
    | both("browOuterUp", 0.25)
    | both("eyeSquint", 0.6)
    | both("eyeBlink", 0.1)
    | both("mouthFrown", 0.55)
    | both("mouthPress", 0.4)
    | both("noseSneer", 0.55),
    "sad": {"browInnerUp": 0.85, "mouthShrugLower": 0.3}
    | both("mouthFrown", 0.55)
    | both("eyeSquint", 0.15)
    | both("eyeLookDown", 0.2),
    "relaxed": both("mouthSmile", 0.32) | both("eyeBlink", 0.14) | both("cheekSquint", 0.15) | {"browInnerUp": 0.12},
    "surprised": {"browInnerUp": 0.8, "jawOpen": 0.32, "mouthFunnel": 0.2}
    | both("browOuterUp", 0.8)
    | both("eyeWide", 0.7),
    "aa": {"jawOpen": 0.6} | both("mouthLowerDown", 0.2) | both("mouthUpperUp", 0.12),
    "ih": {"jawOpen": 0.18} | both("mouthStretch", 0.25) | both("mouthSmile", 0.18) | both("mouthLowerDown", 0.2),
    "ou": {"jawOpen": 0.14, "mouthPucker": 0.65, "mouthFunnel": 0.2},
    "ee": {"jawOpen": 0.22} | both("mouthSmile", 0.3) | both("mouthStretch", 0.2) | both("mouthLowerDown", 0.15),
    "oh": {"jawOpen": 0.38, "mouthFunnel": 0.5, "mouthPucker": 0.2},
    "blink": both("eyeBlink", 1.0),
    "blinkLeft": {"eyeBlinkLeft": 1.0},
    "blinkRight": {"eyeBlinkRight": 1.0},
    "lookUp": both("eyeLookUp", 1.0),
    "lookDown": both("eyeLookDown", 1.0),
    "lookLeft": {"eyeLookOutLeft": 1.0, "eyeLookInRight": 1.0},
    "lookRight": {"eyeLookInLeft": 1.0, "eyeLookOutRight": 1.0},
    "neutral": {},
}

VISEMES: dict[str, Weights] = {
    "viseme_sil": {},
    "viseme_PP": {"mouthRollUpper": 0.3, "mouthRollLower": 0.3} | both("mouthPress", 0.45),
    "viseme_FF": {"jawOpen": 0.08, "mouthRollLower": 0.55} | both("mouthUpperUp", 0.25),
    "viseme_TH": {"jawOpen": 0.16, "tongueOut": 0.35} | both("mouthLowerDown", 0.15),
    "viseme_DD": {"jawOpen": 0.16} | both("mouthLowerDown", 0.25) | both("mouthUpperUp", 0.1),
    "viseme_kk": {"jawOpen": 0.22} | both("mouthLowerDown", 0.15) | both("mouthStretch", 0.12),
    "viseme_CH": {"jawOpen": 0.12, "mouthFunnel": 0.5, "mouthPucker": 0.15} | both("mouthUpperUp", 0.1),
    "viseme_SS": {"jawOpen": 0.05}
    | both("mouthStretch", 0.3)
    | both("mouthLowerDown", 0.25)
    | both("mouthUpperUp", 0.15),
    "viseme_nn": {"jawOpen": 0.14} | both("mouthLowerDown", 0.18) | both("mouthUpperUp", 0.08),
    "viseme_RR": {"jawOpen": 0.14, "mouthFunnel": 0.35, "mouthPucker": 0.2},
    "viseme_aa": PRESETS["aa"],
    "viseme_E": {"jawOpen": 0.3} | both("mouthSmile", 0.22) | both("mouthStretch", 0.15) | both("mouthLowerDown", 0.18),
    "viseme_I": {"jawOpen": 0.16} | both("mouthSmile", 0.35) | both("mouthStretch", 0.2) | both("mouthLowerDown", 0.15),
    "viseme_O": PRESETS["oh"],
    "viseme_U": PRESETS["ou"],
}

BLINKS = {"blink", "blinkLeft", "blinkRight"}
OVERRIDES = {
    # expressions that already say something with eyes or mouth; "blend" weakens the other's share
    "happy": {"overrideBlink": "blend"},
    "angry": {"overrideBlink": "blend"},
    "surprised": {"overrideBlink": "blend", "overrideMouth": "blend"},
}


def expression_block(morph_names: list[str], node: int) -> dict[str, dict]:
    """The `expressions` object of VRMC_vrm for a face mesh on `node`."""

    def entry(name: str, weights: Weights) -> dict:
        binds = [{"node": node, "index": morph_names.index(m), "weight": w} for m, w in weights.items()]
        return {"isBinary": False, "morphTargetBinds": binds} | OVERRIDES.get(name, {})

    return {
        "preset": {name: entry(name, weights) for name, weights in PRESETS.items()},
        "custom": {name: entry(name, weights) for name, weights in VISEMES.items()},
    }
