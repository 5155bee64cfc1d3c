"""Makes `engine/nightcast/tryon/landmarks.txt`: where a tracker's landmarks lie on our hosts' heads, in millimetres.

    python assets/make/landmarks.py

Each host is drawn in poses that are known, the tracker looks at the pictures, and every landmark is put where its rays
meet best. The hosts are brought to one pupillary distance and averaged: a head between them is nearer to strangers than
either is.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from nightcast.stage.sitter import CAMERA, Sitter, sitting, usual_poses
from nightcast.tryon.person import HEAD_PD_MM
from nightcast.tryon.product import F64
from nightcast.tryon.seen import Tracker
from nightcast.tryon.tracker import MediaPipeTracker

ROOT = Path(__file__).resolve().parents[2]
HOSTS = ("lan", "bo")
FACE, ALL = 468, 478  #: the last ten are the irises, which move

HEAD = """\
# Face landmarks (the numbers of MediaPipe's face mesh) on our reference head: x y z in millimetres from the middle
# between the centres of the eyes (+X the wearer's left, +Y up, +Z ahead), and a weight: 0 for the irises, which move.
# Made by assets/make/landmarks.py from our own hosts; equal weights measured best on other faces than these.
"""


def landmarks(sitter: Sitter, tracker: Tracker) -> F64:
    """(478, 3) of one host, at the reference head's pupillary distance."""
    size = sitter.pd_mm / HEAD_PD_MM
    normal, right = np.zeros((ALL, 3, 3)), np.zeros((ALL, 3))
    for pose in usual_poses():
        for face in tracker.see(sitter.picture(pose), still=True).faces[:1]:
            rays = (face - CAMERA.middle_px) * [1, -1] / CAMERA.focal_px
            for axis in (0, 1):
                row = pose.rotation[axis] + rays[:, axis : axis + 1] * pose.rotation[2]
                value = -(pose.place_mm[axis] + rays[:, axis] * pose.place_mm[2]) / size
                normal += row[:, :, None] * row[:, None, :]
                right += value[:, None] * row
    points: F64 = np.linalg.solve(normal, right[..., None])[..., 0]
    return points


def main() -> None:
    found = []
    with MediaPipeTracker.open(print) as tracker:
        for host in HOSTS:
            with sitting(ROOT / "avatars" / host / "host.vrm") as sitter:
                found.append(landmarks(sitter, tracker))
    rows = [f"{x:.1f} {y:.1f} {z:.1f} {int(number < FACE)}" for number, (x, y, z) in enumerate(np.mean(found, axis=0))]
    target = ROOT / "engine" / "nightcast" / "tryon" / "landmarks.txt"
    target.write_text(HEAD + "\n".join(rows) + "\n", "utf-8")
    print(f"wrote {target.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
