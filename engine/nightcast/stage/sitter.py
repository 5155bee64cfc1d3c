"""A host as a person before a camera, drawn in a known pose, to measure trackers and mirrors with. GL thread only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nightcast.gltf.load import load
from nightcast.gltf.records import Model, f32
from nightcast.host.frame import HostFrame
from nightcast.host.host import Host
from nightcast.stage.frame import Background, Camera, Frame, Instance, Lamp, Lighting, Makeup
from nightcast.stage.gpu import Gpu
from nightcast.stage.model import ModelHandle
from nightcast.stage.renderer import Renderer
from nightcast.tryon.likeness import eyes_m
from nightcast.tryon.pnp import Intrinsics, Pose
from nightcast.tryon.product import F64, rotation_xyz
from nightcast.tryon.wearer import Wearer

__all__ = ["CAMERA", "Sitter", "angle_deg", "median", "sitting", "usual_poses"]

CAMERA = Intrinsics.of_fov(1280, 720, 40.0)
_LIGHT = Lighting(key=Lamp((0.6, 1.2, 1.2), 1.8), ambient=(0.9, 0.9, 0.9))
_WALL = Background((0.6, 0.65, 0.7))


class Sitter:
    """One avatar before `CAMERA`. Poses are of the head, in millimetres from the middle between its eyes."""

    def __init__(self, avatar: Path, renderer: Renderer) -> None:
        self._renderer = renderer
        model = load(avatar)
        self.wearer = Wearer.of(Host(model).rig)
        self._handle = renderer.load_model(model)
        self._rest = HostFrame(0.0, f32(self.wearer.rig.rest_world))
        self.eyes_m = eyes_m(self.wearer)
        self.bridge_mm: F64 = (self.wearer.anchors["nose_bridge"].rest[:3, 3] - self.eyes_m)[None] * 1000
        self.pd_mm = self.wearer.anchors.head.pupillary_distance_mm

    def picture(self, pose: Pose, makeup: Sequence[Makeup] = ()) -> NDArray[np.uint8]:
        """(720, 1280, 3) uint8, row 0 on top."""
        return self._taken(self._handle, pose, self.eyes_m, makeup)

    def disguised(self, model: Model, eyes_m: F64, poses: Sequence[Pose]) -> Iterator[NDArray[np.uint8]]:
        """Pictures as of `picture`, of a model with this one's nodes and another shape, its eyes about `eyes_m`."""
        handle = self._renderer.load_model(model)
        try:
            for pose in poses:
                yield self._taken(handle, pose, eyes_m)
        finally:
            handle.release()

    def release(self) -> None:
        self._handle.release()

    def _taken(self, handle: ModelHandle, pose: Pose, eyes_m: F64, makeup: Sequence[Makeup] = ()) -> NDArray[np.uint8]:
        camera = Camera(np.eye(4, dtype=np.float32), projection=f32(CAMERA.projection()))
        world = np.eye(4)
        world[:3, :3] = pose.rotation
        world[:3, 3] = pose.place_mm / 1000 - pose.rotation @ eyes_m
        host = Instance(handle, f32(world), "host", pose=self._rest, makeup=tuple(makeup))
        return self._renderer.draw(Frame(camera, _LIGHT, _WALL, [host]))[..., :3].copy()


@contextmanager
def sitting(avatar: Path) -> Iterator[Sitter]:
    """A sitter with a device of its own."""
    with Gpu() as gpu, Renderer(gpu, (CAMERA.width_px, CAMERA.height_px)) as renderer:
        sitter = Sitter(avatar, renderer)
        yield sitter
        sitter.release()


def usual_poses() -> Iterator[Pose]:
    """63: yaw to ±30°, pitch to ±12°, in the middle and off it, 0.45 and 0.6 m away."""
    for number, yaw_deg in enumerate((-30, -20, -10, 0, 10, 20, 30)):
        for pitch_deg in (-12.0, 0.0, 12.0):
            for off_mm in (-150.0, 0.0, 150.0):
                away_mm = 450.0 if number % 2 else 600.0
                place = np.array([off_mm * away_mm / 600, 20.0, -away_mm])
                yield Pose(rotation_xyz((pitch_deg, float(yaw_deg), 0.0)), place, 0.0)


def angle_deg(a: F64, b: F64) -> float:
    """Between two rotations (3, 3)."""
    return float(np.degrees(np.arccos(np.clip((np.trace(a.T @ b) - 1) / 2, -1, 1))))


def median(values: Sequence[float]) -> float:
    return round(float(np.median(values)), 2) if len(values) else float("nan")
