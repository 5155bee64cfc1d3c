"""The tracker lives in a process of its own: its crash costs a picture, not the night."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from nightcast.tryon import tracker as module
from nightcast.tryon.tracker import FaceTracker, TrackerError

#: Stands in for mediapipe: one landmark in the middle; a black picture kills it.
STAND_IN = """
import os
from types import SimpleNamespace as Some

class FaceMesh:
    def __init__(self, **options): pass
    def process(self, picture):
        if not picture.any():
            os._exit(1)
        return Some(multi_face_landmarks=[Some(landmark=[Some(x=0.5, y=0.5)])])

solutions = Some(face_mesh=Some(FaceMesh=FaceMesh))
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
    with FaceTracker(python) as tracker:
        (face,) = tracker.faces(np.full((40, 60, 3), 9, np.uint8))
    assert face.tolist() == [[30.0, 20.0]]


def test_a_crash_is_survived_until_it_happens_too_often(python: Path) -> None:
    black, grey = np.zeros((8, 8, 3), np.uint8), np.full((8, 8, 3), 99, np.uint8)
    with FaceTracker(python) as tracker:
        assert tracker.faces(black) == []
        assert len(tracker.faces(grey)) == 1
        for _ in range(2):
            assert tracker.faces(black) == []
        with pytest.raises(TrackerError, match="crashed 4 times"):
            tracker.faces(black)
