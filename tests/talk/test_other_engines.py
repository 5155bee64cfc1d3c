"""Speech servers of the OpenAI kind, and Piper as a program, both with a way to go wrong."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from nightcast.talk.errors import VoiceError
from nightcast.talk.spoken.normalise import Speller
from nightcast.talk.voice.espeak import Espeak
from nightcast.talk.voice.openai_speech import OpenAiSpeech
from nightcast.talk.voice.piper import Piper
from nightcast.talk.voice.take import Utterance
from tests.talk.voices import rested, wav

UTTERANCE = Utterance(Speller().spell("The lantern is warm tonight.", "en"), "en")


class SpeechServer:
    def __init__(self) -> None:
        self.sound = b""
        self.status = 200
        self.promise = 0  #: bytes that are promised beyond those that are sent
        self.asked: list[dict[str, object]] = []

    async def serve(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(await request.json())
        if self.status != 200:
            return web.json_response({"error": "no such voice"}, status=self.status)
        answer = web.StreamResponse(headers={"Content-Length": str(len(self.sound) + self.promise)})
        await answer.prepare(request)
        await answer.write(self.sound)
        if self.promise and request.transport:
            request.transport.close()
        return answer


@pytest.fixture
async def server() -> AsyncIterator[tuple[SpeechServer, str]]:
    speech = SpeechServer()
    application = web.Application()
    application.router.add_post("/v1/audio/speech", speech.serve)
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield speech, f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    await runner.cleanup()


async def test_a_speech_server_gives_sound_with_phonemes_laid_into_it(
    server: tuple[SpeechServer, str], espeak: Espeak
) -> None:
    speech, url = server
    reference = await espeak.take(UTTERANCE)
    speech.sound = wav(rested(reference), reference.sample_rate_hz)
    take = await OpenAiSpeech(espeak, url, key="k").take(UTTERANCE)
    assert speech.asked[0]["input"] == UTTERANCE.spoken.text
    assert [phone.ipa for phone in take.phones] == [phone.ipa for phone in reference.phones]
    assert take.phones[5].start_s == pytest.approx(reference.phones[5].start_s, abs=0.08)


@pytest.mark.parametrize("fault", ["refused", "cut", "short", "no sound"])
async def test_a_speech_server_that_fails_is_told(server: tuple[SpeechServer, str], espeak: Espeak, fault: str) -> None:
    speech, url = server
    reference = await espeak.take(UTTERANCE)
    speech.sound = wav(rested(reference), reference.sample_rate_hz)
    match fault:
        case "refused":
            speech.status = 401
        case "cut":
            speech.promise = 50_000
        case "short":
            speech.sound = wav(rested(reference)[: reference.sample_rate_hz // 2], reference.sample_rate_hz)
        case "no sound":
            speech.sound = b"<html>busy</html>"
    with pytest.raises(VoiceError, match="openai"):
        await OpenAiSpeech(espeak, url).take(UTTERANCE)


def piper_program(folder: Path, body: str) -> str:
    program = folder / "piper"
    program.write_text(f"#!{sys.executable}\nimport sys\ntext = sys.stdin.read()\n{body}\n", "utf-8")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return os.fspath(program)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    (tmp_path / "voice.onnx.json").write_text('{"audio": {"sample_rate": 22050}}', "utf-8")
    return tmp_path / "voice.onnx"


async def test_piper_speaks_through_its_program(espeak: Espeak, model: Path, tmp_path: Path) -> None:
    reference = await espeak.take(UTTERANCE)
    raw = tmp_path / "sound.raw"
    raw.write_bytes((reference.samples * 30_000).astype("<i2").tobytes())
    program = piper_program(tmp_path, f"sys.stdout.buffer.write(open({str(raw)!r}, 'rb').read())")
    take = await Piper(espeak, model, program).take(UTTERANCE)
    assert take.sample_rate_hz == 22_050
    assert len(take.phones) == len(reference.phones)


async def test_piper_that_fails_says_why(espeak: Espeak, model: Path, tmp_path: Path) -> None:
    program = piper_program(tmp_path, "sys.exit('no such model')")
    with pytest.raises(VoiceError, match="no such model"):
        await Piper(espeak, model, program).take(UTTERANCE)
    with pytest.raises(VoiceError, match="not installed"):
        await Piper(espeak, model, str(tmp_path / "nowhere")).take(UTTERANCE)
    with pytest.raises(VoiceError, match=r"onnx\.json"):
        await Piper(espeak, tmp_path / "other.onnx", program).take(UTTERANCE)
