"""A simulated audience, a recorder and a player as clients of a hub elsewhere: `nightcast room sim|record|replay`."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path

from nightcast.room.connectors.follow import bring
from nightcast.room.errors import NotAdmittedError
from nightcast.room.events import Event
from nightcast.room.folding import Raw
from nightcast.room.recording import Recorder, Timed, read_recording
from nightcast.room.sdk.context import Context
from nightcast.room.sdk.plugin import Plugin
from nightcast.room.sdk.runner import serve
from nightcast.room.signals import signal_to_wire
from nightcast.room.simulation import Faults, SimProduct, Simulator, load_profile

__all__ = ["play_simulation", "record", "replay", "simulate"]

_STEP_MS = 100
_AT_ONCE = 200  # events in one publish frame
_GOODS = (
    SimProduct("lantern_lamp", "Lantern lamp", "灯笼灯", 1, 8_900),
    SimProduct("aurora_glasses", "Aurora glasses", "极光眼镜", 2, 29_900),
    SimProduct("moon_earrings", "Moon earrings", "月牙耳环", 3, 15_900),
)


def simulate(profile: str, seed: int, *, minutes: float) -> Iterator[Timed]:
    """What a simulated room sends, with the faults of its profile."""
    chosen = load_profile(profile)
    audience = Simulator(chosen, [SimProduct(g.id, g.name_en, g.name_zh, g.number, g.price_minor) for g in _GOODS],
                         seed=seed, start_ms=0)  # fmt: skip
    faults = Faults(chosen.faults, seed)
    for now_ms in range(0, round(minutes * 60_000), _STEP_MS):
        for signal in faults.pass_on(audience.until(now_ms), now_ms):
            yield Timed(now_ms, signal)


async def play_simulation(
    profile: str, seed: int, *, minutes: float, speed: float, hub: str | None, token: str, write: Callable[[str], None]
) -> int:
    """Print a simulated room as lines of JSON, or play it into a hub; returns an exit status."""
    signals = simulate(profile, seed, minutes=minutes)
    if hub is not None:
        return await _play("simulator", signals, hub, token, speed)
    begin_s = time.monotonic()
    for timed in signals:
        await _wait_until(begin_s, timed.at_ms, speed)
        write(json.dumps({"at_ms": timed.at_ms, **signal_to_wire(timed.signal)}, ensure_ascii=False))
    return 0


async def replay(file: Path, hub: str, token: str, *, speed: float) -> int:
    """Play a recording into a hub; returns an exit status."""
    return await _play("replayer", read_recording(file), hub, token, speed)


async def record(file: Path, hub: str, token: str) -> int:
    """Record a room until interrupted or told to stop; returns how many events were kept. Raises NotAdmittedError."""
    plugin = Plugin("recorder", scopes=["room.comment:read", "order:read"])
    recorder: Recorder | None = None

    @plugin.on_any("*")
    async def keep(ctx: Context, event: Event) -> None:
        nonlocal recorder
        recorder = recorder or Recorder(file, started_ms=event.ts_ms, room=event.room)
        recorder.write(event)

    try:
        code = await serve(plugin, hub, token)
        if code and recorder is None:
            raise NotAdmittedError(hub, plugin.id, code)
    finally:
        if recorder is not None:
            recorder.close()
    return 0 if recorder is None else recorder.count


async def _play(plugin_id: str, signals: Iterable[Timed], hub: str, token: str, speed: float) -> int:
    plugin = Plugin(plugin_id, scopes=["room:publish"])
    begun: asyncio.Future[asyncio.Task[None]] = asyncio.get_running_loop().create_future()

    async def play(ctx: Context) -> None:
        begin_s = time.monotonic()
        for at_ms, together in _together(signals):
            await _wait_until(begin_s, at_ms, speed)
            await bring([signal_to_wire(signal) for signal in together], ctx.publish, asyncio.sleep)

    @plugin.on_start
    async def begin(ctx: Context) -> None:
        begun.set_result(asyncio.create_task(play(ctx)))  # longer than a handler may take

    serving = asyncio.create_task(serve(plugin, hub, token))
    await asyncio.wait((serving, begun), return_when=asyncio.FIRST_COMPLETED)
    if begun.done():
        playing = begun.result()
        await asyncio.wait((serving, playing), return_when=asyncio.FIRST_COMPLETED)
        if playing.done():
            serving.cancel()
            await asyncio.gather(serving, return_exceptions=True)
            playing.result()
            return 0
        playing.cancel()
    raise NotAdmittedError(hub, plugin_id, serving.result())


def _together(signals: Iterable[Timed]) -> Iterator[tuple[int, list[Raw | Event]]]:
    """Signals of one moment in frames of bounded size."""
    pending: list[Timed] = []
    for timed in signals:
        if pending and (timed.at_ms > pending[0].at_ms or len(pending) >= _AT_ONCE):
            yield pending[0].at_ms, [t.signal for t in pending]
            pending = []
        pending.append(timed)
    for start in range(0, len(pending), _AT_ONCE):
        part = list(islice(pending, start, start + _AT_ONCE))
        yield part[0].at_ms, [t.signal for t in part]


async def _wait_until(begin_s: float, at_ms: int, speed: float) -> None:
    if speed > 0:
        await asyncio.sleep(max(0.0, begin_s + at_ms / 1000 / speed - time.monotonic()))
