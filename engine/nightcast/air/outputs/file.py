"""A recording in one file, .mp4 or .mkv, that can be played whatever ends the program.

MP4 is written in fragments, so a kill or a power cut costs at most the last group of pictures. FFmpeg's hybrid
mode would end as an ordinary MP4, but keeps its index in memory: 11 MB an hour. After a clean end a file of moderate
size is copied once instead, into an ordinary MP4 whose index comes first; a larger one stays as it is, and plays.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path

from nightcast.air.encoder import Encoder, Packet
from nightcast.air.errors import OutputError
from nightcast.air.messages import FileSpec
from nightcast.air.outputs.muxed import MuxedSink
from nightcast.show.fields import Text

_MAX_COPIED_BYTES = 1 << 30  # above a gigabyte the copy would hold up the end for many seconds
_WORTH_KEEPING_S = 4.0
_FORMATS = {".mp4": "mp4", ".m4v": "mp4", ".mkv": "matroska"}


class FileSink(MuxedSink):
    def __init__(self, spec: FileSpec, metadata: Mapping[str, str]) -> None:
        container = _FORMATS.get(spec.path.suffix.lower())
        if container is None:
            endings = ", ".join(_FORMATS)
            raise OutputError(
                spec.id,
                Text(
                    en=f"{spec.path.name} ends in none of {endings}", zh=f"{spec.path.name} 的扩展名应为 {endings} 之一"
                ),
            )
        options = {"flush_packets": "1"}
        if container == "mp4":
            options["movflags"] = "+frag_keyframe+empty_moov+default_base_moof+use_metadata_tags"
        else:
            options["cluster_time_limit"] = "1000"  # ms; what a kill may cost
        self._path = spec.path
        self._faststart = container == "mp4"
        self._recorded_s: float | None = None  # None: the file under this name is not ours
        super().__init__(spec.id, str(spec.path), container, options, metadata)

    def open(self, encoder: Encoder) -> None:
        """An earlier recording under this name, from before a restart, is kept under a numbered one."""
        with self.errors():
            self._path.parent.mkdir(parents=True, exist_ok=True)
            if self._path.is_file() and self._path.stat().st_size:
                self._path.rename(_free_name(self._path))
        self._recorded_s = 0.0
        super().open(encoder)

    def write(self, packet: Packet, shift_s: Fraction) -> None:
        super().write(packet, shift_s)
        self._recorded_s = float(packet.pts_s + shift_s)

    def close(self) -> None:
        super().close()
        with self.errors():
            if self._faststart and self._path.stat().st_size <= _MAX_COPIED_BYTES:
                put_index_first(self._path)

    def abort(self) -> None:
        """What failed as soon as it began is not kept: a full disk would collect one such file with each try."""
        with contextlib.suppress(OutputError):
            super().close()
        if self._recorded_s is not None and self._recorded_s < _WORTH_KEEPING_S:
            with contextlib.suppress(OSError):
                if self._path.is_file():  # and no device
                    self._path.unlink()


def _free_name(path: Path) -> Path:
    number = 1
    while (candidate := path.with_name(f"{path.stem}-{number}{path.suffix}")).exists():
        number += 1
    return candidate


def put_index_first(path: Path) -> None:
    """Rewrite an MP4, without encoding, so that players can start before they have read it all."""
    import av

    copy = path.with_name(f".{path.name}.tmp")
    try:
        options = {"movflags": "+faststart+use_metadata_tags", "fflags": "+bitexact"}
        with av.open(path) as source, av.open(copy, "w", format="mp4", options=options) as target:
            target.metadata.update(source.metadata)
            streams = {stream.index: target.add_stream_from_template(stream) for stream in source.streams}
            for packet in source.demux():
                if packet.dts is not None:
                    packet.stream = streams[packet.stream.index]
                    target.mux(packet)
        os.replace(copy, path)
    finally:
        copy.unlink(missing_ok=True)
