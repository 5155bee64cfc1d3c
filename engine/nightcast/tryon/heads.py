"""How heads differ: a mean head and its modes, as a tracker sees them, from people that were made for it.

Head space: millimetres from the middle between the eyes' centres, +X the wearer's left, +Y up, +Z ahead, at a pupillary
distance of `HEAD_PD_MM`. A likeness is a head's share of each mode, in standard deviations: most lie within ±2.
`assets/make/heads.py` makes the data and says of whom.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np

from nightcast.tryon.product import F64

__all__ = ["HEAD_PD_MM", "PLACES", "HeadModel", "head_model"]

HEAD_PD_MM = 63.0  #: between the pupils of the mean head, as of grown people (Dodgson 2004: 63.4 ± 3.8 mm)
#: Places of a head beside landmarks, by the names of `host.anchors`; the temples, where a face's width is measured; and
#: two places of the skin on the way from the eyes to the top of each ear, along which glasses lie.
PLACES = (
    "eye_l", "eye_r", "nose_bridge", "forehead", "chin", "crown", "temple_l", "temple_r",
    "ear_l", "ear_r", "ear_top_l", "ear_top_r", "ear_lobe_l", "ear_lobe_r",
    "side_front_l", "side_front_r", "side_back_l", "side_back_r",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class HeadModel:
    """The mean head and K modes, each one standard deviation long."""

    points_mm: F64  #: (478, 3) landmarks, with the numbers of MediaPipe's face mesh; the last ten are the irises
    modes_mm: F64  #: (K, 478, 3)
    weights: F64  #: (478,) how far each landmark is trusted; 0 for the irises, which move
    places_mm: F64  #: (len(PLACES), 3)
    place_modes_mm: F64  #: (K, len(PLACES), 3)

    def points_of(self, likeness: F64) -> F64:
        """(478, 3) landmarks of a head."""
        points: F64 = self.points_mm + np.tensordot(likeness, self.modes_mm, 1)
        return points

    def places_of(self, likeness: F64) -> F64:
        """(len(PLACES), 3) places of a head."""
        places: F64 = self.places_mm + np.tensordot(likeness, self.place_modes_mm, 1)
        return places


@cache
def head_model() -> HeadModel:
    """Our own, from `heads.npz`."""
    with resources.files("nightcast.tryon").joinpath("heads.npz").open("rb") as file, np.load(file) as data:
        return HeadModel(*(data[name].astype(np.float64) for name in HeadModel.__dataclass_fields__))
