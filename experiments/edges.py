"""Which way to smooth edges shimmers least on the thin frame of glasses, and what does it cost on a processor?

    python experiments/edges.py

Sunglasses on a turntable, before a plain ground, 1280×720. The truth is the same picture drawn four times as wide and
as high with MSAA 4×, averaged. Error is the mean absolute difference to it, in code values, where the truth has edges;
shimmer is how much that difference changes from one picture to the next. FXAA runs here in numpy on the picture without
smoothing, for what it does to it; its cost in a shader is in render-cpu.md. SMAA (`smaa.py`) runs on the device.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from smaa import Smaa

from nightcast.gltf import load
from nightcast.show.demo import demo_root
from nightcast.stage.frame import Background, Camera, Frame, Instance, Lamp, Lighting, look_at
from nightcast.stage.gpu import Gpu
from nightcast.stage.profile import CPU
from nightcast.stage.renderer import Renderer

SIZE = (1280, 720)
PICTURES = 24
STEP_DEG = 0.6  # of a turntable of 3 rpm at 30 pictures a second
F = NDArray[np.float32]


def fxaa(picture: F) -> F:
    """The console variant of FXAA 3.11: a blur along the local gradient of luma, refused where it leaves the range."""
    luma = picture @ np.array([0.299, 0.587, 0.114], np.float32)
    padded = np.pad(luma, 1, mode="edge")
    nw, ne, sw, se = padded[:-2, :-2], padded[:-2, 2:], padded[2:, :-2], padded[2:, 2:]
    low = np.minimum.reduce([nw, ne, sw, se, luma])
    high = np.maximum.reduce([nw, ne, sw, se, luma])
    direction = np.stack([-((nw + ne) - (sw + se)), (nw + sw) - (ne + se)], -1)
    least = 1 / (np.abs(direction).min(-1) + np.maximum((nw + ne + sw + se) / 32, 255 / 128))
    direction = np.clip(direction * least[..., None], -8, 8)
    near = (_at(picture, direction * (1 / 3 - 0.5)) + _at(picture, direction * (2 / 3 - 0.5))) / 2
    far = near / 2 + (_at(picture, direction * -0.5) + _at(picture, direction * 0.5)) / 4
    far_luma = far @ np.array([0.299, 0.587, 0.114], np.float32)
    out = np.where(((far_luma < low) | (far_luma > high))[..., None], near, far)
    flat = high - low < np.maximum(255 / 24, high / 8)
    return np.asarray(np.where(flat[..., None], picture, out), np.float32)


def _at(picture: F, offset: F) -> F:
    """Bilinear samples at each pixel moved by `offset` (h, w, 2), x before y."""
    height, width = picture.shape[:2]
    y, x = np.mgrid[:height, :width].astype(np.float32)
    x, y = np.clip(x + offset[..., 0], 0, width - 1.001), np.clip(y + offset[..., 1], 0, height - 1.001)
    left, top = x.astype(int), y.astype(int)
    u, v = (x - left)[..., None], (y - top)[..., None]
    above = picture[top, left] * (1 - u) + picture[top, left + 1] * u
    below = picture[top + 1, left] * (1 - u) + picture[top + 1, left + 1] * u
    return np.asarray(above * (1 - v) + below * v, np.float32)


def drawn(gpu: Gpu, edges: str, scale: int, distance_m: float) -> tuple[list[F], float]:
    """Pictures of one turning pair, and processor milliseconds for each."""
    size = (SIZE[0] * scale, SIZE[1] * scale)
    profile = replace(CPU, edges=edges, trilinear=True, shadow_every=1, vertex_lit_px=0.0, vertex_ambient=False)
    pictures, took_ms = [], []
    with Renderer(gpu, size, profile) as renderer:
        glasses = renderer.load_model(load(demo_root() / "assets/models/products/sunglasses.glb"))
        light = renderer.load_environment(demo_root() / "assets/light/studio.hdr")
        lighting = Lighting(key=Lamp((-1.7, 2.5, 2.0), 0.7, 4800, shadow="soft"), environment=light)
        camera = Camera(look_at((0, 0.12, distance_m), (0, 0.02, 0)), fov_deg=26, near_m=0.02)
        for number in range(PICTURES):
            turn = np.radians(25 + STEP_DEG * number)
            world = np.eye(4, dtype=np.float32)
            world[[0, 0, 2, 2], [0, 2, 0, 2]] = np.cos(turn), np.sin(turn), -np.sin(turn), np.cos(turn)
            began = time.process_time()
            frame = Frame(camera, lighting, Background((0.85, 0.82, 0.76)), [Instance(glasses, world)])
            picture = renderer.draw(frame)[..., :3]
            took_ms.append((time.process_time() - began) * 1e3)
            blocks = picture.reshape(SIZE[1], scale, SIZE[0], scale, 3).astype(np.float32)
            pictures.append(np.asarray(blocks.mean(axis=(1, 3)), np.float32))
        glasses.release()
    return pictures, statistics.median(took_ms[2:])


def judged(pictures: list[F], truth: list[F]) -> tuple[float, float]:
    """(error, shimmer) in code values, over the pixels where the truth has an edge."""
    off = [picture - true for picture, true in zip(pictures, truth, strict=True)]
    edge = [np.abs(np.gradient(true.mean(-1))).max(axis=0) > 12 for true in truth]
    error = np.mean([np.abs(o)[e].mean() for o, e in zip(off, edge, strict=True)])
    change = [np.abs(b - a)[e].mean() for a, b, e in zip(off, off[1:], edge[1:], strict=False)]
    return float(error), float(np.mean(change))


def main() -> None:
    unchanged: Callable[[F], F] = lambda picture: picture  # noqa: E731
    ways: list[tuple[str, str, Callable[[F], F]]] = [
        ("none", "none", unchanged),
        ("FXAA", "none", fxaa),
        ("MSAA 4×", "msaa", unchanged),
        ("lines along visible edges", "lines", unchanged),
    ]
    with Gpu() as gpu:
        smaa = Smaa(gpu, SIZE)
        ways.insert(2, ("SMAA", "none", smaa))
        for shot, distance_m in (("detail", 0.45), ("wide", 2.4)):
            truth, _ = drawn(gpu, "msaa", 4, distance_m)
            print(f"\n| {shot} | processor ms a picture | error | shimmer |\n| --- | --- | --- | --- |")
            for name, edges, after in ways:
                pictures, ms = drawn(gpu, edges, 1, distance_m)
                error, shimmer = judged([after(picture) for picture in pictures], truth)
                if after is smaa:
                    ms += smaa.took_ms()
                print(f"| {name} | {ms:.1f} | {error:.2f} | {shimmer:.2f} |", flush=True)


if __name__ == "__main__":
    main()
