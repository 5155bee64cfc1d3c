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
_HEAD_M = 0.24  # what is sharp about a face
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
    focus_m: tuple[float, float] = (1.0, 1.0)  #: sharp from here to here, along the line of sight
    aperture_m: float = 0.0

    def camera(self) -> Camera:
        distance_m = float(np.linalg.norm(self.target - self.eye))
        near_m = min(0.1, max(0.01, distance_m / 10))
        return Camera(
            look_at(self.eye.tolist(), self.target.tolist()),
            self.fov_deg,
            near_m,
            focus_m=self.focus_m,
            aperture_m=self.aperture_m,
        )

    def sees(self, point: Sequence[float], aspect: float) -> tuple[float, float]:
        """Where a point is seen, in shares of the picture from its left and its top; outside 0…1 beside the picture."""
        view = look_at(self.eye.tolist(), self.target.tolist())
        x, y, z = view[:3, :3] @ np.asarray(point, np.float32) + view[:3, 3]
        half = max(-float(z), 1e-6) * math.tan(math.radians(self.fov_deg) / 2)
        return 0.5 + 0.5 * float(x) / half / aspect, 0.5 - 0.5 * float(y) / half


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

#: How far what should be sharp may stray, and how soon the focus has been pulled after it.
_FOCUS_SLACK_M = 0.05
_FOCUS_EASE_S = 0.5


class _Follower:
    """A point that keeps up with a moving one, as a person at the handle would keep it.

    It lets the subject breathe and nod, and sets off once that is `slack_m` away. What rests also lets the renderer
    keep its picture of the set. After `ease_s` 95 % of a move has been followed.
    """

    def __init__(self, slack_m: float, ease_s: float) -> None:
        self._slack_m = slack_m if ease_s else 0.0
        self._ease_s = ease_s
        self._at: Vec | None = None
        self._chasing = False

    def follow(self, subject: Sequence[float] | None, step_s: float) -> Vec | None:
        """Where it is `step_s` later; it stays while there is no subject. None: there never was one."""
        if subject is None:
            return self._at
        point = np.array(subject, float)
        at = point if self._at is None else self._at
        self._chasing = float(np.linalg.norm(point - at)) > self._slack_m * (_CAUGHT if self._chasing else 1.0)
        if self._chasing:
            at = at + (point - at) * (1 - math.exp(-3 * step_s / self._ease_s) if self._ease_s else 1.0)
        self._at = at
        return at


class Operator:
    """Runs one shot from the moment it comes on air. `aperture_mm` is the scene's, for a shot without one."""

    def __init__(self, name: str, shot: Shot, aspect: float, seed: int, aperture_mm: float = 0.0) -> None:
        self._shot = shot if aspect >= 1 else shot.upright
        self._aspect = aspect
        random = Random(f"{seed}/{name}")
        self._phases = [[random.uniform(0, 2 * math.pi) for _ in _SWAY_WAVES] for _ in range(6)]
        self._aim = _Follower(_SLACK * shot.distance, shot.ease_s)
        self._focus = _Follower(_FOCUS_SLACK_M, _FOCUS_EASE_S)
        self._aperture_m = (aperture_mm if shot.depth_of_field is None else shot.depth_of_field) / 1000

    def view(
        self,
        age_s: float,
        step_s: float,
        subject: Sequence[float] | None,
        facing_deg: float,
        size_m: float | None = None,
        sharp: tuple[Sequence[float], float | None] | None = None,
    ) -> View:
        """The view `age_s` after the shot began and `step_s` after the last one.

        `subject` is the point that the shot follows; None lets a following shot look where it last looked.
        `facing_deg` is where the subject looks, so that a camera at side 0 meets it from the front.
        `size_m` is its longest side; None: not known, or no matter.
        `sharp` is point and longest side of what the shot's `focus` names; None: of what the shot looks at.
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
        seen = target
        target = self._composed(eye, target, fov_deg)
        point, deep_m = sharp or (seen.tolist(), size_m)
        focus_m = self._focus_m(eye, target, point, deep_m, step_s)
        if shot.sway:
            eye, target = self._swayed(eye, target, age_s)
        return View(eye, target, fov_deg, focus_m, self._aperture_m)

    def _target(self, step_s: float, subject: Sequence[float] | None) -> Vec:
        shot = self._shot
        place = np.array(shot.look_at or (0.0, 1.2, 0.0), float)
        if shot.follow is not None and (followed := self._aim.follow(subject, step_s)) is not None:
            place = followed
        target: Vec = place + np.array(shot.offset)
        return target

    def _focus_m(
        self, eye: Vec, target: Vec, point: Sequence[float], deep_m: float | None, step_s: float
    ) -> tuple[float, float]:
        """From where to where it is sharp, along the line of sight: about a thing at `point` of this size."""
        half_m = (_HEAD_M if deep_m is None else deep_m) / 2
        if isinstance(self._shot.focus, float):
            middle_m = self._shot.focus
        else:
            ahead = (target - eye) / max(float(np.linalg.norm(target - eye)), 1e-6)
            followed = self._focus.follow(point, step_s)
            middle_m = float(((eye if followed is None else followed) - eye) @ ahead)
        nearest_m = max(middle_m - half_m, _NEAREST_M)
        return nearest_m, max(middle_m + half_m, nearest_m)

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
