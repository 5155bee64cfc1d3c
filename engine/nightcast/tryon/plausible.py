"""Whether a product, as the catalog says to wear it, has a size and a shape that such things have. No GL."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nightcast.gltf.records import Model
from nightcast.show.wear import Wear
from nightcast.tryon.guess import SIZES, lies_open, mirror_error
from nightcast.tryon.product import as_worn, surface_samples

__all__ = ["Doubt", "doubts"]

#: More triangles than this in something worn cost frames and show nothing.
MOST_TRIANGLES = 60_000
_LEAST_MIRRORED = 0.06
#: How far, in millimetres, a model's own width may be from what the catalog says before one of them is wrong.
_WIDTH_OFF_MM = 12.0


@dataclass(frozen=True)
class Doubt:
    """What looks wrong: the field of `wear`, what was found, what would be right, and what to do."""

    field: str
    found: str
    expected: str
    remedy: str


def doubts(wear: Wear, model: Model) -> list[Doubt]:
    """All that is implausible about wearing `model` so."""
    found: list[Doubt] = []
    triangles = model.triangle_count()
    if triangles > MOST_TRIANGLES:
        found.append(
            Doubt(
                "kind",
                f"{triangles:,} triangles",
                f"at most {MOST_TRIANGLES:,} in something worn",
                "Decimate the model.",
            )
        )
    worn, shape = as_worn(wear, model)
    points = surface_samples(worn, shape.matrix, 6000)
    size = SIZES.get(wear.kind)
    if size is None or not len(points):
        return found
    if lies_open(wear.kind, points):
        return [
            *found,
            Doubt(
                "kind",
                "no hole for a wrist or finger",
                "a band that is closed, as it is worn",
                "Close it in a modelling program: a strap that lies open is not bent round a wrist.",
            ),
        ]
    value_mm = size.measure(points)
    if wear.fit == "true_size" and not size.least_mm <= value_mm <= size.most_mm:
        found.append(
            Doubt(
                "scale",
                f"{value_mm:.0f} mm {size.what}",
                f"{size.least_mm:.0f} to {size.most_mm:.0f} mm",
                "Let `nightcast product` measure the file and write what it finds.",
            )
        )
    elif wear.kind == "glasses" and wear.frame_width and abs(value_mm - wear.frame_width) > _WIDTH_OFF_MM:
        found.append(
            Doubt(
                "frame_width",
                f"{wear.frame_width:.0f} mm, but the model is {value_mm:.0f} mm wide",
                "the width that the model has",
                "It is drawn at `frame_width`; correct it, or `scale`.",
            )
        )
    if wear.kind == "glasses" and mirror_error(points) > _LEAST_MIRRORED:
        found.append(
            Doubt(
                "turn",
                f"left and right differ by {100 * mirror_error(points):.0f} % of its width",
                "a frame that is its own mirror image",
                "Turn it to face +Z with +X to the wearer's left.",
            )
        )
    if wear.kind == "glasses" and np.abs(points[:, 0].min() + points[:, 0].max()) > 0.02:
        off_mm = 500 * float(points[:, 0].min() + points[:, 0].max())
        found.append(
            Doubt(
                "origin",
                f"its middle {off_mm:.0f} mm beside the nose",
                "x = 0 between the lenses",
                "Set `origin` to the point between the lenses.",
            )
        )
    return found
