"""Audio files as samples: (n, 2) float32 at 48 kHz, decoded and resampled by FFmpeg through PyAV."""

from __future__ import annotations

import os
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nightcast.air.errors import SoundError
from nightcast.process.shared import SAMPLE_RATE_HZ
from nightcast.show.fields import Text
from nightcast.show.system import refusal

Samples = NDArray[np.float32]

MAX_S = 900.0  # seconds; 346 MB as float32: more is surely not what was meant
_LOUDEST = 4.0  # 12 dB over full scale; the limiter would hold the programme down for seconds after more


_LACKS_S = 0.1  # a file that lacks less has only rounded its length
_OGG_PAGE_BYTES = 65_307  # the longest
_OGG_LAST = 4  # flag of the page that ends a stream
_UNKNOWN_SIZES = (0, 0xFFFFFFFF)  # of a WAV that was written into a pipe


@dataclass(frozen=True)
class Sound:
    """What a file holds: (n, 2) float32, 48 kHz, full scale ±1. All values are finite."""

    samples: Samples
    cut_off: bool  #: the file ends before its sound does


def load(path: Path) -> Sound:
    """Decode a file. Mono goes to both sides, as loud as it was.

    Values that are not finite, which a file of floats may hold, would silence the mix for the whole night; they are
    replaced.

    Raises SoundError.
    """
    import av

    blocks: list[Samples] = []
    count = 0
    declared_s = 0.0
    try:
        with av.open(path, metadata_errors="replace") as container:
            if not container.streams.audio:
                raise SoundError(path, Text(en="it holds no sound", zh="里面没有声音"))
            stream = container.streams.audio[0]
            if stream.duration is not None and stream.time_base is not None:
                declared_s = float(stream.duration * stream.time_base)
            # FFmpeg gives each side of a mono sound 3 dB less. That keeps its loudness as mastered, since BS.1770 adds
            # up the power of the channels.
            resampler = av.AudioResampler("fltp", "stereo", SAMPLE_RATE_HZ)
            for decoded in chain(container.decode(audio=0), (None,)):
                for frame in resampler.resample(decoded):
                    blocks.append(frame.to_ndarray().T.astype(np.float32, copy=False))
                    count += len(blocks[-1])
                    if count > MAX_S * SAMPLE_RATE_HZ:
                        raise SoundError(path, Text(en=f"it is longer than {MAX_S:.0f} s", zh=f"超过 {MAX_S:.0f} 秒"))
    except (av.FFmpegError, OSError) as error:
        raise SoundError(path, refusal(error)) from error
    if not count:
        raise SoundError(path, Text(en="it is empty", zh="里面是空的"))
    samples = np.nan_to_num(np.concatenate(blocks), copy=False, posinf=_LOUDEST, neginf=-_LOUDEST)
    samples = np.ascontiguousarray(np.clip(samples, -_LOUDEST, _LOUDEST, out=samples))
    return Sound(samples, _is_cut_off(path, declared_s - count / SAMPLE_RATE_HZ))


def told_cut_off(path: Path) -> Text:
    return Text(
        en=f"{path.name} is cut off: the file ends before its sound does, and is played as far as it goes. Copy or "
        f"export it again to {path}.",
        zh=f"{path.name} 不完整：文件提前结束，只能播放到断掉的地方。请重新复制或导出到 {path}。",
    )


def _is_cut_off(path: Path, lacking_s: float) -> bool:
    """Whether a file ends too early. FFmpeg takes the length of WAV and Ogg from where they end, and so cannot tell;
    an MP3 without a header of its own says it nowhere."""
    if lacking_s > _LACKS_S:
        return True
    with path.open("rb") as file:
        kind, size = file.read(4), int.from_bytes(file.read(4), "little")
        end = file.seek(0, os.SEEK_END)
        if kind == b"RIFF":
            return size not in _UNKNOWN_SIZES and end < 8 + size
        if kind == b"OggS":
            file.seek(max(0, end - _OGG_PAGE_BYTES))
            _, _, page = file.read().rpartition(b"OggS")
            return len(page) < 2 or not page[1] & _OGG_LAST
    return False
