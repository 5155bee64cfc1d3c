"""How long viewers wait for an answer, and how soon an operator gets silence, measured on a night that is on air.

The bench is a viewer and an operator: it asks through the hub, each time something else and at any moment of a
sentence, and presses Silence on the page. What it reports the night has noted, in samples of the programme.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import random
import re
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from nightcast.director.journal import Journal
from nightcast.director.watching import Watched, night_under_watch
from nightcast.room.grants import Grants
from nightcast.room.protocol import PATH, SUBPROTOCOL
from nightcast.show import Show

__all__ = ["AnswerFigures", "measure_answers"]

_HUSHES = 8
_SETTLE_S = 6.0  # plugins come up when the first sentence is on its way
_ASK_S = (4.0, 9.0)
_QUESTIONS = (
    "how much is the {name}?",
    "what is the {name} made of?",
    "how big is the {name}?",
    "how long does delivery of the {name} take?",
    "is the {name} in stock?",
)


@dataclass(frozen=True)
class AnswerFigures:
    """Seconds. `since_free` counts from the moment at which the host could be interrupted: the end of the sentence that
    was on air or announced as the comment came (and of answers before this one), or the comment if that is later.
    `silence` counts from the operator's click until speech is silent in the programme.
    """

    asked: int
    answers: int
    since_free_p50_s: float
    since_free_p95_s: float
    since_comment_p50_s: float
    since_comment_p95_s: float
    silences: int
    silence_p50_s: float
    silence_max_s: float


def measure_answers(script: Path, minutes: float = 3.0, seed: int = 1) -> AnswerFigures:
    """Ask a night of `script` for `minutes`, beside its simulated audience, then silence it a few times."""
    show = Show.load(script)
    rng = random.Random(seed)
    with (
        tempfile.TemporaryDirectory(prefix="nightcast-answers-") as folder,
        night_under_watch(script, Path(folder), ["-o", "hls"]) as night,
    ):
        while (night.figures() or {}).get("phase") != "on_air":
            time.sleep(0.2)
        time.sleep(_SETTLE_S)
        asked = asyncio.run(_ask(night, _questions(show, rng), rng, minutes * 60))
        clicks_s = [_hush(night, rng) for _ in range(_HUSHES)]
        delays, silences = _noted(night, "answer_delay"), _noted(night, "silenced")
    free = sorted(body["since_free_s"] for body in delays)
    waited = sorted(body["since_comment_s"] for body in delays)
    silent = sorted(max(clicks_s) + body["since_cut_s"] for body in silences)  # a click between sentences notes none
    return AnswerFigures(
        asked, len(delays), _share(free, 0.5), _share(free, 0.95), _share(waited, 0.5), _share(waited, 0.95),
        len(silent), _share(silent, 0.5), _share(silent, 1.0),
    )  # fmt: skip


def _questions(show: Show, rng: random.Random) -> Iterator[str]:
    """Each product and topic in turn, so that no two viewers ask the same within a minute or two."""
    pairs = list(itertools.product(_QUESTIONS, show.catalog.products))
    rng.shuffle(pairs)
    for question, product in itertools.cycle(pairs):
        yield question.format(name=product.name.in_language("en"))


async def _ask(night: Watched, questions: Iterator[str], rng: random.Random, seconds: float) -> int:
    grants = Grants(night.state / "grants.json")
    grants.allow("bench", ["room:publish"])
    token = grants.issue("bench")
    count = 0
    async with connect(
        f"ws://127.0.0.1:{night.hub_port}{PATH}", subprotocols=[Subprotocol(SUBPROTOCOL)], proxy=None
    ) as hub:
        await hub.recv()
        await hub.send(json.dumps({"op": "identify", "proto": 1, "plugin": {"id": "bench"}, "token": token,
                                   "scopes": ["room:publish"]}))  # fmt: skip
        await hub.recv()
        end_s = time.monotonic() + seconds
        while time.monotonic() < end_s:
            count += 1
            comment = {"comment_id": f"bench-{count}", "user": {"ref": f"bench-{count}"}, "text": next(questions)}
            await hub.send(
                json.dumps({"op": "publish", "id": f"p{count}", "events": [{"type": "comment.new", "d": comment}]})
            )
            await hub.recv()
            await asyncio.sleep(rng.uniform(*_ASK_S))
    return count


def _noted(night: Watched, kind: str) -> list[dict[str, Any]]:
    journal = Journal(night.state / "night.db")
    try:
        return [body for _, _, _, body in journal.events(kind)]
    finally:
        journal.close()


def _share(ordered: list[float], share: float) -> float:
    return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 3) if ordered else 0.0


def _hush(night: Watched, rng: random.Random) -> float:
    """Press Silence in the middle of a sentence, then let the night go on; the seconds until the night had heard it."""
    begin_s = time.monotonic()
    _command(night, {"kind": "hush"})
    took_s = time.monotonic() - begin_s
    _command(night, {"kind": "resume"})
    time.sleep(rng.uniform(2.0, 3.0))
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
