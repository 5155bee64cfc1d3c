"""Makes `engine/nightcast/tryon/heads.npz`: how heads differ, and where a tracker's landmarks lie on them.

    PYTHONPATH=engine python -m assets.make.heads

Both hosts are disguised as many people: random persons of the base mesh (`avatars/sculpt`, which says how to get it)
move every vertex of their heads. Each is drawn in poses that are known, the tracker looks at the pictures, and every
landmark is put where its rays meet best. The modes are the principal components of that. No pose is one of those that
`nightcast bench tryon` measures in, and nobody but these people is fitted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from avatars.sculpt.basemesh import BODY, BaseMesh, Macro
from rich.progress import track
from scipy.spatial import cKDTree

from nightcast.gltf.hierarchy import posed_positions, rest_world
from nightcast.gltf.load import load
from nightcast.gltf.records import Model, f32
from nightcast.stage.sitter import CAMERA, Sitter, sitting
from nightcast.tryon.heads import HEAD_PD_MM, PLACES
from nightcast.tryon.likeness import head_places_mm
from nightcast.tryon.pnp import Pose, project
from nightcast.tryon.product import F64, rotation_xyz
from nightcast.tryon.seen import Tracker
from nightcast.tryon.tracker import MediaPipeTracker

ROOT = Path(__file__).resolve().parents[2]
TARGET = ROOT / "engine" / "nightcast" / "tryon" / "heads.npz"
HOSTS = ("lan", "bo")
PEOPLE, POSES, MODES = 60, 14, 12  # of each host, of each of them, kept
FACE, ALL = 468, 478  # the last ten are the irises, which move
FEATURES, SPREAD = 26, 0.38  # single features of a person, and how strong they are
NEIGHBOURS, SOFT_M = 8, 0.004
NEUTRAL = Macro(0.5, 0.1, 0.5, 0.5, 0.5, 0.5, {"asian": 0.34, "caucasian": 0.33, "african": 0.33})
FOLDERS = ("head", "nose", "chin", "cheek", "forehead", "mouth", "ears", "eyes", "eyebrows")
#: What nobody has, or what is no shape.
ODD = (
    "age",
    "head-trans",
    "cleft",
    "pointed",
    "ear-shape",
    "eye-bag",
    "eyefold",
    "eye-height",
    "push2",
    "eyebrows-angle",
)


class RememberingMesh(BaseMesh):
    """Reads each target once."""

    def __init__(self) -> None:
        super().__init__()
        self._targets: dict[str, np.ndarray] = {}

    def target(self, name: str) -> np.ndarray:
        if name not in self._targets:
            self._targets[name] = super().target(name)
        return self._targets[name]


class People:
    """Random persons, as displacements (n, 3) of the base mesh's body about its eyes, metres."""

    def __init__(self, seed: int) -> None:
        self._mesh = RememberingMesh()
        self._chance = np.random.default_rng(seed)
        names = [
            f"{folder}/{file.name.removesuffix('.target.gz')}"
            for folder in FOLDERS
            for file in sorted((self._mesh.mpfb / "targets" / folder).glob("*.target.gz"))
        ]
        self._features = [name for name in names if "/r-" not in name and not any(odd in name for odd in ODD)]
        shape = self._mesh.shaped(NEUTRAL, {})
        eyes = self._eyes(shape)
        self.pd_m = float(np.linalg.norm(eyes[0] - eyes[1]))
        self.neutral: F64 = shape[BODY] - eyes.mean(axis=0)

    def one(self) -> F64:
        chance = self._chance
        races = dict(zip(("asian", "caucasian", "african"), chance.dirichlet([0.6] * 3), strict=True))
        low, high = zip((0, 1), (0, 0.55), (0.3, 0.7), (0.15, 0.8), (0.35, 0.65), (0.3, 0.9), strict=True)
        macro = Macro(*chance.uniform(low, high), races)
        chosen = chance.choice(self._features, FEATURES, replace=False)
        shape = self._mesh.shaped(macro, {str(name): abs(chance.normal(0, SPREAD)) for name in chosen})
        moved: F64 = shape[BODY] - self._eyes(shape).mean(axis=0) - self.neutral
        return moved

    def _eyes(self, shape: np.ndarray) -> F64:
        ranges = (self._mesh.groups[f"helper-{side}-eye"] for side in "lr")
        return np.array([np.concatenate([shape[a : b + 1] for a, b in each]).mean(axis=0) for each in ranges])


@dataclass(frozen=True, eq=False)
class Looks:
    """One disguise, at the mean head's pupillary distance: where the tracker saw its landmarks, and its places."""

    points_mm: F64  # (478, 3)
    places_mm: F64
    noise_mm2: F64  # (478,) how far off each is seen, squared


class Disguises:
    """A host whose head takes the shapes of people."""

    def __init__(self, sitter: Sitter, model: Model, people: People, seed: int) -> None:
        self._sitter, self._model, self._people = sitter, model, people
        self._chance = np.random.default_rng(seed)
        self._larger = sitter.pd_mm / 1000 / people.pd_m
        self._base: F64 = people.neutral * self._larger + sitter.eyes_m
        self._near = cKDTree(self._base)
        self._head_m = float(sitter.wearer.bone("head")[1])
        world = rest_world(model)
        self._points = {
            (node.mesh, number): posed_positions(model, world, i, primitive).astype(np.float64)
            for i, node in enumerate(model.nodes)
            if node.mesh is not None
            for number, primitive in enumerate(model.meshes[node.mesh].primitives)
        }

    def one(self, tracker: Tracker) -> Looks:
        """Somebody new."""
        fade = np.clip((self._base[:, 1] - self._head_m + 0.10) / 0.06, 0, 1)[:, None]
        field = self._people.one() * self._larger * fade
        own = self._sitter.eyes_m + head_places_mm(self._sitter.wearer) / 1000
        places = own + self._moved(own, field)
        eyes = places[:2]
        assert PLACES[:2] == ("eye_l", "eye_r")
        middle = eyes.mean(axis=0)
        size = 1000 * float(np.linalg.norm(eyes[0] - eyes[1])) / HEAD_PD_MM
        poses = [self._pose() for _ in range(POSES)]
        pictures = self._sitter.disguised(self._shaped(field), middle, poses)
        seen = [(pose, tracker.see(picture, still=True).faces) for pose, picture in zip(poses, pictures, strict=True)]
        found = [(replace(pose, place_mm=pose.place_mm / size), faces[0]) for pose, faces in seen if faces]
        points = met(found)
        off = [
            (
                (face - project(points, pose, CAMERA))
                * (-(points @ pose.rotation[2] + pose.place_mm[2]) / CAMERA.focal_px)[:, None]
            )
            for pose, face in found
        ]
        return Looks(points, (places - middle) * 1000 / size, np.mean([(each**2).mean(axis=1) for each in off], axis=0))

    def _pose(self) -> Pose:
        chance, away_mm = self._chance, self._chance.uniform(400, 700)
        turn = rotation_xyz(tuple(chance.uniform((-18, -35, -8), (18, 35, 8))))
        return Pose(turn, away_mm * np.array([chance.uniform(-0.3, 0.3), chance.uniform(-0.1, 0.15), -1.0]), 0.0)

    def _shaped(self, field: F64) -> Model:
        meshes = list(self._model.meshes)
        for (number, index), points in self._points.items():
            mesh = meshes[number]
            primitives = list(mesh.primitives)
            moved = f32(primitives[index].positions + self._moved(points, field))
            primitives[index] = replace(primitives[index], positions=moved)
            meshes[number] = replace(mesh, primitives=tuple(primitives))
        return replace(self._model, meshes=tuple(meshes))

    def _moved(self, points: F64, field: F64) -> F64:
        """(n, 3) the field at points, from the nearest of the base mesh's."""
        apart, near = self._near.query(points, NEIGHBOURS)
        share = 1 / (apart**2 + SOFT_M**2)
        moved: F64 = np.einsum("nk,nkc->nc", share / share.sum(axis=1, keepdims=True), field[near])
        return moved


def met(found: Sequence[tuple[Pose, F64]]) -> F64:
    """(478, 3) where the rays to each landmark meet best, in head space."""
    normal, right = np.zeros((ALL, 3, 3)), np.zeros((ALL, 3))
    for pose, face in found:
        rays = (face - CAMERA.middle_px) * [1, -1] / CAMERA.focal_px
        for axis in (0, 1):
            row = pose.rotation[axis] + rays[:, axis : axis + 1] * pose.rotation[2]
            value = -(pose.place_mm[axis] + rays[:, axis] * pose.place_mm[2])
            normal += row[:, :, None] * row[:, None, :]
            right += value[:, None] * row
    points: F64 = np.linalg.solve(normal, right[..., None])[..., 0]
    return points


def modes(points: F64) -> tuple[F64, F64]:
    """Mean (m, 3) of heads (n, m, 3), and the modes (MODES, m, 3), each one standard deviation long."""
    mean = points.mean(axis=0)
    _, size, across = np.linalg.svd((points - mean).reshape(len(points), -1), full_matrices=False)
    kept = across[:MODES] * size[:MODES, None] / np.sqrt(len(points) - 1)
    return mean, kept.reshape(MODES, *mean.shape)


def left_over(points: F64) -> F64:
    """(m,) squared, what the modes of one half of the heads cannot tell of the other's landmarks."""
    total = np.zeros(points.shape[1])
    for half in (0, 1):
        mean, kept = modes(points[half::2])
        basis = np.linalg.qr(kept.reshape(MODES, -1).T)[0]
        rest = (points[1 - half :: 2] - mean).reshape(-1, len(basis))
        total += (((rest - rest @ basis @ basis.T).reshape(-1, *mean.shape)) ** 2).mean(axis=(0, 2)) / 2
    return total


def main() -> None:
    looks: list[Looks] = []
    with MediaPipeTracker.open(print) as tracker:
        for number, host in enumerate(HOSTS):
            file = ROOT / "avatars" / host / "host.vrm"
            with sitting(file) as sitter:
                disguises = Disguises(sitter, load(file), People(seed=11 + number), seed=number)
                looks += [disguises.one(tracker) for _ in track(range(PEOPLE), f"People like {host}")]
    points = np.array([each.points_mm for each in looks])
    mean, kept = modes(points)
    noise = np.mean([each.noise_mm2 for each in looks], axis=0)
    weights = 1 / (noise + left_over(points))
    weights[FACE:] = 0
    places = np.array([each.places_mm for each in looks])
    # Places go with the landmarks' modes as they did in these people.
    flat = kept.reshape(MODES, -1)
    likeness = (points - mean).reshape(len(points), -1) @ flat.T / (flat**2).sum(axis=1)
    by_mode = np.linalg.lstsq(likeness, (places - places.mean(axis=0)).reshape(len(places), -1), rcond=None)[0]
    data = {
        "points_mm": mean,
        "modes_mm": kept,
        "weights": weights / weights[:FACE].mean(),
        "places_mm": places.mean(axis=0),
        "place_modes_mm": by_mode.reshape(MODES, len(PLACES), 3),
    }
    np.savez_compressed(TARGET, **{name: value.astype(np.float16) for name, value in data.items()})
    print(f"wrote {TARGET.relative_to(ROOT)} from {len(looks)} people")


if __name__ == "__main__":
    main()
