"""The command line: every command explains itself, and nobody ever sees a traceback."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import pytest

from nightcast import cli
from nightcast.cli.run import output, picture_size

COMMANDS = [
    "run", "rehearse", "write", "render", "shot", "contact-sheet", "preview", "check", "schema", "reference", "new",
    "avatar", "room", "plugin", "protocol", "conform", "bench", "soak", "doctor", "import", "product", "mirror",
]  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main([command, "--help"])
    assert ended.value.code == 0
    assert f"nightcast {command}" in capsys.readouterr().out


def test_without_a_command_the_help_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([]) == 2
    assert "Begin with `nightcast run`" in capsys.readouterr().out


def test_a_script_that_is_not_there_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["run", str(tmp_path / "nothing.yaml")]) == 1
    error = capsys.readouterr().err
    assert "nothing.yaml" in error
    assert "Traceback" not in error


def test_an_unforeseen_fault_is_told_as_ours(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object) -> int:
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr("nightcast.show.check.check_files", broken)
    assert cli.main(["check"]) == 1
    assert "fault of Nightcast" in capsys.readouterr().err


def test_check_gives_problems_as_json(show_root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    scene = show_root / "scenes/studio.yaml"
    scene.write_text(scene.read_text().replace("fps: 30", "fps: 31"))
    assert cli.main(["check", "--json", str(scene)]) == 1
    (problem,) = json.loads(capsys.readouterr().out)
    assert (problem["line"], problem["path"]) == (1, "stage.fps")


def test_a_night_that_its_platform_forbids_does_not_start(show_root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script = show_root / "scripts/night.yaml"
    text = script.read_text().replace('outputs: [hls, {rtmp: "${RTMP_URL}"}, virtual_camera]', "outputs: [hls]")
    script.write_text(text + "policy: {market: cn, platform: wechat_channels}\n")
    assert cli.main(["run", str(script), "--dry-run"]) == 1
    assert "may not start" in capsys.readouterr().err


def test_a_plugin_that_is_none_is_found_before_the_night(show_root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script = show_root / "scripts/night.yaml"
    text = script.read_text().replace('outputs: [hls, {rtmp: "${RTMP_URL}"}, virtual_camera]', "outputs: [hls]")
    script.write_text(text + "plugins: [../plugins/empty]\n")
    (show_root / "plugins/empty").mkdir(parents=True)
    assert cli.main(["run", str(script), "--dry-run"]) == 1
    assert "no plugin.yaml here" in capsys.readouterr().err


def test_a_new_show_passes_its_own_check_and_nothing_is_overwritten(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "my-show"
    assert cli.main(["new", str(folder)]) == 0
    assert cli.main(["check", str(folder)]) == 0, capsys.readouterr().err
    assert cli.main(["new", str(folder)]) == 1
    assert "an empty or new folder" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("hls", {"kind": "hls"}),
        ("file=night.mp4", {"kind": "file", "path": "night.mp4"}),
        ("rtmp://a/b/c", {"kind": "rtmp", "url": "rtmp://a/b/c"}),
        ("virtual_camera=/dev/video2", {"kind": "virtual_camera", "device": "/dev/video2"}),
    ],
)
def test_outputs_are_named_in_a_word(text: str, meant: dict[str, str]) -> None:
    assert output(text) == meant


@pytest.mark.parametrize("text", ["tape", "file", "rtmp"])
def test_an_output_that_means_nothing_says_what_would(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="expected hls, window"):
        output(text)


@pytest.mark.parametrize("port", ["0", "65536", "web"])
def test_a_port_that_cannot_be_is_wrong_usage(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["run", "--dry-run", "--port", port])
    assert ended.value.code == 2
    assert "from 1 to 65535" in capsys.readouterr().err


def test_the_page_and_the_room_cannot_have_one_port(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["run", "--dry-run", "--port", "8765"]) == 1
    assert "in use by the script's room" in capsys.readouterr().err


def test_an_address_of_another_machine_is_refused_before_anything_starts(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["run", "--dry-run", "--address", "192.0.2.1"]) == 1
    assert "Give --address one of this machine's" in capsys.readouterr().err


def test_a_picture_size_needs_even_numbers() -> None:
    assert picture_size("1280x720") == (1280, 720)
    with pytest.raises(argparse.ArgumentTypeError):
        picture_size("1281x720")
    with pytest.raises(argparse.ArgumentTypeError):
        picture_size("0x720")
