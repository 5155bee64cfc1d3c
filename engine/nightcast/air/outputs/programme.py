"""All outputs of the programme: made from settings, fed, asked for health, closed together."""

from __future__ import annotations

import time
from collections.abc import Mapping
from random import Random

import numpy as np
from numpy.typing import NDArray

from nightcast.air.encoder import Encoder, Packet
from nightcast.air.messages import (
    CameraSpec,
    FileSpec,
    HlsSpec,
    OutputHealth,
    OutputSpec,
    RtmpSpec,
    SoundSpec,
    WindowSpec,
)
from nightcast.air.outputs.backlog import Backlog
from nightcast.air.outputs.camera import CameraOutput
from nightcast.air.outputs.file import FileSink
from nightcast.air.outputs.hls import HlsSink
from nightcast.air.outputs.rtmp import RtmpSink
from nightcast.air.outputs.sender import Sender, Sink
from nightcast.air.outputs.sound import SoundOutput
from nightcast.air.outputs.window import WindowOutput
from nightcast.air.sound import Samples

AnyOutput = Sender | CameraOutput | SoundOutput | WindowOutput


class Outputs:
    """Feeds every output without ever waiting for one. A newcomer begins at the newest keyframe."""

    def __init__(self, encoder: Encoder, ring_name: str, metadata: Mapping[str, str], random: Random) -> None:
        self._encoder = encoder
        self._ring_name = ring_name
        self._metadata = metadata
        self._random = random
        self._backlog = Backlog()
        self._outputs: dict[str, tuple[OutputSpec, AnyOutput]] = {}
        self._leaving: list[AnyOutput] = []  # removed, and perhaps still closing

    def add(self, spec: OutputSpec) -> None:
        """Add an output, or put it in the place of another of the same id. The same again changes nothing."""
        old = self._outputs.get(spec.id)
        if old is not None and old[0] == spec:
            return
        self.remove(spec.id)
        self._outputs[spec.id] = (spec, self._make(spec))

    def remove(self, output_id: str) -> None:
        """Let an output close by itself, in its own time."""
        removed = self._outputs.pop(output_id, None)
        if removed is not None:
            removed[1].end()
            self._leaving.append(removed[1])

    def packets(self, packets: list[Packet]) -> None:
        for packet in packets:
            self._backlog.put(packet)
            for _, output in self._outputs.values():
                if isinstance(output, Sender):
                    output.offer(packet)

    def frame(self, index: int, pixels: NDArray[np.uint8], samples: Samples) -> None:
        """The picture and sound themselves, for outputs that do not want them encoded."""
        for _, output in self._outputs.values():
            if isinstance(output, CameraOutput):
                output.offer_frame(pixels)
            elif isinstance(output, WindowOutput):
                output.offer_sound(index, samples)
            elif isinstance(output, SoundOutput):
                output.offer_sound(samples)

    def health(self) -> tuple[OutputHealth, ...]:
        return tuple(output.health() for _, output in self._outputs.values())

    def close(self, timeout_s: float) -> None:
        """Close all at once and well; what has not closed in time is abandoned."""
        for output_id in list(self._outputs):
            self.remove(output_id)
        deadline_s = time.monotonic() + timeout_s
        for output in self._leaving:
            output.join(max(0.0, deadline_s - time.monotonic()))
        self._leaving.clear()

    def _make(self, spec: OutputSpec) -> AnyOutput:
        settings = self._encoder.settings
        if isinstance(spec, CameraSpec):
            return CameraOutput(spec, settings.width, settings.height, settings.fps)
        if isinstance(spec, SoundSpec):
            return SoundOutput(spec)
        if isinstance(spec, WindowSpec):
            return WindowOutput(spec, self._ring_name, settings.fps)
        return Sender(
            spec.id,
            spec.kind,
            lambda: _sink(spec, settings.gop_s, self._metadata),
            self._encoder,
            self._backlog.copy(),
            Random(self._random.random()),
        )


def _sink(spec: HlsSpec | FileSpec | RtmpSpec, gop_s: float, metadata: Mapping[str, str]) -> Sink:
    if isinstance(spec, HlsSpec):
        return HlsSink(spec, gop_s, metadata)
    if isinstance(spec, FileSpec):
        return FileSink(spec, metadata)
    return RtmpSink(spec, metadata)
