"""Answers as segments: what interrupts the plan, and what leads back to it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from nightcast.show.fields import Text
from nightcast.talk.answer import Answer
from nightcast.talk.records import Line, Segment

__all__ = ["Bridges", "answer_segment", "bridge_segment"]

_BRIDGE_REST_S = 75.0


@dataclass
class Bridges:
    """When a bridge is worth saying: not after each of many answers in a row."""

    _last_s: float = float("-inf")

    def wanted(self, now_s: float) -> bool:
        """Whether an answer given now should be followed by one; if so, it is counted as said."""
        if now_s - self._last_s < _BRIDGE_REST_S:
            return False
        self._last_s = now_s
        return True


def answer_segment(segment_id: str, answer: Answer) -> Segment:
    """An answer to a viewer; where a try-on was asked for, the host puts it on as it speaks."""
    line = replace(answer.line, id=f"{segment_id}.1", wear=answer.try_on or answer.line.wear)
    asked = Text(en=f"a viewer asked ({answer.intent})", zh="回答观众提问")
    return Segment(segment_id, "answer", (line,), answer.product_id, asked)


def bridge_segment(segment_id: str, back: Line) -> Segment:
    """The sentence that leads back to what was interrupted."""
    why = Text(en="back after an answer", zh="回答之后接回原来的话题")
    return Segment(segment_id, "bridge", (replace(back, id=f"{segment_id}.1"),), reason=why)
