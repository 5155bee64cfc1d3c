"""The host on stage: its model on the device, the performer that moves it, and what it wears. GL thread only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

import numpy as np

from nightcast.host.errors import HostError
from nightcast.host.frame import HostFrame
from nightcast.host.host import Host
from nightcast.host.performance import load_motions
from nightcast.host.posture import load_postures
from nightcast.show.load import resolve
from nightcast.stage.performer import Absent, Landmark, Performer, Point, standing
from nightcast.stage.production import Production
from nightcast.stage.stock import Library, Stocked
from nightcast.stage.wardrobe import Wardrobe
from nightcast.tryon.wearer import Wearer

__all__ = ["Cast"]

#: Which bones say where a part is: the middle of those that the rig has.
_LANDMARKS = {
    "head": (("leftEye", "rightEye"), ("head",)),
    "chest": (("upperChest",), ("chest",), ("spine",)),
    "hand_l": (("leftHand",),),
    "hand_r": (("rightHand",),),
    "feet": (("leftFoot", "rightFoot"),),
}


@dataclass(eq=False)
class Cast:
    """Whoever stands at the mark. `stocked` is None where the show has no avatar, or one that cannot be drawn."""

    performer: Performer
    landmark: Landmark
    stocked: Stocked | None
    wardrobe: Wardrobe | None = None
    variant: str | None = None  #: of the host's materials

    @classmethod
    def load(cls, production: Production, library: Library, warn: Callable[[str], None], seed: int) -> Self:
        """The show's avatar; nobody, with a warning, where it has no body that can be moved."""
        avatar, file = production.avatar, production.avatar_file
        stocked = library.model(resolve(file, avatar.worn_model), keep=True) if avatar and file else None
        if avatar is None or stocked is None:
            return cls(Absent(), standing, None)
        known = stocked.handle.model.variants
        if avatar.variant is not None and avatar.variant not in known:
            warn(f"{stocked.handle.model.path.name} has no outfit {avatar.variant!r}; it has {_listed(known)}")

        def left_out(error: Exception) -> None:
            warn(f"{str(error).removesuffix('.')}. The host goes without it")

        try:
            host = Host(
                stocked.handle.model,
                load_motions(production.root / "avatars" / "gestures", left_out),
                postures=load_postures(production.root / "avatars" / "postures", left_out),
                seed=seed,
                hidden_nodes=avatar.hide,
                expressions=avatar.expressions,
                visemes=avatar.visemes,
                height_m=avatar.height,
            )
        except HostError as error:
            warn(f"{error} It stands as its file poses it.")
            return cls(Absent(), standing, stocked, variant=avatar.variant)
        wardrobe = None
        if production.catalog is not None and production.catalog_file is not None:
            given = {name: (point.node, point.at) for name, point in avatar.anchors.items()}
            wearer = Wearer.of(host.rig, given)
            wardrobe = Wardrobe(wearer, production.catalog, production.catalog_file, library, warn)
        return cls(host, _landmark_of(host), stocked, wardrobe, avatar.variant)


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(names) or "none but its own"


def _landmark_of(host: Host) -> Landmark:
    bones = host.rig.bones

    def landmark(frame: HostFrame, name: str) -> Point | None:
        for group in _LANDMARKS.get(name, ()):
            nodes = [bones[bone] for bone in group if bone in bones]
            if len(nodes) == len(group):
                x, y, z = np.mean(frame.node_world[nodes, :3, 3], axis=0)
                return float(x), float(y), float(z)
        return None

    return landmark
