"""The reference wearer made into somebody else: every place of a head moved to where theirs is, and the shape with it.

So what is fitted to a person finds their ears, and what their own head hides is hidden. Host space, metres. No GL.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from nightcast.host.anchors import Anchor, Anchors, HeadMeasures, LimbMeasures
from nightcast.host.surface import Surface
from nightcast.tryon.heads import PLACES, head_model
from nightcast.tryon.product import F64
from nightcast.tryon.wearer import Wearer

__all__ = ["Likeness", "eyes_m", "head_places_mm"]

#: Of a body no camera shows, these keep the reference's proportions.
_BODY = ("neck", "leftUpperArm", "rightUpperArm", "hips")
_TEMPLE_MM = (6.0, -18.0)  #: above and behind the eyes, where a face's width is measured
_SIDES = {"side_front": 0.45, "side_back": 0.75}  #: how far they lie on the way from the eyes to the top of an ear
_BAND_M = 0.008


def eyes_m(wearer: Wearer) -> F64:
    """(3,) the middle between the eyes."""
    middle: F64 = (wearer.anchors["eye_l"].rest + wearer.anchors["eye_r"].rest)[:3, 3] / 2
    return middle


def head_places_mm(wearer: Wearer) -> F64:
    """(len(PLACES), 3) places of a head, from the middle between its eyes, at its own size."""
    half_mm, eyes = wearer.anchors.head.face_width_mm / 2, eyes_m(wearer)
    places = {name: 1000 * (anchor.rest[:3, 3] - eyes) for name, anchor in wearer.anchors.places.items()}
    skin = wearer.skin.of(wearer.rig.below("head"))
    for side, out in (("l", 1.0), ("r", -1.0)):
        places[f"temple_{side}"] = np.array([out * half_mm, *_TEMPLE_MM])
        for name, share in _SIDES.items():
            way = share * places[f"ear_top_{side}"]
            far = eyes + np.array([out, way[1] / 1000, way[2] / 1000])
            there = skin.first(far, np.array([-out, 0.0, 0.0]), eyes + way / 1000)
            places[f"{name}_{side}"] = 1000 * (there - eyes)
    return np.array([places[name] for name in PLACES])


@dataclass(frozen=True)
class Likeness(Wearer):
    """A wearer with the reference's body and somebody's head; `move` takes the reference's points (n, 3) to theirs."""

    reference: Wearer
    move: Callable[[F64], F64]

    @classmethod
    def to(cls, reference: Wearer, likeness: F64, size: float) -> Likeness:
        """With a head as in `heads`, `size` times as large as the mean one."""
        from scipy.interpolate import RBFInterpolator  # a fifth of a second, for those who look into the mirror

        places_mm = head_model().places_of(likeness) * size
        own_mm = head_places_mm(reference)
        eyes = eyes_m(reference)
        larger = _apart(places_mm) / _apart(own_mm)
        body = np.array([reference.bone(name) for name in _BODY]) - eyes
        spread = RBFInterpolator(
            np.concatenate([own_mm / 1000, body]),
            np.concatenate([(places_mm - own_mm) / 1000, (larger - 1) * body]),
            kernel="linear",
            degree=1,
        )

        def move(points: F64) -> F64:
            moved: F64 = points + spread(points - eyes)
            return moved

        return cls(reference.rig, _moved(reference, move, larger), reference, move)

    @cached_property
    def skin(self) -> Surface:
        return replace(self.reference.skin, points=self.move(self.reference.skin.points))

    @cached_property
    def torso(self) -> Surface:
        return replace(self.reference.torso, points=self.move(self.reference.torso.points))

    def bone(self, name: str) -> F64:
        moved: F64 = self.move(self.reference.bone(name)[None])[0]
        return moved


def _apart(places_mm: F64) -> float:
    return float(np.linalg.norm(places_mm[PLACES.index("eye_l")] - places_mm[PLACES.index("eye_r")]))


def _moved(reference: Wearer, move: Callable[[F64], F64], larger: float) -> Anchors:
    """Anchors keep their axes; a band round the head is as much longer as the head is wider and deeper there."""
    anchors = reference.anchors
    names = list(anchors.places)
    there = move(np.array([anchors[name].rest[:3, 3] for name in names]))
    places = {name: _at(anchors[name], place) for name, place in zip(names, there, strict=True)}
    skull = reference.skin.of(reference.rig.below("head")).corners
    band = skull[np.abs(skull[:, 1] - anchors["forehead"].rest[1, 3]) < _BAND_M]
    longer = float((np.ptp(move(band), axis=0) / np.ptp(band, axis=0))[[0, 2]].mean()) if len(band) else larger
    half_m = anchors.head.face_width_mm / 2000
    temples = move(eyes_m(reference) + np.array([[side * half_m, *np.array(_TEMPLE_MM) / 1000] for side in (1, -1)]))
    head = HeadMeasures(
        pupillary_distance_mm=larger * anchors.head.pupillary_distance_mm,
        face_width_mm=1000 * float(temples[0, 0] - temples[1, 0]),
        head_circumference_mm=longer * anchors.head.head_circumference_mm,
        ear_depth_mm=1000
        * float((places["nose_bridge"].rest - (places["ear_top_l"].rest + places["ear_top_r"].rest) / 2)[2, 3]),
    )
    limbs = anchors.limbs
    return Anchors(
        places,
        head,
        LimbMeasures(
            *(larger * mm for mm in (limbs.neck_mm, limbs.wrist_mm, limbs.ring_finger_mm, limbs.foot_length_mm))
        ),
    )


def _at(anchor: Anchor, place: F64) -> Anchor:
    """An anchor moved in the T-pose."""
    rest = anchor.rest.copy()
    rest[:3, 3] = place
    return replace(anchor, rest=rest, matrix=anchor.matrix @ np.linalg.inv(anchor.rest) @ rest)
