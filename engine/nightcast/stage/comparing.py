"""Before and after in one picture: a line comes in from the left, stops in the host's face, and leaves again. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from nightcast.stage.overlays.motion import ease
from nightcast.stage.state import Compared

__all__ = ["Comparison"]

_COMES_S, _LEAVES_S = 0.8, 0.5
#: A face nearer to the picture's edge than this share of its width is not compared.
_EDGE = 0.06


@dataclass(frozen=True)
class Comparison:
    """From when until when the host is compared with itself `without` a product; None: without all of them."""

    without: str | None
    from_s: float
    until_s: float | None = None

    def ended(self, now_s: float) -> bool:
        return self.until_s is not None and now_s >= self.until_s + _LEAVES_S

    def shown(self, now_s: float, face: float) -> Compared | None:
        """With the face `face` of the picture's width from its left; None where there is nothing to be seen of it."""
        if not _EDGE < face < 1 - _EDGE:
            return None
        share = ease("in_out", (now_s - self.from_s) / _COMES_S)
        if self.until_s is not None and now_s > self.until_s:
            share *= 1 - ease("in_out", (now_s - self.until_s) / _LEAVES_S)
        return Compared(share * face, self.without) if share > 0 else None
