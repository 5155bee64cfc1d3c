"""A garment's picture for the try-on mirror: the night shift's T-shirt, laid flat and cut out.

python -m assets.make.garment        # needs Pillow and NumPy only
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from .brand import mark
from .palette import BRASS, INK

TARGET = Path(__file__).parents[1] / "garments" / "night_shift_tee.webp"
WIDTH, HEIGHT, FINE = 560, 620, 3
#: Outlines in shares of the picture, the half on the picture's right; the other half mirrors it.
BODY = (
    (0.5, 0.07), (0.6, 0.035), (0.64, 0.03), (0.79, 0.075), (0.765, 0.3), (0.752, 0.62), (0.762, 0.965), (0.5, 0.98),
)  # fmt: skip
SLEEVE = ((0.72, 0.06), (0.79, 0.075), (0.865, 0.15), (0.985, 0.395), (0.83, 0.465), (0.765, 0.33), (0.765, 0.16))
FOLDS = 26
CHANCE = np.random.default_rng(11)


def tee() -> Image.Image:
    """RGBA, straight alpha."""
    body, sleeves = _filled([BODY]), _filled([SLEEVE])
    neck = _mask(lambda pen, at: pen.chord((*at(0.402, -0.06), *at(0.598, 0.115)), 0, 180, fill=255))
    rib = _mask(lambda pen, at: pen.chord((*at(0.382, -0.075), *at(0.618, 0.136)), 0, 180, fill=255))
    shape = np.maximum(body, sleeves) * (1 - neck)
    light = _light(body, sleeves)
    ink, brass = (np.array(Image.new("RGB", (1, 1), colour), float).reshape(3) / 255 for colour in (INK, BRASS))
    cloth = np.broadcast_to(ink * 1.25, (*shape.shape, 3)) * light[..., None]
    weave = CHANCE.normal(0, 0.012, shape.shape)[..., None]
    cloth = cloth + weave
    cloth = cloth * (1 - 0.25 * (rib * (1 - neck))[..., None])
    for low in (0.945, 0.952):  # the hem's stitches
        cloth = cloth * (1 - 0.25 * (_band(low, 0.0022) * body)[..., None])
    printed = _placed(mark(round(0.3 * WIDTH * FINE)), 0.5, 0.37)
    cloth = cloth * (1 - 0.92 * printed[..., None]) + (brass * light[..., None]) * (0.92 * printed[..., None])
    rgba = np.concatenate([cloth.clip(0, 1), shape[..., None]], axis=-1)
    fine = Image.fromarray((255 * rgba).round().astype(np.uint8), "RGBA")
    return fine.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)


def _light(body: NDArray[np.float64], sleeves: NDArray[np.float64]) -> NDArray[np.float64]:
    """How bright the cloth is: rounder towards its edges, with long soft folds."""
    rows, columns = body.shape
    folds = Image.new("L", (columns, rows), 128)
    pen = ImageDraw.Draw(folds)
    for _ in range(FOLDS):
        x, y = CHANCE.uniform(0.2, 0.8) * columns, CHANCE.uniform(0.3, 1.0) * rows
        lean, length = CHANCE.normal(0, 0.1), CHANCE.uniform(0.15, 0.4) * rows
        tone = 128 + round(CHANCE.choice((-1, 1)) * CHANCE.uniform(25, 60))
        ends = [(x, y), (x + lean * length, y - length)]
        pen.line(ends, fill=tone, width=round(CHANCE.uniform(0.012, 0.03) * columns))
    soft = np.asarray(folds.filter(ImageFilter.GaussianBlur(0.016 * columns)), float) / 128 - 1
    whole = Image.fromarray((255 * np.maximum(body, sleeves)).astype(np.uint8))
    inside = np.asarray(whole.filter(ImageFilter.GaussianBlur(0.03 * columns)), float) / 255
    seam = np.asarray(
        Image.fromarray((255 * body).astype(np.uint8)).filter(ImageFilter.GaussianBlur(0.006 * columns)), float
    )
    under = 1 - 0.35 * np.exp(-(((seam / 255 - 0.5) / 0.2) ** 2)) * (sleeves > 0.5)
    return (0.62 + 0.42 * inside) * (1 + 0.55 * soft) * under


def _filled(outlines: list[tuple[tuple[float, float], ...]]) -> NDArray[np.float64]:
    """Outlines and their mirror images, their corners rounded."""

    def draw(pen: ImageDraw.ImageDraw, at: object) -> None:
        for outline in outlines:
            for mirrored in (False, True):
                points = [((1 - x if mirrored else x) * WIDTH * FINE, y * HEIGHT * FINE) for x, y in outline]
                pen.polygon(points, fill=255)

    rounded = Image.fromarray((255 * _mask(draw)).astype(np.uint8)).filter(ImageFilter.GaussianBlur(2.5 * FINE))
    return np.clip((np.asarray(rounded, float) / 255 - 0.5) * 4 + 0.5, 0, 1)


def _mask(draw: object) -> NDArray[np.float64]:
    picture = Image.new("L", (WIDTH * FINE, HEIGHT * FINE), 0)
    draw(ImageDraw.Draw(picture), lambda x, y: (x * WIDTH * FINE, y * HEIGHT * FINE))  # type: ignore[operator]
    return np.asarray(picture, float) / 255


def _band(low: float, high: float) -> NDArray[np.float64]:
    y = np.arange(HEIGHT * FINE)[:, None] / (HEIGHT * FINE)
    return np.broadcast_to((np.abs(y - low) < high).astype(float), (HEIGHT * FINE, WIDTH * FINE))


def _placed(stamp: NDArray[np.float64], x: float, y: float) -> NDArray[np.float64]:
    whole = np.zeros((HEIGHT * FINE, WIDTH * FINE))
    left, top = round(x * WIDTH * FINE - stamp.shape[1] / 2), round(y * HEIGHT * FINE - stamp.shape[0] / 2)
    whole[top : top + stamp.shape[0], left : left + stamp.shape[1]] = stamp
    return whole


if __name__ == "__main__":
    TARGET.parent.mkdir(exist_ok=True)
    tee().save(TARGET, quality=88, method=6)
