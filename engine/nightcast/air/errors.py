"""Errors of this package. Each keeps its data and builds its sentence: what, where, what to do next."""

from __future__ import annotations

from pathlib import Path

from nightcast.show.fields import Text


class AirError(Exception):
    """Base of all errors of `nightcast.air`."""


class SoundError(AirError):
    def __init__(self, path: Path, reason: Text) -> None:
        super().__init__(path, reason)
        self.path = path
        self.reason = reason

    def __str__(self) -> str:
        return self.told.en

    @property
    def told(self) -> Text:
        return Text(
            en=f"cannot play {self.path}: {self.reason.en}; use a WAV, FLAC or OGG file",
            zh=f"{self.path} 放不了：{self.reason.zh}；请换成 WAV、FLAC 或 OGG 文件",
        )


class EncoderError(AirError):
    def __init__(self, codec: str, reason: str) -> None:
        super().__init__(codec, reason)
        self.codec = codec
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.codec}: {self.reason}"


class OutputError(AirError):
    """An output cannot go on as it is. Its sender closes it, waits and opens it again."""

    def __init__(self, output: str, reason: Text) -> None:
        super().__init__(output, reason)
        self.output = output
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.output}: {self.reason.en}"


class OutputUnavailable(OutputError):  # noqa: N818 - it is a state of the machine, not a mistake
    """The machine lacks what this output needs; trying again helps only after someone has acted."""
