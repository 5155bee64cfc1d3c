"""Sends the programme's packets to one place from a thread of its own, and tries again forever when that
fails.

A `Sink` knows how to open one place, write to it and close it; the sender knows when. Every opening begins
with fresh headers and a keyframe. Nothing an output does can hold up the programme: `offer` never waits.
"""

from __future__ import annotations

import logging
import threading
import traceback
from collections.abc import Callable
from fractions import Fraction
from random import Random
from typing import Protocol

from nightcast.air.encoder import Encoder, Packet
from nightcast.air.errors import OutputError, OutputUnavailable
from nightcast.air.messages import OutputHealth
from nightcast.air.outputs.backlog import Backlog
from nightcast.process.backoff import Backoff
from nightcast.show.fields import Text

log = logging.getLogger(__name__)

_HEALTHY_AFTER = 300  # packets (some 4 s) written in a row before a connection counts as a success


class Sink(Protocol):
    """One opening of one place. Raises OutputError when it cannot go on."""

    def open(self, encoder: Encoder) -> None: ...
    def write(self, packet: Packet, shift_s: Fraction) -> None: ...

    def close(self) -> None:
        """End so that what was written can be played. May raise OutputError."""

    def abort(self) -> None:
        """Let go at once after a failure; never raises."""

    def interrupt(self) -> None:
        """From another thread: make a call that waits for a peer fail soon."""

    def sent_bytes(self) -> int: ...


class Sender:
    """An output made of a sink, a queue and a thread."""

    def __init__(
        self,
        output_id: str,
        kind: str,
        make_sink: Callable[[], Sink],
        encoder: Encoder,
        backlog: Backlog,
        random: Random,
    ) -> None:
        self._id = output_id
        self._kind = kind
        self._make_sink = make_sink
        self._encoder = encoder
        self._backlog = backlog
        # Slow growth: a try about every second for the first half minute, every ten after five minutes. Most outages
        # are short, and platforms keep a stream's page open for a minute or so.
        self._backoff = Backoff(random, first_s=1.0, factor=1.03, cap_s=10.0, jitter=0.2)
        self._changed = threading.Condition()
        self._ending = False  # no more packets come: send what waits, close well
        self._abandoned = False  # stop now
        self._sink: Sink | None = None
        self._sent_before = 0
        self._health = OutputHealth(id=output_id, kind=kind, state="opening")
        self._thread = threading.Thread(target=self._run, name=f"output-{output_id}", daemon=True)
        self._thread.start()

    def offer(self, packet: Packet) -> None:
        with self._changed:
            self._backlog.put(packet)
            self._changed.notify()

    def health(self) -> OutputHealth:
        sink = self._sink
        sent = self._sent_before + (sink.sent_bytes() if sink else 0)
        return self._health.model_copy(update={"sent_bytes": sent, "dropped_packets": self._backlog.dropped})

    def end(self) -> None:
        """No more packets will be offered. `join` then waits for a clean close."""
        with self._changed:
            self._ending = True
            self._changed.notify()

    def join(self, timeout_s: float) -> None:
        """Wait for the end; when it does not come in time, abandon what is left."""
        self._thread.join(timeout_s)
        if self._thread.is_alive():
            log.warning("%s did not close within %.1f s; abandoned", self._id, timeout_s)
            with self._changed:
                self._abandoned = True
                self._changed.notify()
            if (sink := self._sink) is not None:
                sink.interrupt()

    def _run(self) -> None:
        while not self._abandoned:
            key = self._wait_for_key()
            if key is None:
                break
            try:
                self._send_from(key)
                break
            except OutputError as error:
                failure = error
            except Exception as error:  # noqa: BLE001 - the thread's end: what no sink foresaw must not end the output
                failure = self._unforeseen(error)
            if self._ending:
                log.warning("%s failed while closing: %s", self._id, failure.reason.en)
                break
            self._retry(failure)
        self._report(state="closed", detail=None)

    def _wait_for_key(self) -> Packet | None:
        with self._changed:
            self._changed.wait_for(lambda: self._backlog.group_start() or self._ending or self._abandoned)
            key = self._backlog.group_start()
            if key is not None:
                self._backlog.enter(key)
                self._backlog.follow = True
            return key

    def _send_from(self, key: Packet) -> None:
        """One opening, from its keyframe to the end of the programme. Raises OutputError."""
        sink = self._make_sink()
        self._sink = sink
        shift_s = -key.pts * key.time_base  # each opening counts from zero
        written = 0
        try:
            sink.open(self._encoder)
            self._report(state="on_air", detail=None)
            while (packet := self._next_packet()) is not None:
                sink.write(packet, shift_s)
                written += 1
                if written == _HEALTHY_AFTER:
                    self._backoff.succeeded()
            sink.close()
        except Exception:
            sink.abort()
            raise
        finally:
            self._sink = None
            self._sent_before += sink.sent_bytes()

    def _next_packet(self) -> Packet | None:
        with self._changed:
            self._changed.wait_for(lambda: len(self._backlog) or self._ending or self._abandoned)
            return None if self._abandoned else self._backlog.take()

    def _unforeseen(self, error: Exception) -> OutputError:
        """The error's place goes to the log, but not its words: they may hold a stream key."""
        failure = OutputError(
            self._id,
            Text(
                en=f"an error that nobody foresaw ({type(error).__name__}); air's log says where",
                zh=f"意外错误（{type(error).__name__}），位置见播出进程的日志",
            ),
        )
        if self._health.detail != failure.reason:
            log.error("%s failed at:\n%s", self._id, "".join(traceback.format_tb(error.__traceback__)))
        return failure

    def _retry(self, error: OutputError) -> None:
        delay_s = self._backoff.next_s()
        unavailable = isinstance(error, OutputUnavailable)
        if self._health.detail != error.reason:
            log.warning("%s: %s; trying again for as long as it takes", self._id, error.reason.en)
        self._report(
            state="unavailable" if unavailable else "retrying",
            detail=error.reason,
            reconnects=self._health.reconnects + 1,
        )
        with self._changed:
            self._backlog.follow = False
            self._changed.wait_for(lambda: self._ending or self._abandoned, timeout=delay_s)

    def _report(self, **changes: object) -> None:
        self._health = self._health.model_copy(update=changes)
