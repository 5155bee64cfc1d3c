"""Sounds and fake engines for tests of voices."""

from __future__ import annotations

import io
import wave
from dataclasses import dataclass, field

import av
import numpy as np

from nightcast.talk.errors import VoiceError
from nightcast.talk.voice.take import Phone, Samples, Take, TakeWord, Utterance


def mp3(samples: Samples, rate_hz: int) -> bytes:
    """24 kHz, mono, 48 kbit/s at a constant rate: what the edge service sends."""
    import soxr

    sound = soxr.resample(samples, rate_hz, 24_000)
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp3") as container:
        stream = container.add_stream("libmp3lame", rate=24_000)
        stream.layout = "mono"
        stream.bit_rate = 48_000
        frame = av.AudioFrame.from_ndarray(
            (sound * 30_000).astype(np.int16).reshape(1, -1), format="s16", layout="mono"
        )
        frame.sample_rate = 24_000
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            container.mux(packet)
    return buffer.getvalue()


def wav(samples: Samples, rate_hz: int) -> bytes:
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        file.writeframes((samples * 30_000).astype("<i2").tobytes())
    return buffer.getvalue()


def rested(take: Take, tail_s: float = 0.4) -> Samples:
    """A take with the silence at its end that services send."""
    return np.concatenate([take.samples, np.zeros(int(tail_s * take.sample_rate_hz), np.float32)])


@dataclass
class StubEngine:
    """Speaks a tone as long as the text; fails as often as `failures` says."""

    name: str = "stub"
    revision: str = "1"
    failures: list[VoiceError] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    spoken: int = 0

    async def take(self, utterance: Utterance) -> Take:
        self.asked.append(utterance.spoken.text)
        if self.failures:
            raise self.failures.pop(0)
        self.spoken += 1
        length_s = max(0.5, 0.06 * len(utterance.spoken.text))
        time_s = np.arange(int(length_s * 48_000)) / 48_000
        samples = (0.3 * np.sin(2 * np.pi * 220 * time_s) * (1 + np.sin(2 * np.pi * 4 * time_s)) / 2).astype(np.float32)
        return Take(
            samples, 48_000, (Phone(0.0, length_s, "a"),), (TakeWord(0.0, length_s, 0, len(utterance.spoken.text)),)
        )

    async def close(self) -> None:
        return None
