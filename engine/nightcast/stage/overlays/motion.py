"""How overlays move: easing, entering and leaving, and the keyframes of a scene's YAML. Pure; seconds and pixels."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from nightcast.show.scene import Keyframe
from nightcast.stage.layers import Layer, Rect

__all__ = ["ENTER_S", "LEAVE_S", "Pose", "ease", "ease_in", "ease_out", "keyframed", "moved"]

ENTER_S = 0.28
LEAVE_S = 0.22


def ease_out(x: float) -> float:
    """Fast, then slow; `x` is clamped to 0..1."""
    return 1 - (1 - min(max(x, 0.0), 1.0)) ** 3


def ease_in(x: float) -> float:
    """Slow, then fast."""
    return min(max(x, 0.0), 1.0) ** 3


def ease(name: str, x: float) -> float:
    """A named curve from (0, 0) to (1, 1); `back` overshoots a little."""
    x = min(max(x, 0.0), 1.0)
    match name:
        case "in":
            return ease_in(x)
        case "out":
            return ease_out(x)
        case "in_out":
            return x * x * (3 - 2 * x)
        case "back":
            # Penner's "back out" with his overshoot of 10 %: c = 1.70158.
            return 1 + 2.70158 * (x - 1) ** 3 + 1.70158 * (x - 1) ** 2
        case _:
            return x


@dataclass(frozen=True)
class Pose:
    """What an animation adds to an overlay: offset in px at 720, size, clockwise turn, opacity."""

    x: float = 0.0
    y: float = 0.0
    scale: float = 1.0
    turn_deg: float = 0.0
    opacity: float = 1.0


def keyframed(frames: Sequence[Keyframe], age_s: float, loop: bool) -> Pose:
    """The pose `age_s` after an overlay appeared. A property that a keyframe leaves out runs on to the next one."""
    if not frames:
        return Pose()
    ordered = sorted(frames, key=lambda frame: frame.at)
    if loop and ordered[-1].at > 0:
        age_s %= ordered[-1].at
    return Pose(
        _track([(f.at, f.move[0], f.ease) for f in ordered if f.move is not None], age_s, 0.0),
        _track([(f.at, f.move[1], f.ease) for f in ordered if f.move is not None], age_s, 0.0),
        _track([(f.at, f.scale, f.ease) for f in ordered if f.scale is not None], age_s, 1.0),
        _track([(f.at, f.turn, f.ease) for f in ordered if f.turn is not None], age_s, 0.0),
        min(max(_track([(f.at, f.opacity, f.ease) for f in ordered if f.opacity is not None], age_s, 1.0), 0), 1),
    )


def _track(keys: Sequence[tuple[float, float, str]], at_s: float, rest: float) -> float:
    """One property over time; before its first key it has that key's value."""
    if not keys:
        return rest
    if at_s <= keys[0][0]:
        return keys[0][1]
    for (start_s, start, _), (end_s, end, curve) in itertools.pairwise(keys):
        if at_s < end_s:
            return start + (end - start) * ease(curve, (at_s - start_s) / (end_s - start_s))
    return keys[-1][1]


def moved(layers: Sequence[Layer], pivot: tuple[float, float], pose: Pose, px: float) -> list[Layer]:
    """Layers after `pose`, scaled and turned about `pivot`. `px` is pixels per px at 720."""
    if pose == Pose():
        return list(layers)
    turn = math.radians(pose.turn_deg)
    cos, sin = math.cos(turn) * pose.scale, math.sin(turn) * pose.scale
    result = []
    for layer in layers:
        rect = layer.rect
        dx = rect.x_px + rect.width_px / 2 - pivot[0]
        dy = rect.y_px + rect.height_px / 2 - pivot[1]
        x = pivot[0] + dx * cos - dy * sin + pose.x * px
        y = pivot[1] + dx * sin + dy * cos + pose.y * px
        width, height = rect.width_px * pose.scale, rect.height_px * pose.scale
        result.append(
            replace(
                layer,
                rect=Rect(x - width / 2, y - height / 2, width, height),
                opacity=layer.opacity * pose.opacity,
                rotation_deg=layer.rotation_deg + pose.turn_deg,
            )
        )
    return result
