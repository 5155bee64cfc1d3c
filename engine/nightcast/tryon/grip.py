"""Where hands hold what is put on, and what of the body they touch then: found on the product as it sits.

Host space of the T-pose, metres. No GL.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from nightcast.host.bones import INDEX
from nightcast.host.fingertips import Touch
from nightcast.host.rig import Rig
from nightcast.tryon.fit import Fitted, Piece
from nightcast.tryon.product import F64, points_of
from nightcast.tryon.wearer import Wearer

__all__ = ["Grip", "grips", "touch_at"]

_FRONT_M = 0.035  #: of glasses, from the foremost point back
_BESIDE_M = 0.03  #: about a head's middle, where a hat is held
_NAPE_DEG = 128.0  #: a chain is closed behind the neck, this far round from the throat


@dataclass(frozen=True, eq=False)
class Grip:
    """A point (3,) of a piece, in its model's own space, where a hand holds it; and what it touches of the body."""

    piece: int
    point: F64
    touch: Touch


def grips(fitted: Fitted, kind: str, wearer: Wearer) -> dict[str, Grip]:
    """By hand; empty for what hands do not put on."""
    find = _HELD.get(kind)
    return {} if find is None else find(fitted, wearer)


def touch_at(place: F64, node: int, rig: Rig) -> Touch:
    """A place (3,) of the T-pose, fixed to the humanoid bone that carries `node`."""
    bones = {found: name for name, found in rig.bones.items()}
    carrier: int | None = node
    while carrier is not None and carrier not in bones:
        carrier = rig.model.nodes[carrier].parent
    bone = "head" if carrier is None else bones[carrier]
    return Touch(bone, place - rig.places[INDEX[bone]])


def _chosen(fitted: Fitted, number: int, wearer: Wearer, cost: Callable[[F64], F64]) -> Grip:
    """The point of a piece with the least cost; `cost` takes places (n, 3) in host space to (n,)."""
    piece = fitted.pieces[number]
    matrix = piece.anchor.rest @ piece.local
    places = points_of(fitted.model, matrix)
    place = places[int(np.argmin(cost(places)))]
    point = (np.linalg.inv(matrix) @ np.append(place, 1.0))[:3]
    return Grip(number, point, touch_at(place, piece.anchor.node, wearer.rig))


def _at_both_sides(fitted: Fitted, wearer: Wearer, within: Callable[[F64], F64]) -> dict[str, Grip]:
    """The outermost points of those that are `within`, (n,) true or false."""

    def outermost(sign: float) -> Grip:
        return _chosen(fitted, 0, wearer, lambda p: np.where(within(p), -sign * p[:, 0], np.inf))

    return {"left": outermost(1.0), "right": outermost(-1.0)}


def _at_the_hinges(fitted: Fitted, wearer: Wearer) -> dict[str, Grip]:
    return _at_both_sides(fitted, wearer, lambda p: p[:, 2] > p[:, 2].max() - _FRONT_M)


def _at_the_brim(fitted: Fitted, wearer: Wearer) -> dict[str, Grip]:
    head = wearer.anchors["crown"].rest[2, 3]
    return _at_both_sides(fitted, wearer, lambda p: np.abs(p[:, 2] - head) < _BESIDE_M)


def _behind_the_neck(fitted: Fitted, wearer: Wearer) -> dict[str, Grip]:
    neck = wearer.bone("neck")

    def at(turn_deg: float) -> Grip:
        turn = np.radians(turn_deg)
        ahead = np.array([np.sin(turn), np.cos(turn)])

        def off(p: F64) -> F64:
            away = (p - neck)[:, [0, 2]]
            cost: F64 = -(away @ ahead) / np.maximum(np.linalg.norm(away, axis=1), 1e-9)
            return cost

        return _chosen(fitted, 0, wearer, off)

    return {"left": at(_NAPE_DEG), "right": at(-_NAPE_DEG)}


def _at_the_lobes(fitted: Fitted, wearer: Wearer) -> dict[str, Grip]:
    found = {}
    for number, piece in enumerate(fitted.pieces):
        side = "left" if piece.local[0, 3] > 0 else "right"
        lobe = wearer.anchors[f"ear_lobe_{side[0]}"].rest[:3, 3]
        found[side] = _chosen(fitted, number, wearer, lambda p, lobe=lobe: np.linalg.norm(p - lobe, axis=1))  # type: ignore[misc]
    return found


def _over_the_back_of_the_hand(fitted: Fitted, wearer: Wearer) -> dict[str, Grip]:
    """By the other hand."""
    piece: Piece = fitted.pieces[0]
    up = piece.anchor.rest[:3, 1]
    other = "left" if piece.anchor.name.endswith("_r") else "right"
    return {other: _chosen(fitted, 0, wearer, lambda p: -(p @ up))}


def _by_the_handles(fitted: Fitted, wearer: Wearer) -> dict[str, Grip]:
    """A bag that is carried elsewhere is brought there by the hand of that side."""
    piece = fitted.pieces[0]
    if piece.anchor.name.startswith("hold"):
        return {}
    handles = (np.linalg.inv(piece.local) @ np.append(piece.hangs_at, 1.0))[:3]
    touch = touch_at(piece.anchor.rest[:3, 3], piece.anchor.node, wearer.rig)
    return {"left" if piece.anchor.name.endswith("_l") else "right": Grip(0, handles, touch)}


_HELD: Mapping[str, Callable[[Fitted, Wearer], dict[str, Grip]]] = {
    "glasses": _at_the_hinges,
    "hat": _at_the_brim,
    "headband": _at_the_brim,
    "necklace": _behind_the_neck,
    "earring": _at_the_lobes,
    "watch": _over_the_back_of_the_hand,
    "bracelet": _over_the_back_of_the_hand,
    "ring": _over_the_back_of_the_hand,
    "bag": _by_the_handles,
}
