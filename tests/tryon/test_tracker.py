"""The tracker lives in a process of its own: its crash costs a picture, not the night."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from nightcast.tryon import tracker as module
from nightcast.tryon.seen import ALL
from nightcast.tryon.tracker import MediaPipeTracker, TrackerError

#: Stands in for mediapipe: a landmark in the middle for each picture of a stream; a black picture kills it.
STAND_IN = """
import os
from types import SimpleNamespace as Some

class FaceMesh:
    def __init__(self, **options): self.pictures = 0
    def reset(self): self.pictures = 0
    def process(self, picture):
        if not picture.any():
            os._exit(1)
        self.pictures += 1
        return Some(multi_face_landmarks=[Some(landmark=[Some(x=0.5, y=0.5)] * self.pictures)])

class Hands:
    def __init__(self, **options): pass
    def process(self, picture):
        points = Some(landmark=[Some(x=0.25, y=0.5, z=0.01)] * 21)
        label = Some(classification=[Some(label="Right")])
        return Some(multi_hand_landmarks=[points], multi_hand_world_landmarks=[points], multi_handedness=[label])

class Pose:
    def __init__(self, **options): pass
    def process(self, picture):
        points = Some(landmark=[Some(x=0.5, y=0.25, z=0.02, visibility=0.9)] * 33)
        return Some(pose_landmarks=points, pose_world_landmarks=points)

class SelfieSegmentation:
    def __init__(self, **options): pass
    def process(self, picture):
        return Some(segmentation_mask=picture[..., 0] / 255)

solutions = Some(
    face_mesh=Some(FaceMesh=FaceMesh),
    hands=Some(Hands=Hands),
    pose=Some(Pose=Pose),
    selfie_segmentation=Some(SelfieSegmentation=SelfieSegmentation),
)
"""


@pytest.fixture
def python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The child script beside a stand-in for mediapipe, run by this Python."""
    (tmp_path / "mediapipe.py").write_text(STAND_IN)
    child = Path(module.__file__).with_name("tracker_child.py").read_text("utf-8")
    (tmp_path / "tracker_child.py").write_text(f"import sys\nsys.path.insert(0, {str(tmp_path)!r})\n{child}")
    monkeypatch.setattr(module, "__file__", str(tmp_path / "tracker.py"))
    return Path(sys.executable)


def test_landmarks_come_back_in_pixels(python: Path) -> None:
    with MediaPipeTracker(python) as tracker:
        (face,) = tracker.see(np.full((40, 60, 3), 9, np.uint8)).faces
    assert face.tolist() == [[30.0, 20.0]]


def test_another_stream_is_followed_anew(python: Path) -> None:
    picture = np.full((8, 8, 3), 99, np.uint8)
    with MediaPipeTracker(python) as tracker:
        followed = [len(tracker.see(picture).faces[0]) for _ in range(3)]
        tracker.forget()
        anew = [len(tracker.see(picture).faces[0]) for _ in range(2)]
    assert (followed, anew) == ([1, 2, 3], [1, 2])


def test_hands_body_and_mask_come_in_the_wearers_sides_and_a_cameras_axes(python: Path) -> None:
    with MediaPipeTracker(python) as tracker:
        seen = tracker.see(np.full((40, 60, 3), 255, np.uint8), ALL)
    (hand,) = seen.hands
    assert hand.side == "left", "MediaPipe speaks of a mirror's picture"
    assert hand.seen_px[0].tolist() == [15.0, 20.0]
    assert hand.shape_mm[0] == pytest.approx([250.0, -500.0, -10.0])
    assert seen.body is not None
    assert seen.body.seen_px.shape == (33, 2)
    assert seen.body.sure == pytest.approx(0.9)
    assert seen.mask is not None
    assert seen.mask.shape == (40, 60)
    assert seen.mask.min() == 255


def test_a_crash_is_survived_until_it_happens_too_often(python: Path) -> None:
    black, grey = np.zeros((8, 8, 3), np.uint8), np.full((8, 8, 3), 99, np.uint8)
    with MediaPipeTracker(python) as tracker:
        assert tracker.see(black).faces == ()
        assert len(tracker.see(grey).faces) == 1
        for _ in range(2):
            assert tracker.see(black).faces == ()
        with pytest.raises(TrackerError, match="crashed 4 times"):
            tracker.see(black)
