"""The plan as the night needs it: one segment at a time, when it is needed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from nightcast.show import Catalog, Show
from nightcast.show.demo import demo_root
from nightcast.talk.answer import Answers, Patterns
from nightcast.talk.gate.gate import Gate
from nightcast.talk.gate.policy import Policy
from nightcast.talk.plan.brief import Persona
from nightcast.talk.plan.memory import Memory
from nightcast.talk.plan.phrases import Bank, load_bank
from nightcast.talk.plan.planner import NightPlanner, Planner, PlanRequest, RoomWants
from nightcast.talk.plan.rundown import Rundown
from nightcast.talk.plan.writers import build_writers
from nightcast.talk.records import Language, Segment

__all__ = ["PlanAhead", "Words", "build_planner"]

_SET_BACK = timedelta(minutes=5)  # a plan is never that far ahead: the clock went back
_STEP_S = 1.0  #: two segments never begin at the same second, which their ids are made of


@dataclass(frozen=True)
class Words:
    """What a show's host can say without a language model: phrase banks and persona, by language."""

    folder: Path
    banks: Mapping[Language, Bank]
    persona: Persona

    @classmethod
    def of_show(cls, show: Show) -> Words:
        """The show's own `scripts/phrases`, else the program's. Raises the talk package's `PackError`."""
        own = show.root / "scripts" / "phrases"
        folder = own if own.is_dir() else demo_root() / "scripts" / "phrases"
        languages: tuple[Language, ...] = ("en", "zh")
        avatar, brand = show.avatar, show.catalog.brand
        persona = Persona(
            host={language: avatar.name.in_language(language) for language in languages},
            manner={language: avatar.persona.in_language(language) for language in languages},
            shop={language: brand.in_language(language) for language in languages},
        )
        return cls(folder, {language: load_bank(folder, language) for language in languages}, persona)

    def answers(self) -> Answers:
        """For the room's comments."""
        return Answers(Patterns.load(self.folder / "intents.yaml"), self.banks, self.persona)


def build_planner(show: Show, words: Words, policy: Policy, began: datetime, drafts: Path | None = None) -> Planner:
    """The writers of a script, the offline writer last, over its rundown. `began` is when the night did, aware.

    `drafts` is a folder that keeps what language models wrote, so that a restart does not pay for it again.
    """
    rundown = Rundown(show.script, show.catalog, policy.notice, began)
    writers = build_writers(show.script, Gate(policy), words.banks, cache=drafts)
    return NightPlanner(rundown, writers, words.persona)


@dataclass
class PlanAhead:
    """Asks the planner for one segment at a time, so that each is planned for the moment at which it will be heard.

    `begins` is when the next segment will be heard, `stretch` how many times its own length it will take there;
    `prefix` makes ids unique among all runs of a night.
    """

    planner: Planner
    memory: Memory
    seed: int
    prefix: str
    begins: Callable[[], datetime]
    catalog: Callable[[], Catalog]
    wants: Callable[[], RoomWants]
    stretch: Callable[[], float] = lambda: 1.0
    _earliest: datetime | None = None
    _set_backs: int = 0

    def next(self) -> Segment | None:
        """The next segment; None when the night has no more."""
        at = self.begins()
        self._follow(at)
        if self._earliest is not None:
            at = max(at, self._earliest)
        self._earliest = at + timedelta(seconds=_STEP_S)
        request = PlanRequest(at, _STEP_S, self.seed, self.memory, self.catalog(), self.wants(), self.stretch())
        segment = next(self.planner.plan(request), None)
        return segment and _named(segment, f"{self.prefix}{f'back{self._set_backs}-' if self._set_backs else ''}")

    def _follow(self, at: datetime) -> None:
        """Where the clock was set back the memory goes with it, or no slot would be due before it has caught up.

        The same seconds come again then, of which ids are made.
        """
        newest = self.memory.segments[-1].at if self.memory.segments else at
        if newest - at > _SET_BACK:
            self.memory.set_back(newest - at)
            self._earliest = None
            self._set_backs += 1


def _named(segment: Segment, prefix: str) -> Segment:
    lines = tuple(replace(line, id=f"{prefix}{line.id}") for line in segment.lines)
    return replace(segment, id=f"{prefix}{segment.id}", lines=lines)
