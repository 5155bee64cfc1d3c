"""What all processes of one night must agree on, written once by the supervisor and read by each child."""

from __future__ import annotations

import contextlib
import hashlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel, ConfigDict, computed_field

from nightcast.director.page import Page
from nightcast.show.script import Output

__all__ = ["Label", "Run"]

_SOCKET_PATH_LIMIT = 100  # bytes that a Unix socket's path may have, with some to spare


class Label(BaseModel):
    """The AI label as the policy wants it; `height` is a share of the picture's shorter side."""

    model_config = ConfigDict(frozen=True)
    text: str
    height: float
    place: str


class Run(BaseModel):
    """One run of a night. Paths are absolute."""

    model_config = ConfigDict(frozen=True)

    script: Path
    root: Path
    state: Path  #: journal, speech, HLS, logs
    scene: str
    width_px: int
    height_px: int
    fps: int
    seed: int
    clock: str  #: name of the clock page
    ring: str  #: name of the frame ring
    page: Page
    hub_port: int
    outputs: tuple[Output, ...]
    language: str
    for_s: float | None = None  #: end by itself after this long
    label: Label | None = None
    metadata: dict[str, str] = {}  #: written into every container: the implicit label of AI-made content

    @computed_field  # type: ignore[prop-decorator]  # children that may not import this package read it from the file
    @property
    def socket(self) -> Path:
        """The director's socket; outside of the state's folder where that one's path is too long for a socket."""
        inside = self.state / "director.sock"
        if len(bytes(inside)) <= _SOCKET_PATH_LIMIT:
            return inside
        digest = hashlib.sha256(bytes(self.state)).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"nightcast-{digest}.sock"

    @property
    def journal(self) -> Path:
        return self.state / "night.db"

    @computed_field  # type: ignore[prop-decorator]  # children that may not import this package read it from the file
    @property
    def speech(self) -> Path:
        return self.state / "speech"

    @property
    def hls(self) -> Path:
        return self.state / "live"

    @property
    def logs(self) -> Path:
        return self.state / "logs"

    @contextlib.contextmanager
    def written(self) -> Iterator[Path]:
        """The file that the children read, for as long as the block runs.

        It holds stream keys, for which the next night asks the script or the command line again.
        """
        file = self.state / "run.json"
        file.unlink(missing_ok=True)
        file.touch(mode=0o600)  # before anything is in it
        file.write_text(self.model_dump_json(indent=2), encoding="utf-8")
        try:
            yield file
        finally:
            file.unlink(missing_ok=True)

    @classmethod
    def read(cls, file: Path) -> Run:
        return cls.model_validate_json(file.read_bytes())
