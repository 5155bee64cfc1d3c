"""What an avatar looks like as a host: its figure, face, mouth and hands on one sheet, for `nightcast avatar --sheet`.

Every picture is of the host that would go on air, posed by the same code; host space, metres. GL thread only.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from nightcast.gltf import load
from nightcast.host.anchors import Anchors, find_anchors
from nightcast.host.body import SIDES
from nightcast.host.bones import INDEX
from nightcast.host.clip import Clip
from nightcast.host.fingertips import Touch
from nightcast.host.frame import HostFrame
from nightcast.host.gesture import Gesture
from nightcast.host.host import Host
from nightcast.host.lips import VISEMES
from nightcast.host.quaternion import F64
from nightcast.stage.frame import Camera, Frame, Instance, look_at
from nightcast.stage.gpu import Gpu
from nightcast.stage.overlays.canvas import cover
from nightcast.stage.renderer import Renderer
from nightcast.stage.text import Typesetter
from nightcast.stage.thumbs import GAP_PX, PAPER, SHEET_PX, Thumb, lay_out, room_light

__all__ = ["avatar_sheet"]

_IN_A_ROW = 6
_THUMB_PX = (SHEET_PX - GAP_PX) // _IN_A_ROW - GAP_PX
_DRAWN_PX = 2 * _THUMB_PX  # drawn larger, for smooth edges
_FOV_DEG = 18.0
_FPS = 30
#: How long a face takes to show what is asked of it, and to forget it again; how long a viseme is held.
_SHOWN_S, _GONE_S, _HELD_S = 0.6, 0.9, 0.5
#: From the beginning of a blink to closed lids.
_SHUT_S = 0.1
#: Where the product is that a gesture shows: before the host's right, in lengths of its height from its feet.
_SHOWN_AT = (-0.22, 0.66, 0.24)


@dataclass(frozen=True)
class _View:
    """What is seen of the host: heights in host space, and from which side, degrees to the host's left."""

    low_m: float
    high_m: float
    side_deg: float = 0.0

    def camera(self) -> Camera:
        middle = np.array([0.0, (self.low_m + self.high_m) / 2, 0.0])
        side = math.radians(self.side_deg)
        away_m = (self.high_m - self.low_m) / 2 / math.tan(math.radians(_FOV_DEG) / 2)
        eye = middle + away_m * np.array([math.sin(side), 0.03, math.cos(side)])
        return Camera(look_at(eye.tolist(), middle.tolist()), _FOV_DEG, near_m=0.05, far_m=40)


class _Sitting:
    """One host before the camera; its time runs on from picture to picture, at 30 frames a second."""

    def __init__(self, host: Host, renderer: Renderer) -> None:
        self.host = host
        self._renderer = renderer
        self._handle = renderer.load_model(host.model)
        self._step = 0
        self._frame: HostFrame = host.update(0.0)

    @property
    def now_s(self) -> float:
        return self._step / _FPS

    def wait(self, seconds: float) -> None:
        for _ in range(math.ceil(seconds * _FPS)):
            self._step += 1
            self._frame = self.host.update(self.now_s)

    def open_eyes(self) -> None:
        while self.host.blinks_at(self.now_s):
            self.wait(1 / _FPS)

    def take(self, name: str, view: _View) -> Thumb:
        instance = Instance(self._handle, np.eye(4, dtype=np.float32), "host", pose=self._frame)
        pixels = self._renderer.draw(Frame(view.camera(), room_light(), PAPER, [instance], time_s=self.now_s))
        return Thumb(name, cover(Image.fromarray(pixels[..., :3]), _THUMB_PX, _THUMB_PX))

    def release(self) -> None:
        self._handle.release()


def avatar_sheet(
    model: Path, gestures: Mapping[str, Gesture | Clip], fonts: Path
) -> tuple[NDArray[np.uint8], tuple[str, ...]]:
    """(height, width, 4) RGBA, and what the host lacks, a sentence each.

    Raises:
        ModelError, RigError: the file cannot be a host.
        GpuError: there is nothing to draw with.
    """
    host = Host(load(model), gestures, seed=1)
    anchors = find_anchors(host.rig)
    warnings: dict[str, None] = {}
    with Gpu() as gpu, Renderer(gpu, (_DRAWN_PX, _DRAWN_PX)) as renderer:
        sitting = _Sitting(host, renderer)
        rows = [
            ("Figure", list(_figure(sitting, anchors))),
            ("Expressions", list(_expressions(sitting, anchors))),
            ("Visemes", list(_visemes(sitting, anchors)))
            if host.moves_its_mouth
            else ("Visemes: none, it has neither mouth shapes nor a jaw", []),
        ]
        if gestures:
            rows.append(("Gestures", list(_gestures(sitting, anchors, gestures))))
        sitting.release()
    sheet = lay_out(model.name, rows, Typesetter.find_fonts(fonts, warnings.setdefault))
    return sheet, (*host.warnings, *warnings)


def _figure(sitting: _Sitting, anchors: Anchors) -> Iterator[Thumb]:
    face, top_m = _face(anchors), _top_m(anchors)
    sitting.wait(1.5)
    sitting.host.look_at(_before(anchors, 0.0), sitting.now_s)
    sitting.wait(1.0)
    sitting.open_eyes()
    for name, view in (
        ("face", face),
        ("three-quarter", _View(face.low_m, face.high_m, 38)),
        ("profile", _View(face.low_m, face.high_m, 88)),
        ("bust", _View(0.64 * top_m, 1.04 * top_m, 12)),
        ("whole", _View(-0.04 * top_m, 1.06 * top_m)),
        ("from behind", _View(-0.04 * top_m, 1.06 * top_m, 150)),
    ):
        yield sitting.take(name, view)


def _expressions(sitting: _Sitting, anchors: Anchors) -> Iterator[Thumb]:
    host, view = sitting.host, _face(anchors)
    for name in ("neutral", *host.face.feelings):
        host.express(name, sitting.now_s, fade_s=0.25)
        sitting.wait(_SHOWN_S)
        sitting.open_eyes()
        yield sitting.take(name, view)
    host.express("neutral", sitting.now_s)
    if host.face.has_blink:
        sitting.open_eyes()
        while not host.blinks_at(sitting.now_s):
            sitting.wait(1 / _FPS)
        sitting.wait(_SHUT_S)
        yield sitting.take("blink", view)
    for name, aside_m, above_m in (
        ("looks to its left", 0.9, 0.0),
        ("looks to its right", -0.9, 0.0),
        ("looks down", 0.0, -0.7),
    ):
        host.look_at(_before(anchors, aside_m, above_m), sitting.now_s)
        sitting.wait(_GONE_S)
        sitting.open_eyes()
        yield sitting.take(name, view)
    host.look_at(_before(anchors, 0.0), sitting.now_s)
    sitting.wait(_GONE_S)


def _visemes(sitting: _Sitting, anchors: Anchors) -> Iterator[Thumb]:
    view = _face(anchors)
    for name in VISEMES:
        sitting.open_eyes()
        sitting.host.speak(sitting.now_s, [(0.0, name, 1.0)], [], _HELD_S)
        sitting.wait(_HELD_S / 2)
        yield sitting.take(name, view)
        sitting.wait(_HELD_S)


def _gestures(sitting: _Sitting, anchors: Anchors, gestures: Mapping[str, Gesture | Clip]) -> Iterator[Thumb]:
    top_m = _top_m(anchors)
    view = _View(0.47 * top_m, 1.05 * top_m, 14)
    for name, what in sorted(gestures.items()):
        shown = isinstance(what, Gesture) and what.follows_target
        target = [top_m * share for share in _SHOWN_AT] if shown else None
        sitting.wait(_GONE_S)
        sitting.host.gesture(name, sitting.now_s + what.stroke_s, target, _touches(sitting.host, anchors, what))
        sitting.wait(what.stroke_s)
        sitting.open_eyes()
        yield sitting.take(name, view)
        sitting.wait(what.duration_s - what.stroke_s)


def _touches(host: Host, anchors: Anchors, what: Gesture | Clip) -> dict[str, Touch]:
    """Where hands that put something on the head would hold it: at the ears."""
    keys = what.keys if isinstance(what, Gesture) else ()
    if not any(key.both is not None and key.both.target == 1 for key in keys):
        return {}
    head = host.rig.places[INDEX["head"]]
    return {side: Touch("head", _place(anchors, f"ear_{side[0]}") - head) for side in SIDES}


def _place(anchors: Anchors, name: str) -> F64:
    place: F64 = anchors[name].rest[:3, 3]
    return place


def _top_m(anchors: Anchors) -> float:
    return float(_place(anchors, "hair_crown")[1])


def _face(anchors: Anchors) -> _View:
    """The whole head with the beginning of the neck."""
    crown_m, chin_m = _top_m(anchors), float(_place(anchors, "chin")[1])
    size_m = crown_m - chin_m
    return _View(chin_m - 0.28 * size_m, crown_m + 0.12 * size_m)


def _before(anchors: Anchors, aside: float, above: float = 0.0) -> list[float]:
    """A point to look at, two metres before the eyes, so much (metres) to the host's left and above."""
    eyes = (_place(anchors, "eye_l") + _place(anchors, "eye_r")) / 2
    return [float(eyes[0]) + aside, float(eyes[1]) + above, float(eyes[2]) + 2.0]
