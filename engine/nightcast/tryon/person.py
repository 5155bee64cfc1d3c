"""People before a camera: from landmarks to steady head poses, with ids that stay. Pure; time is passed in.

Landmarks carry the numbers of MediaPipe's face mesh. Head space as in `heads`, camera space as in `pnp`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from nightcast.host import quaternion as quat
from nightcast.tryon.heads import HEAD_PD_MM, head_model
from nightcast.tryon.one_euro import OneEuro
from nightcast.tryon.own_shape import OwnShape
from nightcast.tryon.pnp import Intrinsics, Pose, solve_pose
from nightcast.tryon.product import F64

__all__ = ["Crowd", "Person"]

_IRIS_MM = 11.7  #: a grown eye's iris is 11.7 ± 0.5 mm wide (Google, MediaPipe Iris, 2020)
_IRISES = ((469, 471), (474, 476))  #: left and right edge of each
_LEAST_IRIS_PX = 14.0  #: a smaller one says nothing of a size
_SCALE = (0.85, 1.15)
_FREEZE_AFTER = 60  #: faces seen nearly from ahead, after which a head's size is settled
_RECENT_S = 0.15
_ASTRAY = 1.5  #: a pose that fits so much worse than the last one is solved anew
_HOLD_S, _FADE_S = 0.25, 0.25
_SAME_FACE_IOU = 0.25


@dataclass(frozen=True, eq=False)
class Person:
    """A face in this picture, or one that was there a moment ago."""

    number: int
    rotation: F64  #: (3, 3) head to camera
    place_mm: F64  #: (3,) of the middle between the eyes
    scale: float  #: size of the head against the mean head
    likeness: F64  #: (K,) how it differs from the mean head otherwise, as in `heads`
    opacity: float  #: 1 while it is seen; falls to 0 after it was lost
    box_px: tuple[float, float, float, float]
    error_px: float
    landmarks_px: F64 | None = None  #: (478, 2) as seen in this picture; None for one that was lost

    def matrix_m(self) -> F64:
        """(4, 4) from head space, in metres at the head's own size, to camera space in metres."""
        matrix = np.eye(4)
        matrix[:3, :3] = self.rotation
        matrix[:3, 3] = self.place_mm / 1000
        return matrix


@dataclass
class _Track:
    number: int
    box: tuple[float, float, float, float]
    seen_s: float
    shape: OwnShape
    place: OneEuro = field(default_factory=lambda: OneEuro(1.0, 0.02))
    turn: OneEuro = field(default_factory=lambda: OneEuro(1.0, 3.5))
    scales: list[float] = field(default_factory=list)
    pose: Pose | None = None  #: as solved last, before it was smoothed
    last: Person | None = None


class Crowd:
    """Follows everybody in a stream of pictures from one camera.

    Args:
        pd_mm: pupillary distance, where it is known; it sets the head's size for one person alone before the camera.
    """

    def __init__(self, camera: Intrinsics, pd_mm: float | None = None) -> None:
        self.camera = camera
        self._pd_mm = pd_mm
        self._tracks: list[_Track] = []
        self._next = 1

    def update(self, faces: Sequence[F64], time_s: float, *, smooth: bool = True) -> list[Person]:
        """People at `time_s`; `faces` are landmarks (478, 2) in pixels. Without `smooth` each picture stands alone."""
        free = list(self._tracks)
        people: list[Person] = []
        for landmarks in faces:
            box = _box(landmarks)
            track = max(free, key=lambda other: _overlap(other.box, box), default=None)
            if track is None or _overlap(track.box, box) < _SAME_FACE_IOU:
                track = _Track(self._next, box, time_s, OwnShape(head_model(), self.camera))
                self._next += 1
                self._tracks.append(track)
            else:
                free.remove(track)
            person = self._follow(track, landmarks, box, time_s, smooth=smooth)
            if person is not None:
                people.append(person)
        for track in free:
            lost = _fading(track, time_s)
            if lost is None:
                self._tracks.remove(track)
            else:
                people.append(lost)
        return people

    def _follow(
        self, track: _Track, landmarks: F64, box: tuple[float, float, float, float], time_s: float, *, smooth: bool
    ) -> Person | None:
        if not smooth:
            track.shape = OwnShape(head_model(), self.camera)
        weights = head_model().weights[: len(landmarks)]
        points = track.shape.points_mm[: len(landmarks)]
        # In a stream every second landmark will do, begun where the head was a moment ago.
        some = slice(None, None, 2 if smooth else 1)
        start = track.pose if smooth and time_s - track.seen_s < _RECENT_S else None
        pose = solve_pose(points[some], landmarks[some], weights[some], self.camera, start)
        if pose is None or (start is not None and pose.error_px > _ASTRAY * start.error_px + 2.0):
            pose = solve_pose(points, landmarks, weights, self.camera)
        if pose is not None:
            pose = track.shape.see(landmarks, pose)
        track.pose = pose
        track.box, track.seen_s = box, time_s
        if pose is None:
            return track.last
        scale = self._scale(track, landmarks, pose)
        turn, place = quat.from_matrix(pose.rotation), pose.place_mm
        if smooth:
            place = track.place(place, time_s)
            turn = quat.normalised(track.turn(_nearest(turn, track), time_s))
        track.last = Person(
            track.number,
            quat.to_matrix(turn),
            place * scale,
            scale,
            track.shape.likeness,
            1.0,
            box,
            pose.error_px,
            landmarks,
        )
        return track.last

    def _scale(self, track: _Track, landmarks: F64, pose: Pose) -> float:
        """The head's size: from its pupillary distance, else from its irises; settled after a while."""
        if self._pd_mm is not None:
            return self._pd_mm / HEAD_PD_MM
        if len(track.scales) < _FREEZE_AFTER and len(landmarks) > 476 and pose.rotation[2, 2] > 0.9:
            widths = [float(np.linalg.norm(landmarks[a] - landmarks[b])) for a, b in _IRISES]
            if min(widths) > _LEAST_IRIS_PX:
                away_mm = self.camera.focal_px * _IRIS_MM / (sum(widths) / 2)
                track.scales.append(away_mm / -float(pose.place_mm[2]))
        return float(np.clip(np.median(track.scales), *_SCALE)) if len(track.scales) >= 5 else 1.0


def _fading(track: _Track, time_s: float) -> Person | None:
    """A face that was lost: held, then faded; None when it is gone."""
    gone_s = time_s - track.seen_s
    if track.last is None or gone_s > _HOLD_S + _FADE_S:
        return None
    return replace(track.last, opacity=min(1.0, 1 - (gone_s - _HOLD_S) / _FADE_S), landmarks_px=None)


def _nearest(turn: F64, track: _Track) -> F64:
    """The one of two equal quaternions that is nearer to where the head was."""
    if track.last is None:
        return turn
    before = quat.from_matrix(track.last.rotation)
    return turn if float(before @ turn) >= 0 else -turn


def _box(landmarks: F64) -> tuple[float, float, float, float]:
    low, high = landmarks.min(axis=0), landmarks.max(axis=0)
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])


def _overlap(a: tuple[float, float, float, float], b: tuple[float, float, float, float]) -> float:
    """Intersection over union of two boxes."""
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    inside = width * height
    whole = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - inside
    return inside / whole
