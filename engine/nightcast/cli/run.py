"""`run`: put a night on air."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from nightcast.cli.arguments import add_script, picture_size, port, seconds
from nightcast.cli.terminal import complain, say, table

if TYPE_CHECKING:
    from argparse import _SubParsersAction

    from nightcast.director.messages import Status
    from nightcast.director.start import Preparation
    from nightcast.show.script import Output

__all__ = ["add", "output"]


def output(text: str) -> Output:
    """`hls`, `window`, `virtual_camera`, `sound`, `file=night.mp4`, `rtmp://…` as an argument."""
    from nightcast.show.script import Output

    kind, _, target = ("rtmp", "", text) if text.startswith(("rtmp://", "rtmps://")) else text.partition("=")
    if kind == "file" and target:
        target = str(Path(target).expanduser())  # shells leave the ~ in file=~/night.mp4
        if Path(target).is_dir():
            raise argparse.ArgumentTypeError(f"{target!r}: expected a file's name; this is a folder")
    try:
        return Output.model_validate({kind: target} if target else kind)
    except ValueError:  # it would show a stream key
        raise argparse.ArgumentTypeError(
            "expected hls, window, virtual_camera[=DEVICE], sound[=DEVICE], file=FILE (.mp4, .m4v or .mkv) "
            "or rtmp://HOST/APP/KEY"
        ) from None


def add(commands: _SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser(
        "run",
        help="put a night on air; without SCRIPT, the demo show",
        description="Puts a night on air and keeps it there. Ctrl-C ends it after the sentence; twice, at once.",
    )
    add_script(parser)
    parser.add_argument(
        "--output",
        "-o",
        action="append",
        type=output,
        metavar="OUTPUT",
        default=[],
        help="hls, window, virtual_camera, sound, file=FILE or rtmp://…; several times for several; "
        "default: what the script says",
    )
    parser.add_argument("--portrait", action="store_true", help="upright picture, for phones")
    parser.add_argument("--size", type=picture_size, metavar="WxH", help="picture size; default: what the scene says")
    parser.add_argument("--language", choices=("en", "zh"), help="speak only this language")
    parser.add_argument("--port", type=port, default=8760, help="of the page to watch and steer (default: %(default)s)")
    parser.add_argument(
        "--address",
        default="127.0.0.1",
        help="of the page, to open it from other machines and phones too: one of this machine's, or 0.0.0.0 for all of "
        "them; the page then needs the token in the address that is printed (default: this machine alone)",
    )
    parser.add_argument(
        "--for",
        dest="for_s",
        type=seconds,
        metavar="TIME",
        help="end by itself after this long: 90 or 90s, 10m, 8h, 1h30m",
    )
    parser.add_argument("--seed", type=int, help="of everything that is chosen by chance; default: the day")
    parser.add_argument(
        "--state",
        type=Path,
        metavar="FOLDER",
        help="journal and speech of this night; default: .nightcast/ in the show",
    )
    parser.add_argument(
        "--fresh",
        action="store_true",
        help="begin a new night where the last one broke off; its journal is kept under nights/",
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="check everything, say what would go where, start nothing"
    )
    parser.set_defaults(command=_run)


def _run(options: argparse.Namespace) -> int:
    from nightcast.director.page import Page
    from nightcast.director.start import prepare

    preparation = prepare(
        script=options.script,
        state=options.state,
        outputs=options.output,
        size=options.size,
        portrait=options.portrait,
        language=options.language,
        page=Page(address=options.address, port=options.port),
        for_s=options.for_s,
        seed=options.seed,
        fresh=options.fresh,
    )
    for warning in preparation.warnings:
        complain(warning)
    if options.dry_run:
        _describe(preparation)
        return 0
    return preparation.start(_Teller(preparation).tell)


def _describe(preparation: Preparation) -> None:
    rows = [[name, text] for name, text in preparation.summary()]
    table("This night", ["", ""], rows)
    say("Nothing was started (--dry-run).", "dim")


def _show_code(url: str) -> None:
    """A QR code for phones; only a person at a terminal has use for it."""
    if sys.stdout.isatty():
        import segno

        segno.make(url, micro=False).terminal(compact=True)


class _Teller:
    """Tells a person at the terminal what goes on: where to watch, each sentence as it is spoken, and what is amiss."""

    def __init__(self, preparation: Preparation) -> None:
        self._preparation = preparation
        self._last = ""
        self._warned = ""
        self._troubles: dict[str, str] = {}  # of outputs, as they were told
        self._told_where = False

    def tell(self, status: Status) -> None:
        if status.phase in ("on_air", "paused") and not self._told_where:
            self._told_where = True
            for line in self._preparation.where_to_watch():
                say(line, "bold green")
            if self._preparation.page.is_shared:
                _show_code(self._preparation.page.url)
            say("Ctrl-C ends the night after the sentence; twice, at once.", "dim")
        warned = _without_numbers(status.warning)
        if warned and warned != self._warned:
            complain(status.warning)
        self._warned = warned or self._warned
        self._tell_outputs(status.outputs)
        if status.text and status.text != self._last:
            self._last = status.text
            product = f" {status.product}" if status.product else ""
            say(f"{status.segment + product:<22.22} {status.text}")
        if status.phase == "ending" and sys.stdout.isatty():
            say("Ending after this sentence …", "dim")

    def _tell_outputs(self, outputs: Mapping[str, str]) -> None:
        """Each new trouble of an output once, and that it is over."""
        for name, health in outputs.items():
            state, _, detail = health.partition(" ")
            if state in ("retrying", "unavailable"):
                if self._troubles.get(name) != _without_numbers(detail):
                    self._troubles[name] = _without_numbers(detail)
                    complain(f"{name}: {detail.rstrip('.')}. It is tried again; the other outputs go on.")
            elif state == "on_air" and name in self._troubles:
                del self._troubles[name]
                say(f"{name}: on air again")


def _without_numbers(text: str) -> str:
    """What a warning is about: it is not told anew because a count in it went on."""
    return re.sub(r"\d+", "", text)
