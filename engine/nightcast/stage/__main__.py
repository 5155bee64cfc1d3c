"""`python -m nightcast.stage RUN`: the stage process, as the supervisor starts it.

RUN is the file that the supervisor writes for all processes of a night; only what the stage needs is read from it.
"""

from __future__ import annotations

import logging
import sys
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from nightcast.process.channel import Client
from nightcast.process.errors import ProcessError
from nightcast.process.heartbeat import Heartbeat
from nightcast.process.shared import ClockPage, FrameRing
from nightcast.show.errors import ShowError
from nightcast.show.folder import Show
from nightcast.show.scene import Anchor
from nightcast.stage.errors import StageError
from nightcast.stage.messages import TO_STAGE, StageReady
from nightcast.stage.overlays import AiLabel
from nightcast.stage.process import StageProcess
from nightcast.stage.production import Production
from nightcast.stage.stock import light_cache
from nightcast.stage.studio import Studio
from nightcast.stage.text import TextError

_USAGE = "usage: python -m nightcast.stage RUN, where RUN is the run.json of a night"


class LabelSettings(BaseModel):
    """The AI label that the night's policy asks for."""

    model_config = ConfigDict(frozen=True)
    text: str
    height: float = 0.05
    place: Anchor = "top-right"


class StageRun(BaseModel):
    """The stage's part of a run's file."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    script: Path
    root: Path
    state: Path
    socket: Path
    scene: str
    clock: str
    ring: str
    seed: int
    language: str
    label: LabelSettings | None = None


def main(arguments: list[str]) -> int:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    if len(arguments) != 1:
        print(_USAGE, file=sys.stderr)
        return 2
    try:
        run = StageRun.model_validate_json(Path(arguments[0]).read_bytes())
        clock, ring = ClockPage.attach(run.clock), FrameRing.attach(run.ring)
        studio = _open(run, clock, ring)
    except (OSError, ValidationError, ProcessError, ShowError, StageError, TextError) as error:
        print(error, file=sys.stderr)
        return 1
    with studio:
        studio.frame(clock.read().frame_to_draw)  # the first picture compiles and uploads; nobody waits for it yet
        channel = Client(
            run.socket,
            "stage",
            TO_STAGE,
            greeting=lambda: [StageReady(scene=studio.world.scene_name, device=studio.device)],
        )
        StageProcess(studio, channel, clock, ring, Heartbeat.inherited()).run()
    return 0


def _open(run: StageRun, clock: ClockPage, ring: FrameRing) -> Studio:
    label = run.label
    return Studio(
        Production.of_show(Show.load(run.script, run.root)),
        (ring.width, ring.height),
        fps=clock.read().fps,
        scene=run.scene,
        language=run.language,
        seed=run.seed,
        label=AiLabel(label.text, label.height, label.place) if label else None,
        cache=light_cache(),
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
