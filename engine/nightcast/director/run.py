"""What all processes of one night must agree on, written once by the supervisor and read by each child."""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path

from pydantic import BaseModel, ConfigDict, computed_field

from nightcast.director.page import Page
from nightcast.show.script import Output

__all__ = ["Label", "Run", "state_folder"]

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

    def write(self) -> Path:
        file = self.state / "run.json"
        file.unlink(missing_ok=True)
        file.touch(mode=0o600)  # before anything is in it: outputs may hold stream keys
        file.write_text(self.model_dump_json(indent=2), encoding="utf-8")
        return file

    @classmethod
    def read(cls, file: Path) -> Run:
        return cls.model_validate_json(file.read_bytes())


def state_folder(script: Path, root: Path) -> Path:
    """Where a night keeps what it must remember: beside the show, or where we are if the show cannot be written."""
    installed = Path(__file__).resolve().parents[1] in root.parents  # the demo inside the package is not ours to fill
    for base in (Path.cwd(),) if installed else (root, Path.cwd()):
        folder = base / ".nightcast" / script.stem
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        return folder
    folder = Path.home() / ".nightcast" / script.stem
    folder.mkdir(parents=True, exist_ok=True)
    return folder
