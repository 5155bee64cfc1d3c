"""`doctor`: what works on this machine, and the next step where something does not."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from nightcast.cli.terminal import print_json, say, table

if TYPE_CHECKING:
    from argparse import _SubParsersAction

__all__ = ["add"]

_MARKS = {"ok": "\033[32mok\033[0m", "warn": "\033[33mlook\033[0m", "fail": "\033[31mmissing\033[0m"}


def add(commands: _SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("doctor", help="say what works here, and what to do where it does not")
    parser.add_argument("--json", action="store_true", help="findings as JSON")
    parser.set_defaults(command=_doctor)


def _doctor(options: argparse.Namespace) -> int:
    from nightcast.director.doctor import examine

    findings = examine()
    if options.json:
        print_json([finding.__dict__ for finding in findings])
    else:
        rows = [[_MARKS[finding.state], finding.subject, finding.detail] for finding in findings]
        table("What works here", ["", "part", "found"], rows)
        for finding in findings:
            if finding.remedy:
                say(f"\n{finding.subject}: {finding.remedy}", "yellow")
    return 1 if any(finding.state == "fail" for finding in findings) else 0
