"""From what the face means (visemes, feelings, blinks, looks) to the avatar's channels.

Feelings never fight the mouth: while it speaks their share of the mouth is lessened, and where the lips
must close it gives way. Pure; weights in 0..1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from nightcast.host import recipes
from nightcast.host.expressions import Channels, reduced
from nightcast.host.lips import VISEMES
from nightcast.host.quaternion import F64
from nightcast.host.recipes import Recipe

#: What remains of a feeling's mouth while the mouth is busy speaking, and while its lips must be shut.
_SPEAKING_SHARE, _CLOSED_SHARE = 0.55, 0.25
#: What remains of a feeling that is one shape for the whole face.
_WHOLE_FACE_SHARE = 0.5

_CLOSED = [VISEMES.index(name) for name in ("PP", "FF")]


@dataclass(frozen=True)
class Intent:
    """One moment of the face."""

    visemes: F64  #: (15,)
    feelings: dict[str, float]
    blink_left: float = 0.0
    blink_right: float = 0.0
    brows_up: float = 0.0
    look_left: float = 0.0  #: -1 fully right .. 1 fully left (the host's)
    look_up: float = 0.0  #: -1 .. 1


class Face:
    """The avatar's ways to show each intent, found once."""

    def __init__(
        self,
        channels: Channels,
        expressions: Mapping[str, str] | None = None,
        visemes: Mapping[str, str] | None = None,
    ) -> None:
        """`expressions` and `visemes` are our name → the avatar's, where a show's YAML names them."""
        self.channels = channels
        self._names = dict(expressions or {})
        self.warnings: list[str] = []
        self._missing: set[str] = set()
        self._visemes = np.zeros((len(VISEMES), len(channels.names)))
        silent = []
        for i, name in enumerate(VISEMES):
            own: tuple[Recipe, ...] = ({visemes[name]: 1.0},) if visemes and name in visemes else ()
            found = self._first((*own, *recipes.VISEME_RECIPES[name]))
            if found is None:
                silent.append(name)
            else:
                self._visemes[i] = found
        self.has_mouth = bool(self._visemes.any())
        if not self.has_mouth:
            self.warnings.append("it has no mouth shapes; its lips cannot speak")
        elif silent:
            self.warnings.append(f"it has no shape for the visemes {', '.join(silent)}")
        self._own = {name: self._first(choices) for name, choices in recipes.OWN_RECIPES.items()}
        self.has_blink = self._own["blinkLeft"] is not None
        if not self.has_blink:
            self.warnings.append("it has no shape for blinking")
        self._look = {name: self._first(choices) for name, choices in recipes.LOOK_RECIPES.items()}
        self.has_look = all(vector is not None for vector in self._look.values())
        self._feelings: dict[str, F64] = {}
        for name, choices in recipes.FEELING_RECIPES.items():
            vector = self._first(choices)
            if vector is not None:
                self._feelings[name] = vector

    @property
    def viseme_channels(self) -> dict[str, dict[str, float]]:
        """For each viseme what the avatar does for it; for reports."""
        names = self.channels.names
        return {
            viseme: {names[k]: float(row[k]) for k in np.flatnonzero(row)}
            for viseme, row in zip(VISEMES, self._visemes, strict=True)
        }

    @property
    def feelings(self) -> tuple[str, ...]:
        return tuple(self._feelings)

    def canonical(self, name: str) -> str | None:
        """The feeling or channel that `name` means for this avatar; None, and a warning once, where it means none."""
        own = self._names.get(name)
        wanted = own or recipes.ALIASES.get(name.lower(), name)
        if own is None and wanted in self._feelings:
            return wanted
        index = self.channels.index.get(reduced(wanted))
        if index is not None:
            vector = self.channels.zeros()
            vector[index] = 1.0
            self._feelings[wanted] = vector
            return wanted
        if wanted not in self._missing:
            self._missing.add(wanted)
            self.warnings.append(f"it has no expression {name!r}")
        return None

    def weights(self, intent: Intent) -> F64:
        """Channel weights (channels,) before the expression rules."""
        busy = 1.0 - float(intent.visemes[0])
        closed = float(intent.visemes[_CLOSED].max())
        share = 1 - (1 - _SPEAKING_SHARE) * busy
        share = min(share, 1 - (1 - _CLOSED_SHARE) * closed)
        total = intent.visemes @ self._visemes
        for name, weight in intent.feelings.items():
            total = total + weight * self._softened(self._feelings[name], share, busy)
        for name, weight in (
            ("blinkLeft", intent.blink_left),
            ("blinkRight", intent.blink_right),
            ("browsUp", intent.brows_up),
        ):
            vector = self._own[name]
            if vector is not None and weight > 0:
                total = total + vector * weight
        return total + self._looks(intent)

    def _softened(self, feeling: F64, share: float, busy: float) -> F64:
        mouth = self.channels.is_mouth
        if (feeling[mouth] > 0).any():
            return np.where(mouth, feeling * share, feeling)
        if feeling[self.channels.is_whole_face].any():
            return feeling * (1 - (1 - _WHOLE_FACE_SHARE) * busy)
        return feeling

    def _looks(self, intent: Intent) -> F64:
        total = self.channels.zeros()
        for plus, minus, amount in (
            ("lookLeft", "lookRight", intent.look_left),
            ("lookUp", "lookDown", intent.look_up),
        ):
            vector = self._look[plus if amount > 0 else minus]
            if vector is not None and amount:
                total += vector * abs(amount)
        return total

    def _first(self, choices: tuple[Recipe, ...]) -> F64 | None:
        """The first recipe that the avatar can follow, as channel weights; None where it can follow none."""
        index = self.channels.index
        for choice in choices:
            wanted = {reduced(name): amount for name, amount in recipes.expanded(choice).items()}
            if wanted and not any(name in index for name in wanted):
                continue
            strongest = max(wanted, key=lambda name: wanted[name], default="")
            if strongest and strongest not in index:
                continue
            vector = self.channels.zeros()
            for name, amount in wanted.items():
                if name in index:
                    vector[index[name]] = amount
            return vector
        return None
