"""How long viewers wait for an answer, and how soon an operator gets silence, measured on a night that is on air."""

from __future__ import annotations

import json
import re
import statistics
import tempfile
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from nightcast.director.journal import Journal
from nightcast.director.watching import Watched, night_under_watch

__all__ = ["AnswerFigures", "measure_answers"]

_HUSHES = 5


@dataclass(frozen=True)
class AnswerFigures:
    """Seconds. `since_free` counts from the end of the sentence that was being spoken, or from the comment if later."""

    answers: int
    since_free_p50_s: float
    since_free_p95_s: float
    since_comment_p50_s: float
    since_comment_p95_s: float
    hush_to_command_done_p50_s: float


def measure_answers(script: Path, minutes: float = 3.0) -> AnswerFigures:
    """Watch a night of `script` with its simulated audience for `minutes`, then silence it a few times."""
    with (
        tempfile.TemporaryDirectory(prefix="nightcast-answers-") as folder,
        night_under_watch(script, Path(folder), ["-o", "hls"]) as night,
    ):
        while (night.figures() or {}).get("phase") != "on_air":
            time.sleep(0.2)
        end_s = time.monotonic() + minutes * 60
        while time.monotonic() < end_s:
            time.sleep(1.0)
        hushes = [_hush(night) for _ in range(_HUSHES)]
        journal = Journal(night.state / "night.db")
        delays = [body for _, _, _, body in journal.events("answer_delay")]
        journal.close()
    free = sorted(body["since_free_s"] for body in delays)
    asked = sorted(body["since_comment_s"] for body in delays)
    return AnswerFigures(
        len(delays), _share(free, 0.5), _share(free, 0.95), _share(asked, 0.5), _share(asked, 0.95),
        round(statistics.median(hushes), 3),
    )  # fmt: skip


def _share(ordered: list[float], share: float) -> float:
    return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 3) if ordered else 0.0


def _hush(night: Watched) -> float:
    """Seconds from asking for silence until air was told; then the night goes on."""
    begin_s = time.monotonic()
    _command(night, {"kind": "hush"})
    took_s = time.monotonic() - begin_s
    _command(night, {"kind": "resume"})
    time.sleep(4.0)
    return took_s


def _command(night: Watched, command: dict[str, str]) -> None:
    address = f"http://127.0.0.1:{night.port}"
    with urllib.request.urlopen(address, timeout=5) as page:
        token = re.search(r'name="token" content="([^"]+)"', page.read().decode())
    headers = {"Content-Type": "application/json", "Origin": address}
    if token is not None:
        headers["Authorization"] = f"Bearer {token.group(1)}"
    request = urllib.request.Request(f"{address}/api/command", json.dumps(command).encode(), headers)
    with urllib.request.urlopen(request, timeout=5) as answer:
        answer.read()
