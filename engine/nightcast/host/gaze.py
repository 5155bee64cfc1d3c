"""Where the host looks, and when it blinks.

A gaze shift is led by the eyes; the head follows later, slower and only part of the way, and the eyes then
turn back in their sockets so that they stay on the target. Between shifts the eyes never rest: small
saccades over a viewer's face, and glances aside when nobody is addressed. Directions are (yaw, pitch) in
degrees in host space: yaw is positive to the host's left (+X), pitch positive upwards.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache

import numpy as np

from nightcast.host import quaternion as quat
from nightcast.host.chance import Renewals, uniform
from nightcast.host.quaternion import F64
from nightcast.host.timeline import ease

#: Duration of a saccade: 21 ms and 2.2 ms for each degree (Carpenter 1988, the main sequence).
_SACCADE_BASE_S, _SACCADE_S_PER_DEG = 0.021, 0.0022
#: The head starts after the eyes and takes its time (Guitton and Volle 1987).
_HEAD_DELAY_S, _HEAD_BASE_S, _HEAD_S_PER_DEG = 0.06, 0.32, 0.006
#: Within this the eyes go alone; of the rest chest and head take their share (yaw, pitch). It is a smaller one than
#: that of somebody who works: a host who shows a thing goes on facing the audience.
_EYES_ALONE_DEG = 5.0
_HEAD_SHARE = np.array([0.62, 0.45])
_HEAD_LIMIT_DEG = np.array([42.0, 22.0])

#: Nothing is looked at that is farther aside, below or above than this (yaw, pitch).
_LEAST_DEG, _MOST_DEG = np.array([-75.0, -55.0]), np.array([75.0, 50.0])

#: A target that moves by more than this is a new one and gets a saccade; less is followed smoothly.
_NEW_TARGET_DEG = 6.0

#: A blink closes fast and opens slowly (VanderWerf et al. 2003).
_BLINK_CLOSE_S, _BLINK_SHUT_S, _BLINK_OPEN_S = 0.085, 0.035, 0.16
BLINK_S = _BLINK_CLOSE_S + _BLINK_SHUT_S + _BLINK_OPEN_S
_SHIFT_BLINK_DEG = 18.0

_Placing = Callable[[float, float, float], F64]

#: Where nobody is addressed: straight ahead, at this distance.
_AHEAD_M = 2.5


def direction_deg(offset: F64) -> F64:
    """(yaw, pitch) of a vector (3,)."""
    x, y, z = offset
    return np.array([math.degrees(math.atan2(x, z)), math.degrees(math.atan2(y, math.hypot(x, z)))])


def direction(angles_deg: F64) -> F64:
    """Unit vector (3,) of (yaw, pitch)."""
    yaw, pitch = map(math.radians, angles_deg.tolist())
    return np.array([math.sin(yaw) * math.cos(pitch), math.sin(pitch), math.cos(yaw) * math.cos(pitch)])


class Gaze:
    """The host's gaze. `look_at` is called at rising times; the rest is a function of time."""

    def __init__(self, seed: int, eye_reach: float = 1.0) -> None:
        """`eye_reach` is the share of an angle that the eyes turn by: VRM's range maps lessen it, and the head makes
        up for that.
        """
        self._seed = seed
        self._head_share = 1 - (1 - _HEAD_SHARE) * eye_reach
        self._eyes_alone_deg = _EYES_ALONE_DEG * eye_reach
        self._point: F64 | None = None
        self._shift_s = -1e9
        self._eyes_from = self._head_from = np.zeros(2)
        self._distance_from = _AHEAD_M
        self._span_deg = 0.0
        self._shift_blinks: list[float] = []
        self._blinks = Renewals(seed + 1, median_s=3.4, spread=0.55, least_s=0.8)
        self._glances = Renewals(seed + 2, median_s=3.2, spread=0.6, least_s=0.9)
        self._flicks = Renewals(seed + 3, median_s=0.9, spread=0.5, least_s=0.28)

    def look_at(self, at_s: float, point: F64 | None, eyes: F64) -> None:
        """From `at_s` look at a point of host space (3,), or nowhere in particular. `eyes` is between the eyes."""
        new = self._aim(point, eyes)
        old = self._aim(self._point, eyes)
        span = float(np.linalg.norm(new - old))
        if (point is None) == (self._point is None) and span < _NEW_TARGET_DEG:
            self._point = point
            return
        eyes_from, distance = self._eyes(at_s, eyes), self._distance(at_s, eyes)
        self._eyes_from, self._head_from, self._distance_from = eyes_from, self.head(at_s, eyes), distance
        self._point, self._shift_s, self._span_deg = point, at_s, float(np.linalg.norm(new - eyes_from))
        if self._span_deg > _SHIFT_BLINK_DEG:
            chance = float(uniform(self._seed + 4, np.array([int(at_s * 1000)]))[0])
            if chance < 0.75:
                self._shift_blinks = [*self._shift_blinks[-3:], at_s]

    def head(self, time_s: float, eyes: F64) -> F64:
        """(yaw, pitch) degrees by which the face turns for the gaze, by chest, neck and head together."""
        aim = self._aim(self._point, eyes) + (self._glance(time_s, 0.8, 0.5) if self._point is None else 0)
        beyond = np.sign(aim) * np.maximum(np.abs(aim) - self._eyes_alone_deg, 0)
        wanted: F64 = np.clip(beyond * self._head_share, -_HEAD_LIMIT_DEG, _HEAD_LIMIT_DEG)
        duration = _HEAD_BASE_S + _HEAD_S_PER_DEG * self._span_deg
        share = ease((time_s - self._shift_s - _HEAD_DELAY_S) / duration)
        return self._head_from + (wanted - self._head_from) * share

    def target(self, time_s: float, eyes: F64) -> F64:
        """The point (3,) of host space that both eyes are on."""
        return eyes + direction(self._eyes(time_s, eyes)) * self._distance(time_s, eyes)

    def blink(self, time_s: float) -> float:
        """How far the lids are closed by blinking, 0..1."""
        moments = [*self._blinks.between(time_s - BLINK_S, time_s + 1e-9), *self._shift_blinks]
        return max((_lid(time_s - moment) for moment in moments), default=0.0)

    def _eyes(self, time_s: float, eyes: F64) -> F64:
        aim = self._aim(self._point, eyes)
        if self._point is None:
            aim = aim + self._glance(time_s, 0.06, 0.021)
        aim = aim + self._flick(time_s)
        share = ease((time_s - self._shift_s) / (_SACCADE_BASE_S + _SACCADE_S_PER_DEG * self._span_deg))
        return self._eyes_from + (aim - self._eyes_from) * share

    def _distance(self, time_s: float, eyes: F64) -> float:
        goal = _AHEAD_M if self._point is None else max(quat.length(self._point - eyes), 0.15)
        share = ease((time_s - self._shift_s) / 0.25)
        return self._distance_from + (goal - self._distance_from) * share

    def _aim(self, point: F64 | None, eyes: F64) -> F64:
        if point is None:
            return np.zeros(2)
        offset = point - eyes
        if quat.length(offset) < 1e-3:
            return np.zeros(2)
        aim: F64 = np.minimum(np.maximum(direction_deg(offset), _LEAST_DEG), _MOST_DEG)
        return aim

    def _glance(self, time_s: float, duration_s: float, delay_s: float) -> F64:
        """Where the eyes wander when nobody is addressed: mostly ahead, now and then aside."""
        return self._last_two(self._glances, time_s - delay_s, duration_s, self._seed + 10, _glance_at)

    def _flick(self, time_s: float) -> F64:
        return self._last_two(self._flicks, time_s, 0.025, self._seed + 20, _flick_at)

    def _last_two(self, renewals: Renewals, time_s: float, duration_s: float, seed: int, place: _Placing) -> F64:
        """Where the latest moment before `time_s` has led, coming from the one before it."""
        first_s, second_s = renewals.last_two(time_s).tolist()
        before, after = _led(place, seed, int(first_s * 1000)), _led(place, seed, int(second_s * 1000))
        here: F64 = before + (after - before) * ease((time_s - second_s) / duration_s)
        return here


@lru_cache(maxsize=64)
def _led(place: _Placing, seed: int, moment_ms: int) -> F64:
    """Where a moment led. It is asked for at each frame until the next but one has come."""
    return place(*uniform(seed, moment_ms + np.arange(3) * 1_000_000_007).tolist())


def _glance_at(a: float, b: float, c: float) -> F64:
    return np.array([(b - 0.5) * 44, (c - 0.6) * 20]) if a > 0.6 else np.zeros(2)


def _flick_at(a: float, b: float, c: float) -> F64:
    """Over a viewer's face: from eye to eye and to the mouth, within a degree or so."""
    return np.array([(a - 0.5) * 2.2, (b - 0.62) * 1.6])


def _lid(since_s: float) -> float:
    if since_s < 0 or since_s > BLINK_S:
        return 0.0
    if since_s < _BLINK_CLOSE_S:
        return ease(since_s / _BLINK_CLOSE_S)
    if since_s < _BLINK_CLOSE_S + _BLINK_SHUT_S:
        return 1.0
    return 1.0 - ease((since_s - _BLINK_CLOSE_S - _BLINK_SHUT_S) / _BLINK_OPEN_S)
