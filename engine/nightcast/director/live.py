"""A night on air: the loop that ties clock, plan, voice, stage and sound together, in one asyncio process.

`Live` decides nothing itself: `Night` says which line comes next, `Staging` what it looks like, `Desk` what may be
said. It carries their answers to the other processes and writes the journal first: a line is committed before a
sample of it is heard.
"""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from nightcast.air import messages as air
from nightcast.air.clock import MAX_CATCH_UP_S
from nightcast.air.sound import told_cut_off
from nightcast.director.desk import Desk
from nightcast.director.errors import UnspokenError
from nightcast.director.evergreen import evergreen
from nightcast.director.journal import Journal
from nightcast.director.messages import ProcessHealth, ProcessReport
from nightcast.director.night import READY_S, Begun, Cut, Ended, Happening, Interjection, Night, ReadyLine
from nightcast.director.outputs import output_spec
from nightcast.director.run import Run
from nightcast.director.slots import overdue
from nightcast.director.staging import Staging
from nightcast.director.voices import VoiceDesk
from nightcast.process.channel import Joined, Left, Server
from nightcast.process.heartbeat import Heartbeat
from nightcast.process.shared import SAMPLE_RATE_HZ, ClockPage
from nightcast.show import Show
from nightcast.show.fields import Text
from nightcast.stage.cues import Cue, OverlayCue
from nightcast.stage.messages import SceneChanged, SceneRefused, StageMetrics, StageReady, StageWarning
from nightcast.talk.messages import Spoken, Unspoken, VoiceHealth
from nightcast.talk.records import Line, Segment

__all__ = ["Live", "OnAir"]

log = logging.getLogger(__name__)

_TICK_S = 0.02
_VOICELESS_S = 8.0
_REPLAN_S = 2.0
_PASSING_S = 600.0
_CATCH_UP = round(MAX_CATCH_UP_S * SAMPLE_RATE_HZ)


@dataclass
class OnAir:
    """What is known of the night right now, for everybody who looks at it."""

    phase: str = "preparing"
    line: ReadyLine | None = None
    spoken: int = 0
    air: air.AirStats | None = None
    voice: VoiceHealth | None = None
    processes: tuple[ProcessHealth, ...] = ()
    stage: StageMetrics | None = None
    now_s: Callable[[], float] = time.monotonic
    _warnings: dict[str, tuple[Text, float]] = field(default_factory=dict)  # by what they are about; until when

    def warn(self, about: str, *, en: str, zh: str, passing: bool = False) -> None:
        """Something that the operator should know, in the place of what was told about the same before.

        It holds until all is `well` with it; what is `passing` has happened and is shown for ten minutes.
        """
        self._warnings.pop(about, None)
        self._warnings[about] = (Text(en=en, zh=zh), self.now_s() + _PASSING_S if passing else math.inf)

    def well(self, about: str) -> None:
        """What was told about it holds no more."""
        self._warnings.pop(about, None)

    @property
    def warning(self) -> Text | None:
        """The newest that still holds."""
        held = [text for text, until_s in self._warnings.values() if self.now_s() < until_s]
        return held[-1] if held else None


class Live:
    """One night. `segments` is asked for the next segment of the plan, and may take its time."""

    def __init__(
        self,
        run: Run,
        show: Show,
        journal: Journal,
        desk: Desk,
        server: Server,
        clock: ClockPage,
        segments: Callable[[], Segment | None],
        heartbeat: Heartbeat,
    ) -> None:
        self.run_plan = run
        self.show = show
        self.journal = journal
        self.desk = desk
        self.state = OnAir(spoken=journal.count_heard())
        self.night = Night()
        self.staging = Staging(show, run.scene, hidden=set(journal.recall("hidden_overlays") or ()))
        self.voices = VoiceDesk(show.avatar, show.script.voice, lambda message: server.send("voice", message))
        self.listeners: list[Callable[[Happening], None]] = []
        self._server = server
        self._clock = clock
        self._segments = segments
        self._heartbeat = heartbeat
        self._playing: dict[str, Begun] = {}
        self._joined: set[str] = set()
        self._wanted = asyncio.Event()
        self._wanted.set()  # speech is made while the stage still loads
        self._ending = 0
        self._planned_out = False
        self._cut_at = 0
        self.began = asyncio.Event()  #: set with the first line
        self._voiceless_from_s = time.monotonic() + _VOICELESS_S
        self._again: set[str] = set()
        self._skipped: dict[str, str] = {}  # segments of which no more is wanted, and why
        self._ended = asyncio.Event()

    # -- the loop ----------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Until the night is over."""
        resumed = self._resume()
        async with asyncio.TaskGroup() as tasks:
            running = [
                tasks.create_task(self._hear()),
                tasks.create_task(self._produce(resumed)),
                tasks.create_task(self._tick()),
            ]
            await self._ended.wait()
            for task in running:
                task.cancel()

    def end(self) -> None:
        """End after the sentence; asked a second time, at once."""
        self._ending += 1
        self.state.phase = "ending"
        self.night.pause(True)
        if self._ending > 1:
            self.cut()

    @property
    def now(self) -> int:
        """The sample that is due. Where air is away it is at most what a returning air would catch up with."""
        reading = self._clock.read()
        due = min(reading.sample_at(time.monotonic()), reading.sample + _CATCH_UP)
        return max(reading.sample, due) if reading.last_frame >= 0 else 0

    @property
    def soon(self) -> int:
        """The earliest sample for which a cue is in time everywhere."""
        return self.now + self.night.lead

    async def _tick(self) -> None:
        while True:
            if {"stage", "air"} <= self._joined or self.state.phase != "preparing":
                self._advance()
            self._heartbeat.beat()
            await asyncio.sleep(_TICK_S)

    def _advance(self) -> None:
        due = overdue(self.night.waiting, self.desk.now())
        if due is not None:
            self.night.promote(due)
        for happening in self.night.step(self.now, self._clock.read().sample):
            self._carry_out(happening)
        if self.journal.behind:
            self.state.warn(
                "disk",
                en=f"The disk is full: {self.journal.behind} entries of the journal wait in memory. Make room beside "
                f"{self.journal.file}; after a crash before that, what was spoken meanwhile would be spoken again.",
                zh=f"磁盘已满：日志有 {self.journal.behind} 条暂存在内存里。请在 {self.journal.file} 旁腾出空间；"
                "若在此之前程序崩溃，这段时间说过的话会重说一遍。",
            )
        else:
            self.state.well("disk")
        if self.night.ready_s < READY_S:
            self._wanted.set()
        if self.night.ready_s == 0 and self.night.quiet and time.monotonic() > self._voiceless_from_s:
            self._say_again()
        limit_s = self.run_plan.for_s
        if limit_s is not None and self._ending == 0 and self.now > limit_s * SAMPLE_RATE_HZ:
            self.end()
        if self._planned_out and not self._ending and self.night.ready_s == 0:
            self.end()
        if self._ending and self.night.quiet and not self._ended.is_set():
            self._ended.set()

    # -- what happens ------------------------------------------------------------------------------------------------

    def _carry_out(self, happening: Happening) -> None:
        line_id = happening.ready.line.id
        match happening:
            case Begun():
                self.journal.commit_line(line_id, happening.at)
                self._playing[line_id] = happening
                self._send_clip(happening, late="shift")
                cues = self.staging.begin(
                    happening.ready, happening.at, happening.opens, self.desk.catalog, self.desk.now()
                )
                self.cue(cues)
                if self.state.phase == "preparing":
                    log.info("the first line begins at sample %d", happening.at)
                    self.state.phase = "on_air"
                self.began.set()
                self.state.line = happening.ready
            case Ended():
                self.journal.mark_aired(line_id, self.desk.now().isoformat())
                self._playing.pop(line_id, None)
                self.state.spoken += 1
            case Cut():
                if happening.begun:
                    self.journal.mark_cut(line_id, self.desk.now().isoformat())
                self._playing.pop(line_id, None)
        for listener in self.listeners:
            listener(happening)

    def cut(self) -> None:
        """Silence, now: the sound first."""
        self._server.send("air", air.StopClip())
        now = self._cut_at = self.now
        happenings = self.night.cut(now)
        if happenings:
            self.cue(self.staging.silence(now))
        for happening in happenings:
            self._carry_out(happening)

    def skip_segment(self, segment_id: str, reason: str) -> None:
        """Leave out what is not announced yet of a segment, also what is still being made; who waits for it is told."""
        self._skipped[segment_id] = reason
        for ready in self.night.skip_segment(segment_id):
            self.journal.drop(ready.line.id, reason, self.desk.now().isoformat())
            self._carry_out(Cut(ready, self.now, begun=False))

    def change_scene(self, scene: str) -> None:
        """Go to another scene, with what stands and is worn in it put out again by the next lines."""
        found = self.show.scene(scene)
        if found is not None:
            self.cue(self.staging.enter(self.show.scene_name(found[0]), self.soon))

    def cue(self, cues: list[Cue]) -> None:
        for cue in cues:
            self.staging.note(cue)
            if not self.staging.hides(cue):
                self._server.send("stage", cue)

    def show_overlay(self, name: str, show: bool, data: dict[str, Any]) -> None:
        """The operator's word: what they hide stays hidden, whoever asks for it, until they show it again."""
        (self.staging.hidden.discard if show else self.staging.hidden.add)(name)
        self.journal.remember("hidden_overlays", sorted(self.staging.hidden))
        self.cue([OverlayCue(at=self.soon, overlay=name, show=show, data=data)])

    def play(self, clip: air.PlayClip) -> None:
        """A sting, at once."""
        self._server.send("air", clip)

    def _send_clip(self, begun: Begun, late: str) -> None:
        clip = air.PlayClip(id=begun.ready.line.id, path=Path(begun.ready.speech.path), at=begun.at, late=late)
        self._server.send("air", clip)

    # -- lines -------------------------------------------------------------------------------------------------------

    async def ready(self, line: Line, segment: Segment, *, urgent: bool = False) -> ReadyLine | None:
        """A line through desk and voice; None where it may not or cannot be spoken."""
        while True:
            edition = self.desk.edition
            admitted = self.desk.admit(line)
            if admitted is None:
                return None
            try:
                speech = await self.voices.speak(admitted, urgent=urgent)
            except UnspokenError as error:
                # Without the line's name: what keeps every line from being spoken is told once.
                self.state.warn(
                    "line",
                    en=f"A sentence is left out, for it could not be spoken: {error.reason.en}.",
                    zh=f"有一句话无法合成语音，已略过：{error.reason.zh}。",
                    passing=True,
                )
                self.journal.drop(line.id, error.reason.en, self.desk.now().isoformat())
                return None
            if segment.id in self._skipped:
                self.journal.drop(line.id, self._skipped[segment.id], self.desk.now().isoformat())
                return None
            if self.desk.edition == edition:  # else it may say what was true when the voice began
                self.journal.ready(line.id, admitted.text, speech)
                return ReadyLine(admitted, segment, speech)

    async def interject(self, segment: Segment, bridge: Segment | None = None, *, urgent: bool = False) -> int:
        """Speak a segment at the next sentence end; returns how many of its lines will be heard."""
        self.journal.plan(segment)
        try:
            lines = [ready for line in segment.lines if (ready := await self.ready(line, segment, urgent=True))]
        except asyncio.CancelledError:  # else a night that resumes would say them
            for line in segment.lines:
                self.journal.drop(line.id, "no longer wanted", self.desk.now().isoformat())
            raise
        if not lines:
            return 0
        self.night.interject(Interjection(tuple(lines), urgent=urgent))
        if bridge is not None:  # made while the answer waits or is heard
            self.journal.plan(bridge)
            back = [ready for line in bridge.lines if (ready := await self.ready(line, bridge, urgent=True))]
            self.night.lead_back(tuple(back))
        return len(lines)

    def _say_again(self) -> None:
        """No voice has answered for long and nothing is left to say: speak from stored sound."""
        if self.state.phase != "on_air" or self.night.paused or self._planned_out:
            return
        again = evergreen(self.journal, f"again-{self.now}", self._again)
        if again is None:
            self._again.clear()  # all of it was heard again: the oldest first, after a rest
            self._voiceless_from_s = time.monotonic() + _VOICELESS_S
            return
        self._again.add(again.speech.audio_sha256)
        self.journal.plan(again.segment)
        self.journal.ready(again.line.id, again.line.text, again.speech)
        self.night.offer(again)
        self.state.warn(
            "voice",
            en="No voice answers: the host repeats what was said before. See the voice process's log.",
            zh="语音没有应答，主播正在重播说过的话。原因见语音进程的日志。",
        )

    async def _produce(self, resumed: list[tuple[Line, Segment]]) -> None:
        """Keep speech ready. What was planned before a restart comes first, in its old order."""
        for line, segment in resumed:
            await self._offer(line, segment)
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            while self.night.ready_s < READY_S and not self._ending:
                planned = await self._plan()
                if planned is None:
                    self._planned_out = True
                    return
                self.journal.plan(planned)
                before_s = self.night.ready_s
                for line in planned.lines:
                    await self._offer(line, planned)
                if self.night.ready_s <= before_s:
                    await asyncio.sleep(_REPLAN_S)  # nothing of it may or can be said: do not ask in a frenzy

    async def _plan(self) -> Segment | None:
        """The next segment. A planner that fails is asked again: what is ready is spoken meanwhile."""
        while True:
            try:
                planned = await asyncio.to_thread(self._segments)
            except Exception as error:
                log.exception("planning")
                self.state.warn(
                    "plan",
                    en=f"The plan could not go on ({error}); the director's log says where. Trying again.",
                    zh=f"后面的内容排不下去（{error}），正在重试。位置见导播进程的日志。",
                )
                await asyncio.sleep(_REPLAN_S)
            else:
                self.state.well("plan")
                return planned

    async def _offer(self, line: Line, segment: Segment) -> None:
        ready = await self.ready(line, segment)
        if ready is not None:
            self.night.offer(ready)

    async def catalog_changed(self, changed: set[str]) -> None:
        """Facts are no longer what they were: the picture shows the new, what leans on the old is spoken anew."""
        self.cue(self.staging.price_cards(self.soon, self.desk.catalog, self.desk.now()))
        order = [ready.line.id for ready in self.night.waiting]
        stale = {ready.line.id for ready in self.night.pending if changed & set(ready.line.fact_ids)}
        withdrawn, recalled = self.night.withdraw(stale), self.night.recall(stale)
        await asyncio.gather(
            *(self._renew(old, set(order[: order.index(old.line.id)])) for old in withdrawn),
            *(self._interject_anew(item, stale) for item in recalled),
        )

    async def _renew(self, old: ReadyLine, ahead: set[str]) -> None:
        ready = await self._anew(old)
        if ready is not None:
            self.night.restore(ready, ahead)

    async def _interject_anew(self, item: Interjection, stale: set[str]) -> None:
        """What was to come between, with true words; who waits for a line that is left out is told that it was cut."""
        lines = [(old, await self._anew(old) if old.line.id in stale else old) for old in item.lines]
        kept = tuple(ready for _, ready in lines if ready is not None)
        if kept:
            self.night.interject(replace(item, lines=kept))
        for old, ready in lines:
            if ready is None:
                self._carry_out(Cut(old, self.now, begun=False))

    async def _anew(self, old: ReadyLine) -> ReadyLine | None:
        """A line that was ready, with its facts as they are now; None where it may not be said any more."""
        planned = self.journal.segment(old.segment.id) or old.segment
        template = next((line for line in planned.lines if line.id == old.line.id), old.line)
        return await self.ready(template, old.segment, urgent=True)

    def _resume(self) -> list[tuple[Line, Segment]]:
        """Lines that an earlier run did not speak. Those whose sound is there and still true are ready at once."""
        again: list[tuple[Line, Segment]] = []
        for entry in self.journal.unspoken():
            segment = self.journal.segment(entry.segment_id)
            if segment is None:
                continue
            if segment.kind == "bridge":  # it led back to something that nobody remembers
                self.journal.drop(entry.line.id, "nothing to lead back to", self.desk.now().isoformat())
                continue
            speech = entry.speech
            admitted = self.desk.admit(entry.line) if speech is not None and not again else None
            if (
                speech is not None
                and admitted is not None
                and admitted.text == entry.text
                and Path(speech.path).exists()
            ):
                self.night.offer(ReadyLine(replace(admitted, text=entry.text), segment, speech))
            else:
                again.append((entry.line, segment))
        return again

    # -- the other processes -------------------------------------------------------------------------------------------

    async def _hear(self) -> None:
        async for name, message in self._server:
            match message:
                case Joined(pid=pid):
                    if name == "voice":
                        self.voices.present = True
                    self._joined.add(name)
                    log.info("%s is here (process %d)", name, pid)
                    self._greet(name, pid)
                case Left():
                    if name == "voice":
                        self.voices.present = False
                    self._joined.discard(name)
                case Spoken() | Unspoken():
                    self.voices.hear(message)
                    if isinstance(message, Spoken):
                        self._voiceless_from_s = time.monotonic() + _VOICELESS_S
                        self._again.clear()
                        self.state.well("voice")
                    if isinstance(message, Spoken) and message.fell_back:
                        self.journal.note(self.desk.now().isoformat(), "voice_fell_back", {"reason": message.fell_back})
                case VoiceHealth():
                    self.state.voice = message
                case air.AirStats():
                    self.state.air = message
                case air.ClipFailed():
                    self.state.warn(
                        "sound",
                        en=f"A sound could not be played: {message.reason.en}",
                        zh=f"有一段声音无法播放：{message.reason.zh}",
                        passing=True,
                    )
                    self.journal.note(self.desk.now().isoformat(), "clip_failed", message.model_dump(mode="json"))
                case air.ClipTorn(path=path):
                    told = told_cut_off(path)
                    self.state.warn("torn sound", en=told.en, zh=told.zh, passing=True)
                    self.journal.note(self.desk.now().isoformat(), "clip_torn", {"path": str(path)})
                case air.ClipEnded(cut=True, at=at):
                    body = {"since_cut_s": round((at - self._cut_at) / SAMPLE_RATE_HZ, 3)}
                    self.journal.note(self.desk.now().isoformat(), "silenced", body)
                case air.ClockReanchored():
                    self.journal.note(self.desk.now().isoformat(), "clock_reanchored", message.model_dump(mode="json"))
                case StageMetrics():
                    self.state.stage = message
                case StageReady():
                    self.state.well("scene")
                    self._greet_stage()
                case SceneChanged():
                    self.state.well("scene")
                case StageWarning(text=text):
                    self.state.warn("stage", en=text, zh=f"画面：{text}", passing=True)
                    self.journal.note(self.desk.now().isoformat(), "stage_warning", {"text": text})
                case SceneRefused(problems=problems):
                    wrong = "; ".join(problems[:3])
                    self.state.warn(
                        "scene",
                        en=f"The edited scene stays off the air: {wrong}",
                        zh=f"修改后的场景有错，未采用：{wrong}",
                    )
                case ProcessReport():
                    self._note_restarts(message)

    def _greet(self, name: str, pid: int) -> None:
        """A process is here, for the first time or again: tell it all that it must know."""
        if name == "voice":
            self.voices.rejoined()
        elif name == "air":
            self._greet_air(pid)

    def _greet_air(self, pid: int) -> None:
        music = self.show.script.music
        if music is not None:
            path = self.show.path(self.show.file, music.file)
            self._server.send("air", air.SetBed(path=path, gain_db=music.gain_db, duck_db=music.duck_db))
        for output in self._output_specs(pid):
            self._server.send("air", air.AddOutput(output=output))
        for begun in self._playing.values():
            self._send_clip(begun, late="join")

    def _output_specs(self, pid: int) -> list[air.OutputSpec]:
        """The same for the same air, so that nothing is opened anew when only the director was; else new files."""
        known = self.journal.recall("outputs") or {}
        files = known.get("files", {}) if known.get("pid") == pid else {}
        specs = [output_spec(output, index, self.run_plan, files) for index, output in enumerate(self.run_plan.outputs)]
        # Nothing but the names of files: addresses hold stream keys, and journals are kept.
        files = {spec.id: str(spec.path) for spec in specs if isinstance(spec, air.FileSpec)}
        self.journal.remember("outputs", {"pid": pid, "files": files})
        return specs

    def _greet_stage(self) -> None:
        now = self.now
        self.cue(self.staging.greet(now))
        for begun in self._playing.values():
            self.cue(self.staging.begin(begun.ready, begun.at, True, self.desk.catalog, self.desk.now()))

    def _note_restarts(self, report: ProcessReport) -> None:
        before = {process.name: process.restarts for process in self.state.processes}
        for process in report.processes:
            if process.restarts > before.get(process.name, process.restarts):
                at = self.desk.now().isoformat()
                self.journal.note(at, "restarted", {"process": process.name, "restarts": process.restarts})
        self.state.processes = report.processes
