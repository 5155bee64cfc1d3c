"""A product on its way between hands and body, moved so that it lies between the fingers that hold it. Host space."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nightcast.gltf.hierarchy import rest_bounds
from nightcast.host.frame import HostFrame
from nightcast.host.rig import Rig
from nightcast.tryon.fit import Fitted
from nightcast.tryon.product import F64

__all__ = ["carried"]

_SIDES = ("left", "right")


def carried(fitted: Fitted, seats: Sequence[F64], rig: Rig, frame: HostFrame, in_hands: float) -> list[F64]:
    """The pieces' matrices (4, 4), from where they sit (`in_hands` 0) to where the fingers have them (1).

    One piece is held by both hands, or by the right one where it goes on a wrist; of a pair each hand holds its own.
    """
    tips = [_fingertips(rig, frame, side) for side in _SIDES]
    low, high = (corner.astype(np.float64) for corner in rest_bounds(fitted.model))
    middle = np.append((low + high) / 2, 1.0)
    placed = []
    for seat, held in zip(seats, _holders(fitted, tips), strict=True):
        moved = seat.copy()
        moved[:3, 3] += in_hands * (held - (seat @ middle)[:3])
        placed.append(moved)
    return placed


def _holders(fitted: Fitted, tips: Sequence[F64]) -> list[F64]:
    """Where each piece is held."""
    if len(fitted.pieces) == 2:
        return list(tips)
    name = fitted.pieces[0].anchor.name
    if name.endswith("_l"):
        return [tips[1]]
    if name.endswith("_r"):
        return [tips[0]]
    return [(tips[0] + tips[1]) / 2]


def _fingertips(rig: Rig, frame: HostFrame, side: str) -> F64:
    """(3,) between thumb and forefinger; the hand itself where it has none."""
    fingers = [name for name in (f"{side}IndexDistal", f"{side}ThumbDistal") if name in rig.bones]
    nodes = [rig.bones[name] for name in fingers or (f"{side}Hand",)]
    place: F64 = frame.node_world[nodes, :3, 3].astype(np.float64).mean(axis=0)
    return place
