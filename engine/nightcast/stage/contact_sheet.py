"""Every shot and every overlay of a scene in one picture, in landscape and portrait: `nightcast contact-sheet`."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from nightcast.stage.layers import Pixels
from nightcast.stage.overlays.canvas import cover
from nightcast.stage.production import Production
from nightcast.stage.samples import comment_cues, guest_cue, line_cue, overlay_cues, product_cues
from nightcast.stage.shot import Moment, picture_size, take
from nightcast.stage.studio import Studio
from nightcast.stage.text import Typesetter
from nightcast.stage.thumbs import Thumb, lay_out

__all__ = ["contact_sheet"]

_THUMB_PX = 440  # length of a thumbnail's longer side


def contact_sheet(
    production: Production, *, language: str | None = None, cache: Path | None = None
) -> tuple[NDArray[np.uint8], list[str]]:
    """(height, width, 4) RGBA, and the warnings of all its pictures."""
    scene = next(iter(production.scenes.values()))
    rows: list[tuple[str, list[Thumb]]] = []
    warnings: dict[str, None] = {}
    for portrait in (False, True):
        size_px = picture_size(scene.stage.size, portrait)
        shots, overlays = _thumbs(production, size_px, language, cache, warnings)
        shape = f"{size_px[0]}×{size_px[1]}"
        rows += [(f"Shots, {shape}", shots), (f"Overlays, {shape}", overlays)]
    title = scene.title.in_language(language or production.language) if scene.title else next(iter(production.scenes))
    return lay_out(title, rows, Typesetter.find_fonts(production.fonts, lambda w: warnings.setdefault(w))), list(
        warnings
    )


def _thumbs(
    production: Production,
    size_px: tuple[int, int],
    language: str | None,
    cache: Path | None,
    warnings: dict[str, None],
) -> tuple[list[Thumb], list[Thumb]]:
    scene, catalog = next(iter(production.scenes.values())), production.catalog
    shots, overlays = [], []
    with (
        tempfile.TemporaryDirectory() as folder,
        Studio(production, size_px, language=language, cache=cache) as studio,
    ):
        studio.prepare()
        first = next(iter(scene.shots))
        for shot in scene.shots:
            studio.restart()
            shots.append(Thumb(shot, _small(take(studio, Moment(shot, overlays=False)))))
        for name, spec in scene.overlays.items():
            studio.restart()
            cues = [*product_cues(scene, catalog, 0), *overlay_cues(scene, catalog, 0, [name])]
            cues += comment_cues(0) if spec.kind == "comments" else []
            cues += [line_cue(studio.language, 0)] if spec.kind == "captions" else []
            cues += [guest_cue(0, Path(folder))] if spec.kind == "guest" else []
            studio.apply(cues)
            overlays.append(Thumb(name, _small(take(studio, Moment(first, overlays=False)))))
        studio.restart()
        overlays.append(Thumb("all together", _small(take(studio, Moment(first)))))
        warnings.update(dict.fromkeys(studio.take_warnings()))
    return shots, overlays


def _small(pixels: NDArray[np.uint8]) -> Pixels:
    height, width = pixels.shape[:2]
    scale = _THUMB_PX / max(height, width)
    return cover(Image.fromarray(pixels[..., :3]), round(width * scale), round(height * scale))
