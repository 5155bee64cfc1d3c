"""Does a written host keep its promises? `python -m sculpt.check lan/host.vrm`"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from .expressions import PRESETS, VISEMES
from .levels import EXTENSION
from .reading import Glb

LIMITS = {
    "vertices": 15_000,
    "triangles": 26_000,
    "face vertices": 7_000,
    "primitives": 6,
    "bytes": 3_600_000,
    "joints": 120,
}


def faults(path: Path) -> list[str]:
    """Sentences about what is wrong with the file; empty when nothing is."""
    glb = Glb(path)
    document, found = glb.document, []
    for number in range(len(document["accessors"])):
        if not np.isfinite(glb.accessor(number).astype(float)).all():
            found.append(f"accessor {number} holds numbers that are not finite")
    figures = {
        "vertices": 0,
        "triangles": 0,
        "face vertices": 0,
        "primitives": 0,
        "bytes": path.stat().st_size,
        "joints": max(len(skin["joints"]) for skin in document["skins"]),
    }
    levels = {i for node in document["nodes"] for i in node.get("extensions", {}).get(EXTENSION, {}).get("ids", [])}
    for mesh in {node["mesh"] for i, node in enumerate(document["nodes"]) if "mesh" in node and i not in levels}:
        for primitive in document["meshes"][mesh]["primitives"]:
            attributes = primitive["attributes"]
            count = document["accessors"][attributes["POSITION"]]["count"]
            name = document["materials"][primitive["material"]]["name"]
            weights = glb.accessor(attributes["WEIGHTS_0"])
            normals = np.linalg.norm(glb.accessor(attributes["NORMAL"]), axis=1)
            if np.abs(weights.sum(1) - 1).max() > 1e-3:
                found.append(f"the weights of {name} do not sum to 1")
            if np.abs(normals - 1).max() > 1e-3:
                found.append(f"{name} has normals that are not of unit length")
            if glb.accessor(primitive["indices"]).max() >= count:
                found.append(f"{name} draws vertices it does not have")
            figures["vertices"] += count
            figures["triangles"] += document["accessors"][primitive["indices"]]["count"] // 3
            figures["face vertices"] += count if name in ("face", "lash", "eyes") else 0
            figures["primitives"] += 1
    found += [f"{figures[name]} {name}, allowed are {limit}" for name, limit in LIMITS.items() if figures[name] > limit]
    expressions = document["extensions"]["VRMC_vrm"]["expressions"]
    found += [f"the preset expression {name} is missing" for name in PRESETS if name not in expressions["preset"]]
    found += [f"the viseme {name} is missing" for name in VISEMES if name not in expressions["custom"]]
    print(path.name, figures)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", type=Path, nargs="+")
    failures = [f"{path}: {fault}" for path in parser.parse_args().files for fault in faults(path)]
    print("\n".join(failures) or "all is well")
    raise SystemExit(bool(failures))


if __name__ == "__main__":
    main()
