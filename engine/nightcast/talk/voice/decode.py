"""Encoded sound (MP3, WAV, FLAC, Opus, …) to mono float32, by PyAV."""

from __future__ import annotations

import io

import numpy as np

from nightcast.talk.errors import VoiceError
from nightcast.talk.voice.take import Samples


def decode(data: bytes, engine: str) -> tuple[Samples, int]:
    """Samples of shape (n,) and their rate. Raises VoiceError where the bytes are no sound."""
    import av

    try:
        with av.open(io.BytesIO(data), "r") as container:
            stream = container.streams.audio[0]
            resampler = av.AudioResampler(format="flt", layout="mono")
            blocks = [
                block.to_ndarray().reshape(-1)
                for frame in container.decode(stream)
                for block in resampler.resample(frame)
            ]
            rate_hz = int(stream.rate or 0)
    except (av.FFmpegError, IndexError, ValueError) as error:
        raise VoiceError(engine, f"sent {len(data)} bytes that are no sound") from error
    if not blocks or not rate_hz:
        raise VoiceError(engine, "sent an empty sound")
    return np.concatenate(blocks).astype(np.float32), rate_hz
