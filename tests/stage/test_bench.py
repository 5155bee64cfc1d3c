"""Figures of drawing: they are of the pictures that were asked for, and a beat is kept. How fast is not for tests."""

from __future__ import annotations

import math

import numpy as np
import yaml

from nightcast.show.catalog import Catalog
from nightcast.stage.bench import bench_scene, busy_moment
from nightcast.stage.studio import Studio


def test_figures_are_of_the_pictures_that_were_asked_for(stall: Studio) -> None:
    figures = bench_scene(stall, 5)
    assert figures.pictures == 5
    assert (figures.width_px, figures.height_px) == stall.size_px
    assert figures.picture_bytes == math.prod(stall.size_px) * 4
    assert 0 < figures.p50_ms <= figures.p95_ms
    assert figures.draw_calls > 0
    assert figures.late == 0, "without a beat none is due"


def test_with_a_beat_no_more_pictures_come_than_it_asks_for(stall: Studio) -> None:
    assert bench_scene(stall, 5, fps=50).fps <= 50


def test_nothing_is_left_in_flight(stall: Studio) -> None:
    bench_scene(stall, 5)
    assert stall.renderer.in_flight == 0
    assert np.isfinite(stall.frame(100).astype(float)).all()


def test_a_busy_moment_wears_two_kinds_of_product() -> None:
    wear = "{id: %s, name: {en: A, zh: 甲}, kind: %s, model: a.glb, price: 100, as_of: 2026-11-01, wear: {kind: %s}}"
    entries = [wear % (name, kind, kind) for name, kind in (("one", "glasses"), ("two", "hat"), ("three", "glasses"))]
    data = yaml.safe_load(f"{{brand: B, currency: CNY, products: [{', '.join(entries)}]}}")
    worn = busy_moment(Catalog.model_validate(data)).wear
    assert set(worn) == {"one", "two"}, "the first of each kind"
