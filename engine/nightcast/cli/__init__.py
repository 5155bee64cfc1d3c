"""The command line. Each command is a module with `add(commands)`; heavy imports wait until a command runs."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence

from nightcast import __version__

__all__ = ["main"]

#: In the order of `--help`: first what a brand needs, then designers, then developers.
_COMMANDS = ("run", "talk", "picture", "shows", "avatar", "tryon", "room", "measure", "doctor")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code is 0 when all went well, 1 for a problem, 2 for wrong usage."""
    parser = argparse.ArgumentParser(
        prog="nightcast",
        description="Runs a live shopping stream by itself, all night.",
        epilog="Begin with `nightcast run`: it puts the demo show on air and prints where to watch.",
    )
    parser.add_argument("--version", action="version", version=f"nightcast {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    for name in _COMMANDS:
        importlib.import_module(f"nightcast.cli.{name}").add(commands)
    options = parser.parse_args(arguments)
    if not hasattr(options, "command"):
        parser.print_help()
        return 2
    try:
        return int(options.command(options) or 0)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:  # noqa: BLE001 -- the last line of defence: users never see a traceback
        return _explain(error)


def _explain(error: Exception) -> int:
    """Say what went wrong in a sentence. NIGHTCAST_TRACEBACK=1 shows developers where."""
    if os.environ.get("NIGHTCAST_TRACEBACK"):
        raise error
    from nightcast.cli.terminal import complain

    expected = type(error).__module__.startswith("nightcast.")
    complain(str(error) if expected else f"{type(error).__name__}: {error}")
    if not expected:
        complain("This is a fault of Nightcast. Please report it; NIGHTCAST_TRACEBACK=1 shows where it is.")
    return 1
