"""How exact try-on is: the figures behind `nightcast bench tryon`. GL thread only.

On the host the rig is the truth: where a product's vertices are drawn against where its anchor is. On a person the
rendered host is the person: poses are known, the real tracker sees the pictures. The reference head was made from this
same host, so a stranger's face is worse; the sample avatar, where it is given, says by how much.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nightcast.gltf.load import load
from nightcast.gltf.records import f32
from nightcast.host.frame import HostFrame
from nightcast.host.host import Host
from nightcast.host.performance import load_motions
from nightcast.show.catalog import Catalog
from nightcast.show.load import resolve
from nightcast.stage.frame import Background, Camera, Frame, Instance, Lamp, Lighting
from nightcast.stage.gpu import Gpu
from nightcast.stage.model import ModelHandle
from nightcast.stage.renderer import Renderer
from nightcast.tryon.fit import fit
from nightcast.tryon.person import Crowd
from nightcast.tryon.pnp import Intrinsics, Pose, project
from nightcast.tryon.product import F64, points_of, rotation_xyz
from nightcast.tryon.seen import Tracker
from nightcast.tryon.wearer import Wearer

__all__ = ["HostFigures", "PersonFigures", "measure_host", "measure_person"]

_CAMERA = Intrinsics.of_fov(1280, 720, 40.0)
_LIGHT = Lighting(key=Lamp((0.6, 1.2, 1.2), 1.8), ambient=(0.9, 0.9, 0.9))
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
    pixels: F64 = _CAMERA.focal_px * points_m[:, :2] / -points_m[:, 2:]
    return pixels


def measure_person(avatar: Path, tracker: Tracker) -> PersonFigures:
    """63 poses (yaw to ±30°, pitch to ±12°, off the middle and in it, 0.45 and 0.6 m away), and a still head."""
    turns, pixels, across, spent_ms, sizes = [], [], [], [], []
    model = load(avatar)
    wearer = Wearer.of(Host(model).rig)
    eyes = (wearer.anchors["eye_l"].rest + wearer.anchors["eye_r"].rest)[:3, 3] / 2
    bridge_mm = (wearer.anchors["nose_bridge"].rest[:3, 3] - eyes)[None] * 1000
    pd_mm = wearer.anchors.head.pupillary_distance_mm
    with Gpu() as gpu, Renderer(gpu, (_CAMERA.width_px, _CAMERA.height_px)) as renderer:
        handle = renderer.load_model(model)
        rest = HostFrame(0.0, f32(wearer.rig.rest_world))
        poses = list(_poses())
        detected = 0
        for pose in poses:
            picture = _picture(renderer, handle, rest, eyes, pose)
            began_s = time.perf_counter()
            faces = tracker.see(picture, still=True).faces
            spent_ms.append(1000 * (time.perf_counter() - began_s))
            people = Crowd(_CAMERA, pd_mm).update(faces, 0.0, smooth=False)
            if not people:
                continue
            detected += 1
            person = people[0]
            found = Pose(person.rotation, person.place_mm, 0.0)
            turns.append(_angle_deg(found.rotation, pose.rotation))
            seen, wanted = project(bridge_mm, found, _CAMERA), project(bridge_mm, pose, _CAMERA)
            off_px = float(np.linalg.norm(seen - wanted))
            pixels.append(off_px)
            across.append(off_px * -pose.place_mm[2] / _CAMERA.focal_px)
            sizes.append(person.place_mm[2] / pose.place_mm[2])
        jitter = _jitter(renderer, handle, rest, eyes, bridge_mm, tracker)
        handle.release()
    return PersonFigures(
        poses=len(poses),
        detected=detected,
        turn_deg_median=_median(turns),
        turn_deg_p95=round(float(np.percentile(turns, 95)), 2) if turns else float("nan"),
        bridge_px_median=_median(pixels),
        bridge_mm_median=_median(across),
        jitter_px_rms=round(jitter, 3),
        track_ms_median=_median(spent_ms),
        size_percent=round(100 * (float(np.median(sizes)) - 1), 1) if sizes else float("nan"),
    )


def _poses() -> Iterator[Pose]:
    for number, yaw_deg in enumerate((-30, -20, -10, 0, 10, 20, 30)):
        for pitch_deg in (-12.0, 0.0, 12.0):
            for off_mm in (-150.0, 0.0, 150.0):
                away_mm = 450.0 if number % 2 else 600.0
                place = np.array([off_mm * away_mm / 600, 20.0, -away_mm])
                yield Pose(rotation_xyz((pitch_deg, float(yaw_deg), 0.0)), place, 0.0)


def _picture(renderer: Renderer, handle: ModelHandle, rest: HostFrame, eyes: F64, pose: Pose) -> NDArray[np.uint8]:
    world = np.eye(4)
    world[:3, :3] = pose.rotation
    world[:3, 3] = pose.place_mm / 1000 - pose.rotation @ eyes
    camera = Camera(np.eye(4, dtype=np.float32), projection=f32(_CAMERA.projection()))
    instance = Instance(handle, f32(world), "host", pose=rest)
    drawn = renderer.draw(Frame(camera, _LIGHT, Background((0.6, 0.65, 0.7)), [instance]))
    return drawn[..., :3].copy()


def _jitter(
    renderer: Renderer, handle: ModelHandle, rest: HostFrame, eyes: F64, bridge_mm: F64, tracker: Tracker
) -> float:
    pose = Pose(rotation_xyz((2.0, 8.0, 0.0)), np.array([20.0, 10.0, -520.0]), 0.0)
    picture = _picture(renderer, handle, rest, eyes, pose).astype(np.float32)
    chance, crowd, places = np.random.default_rng(1), Crowd(_CAMERA), []
    for k in range(90):
        noisy = (picture + chance.normal(0, 4, picture.shape)).clip(0, 255).astype(np.uint8)
        for person in crowd.update(tracker.see(noisy).faces, k / 30):
            places.append(project(bridge_mm, Pose(person.rotation, person.place_mm, 0.0), _CAMERA)[0])
    if len(places) < 60:
        return float("nan")
    steady = np.array(places[30:])
    return float(np.sqrt(((steady - steady.mean(axis=0)) ** 2).sum(axis=1).mean()))


def _angle_deg(a: F64, b: F64) -> float:
    return float(np.degrees(np.arccos(np.clip((np.trace(a.T @ b) - 1) / 2, -1, 1))))


def _median(values: list[float]) -> float:
    return round(float(np.median(values)), 2) if values else float("nan")
