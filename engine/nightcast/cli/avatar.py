"""`avatar`: what a model file has and lacks as a host, and a first avatar file for it."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from nightcast.cli.arguments import picture_file
from nightcast.cli.terminal import say
from nightcast.cli.written import write_about

if TYPE_CHECKING:
    from argparse import _SubParsersAction

__all__ = ["add"]


def add(commands: _SubParsersAction[argparse.ArgumentParser]) -> None:
    command = commands.add_parser("avatar", help="what a VRM or GLB has and lacks as a host, and may it be used")
    command.add_argument("model", type=Path, help="a .vrm or .glb")
    command.add_argument(
        "--sheet", type=picture_file, metavar="PNG", help="draw its figure, expressions, visemes and gestures"
    )
    command.add_argument(
        "--write", type=Path, metavar="YAML", help="write a first avatar file, beside or above the model"
    )
    command.set_defaults(command=_avatar)


def _avatar(options: argparse.Namespace) -> int:
    from nightcast.host.report import report_on

    report = report_on(options.model)
    for line in report.lines():
        say(line)
    if options.sheet is not None:
        _draw(options.model, options.sheet)
    if options.write is None:
        return 0
    return write_about(report.path, options.write, report.avatar_yaml, "move it away first")


def _draw(model: Path, target: Path) -> None:
    """The sheet, with the gestures of the demo show."""
    from nightcast.host.performance import load_motions
    from nightcast.show.demo import demo_root
    from nightcast.stage.avatar_sheet import avatar_sheet
    from nightcast.stage.shot import save

    gestures = load_motions(demo_root() / "avatars" / "gestures")
    sheet, _ = avatar_sheet(model, gestures, demo_root() / "assets" / "fonts")
    save(sheet, target)
    say(f"drew {target}")
