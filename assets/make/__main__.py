"""Command line of the makers; see the package's docstring."""

import argparse
from pathlib import Path

from . import brand, look, products

ASSETS = Path(__file__).parents[1]


def main() -> None:
    """Make what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m assets.make")
    verbs = parser.add_subparsers(dest="verb", required=True)
    verb = verbs.add_parser("product")
    verb.add_argument("names", nargs="+", choices=[*products.MAKERS, "all"])
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
    elif asked.verb == "brand":
        brand.logo(ASSETS / "brand/logo.png")
    elif asked.verb == "look":
        look.product(asked.model, asked.out, yaw_deg=asked.yaw, pitch_deg=asked.pitch)


main()
