"""Camera shots: fixed, following, orbiting, on a dolly, hand-held; framed for landscape and portrait.

World space, metres, +Y up; angles in degrees, 0 looks along +Z, 90 along +X. Pure, and repeatable from the seed;
one `Operator` per shot on air, asked once a frame in the order of time.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

import numpy as np
from numpy.typing import NDArray

from nightcast.show.scene import Shot
from nightcast.stage.frame import Camera, look_at

__all__ = ["Operator", "View", "direction"]

Vec = NDArray[np.float64]

# What is shown stands this far above the middle, as a share of the picture's height: eyes at two fifths, in portrait
# at three tenths; a product clear of cards and captions.
_HEAD_LIFT, _HEAD_LIFT_PORTRAIT, _PRODUCT_LIFT, _FIXED_LIFT_PORTRAIT = 0.09, 0.19, 0.06, 0.05
_NEAREST_M = 0.08
_HEADS = frozenset({"host.head", "host.chest"})

# A held camera drifts slowly and trembles faintly: (Hz, share of the whole).
_SWAY_WAVES = ((0.11, 0.45), (0.23, 0.3), (0.47, 0.17), (0.9, 0.08))
_SWAY_M, _SWAY_DEG = 0.018, 0.45


@dataclass(frozen=True, eq=False)
class View:
    """Where the camera is and what it looks at. `fov_deg` is vertical, whatever the picture's shape."""

    eye: Vec  #: (3,)
    target: Vec  #: (3,)
    fov_deg: float

    def camera(self) -> Camera:
        distance_m = float(np.linalg.norm(self.target - self.eye))
        near_m = min(0.1, max(0.01, distance_m / 10))
        return Camera(look_at(self.eye.tolist(), self.target.tolist()), self.fov_deg, near_m)


def direction(turn_deg: float) -> Vec:
    """(3,) the unit vector that an angle about the vertical looks along."""
    turn = math.radians(turn_deg)
    return np.array([math.sin(turn), 0.0, math.cos(turn)])


def vertical_fov_deg(fov_deg: float, aspect: float) -> float:
    """From the angle along the shorter side to the vertical one, for a picture of width / height `aspect`."""
    if aspect >= 1:
        return fov_deg
    return 2 * math.degrees(math.atan(math.tan(math.radians(fov_deg) / 2) / aspect))


#: A following camera rests while its subject stays this near to where it looks, as a share of the shot's distance;
#: once it moves, it goes on until it is within this share of that.
_SLACK = 0.04
_CAUGHT = 0.15


class Operator:
    """Runs one shot from the moment it comes on air."""

    def __init__(self, name: str, shot: Shot, aspect: float, seed: int) -> None:
        self._shot = shot
        self._aspect = aspect
        random = Random(f"{seed}/{name}")
        self._phases = [[random.uniform(0, 2 * math.pi) for _ in _SWAY_WAVES] for _ in range(6)]
        self._followed: Vec | None = None
        self._chasing = False

    def view(
        self,
        age_s: float,
        step_s: float,
        subject: Sequence[float] | None,
        facing_deg: float,
        size_m: float | None = None,
    ) -> View:
        """The view `age_s` after the shot began and `step_s` after the last one.

        `subject` is the point that the shot follows; None lets a following shot look where it last looked.
        `facing_deg` is where the subject looks, so that a camera at side 0 meets it from the front.
        `size_m` is its longest side; None: not known, or no matter.
        """
        shot = self._shot
        fov_deg = vertical_fov_deg(shot.fov, self._aspect)
        target = self._target(step_s, subject)
        eye = self._eye(target, facing_deg, self._distance_m(size_m))
        if shot.orbit_deg_per_s:
            eye = target + _turned(eye - target, shot.orbit_deg_per_s * age_s)
        if shot.dolly:
            share = min(max(age_s / shot.dolly.seconds, 0.0), 1.0)
            eye = eye + (np.array(shot.dolly.to) - eye) * (share * share * (3 - 2 * share))
        target = self._composed(eye, target, fov_deg)
        return View(*self._swayed(eye, target, age_s), fov_deg) if shot.sway else View(eye, target, fov_deg)

    def _target(self, step_s: float, subject: Sequence[float] | None) -> Vec:
        shot = self._shot
        place = np.array(shot.look_at or (0.0, 1.2, 0.0), float)
        if shot.follow is not None:
            if subject is not None:
                point = np.array(subject, float)
                # After `ease_s` 95 % of a move has been followed.
                rate = 1 - math.exp(-3 * step_s / shot.ease_s) if shot.ease_s else 1.0
                before = point if self._followed is None else self._followed
                if self._chases(float(np.linalg.norm(point - before))):
                    self._followed = before + (point - before) * rate
                else:
                    self._followed = before
            place = place if self._followed is None else self._followed
        target: Vec = place + np.array(shot.offset)
        return target

    def _chases(self, drift_m: float) -> bool:
        """Whether the camera moves for a subject that is so far from where it looks.

        Like a person at the handle it lets the subject breathe and nod within the frame. A camera at rest also lets
        the renderer keep its picture of the set.
        """
        slack_m = _SLACK * self._shot.distance if self._shot.ease_s else 0.0
        self._chasing = drift_m > (_CAUGHT * slack_m if self._chasing else slack_m)
        return self._chasing

    def _distance_m(self, size_m: float | None) -> float:
        """From what is followed: as written, unless a product should fill its share, or would burst the frame."""
        shot = self._shot
        if size_m is None:
            return shot.distance
        fills_all_m = size_m / 2 / math.tan(math.radians(shot.fov) / 2) + size_m / 2
        if shot.fill is not None:
            return max(fills_all_m / shot.fill, _NEAREST_M)
        return max(shot.distance, fills_all_m)

    def _eye(self, target: Vec, facing_deg: float, distance_m: float) -> Vec:
        shot = self._shot
        if shot.from_ is not None:
            return np.array(shot.from_, float)
        # Farther away, the camera goes up along with it, so that the angle stays as written.
        rise_m = shot.height * distance_m / shot.distance
        eye: Vec = target + direction(facing_deg + shot.side) * distance_m + np.array([0.0, rise_m, 0.0])
        return eye

    def _composed(self, eye: Vec, target: Vec, fov_deg: float) -> Vec:
        """Looks a little lower than at what it shows, so that this stands above the middle."""
        followed, portrait = self._shot.follow, self._aspect < 1
        if followed is None:
            lift = _FIXED_LIFT_PORTRAIT if portrait else 0.0
        elif followed in _HEADS:
            lift = _HEAD_LIFT_PORTRAIT if portrait else _HEAD_LIFT
        else:
            lift = _PRODUCT_LIFT
        half_height_m = float(np.linalg.norm(target - eye)) * math.tan(math.radians(fov_deg) / 2)
        lower: Vec = target - np.array([0.0, 2 * half_height_m * lift, 0.0])
        return lower

    def _swayed(self, eye: Vec, target: Vec, age_s: float) -> tuple[Vec, Vec]:
        waves = [
            sum(
                share * math.sin(2 * math.pi * hz * age_s + phase)
                for (hz, share), phase in zip(_SWAY_WAVES, row, strict=True)
            )
            for row in self._phases
        ]
        sway = self._shot.sway
        moved = np.array(waves[:3]) * _SWAY_M * sway
        reach_m = float(np.linalg.norm(target - eye)) * math.radians(_SWAY_DEG) * sway
        return eye + moved, target + moved + np.array(waves[3:]) * reach_m


def _turned(vector: Vec, turn_deg: float) -> Vec:
    turn = math.radians(turn_deg)
    cos, sin = math.cos(turn), math.sin(turn)
    x, y, z = vector
    return np.array([x * cos + z * sin, y, z * cos - x * sin])
