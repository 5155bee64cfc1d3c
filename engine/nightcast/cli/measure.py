"""`bench`, `soak`: figures of this machine, as a table or as JSON."""

from __future__ import annotations

import argparse
import tempfile
from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nightcast.cli.arguments import add_script, count, minutes, picture_size
from nightcast.cli.terminal import complain, print_json, progress, table
from nightcast.show.demo import demo_root

if TYPE_CHECKING:
    from argparse import _SubParsersAction

__all__ = ["add"]


def add(commands: _SubParsersAction[argparse.ArgumentParser]) -> None:
    bench = commands.add_parser("bench", help="figures of this machine: render, encode, start, lips, host, hub")
    kinds = bench.add_subparsers(title="what to measure", metavar="WHAT", required=True)
    for name, help_text, command in (
        ("render", "milliseconds a picture", _render),
        ("encode", "milliseconds to convert and encode a picture, by size and preset", _encode),
        ("start", "seconds from the command to the first sentence", _start),
        ("answers", "seconds from a comment to its answer, on a night that is on air", _answers),
        ("readme", "the README's table of figures, as Markdown; takes some minutes", _readme),
        ("lips", "how the host's lips keep to the sound, read from pictures", _lips),
        ("host", "milliseconds to pose the host for a picture, as it is and with 300 joints", _host),
        ("tryon", "how exactly products sit on the host, and on a rendered person before the real tracker", _tryon),
        ("hub", "delays and losses of the plugin hub", _hub),
    ):
        kind = kinds.add_parser(name, help=help_text)
        kind.add_argument("--json", action="store_true", help="figures as JSON")
        kind.set_defaults(command=command)
        if name == "render":
            add_script(kind)
            kind.add_argument("--scene", help="name of a scene of the script; default: its first")
            what = kind.add_mutually_exclusive_group()
            what.add_argument("--avatar", type=Path, help="a bare model with light and shadow, instead of a scene")
            what.add_argument(
                "--busy", action="store_true", help="with products on the stands and two worn, overlays and comments"
            )
            kind.add_argument(
                "--light",
                type=Path,
                default=demo_root() / "assets/light/night_market.hdr",
                help="HDR picture for --avatar",
            )
            kind.add_argument("--size", type=picture_size, default=(1280, 720), metavar="WxH", help="default: 1280x720")
            kind.add_argument("--frames", type=count, default=120, help="how many (default: %(default)s)")
            kind.add_argument(
                "--on-air", action="store_true", help="at 30 pictures a second, beside an encoder of the same size"
            )
        if name == "answers":
            add_script(kind)
            kind.add_argument(
                "--minutes",
                type=minutes,
                default=3.0,
                metavar="TIME",
                help="how long, such as 10, 90s or 1h (default: %(default)g)",
            )
        if name in ("lips", "host"):
            add_script(kind)
        if name == "tryon":
            kind.add_argument("--person", type=Path, help="also an avatar as a stranger before the tracker: .glb, .vrm")
            kind.add_argument("--photo", type=Path, help="also a photograph, moved by known warps")
            kind.add_argument(
                "--host-only", action="store_true", help="without the tracker, which is made on first use"
            )
        if name == "start":
            add_script(kind)
            kind.add_argument("--runs", type=count, default=3, help="how many starts (default: %(default)s)")

    soak = commands.add_parser("soak", help="run a night under watch: memory, repeated frames, restarts")
    add_script(soak)
    soak.add_argument(
        "--minutes",
        type=minutes,
        default=10.0,
        metavar="TIME",
        help="how long, such as 10, 90s or 1h (default: %(default)g)",
    )
    soak.add_argument("-o", "--output", action="append", default=[], help="as for `run`")
    soak.add_argument("--json", action="store_true", help="figures as JSON")
    soak.set_defaults(command=_soak)


def _render(options: argparse.Namespace) -> int:
    from nightcast.air.bench import encoding
    from nightcast.air.encoder import EncoderSettings
    from nightcast.show import Show
    from nightcast.show.demo import demo_script
    from nightcast.stage.bench import bench_model, bench_scene, busy_moment
    from nightcast.stage.production import Production
    from nightcast.stage.studio import Studio

    show = Show.load(options.script or demo_script()) if options.avatar is None else None
    first = show.scene(options.scene) if show is not None and options.scene is not None else None
    if show is not None and options.scene is not None and first is None:
        complain(f"no scene {options.scene!r} in {show.file}; there are {', '.join(map(show.scene_name, show.scenes))}")
        return 1
    air = EncoderSettings(*options.size)
    fps = air.fps if options.on_air else 0
    with encoding(air) if options.on_air else nullcontext():
        if show is None:
            figures = bench_model(options.avatar, options.light, options.size, options.frames, fps)
        else:
            scene = show.scene_name(first[0]) if first is not None else None
            with Studio(Production.of_show(show), options.size, scene=scene) as studio:
                moment = busy_moment(show.catalog) if options.busy else None
                figures = bench_scene(studio, options.frames, fps, moment)
    return _show("Rendering", asdict(figures), as_json=options.json)


def _encode(options: argparse.Namespace) -> int:
    from nightcast.air.bench import run

    costs = [asdict(cost) for cost in run()]
    if options.json:
        print_json(costs)
    else:
        table("Encoding", list(costs[0]), [[str(value) for value in cost.values()] for cost in costs])
    return 0


def _start(options: argparse.Namespace) -> int:
    from nightcast.director.start_bench import measure_start
    from nightcast.show.demo import demo_script

    return _show("Start", asdict(measure_start(options.script or demo_script(), options.runs)), as_json=options.json)


def _readme(options: argparse.Namespace) -> int:
    from nightcast.director.figures import readme_rows

    rows = readme_rows()
    if options.json:
        print_json([{"what": what, "figure": figure} for what, figure in rows])
    else:
        print("| what | here |\n| --- | --- |")
        for what, figure in rows:
            print(f"| {what} | {figure} |")
    return 0


def _answers(options: argparse.Namespace) -> int:
    from nightcast.director.answer_bench import measure_answers
    from nightcast.show.demo import demo_script

    figures = measure_answers(options.script or demo_script(), options.minutes)
    return _show("Answers", asdict(figures), as_json=options.json)


def _lips(options: argparse.Namespace) -> int:
    from nightcast.director.lips_bench import measure_lips
    from nightcast.show.demo import demo_script

    return _show("Lips", asdict(measure_lips(options.script or demo_script())), as_json=options.json)


def _host(options: argparse.Namespace) -> int:
    from nightcast.director.host_bench import measure_host_update
    from nightcast.show.demo import demo_script

    figures = [asdict(row) for row in measure_host_update(options.script or demo_script())]
    if options.json:
        print_json(figures)
    else:
        table("Host", list(figures[0]), [[str(value) for value in row.values()] for row in figures])
    return 0


def _tryon(options: argparse.Namespace) -> int:
    from nightcast.show.catalog import Catalog
    from nightcast.show.demo import demo_root
    from nightcast.show.load import load_yaml
    from nightcast.stage import mirror_bench
    from nightcast.stage.tryon_bench import measure_host, measure_person
    from nightcast.tryon.tracker import MediaPipeTracker

    root = demo_root()
    lan, bo = (root / "avatars" / name / "host.vrm" for name in ("lan", "bo"))
    catalog_file, light = root / "assets" / "catalog.yaml", root / "assets" / "light" / "studio.hdr"
    catalog = load_yaml(catalog_file, Catalog, root)
    figures: dict[str, Any] = {
        "host": asdict(measure_host(lan, catalog, catalog_file, root / "avatars" / "gestures")),
    }
    if not options.host_only:
        with MediaPipeTracker.open(complain) as tracker:
            for name, avatar in (("lan", lan), ("bo", bo), ("stranger", options.person)):
                if avatar is not None:
                    figures[f"person_{name}"] = asdict(measure_person(avatar, tracker))
            for name, avatar in (("bo", bo), ("stranger", options.person)):
                if avatar is not None:
                    figures[f"occlusion_{name}"] = asdict(
                        mirror_bench.measure_occlusion(lan, avatar, catalog, catalog_file, "sunglasses", tracker)
                    )
            figures["lips_lan"] = asdict(mirror_bench.measure_lips(lan, catalog, tracker))
            figures["lips_bo"] = asdict(mirror_bench.measure_lips(bo, catalog, tracker))
            figures["lag_ms"] = mirror_bench.measure_lag_ms(lan, tracker)
            figures["speed"] = asdict(
                mirror_bench.measure_speed(lan, light, catalog, catalog_file, tracker, ("sunglasses", "cap"))
            )
            if options.photo is not None:
                figures["photo"] = asdict(mirror_bench.measure_photo(options.photo, tracker))
    return _show("Try-on", figures, as_json=options.json)


def _hub(options: argparse.Namespace) -> int:
    from nightcast.room.bench import run

    return _show("The hub", run().to_json(), as_json=options.json)


def _soak(options: argparse.Namespace) -> int:
    from nightcast.director.soak import soak
    from nightcast.show.demo import demo_script

    script = options.script or demo_script()
    with tempfile.TemporaryDirectory(prefix="nightcast-soak-") as folder, progress() as bar:
        task = bar.add_task(f"{options.minutes:g} min under watch", total=100)
        outputs = options.output or ["hls"]
        figures = soak(
            script, Path(folder), options.minutes, outputs, lambda done: bar.update(task, completed=round(100 * done))
        )
    return _show("Soak", asdict(figures), as_json=options.json)


def _show(title: str, figures: dict[str, Any], *, as_json: bool) -> int:
    if as_json:
        print_json(figures)
    else:
        rows = [
            [f"{name}.{key}", str(item)]
            for name, value in figures.items()
            if isinstance(value, dict)
            for key, item in value.items()
        ]
        plain = [[name, str(value)] for name, value in figures.items() if not isinstance(value, dict)]
        table(title, ["", ""], plain + rows)
    return 0
