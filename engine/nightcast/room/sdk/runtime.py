"""Runs a plugin's handlers against a protocol client: the same with a socket, in the test kit and in a bench.

The reader never waits for a handler: events go into the handlers' own queues, which the hub's window bounds.
One loop; plain functions run in threads.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import zlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Literal, Protocol

from pydantic import ValidationError

from nightcast.room.actions import ActionData
from nightcast.room.errors import RoomError, UnknownTypeError
from nightcast.room.events import ActionState, Comment, Event
from nightcast.room.protocol import ActionFrame, Precondition, Priority, Publish
from nightcast.room.sdk.client import Answered, Arrived, Broken, ClientCore, Lost, Opened, Refused, sdk_name
from nightcast.room.sdk.context import Context, Outcome
from nightcast.room.sdk.plugin import Plugin, Rule
from nightcast.room.sdk.room import RoomView
from nightcast.room.subscription import matches, types_of

_RESULT_S = 5.0
_HEARD = 10_000  # viewers whose cooldown is remembered, for each command


class Clock(Protocol):
    """Time for a plugin."""

    def now_ms(self) -> int: ...

    async def sleep(self, seconds: float) -> None: ...


class Runtime:
    """One plugin at work. `flush` is called whenever `client.outgoing` has something to send."""

    def __init__(
        self,
        plugin: Plugin,
        clock: Clock,
        *,
        token: str = "",
        session: str | None = None,
        rng: random.Random | None = None,
        store: dict[str, Any] | None = None,
        flush: Callable[[], None] = lambda: None,
    ) -> None:
        self.plugin = plugin
        self.clock = clock
        self.random = rng or random.Random()
        self.store = {} if store is None else store
        self.room = RoomView()
        self.flush = flush
        self.loop = asyncio.get_running_loop()
        self.errors: list[str] = []  #: what handlers raised, newest last, at most 100
        self.notes: list[str] = []  #: what `ctx.log` was told, newest last, at most 100
        info = plugin.info.model_copy(update={"sdk": sdk_name()})
        self.client = ClientCore(info, token, plugin.scopes, plugin.subscriptions(), session=session)
        self.threads = 0  #: handlers at work in threads
        self._logger = logging.getLogger(f"plugin.{plugin.id}")
        self._lanes = [_Lane(self, rule) for rule in plugin.rules]
        self._open = asyncio.Event()
        self._started = False
        self._results: dict[str, asyncio.Future[Outcome]] = {}
        self._ends: dict[str, asyncio.Future[ActionState]] = {}
        self._waiting: dict[str, ActionFrame | Publish] = {}
        self._owed: dict[int, int] = {}  # handlers still at an event, by seq
        self._tasks: set[asyncio.Task[None]] = set()
        self._count = 0

    # -- the connection's side --

    def feed(self, message: str | bytes) -> Broken | None:
        """Take one message in. A Broken asks for a new connection."""
        for happening in self.client.receive(message):
            match happening:
                case Arrived(seq, wire):
                    self._arrived(seq, wire)
                case Answered(fields):
                    self._answered(fields)
                case Opened():
                    self._opened(happening)
                case Lost(by_type, reason):
                    self._logger.info("not delivered (%s): %s", reason, by_type)
                case Refused(detail):
                    self.log(f"hub: {detail}")
                case Broken():
                    return happening
        if self.client.ack_due:
            self.client.ack()
        self.flush()
        return None

    def acknowledge(self) -> None:
        """Send the acknowledgement that is due by time."""
        self.client.ack()
        self.flush()

    def lost_connection(self) -> None:
        self._open.clear()

    async def stop(self) -> None:
        """Let handlers at work finish for a moment, then end."""
        for lane in self._lanes:
            lane.stop()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, *(w for lane in self._lanes for w in lane.workers), return_exceptions=True)

    @property
    def idle(self) -> bool:
        """No event is being handled."""
        return not self._owed

    # -- actions --

    async def act(
        self,
        data: ActionData,
        *,
        idem: str | None,
        ttl_s: float,
        pri: Priority,
        on_busy: Literal["queue", "reject", "replace"],
        if_rev: int | None,
    ) -> Outcome:
        frame = ActionFrame(
            id=self._new_id("a"), type=data.type, d=data.model_dump(mode="json", exclude_none=True),
            # an own key makes the action safe to send again after a lost connection
            idem=idem or f"auto-{self.random.getrandbits(64):016x}",
            ttl_ms=max(1, int(ttl_s * 1000)), pri=pri, on_busy=on_busy,
            when=None if if_rev is None else Precondition(rev=if_rev),
        )  # fmt: skip
        ended = self._ends[frame.id] = self.loop.create_future()  # the end may come before we look
        outcome = await self._ask(frame)
        if not outcome:
            self._ends.pop(frame.id, None)
            return outcome
        return replace(outcome, _ended=ended)

    async def publish(self, signals: list[dict[str, Any]]) -> Outcome:
        return await self._ask(Publish(id=self._new_id("p"), events=tuple(signals)))

    async def _ask(self, frame: ActionFrame | Publish) -> Outcome:
        future: asyncio.Future[Outcome] = self.loop.create_future()
        self._results[frame.id] = future
        self._waiting[frame.id] = frame
        if self._open.is_set():
            self.client.send(frame)
            self.flush()
        patience = self.loop.create_task(self.clock.sleep(_RESULT_S))
        try:
            await asyncio.wait((future, patience), return_when=asyncio.FIRST_COMPLETED)
            return future.result() if future.done() else Outcome(False, "timeout", "the hub did not answer")
        finally:
            patience.cancel()
            self._results.pop(frame.id, None)
            self._waiting.pop(frame.id, None)

    def _new_id(self, prefix: str) -> str:
        self._count += 1
        return f"{prefix}{self._count}-{self.random.getrandbits(24):06x}"

    def _answered(self, fields: dict[str, Any]) -> None:
        future = self._results.get(fields["id"])
        if future is not None and not future.done():
            accepted = fields["state"] == "accepted"
            retry = fields.get("retry_after_ms")
            detail = fields.get("detail") or ""
            future.set_result(Outcome(accepted, fields.get("code"), detail, retry, fields.get("dup", False)))

    # -- events --

    def _opened(self, opened: Opened) -> None:
        self.room.reset(opened.snapshot)
        if opened.denied:
            self.log(f"not granted: {', '.join(opened.denied)}")
        if opened.how == "resync":
            self._owed.clear()
        self._open.set()
        for frame in self._waiting.values():
            self.client.send(frame)
        if not self._started:
            self._started = True
            for handler in self.plugin.at_start:
                self._spawn(self._guard(handler, Context(self), 30.0))
            for timer in self.plugin.timers:
                self._spawn(self._timer(timer.handler, timer.every_s))

    def _arrived(self, seq: int, wire: dict[str, Any]) -> None:
        try:
            event = Event.from_wire(wire)
        except (UnknownTypeError, ValidationError):
            self.client.handled(seq)  # of a later version, or not for us: passed by
            return
        data = event.data
        if isinstance(data, ActionState):
            end = self._ends.get(data.action_id)
            if end is not None and data.state not in ("queued", "started"):
                if not end.done():
                    end.set_result(data)
                del self._ends[data.action_id]
        self.room.follow(data)
        lanes = [lane for lane in self._lanes if lane.takes(event)]
        if not lanes:
            self.client.handled(seq)
            return
        self._owed[seq] = len(lanes)
        for lane in lanes:
            lane.put(seq, event)

    def done_with(self, seq: int) -> None:
        """A handler has finished with an event."""
        left = self._owed.get(seq, 0) - 1
        if left > 0:
            self._owed[seq] = left
        elif self._owed.pop(seq, None) is not None:
            self.client.handled(seq)

    async def call(self, rule: Rule, event: Event) -> None:
        """Run one handler for one event."""
        arguments: list[Any] = [event if rule.event is None else event.data]
        if rule.command is not None and isinstance(event.data, Comment):
            arguments.append(event.data.text.strip()[len(rule.command) :].strip())
        await self._guard(rule.handler, Context(self, event), rule.timeout_s, *arguments)

    async def _timer(self, handler: Callable[..., Any], every_s: float) -> None:
        while True:
            await self.clock.sleep(every_s)
            await self._open.wait()
            await self._guard(handler, Context(self), every_s + 30.0)

    async def _guard(self, handler: Callable[..., Any], ctx: Context, timeout_s: float, *arguments: Any) -> None:
        """Run a handler so that neither its error nor its silence harms the others."""
        name = getattr(handler, "__name__", repr(handler))
        if asyncio.iscoroutinefunction(handler):
            work = self.loop.create_task(handler(ctx, *arguments))
        else:
            work = self.loop.create_task(self._in_thread(handler, ctx, *arguments))
        watch = self.loop.create_task(self.clock.sleep(timeout_s))
        try:
            await asyncio.wait((work, watch), return_when=asyncio.FIRST_COMPLETED)
            if not work.done():
                self._failed(f"{name} took longer than {timeout_s:g} s and was cancelled", None)
            elif (error := work.exception()) is not None:
                explained = isinstance(error, RoomError)  # it says itself what to do
                self._failed(f"{name}: {error if explained else repr(error)}", None if explained else error)
        finally:
            watch.cancel()
            if not work.done():
                work.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await work

    async def _in_thread(self, handler: Callable[..., Any], *arguments: Any) -> None:
        self.threads += 1
        try:
            await asyncio.to_thread(handler, *arguments)
        finally:
            self.threads -= 1

    def _failed(self, what: str, error: BaseException | None) -> None:
        self._logger.error(what, exc_info=error)
        self.errors = [*self.errors[-99:], what]

    def log(self, message: str) -> None:
        self._logger.info(message)
        self.notes = [*self.notes[-99:], message]

    def _spawn(self, work: Any) -> None:
        task = self.loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


class _Lane:
    """The queue of one rule and the tasks that work on it."""

    def __init__(self, runtime: Runtime, rule: Rule) -> None:
        self.rule = rule
        self._runtime = runtime
        self._heard: dict[str, int] = {}
        self._types = frozenset(types_of(rule.pattern))
        count = rule.concurrency if rule.key else 1
        self._queues: list[asyncio.Queue[tuple[int, Event]]] = [asyncio.Queue() for _ in range(count)]
        self.workers = [
            runtime.loop.create_task(self._work(self._queues[index % count])) for index in range(rule.concurrency)
        ]

    def takes(self, event: Event) -> bool:
        rule = self.rule
        if rule.event is None:
            return event.type in self._types
        if type(event.data) is not rule.event or not matches(rule.where, event):
            return False
        if rule.command is None or not isinstance(event.data, Comment):
            return True
        if not _begins_with(event.data.text.strip().casefold(), rule.command.casefold()):
            return False
        now_ms, user = self._runtime.clock.now_ms(), event.data.user.ref
        if now_ms - self._heard.get(user, -(10**12)) < rule.cooldown_s * 1000:
            return False
        if rule.cooldown_s:
            self._heard.pop(user, None)
            self._heard[user] = now_ms
            if len(self._heard) > _HEARD:  # the oldest is first
                del self._heard[next(iter(self._heard))]
        return True

    def put(self, seq: int, event: Event) -> None:
        value: Any = event.data
        for name in (self.rule.key or "").split("."):
            value = getattr(value, name, value)
        lane = zlib.crc32(str(value).encode()) % len(self._queues) if self.rule.key else 0
        self._queues[lane].put_nowait((seq, event))

    def stop(self) -> None:
        for worker in self.workers:
            worker.cancel()

    async def _work(self, queue: asyncio.Queue[tuple[int, Event]]) -> None:
        while True:
            seq, event = await queue.get()
            await self._runtime.call(self.rule, event)
            self._runtime.done_with(seq)


def _begins_with(text: str, word: str) -> bool:
    """Whether a text begins with a word; in letters that are written in words, with a whole one: not "drawing"."""
    after = text[len(word) : len(word) + 1]
    return text.startswith(word) and not (word[-1:].isascii() and after.isascii() and after.isalnum())
