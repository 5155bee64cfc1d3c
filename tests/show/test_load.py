"""Every mistake in a file is named at once, with its place and a remedy."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightcast.show import Scene, ShowError
from nightcast.show.catalog import Catalog
from nightcast.show.load import load_yaml
from nightcast.show.script import Script
from nightcast.show.yaml_places import read_yaml


def problems_of(file: Path, root: Path) -> list[tuple[int, str, str, str]]:
    with pytest.raises(ShowError) as caught:
        load_yaml(file, Scene, root)
    return [(problem.line, problem.path, problem.expected, problem.remedy) for problem in caught.value.problems]


def test_a_correct_scene_loads_with_its_aliases_and_named_overlays(show_root: Path) -> None:
    scene = load_yaml(show_root / "scenes/studio.yaml", Scene, show_root)
    assert scene.light.key is not None
    assert scene.light.key.from_ == (1.2, 2.6, 1.8)
    assert scene.overlays["price_card"].kind == "price_card"
    assert scene.overlays["ai_label"].kind == "ai_label"
    assert scene.transitions["close"].name == "dissolve"
    assert scene.transitions["close"].seconds == 0.4


def test_five_different_mistakes_are_named_all_at_once(show_root: Path) -> None:
    file = show_root / "scenes/studio.yaml"
    file.write_text(
        "stage: {size: [1280, 720], fps: 31}\n"
        "ligth: {}\n"
        "stands:\n"
        "  table: {at: [0, 1], max_size: -2}\n"
        "shots:\n"
        "  wide: {fov: 32}\n"
        "overlays:\n"
        "  card: {kind: prise_card}\n"
    )
    found = problems_of(file, show_root)
    by_path = {path: (line, expected, remedy) for line, path, expected, remedy in found}
    assert by_path["stage.fps"][0] == 1
    assert by_path["ligth"] == (2, by_path["ligth"][1], "Did you mean 'light'?")
    assert by_path["stands.table.max_size"][:2] == (4, "a number above 0")
    assert by_path["stands.table.at[2]"][:2] == (4, "this field")
    assert by_path["shots.wide"][:2] == (6, "`from` and `look_at`, or `follow`")
    assert by_path["overlays.card.kind"][2] == "Did you mean 'price_card'?"


@pytest.mark.parametrize("far", ["1e300", "-1.5e7"])
def test_a_place_beyond_all_measure_is_refused(show_root: Path, far: str) -> None:
    file = show_root / "scenes/studio.yaml"
    file.write_text(f"shots: {{wide: {{from: [0, {far}, 0], look_at: [0, 1, 0]}}}}\n")
    assert [path for _, path, _, _ in problems_of(file, show_root)] == ["shots.wide.from[1]"]


@pytest.mark.parametrize(
    ("written", "wrong", "line", "path", "found"),
    [
        ("price: 12900", "price: 129.00", 8, "products[0].price", "129.0"),
        ("price: 12900", "price: ¥129", 8, "products[0].price", "'¥129'"),
        ("list_price: 15900", "list_price: 100", 9, "products[0].list_price", "100"),
        ("id: cap", "id: tumbler", 13, "products[1].id", "'tumbler'"),
        ("currency: CNY", "currency: RMB", 2, "currency", "'RMB'"),
    ],
)
def test_a_slip_in_a_catalog_is_shown_where_it_stands(
    show_root: Path, written: str, wrong: str, line: int, path: str, found: str
) -> None:
    file = show_root / "assets/catalog.yaml"
    file.write_text(file.read_text().replace(written, wrong, 1))
    with pytest.raises(ShowError) as caught:
        load_yaml(file, Catalog, show_root)
    assert [(item.line, item.path, item.found) for item in caught.value.problems] == [(line, path, found)]


def test_one_product_where_a_list_is_meant_is_one_mistake(show_root: Path) -> None:
    file = show_root / "scripts/night.yaml"
    file.write_text(file.read_text().replace("[tumbler, cap]", "tumbler"))
    with pytest.raises(ShowError, match=r"found 'tumbler'; expected .*\[tumbler\]") as caught:
        load_yaml(file, Script, show_root, {"RTMP_URL": "rtmp://127.0.0.1/live/key"})
    assert len(caught.value.problems) == 1


def test_a_missing_asset_suggests_the_nearest_name(show_root: Path) -> None:
    file = show_root / "scenes/studio.yaml"
    file.write_text(file.read_text().replace("counter.glb", "countr.glb"))
    assert problems_of(file, show_root) == [
        (6, "set[0].model", "a file that exists", "Did you mean 'counter.glb'?"),
    ]


def test_an_asset_outside_of_the_show_is_refused(show_root: Path) -> None:
    file = show_root / "scenes/studio.yaml"
    file.write_text(file.read_text().replace("../assets/light/soft.hdr", "../../secret.hdr"))
    assert [expected for _, _, expected, _ in problems_of(file, show_root)] == ["a path inside the show"]


def test_a_key_written_twice_names_both_lines(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("one: 1\ntwo: 2\none: 3\n")
    with pytest.raises(ShowError) as caught:
        read_yaml(file)
    assert caught.value.problems[0].line == 3
    assert "line 1" in caught.value.problems[0].remedy


def test_a_tab_is_explained(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("one:\n\ttwo: 2\n")
    with pytest.raises(ShowError, match="spaces, not tabs"):
        read_yaml(file)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("one: [1, 2\ntwo: 3\n", r":2:4: found ':'; expected ',' or '\]'"),
        ("one: '\n", "found unexpected end of stream"),
        ("one: 1\ntwo\x07: 2\n", r":2:4: found the character U\+0007"),
        ('name: "\\ud83d"\n', "1:7: name: found half a character"),
        ("price: 0100\n", "base 8"),
        ("size: " + "9" * 5000 + "\n", "size: found '9{60}'…"),
        ("a: &a {<<: *a}\n", "no mapping that can be merged"),
    ],
)
def test_what_yaml_makes_of_a_slip_is_said_in_words(tmp_path: Path, text: str, says: str) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(text)
    with pytest.raises(ShowError, match=says):
        read_yaml(file)


def test_a_mapping_may_merge_another_and_say_some_of_it_anew(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("key: &lamp {kelvin: 4000, intensity: 2}\nfill:\n  <<: *lamp\n  intensity: 0.5\n")
    placed = read_yaml(file)
    assert placed.data["fill"] == {"intensity": 0.5, "kelvin": 4000}
    assert placed.place(("fill", "kelvin"))[0] == 1


def test_a_time_of_day_needs_no_quotes(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("night: {from: 22:00, to: 06:00}\n")
    assert read_yaml(file).data == {"night": {"from": "22:00", "to": "06:00"}}


def test_a_folder_or_a_pipe_is_no_yaml_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    for file, what in ((tmp_path, "a folder"), (tmp_path / "pipe.yaml", "a pipe or device")):
        with pytest.raises(ShowError, match=what):
            read_yaml(file)


@pytest.mark.parametrize("asset", ['"a\\0b.glb"', "x" * 5000 + ".glb", "../assets/circle.glb"])
def test_a_path_that_no_file_can_have_is_a_problem_with_its_place(show_root: Path, asset: str) -> None:
    (show_root / "assets/circle.glb").symlink_to("circle.glb")
    file = show_root / "scenes/studio.yaml"
    file.write_text(f"shots: {{wide: {{follow: host.head}}}}\nset: [{{model: {asset}}}]\n")
    assert [(line, path) for line, path, _, _ in problems_of(file, show_root)] == [(2, "set[0].model")]


def test_a_list_of_one_wrong_thing_is_not_called_too_short_as_well(show_root: Path) -> None:
    file = show_root / "assets/wrong.yaml"
    file.write_text("brand: A\nproducts: [{id: a, name: A, kind: a, price: 1.5, as_of: 2026-11-01}]\n")
    with pytest.raises(ShowError) as caught:
        load_yaml(file, Catalog, show_root)
    assert [problem.path for problem in caught.value.problems] == ["products[0].price"]


def test_words_of_spaces_alone_are_none(show_root: Path) -> None:
    file = show_root / "scenes/studio.yaml"
    file.write_text('title: "  "\nshots: {wide: {follow: host.head}}\n')
    assert [path for _, path, _, _ in problems_of(file, show_root)] == ["title"]


@pytest.mark.parametrize("zone", ["Asia", "a" * 5000])
def test_a_time_zone_that_is_a_folder_or_no_file_name_is_named(show_root: Path, zone: str) -> None:
    file = show_root / "scripts/zone.yaml"
    file.write_text(f"night: {{timezone: {zone}}}\n")
    with pytest.raises(ShowError, match="a time zone like Asia/Shanghai"):
        load_yaml(file, Script, show_root)


def test_a_missing_variable_is_an_error_with_its_place(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("outputs:\n  - {rtmp: '${RTMP_URL}'}\n")
    with pytest.raises(ShowError) as caught:
        read_yaml(file, environ={})
    problem = caught.value.problems[0]
    assert (problem.line, problem.path) == (2, "outputs[0].rtmp")
    assert read_yaml(file, environ={"RTMP_URL": "rtmp://x/y"}).data == {"outputs": [{"rtmp": "rtmp://x/y"}]}


def test_a_secret_is_not_repeated_in_an_error(show_root: Path) -> None:
    file = show_root / "scenes/studio.yaml"
    file.write_text("shots: {wide: {follow: host.head}}\nstage: {fps: '${KEY}'}\n")
    with pytest.raises(ShowError) as caught:
        load_yaml(file, Scene, show_root, environ={"KEY": "hunter2"})
    assert "hunter2" not in str(caught.value)


def test_aliases_of_aliases_do_not_grow_without_end(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    lines = ["a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 9)]
    file.write_text("\n".join(lines))
    with pytest.raises(ShowError, match="too many values"):
        read_yaml(file)


@given(st.binary(max_size=300))
def test_any_bytes_give_data_or_a_show_error(tmp_path_factory: pytest.TempPathFactory, raw: bytes) -> None:
    file = tmp_path_factory.mktemp("yaml") / "any.yaml"
    file.write_bytes(raw)
    try:
        load_yaml(file, Scene, file.parent, environ={})
    except ShowError as error:
        assert str(file) in str(error)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["stage", "shots", "overlays", "light", "key", "from", "size", "set", "wide"]),
                inner,
                max_size=4,
            )
        ),
        max_leaves=12,
    )
)
def test_any_value_gives_a_scene_or_errors_with_lines(tmp_path_factory: pytest.TempPathFactory, value: object) -> None:
    import yaml

    file = tmp_path_factory.mktemp("yaml") / "any.yaml"
    file.write_text(yaml.safe_dump(value, allow_unicode=True), encoding="utf-8")
    try:
        load_yaml(file, Scene, file.parent, environ={})
    except ShowError as error:
        assert all(problem.line >= 1 for problem in error.problems)


def test_a_shot_of_nothing_and_a_transition_to_no_shot_are_named(show_root: Path) -> None:
    file = show_root / "scenes/studio.yaml"
    file.write_text(
        "stands:\n"
        "  table: {at: [0, 1, 0]}\n"
        "shots:\n"
        "  wide: {follow: stands.tabel}\n"
        "  close: {follow: host.head, focus: head}\n"
        "transitions: {default: {cut: 0}, clsoe: {dissolve: 0.4}}\n"
    )
    found = {path: (line, remedy) for line, path, _, remedy in problems_of(file, show_root)}
    assert found == {
        "shots.wide.follow": (4, "Did you mean 'stands.table'?"),
        "shots.close.focus": (5, "Did you mean 'host.head'?"),
        "transitions.clsoe": (6, "Did you mean 'close'?"),
    }
