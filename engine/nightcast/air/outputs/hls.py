"""HLS with fragmented MP4 segments, for browsers: a playlist that slides, old segments removed.

Files appear whole (written under another name, then renamed). After a clean end the playlist closes and what it lists
plays from start to end; the next night begins a new one. Where air was killed, its playlist goes on after a
discontinuity mark.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from nightcast.air.encoder import Encoder
from nightcast.air.messages import HlsSpec
from nightcast.air.outputs.muxed import MuxedSink

_ENDED = "#EXT-X-ENDLIST"
_FLAGS = "delete_segments+independent_segments+temp_file+program_date_time"


class HlsSink(MuxedSink):
    def __init__(self, spec: HlsSpec, segment_s: float, metadata: Mapping[str, str]) -> None:
        self._directory = spec.directory
        self._playlist = spec.directory / spec.playlist
        name = Path(spec.playlist).stem
        options = {
            "hls_time": str(segment_s),
            "hls_list_size": str(spec.keep_segments),
            "hls_delete_threshold": "3",  # a player may still be reading what has just left the list
            "hls_segment_type": "fmp4",
            "hls_fmp4_init_filename": f"{name}-init.mp4",
            "hls_segment_filename": str(spec.directory / f"{name}-%06d.m4s"),
            "hls_flags": _FLAGS,
        }
        super().__init__(spec.id, str(self._playlist), "hls", options, metadata)

    def open(self, encoder: Encoder) -> None:
        with self.errors():
            self._directory.mkdir(parents=True, exist_ok=True)
            # A power cut may have left anything in it.
            listed = self._playlist.read_text("utf-8", "replace") if self._playlist.exists() else ""
            if _ENDED in listed:
                listed = ""
                self._playlist.unlink()
            # FFmpeg removes what leaves its list, but not what an earlier run had already taken off it.
            for segment in self._directory.glob(f"{self._playlist.stem}-*.m4s"):
                if segment.name not in listed:
                    segment.unlink()
            if listed:
                self._options["hls_flags"] += "+append_list"  # which also marks the discontinuity
        super().open(encoder)
