"""Encoded test programmes for the outputs, and waiting for what other threads do."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.air.pattern import FPS, SAMPLES_PER_FRAME, beeps, picture

from nightcast.air.encoder import Encoder, EncoderSettings, Packet
from nightcast.air.outputs.programme import Outputs

SMALL = EncoderSettings(320, 180, FPS, codec="libx264", preset="ultrafast", video_bps=400_000)


def encoded(encoder: Encoder, seconds: float, first_frame: int = 0, noise: int = 0) -> Iterator[list[Packet]]:
    """The test pattern's packets, frame by frame, without those the encoder holds at the end."""
    width, height = encoder.settings.width, encoder.settings.height
    sound = beeps(seconds + first_frame / FPS)
    for frame in range(first_frame, first_frame + round(seconds * FPS)):
        samples = sound[frame * SAMPLES_PER_FRAME : (frame + 1) * SAMPLES_PER_FRAME]
        yield encoder.encode(encoder.convert(picture(frame, width, height, noise)), samples)


def wait_for(condition: Callable[[], object], timeout_s: float = 15.0) -> None:
    deadline_s = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline_s, "it did not happen in time"
        time.sleep(0.01)


class Feeder:
    """Feeds outputs in real time from a thread, as air does."""

    def __init__(self, outputs: Outputs, encoder: Encoder, noise: int = 0, first_frame: int = 0) -> None:
        self._outputs = outputs
        self._encoder = encoder
        self._noise = noise
        self._first_frame = first_frame
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        for packets in encoded(self._encoder, 120, self._first_frame, self._noise):
            self._outputs.packets(packets)
            if self._stop.wait(1 / FPS):
                return

    def close(self) -> None:
        self._stop.set()
        self._thread.join()
        self._outputs.packets(self._encoder.finish())
        self._outputs.close(10)


def kill_playlist(playlist: Path) -> None:
    """Make an HLS playlist look as if air had been killed before it closed it."""
    playlist.write_text(playlist.read_text().replace("#EXT-X-ENDLIST\n", ""))
