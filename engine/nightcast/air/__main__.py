"""`python -m nightcast.air`: the air process, as the supervisor starts it."""

from __future__ import annotations

import argparse
import json
import logging
from pathlib import Path

from nightcast.air.encoder import EncoderSettings
from nightcast.air.process import run
from nightcast.process.shared import ClockPage, FrameRing


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m nightcast.air", description=__doc__)
    parser.add_argument("--clock", required=True, help="name of the clock page")
    parser.add_argument("--frames", required=True, help="name of the frame ring")
    parser.add_argument("--socket", required=True, type=Path, help="the director's socket")
    parser.add_argument("--codec", default="auto", choices=["auto", "libx264", "h264_nvenc"])
    parser.add_argument("--preset", default=EncoderSettings.preset)
    parser.add_argument("--video-bps", type=int, default=0)
    parser.add_argument("--metadata", type=json.loads, default={}, help="JSON object for the container")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")

    page, ring = ClockPage.attach(options.clock), FrameRing.attach(options.frames)
    settings = EncoderSettings(
        width=ring.width,
        height=ring.height,
        fps=page.read().fps,
        codec=options.codec,
        preset=options.preset,
        video_bps=options.video_bps,
    )
    page.close()
    ring.close()
    run(options.clock, options.frames, options.socket, settings, options.metadata)


if __name__ == "__main__":
    main()
