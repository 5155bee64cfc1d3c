"""The room's comments on the picture: which may be there, and when they must leave it.

What viewers write stands there as if the brand had said it. So it passes the gate like every other text on the
picture, the name beside it too.
"""

from __future__ import annotations

import re
from collections import OrderedDict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from nightcast.director.live import Live
from nightcast.process.shared import SAMPLE_RATE_HZ
from nightcast.room import events as e
from nightcast.stage.cues import ChatCue, ChatGoneCue
from nightcast.talk.records import Language

__all__ = ["Chat"]

_REMEMBERED = 200  # comments; the stage keeps fewer
_MOST_PER_S = 8  # nobody reads more, and judging one takes milliseconds of the loop that keeps the host speaking
_FOR_EVER = datetime.max.replace(tzinfo=UTC)
_SILENT = "silent_viewers"  # what the journal remembers them by, for the director that comes after this one
_HAN, _LATIN = re.compile(r"[\u4e00-\u9fff]+"), re.compile(r"[A-Za-z]+")


@dataclass
class Chat:
    """One night's comments. All calls come from the director's loop."""

    live: Live
    _shown: OrderedDict[str, tuple[str, int]] = field(default_factory=OrderedDict)  # comment to viewer, and since when
    _silent: dict[str, datetime] = field(init=False)  # viewers that are not shown, until when
    _judged: deque[int] = field(
        default_factory=lambda: deque(maxlen=_MOST_PER_S)
    )  # when the last ones were, in samples

    def __post_init__(self) -> None:
        remembered = self.live.journal.recall(_SILENT) or {}
        self._silent = {viewer: datetime.fromisoformat(until) for viewer, until in remembered.items()}

    def hear(self, event: e.EventData) -> None:
        """Show a comment, or take away what the platform deleted or moderation acted against."""
        match event:
            case e.Comment():
                self._show(event)
            case e.CommentDeleted(comment_id=comment) | e.ModerationFlag(verb="delete", comment_id=str(comment)):
                self._take_away(comment)
            case e.ModerationFlag(verb="delete" | "mute" | "block"):
                self._silence(event)

    def _show(self, comment: e.Comment) -> None:
        at, viewer = self.live.soon, comment.user.ref
        name, text = (" ".join(words.split()) for words in (comment.user.nickname, comment.text))
        if self._is_silent(viewer) or self._is_flooded():
            return
        if (name and not self._may_stand(name)) or not self._may_stand(text):
            return
        self._shown[comment.comment_id] = viewer, at
        if len(self._shown) > _REMEMBERED:
            self._shown.popitem(last=False)
        self.live.cue([ChatCue(at=at, user=name, text=text, comment_id=comment.comment_id)])

    def _take_away(self, comment_id: str) -> None:
        """At once, but not before it comes. Also what an earlier director showed."""
        _, since = self._shown.pop(comment_id, ("", 0))
        self.live.cue([ChatGoneCue(at=max(self.live.now, since), comment_id=comment_id)])

    def _silence(self, measure: e.ModerationFlag) -> None:
        """Take away all that a viewer wrote; after `mute` or `block` nothing more is shown for its time."""
        viewer, now = measure.user.ref, self.live.desk.now()
        theirs = [comment for comment, (writer, _) in self._shown.items() if writer == viewer]
        for comment in dict.fromkeys([*theirs, *([measure.comment_id] if measure.comment_id else [])]):
            self._take_away(comment)
        self._silent = {who: until for who, until in self._silent.items() if until > now}
        if measure.verb == "mute" and measure.seconds is not None:
            self._silent[viewer] = now + timedelta(seconds=measure.seconds)
        elif measure.verb != "delete":
            self._silent[viewer] = _FOR_EVER
        self.live.journal.remember(_SILENT, {who: until.isoformat() for who, until in self._silent.items()})

    def _is_silent(self, viewer: str) -> bool:
        until = self._silent.get(viewer)
        return until is not None and until > self.live.desk.now()

    def _is_flooded(self) -> bool:
        now = self.live.now
        if len(self._judged) == _MOST_PER_S and now - self._judged[0] < SAMPLE_RATE_HZ:
            return True
        self._judged.append(now)
        return False

    def _may_stand(self, words: str) -> bool:
        return not any(self.live.desk.objection_to_showing(*part) for part in _by_language(words))


def _by_language(words: str) -> Iterator[tuple[str, Language]]:
    """The Chinese of a text and the rest: viewers mix them, and either has rules of its own."""
    has_chinese = _HAN.search(words) is not None
    if has_chinese:
        yield _LATIN.sub(" ", words), "zh"
    if _LATIN.search(words) or not has_chinese:
        yield _HAN.sub(" ", words), "en"
