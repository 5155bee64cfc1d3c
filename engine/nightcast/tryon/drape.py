"""Lays a chain on a body: pushed out of neck and clothes all the way round, each cross-section as a whole.

Host space, the body standing with its arms down, metres. No GL.
"""

from __future__ import annotations

import numpy as np

from nightcast.host.surface import Surface
from nightcast.tryon.product import F64

__all__ = ["drape", "fallen"]

_SECTORS = 72
_SAMPLES = 20  #: rays cast in a sector
_GAP_M = 0.002
_LOOSE_M = 0.012  #: a chain in the air is drawn no farther back to the body than that
_FAR_M = 0.14


_STEEPEST_DEG = 70
_NEAR_M = 0.006


def fallen(points: F64, body: Surface) -> F64:
    """(4, 4) that turns a chain of points (n, 3) about the nape, until its front rests on the chest.

    One that was modelled as it lies on a table comes down; one that was modelled as worn stays.
    """
    nape, front = points[np.argmin(points[:, 2])], points[np.argmax(points[:, 2])]
    out = np.array([0.0, 0.0, _FAR_M])
    turn = np.eye(4)
    for tilt_deg in range(0, _STEEPEST_DEG + 1, 2):
        tilt = np.radians(tilt_deg)
        turn[1:3, 1:3] = [[np.cos(tilt), -np.sin(tilt)], [np.sin(tilt), np.cos(tilt)]]
        hung = nape + turn[:3, :3] @ (front - nape)
        met = body.first(hung + out, -out / _FAR_M, hung - out)
        if (hung - met)[2] < _NEAR_M:
            break
    turn[:3, 3] = nape - turn[:3, :3] @ nape
    return turn


def drape(points: F64, axis: F64, body: Surface) -> F64:
    """(n, 3) shifts that bring a chain's points (n, 3) onto the body; `axis` (3,) is a place inside of the neck."""
    around = points - axis
    angle = np.arctan2(around[:, 0], around[:, 2])  # 0 is in front, +90° the wearer's left
    sector = np.minimum(((angle / (2 * np.pi) + 0.5) * _SECTORS).astype(np.intp), _SECTORS - 1)
    needed = np.full(_SECTORS, np.nan)
    ways = np.array([_way((k + 0.5) / _SECTORS * 2 * np.pi - np.pi) for k in range(_SECTORS)])
    for k in np.unique(sector):
        mine = points[sector == k]
        depth = mine @ ways[k]
        chosen = mine[np.argsort(depth)[:: max(1, len(mine) // _SAMPLES)]]
        needed[k] = _depths(chosen, ways[k], body).max()
    known = np.flatnonzero(~np.isnan(needed))
    if not len(known):
        return np.zeros_like(points)
    filled = np.interp(np.arange(_SECTORS), known, needed[known], period=_SECTORS)
    spread = np.maximum.reduce([np.roll(filled, shift) for shift in (-1, 0, 1)])
    smooth = np.maximum(_smoothed(spread), filled)
    place = (angle / (2 * np.pi) + 0.5) * _SECTORS - 0.5
    amount = np.interp(place, np.arange(_SECTORS), smooth, period=_SECTORS)
    moved: F64 = np.array([_way(each) for each in angle]).reshape(-1, 3) * amount[:, None]
    return moved


def _way(angle_rad: float) -> F64:
    """The way out of the body there: forward in front, mostly up where the shoulders begin, back and up behind."""
    side, ahead = np.sin(angle_rad), np.cos(angle_rad)
    up = 0.15 if ahead > 0.7 else 0.15 + 1.6 * min((0.7 - ahead) / 0.7, 1.0)
    way = np.array([side, up, ahead])
    unit: F64 = way / np.linalg.norm(way)
    return unit


def _depths(points: F64, way: F64, body: Surface) -> F64:
    """How far points (n, 3) must go along `way` to lie on the body; back, a little, for those that hang in the air."""
    met = body.distances(points + way * _FAR_M, -way).min(axis=1, initial=np.inf)
    depths: F64 = np.maximum(_FAR_M - met + _GAP_M, -_LOOSE_M)
    return depths


def _smoothed(values: F64) -> F64:
    kernel = np.array([1.0, 2.0, 3.0, 2.0, 1.0]) / 9
    smooth: F64 = np.convolve(np.concatenate([values[-2:], values, values[:2]]), kernel, mode="valid")
    return smooth
