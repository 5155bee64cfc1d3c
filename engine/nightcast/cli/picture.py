"""`render`, `shot`, `contact-sheet`, `preview`: pictures of a show without putting it on air."""

from __future__ import annotations

import argparse
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from nightcast.cli.run import picture_size
from nightcast.cli.terminal import complain, progress, say

if TYPE_CHECKING:
    from argparse import _SubParsersAction

__all__ = ["add"]


def add(commands: _SubParsersAction[argparse.ArgumentParser]) -> None:
    render = commands.add_parser("render", help="the same night without pacing, into a file, bit for bit repeatable")
    render.add_argument("script", nargs="?", type=Path, help="a script's YAML; default: the demo show's")
    render.add_argument("-o", "--output", type=Path, default=Path("night.mp4"), help="file (default: %(default)s)")
    render.add_argument("--seconds", type=float, default=30.0, help="length (default: %(default)s)")
    render.add_argument("--seed", type=int, default=1, help="of all chance (default: %(default)s)")
    render.add_argument(
        "--at",
        type=datetime.fromisoformat,
        metavar="MOMENT",
        help="when the night is said to begin; default: the script's hour on the catalog's day",
    )
    render.add_argument("--size", type=picture_size, metavar="WxH", help="picture size; default: what the scene says")
    render.add_argument("--portrait", action="store_true", help="upright picture, for phones")
    render.set_defaults(command=_render)


def _render(options: argparse.Namespace) -> int:
    from nightcast.director.moment import beginning_of_night
    from nightcast.director.render import render
    from nightcast.director.run import state_folder
    from nightcast.show import Show
    from nightcast.show.demo import demo_script
    from nightcast.stage.shot import picture_size as oriented

    show = Show.load(options.script or demo_script())
    size = oriented(options.size or next(iter(show.scenes.values())).stage.size, options.portrait)
    with progress() as bar:
        task = bar.add_task("rendering", total=100)
        rendered = render(
            show,
            options.output,
            seconds=options.seconds,
            seed=options.seed,
            began=beginning_of_night(show, options.at),
            size_px=size,
            cache=state_folder(show.file, show.root) / "render",
            tell=lambda done: bar.update(task, completed=round(100 * done)),
        )
    for warning in rendered.warnings:
        complain(warning)
    say(
        f"{rendered.file}: {rendered.seconds:g} s, {rendered.frames} frames, {len(rendered.sentences)} sentences",
        "green",
    )
    return 0
