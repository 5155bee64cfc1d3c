"""A soak: a night under watch for minutes or hours, with slopes of what must not grow."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from nightcast.director.watching import night_under_watch

__all__ = ["SoakFigures", "soak"]

_LOOK_S = 5.0


@dataclass
class SoakFigures:
    """What was seen; memory in MiB, its slope in MiB an hour over the second half of the time."""

    minutes: float
    frames: int = 0
    repeated: int = 0
    restarts: int = 0
    spoken: int = 0
    ready_s_min: float = 0.0
    fps_min: float = 0.0
    quietest_db: float = 0.0
    memory_mib: dict[str, float] = field(default_factory=dict)
    slope_mib_per_h: dict[str, float] = field(default_factory=dict)


def soak(script: Path, state: Path, minutes: float, outputs: list[str], tell: Callable[[float], None]) -> SoakFigures:
    """Run `script` for `minutes` and watch it. `tell` hears the share that is done."""
    arguments = [item for output in outputs for item in ("-o", output)]
    figures = SoakFigures(minutes)
    times_h: list[float] = []
    memory: dict[str, list[float]] = {}
    ready_s, rates, levels = [], [], []
    with night_under_watch(script, state, arguments) as night:
        while night.figures() is None or (night.figures() or {}).get("phase") == "preparing":
            time.sleep(0.2)
        begin_s = time.monotonic()
        first = night.figures() or {}
        frames_before = first.get("figures", {}).get("frames", 0), first.get("figures", {}).get("repeated", 0)
        while (gone_s := time.monotonic() - begin_s) < minutes * 60:
            state_now = night.figures()
            if state_now is not None:
                shown = state_now["figures"]
                figures.frames = shown["frames"] - frames_before[0]
                figures.repeated = shown["repeated"] - frames_before[1]
                figures.restarts = sum(process["restarts"] for process in state_now["processes"])
                figures.spoken = state_now["spoken"]
                ready_s.append(state_now["ready_s"])
                rates.append(shown["fps"])
                levels.append(shown["rms_db"])
                times_h.append(gone_s / 3600)
                for name, mib in night.memory_mib().items():
                    memory.setdefault(name, [float("nan")] * (len(times_h) - 1)).append(mib)
            tell(gone_s / (minutes * 60))
            time.sleep(_LOOK_S)
    settled = slice(len(ready_s) // 4, None)
    figures.ready_s_min = round(min(ready_s[settled], default=0.0), 1)
    figures.fps_min = round(min(rates[settled], default=0.0), 1)
    figures.quietest_db = round(min(levels[settled], default=-120.0), 1)
    for name, values in memory.items():
        later = np.array(values[len(values) // 2 :])
        figures.memory_mib[name] = round(float(values[-1]), 1)
        if len(later) > 2 and len(values) == len(times_h):
            slope = np.polyfit(times_h[len(values) // 2 :], later, 1)[0]
            figures.slope_mib_per_h[name] = round(float(slope), 2)
    return figures
