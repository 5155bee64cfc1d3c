"""What encoding costs: converts and encodes a moving test picture and measures each frame.

`nightcast bench encode` prints this; `encoding` is an encoder's load beside other measurements. Times are wall clock in
the calling thread; `cpu_share` is the CPU time of all threads divided by the length of the programme, so 1.0 is one
core fully used at that frame rate.
"""

from __future__ import annotations

import multiprocessing
import statistics
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from multiprocessing.connection import Connection

import numpy as np
from numpy.typing import NDArray

from nightcast.air.encoder import Encoder, EncoderSettings, nvenc_fault
from nightcast.process.shared import SAMPLE_RATE_HZ

_WARM_UP = 20  # frames until the encoder's look-ahead is full


@dataclass(frozen=True)
class EncodeCost:
    codec: str
    preset: str
    width: int
    height: int
    fps: int
    convert_p50_ms: float
    frame_p50_ms: float
    frame_p95_ms: float
    cpu_share: float
    kbps: float

    def as_dict(self) -> dict[str, str | int | float]:
        return asdict(self)


def moving_pictures(width: int, height: int, count: int) -> list[NDArray[np.uint8]]:
    """A still set with a swaying figure and some grain, cheap to make: (h, w, 4) uint8 RGBA each."""
    rng = np.random.default_rng(1)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    background = np.stack([120 + 60 * np.sin(x / 90), 110 + 50 * np.cos(y / 70), 90 + x * 80 / width], 2)
    pictures = []
    for n in range(count):
        sway = width * (0.5 + 0.03 * np.sin(2 * np.pi * n / count))
        figure = np.exp(-((((x - sway) / (width * 0.12)) ** 2 + ((y - height * 0.6) / (height * 0.4)) ** 2) ** 2))
        shown = background * (1 - figure[..., None]) + figure[..., None] * (200, 160, 140)
        shown = shown + rng.normal(0, 1.5, shown.shape)
        picture = np.full((height, width, 4), 255, np.uint8)
        picture[..., :3] = np.clip(shown, 0, 255)
        pictures.append(picture)
    return pictures


def measure(settings: EncoderSettings, pictures: list[NDArray[np.uint8]], frames: int) -> EncodeCost:
    encoder = Encoder(settings)
    silence = np.zeros((SAMPLE_RATE_HZ // settings.fps, 2), np.float32)
    converts_ms: list[float] = []
    totals_ms: list[float] = []
    size = 0
    cpu_s = 0.0
    for n in range(frames + _WARM_UP):
        if n == _WARM_UP:
            cpu_s = time.process_time()
        began = time.perf_counter()
        converted = encoder.convert(pictures[n % len(pictures)])
        middle = time.perf_counter()
        packets = encoder.encode(converted, silence)
        if n >= _WARM_UP:
            converts_ms.append(1000 * (middle - began))
            totals_ms.append(1000 * (time.perf_counter() - began))
            size += sum(len(packet.data) for packet in packets)
    cpu_s = time.process_time() - cpu_s
    seconds = frames / settings.fps
    return EncodeCost(
        codec=encoder.codec,
        preset=settings.preset if encoder.codec == "libx264" else "p4",
        width=settings.width,
        height=settings.height,
        fps=settings.fps,
        convert_p50_ms=round(statistics.median(converts_ms), 2),
        frame_p50_ms=round(statistics.median(totals_ms), 2),
        frame_p95_ms=round(float(np.percentile(totals_ms, 95)), 2),
        cpu_share=round(cpu_s / seconds, 3),
        kbps=round(size * 8 / seconds / 1000),
    )


def run(
    sizes: Iterable[tuple[int, int]] = ((1280, 720), (1920, 1080)),
    presets: Iterable[str] = ("ultrafast", "superfast", "veryfast", "faster"),
    frames: int = 150,
) -> Iterator[EncodeCost]:
    """Measure every size with every preset, then NVENC where the machine has it."""
    presets = tuple(presets)
    for width, height in sizes:
        pictures = moving_pictures(width, height, 30)
        for preset in presets:
            settings = EncoderSettings(width, height, codec="libx264", preset=preset)
            yield measure(settings, pictures, frames)
        if not nvenc_fault():
            yield measure(EncoderSettings(width, height, codec="h264_nvenc"), pictures, frames)


@contextmanager
def encoding(settings: EncoderSettings) -> Iterator[None]:
    """Another process encodes a moving picture at the settings' rate, as air does beside the stage."""
    context = multiprocessing.get_context("spawn")
    parent, child = context.Pipe()
    process = context.Process(target=_encode, args=(child, settings), daemon=True)
    process.start()
    child.close()
    try:
        parent.recv()  # its first picture is encoded
        yield
    finally:
        parent.close()
        process.join()


def _encode(parent: Connection, settings: EncoderSettings) -> None:
    """Encode until the other end of the pipe is closed."""
    encoder = Encoder(settings)
    pictures = moving_pictures(settings.width, settings.height, 30)
    silence = np.zeros((SAMPLE_RATE_HZ // settings.fps, 2), np.float32)
    number, due_s = 0, time.monotonic()
    while not parent.poll(max(due_s - time.monotonic(), 0.0)):
        encoder.encode(encoder.convert(pictures[number % len(pictures)]), silence)
        if number == 0:
            parent.send(None)
            due_s = time.monotonic()
        number, due_s = number + 1, due_s + 1 / settings.fps
