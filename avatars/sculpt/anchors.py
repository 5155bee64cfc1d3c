"""Named places where a product is worn or held; empty nodes below the right bones, in T-pose metres.

Ears have none: they are found by their shape, nearer than the base mesh's numbers tell.
"""

# ruff: noqa: RUF005  (a point plus a tuple is a moved point, not a longer list)
from __future__ import annotations

import numpy as np

from .basemesh import BODY
from .head import Figure
from .skeleton import Skeleton

PALM_M = 0.032  # from the hand's bones to the middle of what it grips


def anchors(figure: Figure, skeleton: Skeleton) -> dict[str, tuple[str, np.ndarray]]:
    """Anchor name to (bone, place). The head does not turn between sculpted pose and T-pose, so its marks hold."""
    marks = figure.marks
    at = {name: skeleton.positions[skeleton.index(name)] for name in skeleton.names}
    body = figure.shape[BODY]
    neck_row = (np.abs(body[:, 0]) < 0.006) & (np.abs(body[:, 1] - at["neck"][1] + 0.018) < 0.012)
    hollow = np.array([0.0, at["neck"][1] - 0.018, body[neck_row][:, 2].max()])
    named: dict[str, tuple[str, np.ndarray]] = {
        "anchor_nose_bridge": ("head", marks.nose_bridge + (0, 0.004, 0)),
        "anchor_crown": ("head", marks.crown),
        "anchor_forehead": ("head", marks.forehead),
        "anchor_chin": ("head", marks.chin),
        "anchor_neck_base": ("neck", hollow),
    }
    for side, letter in (("left", "l"), ("right", "r")):
        knuckle, joint = at[f"{side}RingProximal"], at[f"{side}RingIntermediate"]
        palm = at[f"{side}Hand"] + 0.8 * (at[f"{side}MiddleProximal"] - at[f"{side}Hand"])
        named |= {
            f"anchor_pupil_{letter}": (f"{side}Eye", at[f"{side}Eye"] + (0, 0, marks.eye_radius)),
            f"anchor_wrist_{letter}": (f"{side}Hand", at[f"{side}Hand"]),
            f"anchor_ring_{letter}": (f"{side}RingProximal", knuckle + 0.45 * (joint - knuckle)),
            f"anchor_hold_{letter}": (f"{side}Hand", palm - (0, PALM_M, 0)),
        }
    return named
