"""The command line: every command explains itself, and nobody ever sees a traceback."""

from __future__ import annotations

import argparse
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from nightcast import cli
from nightcast.cli.arguments import hours, minutes, picture_size, seconds
from nightcast.cli.run import output
from nightcast.cli.terminal import console

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


def parsers(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    yield parser
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for each in action.choices.values():
                yield from parsers(each)


def test_every_help_says_what_the_command_does_and_what_each_argument_is() -> None:
    for each in parsers(cli._parser()):
        assert each.description, each.prog
        for action in each._actions:
            assert action.help or isinstance(action, argparse._SubParsersAction), f"{each.prog} {action.dest}"


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
        ("file=~/night.mkv", {"kind": "file", "path": str(Path.home() / "night.mkv")}),
        ("rtmp://a/b/c", {"kind": "rtmp", "url": "rtmp://a/b/c"}),
        ("virtual_camera=/dev/video2", {"kind": "virtual_camera", "device": "/dev/video2"}),
    ],
)
def test_outputs_are_named_in_a_word(text: str, meant: dict[str, str]) -> None:
    assert output(text).model_dump(exclude_none=True) == meant


@pytest.mark.parametrize(
    "text", ["tape", "file", "file=night.avi", "rtmp", "rtmp://live.example.com/SECRET", "rtmp://h:99999/app/SECRET"]
)
def test_an_output_that_cannot_be_says_what_could_and_shows_no_stream_key(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="expected hls, window") as refused:
        output(text)
    assert "SECRET" not in str(refused.value)


def test_a_recording_is_a_file_and_no_folder(tmp_path: Path) -> None:
    (tmp_path / "night.mp4").mkdir()
    with pytest.raises(argparse.ArgumentTypeError, match="this is a folder"):
        output(f"file={tmp_path / 'night.mp4'}")


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("rtmp://live.example.com/app/KEY", "rtmp://live.example.com/app"),
        ("rtmps://user:KEY@live.example.com:444/a/b/KEY?sign=KEY/KEY", "rtmps://live.example.com:444/a/b"),
    ],
)
def test_where_a_stream_goes_is_shown_without_what_is_secret_in_it(url: str, shown: str) -> None:
    assert output(url).server == shown


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


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ("shot a.yaml --size 1281x720", "even numbers from 64 to 4096"),
        ("shot a.yaml --size 2x2", "even numbers from 64 to 4096"),
        ("shot a.yaml --size 100000x100000", "even numbers from 64 to 4096"),
        ("shot a.yaml --at nan", "a number of 0 or more"),
        ("shot a.yaml -o shot.txt", "ends in .png"),
        ("contact-sheet a.yaml -o .", "this is a folder"),
        ("render --seconds 0", "a length of time above 0, like 90s, 10m, 8h or 1h30m; a bare number is seconds"),
        ("render --seconds inf", "a length of time above 0"),
        ("run --for 1h30", "a length of time"),
        ("run --for 30m1h", "a length of time"),
        ("run --for 1hour", "a length of time"),
        ("run --for=", "a length of time"),
        ("run --for 0h0m", "a length of time"),
        ("render --at tonight", "a moment like"),
        ("rehearse --hours nan", "a bare number is hours"),
        ("room sim --hub nonsense", "an address like ws://"),
        ("conform host http://127.0.0.1:8765 --token t", "an address like ws://"),
        ("rehearse --json .", "this is a folder"),
        ("bench render --size large", "even numbers"),
        ("bench render --frames 0", "a whole number above 0"),
        ("plugin token thanks nope:read", "expected one of room.comment:read"),
        ("plugin revoke thanks nope:read", "expected one of room.comment:read"),
        ("plugin token thanks --coupons=-5", "a whole number of 0 or more"),
        ("mirror --camera 0 --fov 180", "an angle above 0 and below 180 degrees"),
        ("mirror --camera 0 --fov nan", "an angle above 0"),
        ("mirror --camera 0 --pd 0", "a number above 0"),
        ("room sim --profile calm", "choose from 'quiet', 'evening', 'hot_sale', 'attack'"),
        ("soak --minutes -1", "a bare number is minutes"),
        ("import a.csv --currency rmb", "CNY may be meant"),
        ("conform plugin", "required: COMMAND"),
        ("import a.csv --brand=", "expected words"),
        ("import a.csv --as-of 2026-13-01", "a day like"),
    ],
)
def test_what_cannot_be_is_wrong_usage_before_anything_starts(
    arguments: str, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(arguments.split())
    assert ended.value.code == 2
    assert says in " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize(
    "words",
    [
        "shot a.yaml wide --portrait --at 3",
        "shot a.yaml --portrait wide --at 3",
        "shot --portrait a.yaml --at 3 wide",
        "shot --portrait --at 3 a.yaml wide",
    ],
)
def test_options_stand_anywhere_among_the_words_of_a_command(words: str) -> None:
    options = cli._parser().parse_args(words.split())
    assert (options.scene, options.shot, options.portrait, options.at) == (Path("a.yaml"), "wide", True, 3)


def test_a_name_that_begins_with_a_dash_stands_after_two() -> None:
    assert cli._parser().parse_args(["shot", "--", "-a.yaml"]).scene == Path("-a.yaml")


def test_an_unknown_option_is_told_beside_the_usage_of_its_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["shot", "a.yaml", "--wide"])
    assert "usage: nightcast shot" in (error := capsys.readouterr().err)
    assert "unrecognized arguments: --wide" in error


def test_what_follows_the_command_of_a_plugin_is_left_to_it() -> None:
    options = cli._parser().parse_args(["conform", "plugin", "node", "--flag", "my-plugin.mjs", "--token", "t"])
    assert options.argv == ["node", "--flag", "my-plugin.mjs", "--token", "t"]


@pytest.mark.parametrize(
    ("text", "meant_s"),
    [("90", 90), ("90s", 90), ("10m", 600), ("8h", 28_800), ("1h30m", 5_400), ("1H2M3S", 3_723), ("0.5h", 1_800)],
)
def test_a_length_of_time_is_said_in_hours_minutes_and_seconds(text: str, meant_s: float) -> None:
    assert seconds(text) == meant_s


def test_a_bare_number_is_of_the_unit_that_its_option_names() -> None:
    assert (minutes("2.5"), minutes("90s"), hours("8"), hours("30m")) == (2.5, 1.5, 8, 0.5)


def test_a_picture_size_is_two_even_numbers() -> None:
    assert picture_size("1280X720") == (1280, 720)


def test_a_token_is_given_for_a_script_that_is_there_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    missing = tmp_path / "nope.yaml"
    for verb in ("token", "revoke"):
        assert cli.main(["plugin", verb, "thanks", "--script", str(missing)]) == 1
        shown = capsys.readouterr()
        assert f"{missing}: there is no such script" in shown.err
        assert not shown.out
    assert not list(tmp_path.iterdir())


def test_a_command_that_is_shown_can_be_typed_as_it_stands(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "my show"
    assert cli.main(["new", str(folder)]) == 0
    assert f"nightcast run '{folder}'" in capsys.readouterr().out


def test_a_place_that_cannot_be_written_is_no_fault_of_ours(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").touch()
    assert cli.main(["schema", "-o", str(tmp_path / "file")]) == 1
    error = capsys.readouterr().err
    assert f"{tmp_path / 'file'}: File exists. Name another place." in error
    assert "fault" not in error


def test_an_import_makes_the_folder_it_writes_to(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "shop.csv").write_text("title,price\nLamp,5\n")
    target = tmp_path / "new/assets/catalog.yaml"
    assert cli.main(["import", str(tmp_path / "shop.csv"), "-o", str(target), "--currency", "usd"]) == 0
    assert "currency: USD" in target.read_text(encoding="utf-8")


def test_a_terminal_without_chinese_shows_question_marks(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = io.BytesIO()
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(shown, encoding="ascii", write_through=True))
    assert cli.main(["schema", "-o", str(tmp_path / "灯")]) == 0
    assert b"?/scene.json" in shown.getvalue()


def test_a_command_ends_where_its_output_was_closed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("sys.stdout", None)
    assert cli.main(["schema", "-o", str(tmp_path)]) == 0


@pytest.mark.parametrize("columns", ["1", "0", "x"])
def test_a_narrow_terminal_still_gets_its_table(columns: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    assert console().width >= 40
