"""The edge voice against a server that speaks its protocol and misbehaves as the real one does."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

import aiohttp
import pytest
from aiohttp import web
from edge_tts import communicate

from nightcast.talk.errors import IncompleteSpeechError, VoiceError
from nightcast.talk.spoken.normalise import Speller
from nightcast.talk.voice.edge import Boundary, Edge, align
from nightcast.talk.voice.espeak import Espeak
from nightcast.talk.voice.take import Take, Utterance
from tests.talk.voices import mp3, rested

TEXT = "The lantern is warm tonight, and the street is quiet."
SPOKEN = Speller().spell(TEXT, "en")
UTTERANCE = Utterance(SPOKEN, "en", "en-US-AvaMultilingualNeural")


@dataclass
class Service:
    """What the fake service sends, and how it breaks. `stretch` makes it slower than its reference."""

    take: Take
    stretch: float = 1.0
    words: bool = True
    skip_last_words: int = 0
    cut_at: float = 1.0  #: share of the sound that is sent
    end: bool = True
    status: int = 101
    silent: asyncio.Event = field(default_factory=asyncio.Event)
    is_silent: bool = False
    asked: int = 0

    async def serve(self, request: web.Request) -> web.StreamResponse:
        self.asked += 1
        if self.status != 101:
            return web.Response(status=self.status)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        for _ in range(2):  # the configuration and the text
            await socket.receive()
        await socket.send_str("X-RequestId:1\r\nPath:turn.start\r\n\r\n{}")
        if self.is_silent:
            await self.silent.wait()
            return socket
        if self.words:
            await self._send_words(socket)
        sound = mp3(rested(self.take), int(self.take.sample_rate_hz / self.stretch))
        sound = sound[: int(len(sound) * self.cut_at)]
        head = b"X-RequestId:1\r\nContent-Type:audio/mpeg\r\nPath:audio\r\n"
        for start in range(0, len(sound), 2048):
            await socket.send_bytes(len(head).to_bytes(2, "big") + head + sound[start : start + 2048])
        if self.end:
            await socket.send_str("X-RequestId:1\r\nPath:turn.end\r\n\r\n{}")
        await socket.close()
        return socket

    async def _send_words(self, socket: web.WebSocketResponse) -> None:
        words = self.take.words[: len(self.take.words) - self.skip_last_words]
        for word in words:
            data = {
                "Type": "WordBoundary",
                "Data": {
                    "Offset": int(word.start_s * self.stretch * 1e7),
                    "Duration": int((word.end_s - word.start_s) * self.stretch * 1e7),
                    "text": {"Text": SPOKEN.text[word.begin : word.end], "Length": 1, "BoundaryType": "WordBoundary"},
                },
            }
            body = json.dumps({"Metadata": [data]})
            await socket.send_str(
                f"X-RequestId:1\r\nContent-Type:application/json\r\nPath:audio.metadata\r\n\r\n{body}"
            )


@pytest.fixture
async def start(espeak: Espeak, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Callable[..., object]]:
    """Starts a service on a free port and points the library at it."""
    runners: list[web.AppRunner] = []
    services: list[Service] = []

    async def run(**faults: object) -> Service:
        service = Service(await espeak.take(Utterance(SPOKEN, "en")), **faults)  # type: ignore[arg-type]
        application = web.Application()
        application.router.add_get("/edge", service.serve)
        runner = web.AppRunner(application, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        port = runner.addresses[0][1]
        monkeypatch.setattr(communicate, "WSS_URL", f"ws://127.0.0.1:{port}/edge?token=x")
        runners.append(runner)
        services.append(service)
        return service

    yield run
    for service in services:
        service.silent.set()
    for runner in runners:
        await runner.cleanup()


async def test_phonemes_are_bent_into_the_words_of_the_service(start, espeak: Espeak) -> None:  # type: ignore[no-untyped-def]
    service = await start(stretch=1.4)
    take = await Edge(espeak).take(UTTERANCE)
    assert [SPOKEN.text[word.begin : word.end] for word in take.words] == [
        *("The", "lantern", "is", "warm", "tonight", "and", "the", "street", "is", "quiet")
    ]
    reference = [phone for phone in service.take.phones if phone.ipa]
    bent = [phone for phone in take.phones if phone.ipa]
    assert [phone.ipa for phone in bent] == [phone.ipa for phone in reference]
    for theirs, ours in zip(reference, bent, strict=True):
        assert ours.start_s == pytest.approx(theirs.start_s * 1.4, abs=0.02)


async def test_without_word_times_the_sentence_is_stretched(start, espeak: Espeak) -> None:  # type: ignore[no-untyped-def]
    service = await start(words=False, stretch=1.25)
    take = await Edge(espeak).take(UTTERANCE)
    middle = len(service.take.phones) // 2
    assert take.phones[middle].start_s == pytest.approx(service.take.phones[middle].start_s * 1.25, abs=0.12)


@pytest.mark.parametrize(
    ("faults", "told"),
    [
        ({"cut_at": 0.5, "end": False}, "broke off"),
        ({"cut_at": 0.5, "end": False, "words": False}, "broke off|expected"),
        ({"skip_last_words": 3}, "letters|left out"),
        ({"cut_at": 0.0}, "[Aa]udio"),
    ],
)
async def test_a_part_is_never_taken_for_the_whole(start, espeak: Espeak, faults, told) -> None:  # type: ignore[no-untyped-def]
    await start(**faults)
    with pytest.raises(VoiceError, match=told):
        await Edge(espeak).take(UTTERANCE)


async def test_a_refusal_is_a_voice_error(start, espeak: Espeak) -> None:  # type: ignore[no-untyped-def]
    service = await start(status=403)
    with pytest.raises(VoiceError, match="failed"):
        await Edge(espeak).take(UTTERANCE)
    assert service.asked <= 2


async def test_a_silent_service_can_be_given_up(start, espeak: Espeak) -> None:  # type: ignore[no-untyped-def]
    service = await start(is_silent=True)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.5):
            await Edge(espeak).take(UTTERANCE)
    assert service.asked == 1


async def test_no_network_is_a_voice_error(espeak: Espeak, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(communicate, "WSS_URL", "ws://127.0.0.1:1/edge?token=x")
    with pytest.raises(VoiceError, match="failed"):
        await Edge(espeak).take(UTTERANCE)


def test_words_that_cannot_be_found_are_left_out() -> None:
    boundaries = [Boundary(0, 1, "the"), Boundary(1, 2, "lamp"), Boundary(2, 3, "warm")]
    assert [(word.begin, word.end) for word in align(boundaries, SPOKEN)] == [(0, 3), (15, 19)]


def test_the_library_still_has_the_address_that_these_tests_replace() -> None:
    assert communicate.WSS_URL.startswith("wss://")
    assert issubclass(IncompleteSpeechError, VoiceError)
    assert aiohttp.__version__
