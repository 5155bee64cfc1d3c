"""What every hairstyle is built with: the finished thing, the block it is built on, and how clumps lie."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from .hair import Skull, chain_weights
from .head import Figure
from .paint import Color
from .part import Part
from .skeleton import Skeleton
from .springs import Chain, add_chain
from .stylise import smoothstep


@dataclass
class Hair:
    """A finished hairstyle; `scalp` says how much hair covers a place on the skin, for the painter."""

    parts: list[Part]
    scalp: Callable[[np.ndarray], np.ndarray]
    chains: list[Chain] = field(default_factory=list)
    accents: list[Color] = field(default_factory=list)


class Block:
    """What a style is built on: the skull, the skeleton its chains hang from, and weights for what does not swing."""

    def __init__(self, figure: Figure, skeleton: Skeleton) -> None:
        self.figure = figure
        self.skull = Skull(figure)
        self.skeleton = skeleton
        self.width = len(skeleton.names) + 48  # room for the joints of the chains to come
        self.head = np.zeros(self.width)
        self.head[skeleton.index("head")] = 1

    def chain(self, hair: Hair, name: str, points: np.ndarray, spring: tuple[float, float, float, float]) -> list[int]:
        """Hang a chain along `points` (k, 3) from the head; `spring` is stiffness, drag, gravity and radius in metres.

        Returns the joints that carry hair.
        """
        joints = add_chain(self.skeleton, name, "head", points)
        hair.chains.append(Chain(name, joints, *spring))
        return [self.skeleton.index(joint) for joint in joints[:-1]]

    def swinging(self, count: int, joints: list[int], start: float) -> np.ndarray:
        """(count, J) weights along a lock whose part beyond `start` (0..1) swings on `joints`."""
        return chain_weights(count, joints, self.skeleton.index("head"), start, self.width)

    def leaf(self, size_m: float, root: float, tip: float) -> Callable[[np.ndarray], np.ndarray]:
        """The width of a clump, `size_m` below its middle; `root` and `tip` are the shares of it left at its ends."""

        def width_m(t: np.ndarray) -> np.ndarray:
            full = self.skull.size * size_m
            return full * (root + (1 - root) * smoothstep(0, 0.4, t)) * (1 - (1 - tip) * smoothstep(0.5, 1.0, t))

        return width_m


def clumped(rows_a_clump: tuple[float, ...], count: int) -> np.ndarray:
    """(n,) places across a sheet of `count` clumps, so that rows fall on their crests and into the grooves between."""
    return np.append(np.add.outer(np.arange(count), rows_a_clump).ravel() / count, 1.0)


def grooves(s: np.ndarray, count: int) -> np.ndarray:
    """How deep between the clumps of hair a place lies: 0 on a crest, 1 in a groove."""
    return 1 - np.abs(np.sin(np.pi * count * s)) ** 0.7
