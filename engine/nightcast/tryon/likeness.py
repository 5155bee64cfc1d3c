"""The reference wearer made into somebody else: every place of a head moved to where theirs is, and the shape with it.

So what is fitted to a person finds their ears, and what their own head hides is hidden. Host space, metres. No GL.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import cached_property

import numpy as np

from nightcast.host.anchors import Anchor, Anchors, HeadMeasures, LimbMeasures
from nightcast.host.surface import Surface
from nightcast.tryon.heads import PLACES, head_model
from nightcast.tryon.product import F64
from nightcast.tryon.wearer import Wearer

__all__ = ["Likeness", "Likenesses", "eyes_m", "head_places_mm"]

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
    """A wearer with the reference's body and somebody's head; `move` takes the reference's points (n, 3) to theirs.

    Its skin is that of the head and neck alone.
    """

    reference: Wearer
    bare_head: Surface  #: of the reference
    move: Callable[[F64], F64]

    @cached_property
    def skin(self) -> Surface:
        return replace(self.bare_head, points=self.move(self.bare_head.points))

    @cached_property
    def outline(self) -> Surface:
        return replace(self.reference.outline, points=self.move(self.reference.outline.points))

    @cached_property
    def torso(self) -> Surface:
        return replace(self.reference.torso, points=self.move(self.reference.torso.points))

    def bone(self, name: str) -> F64:
        moved: F64 = self.move(self.reference.bone(name)[None])[0]
        return moved


class Likenesses:
    """Makes one wearer into others; what of it is needed every time is worked out once."""

    def __init__(self, reference: Wearer) -> None:
        self._reference = reference
        self._eyes = eyes_m(reference)
        self._places_mm = head_places_mm(reference)
        self._body = np.array([reference.bone(name) for name in _BODY]) - self._eyes
        self._head = reference.skin.of(reference.rig.below("neck")).alone()
        skull = self._head.of(reference.rig.below("head")).corners
        self._band = skull[np.abs(skull[:, 1] - reference.anchors["forehead"].rest[1, 3]) < _BAND_M]

    def of(self, likeness: F64, size: float) -> Likeness:
        """With a head as in `heads`, `size` times as large as the mean one."""
        from scipy.interpolate import RBFInterpolator  # a fifth of a second, for those who look into the mirror

        places_mm = head_model().places_of(likeness) * size
        larger = _pd_mm(places_mm) / _pd_mm(self._places_mm)
        spread = RBFInterpolator(
            np.concatenate([self._places_mm / 1000, self._body]),
            np.concatenate([(places_mm - self._places_mm) / 1000, (larger - 1) * self._body]),
            kernel="linear",
            degree=1,
        )

        def move(points: F64) -> F64:
            moved: F64 = points + spread(points - self._eyes)
            return moved

        reference = self._reference
        return Likeness(reference.rig, self._moved(move, places_mm, larger), reference, self._head, move)

    def _moved(self, move: Callable[[F64], F64], places_mm: F64, larger: float) -> Anchors:
        """Anchors keep their axes; a band round the head is as much longer as the head is wider and deeper there."""
        anchors = self._reference.anchors
        names = list(anchors.places)
        there = move(np.array([anchors[name].rest[:3, 3] for name in names]))
        places = {name: _at(anchors[name], place) for name, place in zip(names, there, strict=True)}
        longer = (np.ptp(move(self._band), axis=0) / np.ptp(self._band, axis=0))[[0, 2]].mean()
        of_head = dict(zip(PLACES, places_mm, strict=True))
        ears_mm = (of_head["ear_top_l"] + of_head["ear_top_r"]) / 2
        head = HeadMeasures(
            pupillary_distance_mm=_pd_mm(places_mm),
            face_width_mm=float(of_head["temple_l"][0] - of_head["temple_r"][0]),
            head_circumference_mm=float(longer) * anchors.head.head_circumference_mm,
            ear_depth_mm=float(of_head["nose_bridge"][2] - ears_mm[2]),
        )
        limbs = LimbMeasures(**{name: larger * mm for name, mm in asdict(anchors.limbs).items()})
        return Anchors(places, head, limbs)


def _pd_mm(places_mm: F64) -> float:
    return float(np.linalg.norm(places_mm[PLACES.index("eye_l")] - places_mm[PLACES.index("eye_r")]))


def _at(anchor: Anchor, place: F64) -> Anchor:
    """An anchor moved in the T-pose."""
    rest = anchor.rest.copy()
    rest[:3, 3] = place
    return replace(anchor, rest=rest, matrix=anchor.matrix @ np.linalg.inv(anchor.rest) @ rest)
