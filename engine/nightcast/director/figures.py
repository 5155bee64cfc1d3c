"""The figures that the README shows, measured here and now."""

from __future__ import annotations

import time

from nightcast.air.bench import measure, moving_pictures
from nightcast.air.encoder import EncoderSettings
from nightcast.director.lips_bench import measure_lips
from nightcast.director.moment import beginning_of_night
from nightcast.director.rehearse import rehearse
from nightcast.director.start_bench import measure_start
from nightcast.room.bench import run as measure_hub
from nightcast.show import Show
from nightcast.show.demo import demo_script
from nightcast.stage.bench import bench_scene
from nightcast.stage.production import Production
from nightcast.stage.studio import Studio

__all__ = ["readme_rows"]

_SIZE_PX = (1280, 720)


def readme_rows() -> list[tuple[str, str]]:
    """(what, figure) for each row; some minutes, on a machine that does nothing else."""
    show = Show.load(demo_script())
    with Studio(Production.of_show(show), _SIZE_PX) as studio:
        picture = bench_scene(studio, 150)
        device = studio.device
    encode = measure(EncoderSettings(*_SIZE_PX, codec="libx264"), moving_pictures(*_SIZE_PX, 30), 150)
    start = measure_start(demo_script())
    began_s = time.monotonic()
    night = rehearse(show, 24, 7, beginning_of_night(show))
    rehearsed_s = time.monotonic() - began_s
    lips = measure_lips(demo_script())
    hub = measure_hub(seconds=10, disconnects=1000, hours=24)
    repetition = ", ".join(f"{value:.3f} ({language})" for language, value in night.repetition.items())
    return [
        ("device", device),
        (
            "a picture of the demo scene, 1280×720, bytes delivered",
            f"{picture.p50_ms:.1f} ms (p95 {picture.p95_ms:.1f})",
        ),
        ("its processor time, all threads", f"{picture.cpu_ms:.1f} ms"),
        ("H.264, 1280×720 at 30 fps", f"{100 * encode.cpu_share:.0f} % of one core"),
        (
            f"lips on pictures: p, b, m seen closed; opening against the sound, {lips.sentences} sentences en and zh",
            f"{lips.closed_percent:g} % of {lips.closures}; {lips.onset_error_ms:.0f} ms mean error",
        ),
        ("from the command to the first spoken sentence", f"{start.sentence_s:.1f} s"),
        ("rehearsal of 24 hours", f"{rehearsed_s:.0f} s for {len(night.heard):,} sentences"),
        ("12-gram self-repetition over these 24 hours, offline writer", repetition),
        ("hub: 200 events/s to 50 plugins, p99", f"{hub.fan_out.p99_ms:.1f} ms"),
        ("hub: class A events lost in 1,000 forced disconnects", str(hub.drops.class_a_lost)),
    ]
