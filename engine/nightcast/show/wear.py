"""How a product is worn: where it sits, in millimetres, in the frame of the body part that carries it.

Right-handed, +X the wearer's left, +Y up, +Z out of the face (for a wrist: +Y towards the fingers, +Z the back of
the hand; for a shoe: +Z the toe).
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from nightcast.show.fields import AssetPath, Colour, Part, Vec3, setting

__all__ = ["Garment", "Makeup", "Temples", "Wear"]


class Temples(Part):
    """How the arms of glasses reach the ears."""

    bend: float = setting(15.0, "bends them outwards to pass the head, at most", unit="deg", ge=0, le=25)


class Makeup(Part):
    """Colour on the face's own skin."""

    region: Literal["lips", "eyeshadow", "blush", "eyeliner", "brow", "foundation"] = "lips"
    colour: Colour = "#b3263f"
    opacity: float = setting(0.8, "0 to 1", ge=0, le=1)
    finish: Literal["matte", "satin", "gloss", "metallic", "shimmer"] = "satin"
    feather: float = setting(1.5, "softness of the edge", unit="mm", ge=0, le=20)


class Garment(Part):
    """A garment for people before a camera: a cut-out picture of its front, and where the wearer's joints are in it."""

    picture: AssetPath
    joints: dict[
        Literal[
            "shoulder_l", "shoulder_r", "elbow_l", "elbow_r", "wrist_l", "wrist_r", "hip_l", "hip_r", "knee_l", "knee_r"
        ],
        tuple[float, float],
    ] = Field(
        description="shares of the picture's width from its left and height from its top; shoulders and hips at least; "
        "`_l` is the wearer's left, so on the picture's right",
    )

    @model_validator(mode="after")
    def _complete(self) -> Garment:
        missing = [name for name in ("shoulder_l", "shoulder_r", "hip_l", "hip_r") if name not in self.joints]
        if missing:
            raise ValueError(f"joints for {', '.join(missing)}")
        return self


class Wear(Part):
    """Where and how a product is worn."""

    kind: Literal[
        "glasses",
        "hat",
        "headband",
        "earring",
        "necklace",
        "makeup",
        "watch",
        "bracelet",
        "ring",
        "shoe",
        "bag",
        "garment",
    ]
    scale: float = setting(
        1.0, "multiplies the model's numbers to make metres (0.01: the file is in centimetres)", gt=0, le=1000
    )
    turn: Vec3 = setting((0.0, 0.0, 0.0), "turns the model into our frame, about X, Y, Z in this order", unit="deg")
    origin: Vec3 = setting((0.0, 0.0, 0.0), "the point of the turned model that meets the body", unit="mm")
    fit: Literal["true_size", "fit_to_wearer"] = "true_size"
    side: Literal["left", "right", "pair"] = setting("pair", "for earrings, watches, rings, shoes")
    holds: Literal["one", "pair"] = setting(
        "one", "of earrings and shoes: a pair that lies in one file is told by the one at `origin`"
    )
    carried: Literal["hand", "forearm", "shoulder"] = setting("hand", "where the handles or the strap of a bag hang")
    finger: Literal["thumb", "index", "middle", "ring", "little"] = "ring"
    frame_width: float | None = setting(None, "of glasses, hinge to hinge", unit="mm", gt=20, le=400)
    inner_circumference: float | None = setting(None, "of hats", unit="mm", gt=200, le=1000)
    inner_diameter: float | None = setting(None, "of rings, bracelets and watches", unit="mm", gt=5, le=300)
    length: float | None = setting(None, "of shoes (inner), chains, bags' straps", unit="mm", gt=5, le=2000)
    vertex_distance: float = setting(12.0, "lens to eye", unit="mm", ge=0, le=40)
    drop: float = setting(0.0, "moves it down from its place", unit="mm", ge=-200, le=600)
    forward: float = setting(0.0, "moves it away from the body", unit="mm", ge=-200, le=200)
    dangle: float = setting(0.0, "length of the part that swings", unit="mm", ge=0, le=500)
    temples: Temples = Temples()
    makeup: Makeup | None = None
    garment: Garment | None = None

    @model_validator(mode="after")
    def _complete(self) -> Wear:
        if self.kind == "makeup" and self.makeup is None:
            raise ValueError("`makeup` with region and colour")
        return self
