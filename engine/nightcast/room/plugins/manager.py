"""Keeps plugins running: one process each, restarted with growing pauses, quarantined after a crash loop.

A reload starts the new process beside the old one; it takes the session over, the old one is told so (4006) and
ends. Where the new one does not come up in time, it is ended and the old one stays.

Lives in the hub's asyncio loop, in the main thread (children die with the thread that started them).
"""

from __future__ import annotations

import asyncio
import logging
import os
import random
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from signal import SIGTERM
from typing import Literal

from nightcast.process.backoff import Backoff
from nightcast.process.child import Child, stop
from nightcast.process.errors import ChildStartError
from nightcast.room.grants import CAREFUL, Budget
from nightcast.room.hub import Hub
from nightcast.room.plugins.manifest import LoadedPlugin, load_plugin
from nightcast.room.plugins.usage import Meter, hold_back
from nightcast.show.fields import Text

log = logging.getLogger(__name__)

_TICK_S = 0.25
_CRASHES = 5
_ENDED = Text(en="ended by itself", zh="自己结束了")
_REFUSED = Text(en="the hub refuses it", zh="被直播间拒绝")
_CRASH_WINDOW_S = 60.0
_IN_TURN_S = 1.5  # so long at most the next one waits for one that comes up
_STEADY_S = 30.0  # a run this long forgives earlier failures
_HANDOVER_S = 10.0
_START_S = 60.0  # a process that has not come to the hub by then is not going to
_AWAY_S = 30.0  # one that was there and is gone, though it lives: it hangs
# A plugin waits most of the time. One that takes this share of a core for so long, once it has come up, gets only what
# is left; beside a busy stage even one that spins gets no more than a quarter.
_GREEDY = 0.2
_GREEDY_S = 5.0
_COMES_UP_S = 10.0
_TOKEN_LIFE_MS = 60_000
_NOT_ALLOWED = 3  # exit status of the SDK when the hub will not have it back

State = Literal["starting", "running", "waiting", "quarantined", "stopped"]


@dataclass(frozen=True)
class PluginStatus:
    """A plugin as the operator sees it."""

    id: str
    state: State
    pid: int | None
    restarts: int
    detail: Text | None


@dataclass
class _Kept:
    """A plugin under the manager's care."""

    plugin: LoadedPlugin
    backoff: Backoff
    child: Child | None = None
    heir: Child | None = None  #: the new process of a reload
    heir_since_s: float = 0.0
    heir_conn: int | None = None
    meter: Meter | None = None
    was_there: bool = False  #: this process has been on the hub
    away_since_s: float | None = None
    crashes: deque[float] = field(default_factory=deque)
    restarts: int = 0
    again_at_s: float | None = 0.0  #: None: not to be started
    state: State = "starting"
    detail: Text | None = None
    stamp: float = 0.0


class PluginManager:
    """Runs plugins for a hub. `data` holds a folder for each: its log and its store."""

    def __init__(
        self,
        hub: Hub,
        url: str,
        data: Path,
        *,
        rng: random.Random,
        watch: bool = False,
        away_s: float = _AWAY_S,
        clock_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._hub = hub
        self._url = url
        self._data = data
        self._rng = rng
        self._watch = watch
        self._away_s = away_s
        self._clock_s = clock_s
        self._kept: dict[str, _Kept] = {}
        self._task: asyncio.Task[None] | None = None

    def add(self, folder: Path, *, grant: Iterable[str] = (), budget: Budget | None = None) -> LoadedPlugin:
        """Take a plugin in. It gets the ordinary scopes it asks for; careful ones only where `grant` names them."""
        plugin = load_plugin(folder)
        granted = [s for s in plugin.manifest.scopes if s not in CAREFUL or s in set(grant)]
        order = ["order"] if "order:read" in granted else []
        safety = ["compliance"] if "moderation:write" in granted else []
        self._hub.core.grants.allow(plugin.id, granted, budget=budget, priorities=[*order, *safety])
        kept = _Kept(plugin, Backoff(self._rng, first_s=0.5, cap_s=30.0), stamp=_newest(plugin.folder))
        self._kept[plugin.id] = kept
        missing = [s for s in plugin.manifest.scopes if s not in granted]
        if missing:
            log.warning("plugin %s asks for %s, which nobody granted", plugin.id, ", ".join(missing))
        return plugin

    def start(self) -> None:
        """Begin to care for the plugins."""
        self._task = asyncio.create_task(self._care(), name="plugin manager")

    async def stop(self) -> None:
        """End all plugins."""
        if self._task is not None:
            self._task.cancel()
        children = [c for kept in self._kept.values() for c in (kept.child, kept.heir) if c is not None]
        await asyncio.to_thread(stop, children, 3.0)

    def status(self) -> list[PluginStatus]:
        return [
            PluginStatus(name, kept.state, kept.child.pid if kept.child else None, kept.restarts, kept.detail)
            for name, kept in self._kept.items()
        ]

    def reload(self, plugin_id: str) -> None:
        """Start a new process that takes the session over."""
        kept = self._kept[plugin_id]
        session, conn = self._hub.core.session_of(plugin_id)
        if kept.child is None or not kept.child.running or session is None:
            self.release(plugin_id)
            return
        kept.heir = self._spawn(kept, session=session)
        kept.heir_since_s, kept.heir_conn = self._clock_s(), conn

    def release(self, plugin_id: str) -> None:
        """Start a plugin again that was quarantined or stopped."""
        kept = self._kept[plugin_id]
        kept.crashes.clear()
        kept.backoff.succeeded()
        kept.again_at_s = 0.0

    async def _care(self) -> None:
        while True:
            for kept in self._kept.values():
                self._tend(kept, self._clock_s())
            await asyncio.sleep(_TICK_S)

    def _tend(self, kept: _Kept, now_s: float) -> None:
        if self._watch and (stamp := _newest(kept.plugin.folder)) > kept.stamp:
            kept.stamp = stamp
            log.info("plugin %s changed, reloading", kept.plugin.id)
            self.reload(kept.plugin.id)
        if kept.heir is not None:
            self._tend_heir(kept, now_s)
        child = kept.child
        if child is None:
            waits = kept.restarts == 0 and self._one_comes_up(now_s)
            if kept.again_at_s is not None and now_s >= kept.again_at_s and not waits:
                kept.child = self._spawn(kept)
        elif child.running:
            child.trim_log()
            if now_s - child.started_s > _STEADY_S:
                kept.backoff.succeeded()
            self._look_for(kept, child, now_s)
            self._hold_back_greedy(kept, child, now_s)
        elif kept.heir is None:
            self._ended(kept, child.exit_code or 0, now_s)

    def _one_comes_up(self, now_s: float) -> bool:
        """Whether a plugin's process is loading: at first they do so in turn, or the picture would stand still."""
        return any(
            kept.child is not None
            and kept.child.running
            and now_s - kept.child.started_s < _IN_TURN_S
            and self._hub.core.session_of(kept.plugin.id)[1] is None
            for kept in self._kept.values()
        )

    def _look_for(self, kept: _Kept, child: Child, now_s: float) -> None:
        """Whether a process that runs is on the hub; one that stays away hangs, and is ended."""
        if self._hub.core.session_of(kept.plugin.id)[1] is not None:
            kept.state, kept.was_there, kept.away_since_s = "running", True, None
            return
        kept.state = "starting"
        if kept.away_since_s is None:
            kept.away_since_s = now_s
        limit_s = self._away_s if kept.was_there else _START_S
        if now_s - kept.away_since_s > limit_s:
            log.warning("plugin %s has not been on the hub for %.0f s; its process is ended", kept.plugin.id, limit_s)
            child.kill()

    def _hold_back_greedy(self, kept: _Kept, child: Child, now_s: float) -> None:
        """One that takes a core would take it from the picture."""
        if child.pid is None or not (kept.was_there or now_s - child.started_s > _COMES_UP_S):
            return
        if kept.meter is None or kept.meter.pid != child.pid:
            kept.meter = Meter(child.pid, _GREEDY_S)
        share = kept.meter.share(now_s)
        if share is not None and share > _GREEDY and not kept.meter.held_back and hold_back(child.pid):
            kept.meter.held_back = True
            kept.detail = Text(
                en=f"used {share:.0%} of a core: it gets only what the others leave, until it is started again",
                zh=f"占用了一个核心的 {share:.0%}：重新启动之前，只能用其他程序剩下的",
            )
            log.warning("plugin %s %s", kept.plugin.id, kept.detail.en)

    def _tend_heir(self, kept: _Kept, now_s: float) -> None:
        heir = kept.heir
        if heir is None:
            return
        conn = self._hub.core.session_of(kept.plugin.id)[1]
        if conn is not None and conn != kept.heir_conn:
            older, kept.child, kept.heir = kept.child, heir, None
            kept.detail = Text(en="reloaded", zh="已重新加载")
            if older is not None and older.running:
                older.signal(SIGTERM)
        elif not heir.running or now_s - kept.heir_since_s > _HANDOVER_S:
            heir.kill()
            kept.heir = None
            kept.detail = Text(
                en="the new version did not come up; the old one stays", zh="新版本没有启动成功，仍用旧版本"
            )
            log.warning("plugin %s: %s (see %s)", kept.plugin.id, kept.detail.en, heir.log_path)

    def _ended(self, kept: _Kept, code: int, now_s: float) -> None:
        kept.child = None
        if code in (0, _NOT_ALLOWED):
            kept.state, kept.again_at_s = "stopped", None
            kept.detail = _ENDED if code == 0 else _REFUSED
            return
        kept.restarts += 1
        kept.crashes.append(now_s)
        while kept.crashes and now_s - kept.crashes[0] > _CRASH_WINDOW_S:
            kept.crashes.popleft()
        en, zh = ("exit status", "退出码") if code > 0 else ("signal", "信号")
        how = Text(en=f"{en} {abs(code)}", zh=f"{zh} {abs(code)}")
        if len(kept.crashes) >= _CRASHES:
            kept.state, kept.again_at_s = "quarantined", None
            kept.detail = Text(
                en=f"{_CRASHES} crashes within {_CRASH_WINDOW_S:.0f} s, the last with {how.en}",
                zh=f"{_CRASH_WINDOW_S:.0f} 秒内崩溃 {_CRASHES} 次，最后一次是{how.zh}",
            )
            log.error("plugin %s is quarantined: %s", kept.plugin.id, kept.detail.en)
            return
        pause_s = kept.backoff.next_s()
        kept.state, kept.again_at_s = "waiting", now_s + pause_s
        kept.detail = _again(how, pause_s)
        log.warning("plugin %s ended: %s", kept.plugin.id, kept.detail.en)

    def _spawn(self, kept: _Kept, session: str | None = None) -> Child | None:
        """Start a process; one that cannot be started now, as at a full disk, is tried again later."""
        plugin = kept.plugin
        folder = self._data / plugin.id
        expires_ms = self._hub.clock() + _TOKEN_LIFE_MS
        token = self._hub.core.grants.issue(plugin.id, once=True, expires_ms=expires_ms)
        environment = {"NIGHTCAST_HUB": self._url, "NIGHTCAST_TOKEN": token, "NIGHTCAST_DATA": str(folder)}
        environment["PYTHONPATH"] = os.pathsep.join(p for p in sys.path if p)
        if session is not None:
            environment["NIGHTCAST_SESSION"] = session
        argv = [sys.executable, "-m", "nightcast.room.plugins.launch", str(plugin.folder)]
        child = Child(f"plugin {plugin.id}", argv, folder / "plugin.log", environment)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            child.start()
        except (ChildStartError, OSError) as error:
            pause_s = kept.backoff.next_s()
            kept.state, kept.again_at_s = "waiting", self._clock_s() + pause_s
            kept.detail = _again(Text.model_validate(str(error)), pause_s)
            log.warning("plugin %s: %s", plugin.id, kept.detail.en)
            return None
        kept.state, kept.detail = "starting", None
        if session is None:
            kept.was_there, kept.away_since_s = False, None
        return child


def _newest(folder: Path) -> float:
    return max(
        (f.stat().st_mtime for f in folder.rglob("*") if f.is_file() and "__pycache__" not in f.parts), default=0
    )


def _again(why: Text, pause_s: float) -> Text:
    return Text(en=f"{why.en}; again in {pause_s:.1f} s", zh=f"{why.zh}；{pause_s:.1f} 秒后重试")
