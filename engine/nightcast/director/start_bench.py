"""How long it takes from the command to the page, the first picture and the first spoken sentence."""

from __future__ import annotations

import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from nightcast.director.watching import night_under_watch
from nightcast.process.shared import SAMPLE_RATE_HZ

__all__ = ["StartFigures", "measure_start"]

_LOOK_S = 0.02
_PATIENCE_S = 120.0


@dataclass(frozen=True)
class StartFigures:
    """Seconds from the command, medians of `runs`."""

    runs: int
    page_s: float  #: the page answers
    sentence_s: float  #: the first sample of the first sentence is mixed
    playable_s: float  #: the playlist holds its first segment


def measure_start(script: Path, runs: int = 3) -> StartFigures:
    """Start the night `runs` times, with speech and light that were never made before."""
    results = [_one(script) for _ in range(runs)]
    page, sentence, playable = (statistics.median(values) for values in zip(*results, strict=True))
    return StartFigures(runs, round(page, 2), round(sentence, 2), round(playable, 2))


def _one(script: Path) -> tuple[float, float, float]:
    with (
        tempfile.TemporaryDirectory(prefix="nightcast-start-") as folder,
        night_under_watch(script, Path(folder), ["-o", "hls"]) as night,
    ):
        page_s = sentence_s = playable_s = 0.0
        sample: int | None = None
        deadline_s = night.started_s + _PATIENCE_S
        while not (page_s and sentence_s and playable_s) and time.monotonic() < deadline_s:
            now_s = time.monotonic() - night.started_s
            figures = None if page_s and sentence_s else night.figures()
            if figures is not None:
                page_s = page_s or now_s
                sample = sample if sample is not None else night.first_sentence_sample()
                if sample is not None and not sentence_s and figures["on_air_s"] * SAMPLE_RATE_HZ >= sample:
                    sentence_s = now_s
            if not playable_s and night.playlist().exists() and "#EXTINF" in night.playlist().read_text():
                playable_s = now_s
            time.sleep(_LOOK_S)
        return page_s, sentence_s, playable_s
