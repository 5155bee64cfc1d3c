"""How good the mirror is: what hides what, where lips are, how late and how fast it is. GL thread only.

`nightcast bench tryon` prints these beside those of `tryon_bench`. Truth comes from our own hosts, rendered as people.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from nightcast.gltf.hierarchy import posed_positions, rest_world
from nightcast.gltf.load import load
from nightcast.gltf.records import Material, Mesh, Model, f32
from nightcast.host.rig import Rig
from nightcast.show.catalog import Catalog
from nightcast.show.load import resolve
from nightcast.show.wear import Makeup
from nightcast.stage import frame
from nightcast.stage.frame import Background, Camera, Frame, Instance, Lighting
from nightcast.stage.gpu import Gpu
from nightcast.stage.layers import Bitmap
from nightcast.stage.mirror import Mirror, Onlookers
from nightcast.stage.occluders import head_of
from nightcast.stage.renderer import Renderer
from nightcast.stage.sitter import CAMERA, median, sitting, usual_poses
from nightcast.tryon.face_paint import face_region
from nightcast.tryon.fit import fit
from nightcast.tryon.likeness import Likenesses, eyes_m
from nightcast.tryon.makeup import paint
from nightcast.tryon.person import Crowd, Person
from nightcast.tryon.pnp import Intrinsics, Pose
from nightcast.tryon.product import F64, rotation_xyz
from nightcast.tryon.seen import Tracker
from nightcast.tryon.sources import Picture
from nightcast.tryon.watching import Watcher
from nightcast.tryon.wearer import Wearer

__all__ = ["LipFigures", "OcclusionFigures", "PhotoFigures", "SpeedFigures", "measure_lag_ms", "measure_lips",
           "measure_occlusion", "measure_photo", "measure_speed"]  # fmt: skip

_FPS = 30
_HINGE_M = 0.014  #: behind the front of glasses their temples begin


@dataclass(frozen=True)
class OcclusionFigures:
    """What the mirror's head leaves of glasses against what the person's own head leaves, over the usual poses."""

    front_iou: float
    temples_iou: float


@dataclass(frozen=True)
class LipFigures:
    """Lips as the mirror finds them on a rendered face against the host's own."""

    iou: float
    leak_percent: float  #: of the mirror's lips, farther than a feather (1.5 mm) outside of the true ones


@dataclass(frozen=True)
class SpeedFigures:
    """A stream of 1280×720 through decoder, tracker and mirror, as fast as it goes."""

    pictures_per_s: float
    cpu_ms: float  #: of processor time a picture, the tracker's own process left out: two cores have 66 at 30 a second
    draw_ms_median: float
    draw_ms_p95: float
    switch_ms_worst: float  #: the first picture with another product


@dataclass(frozen=True)
class PhotoFigures:
    """A photograph, moved by known turns, sizes and shifts: how steadily its face is followed."""

    pictures: int
    found: int
    bridge_px_rms: float  #: between the eyes, about where it was moved to; each picture alone
    turn_deg_rms: float  #: about the roll that was put in
    jitter_px_rms: float  #: of the still photograph with sensor noise σ = 4


def measure_occlusion(
    reference: Path, person: Path, catalog: Catalog, catalog_file: Path, product: str, tracker: Tracker
) -> OcclusionFigures:
    """Glasses on the reference host made into what the tracker told of the person in this one picture: what that head
    leaves of them, against what the person's own head would leave.

    Both stand where the person is; hair is left out, since the mirror tells it by its colour.
    """
    front: list[tuple[int, int]] = []
    temples: list[tuple[int, int]] = []
    sold = catalog.product(product)
    assert sold is not None
    assert sold.model is not None
    model = load(resolve(catalog_file, sold.model))
    likenesses = Likenesses(Wearer.of(Rig(load(reference))))
    seen = list(_seen_in_each_pose(person, tracker))
    with Gpu() as gpu, Renderer(gpu, (CAMERA.width_px, CAMERA.height_px)) as renderer:
        own = Wearer.of(Rig(load(person)))
        own_head = renderer.load_model(head_of(own))
        for pose, face in seen:
            made = likenesses.of(face.likeness, face.scale)
            fitted = fit(sold, model, made)
            (piece,) = fitted.pieces
            on_head = piece.anchor.rest @ piece.local
            made_head = renderer.load_model(head_of(made))
            hides = [
                Instance(made_head, f32(_standing(pose, made)), "occluder"),
                Instance(own_head, f32(_standing(pose, own)), "occluder"),
            ]
            for part, scores in zip(_split(fitted.model, on_head), (front, temples), strict=True):
                handle = renderer.load_model(part)
                worn = Instance(handle, f32(_standing(pose, made) @ on_head), "worn")
                mine, true = (_covered(renderer, [head, worn]) for head in hides)
                scores.append((int((mine & true).sum()), int((mine | true).sum())))
                handle.release()
            made_head.release()
        own_head.release()
    return OcclusionFigures(*(round(sum(a for a, _ in each) / sum(b for _, b in each), 3) for each in (front, temples)))


def _standing(pose: Pose, wearer: Wearer) -> F64:
    """(4, 4) from host space to the camera's, metres."""
    world = np.eye(4)
    world[:3, :3], world[:3, 3] = pose.rotation, pose.place_mm / 1000 - pose.rotation @ eyes_m(wearer)
    return world


def _seen_in_each_pose(person: Path, tracker: Tracker) -> Iterator[tuple[Pose, Person]]:
    with sitting(person) as sitter:
        for pose in usual_poses():
            faces = tracker.see(sitter.picture(pose), still=True).faces
            for face in Crowd(CAMERA, sitter.pd_mm).update(faces, 0.0, smooth=False):
                yield pose, face


def _split(model: Model, on_head: F64) -> tuple[Model, Model]:
    """The front of glasses, and their temples; all of them white and opaque, to be told from what is not there."""
    world = rest_world(model)
    clouds = {
        i: [
            posed_positions(model, world, i, p) @ on_head[:3, :3].T + on_head[:3, 3]
            for p in model.meshes[n.mesh].primitives
        ]
        for i, n in enumerate(model.nodes)
        if n.mesh is not None
    }
    front_z = max(float(points[:, 2].max()) for each in clouds.values() for points in each)
    solid = tuple(Material(material.name, double_sided=True, unlit=True) for material in model.materials)
    halves = []
    for ahead in (True, False):
        meshes: list[Mesh] = []
        nodes = list(model.nodes)
        for i, each in clouds.items():
            mesh = model.meshes[nodes[i].mesh or 0]
            kept = []
            for primitive, points in zip(mesh.primitives, each, strict=True):
                triangles = primitive.indices.reshape(-1, 3)
                before = points[triangles][..., 2].mean(axis=1) > front_z - _HINGE_M
                chosen = triangles[before == ahead]
                if len(chosen):
                    kept.append(replace(primitive, indices=chosen.reshape(-1)))
            nodes[i] = replace(nodes[i], mesh=len(meshes) if kept else None)
            if kept:
                meshes.append(replace(mesh, primitives=tuple(kept)))
        halves.append(replace(model, nodes=tuple(nodes), meshes=tuple(meshes), levels=(), materials=solid))
    return halves[0], halves[1]


def _covered(renderer: Renderer, instances: list[Instance]) -> NDArray[np.bool_]:
    """(h, w) where something white is seen."""
    camera = Camera(np.eye(4, dtype=np.float32), projection=f32(CAMERA.projection()))
    black = Background((0.0, 0.0, 0.0), (0.0, 0.0, 0.0))
    return np.asarray(renderer.draw(Frame(camera, Lighting(), black, instances))[..., 1] > 127)


def measure_lips(avatar: Path, catalog: Catalog, tracker: Tracker) -> LipFigures:
    """The host's own lips, painted on and drawn, against where the mirror paints from the tracker's landmarks."""
    lipstick = next(
        p for p in catalog.products if p.wear is not None and p.wear.makeup and p.wear.makeup.region == "lips"
    )
    assert lipstick.wear is not None
    spec = Makeup(region="lips", colour="#00ff00", opacity=1.0, finish="matte", feather=0.2)
    painted = lipstick.model_copy(update={"wear": lipstick.wear.model_copy(update={"makeup": spec})})
    shares, leaks = [], []
    with sitting(avatar) as sitter:
        layer = paint(painted, sitter.wearer)
        makeup = frame.Makeup(layer.material, Bitmap(layer.pixels), Bitmap(layer.finish))
        for pose in usual_poses():
            plain = sitter.picture(pose)
            green = sitter.picture(pose, [makeup]).astype(int)
            true = np.abs(green - plain).max(axis=-1) > 40
            for face in tracker.see(plain, still=True).faces[:1]:
                found = face_region(spec, face, plain)
                if found is None or not true.any():
                    continue
                (x0, y0), mask = found
                mine = np.zeros_like(true)
                mine[y0 : y0 + mask.shape[0], x0 : x0 + mask.shape[1]] = mask > 0.5
                shares.append((mine & true).sum() / (mine | true).sum())
                leaks.append(100 * (mine & ~_grown(true, 1.5 * CAMERA.focal_px / -pose.place_mm[2])).sum() / mine.sum())
    return LipFigures(round(float(np.median(shares)), 3), median(leaks))


def _grown(mask: NDArray[np.bool_], by_px: float) -> NDArray[np.bool_]:
    from scipy import ndimage

    grown: NDArray[np.bool_] = ndimage.binary_dilation(mask, iterations=max(round(by_px), 1))
    return grown


def measure_lag_ms(avatar: Path, tracker: Tracker) -> float:
    """How late a head is drawn that turns by ±20° once a second, by the shift that fits best; interpolated."""
    true_deg, seen_deg = [], []
    tracker.forget()
    crowd = Crowd(CAMERA)
    with sitting(avatar) as sitter:
        for k in range(4 * _FPS):
            yaw_deg = 20 * np.sin(2 * np.pi * k / _FPS)
            pose = Pose(rotation_xyz((0.0, float(yaw_deg), 0.0)), np.array([0.0, 0.0, -550.0]), 0.0)
            people = crowd.update(tracker.see(sitter.picture(pose)).faces, k / _FPS)
            if people:
                true_deg.append(yaw_deg)
                seen_deg.append(float(np.degrees(np.arctan2(people[0].rotation[0, 2], people[0].rotation[2, 2]))))
    wanted, got = np.array(true_deg[_FPS:]), np.array(seen_deg[_FPS:])
    turn = 2 * np.pi * np.arange(len(wanted)) / _FPS
    phases = [np.angle((each - each.mean()) @ np.exp(-1j * turn)) for each in (wanted, got)]
    return round(float((phases[0] - phases[1]) / (2 * np.pi) * 1000), 1)


def measure_speed(
    reference: Path, light: Path, catalog: Catalog, catalog_file: Path, tracker: Tracker, products: tuple[str, str]
) -> SpeedFigures:
    """Six seconds of a head that moves; the product changes every second."""
    pictures = list(_moving(reference))
    crowd = Crowd(CAMERA)
    spent_ms: list[float] = []
    switched_ms: list[float] = []
    with (
        Gpu() as gpu,
        Mirror(gpu, reference, catalog, catalog_file, CAMERA, light=light, waits=False) as mirror,
        Watcher("clip", tracker, lambda _: iter(pictures)) as watcher,
    ):
        mirror.prepare(products)
        mirror.wear(products[:1])
        watcher.want(mirror.wants)
        began_s, began_cpu_s = time.perf_counter(), time.process_time()
        for number, watched in enumerate(watcher):
            assert watched is not None
            if number == _FPS:
                began_s, began_cpu_s = time.perf_counter(), time.process_time()
            at_s = time.perf_counter()
            if number % _FPS == 0:
                mirror.wear([products[number // _FPS % 2]])
                watcher.want(mirror.wants)
            people = crowd.update(watched.seen.faces, watched.picture.time_s)
            mirror.draw(watched.picture.pixels, Onlookers(people, mask=watched.seen.mask))
            took_ms = 1000 * (time.perf_counter() - at_s)
            if number >= _FPS:
                (switched_ms if number % _FPS == 0 else spent_ms).append(took_ms)
        whole_s, cpu_s = time.perf_counter() - began_s, time.process_time() - began_cpu_s
    return SpeedFigures(
        round((len(pictures) - _FPS) / whole_s, 1),
        round(1000 * cpu_s / (len(pictures) - _FPS), 1),
        median(spent_ms),
        round(float(np.percentile(spent_ms, 95)), 1),
        round(max(switched_ms), 1),
    )


def _moving(avatar: Path) -> Iterator[Picture]:
    with sitting(avatar) as sitter:
        for k in range(6 * _FPS):
            turn = 2 * np.pi * k / (2 * _FPS)
            pose = Pose(
                rotation_xyz((4 * np.cos(turn), 18 * np.sin(turn), 0.0)),
                np.array([60 * np.sin(turn), 0.0, -600.0]),
                0.0,
            )
            yield Picture(sitter.picture(pose), k / _FPS)


def measure_photo(photo: Path, tracker: Tracker) -> PhotoFigures:
    """Roll ±10°, size ±15 %, shifts of ±60 pixels, each in one picture of a stream."""
    with Image.open(photo) as image:
        still = image.convert("RGB")
    faces = tracker.see(np.asarray(still), still=True).faces
    if not faces:
        return PhotoFigures(0, 0, *[float("nan")] * 3)
    middle = faces[0][168]
    scale = 130 / float(np.linalg.norm(faces[0][33] - faces[0][263]))  # eyes as wide as of a face before a webcam
    camera = Intrinsics.of_fov(1280, 720, 40.0)
    bridges, rolls = [], []
    pictures = 2 * _FPS
    for k in range(pictures):
        phase = 2 * np.pi * k / pictures
        roll, size = np.radians(10 * np.sin(phase)), scale * (1 + 0.15 * np.sin(2 * phase))
        at = np.array([640 + 60 * np.sin(3 * phase), 330 + 40 * np.cos(phase)])
        people = Crowd(camera).update(tracker.see(_warped(still, middle, at, roll, size), still=True).faces, 0.0)
        if people:
            turn = people[0].rotation
            bridges.append((_bridge_px(people[0], camera) - at) * scale / size)
            rolls.append(np.degrees(np.arctan2(turn[1, 0], turn[0, 0]) - roll))
    off = np.array(bridges) - np.median(bridges, axis=0)
    picture = _warped(still, middle, np.array([640.0, 330.0]), 0.0, scale).astype(np.float32)
    tracker.forget()
    chance, crowd, steady = np.random.default_rng(1), Crowd(camera), []
    for k in range(3 * _FPS):
        noisy = (picture + chance.normal(0, 4, picture.shape)).clip(0, 255).astype(np.uint8)
        steady += [_bridge_px(person, camera) for person in crowd.update(tracker.see(noisy).faces, k / _FPS)]
    rest = np.array(steady[_FPS:])
    return PhotoFigures(
        pictures,
        len(bridges),
        round(float(np.sqrt((off**2).sum(axis=1).mean())), 2),
        round(float(np.std(rolls)), 2),
        round(float(np.sqrt(((rest - rest.mean(axis=0)) ** 2).sum(axis=1).mean())), 3),
    )


def _warped(still: Image.Image, middle: F64, at: F64, roll: float, size: float) -> NDArray[np.uint8]:
    """(720, 1280, 3) of a photo whose point `middle` comes to `at`, turned and enlarged."""
    turn = np.array([[np.cos(roll), np.sin(roll)], [-np.sin(roll), np.cos(roll)]]) * size
    back = np.linalg.inv(turn)
    origin = middle - back @ at
    data = (*back[0], origin[0], *back[1], origin[1])
    return np.asarray(still.transform((1280, 720), Image.Transform.AFFINE, data, Image.Resampling.BICUBIC))


def _bridge_px(person: Person, camera: Intrinsics) -> F64:
    middle: F64 = person.place_mm[:2] * [1, -1] / -person.place_mm[2] * camera.focal_px + camera.middle_px
    return middle
