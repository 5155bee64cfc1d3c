"""`room`, `plugin`, `protocol`, `conform`: the live room and its plugins."""

from __future__ import annotations

import argparse
import asyncio
import shlex
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from nightcast.cli.arguments import amount, hub, minutes, not_negative, scope
from nightcast.cli.terminal import complain, progress, say, table

if TYPE_CHECKING:
    from argparse import _SubParsersAction

    from nightcast.room.grants import Grants

__all__ = ["add"]

_PROFILES = ("quiet", "evening", "hot_sale", "attack")
_HUB = "ws://127.0.0.1:8765/plugin/v1"


def add(commands: _SubParsersAction[argparse.ArgumentParser]) -> None:
    _add_room(commands.add_parser("room", help="play, record and replay a live room"))
    _add_plugin(commands.add_parser("plugin", help="make and run plugins"))

    protocol = commands.add_parser("protocol", help="the plugin protocol for editors, generators and other languages")
    export = protocol.add_subparsers(required=True, metavar="COMMAND").add_parser(
        "export", help="write JSON Schema, AsyncAPI, TypeScript, examples and the reference page"
    )
    export.add_argument(
        "-o", "--output", type=Path, default=Path(".nightcast/protocol"), help="folder (default: %(default)s)"
    )
    export.add_argument("--publish", action="store_true", help=argparse.SUPPRESS)
    export.set_defaults(command=_export)

    conform = commands.add_parser("conform", help="check a hub or a plugin against the protocol")
    sides = conform.add_subparsers(required=True, metavar="SIDE")
    host = sides.add_parser("host", help="a hub, by its address")
    host.add_argument("url", type=hub, help="such as ws://127.0.0.1:8765/plugin/v1")
    host.add_argument(
        "--token", required=True, help="of a plugin `conformance` with room.comment:read, room:publish and speech:write"
    )
    host.add_argument("--revoke", metavar="COMMAND", help="takes speech:write from `conformance`, to check that too")
    host.set_defaults(command=_conform_host)
    plugin = sides.add_parser("plugin", help="a plugin, by the command that starts it")
    plugin.add_argument("argv", nargs=argparse.PARSER, metavar="COMMAND", help="such as: node my-plugin.mjs")
    plugin.set_defaults(command=_conform_plugin)


def _add_room(room: argparse.ArgumentParser) -> None:
    verbs = room.add_subparsers(required=True, metavar="COMMAND")
    sim = verbs.add_parser("sim", help="a simulated audience, as lines of JSON or into a hub")
    sim.add_argument(
        "--profile", type=_profile, default="evening", choices=_PROFILES, help="whose audience (default: %(default)s)"
    )
    sim.add_argument("--seed", type=int, default=1, help="another number, other people (default: %(default)s)")
    sim.add_argument(
        "--minutes",
        type=minutes,
        default=10.0,
        metavar="TIME",
        help="of the room's time, such as 10 or 90s (default: %(default)g)",
    )
    sim.add_argument("--speed", type=not_negative, default=1.0, help="times real time; 0: as fast as possible")
    sim.add_argument("--hub", type=hub, help="address of a hub; without it signals are printed")
    sim.add_argument("--token", default="", help="of a plugin with room:publish")
    sim.set_defaults(command=_sim)

    record = verbs.add_parser("record", help="keep what happens in a room, personal data scrubbed")
    record.add_argument("file", type=Path, help="to write, one event a line")
    record.add_argument("--hub", type=hub, default=_HUB, help="its address (default: %(default)s)")
    record.add_argument("--token", required=True, help="as `nightcast plugin token` prints it")
    record.set_defaults(command=_record)

    replay = verbs.add_parser("replay", help="play a recording into a hub")
    replay.add_argument("file", type=Path, help="a recording")
    replay.add_argument("--speed", type=not_negative, default=1.0, help="times real time; 0: as fast as possible")
    replay.add_argument("--hub", type=hub, default=_HUB, help="its address (default: %(default)s)")
    replay.add_argument("--token", required=True, help="of a plugin with room:publish")
    replay.set_defaults(command=_replay)


def _add_plugin(plugin: argparse.ArgumentParser) -> None:
    verbs = plugin.add_subparsers(required=True, metavar="COMMAND")
    new = verbs.add_parser("new", help="a plugin that works, with a test that passes")
    new.add_argument("name", help="its id and its folder, such as my-plugin")
    new.add_argument("--in", dest="parent", type=Path, default=Path("plugins"), help="folder (default: %(default)s)")
    new.set_defaults(command=_new)

    test = verbs.add_parser("test", help="run a plugin's tests, in a room in memory")
    test.add_argument("folder", type=Path, help="the plugin's")
    test.add_argument("arguments", nargs=argparse.REMAINDER, help="for pytest, such as -k WORD")
    test.set_defaults(command=_test)

    run = verbs.add_parser("run", help="run a plugin in a simulated room and reload it when it changes")
    run.add_argument("folder", type=Path, help="the plugin's")
    run.add_argument(
        "--profile", type=_profile, default="evening", choices=_PROFILES, help="whose audience (default: %(default)s)"
    )
    run.add_argument("--seed", type=int, default=1, help="another number, other people (default: %(default)s)")
    run.set_defaults(command=_run)
    _add_tokens(verbs)


def _add_script(parser: argparse.ArgumentParser) -> None:
    default = Path("scripts/overnight.yaml")
    parser.add_argument("--script", type=Path, default=default, help="whose night (default: %(default)s)")


def _add_tokens(verbs: _SubParsersAction[argparse.ArgumentParser]) -> None:
    token = verbs.add_parser("token", help="let a program in that the show does not start itself; prints its token")
    token.add_argument("id", help="the plugin's id")
    token.add_argument(
        "scopes", nargs="*", type=scope, metavar="SCOPE", help="what it may; none: what it was granted before"
    )
    token.add_argument("--coupons", type=amount, default=0, metavar="MINOR", help="budget of coupons, in minor units")
    token.add_argument("--prizes", type=amount, default=0, help="budget of lottery prizes")
    token.add_argument("--sales", type=amount, default=0, help="budget of flash sales")
    _add_script(token)
    token.set_defaults(command=_token)

    revoke = verbs.add_parser("revoke", help="take scopes, or everything, from a plugin; at once, also on air")
    revoke.add_argument("id", help="the plugin's id")
    revoke.add_argument("scopes", nargs="*", type=scope, metavar="SCOPE", help="none: all, and its tokens with them")
    _add_script(revoke)
    revoke.set_defaults(command=_revoke)


def _profile(text: str) -> str:
    """A profile's name, however its words are joined."""
    return text.replace("-", "_")


def _grants(script: Path) -> Grants | None:
    """The grants of a script's nights; None, and a word, where there is no such script."""
    from nightcast.director.state import state_folder
    from nightcast.room.grants import Grants
    from nightcast.show.folder import find_root

    if not script.is_file():
        complain(f"{script}: there is no such script. Do this in the show's folder, or name the script with --script.")
        return None
    script = script.resolve()
    return Grants(state_folder(script, find_root(script)) / "grants.json")


def _token(options: argparse.Namespace) -> int:
    from nightcast.room.grants import Budget

    grants = _grants(options.script)
    if grants is None:
        return 1
    if options.scopes or options.id not in grants:
        budget = Budget(coupon_value_minor=options.coupons, flash_sales=options.sales, lottery_prizes=options.prizes)
        grants.allow(options.id, options.scopes, budget=budget)
    token = grants.issue(options.id)
    if grants.unwritten is not None:
        complain(f"The token could not be kept: {grants.unwritten}. Make room, then ask again.")
        return 1
    print(token)
    return 0


def _revoke(options: argparse.Namespace) -> int:
    grants = _grants(options.script)
    if grants is None:
        return 1
    if grants.revoke(options.id, options.scopes or None) is None:
        complain(f"{options.id} was never granted anything.")
        return 1
    if grants.unwritten is not None:
        complain(f"Nothing was revoked: {grants.unwritten}. Make room, then try again, or revoke on the night's page.")
        return 1
    say(f"{options.id} has lost {', '.join(options.scopes) or 'everything'}.")
    return 0


def _sim(options: argparse.Namespace) -> int:
    from nightcast.room.remote import play_simulation

    return asyncio.run(
        play_simulation(
            options.profile, options.seed, minutes=options.minutes, speed=options.speed, hub=options.hub,
            token=options.token, write=print,
        )
    )  # fmt: skip


def _record(options: argparse.Namespace) -> int:
    from nightcast.room.remote import record

    count = asyncio.run(record(options.file, options.hub, options.token))
    say(f"{count} events are in {options.file}.")
    return 0


def _replay(options: argparse.Namespace) -> int:
    from nightcast.room.remote import replay

    if not options.file.is_file():
        complain(f"{options.file}: there is no such recording. Make one with: nightcast room record {options.file}")
        return 1
    return asyncio.run(replay(options.file, options.hub, options.token, speed=options.speed))


def _new(options: argparse.Namespace) -> int:
    from nightcast.room.plugins.scaffold import new_plugin

    folder = new_plugin(options.parent, options.name)
    say(f"{folder} is made.", "green")
    typed = shlex.quote(str(folder))
    say(f"  test it:  nightcast plugin test {typed}")
    say(f"  run it:   nightcast plugin run {typed}")
    return 0


def _test(options: argparse.Namespace) -> int:
    from nightcast.room.plugins.trial import run_tests

    return run_tests(options.folder, options.arguments)


def _run(options: argparse.Namespace) -> int:
    from nightcast.room.plugins.workbench import run_plugin

    return asyncio.run(run_plugin(options.folder, options.profile, options.seed, say))


def _export(options: argparse.Namespace) -> int:
    from nightcast.room.schema.export import export, publish

    for file in publish(Path()) if options.publish else export(options.output):
        say(str(file))
    return 0


def _conform_host(options: argparse.Namespace) -> int:
    from nightcast.room.conformance.checks import expect
    from nightcast.room.conformance.host import check_host

    async def revoke() -> None:
        process = await asyncio.create_subprocess_exec(*shlex.split(options.revoke))
        expect(await process.wait() == 0, "the command of --revoke to end well", f"status {process.returncode}")

    with _telling() as begins:
        outcomes = asyncio.run(check_host(options.url, options.token, revoke if options.revoke else None, begins))
    status = _report(outcomes)
    if not options.revoke:
        say("Taking scopes away was not checked: that needs --revoke.")
    return status


def _conform_plugin(options: argparse.Namespace) -> int:
    from nightcast.room.conformance.plugin import check_plugin

    try:
        with _telling() as begins:
            outcomes = asyncio.run(check_plugin(options.argv, begins=begins))
    except OSError as error:
        complain(f"{shlex.join(options.argv)}: cannot be started: {error.strerror or error}.")
        return 1
    return _report(outcomes)


@contextmanager
def _telling() -> Iterator[Callable[[str], None]]:
    """Shows what is being checked, for as long as that takes."""
    with progress() as shown:
        task = shown.add_task("", total=None)
        yield lambda name: shown.update(task, description=name)


def _report(results: list[tuple[str, str]]) -> int:
    """A table of checks; a check with words has failed."""
    table("Conformance", ["check", "result"], [[name, problem or "ok"] for name, problem in results])
    failed = sum(bool(problem) for _, problem in results)
    if failed:
        complain(f"{failed} of {len(results)} checks failed.")
    return 1 if failed else 0
