"""A floor with everything it stands on, for tests: no other process, and a clock that is moved by hand."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from nightcast.director.audience import Audience
from nightcast.director.desk import Desk
from nightcast.director.floor import Floor
from nightcast.director.journal import Journal
from nightcast.director.live import Live
from nightcast.director.page import Page
from nightcast.director.planning import Words
from nightcast.director.policy import load_policy
from nightcast.director.run import Run
from nightcast.process.heartbeat import Heartbeat
from nightcast.process.shared import SAMPLE_RATE_HZ, ClockPage, ClockReading
from nightcast.room import actions as a
from nightcast.room import events as e
from nightcast.room.arbiter import Action, Change
from nightcast.room.core import HubCore
from nightcast.room.grants import Grants
from nightcast.room.hub import Hub
from nightcast.show import Show
from nightcast.talk.gate.gate import Gate
from nightcast.talk.messages import Speak, Spoken

NOW = datetime(2026, 11, 26, 22, tzinfo=UTC)


class Wires:
    """Stands for the director's server: keeps what is sent, and speaks every line at once, two seconds long."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, BaseModel]] = []
        self.live: Live | None = None

    def send(self, name: str, message: BaseModel) -> bool:
        self.sent.append((name, message))
        if isinstance(message, Speak) and self.live is not None:
            spoken = Spoken(
                line_id=message.line_id, audio_sha256="0" * 64, path="x.wav", duration_s=2.0, visemes=(), words=(),
                engine="espeak",
            )  # fmt: skip
            asyncio.get_running_loop().call_soon(self.live.voices.hear, spoken)
        return True

    def cues(self, kind: str) -> list[Any]:
        return [message for name, message in self.sent if name == "stage" and getattr(message, "kind", "") == kind]


class Stand:
    """A floor with everything it stands on, and a clock that is moved by hand."""

    def __init__(self, show: Show, folder: Path) -> None:
        self.clock = ClockPage.create(fps=30)
        run = Run(
            script=show.file, root=show.root, state=folder, scene="scenes/studio.yaml", width_px=64, height_px=64,
            fps=30, seed=1, clock=self.clock.name, ring="r", page=Page(port=0), hub_port=0, outputs=(), language="en",
        )  # fmt: skip
        self.journal = Journal(folder / "night.db")
        gate = Gate(load_policy(show))
        desk = Desk(show.catalog, gate, self.journal, lambda: NOW)
        self.wires = Wires()
        self.live = Live(run, show, self.journal, desk, self.wires, self.clock, lambda: None, Heartbeat(None))  # type: ignore[arg-type]
        self.wires.live = self.live
        self.reports: list[tuple[str, str, str]] = []
        self.told: list[e.EventData] = []
        core = HubCore(Grants(), new_id=iter(map(str, range(10_000))).__next__)
        self.hub = Hub(core, clock=lambda: 1_000)
        self.hub.report = lambda action_id, state, detail="", code=None: self.reports.append((action_id, state, detail))  # type: ignore[assignment,misc]
        self.gave_way: list[str] = []
        self.hub.give_way = self.gave_way.append  # type: ignore[method-assign]
        core.observers.append(lambda event: self.told.append(event.data))
        self.audience = Audience(lambda: 0.0)
        self.floor = Floor(self.live, self.hub, Words.of_show(show).answers(), self.audience, "1-")
        self.now = 0

    def ask(self, data: a.ActionData, action_id: str = "act1") -> None:
        action = Action(action_id, "c1", "tester", data, "plugin", 0, 60_000)
        self.floor.change(Change(action, "started"))

    async def pass_time(self, seconds: float) -> None:
        """Move the clock on in small steps, letting everything happen that is due."""
        for _ in range(round(seconds * 10)):
            self.now += SAMPLE_RATE_HZ // 10
            self.clock.write(ClockReading(self.now, 30, 1e9, 3, self.now // 1_600))
            for happening in self.live.night.step(self.now):
                self.live._carry_out(happening)
            for _ in range(4):
                await asyncio.sleep(0)
