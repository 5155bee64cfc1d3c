"""A programme whose sync can be measured: once a second a flash of one frame, and a beep at its start."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from nightcast.air.sound import Samples

FPS = 30
SAMPLES_PER_FRAME = 48_000 // FPS
FIRST_FLASH = 15  # frame
BEEP_SAMPLES = 2400


def picture(frame: int, width: int = 320, height: int = 180, noise: int = 0) -> NDArray[np.uint8]:
    """(h, w, 4) uint8 RGBA: grey with a moving bar, or white in a flash. `noise` makes it cost bits."""
    pixels = np.full((height, width, 4), 60, np.uint8)
    if noise:
        pixels += np.random.default_rng(frame).integers(0, noise, pixels.shape, np.uint8)
    pixels[..., 3] = 255
    x = frame * 4 % (width - 16)
    pixels[height // 2 :, x : x + 16, :3] = (200, 60, 30)
    if (frame - FIRST_FLASH) % FPS == 0:
        pixels[..., :3] = 255
    return pixels


def beeps(seconds: float) -> Samples:
    """(n, 2) float32: a 1 kHz beep of 50 ms at the first sample of every flash."""
    out = np.zeros((round(seconds * 48_000), 2), np.float32)
    beep = 0.5 * np.sin(2 * np.pi * 1000 * np.arange(BEEP_SAMPLES) / 48_000)
    for start in range(FIRST_FLASH * SAMPLES_PER_FRAME, len(out) - BEEP_SAMPLES, 48_000):
        out[start : start + BEEP_SAMPLES] = beep[:, None]
    return out


def offsets_s(path: Path | str, **options: object) -> list[float]:
    """Decode a recording; for each flash, how much later its beep is heard, in seconds."""
    flashes: list[float] = []
    sounds: list[NDArray[np.float32]] = []
    starts: list[float] = []
    with av.open(path, **options) as container:
        for frame in container.decode(container.streams.video[0], container.streams.audio[0]):
            if isinstance(frame, av.VideoFrame):
                if frame.to_ndarray(format="gray").mean() > 150:
                    flashes.append(frame.time)
            else:
                starts.append(frame.time)
                sounds.append(frame.to_ndarray()[0])
    onsets: list[float] = []
    heard = -1.0
    for start, samples in zip(starts, sounds, strict=True):
        for n in np.flatnonzero(np.abs(samples) > 0.2):
            at = start + n / 48_000
            if at - heard > 0.5:
                onsets.append(at)
            heard = at
    # A cut recording may lack the last beep, and the picture may have begun before the sound was asked for.
    flashes = [flash for flash in flashes if onsets[0] - 0.1 < flash < starts[-1] - 0.1]
    return [min((onset - flash for onset in onsets), key=abs) for flash in flashes]
