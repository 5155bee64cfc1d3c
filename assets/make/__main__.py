"""Command line of the makers; see the package's docstring."""

import argparse
from pathlib import Path

import bpy  # noqa: F401 - comes first, since it brings bmesh and mathutils along

from . import bake, brand, displays, look, products, sets
from .sets import night_market, street

ASSETS = Path(__file__).parents[1]


def main() -> None:
    """Make what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m assets.make")
    verbs = parser.add_subparsers(dest="verb", required=True)
    verb = verbs.add_parser("product")
    verb.add_argument("names", nargs="+", choices=[*products.MAKERS, "all"])
    verb = verbs.add_parser("display")
    verb.add_argument("names", nargs="+", choices=[*displays.MAKERS, "all"])
    verb = verbs.add_parser("set")
    verb.add_argument("names", nargs="+", choices=sets.SETS)
    verb.add_argument("--size", type=int, default=bake.ATLAS_PX)
    verb.add_argument("--samples", type=int, default=1)
    verb = verbs.add_parser("light")
    verb.add_argument("names", nargs="+", choices=sets.SETS)
    verbs.add_parser("street")
    verbs.add_parser("brand")
    verb = verbs.add_parser("look")
    verb.add_argument("model", type=Path)
    verb.add_argument("-o", "--out", type=Path, required=True)
    verb.add_argument("--yaw", type=float, default=28.0)
    verb.add_argument("--pitch", type=float, default=18.0)
    asked = parser.parse_args()
    if asked.verb == "product":
        for name in products.MAKERS if "all" in asked.names else asked.names:
            products.build(name, ASSETS / "models/products")
    elif asked.verb == "display":
        for name in displays.MAKERS if "all" in asked.names else asked.names:
            displays.build(name, ASSETS / "models/displays")
    elif asked.verb == "set":
        for name in asked.names:
            sets.build(name, ASSETS / "models/sets", size_px=asked.size, samples=asked.samples)
    elif asked.verb == "light":
        for name in asked.names:
            sets.surround(name, ASSETS / f"light/{name}.hdr")
    elif asked.verb == "street":
        street.photograph(night_market.STREET)
    elif asked.verb == "brand":
        brand.logo(ASSETS / "brand/logo.png")
    elif asked.verb == "look":
        look.product(asked.model, asked.out, yaw_deg=asked.yaw, pitch_deg=asked.pitch)


main()
