"""`rehearse`, `write`: what the night will say, before it is said."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from nightcast.cli.arguments import add_moment, add_script, hours, output_file
from nightcast.cli.terminal import complain, progress, say, table
from nightcast.cli.written import write

if TYPE_CHECKING:
    from argparse import _SubParsersAction

    from nightcast.talk.records import Language

__all__ = ["add"]


def add(commands: _SubParsersAction[argparse.ArgumentParser]) -> None:
    rehearse = commands.add_parser(
        "rehearse",
        help="a whole night on a virtual clock, judged in a minute",
        description="Rehearses a night with a simulated audience, without drawing or speaking, and judges it. "
        "The exit code is 1 where the script's own limits are broken.",
    )
    add_script(rehearse)
    rehearse.add_argument(
        "--hours",
        type=hours,
        default=8.0,
        metavar="TIME",
        help="length of the night: 8 or 8h, 45m, 1h30m (default: %(default)g)",
    )
    rehearse.add_argument("--seed", type=int, default=7, help="of all chance (default: %(default)s)")
    add_moment(rehearse)
    rehearse.add_argument("--json", type=output_file, metavar="FILE", help="everything, for programs")
    rehearse.add_argument(
        "--html",
        type=output_file,
        metavar="FILE",
        default=Path("rehearsal.html"),
        help="the report to read (default: %(default)s)",
    )
    rehearse.set_defaults(command=_rehearse)

    write = commands.add_parser("write", help="what the writer would say of a product")
    write.add_argument("product", help="a product's id in the catalog, or a YAML file that holds one product")
    write.add_argument(
        "--script", type=Path, help="a script's YAML, or a show that has one script; default: the demo show's"
    )
    write.add_argument("--language", choices=("en", "zh"), help="default: all that the script speaks")
    write.add_argument("--seed", type=int, default=1, help="another seed, other words (default: %(default)s)")
    write.set_defaults(command=_write)


def _rehearse(options: argparse.Namespace) -> int:
    from nightcast.director.moment import beginning_of_night
    from nightcast.director.rehearsal_report import as_json, as_page
    from nightcast.director.rehearse import rehearse
    from nightcast.show import Show
    from nightcast.show.demo import demo_script

    show = Show.load(options.script or demo_script())
    began = beginning_of_night(show, options.at)
    with progress() as bar:
        task = bar.add_task(f"rehearsing {options.hours:g} h", total=100)
        rehearsal = rehearse(
            show, options.hours, options.seed, began, lambda done: bar.update(task, completed=round(100 * done))
        )
    write(options.html, as_page(rehearsal, show))
    if options.json is not None:
        report = json.dumps(as_json(rehearsal, show), ensure_ascii=False, indent=1, default=str)
        write(options.json, report + "\n")
    rows = [
        ["sentences", f"{len(rehearsal.heard):,}"],
        *([f"12-gram self-repetition, {name}", f"{value:.3f}"] for name, value in rehearsal.repetition.items()),
        ["said again within its rest", str(rehearsal.repeated_within_rest)],
        ["longest silence", f"{rehearsal.longest_silence_s:.1f} s"],
        ["questions, answered from facts", f"{rehearsal.questions:,}, {rehearsal.answered:,}"],
        ["dropped by the gate", str(len(rehearsal.dropped))],
    ]
    table(f"{rehearsal.hours:g} h of {rehearsal.title}", ["", ""], rows)
    for broken in rehearsal.broken:
        complain(broken)
    say(f"Read it: {options.html}", "green" if not rehearsal.broken else "yellow")
    return 1 if rehearsal.broken else 0


def _write(options: argparse.Namespace) -> int:
    from nightcast.director.writing import product_in, said_of
    from nightcast.show import Show
    from nightcast.show.demo import demo_script

    show = Show.load(options.script or demo_script())
    product = product_in(Path(options.product), show) if options.product.endswith((".yaml", ".yml")) else None
    spoken: tuple[Language, ...] = ("en", "zh")
    wanted = (options.language,) if options.language else show.script.spoken_languages
    for language in (item for item in spoken if item in wanted):
        said = said_of(show, product or options.product, language, options.seed)
        say(f"\n{'English' if language == 'en' else '中文'}", "bold")
        for text, objection in said:
            say(f"  {text}")
            if objection:
                complain(f"  the gate refuses it: {objection}")
    return 0
