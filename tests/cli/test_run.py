"""What a person at the terminal is told of a night."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.director.test_run import free_port

from nightcast.cli.run import _Teller
from nightcast.director.errors import LeaseHeldError
from nightcast.director.lease import Lease
from nightcast.director.messages import Status
from nightcast.director.page import Page
from nightcast.director.start import Preparation, prepare
from nightcast.show.script import Output


@pytest.fixture
def night(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Preparation:
    monkeypatch.setattr("nightcast.director.start.is_free", lambda *_: True)  # another night may be on air here
    outputs = (Output(kind="hls"), Output(rtmp="rtmp://127.0.0.1/live/sesame"))
    return prepare(state=tmp_path, outputs=outputs, page=Page(port=free_port()))


def test_trouble_of_an_output_is_told_once_and_that_it_is_over(
    night: Preparation, capsys: pytest.CaptureFixture[str]
) -> None:
    teller = _Teller(night)
    refused = {"hls-1": "on_air", "rtmp-2": "retrying cannot reach 127.0.0.1:1935: Connection refused"}
    for outputs in (refused, refused | {"rtmp-2": "opening"}, refused, {"hls-1": "on_air", "rtmp-2": "on_air"}):
        teller.tell(Status(phase="on_air", outputs=outputs))
    told = capsys.readouterr()
    assert told.err.count("rtmp-2: cannot reach 127.0.0.1:1935: Connection refused.") == 1
    assert "rtmp-2: on air again" in told.out


def test_a_warning_is_not_told_again_because_its_number_grew(
    night: Preparation, capsys: pytest.CaptureFixture[str]
) -> None:
    teller = _Teller(night)
    for entries in (5, 17, 33):
        teller.tell(Status(phase="on_air", warning=f"The disk is full: {entries} entries wait."))
    assert capsys.readouterr().err == "The disk is full: 5 entries wait.\n"


def test_a_dry_run_says_where_each_output_goes_without_its_key(night: Preparation) -> None:
    assert dict(night.summary())["outputs"].splitlines() == ["On the page", "Sending to rtmp://127.0.0.1/live"]


def test_a_night_that_runs_already_is_named_before_its_ports_are(tmp_path: Path) -> None:
    lease = Lease(tmp_path)
    try:
        with pytest.raises(LeaseHeldError):
            prepare(state=tmp_path, page=Page(port=free_port()))
    finally:
        lease.release()
