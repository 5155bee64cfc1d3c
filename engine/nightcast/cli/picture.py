"""`render`, `shot`, `contact-sheet`, `preview`: pictures of a show without putting it on air."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from nightcast.cli.arguments import (
    add_moment,
    add_script,
    not_negative,
    output_file,
    picture_file,
    picture_size,
    seconds,
)
from nightcast.cli.terminal import complain, counted, progress, say

if TYPE_CHECKING:
    from argparse import _SubParsersAction

    import numpy as np
    from numpy.typing import NDArray

__all__ = ["add"]


def add(commands: _SubParsersAction[argparse.ArgumentParser]) -> None:
    render = commands.add_parser("render", help="the same night without pacing, into a file, bit for bit repeatable")
    add_script(render)
    render.add_argument(
        "-o", "--output", type=output_file, default=Path("night.mp4"), help="file (default: %(default)s)"
    )
    render.add_argument(
        "--seconds",
        type=seconds,
        default=30.0,
        metavar="TIME",
        help="length, such as 30, 90s or 2m (default: %(default)g)",
    )
    render.add_argument("--seed", type=int, default=1, help="of all chance (default: %(default)s)")
    add_moment(render)
    render.add_argument("--size", type=picture_size, metavar="WxH", help="picture size; default: what the scene says")
    render.add_argument("--portrait", action="store_true", help="upright picture, for phones")
    render.set_defaults(command=_render)

    shot = commands.add_parser("shot", help="one picture of a scene")
    _add_scene(shot)
    shot.add_argument("shot", nargs="?", help="a shot's name; default: the scene's first")
    shot.add_argument("-o", "--output", type=picture_file, default=Path("shot.png"), help="file (default: %(default)s)")
    shot.add_argument("--size", type=picture_size, metavar="WxH", help="picture size; default: what the scene says")
    shot.add_argument("--portrait", action="store_true", help="upright picture, for phones")
    shot.add_argument("--product", metavar="ID", help="on the first stand; default: the catalog's first products")
    shot.add_argument("--wear", metavar="ID", action="append", default=[], help="the host wears it; may be repeated")
    shot.add_argument("--expression", metavar="NAME", help="of the host's face")
    shot.add_argument(
        "--at", type=not_negative, default=2.0, metavar="SECONDS", help="into the scene (default: %(default)s)"
    )
    shot.add_argument("--bare", action="store_true", help="without sample overlays, line and comments")
    shot.set_defaults(command=_shot)

    sheet = commands.add_parser("contact-sheet", help="every shot and overlay of a scene in one picture")
    _add_scene(sheet)
    sheet.add_argument(
        "-o", "--output", type=picture_file, default=Path("contact-sheet.png"), help="file (default: %(default)s)"
    )
    sheet.set_defaults(command=_contact_sheet)

    window = commands.add_parser("preview", help="a scene live in a window; saved edits show at once")
    _add_scene(window)
    window.add_argument("--size", type=picture_size, metavar="WxH", help="picture size; default: what the scene says")
    window.add_argument("--portrait", action="store_true", help="upright picture, for phones")
    window.add_argument("--screenshots", type=Path, default=Path(), help="folder for S (default: here)")
    window.set_defaults(command=_preview)


def _add_scene(command: argparse.ArgumentParser) -> None:
    command.add_argument("scene", type=Path, help="a scene's YAML")
    command.add_argument("--language", choices=["en", "zh"], help="of overlays; default: the show's")


def _render(options: argparse.Namespace) -> int:
    from nightcast.director.moment import beginning_of_night
    from nightcast.director.render import render
    from nightcast.director.state import state_folder
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
        f"{rendered.file}: {rendered.seconds:g} s, {counted(rendered.frames, 'frame')}, "
        f"{counted(len(rendered.sentences), 'sentence')}",
        "green",
    )
    return 0


def _shot(options: argparse.Namespace) -> int:
    from nightcast.stage.production import Production
    from nightcast.stage.shot import Moment, draw, save
    from nightcast.stage.shot import picture_size as oriented
    from nightcast.stage.stock import light_cache

    production = Production.of_scene(options.scene)
    scene = next(iter(production.scenes.values()))
    if options.shot is not None and options.shot not in scene.shots:
        complain(f"no shot {options.shot!r} in {options.scene}; there are {', '.join(scene.shots)}")
        return 1
    moment = Moment(
        shot=options.shot,
        at_s=options.at,
        product=options.product,
        wear=tuple(options.wear),
        expression=options.expression,
        overlays=not options.bare,
    )
    size = oriented(options.size or scene.stage.size, options.portrait)
    pixels, warnings = draw(production, moment, size, language=options.language, cache=light_cache())
    return _saved(save, pixels, options.output, warnings)


def _contact_sheet(options: argparse.Namespace) -> int:
    from nightcast.stage.contact_sheet import contact_sheet
    from nightcast.stage.production import Production
    from nightcast.stage.shot import save
    from nightcast.stage.stock import light_cache

    pixels, warnings = contact_sheet(Production.of_scene(options.scene), language=options.language, cache=light_cache())
    return _saved(save, pixels, options.output, warnings)


def _preview(options: argparse.Namespace) -> int:
    os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
    from nightcast.stage.preview import preview
    from nightcast.stage.production import Production
    from nightcast.stage.shot import picture_size as oriented
    from nightcast.stage.stock import light_cache

    production = Production.of_scene(options.scene)
    size = oriented(options.size or next(iter(production.scenes.values())).stage.size, options.portrait)
    preview(production, size, screenshots=options.screenshots, language=options.language, cache=light_cache())
    return 0


def _saved(
    save: Callable[[NDArray[np.uint8], Path], None], pixels: NDArray[np.uint8], file: Path, warnings: list[str]
) -> int:
    for warning in warnings:
        complain(warning)
    save(pixels, file)
    say(f"{file}: {pixels.shape[1]}×{pixels.shape[0]} pixels", "green")
    return 0
