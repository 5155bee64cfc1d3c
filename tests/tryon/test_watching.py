"""A source is watched ahead of the drawing; a live one that is lost is waited for."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from nightcast.tryon import watching
from nightcast.tryon.seen import ALL, Hand, Seen, Want
from nightcast.tryon.sources import Picture, SourceError
from nightcast.tryon.watching import Watcher


class Eyes:
    """A tracker that notes what was asked of it, and sees a hand when told to."""

    def __init__(self) -> None:
        self.asked: list[frozenset[Want]] = []
        self.hand = False
        self.forgot = 0

    def see(self, pixels: NDArray[np.uint8], wants: frozenset[Want] = frozenset(), *, still: bool = False) -> Seen:
        self.asked.append(wants)
        hand = Hand("left", np.zeros((21, 2)), np.zeros((21, 3)))
        mask = np.full((2, 2), 255, np.uint8) if "mask" in wants else None
        return Seen(hands=(hand,) if self.hand and "hands" in wants else (), mask=mask)

    def forget(self) -> None:
        self.forgot += 1

    def close(self) -> None: ...


def frames(count: int) -> Iterator[Picture]:
    for number in range(count):
        yield Picture(np.full((4, 4, 3), number, np.uint8), number / 30)


def test_every_picture_of_a_file_comes_in_order() -> None:
    with Watcher("clip.mp4", Eyes(), lambda _: frames(20)) as watcher:
        seen = [watched.picture.pixels[0, 0, 0] for watched in watcher if watched is not None]
    assert seen == list(range(20))


def test_a_lost_camera_is_opened_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "_RETRY_S", 0.01)
    openings = itertools.count()
    unplugged = threading.Event()

    def camera(source: str) -> Iterator[Picture]:
        opening = next(openings)
        if opening == 1:
            raise SourceError(source, "still unplugged")
        yield Picture(np.full((4, 4, 3), opening, np.uint8), 0.0)
        unplugged.wait(10)
        if opening == 0:
            raise SourceError(source, "unplugged")

    eyes = Eyes()
    with Watcher("0", eyes, camera) as watcher:
        seen = []
        for watched in watcher:
            seen.append(None if watched is None else int(watched.picture.pixels[0, 0, 0]))
            unplugged.set()
            if seen[-1]:
                break
    assert seen[0] == 0
    assert seen[-1] >= 2, "the second opening failed, a later one did not"
    assert eyes.forgot >= 3, "after a gap nothing is followed from where it was"


def test_a_camera_that_never_was_there_is_an_error() -> None:
    def camera(source: str) -> Iterator[Picture]:
        raise SourceError(source, "no such device")
        yield

    with Watcher("7", Eyes(), camera) as watcher, pytest.raises(SourceError, match="no such device"):
        list(watcher)


@pytest.mark.parametrize("hand", [False, True])
def test_hands_are_looked_for_seldom_until_one_is_seen(hand: bool) -> None:
    eyes = Eyes()
    eyes.hand = hand
    watcher = Watcher("clip.mp4", eyes, lambda _: frames(30))
    watcher.want(ALL)
    with watcher:
        seen = [watched for watched in watcher if watched is not None]
    asked = sum("hands" in wants for wants in eyes.asked[6:])
    assert asked == (24 if hand else 4)
    assert hand or all(not {"hands", "mask"} <= wants for wants in eyes.asked[6:]), "none waits for both"
    assert all(watched.seen.mask is not None for watched in seen[5:]), "a mask holds until the next"
