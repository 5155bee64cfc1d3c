"""The embedded voice: espeak-ng, offline, with a time for every phoneme, in English and Mandarin.

The library lives in a child process (see `espeak_child`); this side speaks asyncio. The same child serves as the
phoneme clock of the engines that have none (`warp`).
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from nightcast.talk.errors import VoiceError
from nightcast.talk.records import Language
from nightcast.talk.voice.take import Phone, Take, TakeWord, Utterance

_TIMEOUT_S = 10.0
#: Run as a file, so that it needs nothing of this package and no search path.
_CHILD = Path(__file__).with_name("espeak_child.py")
_WORDS_PER_MINUTE: dict[Language, int] = {"en": 164, "zh": 205}


@dataclass(frozen=True)
class Timbre:
    """A variant of espeak-ng's voices; pitch and range (0..99) for each language, as tones need more of both."""

    variant: str
    pitch: Mapping[Language, int]
    range: Mapping[Language, int]


#: A show names a voice "woman" or "man". Chosen by median pitch (190 and 108 Hz), spread, tilt and noise.
TIMBRES: Mapping[str, Timbre] = {
    "woman": Timbre("f2", {"en": 48, "zh": 60}, {"en": 62, "zh": 66}),
    "man": Timbre("m3", {"en": 46, "zh": 58}, {"en": 60, "zh": 64}),
}
_BASES: dict[Language, str] = {"en": "en-us", "zh": "cmn"}


class Espeak:
    """One child process, one utterance at a time. Safe to share between tasks of one event loop."""

    name = "espeak"
    revision = "1.52-1"

    def __init__(self, command: tuple[str, ...] = (sys.executable, "-P", os.fspath(_CHILD))) -> None:
        self._command = command
        self._process: asyncio.subprocess.Process | None = None
        self._lock = asyncio.Lock()

    async def take(self, utterance: Utterance) -> Take:
        return _parse(*await self._ask(_request(utterance)), text=utterance.spoken.text)

    async def close(self) -> None:
        process, self._process = self._process, None
        if process and process.returncode is None:
            with contextlib.suppress(ProcessLookupError):  # it ended by itself in the meantime
                process.kill()
            await process.wait()

    async def _ask(self, request: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
        async with self._lock:
            try:
                async with asyncio.timeout(_TIMEOUT_S):
                    process = await self._running()
                    assert process.stdin is not None  # both are pipes
                    assert process.stdout is not None
                    process.stdin.write(json.dumps(request).encode() + b"\n")
                    await process.stdin.drain()
                    head = json.loads(await process.stdout.readline() or b"{}")
                    body = await process.stdout.readexactly(head.get("bytes", 0))
            except (TimeoutError, OSError, ValueError, asyncio.IncompleteReadError) as error:
                await self.close()
                raise VoiceError(self.name, f"gave no answer ({type(error).__name__})") from error
            except asyncio.CancelledError:
                await self.close()  # an answer nobody waits for must not be read as the next one
                raise
        if "error" in head or not head:
            if not head:
                await self.close()
            raise VoiceError(self.name, head.get("error", "ended without an answer"), retry=not head)
        return head, body

    async def _running(self) -> asyncio.subprocess.Process:
        if self._process is None or self._process.returncode is not None:
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                limit=2**22,
            )
        return self._process


def _request(utterance: Utterance) -> dict[str, Any]:
    base = _BASES[utterance.language]
    timbre = TIMBRES.get(utterance.voice or "woman")
    words_per_minute = round(_WORDS_PER_MINUTE[utterance.language] * utterance.rate)
    parameters = {"rate": min(max(words_per_minute, 80), 400), "word_gap": 0}
    if timbre is None:
        voice = str(utterance.voice)
    else:
        voice = f"{base}+{timbre.variant}"
        parameters |= {"pitch": timbre.pitch[utterance.language], "range": timbre.range[utterance.language]}
    return {"voice": voice, "text": utterance.spoken.text, "parameters": parameters}


def _parse(head: dict[str, Any], body: bytes, text: str) -> Take:
    samples = np.frombuffer(body, "<i2").astype(np.float32) / 32768.0
    end_s = len(samples) / head["sample_rate_hz"]
    phones: list[Phone] = []
    words: list[TakeWord] = []
    for event in head["events"]:
        at_s = min(event["at_s"], end_s)
        if "begin" in event:
            _close_word(words, at_s)
            if event["begin"] < len(text):
                words.append(TakeWord(at_s, end_s, event["begin"], min(event["begin"] + event["length"], len(text))))
        elif event.get("end"):
            _close_word(words, at_s)
        elif not event["ipa"].startswith("("):  # "(en)" marks a change of language
            if phones:
                phones[-1] = Phone(phones[-1].start_s, at_s, phones[-1].ipa)
            if not event["ipa"] and words and words[-1].end_s == end_s:
                _close_word(words, at_s)
            phones.append(Phone(at_s, end_s, event["ipa"]))
    return Take(samples, head["sample_rate_hz"], tuple(phones), tuple(words))


def _close_word(words: list[TakeWord], at_s: float) -> None:
    if words and words[-1].end_s > at_s:
        last = words[-1]
        words[-1] = TakeWord(last.start_s, max(at_s, last.start_s), last.begin, last.end)
