"""What is worn makes room: a piece of the body is pressed inside of it, sunk as a whole, or left as it falls."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import numpy as np
import pytest

from nightcast.gltf.hierarchy import posed_positions
from nightcast.gltf.load import load
from nightcast.host.rig import Rig
from nightcast.tryon.press import Fate, Pressed, press
from nightcast.tryon.product import F64
from nightcast.tryon.wearer import Wearer

HOST = Path(__file__).resolve().parents[2] / "avatars" / "lan" / "host.vrm"
UP = np.array([0.0, 1.0, 0.0])


@pytest.fixture(scope="module")
def wearer() -> Wearer:
    return Wearer.of(Rig(load(HOST)))


@pytest.fixture(scope="module")
def middle(wearer: Wearer) -> F64:
    return cast("F64", wearer.anchors["crown"].rest[:3, 3] - 0.06 * UP)


def dome(middle: F64, radius_m: float, open_deg: float = 0.0) -> F64:
    """Half a sphere about `middle`, with a slit this wide behind."""
    around, above = np.meshgrid(np.linspace(-np.pi, np.pi, 200), np.linspace(0, np.pi / 2, 60))
    around, above = around.ravel(), above.ravel()
    there = np.abs(np.abs(around) - np.pi) > np.radians(open_deg) / 2
    points = radius_m * np.column_stack([np.sin(around) * np.cos(above), np.sin(above), np.cos(around) * np.cos(above)])
    shell: F64 = middle + points[there]
    return shell


def farthest_m(pressed: Pressed) -> float:
    return max((float(np.linalg.norm(shift, axis=1).max()) for shift in pressed.values()), default=0.0)


def test_a_tight_dome_presses_and_a_wide_one_does_not(wearer: Wearer, middle: F64) -> None:
    head = wearer.rig.below("head")
    assert farthest_m(press(wearer, head, dome(middle, 0.08), middle, UP)) > 0.01
    assert press(wearer, head, dome(middle, 0.3), middle, UP) == {}


def test_what_falls_over_it_ends_up_outside(wearer: Wearer, middle: F64) -> None:
    def over(_piece: F64) -> Fate:
        return "over"

    head = wearer.rig.below("head")
    assert farthest_m(press(wearer, head, dome(middle, 0.3), middle, UP, fate=over)) > 0.15
    assert press(wearer, head, dome(middle, 0.02), middle, UP, fate=over) == {}


def test_what_falls_over_keeps_its_thickness(wearer: Wearer, middle: F64) -> None:
    def over(_piece: F64) -> Fate:
        return "over"

    head = wearer.rig.below("head")
    pressed = press(wearer, head, dome(middle, 0.16), middle, UP, fate=over)
    model, world = wearer.rig.model, wearer.rig.rest_world.astype(np.float32)
    for (node, index), shift in pressed.items():
        mesh = model.nodes[node].mesh
        assert mesh is not None
        away = posed_positions(model, world, node, model.meshes[mesh].primitives[index]) - middle
        side = (away[:, 0] > 0.05) & (np.abs(away[:, 1]) < 0.01) & (np.abs(away[:, 2]) < 0.02)
        if side.sum() > 1:
            before = np.linalg.norm(away[side], axis=1)
            after = np.linalg.norm(away[side] + shift[side], axis=1)
            assert np.ptp(after) == pytest.approx(np.ptp(before), abs=0.004)


def test_what_is_sunk_goes_into_the_opening_even_where_it_hung_below(wearer: Wearer, middle: F64) -> None:
    def sink(_piece: F64) -> Fate:
        return "sink"

    head = wearer.rig.below("head")
    pressed_m = farthest_m(press(wearer, head, dome(middle, 0.08), middle, UP))
    assert farthest_m(press(wearer, head, dome(middle, 0.08), middle, UP, fate=sink)) > pressed_m + 0.05


def test_a_closed_hat_holds_hair_back_under_its_slit(wearer: Wearer, middle: F64) -> None:
    head, slit = wearer.rig.below("head"), dome(middle, 0.08, open_deg=60)

    def moved(closed: bool) -> int:
        pressed = press(wearer, head, slit, middle, UP, closed=closed)
        return sum(int((np.linalg.norm(shift, axis=1) > 1e-4).sum()) for shift in pressed.values())

    assert moved(closed=True) > moved(closed=False)
