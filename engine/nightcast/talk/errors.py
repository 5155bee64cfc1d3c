"""Errors of the talk track. Each says what happened, where, and what to do next."""

from __future__ import annotations

from pathlib import Path

from nightcast.show.fields import Text


class TalkError(Exception):
    """Base of all errors of this package."""

    @property
    def told(self) -> Text:
        """What the night's page says; by those that it does not meet, in English."""
        return Text.model_validate(str(self))


class VoiceError(TalkError):
    """An engine gave no usable speech. `retry` is false where the same request can never succeed."""

    def __init__(self, engine: str, problem: str, *, remedy: str = "", retry: bool = True) -> None:
        super().__init__(engine, problem)
        self.engine = engine
        self.problem = problem
        self.remedy = remedy
        self.retry = retry

    def __str__(self) -> str:
        return f"the voice {self.engine!r} {self.problem}" + (f"; {self.remedy}" if self.remedy else "")


class IncompleteSpeechError(VoiceError):
    """The engine ended without an error, yet the sound does not hold the whole text."""


class NoVoiceLeftError(VoiceError):
    """Every engine of the ladder failed for this line."""

    def __init__(self, failures: dict[str, str]) -> None:
        tried = ", ".join(failures) or "none"
        super().__init__(tried, "all failed")
        self.failures = failures

    def __str__(self) -> str:
        return self.told.en

    @property
    def told(self) -> Text:
        each = "; ".join(f"{name}: {why}" for name, why in self.failures.items())
        return Text(
            en=f"no voice could speak the line ({each or 'no engine is set up'}); run `nightcast doctor`",
            zh=f"没有语音引擎能说出这句话（{each or '没有配置引擎'}）；请运行 nightcast doctor",
        )


class StoreFullError(TalkError):
    """The audio store cannot hold the speech even after everything old was dropped."""

    def __init__(self, root: Path, needed_bytes: int, quota_bytes: int) -> None:
        super().__init__(root, needed_bytes, quota_bytes)
        self.root = root
        self.needed_bytes = needed_bytes
        self.quota_bytes = quota_bytes

    def __str__(self) -> str:
        return self.told.en

    @property
    def told(self) -> Text:
        left_mb = self.quota_bytes >> 20
        return Text(
            en=f"{self.root}: the disk, or the store's quota, leaves {left_mb} MB for the sound of sentences; make "
            "room on the disk",
            zh=f"{self.root}：磁盘或存储配额只剩 {left_mb} MB 可存语音；请在磁盘上腾出空间",
        )


class PackError(TalkError):
    """A pack (policy, phrases, lexicon) cannot be used."""

    def __init__(self, path: Path, problem: str) -> None:
        super().__init__(path, problem)
        self.path = path
        self.problem = problem

    def __str__(self) -> str:
        return f"{self.path}: {self.problem}"


class PlanError(TalkError):
    """A planner could not write what it was asked for."""
