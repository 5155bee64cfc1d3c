"""Several voices, one after the other: the wanted one while it is well, else the next, and back when it is well again.

A circuit breaker per engine: after a failure it is left alone for a while that doubles, so that a dead service costs
one timeout, not one per line. The last engine is always tried, and once more where that may help: its process may have
ended under the line.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from nightcast.talk.errors import NoVoiceLeftError, VoiceError
from nightcast.talk.records import Speech, SpeechRequest
from nightcast.talk.voice.studio import Voice

_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 20.0, 600.0


@dataclass
class Health:
    """How an engine is. Times are of the injected monotonic clock."""

    spoken: int = 0
    failed: int = 0
    last_error: str = ""
    open_until_s: float = 0.0
    pause_s: float = _FIRST_PAUSE_S

    def is_well(self, now_s: float) -> bool:
        return now_s >= self.open_until_s


@dataclass(frozen=True)
class Rung:
    """A voice with the time it is given for one line, and its own names of voices by language."""

    name: str
    voice: Voice
    timeout_s: float
    names: Mapping[str, str | None] = field(default_factory=dict)


class VoiceLadder:
    """A `Voice` made of voices. The request's `engine` is tried first, then the rungs in their order."""

    def __init__(self, rungs: tuple[Rung, ...], monotonic: Callable[[], float]) -> None:
        self._rungs = rungs
        self._monotonic = monotonic
        self.health = {rung.name: Health() for rung in rungs}
        self.fallbacks: dict[str, str] = {}  #: line id to why another engine spoke; taken out by the reader

    async def synthesise(self, request: SpeechRequest) -> Speech:
        """Raises NoVoiceLeftError when every rung failed."""
        failures: dict[str, str] = {}
        rungs = self._in_order(request)
        last = rungs[-1]
        for rung in (*rungs, last):
            health = self.health[rung.name]
            if not health.is_well(self._monotonic()) and rung is not last:
                failures[rung.name] = f"resting after: {health.last_error}"
                continue
            try:
                speech = await self._try(rung, request)
            except VoiceError as error:
                failures[rung.name] = str(error)
                self._failed(health, error)
                if rung is last and not error.retry:
                    break
                continue
            self.health[rung.name] = replace(health, spoken=health.spoken + 1, open_until_s=0.0, pause_s=_FIRST_PAUSE_S)
            if rung is not rungs[0]:
                self.fallbacks[request.line_id] = "; ".join(f"{name}: {why}" for name, why in failures.items())
            return speech
        raise NoVoiceLeftError(failures)

    async def close(self) -> None:
        for rung in self._rungs:
            await rung.voice.close()

    def _in_order(self, request: SpeechRequest) -> list[Rung]:
        return sorted(self._rungs, key=lambda rung: rung.name != request.engine)

    async def _try(self, rung: Rung, request: SpeechRequest) -> Speech:
        wanted = rung.name == request.engine and request.voice
        name = request.voice if wanted else rung.names.get(request.language)
        try:
            async with asyncio.timeout(rung.timeout_s):
                return await rung.voice.synthesise(replace(request, engine=rung.name, voice=name))
        except TimeoutError as error:
            raise VoiceError(rung.name, f"took longer than {rung.timeout_s:g} s") from error

    def _failed(self, health: Health, error: VoiceError) -> None:
        health.failed += 1
        health.last_error = error.problem
        if error.retry:
            health.open_until_s = self._monotonic() + health.pause_s
            health.pause_s = min(health.pause_s * 2, _LONGEST_PAUSE_S)
