"""Environments: a set seen from the host's place, all round, as Radiance pictures (RGBE, run-length coded).

Equirectangular, up at the top; the middle column looks along −Z, as Blender lays them and the engine reads them.
"""

from pathlib import Path

import bpy
import numpy as np
from numpy.typing import NDArray

from .bake import pixels
from .look import camera

PLACE = (0.0, 1.38, 0.12)


def surround(out: Path, *, samples: int = 128, height_px: int = 256, mean: float = 0.5) -> None:
    """Path-trace the scene all round from between host and product; scale it to a mean luminance of `mean`."""
    scene = bpy.context.scene
    seen = camera(PLACE, (PLACE[0], PLACE[1], PLACE[2] - 1), 90)
    seen.data.type = "PANO"
    seen.data.panorama_type = "EQUIRECTANGULAR"
    scene.render.engine, scene.cycles.samples, scene.cycles.use_denoising = "CYCLES", samples, True
    scene.render.threads_mode, scene.render.threads = "FIXED", 2
    scene.render.resolution_x, scene.render.resolution_y = 2 * height_px, height_px
    scene.render.image_settings.file_format = "OPEN_EXR"
    raw = Path(bpy.app.tempdir) / "surround.exr"
    scene.render.filepath = str(raw)
    bpy.ops.render.render(write_still=True)
    light = np.clip(pixels(bpy.data.images.load(str(raw)))[..., :3], 0, 60)
    share = np.cos((np.arange(height_px) + 0.5) / height_px * np.pi - np.pi / 2)[:, None]
    luminance = light @ (0.2126, 0.7152, 0.0722)
    light *= mean / float((luminance * share).sum() / share.sum() / luminance.shape[1])
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_bytes(radiance(light))
    print(f"{out.name}: {out.stat().st_size // 1024} KB, brightest {light.max():.1f}")


def radiance(light: NDArray[np.float64]) -> bytes:
    """Encode [h, w, 3] of linear light as a Radiance RGBE file (Ward 1991), each channel of a row run-length coded."""
    height, width, _ = light.shape
    peak = np.maximum(light.max(-1), 1e-9)
    exponent = np.ceil(np.log2(peak * 1.002))
    mantissa = np.clip(light / 2.0 ** exponent[..., None] * 256, 0, 255)
    rgbe = np.concatenate([mantissa, (exponent + 128)[..., None]], -1).astype(np.uint8)
    coded = bytearray(f"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y {height} +X {width}\n".encode())
    for row in rgbe:
        coded += bytes((2, 2, width >> 8, width & 255))
        for channel in row.T:
            coded += runs(channel.tobytes())
    return bytes(coded)


def runs(line: bytes) -> bytes:
    """One channel of one row: runs of four and more as (128 + length, value), the rest as (length, values)."""
    coded = bytearray()
    start = plain = 0
    while start < len(line):
        end = start + 1
        while end < len(line) and end - start < 127 and line[end] == line[start]:
            end += 1
        if end - start >= 4:
            coded += chunks(line[plain:start]) + bytes((128 + end - start, line[start]))
            plain = end
        start = end
    return bytes(coded + chunks(line[plain:]))


def chunks(values: bytes) -> bytes:
    """Values that do not repeat, 128 at a time."""
    return b"".join(bytes((len(values[at : at + 128]),)) + values[at : at + 128] for at in range(0, len(values), 128))
