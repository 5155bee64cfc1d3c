"""Hands and product meet: what is put on lies between the fingers, and then where it belongs."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from nightcast.gltf.load import load
from nightcast.gltf.records import Model
from nightcast.host.bones import INDEX
from nightcast.host.fingertips import Touch, between_fingertips
from nightcast.host.frame import HostFrame
from nightcast.host.host import Host
from nightcast.host.performance import load_motions
from nightcast.show.catalog import Catalog, Product
from nightcast.show.load import load_yaml, resolve
from nightcast.stage.handling import WAYS
from nightcast.tryon.fit import fit
from nightcast.tryon.grip import grips
from nightcast.tryon.product import F64, points_of, standing_part, surface_samples
from nightcast.tryon.putting_on import Applicator, carried, held_up
from nightcast.tryon.wearer import Wearer

ROOT = Path(__file__).resolve().parents[2]
CATALOG_FILE = ROOT / "assets" / "catalog.yaml"
GESTURES = load_motions(ROOT / "avatars" / "gestures")
HOSTS = pytest.mark.parametrize("avatar", ["lan", "bo"])


@cache
def body(avatar: str) -> tuple[Model, Wearer]:
    model = load(ROOT / "avatars" / avatar / "host.vrm")
    return model, Wearer.of(Host(model).rig)


@cache
def product(name: str) -> tuple[Product, Model]:
    found = load_yaml(CATALOG_FILE, Catalog, ROOT).product(name)
    assert found is not None
    assert found.model is not None
    return found, load(resolve(CATALOG_FILE, found.model))


def missed_m(host: Host, frame: HostFrame, side: str, touch: Touch) -> float:
    """How far fingertips are from what they touch."""
    node = host.rig.bones[touch.bone]
    rest = np.append(host.rig.places[INDEX[touch.bone]] + touch.away, 1.0)
    there: F64 = (frame.node_world[node] @ np.linalg.inv(host.rig.rest_world[node]) @ rest)[:3]
    return float(np.linalg.norm(between_fingertips(host.rig, frame, side) - there))


def at_contact(avatar: str, gesture: str, contact_s: float, touches: Mapping[str, Touch]) -> tuple[Host, HostFrame]:
    host = Host(body(avatar)[0], GESTURES, seed=1)
    host.update(0.0)
    host.gesture(gesture, 1.0 + contact_s, touches=touches)
    for k in range(round(30 * (1.0 + contact_s))):
        frame = host.update(k / 30)
    return host, frame


@HOSTS
@pytest.mark.parametrize(
    ("name", "within_m"),
    [("sunglasses", 0.003), ("cap", 0.003), ("earrings", 0.01), ("watch", 0.003), ("ring", 0.003), ("necklace", 0.003)],
)
def test_fingertips_meet_the_product_where_it_is_worn(avatar: str, name: str, within_m: float) -> None:
    sold, model = product(name)
    assert sold.wear is not None
    wearer = body(avatar)[1]
    held = grips(fit(sold, model, wearer), sold.wear.kind, wearer)
    assert held
    touches = {side: grip.touch for side, grip in held.items()}
    for move in (WAYS[sold.wear.kind].on, WAYS[sold.wear.kind].off):
        host, frame = at_contact(avatar, move.gesture, move.contact_s, touches)
        assert max(missed_m(host, frame, side, touch) for side, touch in touches.items()) < within_m


@HOSTS
def test_a_product_comes_with_the_fingers_and_stays_where_it_belongs(avatar: str) -> None:
    sold, model = product("sunglasses")
    wearer = body(avatar)[1]
    fitted = fit(sold, model, wearer)
    held = grips(fitted, "glasses", wearer)
    host, frame = at_contact(avatar, "put_on", 0.6, {side: grip.touch for side, grip in held.items()})
    seats = fitted.place(frame)
    (in_hands,) = carried(held, seats, host.rig, frame, 1.0)
    for side, grip in held.items():
        away = (in_hands @ np.append(grip.point, 1.0))[:3] - between_fingertips(host.rig, frame, side)
        assert np.linalg.norm(away) < 0.02, "each hand has its end of it"
    assert carried(held, seats, host.rig, frame, 0.0)[0] == pytest.approx(seats[0])


@HOSTS
def test_a_lipstick_in_the_hand_meets_the_lips_with_its_tip(avatar: str) -> None:
    sold, model = product("lipstick")
    wearer = body(avatar)[1]
    applicator = Applicator.of(sold, model, wearer)
    assert applicator is not None
    host, frame = at_contact(avatar, "make_up", 1.2, {"right": applicator.touch})
    places = points_of(model, applicator.place(host.rig, frame))
    head = frame.node_world[host.rig.bones["head"]] @ np.linalg.inv(host.rig.rest_world[host.rig.bones["head"]])
    mouth = (wearer.anchors["chin"].rest + 0.36 * (wearer.anchors["nose_bridge"].rest - wearer.anchors["chin"].rest))[
        :3, 3
    ]
    nearest_m = np.linalg.norm(places - (head @ np.append(mouth, 1.0))[:3], axis=1).min()
    assert nearest_m < 0.04


def test_a_lipstick_is_held_without_the_cap_that_stands_beside_it() -> None:
    model = product("lipstick")[1]
    held = points_in_triangles(standing_part(model, np.eye(4)))
    whole = points_in_triangles(model)
    assert whole[:, 0].min() < -0.03, "the cap"
    assert held[:, 0].min() > -0.015
    assert held[:, 1].max() == pytest.approx(whole[:, 1].max(), abs=0.001)


def points_in_triangles(model: Model) -> F64:
    return surface_samples(model, np.eye(4), 3000)


def test_a_bag_that_is_held_up_shows_its_front() -> None:
    sold, model = product("tote_bag")
    fitted = fit(sold, model, body("lan")[1])
    host, frame = at_contact("lan", "take_up_bag", 1.3, {})
    (seat,) = fitted.place(frame)
    front = np.array([0.0, 0.0, 1.0, 0.0])
    assert (seat @ front)[0] > 0.95, "beside the body it faces outwards"
    up = held_up(fitted.pieces[0], seat, 1.0)
    assert (up @ front)[2] > 0.95
    grip = fitted.pieces[0].pivot(frame)
    top = (np.linalg.inv(seat) @ np.append(grip, 1.0))[:3]
    assert (up @ np.append(top, 1.0))[:3] == pytest.approx(grip, abs=1e-6), "it turns about its handle"
    assert grip[1] > host.rig.places[INDEX["leftUpperArm"]][1]
