"""A tracker that runs MediaPipe in a process of its own.

Its pins (numpy, protobuf) would drag the whole program, and its crashes must not end a night. Its environment is
made on first use, under the user's cache folder, with pip; afterwards it needs no network. Any thread, one at a time.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, Self

import numpy as np
from numpy.typing import NDArray

from nightcast.tryon.errors import TryOnError
from nightcast.tryon.product import F64
from nightcast.tryon.seen import Body, Hand, Seen, Want

__all__ = ["MediaPipeTracker", "TrackerError", "make_environment", "tracker_home"]

#: 0.10.21 is the last release that holds its models and `solutions`. What else it declares (jax …) is not used here.
_NEEDS = (
    "mediapipe==0.10.21",
    "absl-py",
    "attrs",
    "contourpy",
    "cycler",
    "flatbuffers",
    "fonttools",
    "kiwisolver",
    "matplotlib",
    "numpy==2.2.6",
    "opencv-python-headless==4.11.0.86",
    "packaging",
    "pillow",
    "protobuf==4.25.9",
    "pyparsing",
    "python-dateutil",
    "six",
)
_NEWEST_PYTHON = (3, 12)  #: for which MediaPipe 0.10.21 has wheels
_MOST_RESTARTS = 3
_PIPE_BYTES = 1 << 20  #: a picture goes through in three pieces, not in forty


class TrackerError(TryOnError):
    """The tracker cannot be made or run."""

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(reason, remedy)
        self.reason = reason
        self.remedy = remedy

    def __str__(self) -> str:
        return f"The face tracker {self.reason}. {self.remedy}"


def tracker_home() -> Path:
    """Where the tracker's environment lives; NIGHTCAST_TRACKER names another folder."""
    given = os.environ.get("NIGHTCAST_TRACKER")
    if given:
        return Path(given)
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return cache / "nightcast" / "tracker-0.10.21"


def make_environment(home: Path, tell: Callable[[str], None]) -> Path:
    """The environment's Python; made if it is not there, about 300 MB on disk.

    Raises TrackerError where it cannot be made; nothing half made is left.
    """
    python = _python_of(home)
    if (home / "complete").exists() and python.exists():
        return python
    if sys.version_info[:2] > _NEWEST_PYTHON:
        raise TrackerError(
            f"needs Python {_NEWEST_PYTHON[0]}.{_NEWEST_PYTHON[1]} or older",
            "Make an environment with one, install mediapipe==0.10.21 there, and name it in NIGHTCAST_TRACKER.",
        )
    shutil.rmtree(home, ignore_errors=True)
    tell(f"Making the face tracker's environment in {home} (once; downloads about 120 MB)")
    try:
        _run([sys.executable, "-m", "venv", str(home)], tell)
        _run([str(python), "-m", "pip", "install", "--no-deps", "--disable-pip-version-check", *_NEEDS], tell)
    except TrackerError:
        shutil.rmtree(home, ignore_errors=True)
        raise
    (home / "complete").touch()
    return python


def _python_of(home: Path) -> Path:
    return home / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def _run(command: list[str], tell: Callable[[str], None]) -> None:
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        last = ""
        for line in process.stdout or ():
            last = line.strip() or last
            if last.startswith(("Collecting", "Installing", "Successfully")):
                tell(f"  {last[:100]}")
    if process.returncode:
        raise TrackerError(f"could not be installed: {last}", "Check the network and try again.")


class MediaPipeTracker:
    """MediaPipe in a process of its own. A crash is survived; nothing is seen in the picture then.

    Usage:
        with MediaPipeTracker.open(print) as tracker:
            for landmarks in tracker.see(pixels).faces: …
    """

    def __init__(self, python: Path) -> None:
        self._python = python
        self._restarts = 0
        self._anew = False
        self._process = self._start()

    @classmethod
    def open(cls, tell: Callable[[str], None]) -> Self:
        """With its environment made, if it is not there yet. Raises TrackerError."""
        return cls(make_environment(tracker_home(), tell))

    def see(
        self, pixels: NDArray[np.uint8], wants: frozenset[Want] = frozenset(("face",)), *, still: bool = False
    ) -> Seen:
        """As `seen.Tracker` says. Raises TrackerError after it crashed too often."""
        height, width = pixels.shape[:2]
        wish = {"width": width, "height": height, "still": still, "wants": sorted(wants), "anew": self._anew}
        head, self._anew = json.dumps(wish), False
        answer = self._ask(head.encode() + b"\n", np.ascontiguousarray(pixels[..., :3]))
        if answer is None:
            self._restarts += 1
            if self._restarts > _MOST_RESTARTS:
                raise TrackerError(
                    f"crashed {self._restarts} times", f"Remove {self._python.parents[1]} and try again."
                )
            self.close()
            self._process = self._start()
            return Seen()
        return answer

    def forget(self) -> None:
        """As `seen.Tracker` says."""
        self._anew = True

    def close(self) -> None:
        """End the process."""
        with contextlib.suppress(OSError):
            if self._process.stdin is not None:
                self._process.stdin.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _start(self) -> subprocess.Popen[bytes]:
        child = Path(__file__).with_name("tracker_child.py")
        process = subprocess.Popen(
            [str(self._python), "-I", str(child)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            pipesize=_PIPE_BYTES,
        )
        if not (process.stdout and process.stdout.readline()):
            process.wait()
            raise TrackerError("does not start", f"Remove {self._python.parents[1]}; it will be made again.")
        return process

    def _ask(self, head: bytes, pixels: NDArray[np.uint8]) -> Seen | None:
        """The child's answer; None where it died."""
        stdin, stdout = self._process.stdin, self._process.stdout
        try:
            if stdin is None or stdout is None:
                return None
            stdin.write(head)
            stdin.write(pixels.data)
            stdin.flush()
            return _seen(json.loads(stdout.readline()), stdout)
        except (OSError, ValueError):
            return None


#: From the child's axes (y down, z away, metres) to a camera's (y up, z to the viewer, millimetres).
_TO_CAMERA = np.array([1000.0, -1000.0, -1000.0])


def _seen(found: dict[str, Any], numbers: IO[bytes]) -> Seen:
    """As `tracker_child` writes it. Raises ValueError where it broke off."""

    def taken(shape: list[int], dtype: str = "<f4") -> NDArray[Any]:
        data = numbers.read(math.prod(shape) * np.dtype(dtype).itemsize)
        return np.frombuffer(data, dtype).reshape(shape)

    def points(shape: list[int]) -> F64:
        return taken(shape).astype(np.float64)

    faces = tuple(points(face) for face in found["faces"])
    hands = tuple(
        Hand(hand["side"], points(hand["seen"]), points(hand["shape_m"]) * _TO_CAMERA) for hand in found["hands"]
    )
    body = found["body"]
    return Seen(
        faces,
        hands,
        body and Body(points(body["seen"]), points(body["shape_m"]) * _TO_CAMERA, points(body["sure"])),
        taken(found["mask"], "u1") if found["mask"] else None,
    )
