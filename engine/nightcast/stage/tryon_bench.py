"""How exact try-on is: the figures behind `nightcast bench tryon`. GL thread only.

On the host the rig is the truth: where a product's vertices are drawn against where its anchor is. On a person the
rendered host is the person: poses are known, the real tracker sees the pictures. The heads' modes were made from these
hosts in disguise, so a stranger's face is worse; the sample avatar, where it is given, says by how much.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from nightcast.gltf.load import load
from nightcast.gltf.records import f32
from nightcast.host.host import Host
from nightcast.host.performance import load_motions
from nightcast.show.catalog import Catalog
from nightcast.show.load import resolve
from nightcast.stage.sitter import CAMERA, Sitter, angle_deg, median, sitting, usual_poses
from nightcast.tryon.fit import fit
from nightcast.tryon.heads import HEAD_PD_MM
from nightcast.tryon.person import Crowd
from nightcast.tryon.pnp import Pose, project
from nightcast.tryon.product import F64, points_of, rotation_xyz
from nightcast.tryon.seen import Tracker
from nightcast.tryon.wearer import Wearer

__all__ = ["HostFigures", "PersonFigures", "measure_host", "measure_person"]

_TURNS = 6  #: of a face before the camera, while its shape is learnt
_COLUMNS = 3  #: places at which the usual poses are taken, in turn
_GESTURES = ("wave", "nod", "think", "present", "laugh")


@dataclass(frozen=True)
class HostFigures:
    """A minute of speech and gesture: the worst distance of a vertex from where the rig says it is."""

    products: int
    frames: int
    worst_mm: float
    worst_px: float  #: in a close shot, 1280×720
    place_ms: float  #: to place all of them, once a frame


@dataclass(frozen=True)
class PersonFigures:
    """A rendered head with known pose before the real tracker."""

    poses: int
    detected: int
    turn_deg_median: float
    turn_deg_p95: float
    known_turn_deg_median: float  #: after the face's own shape was learnt from a stream
    known_bridge_px_median: float
    bridge_px_median: float
    bridge_mm_median: float  #: across the line of sight
    jitter_px_rms: float  #: of the bridge, on a still head with sensor noise σ = 4
    track_ms_median: float
    size_percent: float  #: how much larger the head was taken than it is


def measure_host(avatar: Path, catalog: Catalog, catalog_file: Path, gestures: Path) -> HostFigures:
    """Everything of the catalog that is fixed to the body, worn for a minute.

    The truth is independent of `Fitted`: each vertex is brought to its anchor's node in the T-pose, and then goes with
    that node. What dangles is left out: it is meant to move.
    """
    host = Host(load(avatar), load_motions(gestures), seed=1)
    wearer = Wearer.of(host.rig)
    fitted, fixed = [], []
    for product in catalog.products:
        if product.wear is None or product.model is None or product.wear.kind in ("makeup", "garment"):
            continue
        worn = fit(product, load(resolve(catalog_file, product.model)), wearer)
        for number, piece in enumerate(worn.pieces):
            if piece.dangle_m == 0:
                points = points_of(worn.model, np.eye(4))[::7]
                at_rest = piece.anchor.rest @ piece.local
                inverse = np.linalg.inv(wearer.rig.rest_world[piece.anchor.node])
                on_node = (inverse @ at_rest @ np.column_stack([points, np.ones(len(points))]).T)[:3].T
                fitted.append((worn, number, points))
                fixed.append((piece.anchor.node, on_node))
    worst_mm = worst_px = spent_s = 0.0
    frames = 60 * 30
    eye = np.array([0.0, 1.5, 1.4])
    for k in range(frames):
        if k % 90 == 0:
            host.gesture(_GESTURES[k // 90 % len(_GESTURES)], k / 30 + 0.5)
        frame = host.update(k / 30)
        began_s = time.perf_counter()
        places = [worn.pieces[number].place(frame) for worn, number, _ in fitted]
        spent_s += time.perf_counter() - began_s
        for place, (_, _, points), (node, on_node) in zip(places, fitted, fixed, strict=True):
            world = frame.node_world[node].astype(np.float64)
            drawn = points @ f32(place).astype(np.float64)[:3, :3].T + f32(place)[:3, 3]
            wanted = on_node @ world[:3, :3].T + world[:3, 3]
            worst_mm = max(worst_mm, 1000 * float(np.linalg.norm(drawn - wanted, axis=1).max()))
            worst_px = max(worst_px, float(np.linalg.norm(_seen(drawn - eye) - _seen(wanted - eye), axis=1).max()))
    return HostFigures(len(fitted), frames, round(worst_mm, 4), round(worst_px, 4), round(1000 * spent_s / frames, 3))


def _seen(points_m: F64) -> F64:
    pixels: F64 = CAMERA.focal_px * points_m[:, :2] / -points_m[:, 2:]
    return pixels


def measure_person(avatar: Path, tracker: Tracker) -> PersonFigures:
    """The usual poses, each a picture of its own and then as a stream that learns the face; and a still head."""
    turns: list[float] = []
    known: list[float] = []
    known_px: list[float] = []
    pixels: list[float] = []
    across: list[float] = []
    spent_ms: list[float] = []
    sizes: list[float] = []
    with sitting(avatar) as sitter:
        poses = list(usual_poses())
        seen = []
        for pose in poses:
            picture = sitter.picture(pose)
            began_s = time.perf_counter()
            seen.append(tracker.see(picture, still=True).faces)
            spent_ms.append(1000 * (time.perf_counter() - began_s))
        for column in range(_COLUMNS):  # at one place after another, the face turns while its shape is learnt
            stream = Crowd(CAMERA, sitter.pd_mm)
            for k, faces in enumerate(seen[column::_COLUMNS] * _TURNS):
                stream.update(faces, k / 30)
            for number, (pose, faces) in enumerate(zip(poses[column::_COLUMNS], seen[column::_COLUMNS], strict=True)):
                for person in stream.update(faces, 100.0 + 10 * number)[: len(faces)]:  # too far apart to be smoothed
                    known.append(angle_deg(person.rotation, pose.rotation))
                    known_px.append(_off_px(sitter, Pose(person.rotation, person.place_mm, 0.0), pose))
        for pose, faces in zip(poses, seen, strict=True):
            for person in Crowd(CAMERA, sitter.pd_mm).update(faces, 0.0, smooth=False):
                found = Pose(person.rotation, person.place_mm, 0.0)
                turns.append(angle_deg(found.rotation, pose.rotation))
                off_px = _off_px(sitter, found, pose)
                pixels.append(off_px)
                across.append(off_px * -pose.place_mm[2] / CAMERA.focal_px)
                sizes.append(person.place_mm[2] / pose.place_mm[2])
        jitter_px = _jitter(sitter, tracker)
    return PersonFigures(
        poses=len(poses),
        detected=len(turns),
        turn_deg_median=median(turns),
        turn_deg_p95=round(float(np.percentile(turns, 95)), 2) if turns else float("nan"),
        known_turn_deg_median=median(known),
        known_bridge_px_median=median(known_px),
        bridge_px_median=median(pixels),
        bridge_mm_median=median(across),
        jitter_px_rms=round(jitter_px, 3),
        track_ms_median=median(spent_ms),
        size_percent=round(100 * (float(np.median(sizes)) - 1), 1) if sizes else float("nan"),
    )


def _off_px(sitter: Sitter, found: Pose, pose: Pose) -> float:
    """Of the bridge, in the picture."""
    return float(np.linalg.norm(project(sitter.bridge_mm, found, CAMERA) - project(sitter.bridge_mm, pose, CAMERA)))


def _jitter(sitter: Sitter, tracker: Tracker) -> float:
    pose = Pose(rotation_xyz((2.0, 8.0, 0.0)), np.array([20.0, 10.0, -520.0]), 0.0)
    picture = sitter.picture(pose).astype(np.float32)
    chance, crowd, places = np.random.default_rng(1), Crowd(CAMERA), []
    tracker.forget()
    for k in range(90):
        noisy = (picture + chance.normal(0, 4, picture.shape)).clip(0, 255).astype(np.uint8)
        for person in crowd.update(tracker.see(noisy).faces, k / 30):
            bridge_mm = sitter.bridge_mm * (HEAD_PD_MM * person.scale / sitter.pd_mm)
            places.append(project(bridge_mm, Pose(person.rotation, person.place_mm, 0.0), CAMERA)[0])
    if len(places) < 60:
        return float("nan")
    steady = np.array(places[30:])
    return float(np.sqrt(((steady - steady.mean(axis=0)) ** 2).sum(axis=1).mean()))
