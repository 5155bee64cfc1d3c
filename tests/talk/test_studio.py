"""A voice behind its one method: engine, mastering, store."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import pytest

from nightcast.talk.records import SpeechRequest
from nightcast.talk.spoken.normalise import Speller
from nightcast.talk.store import AudioStore
from nightcast.talk.voice import studio
from nightcast.talk.voice.mastering import NATURAL, Colour, Master, Preset, master
from nightcast.talk.voice.take import Take
from tests.talk.voices import StubEngine


def test_lines_that_come_at_once_are_mastered_in_one_thread_so_that_one_heap_grows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads = set[int]()

    def watched(take: Take, colour: Colour, preset: Preset) -> Master:
        threads.add(threading.get_ident())
        return master(take, colour, preset)

    async def speak_six() -> None:
        voice = studio.StudioVoice(StubEngine(), AudioStore(tmp_path), Speller(), NATURAL)
        texts = ("one", "two", "three", "four", "five", "six")
        await asyncio.gather(*(voice.synthesise(SpeechRequest(text, f"{text} lamps", "en")) for text in texts))

    monkeypatch.setattr(studio, "master", watched)
    asyncio.run(speak_six())
    assert len(threads) == 1
