"""May this night go on air at all, with which label, which notice, and what must the brand know first?"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from nightcast.talk.gate.packs import Label, Market, Mode, Notice, Platform, Words, read_market, read_platform


@dataclass(frozen=True)
class Permission:
    """The answer before a night. `reason` is a sentence for the brand, in English; it is logged."""

    allowed: bool
    mode: Mode
    reason: str
    reminders: tuple[Words, ...] = ()


@dataclass(frozen=True)
class Policy:
    market: Market
    platform: Platform

    @classmethod
    def load(cls, folder: Path, market: str, platform: str) -> Policy:
        """Read both packs from `scripts/policies`. Raises PackError."""
        return cls(read_market(folder, market), read_platform(folder, platform))

    @property
    def label(self) -> Label | None:
        """The larger demand wins: the platform's label, at least as high as the market's."""
        mine, theirs = self.platform.label, self.market.label
        if mine is None or theirs is None:
            return mine or theirs
        return mine.model_copy(update={"height": max(mine.height, theirs.height)})

    @property
    def notice(self) -> Notice | None:
        """The more frequent notice wins."""
        notices = [notice for notice in (self.platform.notice, self.market.notice) if notice]
        return min(notices, key=lambda notice: notice.every_min, default=None)


def may_start(
    policy: Policy, *, operator_present: bool = False, human_voice: bool = False, accept_unverified: bool = False
) -> Permission:
    """Whether the night may start. What is not known to be allowed needs the brand's own word (`accept_unverified`)."""
    platform, mode = policy.platform, policy.platform.mode
    known = f"{platform.title}: {platform.why} (source: {platform.source}, {platform.dated.isoformat()})"

    def answer(allowed: bool, remedy: str) -> Permission:
        return Permission(allowed, mode, f"{known}. {remedy}".strip(), platform.reminders)

    match mode:
        case "unattended":
            return answer(True, "")
        case "operator_present" if operator_present:
            return answer(True, "A person is on duty, as the pack asks.")
        case "operator_present":
            return answer(False, "A person must watch and be able to speak: set policy.operator_present once one does")
        case "human_voice" if operator_present and human_voice:
            return answer(True, "A person speaks, as the pack asks.")
        case "human_voice":
            return answer(False, "Here only a person may speak, so a synthetic voice cannot go on air")
        case "unverified" if accept_unverified:
            return answer(True, "The brand accepts that this is not verified.")
        case "unverified":
            return answer(
                False, "Read the platform's own rules first, then set policy.accept_unverified to say that you did"
            )
        case "forbidden":
            return answer(False, "Choose another platform; Nightcast does not help around this rule")
