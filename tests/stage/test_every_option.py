"""Every option of a scene does something: for each field of the schema, a change of it changes the picture.

A field that is added to the schema fails here until it has a case, or names the test that looks at it.
"""

from __future__ import annotations

import ast
import copy
import json
import os
import types
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Union, get_args, get_origin

import numpy as np
import PIL.Image
import pytest
from numpy.typing import NDArray
from pydantic import ValidationError

from nightcast.show.fields import Part, Text
from nightcast.show.scene import Scene
from nightcast.stage.cues import ChatCue, OverlayCue, ProductCue, ShotCue
from nightcast.stage.samples import line_cue
from nightcast.stage.studio import Studio

S = 48_000
ROOT = Path(__file__).parents[2]
SKY = "../assets/sky.hdr"

BASE: dict[str, Any] = {
    "title": "everything",
    "stage": {"size": [320, 180], "fps": 30},
    "background": {"kind": "gradient", "top": "#404050", "bottom": "#101018", "colour": "#206020"},
    "light": {
        "environment": {"file": SKY, "intensity": 0.5, "turn": 0},
        "key": {"from": [1, 3, 2], "kelvin": 4500, "intensity": 0.5, "shadow": "soft"},
        "fill": {"from": [-2, 1.5, 2], "kelvin": 5000, "intensity": 0.2},
        "rim": {"from": [-1, 2.5, -2], "kelvin": 5000, "intensity": 0.6},
    },
    "set": [{"model": "../assets/box.glb", "at": [0, 1, -2.5], "scale": 6}],
    "host": {"mark": [0.5, 1, -0.5]},
    "stands": {"table": {"at": [0, 1, 0], "turntable_rpm": 6, "max_size": 0.3}},
    "screens": {"back": {"at": [-0.6, 1.3, -0.6], "size": [0.6, 0.4], "shows": "product_gallery"}},
    "shots": {
        "wide": {"from": [0, 1.4, 2.4], "look_at": [0, 1.1, 0], "fov": 34},
        "near": {"follow": "stands.table", "distance": 0.9},
    },
    "overlays": {"text": {"anchor": "left", "text": "Tonight"}},
    "transitions": {"default": {"cut": 0}},
}


@dataclass(frozen=True)
class Case:
    """Change what is at `at` to `to`. `given` is changed before, for both pictures."""

    at: str
    to: Any
    shot: str = "wide"
    given: dict[str, Any] = field(default_factory=dict)
    seconds: float = 1.5  #: after the shot began


OPEN = {"effects": {"depth_of_field": 60}}
ANIMATED = {"overlays.text.animation": [{"at": 0, "opacity": 1}, {"at": 1, "opacity": 0.9}]}


def _lamp(name: str, reach: float) -> dict[str, Case]:
    """The fields of a lamp; `reach` is a strength that is seen."""
    at = f"light.{name}"
    return {
        f"{at}.from": Case(f"{at}.from", [3, 1.3, 0.5]),
        f"{at}.kelvin": Case(f"{at}.kelvin", 2000),
        f"{at}.colour": Case(f"{at}.colour", "#2040ff"),
        f"{at}.intensity": Case(f"{at}.intensity", reach),
    }


CASES: dict[str, Case] = {
    "background.kind": Case("background.kind", "colour"),
    "background.colour": Case("background.colour", "#602020", given={"background.kind": "colour"}),
    "background.top": Case("background.top", "#a04050"),
    "background.bottom": Case("background.bottom", "#a04050"),
    "background.file": Case(
        "background.file",
        "../assets/wall2.png",
        given={"background.kind": "image", "background.file": "../assets/wall.png"},
    ),
    "background.blur": Case("background.blur", 1, given={"background.kind": "environment"}),
    "light.environment.file": Case("light.environment.file", None),
    "light.environment.intensity": Case("light.environment.intensity", 2),
    "light.environment.turn": Case("light.environment.turn", 180),
    **_lamp("key", 2.0),
    **_lamp("fill", 2.0),
    **_lamp("rim", 6.0),
    "light.key.shadow": Case("light.key.shadow", "none", given={"set.0.at": [0, 0.69, 0]}),
    "set[].model": Case("set.0.model", "../assets/ball.glb"),
    "set[].at": Case("set.0.at", [0.6, 1, -2.5]),
    "set[].turn": Case("set.0.turn", 40),
    "set[].scale": Case("set.0.scale", 3),
    "host.mark": Case("host.mark", [0.2, 1, -0.5]),
    "host.facing": Case("host.facing", 50),
    "stands.*.at": Case("stands.table.at", [0.2, 1.1, 0]),
    "stands.*.turntable_rpm": Case("stands.table.turntable_rpm", 0),
    "stands.*.max_size": Case("stands.table.max_size", 0.1),
    "stands.*.facing": Case("stands.table.facing", 60),
    "stands.*.tilt": Case("stands.table.tilt", 50),
    "screens.*.at": Case("screens.back.at", [-0.6, 1.6, -0.6]),
    "screens.*.size": Case("screens.back.size", [0.3, 0.3]),
    "screens.*.facing": Case("screens.back.facing", 50),
    "screens.*.shows": Case("screens.back.shows", "chat"),
    "screens.*.file": Case(
        "screens.back.file",
        "../assets/wall2.png",
        given={"screens.back.shows": "image", "screens.back.file": "../assets/wall.png"},
    ),
    "screens.*.brightness": Case(
        "screens.back.brightness", 3, given={"screens.back.shows": "image", "screens.back.file": "../assets/wall.png"}
    ),
    "shots.*.from": Case("shots.wide.from", [0.4, 1.4, 2.0]),
    "shots.*.look_at": Case("shots.wide.look_at", [0.3, 1.1, 0]),
    "shots.*.follow": Case("shots.near.follow", "host.head", shot="near"),
    "shots.*.distance": Case("shots.near.distance", 1.5, shot="near"),
    "shots.*.fill": Case("shots.near.fill", 0.3, shot="near"),
    "shots.*.height": Case("shots.near.height", 0.4, shot="near"),
    "shots.*.side": Case("shots.near.side", 40, shot="near"),
    "shots.*.offset": Case("shots.near.offset", [0.1, 0.1, 0], shot="near"),
    "shots.*.fov": Case("shots.wide.fov", 60),
    "shots.*.orbit_deg_per_s": Case("shots.wide.orbit_deg_per_s", 20),
    "shots.*.dolly.to": Case(
        "shots.wide.dolly.to", [0, 1.2, 1.2], given={"shots.wide.dolly": {"to": [0, 1.4, 2.4], "seconds": 1}}
    ),
    "shots.*.dolly.seconds": Case(
        "shots.wide.dolly.seconds", 60, given={"shots.wide.dolly": {"to": [0, 1.2, 1.2], "seconds": 1}}
    ),
    "shots.*.sway": Case("shots.wide.sway", 1),
    "shots.*.focus": Case("shots.wide.focus", 0.8, given=OPEN),
    "shots.*.depth_of_field": Case("shots.wide.depth_of_field", 0, given=OPEN),
    "overlays.*.kind": Case("overlays.text.kind", "lower_third"),
    "overlays.*.anchor": Case("overlays.text.anchor", "top"),
    "overlays.*.margin": Case("overlays.text.margin", 200),
    "overlays.*.width": Case(
        "overlays.text.width", 0.12, given={"overlays.text.text": "Tonight we sell many more things than ever before"}
    ),
    "overlays.*.visible": Case("overlays.text.visible", False),
    "overlays.*.text": Case("overlays.text.text", "Tomorrow"),
    "overlays.*.file": Case(
        "overlays.text.file",
        "../assets/wall2.png",
        given={"overlays.text.kind": "image", "overlays.text.file": "../assets/wall.png"},
    ),
    "overlays.*.url": Case(
        "overlays.text.url",
        "https://example.org",
        given={"overlays.text.kind": "qr_code", "overlays.text.url": "https://example.com"},
    ),
    "overlays.*.size": Case("overlays.text.size", 2),
    "overlays.*.accent": Case("overlays.text.accent", "#20ff20", given={"overlays.text.kind": "lower_third"}),
    "overlays.*.loop": Case(
        "overlays.text.loop",
        True,
        given={"overlays.text.animation": [{"at": 0, "opacity": 0}, {"at": 0.7, "opacity": 1}]},
    ),
    "overlays.*.animation[].at": Case(
        "overlays.text.animation.1.at",
        5,
        given={"overlays.text.animation": [{"at": 0, "opacity": 1}, {"at": 1, "opacity": 0}]},
    ),
    "overlays.*.animation[].move": Case("overlays.text.animation.1.move", [80, 30], given=ANIMATED),
    "overlays.*.animation[].scale": Case("overlays.text.animation.1.scale", 2, given=ANIMATED),
    "overlays.*.animation[].turn": Case("overlays.text.animation.1.turn", 40, given=ANIMATED),
    "overlays.*.animation[].opacity": Case("overlays.text.animation.1.opacity", 0.2, given=ANIMATED),
    "overlays.*.animation[].ease": Case(
        "overlays.text.animation.1.ease",
        "in",
        given={"overlays.text.animation": [{"at": 0, "opacity": 1}, {"at": 4, "opacity": 0}]},
    ),
    "palette.surface": Case("palette.surface", "#803020", given={"overlays.text.kind": "lower_third"}),
    "palette.text": Case("palette.text", "#20ff20"),
    "palette.muted": Case("palette.muted", "#ff2020", given={"overlays.price_card": {}}),
    "palette.accent": Case("palette.accent", "#20ff20", given={"overlays.text.kind": "lower_third"}),
    "palette.price": Case("palette.price", "#20ff20", given={"overlays.price_card": {}}),
    "effects.vignette": Case("effects.vignette", 0.9),
    "effects.bloom": Case("effects.bloom", 1, given={"light.key.intensity": 4}),
    "effects.depth_of_field": Case("effects.depth_of_field", 60),
    **{
        f"transitions.*.{name}": Case("transitions.near", {name: 1.0}, shot="near", seconds=0.4)
        for name in ("dissolve", "dip", "wipe", "zoom")
    },
    "transitions.*.cut": Case(
        "transitions.near", {"cut": 0}, shot="near", given={"transitions.near": {"dip": 1.0}}, seconds=0.4
    ),
}

#: Fields whose effect is not in a picture of this size and shape, with the test that sees it.
ELSEWHERE = {
    "title": "tests/stage/test_contact_sheet.py::test_a_sheet_shows_shots_and_overlays_in_both_shapes",
    "stage.size": "tests/stage/test_contact_sheet.py::test_portrait_swaps_the_sides",
    "stage.fps": "tests/director/test_run.py"
    "::test_the_night_goes_on_whichever_process_dies_or_hangs_and_ends_with_a_playlist_that_plays",
    "host.counter.height": "tests/stage/test_world.py::test_the_host_is_told_of_the_counter_of_each_scene",
    "host.counter.distance": "tests/stage/test_world.py::test_the_host_is_told_of_the_counter_of_each_scene",
    "shots.*.ease_s": "tests/stage/test_shots.py::test_a_following_shot_eases_after_a_jump_of_its_subject",
    "shots.*.portrait.from": "tests/stage/test_shots.py::test_portrait_may_be_framed_otherwise",
    "shots.*.portrait.look_at": "tests/stage/test_shots.py::test_portrait_may_be_framed_otherwise",
    "shots.*.portrait.fov": "tests/stage/test_shots.py::test_portrait_may_be_framed_otherwise",
    "shots.*.portrait.distance": "tests/stage/test_shots.py::test_portrait_may_follow_from_elsewhere",
    "shots.*.portrait.dolly.to": "tests/stage/test_shots.py::test_portrait_may_be_moved_through_otherwise",
    "shots.*.portrait.dolly.seconds": "tests/stage/test_shots.py::test_portrait_may_be_moved_through_otherwise",
    "overlays.*.portrait.size": "tests/stage/overlays/test_stack.py::test_a_card_may_be_of_another_size_in_portrait",
    "overlays.*.portrait.anchor": "tests/stage/overlays/test_page.py::test_portrait_may_say_otherwise",
    "overlays.*.portrait.margin": "tests/stage/overlays/test_page.py::test_portrait_may_say_otherwise",
    "overlays.*.portrait.width": "tests/stage/overlays/test_page.py::test_portrait_may_say_otherwise",
    "light.fill.shadow": "tests/stage/test_every_option.py::test_only_the_key_light_may_cast_a_shadow",
    "light.rim.shadow": "tests/stage/test_every_option.py::test_only_the_key_light_may_cast_a_shadow",
}


def leaves(model: type[Part], above: str = "") -> Iterator[str]:
    """The path of every field that holds a value: `.*` under names that people choose, `[]` in lists."""
    for name, info in model.model_fields.items():
        yield from _leaves(info.annotation, f"{above}{info.alias or name}")


def _leaves(annotation: Any, path: str) -> Iterator[str]:
    arguments = get_args(annotation)
    if get_origin(annotation) in (Union, types.UnionType):
        parts = [a for a in arguments if isinstance(a, type) and issubclass(a, Part) and a is not Text]
        yield from _leaves(parts[0], path) if parts else [path]
    elif get_origin(annotation) is dict:
        yield from _leaves(arguments[1], f"{path}.*")
    elif get_origin(annotation) is tuple and isinstance(arguments[0], type) and issubclass(arguments[0], Part):
        yield from _leaves(arguments[0], f"{path}[]")
    elif isinstance(annotation, type) and issubclass(annotation, Part) and annotation is not Text:
        yield from leaves(annotation, f"{path}.")
    else:
        yield path


def changed(scene: dict[str, Any], at: str, to: Any) -> dict[str, Any]:
    """A copy with another value at a path; numbers count in lists."""
    whole = copy.deepcopy(scene)
    *way, last = (int(key) if key.isdigit() else key for key in at.split("."))
    place: Any = whole
    for key in way:
        place = place[key] if isinstance(key, int) else place.setdefault(key, {})
    place[last] = to
    return whole


@pytest.fixture
def stage(stall: Studio, scene_file: Path) -> Studio:
    """A studio beside whose scene lie the files that the cases name."""
    import trimesh

    assets = scene_file.parents[1] / "assets"
    if not (assets / "ball.glb").exists():
        trimesh.creation.icosphere(2, 0.1).export(assets / "ball.glb")
        checks = np.kron(np.indices((4, 6)).sum(0) % 2, np.ones((8, 8)))[..., None]
        for name, colour in (("wall", (240, 60, 60)), ("wall2", (40, 90, 240))):
            PIL.Image.fromarray((checks * colour).astype(np.uint8)).save(assets / f"{name}.png")
        half = np.tile(np.array([128, 128, 128, 129], np.uint8), (16, 32, 1))
        half[:, 16:] = (250, 120, 20, 130)
        (assets / "sky.hdr").write_bytes(b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 16 +X 32\n" + half.tobytes())
    return stall


def picture(studio: Studio, file: Path, scene: dict[str, Any], shot: str, seconds: float) -> NDArray[np.int16]:
    """The scene `seconds` after it was cut to a shot, with a product, a price, a comment and a spoken line."""
    before_ns = file.stat().st_mtime_ns
    file.write_text(json.dumps(scene), encoding="utf-8")
    os.utime(file, ns=(before_ns + 1_000_000, before_ns + 1_000_000))  # edits faster than the file system's clock
    assert studio.reload()
    studio.restart()
    studio.apply([ProductCue(at=0, product="box"), ChatCue(at=0, user="mia", text="in black?"), line_cue("en", 0)])
    if "price_card" in scene["overlays"]:
        data = {"product": "box", "list_price": "¥199"}
        studio.apply([OverlayCue(at=0, overlay="price_card", data=data)])
    studio.apply([ShotCue(at=S // 2, shot=shot)])
    first, last = studio.fps // 2, round((0.5 + seconds) * studio.fps)
    for index in range(first):
        studio.world.advance(index * S // studio.fps)
    studio.frame(first - 1)  # what a transition begins with
    studio.frame(first)
    for index in range(first + 1, last):
        studio.world.advance(index * S // studio.fps)
    return studio.frame(last)[..., :3].astype(np.int16)


def test_every_field_has_a_case_or_a_test_of_its_own() -> None:
    fields = set(leaves(Scene))
    assert fields == set(CASES) | set(ELSEWHERE)
    assert not set(CASES) & set(ELSEWHERE)


@pytest.mark.parametrize("name", sorted(set(ELSEWHERE.values())))
def test_tests_that_are_named_exist(name: str) -> None:
    file, _, function = name.partition("::")
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    assert function in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("name", CASES)
def test_a_changed_field_changes_the_picture(name: str, stage: Studio, scene_file: Path) -> None:
    case = CASES[name]
    before = BASE
    for at, to in case.given.items():
        before = changed(before, at, to)
    one = picture(stage, scene_file, before, case.shot, case.seconds)
    other = picture(stage, scene_file, changed(before, case.at, case.to), case.shot, case.seconds)
    assert [warning for warning in stage.take_warnings() if "box.glb" not in warning] == []
    assert (np.abs(one - other).max(axis=2) > 6).sum() >= 10


@pytest.mark.parametrize("lamp", ["fill", "rim"])
def test_only_the_key_light_may_cast_a_shadow(lamp: str) -> None:
    with pytest.raises(ValidationError, match="only the key light"):
        Scene.model_validate(changed(BASE, f"light.{lamp}.shadow", "soft"))


@pytest.mark.parametrize("shot", ["wide", "near"])
def test_a_scene_with_everything_on_is_drawn(shot: str, stage: Studio, scene_file: Path) -> None:
    whole = BASE
    for case in CASES.values():
        for at, to in {**case.given, case.at: case.to}.items():
            whole = changed(whole, at, to)
    kinds = ("price_card", "lower_third", "captions", "countdown", "comments", "ai_label")
    whole["overlays"] |= {kind: {} for kind in kinds} | {"logo": {"file": "../assets/wall.png"}}
    pixels = picture(stage, scene_file, whole, shot, 0.6)
    assert [warning for warning in stage.take_warnings() if "box.glb" not in warning] == []
    assert pixels.std() > 20
