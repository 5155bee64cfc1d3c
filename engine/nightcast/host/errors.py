"""What can go wrong with a host; the tree of this package's errors."""

from __future__ import annotations

from pathlib import Path


class HostError(Exception):
    """Base of this package's errors."""


class RigError(HostError):
    """A model has no body that could be a host: bones that we cannot do without are missing, or have no size."""

    def __init__(self, path: Path, missing: tuple[str, ...], flat: tuple[str, ...] = ()) -> None:
        super().__init__(path, missing, flat)
        self.path = path
        self.missing = missing
        self.flat = flat  #: bones that are scaled to nothing in some direction

    def __str__(self) -> str:
        if self.flat:
            return (
                f"{self.path.name} cannot be a host: its scale makes nothing of {', '.join(self.flat)}. "
                "Apply all transforms before you export it, and give no bone and no parent of one a scale of 0."
            )
        return (
            f"{self.path.name} cannot be a host: no bone was found for {', '.join(self.missing)}. "
            "Rename its bones to VRM humanoid names (hips, spine, head, leftUpperArm …), or export it as VRM."
        )


class GestureError(HostError):
    """A motion file holds no motion that a host could make."""

    def __init__(self, path: Path, problem: str) -> None:
        super().__init__(path, problem)
        self.path = path
        self.problem = problem

    def __str__(self) -> str:
        return f"{self.path.name}: {self.problem}"
