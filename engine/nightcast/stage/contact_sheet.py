"""Every shot and every overlay of a scene in one picture, in landscape and portrait: `nightcast contact-sheet`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from nightcast.stage.layers import Pixels, Rect
from nightcast.stage.overlays.canvas import Canvas, cover
from nightcast.stage.production import Production
from nightcast.stage.samples import comment_cues, line_cue, overlay_cues, product_cues
from nightcast.stage.shot import Moment, picture_size, take
from nightcast.stage.studio import Studio
from nightcast.stage.text import TextStyle, Typesetter

__all__ = ["contact_sheet"]

_THUMB_PX = 440  # length of a thumbnail's longer side
_GAP_PX = 16
_SHEET_PX = 1840
_NIGHT, _CHALK, _GREY = "#15131a", "#ffffff", "#a7a2b5"


@dataclass(frozen=True)
class _Thumb:
    name: str
    pixels: Pixels


def contact_sheet(
    production: Production, *, language: str | None = None, cache: Path | None = None
) -> tuple[NDArray[np.uint8], list[str]]:
    """(height, width, 4) RGBA, and the warnings of all its pictures."""
    scene = next(iter(production.scenes.values()))
    rows: list[tuple[str, list[_Thumb]]] = []
    warnings: dict[str, None] = {}
    for portrait in (False, True):
        size_px = picture_size(scene.stage.size, portrait)
        shots, overlays = _thumbs(production, size_px, language, cache, warnings)
        shape = f"{size_px[0]}×{size_px[1]}"
        rows += [(f"Shots, {shape}", shots), (f"Overlays, {shape}", overlays)]
    title = scene.title.in_language(language or production.language) if scene.title else next(iter(production.scenes))
    return _lay_out(title, rows, Typesetter.find_fonts(production.fonts, lambda w: warnings.setdefault(w))), list(
        warnings
    )


def _thumbs(
    production: Production,
    size_px: tuple[int, int],
    language: str | None,
    cache: Path | None,
    warnings: dict[str, None],
) -> tuple[list[_Thumb], list[_Thumb]]:
    scene, catalog = next(iter(production.scenes.values())), production.catalog
    shots, overlays = [], []
    with Studio(production, size_px, language=language, cache=cache) as studio:
        studio.prepare()
        first = next(iter(scene.shots))
        for shot in scene.shots:
            studio.restart()
            shots.append(_Thumb(shot, _small(take(studio, Moment(shot, overlays=False)))))
        for name, spec in scene.overlays.items():
            studio.restart()
            cues = [*product_cues(scene, catalog, 0), *overlay_cues(scene, catalog, 0, [name])]
            cues += comment_cues(0) if spec.kind == "comments" else []
            cues += [line_cue(studio.language, 0)] if spec.kind == "captions" else []
            studio.apply(cues)
            overlays.append(_Thumb(name, _small(take(studio, Moment(first, overlays=False)))))
        studio.restart()
        overlays.append(_Thumb("all together", _small(take(studio, Moment(first)))))
        warnings.update(dict.fromkeys(studio.take_warnings()))
    return shots, overlays


def _small(pixels: NDArray[np.uint8]) -> Pixels:
    height, width = pixels.shape[:2]
    scale = _THUMB_PX / max(height, width)
    return cover(Image.fromarray(pixels[..., :3]), round(width * scale), round(height * scale))


def _lay_out(title: str, rows: list[tuple[str, list[_Thumb]]], typesetter: Typesetter) -> NDArray[np.uint8]:
    """Headings and thumbnails from left to right, wrapping at the sheet's width."""
    placed: list[tuple[float, float, _Thumb]] = []
    headings: list[tuple[float, str]] = []
    y_px = 72.0
    for heading, thumbs in rows:
        headings.append((y_px, heading))
        x_px, y_px, tallest_px = float(_GAP_PX), y_px + 44, 0
        for thumb in thumbs:
            height, width = thumb.pixels.shape[:2]
            if x_px + width + _GAP_PX > _SHEET_PX:
                x_px, y_px, tallest_px = float(_GAP_PX), y_px + tallest_px + 44, 0
            placed.append((x_px, y_px, thumb))
            x_px += width + _GAP_PX
            tallest_px = max(tallest_px, height)
        y_px += tallest_px + 52
    canvas = Canvas(_SHEET_PX, y_px)
    canvas.rounded(Rect(0, 0, canvas.width_px, canvas.height_px), 0, _NIGHT)
    canvas.text(typesetter.set(title, TextStyle(30, _CHALK, 700)), _GAP_PX, 18)
    for top_px, heading in headings:
        canvas.text(typesetter.set(heading, TextStyle(20, _CHALK)), _GAP_PX, top_px + 6)
    for x_px, top_px, thumb in placed:
        canvas.paste(thumb.pixels, x_px, top_px, 6)
        label = typesetter.set(thumb.name, TextStyle(16, _GREY, max_lines=1), thumb.pixels.shape[1])
        canvas.text(label, x_px, top_px + thumb.pixels.shape[0] + 6)
    return canvas.sprite().bitmap.pixels
