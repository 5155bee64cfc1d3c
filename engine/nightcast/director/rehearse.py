"""A rehearsal: the whole night on a virtual clock, with a simulated audience, without drawing or speaking.

The same rundown, writer, gate and order of lines as on air; only the voice is estimated, by how long its sentences
take. What comes out is what a brand wants to know before it goes to bed.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import zip_longest
from math import ceil

from nightcast.director.answering import Bridges, answer_segment, bridge_segment
from nightcast.director.audience import Audience
from nightcast.director.desk import Desk
from nightcast.director.night import READY_S, Begun, Interjection, Night, ReadyLine
from nightcast.director.planning import PlanAhead, Words, build_planner
from nightcast.director.policy import load_policy
from nightcast.director.simulated import make_simulator
from nightcast.director.slots import overdue
from nightcast.process.shared import SAMPLE_RATE_HZ
from nightcast.room import events as e
from nightcast.room.folding import Folder
from nightcast.show import Show
from nightcast.talk.gate.gate import Gate
from nightcast.talk.plan.brief import estimate_s
from nightcast.talk.plan.memory import Memory
from nightcast.talk.plan.rundown import NOTICE_SLOT
from nightcast.talk.records import Line, Segment, Speech, Verdict
from nightcast.talk.repetition import self_repetition

__all__ = ["Heard", "Rehearsal", "rehearse"]

_STEP_S = 0.5
_LOOK_S = 1.0
_SAME_QUESTION_S = 90.0  #: as the answers plugin has it
_GRAM = 12


@dataclass(frozen=True, slots=True)  # there are twenty thousand of them in a day
class Heard:
    """A line of the rehearsed night; `at_s` from its beginning."""

    at_s: float
    duration_s: float
    text: str
    language: str
    segment: str
    kind: str
    product: str | None
    reason: str
    writer: str
    slot: str
    mandatory: bool


@dataclass
class Rehearsal:
    """What a rehearsal found. Times are seconds from the beginning of the night."""

    title: str
    hours: float
    seed: int
    began: datetime
    heard: list[Heard] = field(default_factory=list)
    verdicts: dict[str, int] = field(default_factory=dict)  #: rules that objected or mended, and "passed"
    dropped: list[str] = field(default_factory=list)
    questions: int = 0
    answered: int = 0
    orders: int = 0
    sales_minor: int = 0
    comments: int = 0
    questions_by_hour: list[int] = field(default_factory=list)
    answered_by_hour: list[int] = field(default_factory=list)
    slot_lateness_s: dict[str, list[float]] = field(default_factory=dict)
    longest_silence_s: float = 0.0
    silence_by_hour: list[float] = field(default_factory=list)  #: the longest of each hour, seconds
    repetition: dict[str, float] = field(default_factory=dict)  #: 12-gram self-repetition by language
    repetition_by_hour: list[float] = field(default_factory=list)
    repeated_within_rest: int = 0  #: non-mandatory sentences spoken twice within the script's cooldown
    characters: int = 0
    broken: list[str] = field(default_factory=list)  #: limits of the script that were not kept

    @property
    def slot_times_s(self) -> dict[str, list[tuple[float, float]]]:
        """By slot: when each occurrence came, and how late; one that never came stands at the end."""
        return {
            name: list(zip_longest([line.at_s for line in self.heard if line.slot == name], late, fillvalue=self.end_s))
            for name, late in self.slot_lateness_s.items()
        }

    @property
    def end_s(self) -> float:
        return self.heard[-1].at_s + self.heard[-1].duration_s if self.heard else 0.0

    @property
    def airtime_s(self) -> dict[str, float]:
        """Seconds by product; "" is what was not about a product."""
        total: dict[str, float] = {}
        for line in self.heard:
            total[line.product or ""] = total.get(line.product or "", 0.0) + line.duration_s
        return total


def rehearse(
    show: Show, hours: float, seed: int, began: datetime, tell: Callable[[float], None] = lambda done: None
) -> Rehearsal:
    """Rehearse `hours` of a night that begins at `began` (aware); `tell` hears the share that is done."""
    return _Rehearsing(show, hours, seed, began, tell).run()


class _Rehearsing:
    def __init__(self, show: Show, hours: float, seed: int, began: datetime, tell: Callable[[float], None]) -> None:
        self._show = show
        self._tell = tell
        self._now_s: float = 0.0
        self._end_s = hours * 3600
        whole_hours = max(1, ceil(hours))
        self.result = Rehearsal(
            show.script.title.in_language("en"),
            hours,
            seed,
            began,
            questions_by_hour=[0] * whole_hours,
            answered_by_hour=[0] * whole_hours,
            silence_by_hour=[0.0] * whole_hours,
        )
        gate = Gate(load_policy(show))
        self._desk = Desk(show.catalog, gate, None, self._clock, self._judged)
        self._night = Night()
        self._audience = Audience(lambda: self._now_s)
        words = Words.of_show(show)
        self._answers = words.answers()
        self._simulator = make_simulator(show, seed, began)
        self._folder = Folder("rehearsal")
        self._plan = PlanAhead(
            planner=build_planner(show, words, gate.policy, began),
            memory=Memory(),
            seed=seed,
            prefix="",
            begins=lambda: self._clock() + timedelta(seconds=self._night.delay_s),
            catalog=lambda: self._desk.catalog,
            wants=self._audience.wants,
            stretch=lambda: self._night.stretch,
        )
        self._random = random.Random(seed)
        self._silent_since_s = 0.0
        self._answered = 0
        self._answered_at_s: dict[tuple[str, str | None], float] = {}
        self._bridges = Bridges()

    def run(self) -> Rehearsal:
        planned_out = False
        while self._now_s < self._end_s:
            while not planned_out and self._night.ready_s < READY_S:
                segment = self._plan.next()
                planned_out = segment is None
                if segment is not None:
                    for ready in self._ready(segment):
                        self._night.offer(ready)
            if planned_out and self._night.ready_s == 0 and self._night.quiet:
                break
            due = overdue(self._night.waiting, self._clock())
            if due is not None:
                self._night.promote(due)
            for happening in self._night.step(round(self._now_s * SAMPLE_RATE_HZ)):
                if isinstance(happening, Begun):
                    self._hear(happening)
            if self._now_s % _LOOK_S == 0:
                self._listen()
            self._now_s += _STEP_S
            if self._now_s % 600 == 0:
                self._tell(self._now_s / self._end_s)
        self._judge()
        return self.result

    def _hour(self, at_s: float) -> int:
        return min(int(at_s // 3600), len(self.result.silence_by_hour) - 1)

    def _clock(self) -> datetime:
        return self.result.began + timedelta(seconds=self._now_s)

    # -- speaking ----------------------------------------------------------------------------------------------------

    def _ready(self, segment: Segment) -> list[ReadyLine]:
        found = []
        for line in segment.lines:
            admitted = self._desk.admit(line)
            if admitted is not None:
                length_s = max(0.4, estimate_s(admitted.text, admitted.language))
                speech = Speech(line.id, "", "", length_s, (), (), "estimate")
                found.append(ReadyLine(admitted, segment, speech))
        return found

    def _judged(self, line: Line, verdict: Verdict) -> None:
        for rule in verdict.rules or ("passed",):
            self.result.verdicts[rule] = self.result.verdicts.get(rule, 0) + 1
        if verdict.text is None:
            self.result.dropped.append(f"{line.text} ({verdict.english_reason})")

    def _hear(self, begun: Begun) -> None:
        line, segment = begun.ready.line, begun.ready.segment
        at_s = begun.at / SAMPLE_RATE_HZ
        if self.result.heard:
            silence_s = at_s - self._silent_since_s
            self.result.longest_silence_s = max(self.result.longest_silence_s, silence_s)
            hours = self.result.silence_by_hour
            hours[self._hour(at_s)] = max(hours[self._hour(at_s)], silence_s)
        self._silent_since_s = at_s + begun.ready.speech.duration_s
        if segment.product_id and begun.opens and self._simulator is not None:
            self._audience.shown = segment.product_id
            self._simulator.switched(segment.product_id)
        why = segment.reason.en if segment.reason is not None else ""
        self.result.heard.append(
            Heard(
                at_s, begun.ready.speech.duration_s, line.text, line.language, segment.id, segment.kind,
                segment.product_id, why, segment.writer, segment.slot if begun.opens else "", line.mandatory,
            )
        )  # fmt: skip

    # -- the audience ------------------------------------------------------------------------------------------------

    def _listen(self) -> None:
        if self._simulator is None:
            return
        now_ms = int(self._clock().timestamp() * 1000)
        told = [event for signal in self._simulator.until(now_ms) for event in self._folder.feed(signal, now_ms)]
        for event in [*told, *self._folder.tick(now_ms)]:
            self._audience.hear(event)
            if isinstance(event.data, e.Comment):
                self._comment(event.data)

    def _comment(self, comment: e.Comment) -> None:
        """As the answers plugin would: one answer at a time, for questions only, and the same one of many once."""
        answer = self._answers.answer(
            comment.text, self._desk.catalog, self._clock(), on_table=self._audience.shown, seed=self._answered
        )
        if answer is None:
            return
        self.result.questions += 1
        self.result.questions_by_hour[self._hour(self._now_s)] += 1
        topic = (answer.intent, answer.product_id)
        if self._now_s - self._answered_at_s.get(topic, float("-inf")) < _SAME_QUESTION_S:
            self._count_answered(answer.known)
            return
        if self._night.interjections:
            return
        self._answered += 1
        lines = self._ready(answer_segment(f"answer{self._answered}", answer))
        bridge: list[ReadyLine] = []
        if self._bridges.wanted(self._now_s):
            product = self._desk.catalog.product(self._audience.shown or "")
            back = self._answers.back(answer.line.language, product, self._desk.catalog, self._clock(), self._answered)
            if back is not None:
                bridge = self._ready(bridge_segment(f"bridge{self._answered}", back))
                self._answers.note(back, self._desk.catalog, self._clock())
        if lines:
            self._answers.note(answer.line, self._desk.catalog, self._clock())
            self._answered_at_s[topic] = self._now_s
            self._count_answered(answer.known)
            self._night.interject(Interjection(tuple(lines), tuple(bridge)))

    def _count_answered(self, known: bool) -> None:
        self.result.answered += known
        self.result.answered_by_hour[self._hour(self._now_s)] += known

    # -- judging -----------------------------------------------------------------------------------------------------

    def _judge(self) -> None:
        result, limits = self.result, self._show.script.limits
        result.orders, result.sales_minor = self._audience.orders, self._audience.sales_minor
        result.comments = self._audience.comments
        result.characters = sum(len(line.text) for line in result.heard)
        for language in sorted({line.language for line in result.heard}):
            spoken = [line.text for line in result.heard if line.language == language and not line.mandatory]
            result.repetition[language] = self_repetition(spoken, _GRAM)
        for hour in range(int(result.hours) + 1):
            texts = [line.text for line in result.heard if int(line.at_s // 3600) == hour]
            if texts:
                result.repetition_by_hour.append(self_repetition(texts, _GRAM))
        result.repeated_within_rest = self._repeated()
        result.slot_lateness_s = self._lateness()
        self._hold_to("repetition", max(result.repetition.values(), default=0.0), limits.repetition)
        self._hold_to("silence_s", result.longest_silence_s, limits.silence_s)
        self._hold_to(
            "slot_late_s", max((max(late) for late in result.slot_lateness_s.values()), default=0.0), limits.slot_late_s
        )
        total_s = sum(result.airtime_s.values()) or 1.0
        share = max((time_s for name, time_s in result.airtime_s.items() if name), default=0.0) / total_s
        if len(self._show.catalog.products) > 2:
            self._hold_to("product_share", share, limits.product_share)

    def _hold_to(self, name: str, value: float, limit: float) -> None:
        if value > limit:
            self.result.broken.append(f"limits.{name}: {value:.3g}, and the script allows {limit:g}")

    def _repeated(self) -> int:
        rest_s = self._show.script.cooldowns.sentence_min * 60
        last: dict[str, float] = {}
        count = 0
        for line in self.result.heard:
            if line.kind in ("answer", "bridge") or line.mandatory:
                continue
            if line.at_s - last.get(line.text, float("-inf")) < rest_s:
                count += 1
            last[line.text] = line.at_s
        return count

    def _lateness(self) -> dict[str, list[float]]:
        """By slot of the script, and of the policy's notice: how late each occurrence came, in seconds."""
        notice = self._desk.gate.policy.notice
        slots: list[tuple[str, float | None, str | None]] = [
            (slot.name, slot.every_min, slot.at) for slot in self._show.script.slots
        ]
        if notice is not None:
            slots.append((NOTICE_SLOT, notice.every_min, None))
        late: dict[str, list[float]] = {}
        for name, every_min, at in slots:
            times = [line.at_s for line in self.result.heard if line.slot == name]
            if every_min is not None:
                every_s = every_min * 60
                due = every_s
                found: list[float] = []
                for at_s in times:
                    found.append(max(0.0, at_s - due))
                    due = at_s + every_s
                if due < self._silent_since_s:
                    found.append(self._silent_since_s - due)
            else:
                moment = self._moment(str(at))
                found = [max(0.0, times[0] - moment)] if times else []
                if not times and 0 <= moment < self._silent_since_s:
                    found = [self._silent_since_s - moment]
            if found:
                late[name] = found
        return late

    def _moment(self, clock: str) -> float:
        hour, minute = (int(part) for part in clock.split(":"))
        due = self.result.began.replace(hour=hour, minute=minute, second=0, microsecond=0)
        if due < self.result.began:
            due += timedelta(days=1)
        return (due - self.result.began).total_seconds()
