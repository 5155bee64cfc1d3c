"""What is on its way between hands and body: a product between the fingers that hold it, a lipstick before the lips.

Host space, metres.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from nightcast.gltf.records import Model
from nightcast.host import quaternion as quat
from nightcast.host.fingertips import Touch, between_fingertips
from nightcast.host.frame import HostFrame
from nightcast.host.rig import Rig
from nightcast.show.catalog import Product
from nightcast.tryon.fit import Piece
from nightcast.tryon.grip import Grip, touch_at
from nightcast.tryon.makeup import place_of
from nightcast.tryon.product import F64, standing_part, surface_samples, worn_shape
from nightcast.tryon.wearer import Wearer

__all__ = ["Applicator", "carried", "held_up"]

#: From a hand that makes up to the face: to the wearer's left, up and back.
_TOWARDS_FACE = np.array([0.42, 0.4, -0.81])
_HELD_AT = 0.3  #: of its height, from below, a lipstick is held


def carried(grips: Mapping[str, Grip], seats: Sequence[F64], rig: Rig, frame: HostFrame, in_hands: float) -> list[F64]:
    """The pieces' matrices (4, 4), from where they sit (`in_hands` 0) to where the fingers have them (1).

    A piece lies between the hands that hold it; one that no hand holds stays.
    """
    placed = []
    for number, seat in enumerate(seats):
        held = {side: grip for side, grip in grips.items() if grip.piece == number}
        moved = seat.copy()
        if held:
            tips = np.mean([between_fingertips(rig, frame, side) for side in held], axis=0)
            there = np.mean([(seat @ np.append(grip.point, 1.0))[:3] for grip in held.values()], axis=0)
            moved[:3, 3] += in_hands * (tips - there)
        placed.append(moved)
    return placed


def held_up(piece: Piece, seat: F64, in_hands: float) -> F64:
    """(4, 4) of what hangs with a heading of its own, turned to face ahead while the hand holds it up."""
    if piece.facing is None:
        return seat
    turn = -np.sign(piece.facing[0, 2]) * np.pi / 2 * in_hands
    pivot = (seat @ np.linalg.inv(piece.local) @ np.append(piece.hangs_at, 1.0))[:3]
    about = np.eye(4)
    about[:3, :3] = quat.to_matrix(quat.from_axis_angle([0, 1, 0], turn))
    about[:3, 3] = pivot - about[:3, :3] @ pivot
    faced: F64 = about @ seat
    return faced


@dataclass(frozen=True, eq=False)
class Applicator:
    """Makeup in the right hand: `touch` is where its fingertips are as it meets the face.

    `lying` (4, 4) takes the model's own space to one whose origin is between the fingers, in the T-pose's axes.
    """

    touch: Touch
    lying: F64
    model: Model | None = None  #: what the hand holds: the product without its cap

    @classmethod
    def of(cls, product: Product, model: Model | None, wearer: Wearer) -> Applicator | None:
        """None for a face without the place. Without a model the fingers themselves make up."""
        wear = product.wear
        place = place_of(product, wearer)
        if wear is None or place is None:
            return None
        head = wearer.rig.bones["head"]
        if model is None:
            return cls(touch_at(place, head, wearer.rig), np.eye(4))
        matrix = worn_shape(wear, model).matrix
        held_model = standing_part(model, matrix)
        shape = surface_samples(held_model, matrix)
        low, high = shape.min(axis=0), shape.max(axis=0)
        middle, height = (low + high) / 2, high[1] - low[1]
        held = np.array([middle[0], low[1] + _HELD_AT * height, middle[2]])
        towards = _TOWARDS_FACE / np.linalg.norm(_TOWARDS_FACE)
        lying = np.eye(4)
        lying[:3, :3] = quat.to_matrix(quat.between(np.array([0.0, 1.0, 0.0]), towards))
        lying[:3, 3] = -lying[:3, :3] @ held
        fingers = place - towards * (1 - _HELD_AT) * height
        return cls(touch_at(fingers, head, wearer.rig), lying @ matrix, held_model)

    def place(self, rig: Rig, frame: HostFrame) -> F64:
        """(4, 4) from the model's own space to host space, between the right hand's fingers, turned with the head."""
        head = rig.bones["head"]
        turn = frame.node_world[head, :3, :3] @ np.linalg.inv(rig.rest_world[head, :3, :3])
        matrix = np.eye(4)
        matrix[:3, :3] = turn
        matrix[:3, 3] = between_fingertips(rig, frame, "right")
        placed: F64 = matrix @ self.lying
        return placed
