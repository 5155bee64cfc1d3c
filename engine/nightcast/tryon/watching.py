"""Watches a source with a tracker on a thread of its own, so that the next picture is looked at while one is drawn.

A file's pictures come all, in order. A camera or a stream cannot wait: only its newest picture is kept, and where it is
lost it is opened again until it comes back.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Self

from nightcast.tryon.errors import TryOnError
from nightcast.tryon.seen import ALL, Seen, Tracker, Want
from nightcast.tryon.sources import Picture, SourceError, is_live, is_still, pictures

__all__ = ["Watched", "Watcher"]

_RETRY_S = 2.0
_AHEAD = 2  #: pictures of a file that are looked at before they are asked for
#: A hand takes a while from the picture's edge to a face: where none was seen, they are looked for in every sixth
#: picture only, and the mask between, so that no picture waits for both.
_HANDS_EVERY = 6
_MASK_EVERY = 3
_FACE: frozenset[Want] = frozenset(("face",))


@dataclass(frozen=True, eq=False)
class Watched:
    """A picture and what was seen in it."""

    picture: Picture
    seen: Seen


class Watcher:
    """Usage:

    with Watcher("0", tracker) as watcher:
        for watched in watcher: …  # None: the source is lost for the moment

    Raises what the source and the tracker raise, where they were asked for: a source that never gave a picture is an
    error; a live one that did is waited for.
    """

    def __init__(
        self, source: str, tracker: Tracker, open_source: Callable[[str], Iterator[Picture]] = pictures
    ) -> None:
        self._source, self._tracker, self._open = source, tracker, open_source
        self._live, self._still = is_live(source), is_still(source)
        self._changed = threading.Condition()
        self._waiting: list[Watched | None] = []
        self._error: TryOnError | None = None
        self._done = self._ending = False
        self._wants = ALL if self._still else _FACE  # a photo is looked at once
        self._count = 0
        self._hand_seen = False
        self._last = Seen()
        self._thread = threading.Thread(target=self._run, name="watcher", daemon=True)

    def want(self, wants: frozenset[Want]) -> None:
        """What is looked for from the next picture on."""
        self._wants = wants

    def __iter__(self) -> Iterator[Watched | None]:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._done)
                if not self._waiting:
                    if self._error is not None:
                        raise self._error
                    return
                watched = self._waiting.pop(0)
                self._changed.notify_all()
            yield watched

    def close(self) -> None:
        with self._changed:
            self._ending = True
            self._changed.notify_all()
        self._thread.join(10)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _run(self) -> None:
        try:
            while self._watch() and not self._ending:
                self._put(None)
                with self._changed:
                    self._changed.wait_for(lambda: self._ending, timeout=_RETRY_S)
        except TryOnError as error:
            self._error = error
        finally:
            with self._changed:
                self._done = True
                self._changed.notify_all()

    def _watch(self) -> bool:
        """Watch until the source ends; whether it is to be opened again."""
        self._tracker.forget()
        self._hand_seen, self._last = False, Seen()
        try:
            for picture in self._open(self._source):
                if self._ending:
                    return False
                self._put(Watched(picture, self._see(picture)))
        except SourceError:
            if not self._live or self._count == 0:
                raise
        return self._live and self._count > 0

    def _see(self, picture: Picture) -> Seen:
        self._count += 1
        wants = set(self._wants)
        if not self._still:
            if not self._hand_seen and self._count % _HANDS_EVERY:
                wants.discard("hands")
            if self._count % _MASK_EVERY != 1 and self._last.mask is not None:
                wants.discard("mask")
        seen = self._tracker.see(picture.pixels, frozenset(wants), still=self._still)
        if "hands" in wants:
            self._hand_seen = bool(seen.hands)
        if "mask" in self._wants and seen.mask is None:
            seen = Seen(seen.faces, seen.hands, seen.body, self._last.mask)
        self._last = seen
        return seen

    def _put(self, watched: Watched | None) -> None:
        with self._changed:
            if watched is None and self._waiting:
                return  # the last picture is still to be drawn
            if self._live:
                self._waiting.clear()
            else:
                self._changed.wait_for(lambda: len(self._waiting) < _AHEAD or self._ending)
            self._waiting.append(watched)
            self._changed.notify_all()
