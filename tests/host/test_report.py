"""What is told of an avatar file, and the avatar file that is written from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from nightcast.cli import main
from nightcast.host import report_on
from nightcast.host.report import Report
from nightcast.show.avatar import Avatar
from nightcast.show.load import load_yaml


def test_the_report_tells_what_the_file_has(sample: Callable[[str], Path]) -> None:
    report = report_on(sample("avatars/brunette-t.glb"))
    text = "\n".join(report.lines())
    assert report.missing_bones == ("jaw",)
    assert report.silent_visemes == ()
    assert "visemes      15 of 15" in text
    assert "does not say whether it permits" in text
    lesser = report_on(sample("avatars/cryptovoxels.vrm"))
    assert len(lesser.silent_visemes) == 15
    assert "visemes      none" in lesser.lines()
    assert "credit       cryptovoxels by jin" in lesser.lines()


def test_the_written_avatar_file_is_one_that_a_show_reads(
    sample: Callable[[str], Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = tmp_path / "brunette-t.glb"
    model.write_bytes(sample("avatars/brunette-t.glb").read_bytes())
    target = tmp_path / "avatar.yaml"
    assert main(["avatar", str(model), "--write", str(target)]) == 0
    avatar = load_yaml(target, Avatar, tmp_path)
    assert avatar.anchors["nose_bridge"].node == "Head"
    assert avatar.model == "brunette-t.glb"
    assert "wrote" in capsys.readouterr().out
    assert main(["avatar", str(model), "--write", str(target)]) == 1
    assert "move it away first" in capsys.readouterr().err


def test_an_animation_taken_for_an_avatar_is_told_of(sample: Callable[[str], Path]) -> None:
    assert (
        "it is an animation, which belongs among the gestures; nothing of it is seen"
        in report_on(sample("vrm-spec/test.vrma")).warnings
    )


@pytest.fixture(scope="module")
def told(own_host: Path) -> Report:
    return report_on(own_host)


@pytest.mark.parametrize("name", ["Null", "on", "yes", "a: b", "# x", "1e3", "~", "\u2028", "\x7f", "😀", "[31m"])
def test_a_name_that_yaml_takes_for_something_else_is_quoted(told: Report, name: str) -> None:
    renamed = replace(told, name=name, node_names=(name,) * len(told.node_names))
    written = yaml.safe_load(renamed.avatar_yaml("a.glb"))
    assert written["name"] == name
    assert {anchor["node"] for anchor in written["anchors"].values()} == {name}


def test_a_model_outside_of_the_show_is_refused(sample: Callable[[str], Path], tmp_path: Path) -> None:
    assert main(["avatar", str(sample("avatars/cryptovoxels.vrm")), "--write", str(tmp_path / "a.yaml")]) == 1
    assert not (tmp_path / "a.yaml").exists()


def test_our_own_host_lacks_nothing_but_a_jaw(own_host: Path) -> None:
    report = report_on(own_host)
    assert report.missing_bones == ("jaw",)
    assert report.silent_visemes == ()
    assert report.licence.allowed is True
    assert report.licence.credit is None
    assert report.springs > 0
    assert report.warnings == ()
    assert {a.found_by for n, a in report.anchors.places.items() if n.startswith(("nose", "pupil", "ring"))} == {"node"}
