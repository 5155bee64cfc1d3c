"""The supervisor: the parent of a night's processes. It starts them, restarts what dies or goes silent, and ends them.

It draws nothing, speaks nothing and keeps no plan, so that it has nothing to die of; should it die all the same, its
children end with it (the kernel sees to that) and the next start resumes the night from the journal.
"""

from __future__ import annotations

import contextlib
import queue
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from random import Random
from types import FrameType
from typing import Literal

from nightcast.director.messages import ProcessHealth, ProcessReport, Status, from_director
from nightcast.director.run import Run
from nightcast.process.backoff import Backoff
from nightcast.process.channel import Client
from nightcast.process.child import Child, stop
from nightcast.process.errors import ChildStartError

__all__ = ["Keeper", "Supervised", "Supervisor"]

_TURN_S = 0.1
_STARTING_S = 90.0  # loading models on a busy machine is no hanging
_STABLE_S = 30.0  # a process that ran so long begins its backoff anew
_WORRYING_RESTARTS = 3
_END_GRACE_S = 25.0  # the longest sentence, and closing the files


@dataclass(frozen=True)
class Supervised:
    """A process to keep alive. It counts as hung after `silence_s` without a heartbeat (None: it sends none)."""

    child: Child
    silence_s: float | None = 10.0


class Keeper:
    """When one process is to be started, killed or left alone. Pure: the clock is passed in."""

    def __init__(self, random: Random, silence_s: float | None) -> None:
        self._backoff = Backoff(random, first_s=0.1, cap_s=10.0)
        self._silence_s = silence_s
        self._start_at_s = 0.0
        self._started_s: float | None = None
        self.restarts = 0

    def decide(
        self, now_s: float, running: bool, silent_s: float, heard: bool = True
    ) -> Literal["start", "kill", "leave", "wait"]:
        """The next step. `heard` is false until the process gave its first sign of life; that may take longer."""
        if running:
            age_s = now_s - self._started_s if self._started_s is not None else silent_s
            limit_s = self._silence_s if heard or self._silence_s is None else max(self._silence_s, _STARTING_S)
            if limit_s is not None and silent_s > limit_s:
                return "kill"
            if age_s > _STABLE_S:
                self._backoff.succeeded()
            return "leave"
        if self._started_s is not None:
            self._started_s = None
            self.restarts += 1
            self._start_at_s = now_s + self._backoff.next_s()
        if now_s < self._start_at_s:
            return "wait"
        self._started_s = now_s
        return "start"


class _Teller:
    """Tells whoever watches, from a thread of its own.

    A terminal may take nothing for hours (Ctrl-S, a laptop asleep at the other end of ssh) or be closed. Neither ends
    the night or leaves it without a supervisor; what does not get through is left out.
    """

    _MOST_WAITING = 100

    def __init__(self, report: Callable[[Status], None]) -> None:
        self._report = report
        self._waiting: queue.Queue[Status | None] = queue.Queue(self._MOST_WAITING)
        self._thread = threading.Thread(target=self._run, name="teller", daemon=True)
        self._thread.start()

    def tell(self, status: Status | None) -> None:
        with contextlib.suppress(queue.Full):
            self._waiting.put_nowait(status)

    def close(self) -> None:
        """Let what waits get through, but not for long."""
        self.tell(None)
        self._thread.join(1.0)

    def _run(self) -> None:
        while (status := self._waiting.get()) is not None:
            with contextlib.suppress(OSError, SystemExit):  # rich makes the latter of a broken pipe
                self._report(status)


class Supervisor:
    """Runs a night's processes until the director says the night is over, or somebody stops it."""

    def __init__(
        self, run: Run, processes: Sequence[Supervised], report: Callable[[Status], None], random: Random
    ) -> None:
        self._processes = {process.child.name: process for process in processes}
        self._keepers = {process.child.name: Keeper(random, process.silence_s) for process in processes}
        self._teller = _Teller(report)
        self._channel = Client(run.socket, "supervisor", from_director)
        self._stops = 0

    def run(self) -> int:
        """Returns 0 when the night ended as it should, 1 when it had to be broken off."""
        with self._listening_to_signals():
            while True:
                if self._stops or self._director_finished():
                    return self._end()
                self._keep(time.monotonic())
                self._talk()
                time.sleep(_TURN_S)

    def _keep(self, now_s: float) -> None:
        for name, process in self._processes.items():
            child = process.child
            step = self._keepers[name].decide(now_s, child.running, child.silent_s(now_s), child.heard)
            if step == "start":
                if self._keepers[name].restarts >= _WORRYING_RESTARTS:
                    warning = (
                        f"The {name} process keeps ending; its log is {child.log_path}. `nightcast doctor` may say why."
                    )
                    self._teller.tell(Status(phase="preparing", warning=warning))
                try:
                    child.start()
                except ChildStartError as error:  # no memory for it, or no process number: the others go on
                    self._teller.tell(Status(phase="preparing", warning=f"{error}; it is tried again"))
            elif step == "kill":
                child.kill()
            elif child.running:
                child.trim_log()

    def _talk(self) -> None:
        for status in self._channel.poll():
            self._teller.tell(status)
        self._channel.send(ProcessReport(processes=tuple(self._health())))

    def _health(self) -> Iterator[ProcessHealth]:
        for name, process in self._processes.items():
            state: Literal["running", "waiting"] = "running" if process.child.running else "waiting"
            yield ProcessHealth(name=name, state=state, pid=process.child.pid, restarts=self._keepers[name].restarts)

    def _director_finished(self) -> bool:
        return self._processes["director"].child.exit_code == 0

    def _end(self) -> int:
        """The director first: it ends the sentence and the night's books; then the picture and the air."""
        director = self._processes["director"].child
        if director.running:
            director.signal(signal.SIGTERM)
            self._wait_for(director)
        whole = director.exit_code in (0, -signal.SIGTERM)  # the latter: it had not begun
        others = [process.child for process in self._processes.values() if process.child is not director]
        stop([director], grace_s=0.0)
        stop([child for child in others if child.name != "air"], grace_s=3.0)
        stop([child for child in others if child.name == "air"], grace_s=10.0)
        self._channel.close()
        self._teller.close()
        return 0 if whole else 1

    def _wait_for(self, director: Child) -> None:
        """Wait until the director has ended the night, or a while; a second signal cuts it short."""
        deadline_s = time.monotonic() + _END_GRACE_S
        asked = 1  # somebody may have asked twice already
        while director.running and time.monotonic() < deadline_s:
            if self._stops > asked:
                asked = self._stops
                director.signal(signal.SIGTERM)
            with contextlib.suppress(OSError):
                for status in self._channel.poll():
                    self._teller.tell(status)
            time.sleep(_TURN_S)

    @contextlib.contextmanager
    def _listening_to_signals(self) -> Iterator[None]:
        def stop_requested(_signal: int, _frame: FrameType | None) -> None:
            self._stops += 1

        numbers = [signal.SIGINT, signal.SIGTERM]
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # under nohup the night goes on
            numbers.append(signal.SIGHUP)
        before = {number: signal.signal(number, stop_requested) for number in numbers}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
