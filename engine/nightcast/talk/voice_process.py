"""The voice worker: `python -m nightcast.talk.voice_process RUN.json`. A client of the director's socket.

Takes lines to speak, answers with speech in the store. One line at a time per engine would waste the wait on the
network, so a few are made at once; urgent ones go first. asyncio, one process.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import BaseModel

from nightcast.process.channel import AsyncClient
from nightcast.process.heartbeat import Heartbeat
from nightcast.show import Show
from nightcast.show.fields import Text
from nightcast.show.system import refusal
from nightcast.talk.errors import TalkError
from nightcast.talk.messages import EngineHealth, Speak, Spoken, Unspoken, VoiceHealth, to_voice
from nightcast.talk.records import SpeechRequest
from nightcast.talk.store import AudioStore
from nightcast.talk.voice.build import build_ladder
from nightcast.talk.voice.ladder import VoiceLadder

log = logging.getLogger(__name__)

_WORKERS = 3
_BEAT_S = 1.0
#: A line that takes longer than all timeouts of the ladder together is stuck; the heartbeat then stops.
_STUCK_S = 60.0
#: Sentences spoken once at the start, so that libraries are loaded and the first real line is quick.
_WARM_UP = (("Good evening.", "en"), ("晚上好。", "zh"))

Send = Callable[[Spoken | Unspoken | VoiceHealth], None]


@dataclass
class VoiceWorker:
    """The worker without its socket: a queue of lines, workers, a health report when something changes."""

    ladder: VoiceLadder
    send: Send
    monotonic: Callable[[], float]
    _queue: asyncio.PriorityQueue[tuple[int, int, Speak]] = field(default_factory=asyncio.PriorityQueue)
    _order: itertools.count[int] = field(default_factory=itertools.count)
    _busy_since_s: dict[str, float] = field(default_factory=dict)
    _told: VoiceHealth | None = None

    def hear(self, message: Speak) -> None:
        self._queue.put_nowait((0 if message.urgent else 1, next(self._order), message))

    async def run(self) -> None:
        """Speak until cancelled."""
        async with asyncio.TaskGroup() as group:
            for _ in range(_WORKERS):
                group.create_task(self._work())

    async def warm_up(self) -> None:
        for text, language in _WARM_UP:
            with contextlib.suppress(TalkError):  # a broken voice is told of when a line needs it
                await self.ladder.synthesise(SpeechRequest("warm-up", text, language))  # type: ignore[arg-type]

    @property
    def stuck(self) -> bool:
        now_s = self.monotonic()
        return any(now_s - since_s > _STUCK_S for since_s in self._busy_since_s.values())

    async def _work(self) -> None:
        while True:
            _, _, message = await self._queue.get()
            self._busy_since_s[message.line_id] = self.monotonic()
            try:
                self.send(await self._speak(message))
            finally:
                self._busy_since_s.pop(message.line_id, None)
            self._tell_health()

    async def _speak(self, message: Speak) -> Spoken | Unspoken:
        try:
            speech = await self.ladder.synthesise(message.request())
        except TalkError as error:
            log.warning("%s: %s", message.line_id, error)
            return Unspoken(line_id=message.line_id, reason=error.told)
        except OSError as error:  # the store's disk
            log.warning("%s: %s", message.line_id, error)
            return Unspoken(line_id=message.line_id, reason=refusal(error))
        except Exception as error:  # an engine's own fault costs this line; it must not end the worker for all others
            log.exception("%s", message.line_id)
            return Unspoken(line_id=message.line_id, reason=Text.model_validate(f"{type(error).__name__}: {error}"))
        return Spoken.of(speech, self.ladder.fallbacks.pop(message.line_id, ""))

    def _tell_health(self) -> None:
        now_s = self.monotonic()
        health = VoiceHealth(
            engines=tuple(
                EngineHealth(
                    name=name,
                    healthy=state.is_well(now_s),
                    spoken=state.spoken,
                    failed=state.failed,
                    last_error=state.last_error,
                )
                for name, state in self.ladder.health.items()
            )
        )
        if self._told is None or _state(health) != _state(self._told):
            self.send(health)
            self._told = health


def _state(health: VoiceHealth) -> list[tuple[str, bool, int]]:
    return [(engine.name, engine.healthy, engine.failed) for engine in health.engines]


async def serve(socket: Path, ladder: VoiceLadder, heartbeat: Heartbeat) -> None:
    """Work for the director at `socket` until cancelled."""
    client: AsyncClient[Speak] = AsyncClient(socket, "voice", to_voice)
    worker = VoiceWorker(ladder, client.send, asyncio.get_running_loop().time)

    async def listen() -> None:
        async for message in client:
            worker.hear(message)

    async def beat() -> None:
        while not worker.stuck:
            heartbeat.beat()
            await asyncio.sleep(_BEAT_S)

    async with asyncio.TaskGroup() as group:
        group.create_task(listen())
        group.create_task(beat())
        await worker.warm_up()
        group.create_task(worker.run())


class RunFile(BaseModel):
    """What this process reads of the run that the supervisor wrote."""

    script: Path
    root: Path
    socket: Path
    speech: Path


def main(arguments: list[str]) -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s voice %(levelname)s %(message)s")
    run = RunFile.model_validate_json(Path(arguments[0]).read_bytes())
    show = Show.load(run.script, run.root)
    store = AudioStore(run.speech)
    store.tidy()
    ladder = build_ladder(show.script, show.avatar, root=show.root, script_file=show.file, store=store)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(run.socket, ladder, Heartbeat.inherited()))


if __name__ == "__main__":
    main(sys.argv[1:])
