"""The same mixer, encoder and file output, driven frame by frame without a clock: what `nightcast render`
uses.

With equal input the file is equal to the byte on one machine: the encoder's threads are fixed, and nothing of
time or version goes into the container.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nightcast.air.encoder import Encoder, EncoderSettings, Packet
from nightcast.air.messages import FileSpec
from nightcast.air.mixer import Ended, Mixer, Started
from nightcast.air.outputs.file import FileSink
from nightcast.process.shared import SAMPLE_RATE_HZ


class UnpacedAir:
    """Writes a programme to a file. Schedule sound on `mixer`, then write the frames one by one."""

    def __init__(self, path: Path, settings: EncoderSettings, metadata: Mapping[str, str] | None = None) -> None:
        settings = dataclasses.replace(settings, codec="libx264", deterministic=True)
        self.mixer = Mixer()
        self._samples_per_frame = SAMPLE_RATE_HZ // settings.fps
        self._encoder = Encoder(settings)
        self._sink = FileSink(FileSpec(id=str(path), path=path), metadata or {})
        self._sink.open(self._encoder)

    def write(self, pixels: NDArray[np.uint8]) -> list[Started | Ended]:
        """The next frame, (h, w, 4) uint8 RGBA, with its sound; returns which clips began or ended in it."""
        samples, events = self.mixer.read(self._samples_per_frame)
        self._mux(self._encoder.encode(self._encoder.convert(pixels), samples))
        return events

    def close(self) -> None:
        self._mux(self._encoder.finish())
        self._sink.close()

    def _mux(self, packets: list[Packet]) -> None:
        for packet in packets:
            self._sink.write(packet, Fraction(0))
