"""Lays a band on a wrist or a head: each part of it in or out until it touches the skin, what is broad on it (a case,
a knot) as a whole.

In the band's own axes, +X along its axis; on a wrist that is to the fingertips, +Y out of the back of the hand. Metres,
no GL.
"""

from __future__ import annotations

import numpy as np

from nightcast.host.surface import Surface
from nightcast.tryon.product import F64

__all__ = ["hug"]

_SECTORS = 36
_GAP_M = 0.0008
_FAR_M = 0.25
#: Against the band's usual breadth: what is broader keeps its shape.
_BROAD = 1.35


def hug(points: F64, body: Surface, place: F64, gap_m: float = _GAP_M) -> F64:
    """(n, 3) shifts that bring a band's points (n, 3) within `gap_m` of a body; `place` (4, 4) takes its axes there."""
    angle = np.arctan2(points[:, 2], points[:, 1])
    sector = ((angle / (2 * np.pi) + 0.5) * _SECTORS).astype(np.intp) % _SECTORS
    known = np.unique(sector)
    radius = np.linalg.norm(points[:, 1:], axis=1)
    inner = np.array([radius[sector == k].min() for k in known])
    breadth = np.array([np.ptp(points[sector == k, 0]) for k in known])
    middle = float(points[:, 0].min() + points[:, 0].max()) / 2
    skin = np.array([_skin_m(k, breadth[i], middle, body, place) for i, k in enumerate(known)])
    step = skin + gap_m - inner
    ways = np.array([_way(k) for k in known])
    moves = ways * step[:, None]
    broad = breadth > _BROAD * np.median(breadth)
    if broad.any():
        out = ways[broad].mean(axis=0)
        out = out / max(float(np.linalg.norm(out)), 1e-9)
        moves[broad] = out * float((step[broad] * (ways[broad] @ out)).max())
    at = (angle / (2 * np.pi) + 0.5) * _SECTORS - 0.5
    shift = np.zeros_like(points)
    for axis in (0, 1):
        every = np.interp(np.arange(_SECTORS), known, moves[:, axis], period=_SECTORS)
        shift[:, axis + 1] = np.interp(at, np.arange(_SECTORS), every, period=_SECTORS)
    return shift


def _way(sector: int) -> F64:
    """(2,) away from the band's axis, along Y and Z."""
    angle = ((sector + 0.5) / _SECTORS - 0.5) * 2 * np.pi
    return np.array([np.cos(angle), np.sin(angle)])


def _skin_m(sector: int, breadth: float, middle: float, body: Surface, place: F64) -> float:
    """How far from the band's axis the skin is under a part of the band, at most."""
    y, z = _way(sector)
    out = place[:3, :3] @ np.array([0.0, y, z])
    found = []
    for along in (-0.4, 0.0, 0.4):
        axis = (place @ np.array([middle + along * breadth, 0.0, 0.0, 1.0]))[:3]
        found.append(float((body.first(axis + _FAR_M * out, -out, axis) - axis) @ out))
    return max(found)
