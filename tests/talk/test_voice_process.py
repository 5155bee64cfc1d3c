"""The voice worker as the director meets it: over its socket, in a process of its own."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from nightcast.process.channel import Joined, Server
from nightcast.talk.errors import VoiceError
from nightcast.talk.messages import Speak, Spoken, Unspoken, VoiceHealth, from_voice
from nightcast.talk.spoken.normalise import Speller
from nightcast.talk.store import AudioStore
from nightcast.talk.voice.ladder import Rung, VoiceLadder
from nightcast.talk.voice.mastering import NATURAL
from nightcast.talk.voice.studio import StudioVoice
from nightcast.talk.voice_process import VoiceWorker
from tests.talk.conftest import SHOW
from tests.talk.voices import StubEngine


async def next_of(messages: AsyncIterator[tuple[str, Any]], kind: type) -> Any:
    async with asyncio.timeout(60):
        async for _, message in messages:
            if isinstance(message, kind):
                return message
    raise AssertionError("the channel ended")


def speak(line_id: str, text: str, *, urgent: bool = False) -> Speak:
    return Speak(line_id=line_id, text=text, language="en", engine="stub", urgent=urgent)


@pytest.fixture
def worker(tmp_path: Path) -> tuple[VoiceWorker, StubEngine, list[Any]]:
    engine, sent = StubEngine(), list[Any]()
    voice = StudioVoice(engine, AudioStore(tmp_path), Speller(), NATURAL)
    ladder = VoiceLadder((Rung("stub", voice, 5.0),), lambda: 0.0)
    return VoiceWorker(ladder, sent.append, lambda: 0.0), engine, sent


async def run_until(worker: VoiceWorker, sent: list[Any], count: int) -> None:
    task = asyncio.create_task(worker.run())
    async with asyncio.timeout(30):
        while sum(not isinstance(message, VoiceHealth) for message in sent) < count:
            await asyncio.sleep(0.01)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def test_urgent_lines_go_first(
    worker: tuple[VoiceWorker, StubEngine, list[Any]],
) -> None:
    voice, engine, sent = worker
    for name in ("a", "b", "c", "d", "e"):
        voice.hear(speak(name, f"Line {name}."))
    voice.hear(speak("now", "An answer.", urgent=True))
    await run_until(voice, sent, 6)
    assert "An answer." in engine.asked[:3], "three workers take the first three"
    assert engine.spoken == 6


async def test_a_line_no_voice_can_speak_is_answered_too(worker: tuple[VoiceWorker, StubEngine, list[Any]]) -> None:
    voice, engine, sent = worker
    engine.failures = [VoiceError("stub", "has a cold")] * 2
    voice.hear(speak("a", "Line."))
    await run_until(voice, sent, 1)
    assert [message.reason.en for message in sent if isinstance(message, Unspoken)] == [
        "no voice could speak the line (stub: the voice 'stub' has a cold); run `nightcast doctor`"
    ]


async def test_a_fault_of_an_engine_costs_its_line_and_no_other(
    worker: tuple[VoiceWorker, StubEngine, list[Any]], caplog: pytest.LogCaptureFixture
) -> None:
    voice, engine, sent = worker
    engine.failures = [ZeroDivisionError("by a bug")]
    voice.hear(speak("a", "Line."))
    await run_until(voice, sent, 1)
    voice.hear(speak("b", "Another."))
    await run_until(voice, sent, 2)
    assert [message.reason.en for message in sent if isinstance(message, Unspoken)] == ["ZeroDivisionError: by a bug"]
    assert [message.line_id for message in sent if isinstance(message, Spoken)] == ["b"]
    assert "ZeroDivisionError" in caplog.text


@pytest.mark.slow
async def test_the_process_speaks_over_its_socket(tmp_path: Path, show_root: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="nc") as short:
        socket = Path(short) / "d.sock"
        run = tmp_path / "run.json"
        files = {"script": show_root / "scripts" / "night.yaml", "root": show_root, "socket": socket}
        run.write_text(json.dumps({name: str(path) for name, path in {**files, "speech": tmp_path / "s"}.items()}))
        async with Server(socket, {"voice": from_voice}) as server:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "nightcast.talk.voice_process",
                str(run),
                env={**os.environ, "PYTHONPATH": str(SHOW / "engine"), "RTMP_URL": "rtmp://127.0.0.1/live/key"},
            )
            try:
                messages = aiter(server)
                await next_of(messages, Joined)
                server.send("voice", Speak(line_id="a", text="Good evening.", language="en"))
                spoken = await next_of(messages, Spoken)
            finally:
                process.kill()
                await process.wait()
    speech = spoken.speech()
    assert (speech.line_id, speech.engine) == ("a", "espeak")
    assert Path(speech.path).exists()
    assert speech.visemes[-1].viseme == "sil"
