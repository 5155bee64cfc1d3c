"""Audio files as samples: (n, 2) float32 at 48 kHz, decoded and resampled by FFmpeg through PyAV."""

from __future__ import annotations

from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nightcast.air.errors import SoundError
from nightcast.process.shared import SAMPLE_RATE_HZ

Samples = NDArray[np.float32]

MAX_S = 900.0  # seconds; 346 MB as float32: more is surely not what was meant
_LOUDEST = 4.0  # 12 dB over full scale; the limiter would hold the programme down for seconds after more


def load(path: Path) -> Samples:
    """Decode a file: (n, 2) float32, 48 kHz, full scale ±1. Mono goes to both sides, as loud as it was.

    All values are finite, whatever a file of floats holds: one that is not would silence the mix for the whole night.

    Raises SoundError.
    """
    import av

    blocks: list[Samples] = []
    count = 0
    try:
        with av.open(path, metadata_errors="replace") as container:
            if not container.streams.audio:
                raise SoundError(path, "it holds no sound")
            # FFmpeg gives each side of a mono sound 3 dB less. That keeps its loudness as mastered, since BS.1770 adds
            # up the power of the channels.
            resampler = av.AudioResampler("fltp", "stereo", SAMPLE_RATE_HZ)
            for decoded in chain(container.decode(audio=0), (None,)):
                for frame in resampler.resample(decoded):
                    blocks.append(frame.to_ndarray().T.astype(np.float32, copy=False))
                    count += len(blocks[-1])
                    if count > MAX_S * SAMPLE_RATE_HZ:
                        raise SoundError(path, f"it is longer than {MAX_S:.0f} s")
    except (av.FFmpegError, OSError) as error:
        raise SoundError(path, error.strerror or str(error)) from error
    if not count:
        raise SoundError(path, "it is empty")
    samples = np.nan_to_num(np.concatenate(blocks), copy=False, posinf=_LOUDEST, neginf=-_LOUDEST)
    return np.ascontiguousarray(np.clip(samples, -_LOUDEST, _LOUDEST, out=samples))
