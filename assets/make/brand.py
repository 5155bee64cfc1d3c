"""The mark of Lantern Street, 灯笼街: a paper lantern, and the logo that sets it beside the name."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from .palette import INK, LACQUER, PAPER

# The makers' machine needs one font that has both scripts.
SERIF = "/usr/share/fonts/opentype/noto/NotoSerifCJK-Bold.ttc"
FINE = 4


def mark(size: int) -> NDArray[np.float64]:
    """The lantern as a mask [size, size], 0..1: body with ribs, caps, hook and tassel."""
    edge = size * FINE
    picture = Image.new("L", (edge, edge), 0)
    pen = ImageDraw.Draw(picture)

    def box(x: float, y: float, half_width: float, half_height: float) -> tuple[float, float, float, float]:
        return (x - half_width) * edge, (y - half_height) * edge, (x + half_width) * edge, (y + half_height) * edge

    pen.ellipse(box(0.5, 0.46, 0.36, 0.28), fill=255)
    line = round(edge * 0.018)
    for reach in (0.1, 0.24):
        pen.ellipse(box(0.5, 0.46, reach, 0.28), outline=0, width=line)
    for y in (0.185, 0.735):
        pen.rounded_rectangle(box(0.5, y, 0.15, 0.034), edge * 0.015, fill=255, outline=0, width=line // 2)
    pen.line([0.5 * edge, 0.04 * edge, 0.5 * edge, 0.16 * edge], fill=255, width=line)
    for x in (0.44, 0.5, 0.56):
        pen.line([x * edge, 0.77 * edge, x * edge, (0.96 if x == 0.5 else 0.9) * edge], fill=255, width=line)
    return np.asarray(picture.resize((size, size), Image.Resampling.LANCZOS), float) / 255


def lettering(text: str, height: int, spacing: float = 0.0) -> NDArray[np.float64]:
    """A line of text as a mask [height, w], 0..1; `spacing` widens gaps by a share of the height."""
    font = ImageFont.truetype(SERIF, int(height * 0.68), index=2)
    gap = spacing * height
    width = sum(font.getlength(letter) + gap for letter in text)
    picture = Image.new("L", (int(width) + 4, height), 0)
    pen, x = ImageDraw.Draw(picture), 2.0
    for letter in text:
        pen.text((x, height * 0.5), letter, fill=255, font=font, anchor="lm")
        x += font.getlength(letter) + gap
    return np.asarray(picture, float) / 255


def stamp(
    canvas: NDArray[np.float64], mask: NDArray[np.float64], at: tuple[int, int], colour: NDArray[np.float64]
) -> None:
    """Print `mask` in `colour` on `canvas` [h, w, 3] with its top left corner `at` (x, y)."""
    x, y = at
    area = canvas[y : y + mask.shape[0], x : x + mask.shape[1]]
    area += (colour - area) * mask[: area.shape[0], : area.shape[1], None]


def logo(out: Path) -> None:
    """The logo with its name in both languages, 480 × 128 px on clear ground, with a dark halo for pale pictures."""
    lantern = mark(116)
    english, chinese = lettering("LANTERN STREET", 40, 0.1), lettering("灯笼街", 66, 0.14)
    mask = np.zeros((128, 480))
    colour = np.zeros((128, 480, 3))

    def put(what: NDArray[np.float64], x: int, y: int, ink: str) -> None:
        value = np.array([int(ink[i : i + 2], 16) / 255 for i in (1, 3, 5)])
        height, width = what.shape
        mask[y : y + height, x : x + width] = np.maximum(mask[y : y + height, x : x + width], what)
        colour[y : y + height, x : x + width] = value

    put(lantern, 0, 6, LACQUER)
    put(chinese, 122, 8, PAPER)
    put(english, 122, 78, PAPER)
    wide = Image.fromarray((mask * 255).astype(np.uint8)).filter(ImageFilter.MaxFilter(5))
    halo = 0.8 * np.asarray(wide.filter(ImageFilter.GaussianBlur(2.5)), float) / 255
    whole = mask + halo * (1 - mask)
    dark = np.array([int(INK[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    mixed = (colour * mask[..., None] + dark * (halo * (1 - mask))[..., None]) / np.maximum(whole, 1e-3)[..., None]
    pixels = (np.concatenate([mixed, whole[..., None]], 2) * 255 + 0.5).astype(np.uint8)
    out.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(out, optimize=True)
