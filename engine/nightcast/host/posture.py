"""Which posture the host stands in: a pure function of time, of its place and of the seed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np

from nightcast.host.body import SIDES, Body
from nightcast.host.bones import INDEX
from nightcast.host.chance import Renewals, uniform
from nightcast.host.counter import Counter
from nightcast.host.quaternion import F64
from nightcast.host.timeline import ease
from nightcast.show.errors import ShowError
from nightcast.show.gesture import HandKey
from nightcast.show.load import load_yaml
from nightcast.show.posture import Posture

__all__ = ["Posture", "Postures", "load_postures"]

#: How long a posture is kept: the middle of what is common, how widely that varies, and the least.
_KEPT_S, _SPREAD, _LEAST_S = 19.0, 0.35, 9.0

#: From one posture to the next.
_CHANGE_S = 1.8

#: A counter is in reach where the arm stays bent a little.
_REACH = 0.97


def load_postures(folder: Path, left_out: Callable[[ShowError], None] | None = None) -> tuple[Posture, ...]:
    """All postures of a folder in the order of their files; none where there is no folder.

    A file that is wrong is told to `left_out`; without it, ShowError is raised.
    """
    postures = []
    for path in sorted(folder.glob("*.yaml")):
        try:
            postures.append(load_yaml(path, Posture, path.parent))
        except ShowError as error:
            if left_out is None:
                raise
            left_out(error)
    return tuple(postures)


class Postures:
    """The postures of one body in the place where it stands."""

    def __init__(self, body: Body, postures: Sequence[Posture], seed: int) -> None:
        self._body = body
        self._all = tuple(postures)
        self._seed = seed
        self._changes = Renewals(seed, _KEPT_S, _SPREAD, _LEAST_S)
        self._here = self._fitting(None)

    def stand_behind(self, counter: Counter | None) -> None:
        """From now on choose among the postures of this place."""
        self._here = self._fitting(counter)

    def at(self, time_s: float) -> list[tuple[Posture, float]]:
        """The posture at a moment, or the one that is left and the one that is taken, with their shares."""
        if not self._here:
            return []
        moments = self._changes.last_two(time_s)
        before, now = (self._choice(moment) for moment in (moments[0], moments[-1]))
        share = ease((time_s - moments[-1]) / _CHANGE_S)
        return [(now, 1.0)] if before is now or share >= 1 else [(before, 1 - share), (now, share)]

    def carrying(self, place: str, side: str) -> HandKey | None:
        """The hand of an arm that a bag hangs from; None where no posture tells of it, and the arm hangs."""
        return next((posture.hand(side) for posture in self._all if posture.place == place), None)

    def wrist(self, hand: HandKey, side: str, counter: Counter) -> F64:
        """Where a hand on the counter has its wrist, (3,) in host space."""
        out, up, beyond = (self._body.measures.arm * value for value in hand.at)
        sign = 1.0 if side == "left" else -1.0
        return np.array([sign * out, counter.top_m + up, counter.edge_m + beyond])

    def _choice(self, moment_s: float) -> Posture:
        return self._here[int(_pick(self._seed, int(moment_s * 1000)) * len(self._here))]

    def _fitting(self, counter: Counter | None) -> tuple[Posture, ...]:
        if counter is None:
            return tuple(posture for posture in self._all if posture.place == "free")
        return tuple(posture for posture in self._all if posture.place == "counter" and self._reaches(posture, counter))

    def _reaches(self, posture: Posture, counter: Counter) -> bool:
        for side in SIDES:
            hand = posture.hand(side)
            if hand is not None:
                shoulder = self._body.places[INDEX[f"{side}UpperArm"]]
                distance = float(np.linalg.norm(self.wrist(hand, side, counter) - shoulder))
                if distance > _REACH * self._body.measures.arm:
                    return False
        return True


@lru_cache(maxsize=64)
def _pick(seed: int, moment_ms: int) -> float:
    """A number in [0, 1) for the posture that is taken at a moment; it is asked for in every frame."""
    return float(uniform(seed + 11, np.array([moment_ms]))[0])
