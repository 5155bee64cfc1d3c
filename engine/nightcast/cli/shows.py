"""`check`, `import`, `schema`, `reference`, `new`: a show's files, without drawing or speaking."""

from __future__ import annotations

import argparse
import json
import os
import shlex
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from nightcast.cli.arguments import currency, day, output_file, words
from nightcast.cli.terminal import complain, counted, say, table
from nightcast.cli.written import write

if TYPE_CHECKING:
    from argparse import _SubParsersAction

__all__ = ["add"]


def add(commands: _SubParsersAction[argparse.ArgumentParser]) -> None:
    check = commands.add_parser("check", help="validate a show: every mistake with file, line and remedy")
    check.add_argument(
        "files", nargs="*", type=Path, help="YAML files, or a show's folder; default: the whole show here"
    )
    check.add_argument("--json", action="store_true", help="problems as JSON")
    check.set_defaults(command=_check)

    schema = commands.add_parser("schema", help="write JSON Schemas, so that editors complete and explain fields")
    schema.add_argument(
        "-o", "--output", type=Path, default=Path(".nightcast/schemas"), help="folder (default: %(default)s)"
    )
    schema.set_defaults(command=_schema)

    reference = commands.add_parser(
        "reference", help="write the reference pages of scenes, avatars, catalog and scripts"
    )
    reference.add_argument("-o", "--output", type=Path, default=Path("docs"), help="folder (default: %(default)s)")
    reference.set_defaults(command=_reference)

    catalog = commands.add_parser(
        "import", help="make a catalog from a shop's CSV or JSON export, and say what did not fit"
    )
    catalog.add_argument("file", type=Path, help="the export: .csv or .json")
    catalog.add_argument(
        "-o", "--output", type=output_file, help="YAML file to write; default: show only what would be"
    )
    catalog.add_argument("--brand", type=words, default="My shop", help="name of the shop")
    catalog.add_argument("--currency", type=currency, default="CNY", help="ISO 4217 (default: %(default)s)")
    catalog.add_argument("--as-of", type=day, default=None, metavar="DAY", help="default: today")
    catalog.set_defaults(command=_import)

    new = commands.add_parser("new", help="make a show of your own from the demo show")
    new.add_argument("folder", type=Path, help="a new one, or one that is empty")
    new.set_defaults(command=_new)


def _check(options: argparse.Namespace) -> int:
    from nightcast.show.check import CheckReport, check_files
    from nightcast.show.folder import find_root
    from nightcast.talk.check import check_said, decides_what_is_said
    from nightcast.tryon.check import check_worn

    paths: list[Path] = options.files or [Path()]
    said = [path for path in paths if decides_what_is_said(path)]
    report = check_files(path for path in paths if path not in said)
    files, problems = report.files, (*report.problems, *check_worn(report.files))
    for path in paths:
        if path.is_dir() or path in said:
            found, wrong = check_said(find_root(path) if path in said else path.resolve())
            within = path.resolve()
            files += tuple(file for file in found if file.is_relative_to(within))
            problems += tuple(problem for problem in wrong if problem.file.is_relative_to(within))
    report = CheckReport(files, problems)
    if options.json:
        print(json.dumps([problem.__dict__ for problem in report.problems], default=str, ensure_ascii=False, indent=2))
    else:
        for problem in report.problems:
            complain(str(problem))
        if report.problems:
            complain(f"{counted(len(report.problems), 'problem')} in {counted(len(report.files), 'file')}.")
        else:
            say(f"In order: {counted(len(report.files), 'file')}.", "green")
    return 1 if report.problems else 0


def _schema(options: argparse.Namespace) -> int:
    from nightcast.show.schema import write_schemas

    for file in write_schemas(options.output):
        say(str(file))
    schema = Path(os.path.relpath((options.output / "scene.json").resolve(), Path("scenes").resolve()))
    say("In an editor with YAML support, the first line of a scene in scenes/ may be:", "dim")
    say(f"# yaml-language-server: $schema={schema.as_posix()}")
    return 0


def _reference(options: argparse.Namespace) -> int:
    from nightcast.show.schema import write_reference

    for file in write_reference(options.output):
        say(str(file))
    return 0


def _import(options: argparse.Namespace) -> int:
    import yaml

    from nightcast.show.importing import import_catalog
    from nightcast.show.money import format_money

    as_of = options.as_of or date.today()
    imported = import_catalog(options.file, brand=options.brand, currency=options.currency, as_of=as_of)
    for misfit in imported.misfits:
        complain(str(misfit))
    rows = [
        [
            product.id,
            product.name.in_language("en"),
            format_money(product.price, options.currency),
            str(len(product.variants)),
        ]
        for product in imported.catalog.products
    ]
    table(
        f"{counted(len(rows), 'product')} from {counted(imported.rows, 'row')}",
        ["id", "name", "price", "variants"],
        rows,
    )
    if options.output is None:
        say("Nothing was written; name a file with -o.", "dim")
        return 0
    if options.output.exists():
        complain(f"{options.output} is there already; nothing is overwritten.")
        return 1
    data = imported.catalog.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    write(options.output, yaml.safe_dump(data, allow_unicode=True, sort_keys=False))
    say(f"{options.output}: check it, and add what makes each product worth telling of.", "green")
    return 0


def _new(options: argparse.Namespace) -> int:
    from nightcast.show.demo import copy_demo

    copy_demo(options.folder)
    say(f"A show of your own is in {options.folder}.", "green")
    say(f"Watch it: nightcast run {shlex.quote(str(options.folder))}")
    return 0
