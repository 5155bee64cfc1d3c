"""The digital human as mathematics: rig, pose, face, lips, gaze, gesture, springs. No GL, no clock."""

from nightcast.host.anchors import Anchor, Anchors, find_anchors
from nightcast.host.clip import Clip, load_clip
from nightcast.host.counter import Counter
from nightcast.host.errors import GestureError, HostError, RigError
from nightcast.host.frame import HostFrame, MaterialOverride
from nightcast.host.gesture import Gesture, load_gesture, load_gestures
from nightcast.host.host import Host
from nightcast.host.licence import Verdict, commercial_stream
from nightcast.host.performance import load_motions
from nightcast.host.posture import Posture, load_postures
from nightcast.host.report import Report, report_on

__all__ = [
    "Anchor",
    "Anchors",
    "Clip",
    "Counter",
    "Gesture",
    "GestureError",
    "Host",
    "HostError",
    "HostFrame",
    "MaterialOverride",
    "Posture",
    "Report",
    "RigError",
    "Verdict",
    "commercial_stream",
    "find_anchors",
    "load_clip",
    "load_gesture",
    "load_gestures",
    "load_motions",
    "load_postures",
    "report_on",
]
