"""One picture of a scene, drawn without a window: `nightcast shot`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from nightcast.process.shared import SAMPLE_RATE_HZ
from nightcast.stage.cues import Cue, ExpressionCue, ProductCue, ShotCue, TransitionSpec, WearCue
from nightcast.stage.production import Production
from nightcast.stage.samples import comment_cues, line_cue, overlay_cues, product_cues
from nightcast.stage.studio import Studio

__all__ = ["Moment", "draw", "moment_cues", "picture_size", "save", "take"]


@dataclass(frozen=True)
class Moment:
    """What a picture is taken of. `shot` None is the scene's first."""

    shot: str | None = None
    at_s: float = 2.0  #: cards have entered, the host has blinked
    product: str | None = None
    wear: tuple[str, ...] = ()
    expression: str | None = None
    overlays: bool = True  #: every overlay with sample data, a line and comments; else what the scene shows by itself


def picture_size(size_px: tuple[int, int], portrait: bool) -> tuple[int, int]:
    """A scene's size, with its sides swapped for portrait."""
    return (min(size_px), max(size_px)) if portrait else size_px


def take(studio: Studio, moment: Moment) -> NDArray[np.uint8]:
    """The picture of a moment, (height, width, 4) uint8 RGBA. The studio must not have drawn later frames.

    It is run up to the moment frame by frame, since host and camera move from where they were.
    """
    studio.apply(moment_cues(studio, moment))
    last = round(moment.at_s * studio.fps)
    for index in range(last):
        studio.world.advance(index * SAMPLE_RATE_HZ // studio.fps)
    return studio.frame(last)


def save(pixels: NDArray[np.uint8], file: Path) -> None:
    """Write a picture; its ending names the format. Opaque."""
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.ascontiguousarray(pixels[..., :3])).save(file)


def moment_cues(studio: Studio, moment: Moment) -> list[Cue]:
    """What brings a studio's scene to a moment, all of it at once at the start."""
    scene, catalog = studio.world.scene, studio.production.catalog
    cues: list[Cue] = []
    if moment.shot is not None:
        cues.append(ShotCue(at=0, shot=moment.shot, transition=TransitionSpec()))
    cues += [ProductCue(at=0, product=moment.product)] if moment.product else product_cues(scene, catalog, 0)
    cues += [WearCue(at=0, product=product) for product in moment.wear]
    if moment.expression:
        cues.append(ExpressionCue(at=0, name=moment.expression, fade_s=0.2))
    if moment.overlays:
        cues += overlay_cues(scene, catalog, 0, product=moment.product)
        cues += [*comment_cues(0), line_cue(studio.language, 0)]
    return cues


def draw(
    production: Production, moment: Moment, size_px: tuple[int, int], *, language: str | None, cache: Path | None
) -> tuple[NDArray[np.uint8], list[str]]:
    """Open a studio for one picture. Returns it with the warnings of the way there."""
    with Studio(production, size_px, language=language, cache=cache) as studio:
        studio.prepare()
        pixels = take(studio, moment)
        return pixels.copy(), studio.take_warnings()
