"""`product`: how a 3D file is worn, guessed, shown on a host and written down. `mirror`: try-on on a person."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from nightcast.cli.arguments import angle, picture_file, positive, seconds
from nightcast.cli.terminal import complain, counted, progress, say
from nightcast.cli.written import write_about

if TYPE_CHECKING:
    from argparse import _SubParsersAction

    from nightcast.show.catalog import Catalog

__all__ = ["add"]

_KINDS = ("glasses", "hat", "headband", "earring", "necklace", "bracelet", "watch", "ring", "shoe", "bag")


def add(commands: _SubParsersAction[argparse.ArgumentParser]) -> None:
    product = commands.add_parser("product", help="how a 3D file is worn: kind, units, orientation; a sheet; YAML")
    product.add_argument("file", type=Path, help="a .glb, .gltf, .obj, .stl or other mesh; or a catalog's YAML")
    product.add_argument("--kind", choices=_KINDS, help="what it is, where neither name nor shape tell")
    product.add_argument(
        "--sheet",
        type=picture_file,
        metavar="PNG",
        help="draw it worn, or all that a catalog sells to wear, from three sides",
    )
    product.add_argument("--on", type=Path, metavar="AVATAR", help="who wears it: an avatar's YAML or model")
    product.add_argument("--write", type=Path, metavar="YAML", help="write a catalog with it, beside or above the file")
    product.set_defaults(command=_product)

    mirror = commands.add_parser("mirror", help="try products on a person: window, virtual camera, photo, video")
    mirror.add_argument(
        "--camera", required=True, metavar="SOURCE", help="0 for a camera; a photo, folder, video, RTMP or HLS address"
    )
    mirror.add_argument("--product", action="append", metavar="ID", help="what to wear first; again for more at once")
    mirror.add_argument("--variant", metavar="ID", help="of the product")
    mirror.add_argument("--catalog", type=Path, help="default: the demo show's")
    mirror.add_argument("-o", "--output", type=Path, help="a .png for a photo, an .mp4 otherwise; without it, a window")
    mirror.add_argument("--window", action="store_true", help="a window with keys, beside the other outputs")
    mirror.add_argument(
        "--virtual-camera",
        nargs="?",
        const="",
        metavar="DEVICE",
        help="also a virtual camera, for other programs; /dev/video4, or none for the first",
    )
    mirror.add_argument("--backend", help="of the virtual camera; default: this system's usual one")
    mirror.add_argument("--overlay", choices=("green", "alpha"), help="the virtual camera gets the products alone")
    mirror.add_argument("--snapshots", type=Path, default=Path("snapshots"), metavar="FOLDER", help="where S puts them")
    mirror.add_argument("--language", choices=("en", "zh"), default="en", help="of the window's words")
    mirror.add_argument(
        "--fov",
        type=angle,
        default=40.0,
        metavar="DEGREES",
        help="the camera's vertical field of view (default: %(default)g)",
    )
    mirror.add_argument("--pd", type=positive, metavar="MM", help="the wearer's pupillary distance, for true sizes")
    mirror.add_argument(
        "--seconds",
        type=seconds,
        metavar="TIME",
        help="stop after so long, such as 30 or 2m; default: 10 without a window",
    )
    mirror.add_argument("--before-after", action="store_true", help="the left half stays as it is")
    mirror.set_defaults(command=_mirror)


def _product(options: argparse.Namespace) -> int:
    if options.file.suffix in (".yaml", ".yml"):
        return _catalog(options)
    from nightcast.gltf.load import load
    from nightcast.show.catalog import Catalog
    from nightcast.tryon.guess import guess
    from nightcast.tryon.plausible import doubts
    from nightcast.tryon.written import catalog_yaml, product_of, wear_yaml

    model = load(options.file)
    found = guess(model, options.kind)
    say(f"{options.file.name}: {found.findings[0]}", "bold")
    for line in found.findings[1:]:
        say(f"  {line}")
    for warning in model.warnings:
        say(f"  {warning}", "dim")
    for doubt in doubts(found.wear, model):
        say(f"  {doubt.field}: {doubt.found}; expected {doubt.expected}. {doubt.remedy}", "yellow")
    say("")
    say(wear_yaml(found.wear))
    if options.sheet is not None:
        path = options.file.resolve()
        catalog = Catalog.model_validate({"brand": "Try-on", "products": [product_of(found.wear, path.name)]})
        _draw(catalog, path.parent / "catalog.yaml", options)
    if options.write is None:
        return 0
    return write_about(
        options.file,
        options.write,
        lambda inside: catalog_yaml(found.wear, inside),
        "put the lines above under a product of it",
    )


def _catalog(options: argparse.Namespace) -> int:
    """All that a catalog sells to wear."""
    from nightcast.show.catalog import Catalog
    from nightcast.show.folder import find_root
    from nightcast.show.load import load_yaml

    if options.sheet is None or options.kind or options.write:
        complain("A catalog's products say already how they are worn: draw them with --sheet PNG, without the others.")
        return 1
    file = options.file.resolve()
    _draw(load_yaml(file, Catalog, find_root(file)), file, options)
    return 0


def _draw(catalog: Catalog, catalog_file: Path, options: argparse.Namespace) -> None:
    """What a catalog sells to wear, on an avatar; by default the demo show's first."""
    from dataclasses import replace

    from nightcast.show.avatar import Avatar
    from nightcast.show.demo import demo_root
    from nightcast.show.folder import find_root
    from nightcast.show.load import load_yaml
    from nightcast.stage.fitting_room import try_on_sheet
    from nightcast.stage.production import Production
    from nightcast.stage.shot import save

    on = (options.on or sorted((demo_root() / "avatars").glob("*/avatar.yaml"))[0]).resolve()
    production = Production(demo_root(), {}, catalog=catalog, catalog_file=catalog_file)
    if on.suffix in (".yaml", ".yml"):
        production = replace(production, avatar=load_yaml(on, Avatar, find_root(on)), avatar_file=on)
    else:
        worn_by = Avatar.model_validate({"name": on.stem, "model": on.name})
        production = replace(production, avatar=worn_by, avatar_file=on.with_name("avatar.yaml"))
    with progress() as bar:
        task = bar.add_task("trying on", total=100)
        sheet = try_on_sheet(production, tell=lambda done: bar.update(task, completed=round(100 * done)))
    for warning in sheet.warnings:
        say(f"  {warning}", "yellow")
    for name, verdict in sheet.verdicts.items():
        if verdict:
            say(f"  {name}: {verdict}")
    if any(verdict.startswith("too ") for verdict in sheet.verdicts.values()):
        say("  Drawn at its true size; `fit: fit_to_wearer` under `wear` draws it to fit.", "dim")
    save(sheet.pixels, options.sheet)
    say(f"drew {options.sheet}")


def _mirror(options: argparse.Namespace) -> int:
    import time

    from nightcast.air.messages import CameraSpec
    from nightcast.air.outputs.camera import CameraOutput
    from nightcast.show.catalog import Catalog
    from nightcast.show.demo import demo_root
    from nightcast.show.folder import find_root
    from nightcast.show.load import load_yaml
    from nightcast.stage.gpu import Gpu
    from nightcast.stage.mirroring import MirrorRun, run_mirror
    from nightcast.tryon.tracker import MediaPipeTracker

    catalog_file = (options.catalog or demo_root() / "assets" / "catalog.yaml").resolve()
    cameras: list[CameraOutput] = []

    def open_camera(width: int, height: int) -> CameraOutput:
        spec = CameraSpec(
            id="mirror",
            backend=options.backend,
            device=options.virtual_camera or None,
            alpha=options.overlay == "alpha",
        )
        cameras.append(CameraOutput(spec, width, height, 30))
        return cameras[-1]

    window = options.window or (options.output is None and options.virtual_camera is None)
    bounded = not window and options.output is not None
    plan = MirrorRun(
        source=options.camera,
        products=tuple(options.product or ()),
        variant=options.variant,
        catalog=load_yaml(catalog_file, Catalog, find_root(catalog_file)),
        catalog_file=catalog_file,
        reference=demo_root() / "avatars" / "lan" / "host.vrm",
        light=demo_root() / "assets" / "light" / "studio.hdr",
        output=options.output,
        window=window,
        camera=open_camera if options.virtual_camera is not None else None,
        overlay=options.overlay,
        snapshots=options.snapshots,
        language=options.language,
        fov_deg=options.fov,
        pd_mm=options.pd,
        seconds=options.seconds or (10.0 if bounded else None),
        before_after=options.before_after,
        now_s=time.monotonic,
    )
    with MediaPipeTracker.open(say) as tracker, Gpu() as gpu:
        done = run_mirror(plan, tracker, gpu)
    for camera in cameras:
        state = camera.health()
        detail = state.detail.en if state.detail is not None else ""
        say(f"virtual camera: {state.state} {detail}".rstrip(), "" if state.state == "on_air" else "yellow")
        camera.end()
        camera.join(5)
    for warning in done.warnings:
        say(f"  {warning}", "yellow")
    for file in done.snapshots:
        say(f"snapshot {file}")
    wrote = f"wrote {options.output}: " if options.output is not None else ""
    say(f"{wrote}{counted(done.pictures, 'picture')}, a person in {done.with_face} of them")
    if not done.with_face:
        complain("No face was found. It must be seen from ahead, and be some 80 pixels wide at least.")
        return 1
    return 0
