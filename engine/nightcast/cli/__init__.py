"""The command line. Each command is a module with `add(commands)`; heavy imports wait until a command runs."""

from __future__ import annotations

import argparse
import errno
import importlib
import io
import os
import sys
from collections.abc import Sequence
from typing import Any

from nightcast import __version__

__all__ = ["main"]

#: In the order of `--help`: first what a brand needs, then designers, then developers.
_COMMANDS = ("run", "talk", "picture", "shows", "avatar", "tryon", "room", "measure", "doctor")

_ELSEWHERE = "Name another place."

#: What a machine can refuse, and what to do then; anything else is a fault of ours.
_REMEDIES = {
    errno.ENOSPC: "Make room on the disk.",
    errno.EDQUOT: "Make room: your share of the disk is used up.",
    errno.EACCES: "Change its permissions, or name another place.",
    errno.EPERM: "Change its permissions, or name another place.",
    errno.EROFS: _ELSEWHERE,
    errno.ENOENT: _ELSEWHERE,
    errno.ENOTDIR: _ELSEWHERE,
    errno.EISDIR: _ELSEWHERE,
    errno.EEXIST: _ELSEWHERE,
    errno.ENAMETOOLONG: _ELSEWHERE,
    errno.ELOOP: _ELSEWHERE,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code is 0 when all went well, 1 for a problem, 2 for wrong usage."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # none at all where it was closed
            stream.reconfigure(errors="replace")  # a terminal that has no Chinese shows question marks
    try:
        return _run(arguments)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:  # noqa: BLE001 -- the last line of defence: users never see a traceback
        return _explain(error)


class _Commands(argparse._SubParsersAction):  # type: ignore[type-arg]  # not generic when it runs
    """What the list of commands says of each is the least that its own --help says."""

    def add_parser(self, name: str, **settings: Any) -> _Parser:
        summary = settings["help"]
        described = {"description": f"{summary[0].upper()}{summary[1:]}.", **settings}
        parser: _Parser = super().add_parser(name, **described)
        return parser


class _Parser(argparse.ArgumentParser):
    """Takes a command's options anywhere among its words (`shot scene.yaml --portrait wide`), and names what it does
    not know beside that command's own usage."""

    _mixes = False

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self.register("action", "parsers", _Commands)

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """argparse mixes only where it is asked to, and the parsers of commands are asked for this method."""
        others = any(action.nargs in (argparse.PARSER, argparse.REMAINDER) for action in self._actions)
        if self._mixes or others or "--" in (args or ()):  # mixing would lose what `--` says
            return super().parse_known_args(args, namespace)
        self._mixes = True  # it comes here in turn
        try:
            return self.parse_intermixed_args(args, namespace), []
        finally:
            self._mixes = False


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="nightcast",
        description="Runs a live shopping stream by itself, all night.",
        epilog="Begin with `nightcast run`: it puts the demo show on air and prints where to watch.",
    )
    parser.add_argument("--version", action="version", version=f"nightcast {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    for name in _COMMANDS:
        importlib.import_module(f"nightcast.cli.{name}").add(commands)
    return parser


def _run(arguments: Sequence[str] | None) -> int:
    parser = _parser()
    options = parser.parse_args(arguments)
    if not hasattr(options, "command"):
        parser.print_help()
        return 2
    return int(options.command(options) or 0)


def _explain(error: Exception) -> int:
    """Say what went wrong in a sentence. NIGHTCAST_TRACEBACK=1 shows developers where."""
    if os.environ.get("NIGHTCAST_TRACEBACK"):
        raise error
    from nightcast.cli.terminal import complain

    remedy = _REMEDIES.get(error.errno or 0) if isinstance(error, OSError) else None
    if isinstance(error, OSError) and remedy is not None:
        complain(f"{error.filename or 'the output'}: {error.strerror}. {remedy}")
        return 1
    expected = type(error).__module__.startswith("nightcast.")
    complain(str(error) if expected else f"{type(error).__name__}: {error}")
    if not expected:
        complain("This is a fault of Nightcast. Please report it; NIGHTCAST_TRACEBACK=1 shows where it is.")
    return 1
