"""Scenes, shots, products and avatars in turn, three times a second of the programme: what stays in memory?

    python experiments/switching.py MINUTES

Prints live GL objects and resident memory each minute. All scenes of the demo show; both hosts by turns, the other one
loaded and released each time.
"""

from __future__ import annotations

import itertools
import sys
import time
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from nightcast.gltf import load
from nightcast.show import Show
from nightcast.show.demo import demo_root, demo_script
from nightcast.show.load import load_yaml
from nightcast.show.scene import Scene
from nightcast.stage.cues import Cue, ProductCue, SceneCue, ShotCue, WearCue
from nightcast.stage.frame import Camera, Frame, Instance, look_at
from nightcast.stage.production import Production
from nightcast.stage.renderer import Renderer
from nightcast.stage.studio import Studio

FPS, EVERY_FRAMES = 30, 10
AVATARS = [demo_root() / "avatars" / name / "host.vrm" for name in ("lan", "bo")]


def production() -> Production:
    show = Production.of_show(Show.load(demo_script()))
    files = sorted((demo_root() / "scenes").glob("*.yaml"))
    scenes = {file.relative_to(show.root).as_posix(): load_yaml(file, Scene, show.root) for file in files}
    return replace(show, scenes=scenes)


def cues(at: int, number: int, show: Production) -> Sequence[Cue]:
    """What changes at the `number`-th turn."""
    scenes = list(show.scenes)
    scene = scenes[number // 8 % len(scenes)]
    products = [product.id for product in show.catalog.products] if show.catalog else []
    shots = list(show.scenes[scene].shots)
    changed: list[Cue] = [SceneCue(at=at, scene=scene)] if number % 8 == 0 else []
    changed += [ShotCue(at=at, shot=shots[number % len(shots)])]
    changed += [ProductCue(at=at, product=products[number % len(products)])]
    changed += [WearCue(at=at, product=products[number % 3], on=number % 2 == 0)]
    return changed


def other_avatar(renderer: Renderer, number: int) -> None:
    """Load a host anew, draw it, and let it go."""
    handle = renderer.load_model(load(AVATARS[number % len(AVATARS)]))
    standing = Instance(handle, np.eye(4, dtype=np.float32), "host")
    renderer.draw(Frame(Camera(look_at((0, 1.5, 1.6), (0, 1.45, 0))), instances=[standing]))
    handle.release()


def resident_mb() -> float:
    with open("/proc/self/statm", encoding="ascii") as statm:
        return int(statm.read().split()[1]) * 4096 / 1e6


def main(minutes: float) -> None:
    show = production()
    began_s = time.monotonic()
    with Studio(show, (640, 360), fps=FPS) as studio:
        studio.prepare()
        told = -1
        print("| minute | turns | live GL objects | resident MB |\n| --- | --- | --- | --- |")
        for frame in itertools.count():
            if frame % EVERY_FRAMES == 0:
                studio.apply(cues(frame * 48_000 // FPS, frame // EVERY_FRAMES, show))
                other_avatar(studio.renderer, frame // EVERY_FRAMES)
            studio.frame(frame)
            minute = int((time.monotonic() - began_s) / 60)
            if minute > told and frame % EVERY_FRAMES == EVERY_FRAMES - 1:
                told = minute
                print(
                    f"| {minute} | {frame // EVERY_FRAMES + 1} | {studio.live_objects} | {resident_mb():.0f} |",
                    flush=True,
                )
            if minute >= minutes:
                return


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 10.0)
