"""`python -m nightcast.stage`: the stage process, as the supervisor starts it."""

from __future__ import annotations

import argparse
import logging
import sys
from pathlib import Path

from nightcast.process.channel import Client
from nightcast.process.heartbeat import Heartbeat
from nightcast.process.shared import ClockPage, FrameRing
from nightcast.show.errors import ShowError
from nightcast.show.folder import Show
from nightcast.stage.errors import StageError
from nightcast.stage.messages import StageReady, to_stage
from nightcast.stage.overlays import AiLabel
from nightcast.stage.process import StageProcess
from nightcast.stage.production import Production
from nightcast.stage.studio import Studio
from nightcast.stage.text import TextError


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m nightcast.stage", description=__doc__)
    parser.add_argument("--script", required=True, type=Path)
    parser.add_argument("--root", type=Path, help="the show's folder; default: found from the script")
    parser.add_argument("--scene", help="the first scene; default: the script's first")
    parser.add_argument("--language", choices=["en", "zh"], help="default: the script's")
    parser.add_argument("--clock", required=True, help="name of the clock page")
    parser.add_argument("--frames", required=True, help="name of the frame ring")
    parser.add_argument("--socket", required=True, type=Path, help="the director's socket")
    parser.add_argument("--cache", type=Path, help="folder for prefiltered light")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--label-text", help="words of the AI label, from the policy")
    parser.add_argument("--label-height", type=float, default=0.05, help="share of the picture's shorter side")
    parser.add_argument("--label-place", default="top-right", help="anchor of the AI label")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")

    clock, ring = ClockPage.attach(options.clock), FrameRing.attach(options.frames)
    try:
        production = Production.of_show(Show.load(options.script, options.root))
        text = options.label_text
        studio = Studio(
            production,
            (ring.width, ring.height),
            fps=clock.read().fps,
            scene=options.scene,
            language=options.language,
            seed=options.seed,
            label=AiLabel(text, options.label_height, options.label_place) if text else None,
            cache=options.cache,
        )
    except (ShowError, StageError, TextError) as error:
        print(error, file=sys.stderr)
        return 1
    with studio:
        ready = StageReady(scene=options.scene or next(iter(production.scenes)), device=studio.device)
        channel = Client(options.socket, "stage", to_stage, greeting=lambda: [ready])
        StageProcess(studio, channel, clock, ring, Heartbeat.inherited()).run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
