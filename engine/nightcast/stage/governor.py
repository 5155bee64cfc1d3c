"""Keeps the frame rate: draws less finely before a frame is late, and climbs back when there is room again.

Pure: it is told how long each frame took, and answers with the quality to draw at. What it sees is wall time, so an
encoder or another program on the same processor counts as well.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

__all__ = ["LADDER", "Governor", "Quality"]

_WINDOW = 45  # frames looked at
_ODD = 4  # of these, the slowest, which are not looked at: a scene that loads, a program that starts
_LATE = 1.0  # share of a frame's time that the others may take on average: the lead evens out single ones
_ROOM = 0.92  # share that the next better quality may be expected to take
_SETTLE_S = 12.0  # at a night's start plugins and scenes load; what is slow then is soon over
_CALM_S = 6.0  # with room for so long, it climbs
_MOST_CALM_S = 300.0
_PROOF_S = 10.0  # a climb that had to be undone this soon makes it more patient


@dataclass(frozen=True)
class Quality:
    """`scale` is drawn over delivered size; of `stride` frames one is drawn, and shown that many times.

    `plain` gives up normal maps, the shadow's softness and its pace.
    """

    scale: float = 1.0
    stride: int = 1
    plain: bool = False


#: From the best down. On a processor enlarging a picture costs 6 ms, so a size only a little smaller saves nothing:
#: plainer light goes first, then two thirds of the pixels, last of all the frame rate.
LADDER = (
    Quality(),
    Quality(plain=True),
    Quality(0.55, plain=True),
    Quality(0.55, 2, plain=True),
    Quality(0.45, 3, plain=True),
)

#: How many times longer a frame takes with all its light than with plain light (1.1 to 1.3 in the demo's shots).
_PLAIN_SAVES = 1.2

#: Share of a frame's time that goes with its pixels, in the demo's shots; the rest is the host's pose and vertices, the
#: draw calls, the overlays and the fetching.
_PIXELS = 0.1


class Governor:
    """Chooses a step of the ladder."""

    def __init__(self, fps: int) -> None:
        self._frame_s = 1 / fps
        self._step = 0
        self._took_s: deque[float] = deque(maxlen=_WINDOW)
        self._ran_s = 0.0
        self._calm_s = 0.0  # time with room for the next better step
        self._since_climb_s = _PROOF_S
        self._patience_s = _CALM_S

    @property
    def quality(self) -> Quality:
        return LADDER[self._step]

    def observe(self, took_s: float) -> Quality | None:
        """A frame took this long. The new quality where it changes, else None."""
        budget_s = self._frame_s * self.quality.stride
        self._took_s.append(took_s)
        self._since_climb_s += max(took_s, budget_s)
        self._ran_s += max(took_s, budget_s)
        if len(self._took_s) < _WINDOW or self._ran_s < _SETTLE_S:
            return None
        mean_s = sum(sorted(self._took_s)[:-_ODD]) / (_WINDOW - _ODD)
        if mean_s > _LATE * budget_s:
            return self._go_down()
        if self._step and mean_s * self._dearer() < _ROOM * self._budget_s(self._step - 1):
            self._calm_s += budget_s
            return self._climb() if self._calm_s >= self._patience_s else None
        self._calm_s = 0.0
        return None

    def _budget_s(self, step: int) -> float:
        return self._frame_s * LADDER[step].stride

    def _dearer(self) -> float:
        """How many times longer a frame of the next better step is likely to take.

        A climb that was too bold costs a second, and the next one waits twice as long.
        """
        better = LADDER[self._step - 1]
        light = _PLAIN_SAVES if self.quality.plain and not better.plain else 1.0
        return light * (1 - _PIXELS + _PIXELS * (better.scale / self.quality.scale) ** 2)

    def _go_down(self) -> Quality | None:
        if self._step == len(LADDER) - 1:
            return None
        if self._since_climb_s < _PROOF_S:
            self._patience_s = min(2 * self._patience_s, _MOST_CALM_S)
        return self._go_to(self._step + 1)

    def _climb(self) -> Quality:
        self._since_climb_s = 0.0
        return self._go_to(self._step - 1)

    def _go_to(self, step: int) -> Quality:
        self._step = step
        self._took_s.clear()
        self._calm_s = 0.0
        return self.quality
