"""Outputs: each begins at a keyframe, fails alone, tries again, and leaves what can be played."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import threading
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any, ClassVar

import av
import numpy as np
import pytest
import pyvirtualcam
from numpy.typing import NDArray
from tests.air.pattern import FPS, beeps, offsets_s, picture
from tests.air.programmes import SMALL, encoded, kill_playlist, wait_for

from nightcast.air.encoder import Encoder, Packet
from nightcast.air.errors import OutputError, OutputUnavailable
from nightcast.air.messages import CameraSpec, FileSpec, HlsSpec, WindowSpec
from nightcast.air.outputs import muxed
from nightcast.air.outputs.backlog import Backlog
from nightcast.air.outputs.camera import CameraOutput, open_camera
from nightcast.air.outputs.file import FileSink
from nightcast.air.outputs.programme import Outputs
from nightcast.air.outputs.sender import Sender
from nightcast.air.outputs.window import WindowOutput
from nightcast.process.shared import FrameRing
from nightcast.show.fields import Text


def packet(stream: Any, n: int, *, key: bool = False) -> Packet:
    base = Fraction(1, FPS) if stream == "video" else Fraction(1024, 48_000)
    return Packet(stream, b"x", n, n, 1, key or stream == "audio", base)


def test_a_backlog_nobody_takes_from_keeps_the_newest_group_and_its_sound() -> None:
    backlog = Backlog()
    for frame in range(200):
        backlog.put(packet("audio", 20 + round(frame * 48_000 / 1024 / FPS)))  # sound runs ahead
        backlog.put(packet("video", frame, key=frame % 60 == 0))
    key = backlog.group_start()
    assert key is not None
    assert key.pts == 180
    taken = []
    while (found := backlog.take()) is not None:
        taken.append(found)
    sound = [p for p in taken if p.stream == "audio"]
    assert sound[0].pts_s == pytest.approx(key.pts_s, abs=0.022), "its sound begins with the picture"
    assert [p.pts for p in taken if p.stream == "video"] == list(range(180, 200))
    assert backlog.dropped == 0


def test_a_backlog_that_is_taken_from_too_slowly_skips_to_a_keyframe_and_counts_it() -> None:
    backlog = Backlog()
    backlog.follow = True
    for frame in range(30 * 60):
        backlog.put(packet("video", frame, key=frame % 60 == 0))
    assert len(backlog) <= 30 * 15
    assert backlog.dropped + len(backlog) == 30 * 60
    first = backlog.take()
    assert first is not None
    assert first.key


class FlakySink:
    """Fails at its second packet the first two times, then remembers what it is given."""

    opened = 0

    def __init__(self, got: list[tuple[int, Packet, Fraction]]) -> None:
        FlakySink.opened += 1
        self._number = FlakySink.opened
        self._got = got
        self._count = 0

    def open(self, encoder: Encoder) -> None: ...

    def write(self, packet: Packet, shift_s: Fraction) -> None:
        self._count += 1
        if self._number < 3 and self._count == 2:
            raise OutputError("flaky", Text.model_validate("cable pulled"))
        self._got.append((self._number, packet, shift_s))

    def close(self) -> None: ...
    def abort(self) -> None: ...
    def interrupt(self) -> None: ...
    def sent_bytes(self) -> int:
        return self._count


def test_a_sender_opens_again_and_again_each_time_at_a_keyframe_from_zero() -> None:
    FlakySink.opened = 0
    encoder = Encoder(SMALL)
    got: list[tuple[int, Packet, Fraction]] = []
    sender = Sender("flaky", "test", lambda: FlakySink(got), encoder, Backlog(), Random(1))
    frame = 0
    while FlakySink.opened < 3 or len(got) < 30:
        sender.offer(packet("video", frame, key=frame % 10 == 0))
        frame += 1
        threading.Event().wait(0.002)
        assert frame < 10_000
    sender.end()
    sender.join(5)
    for number in (1, 2, 3):
        first = next(entry for entry in got if entry[0] == number)
        assert first[1].key
        assert first[1].pts_s + first[2] == 0
    assert sender.health().state == "closed"
    assert sender.health().reconnects == 2


class SurprisingSink(FlakySink):
    """Fails in a way of which a sink's contract says nothing."""

    url = "rtmp://host/app/s3cret"

    def open(self, encoder: Encoder) -> None:
        raise UnicodeError(self.url)


def test_an_error_that_nobody_foresaw_is_tried_again_and_told_without_its_words(
    caplog: pytest.LogCaptureFixture,
) -> None:
    sender = Sender("odd", "test", lambda: SurprisingSink([]), Encoder(SMALL), Backlog(), Random(1))
    sender.offer(packet("video", 0, key=True))
    wait_for(lambda: sender.health().state == "retrying")
    assert "UnicodeError" in sender.health().detail.en
    assert "in open" in caplog.text, "the log says where"
    assert "s3cret" not in caplog.text + str(sender.health().detail)
    sender.end()
    sender.join(5)
    assert sender.health().state == "closed"


def feed(outputs: Outputs, encoder: Encoder, seconds: float, first_frame: int = 0) -> None:
    for packets in encoded(encoder, seconds, first_frame):
        outputs.packets(packets)
    outputs.packets(encoder.finish())
    outputs.close(20)


def test_one_failing_output_does_not_harm_another(tmp_path: Path) -> None:
    encoder = Encoder(SMALL)
    outputs = Outputs(encoder, "", {}, Random(1))
    (tmp_path / "full.mkv").symlink_to("/dev/full")
    outputs.add(FileSpec(id="full", path=tmp_path / "full.mkv"))
    outputs.add(FileSpec(id="odd", path=tmp_path / "a.avi"))
    outputs.add(FileSpec(id="good", path=tmp_path / "a.mkv"))
    for packets in encoded(encoder, 6):
        outputs.packets(packets)
    wait_for(lambda: sum(health.state == "retrying" for health in outputs.health()) == 2)
    details = {health.id: health.detail for health in outputs.health()}
    assert ".mkv" in details["odd"].en
    assert (details["full"].en, details["full"].zh) == ("No space left on device", "磁盘已满")
    outputs.packets(encoder.finish())
    outputs.close(20)
    offsets = offsets_s(tmp_path / "a.mkv")
    assert len(offsets) == 6
    assert max(map(abs, offsets)) < 0.005


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv"])
def test_a_recording_added_late_begins_at_zero_and_in_step(tmp_path: Path, name: str) -> None:
    encoder = Encoder(SMALL)
    outputs = Outputs(encoder, "", {"AIGC": "{}"}, Random(1))
    for n, packets in enumerate(encoded(encoder, 6)):
        outputs.packets(packets)
        if n == 100:
            outputs.add(FileSpec(id="late", path=tmp_path / name))
    outputs.packets(encoder.finish())
    outputs.close(20)
    offsets = offsets_s(tmp_path / name)
    assert len(offsets) == 4, "from the keyframe at two seconds on"
    assert max(map(abs, offsets)) < 0.005
    with av.open(tmp_path / name) as container:
        assert container.start_time < 100_000
        assert container.metadata["AIGC"] == "{}"


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv"])
def test_a_killed_program_leaves_a_recording_that_plays(tmp_path: Path, name: str) -> None:
    code = (
        "import os, sys; from fractions import Fraction; from pathlib import Path\n"
        "from nightcast.air.encoder import Encoder; from nightcast.air.messages import FileSpec\n"
        "from nightcast.air.outputs.file import FileSink; from tests.air.programmes import SMALL, encoded\n"
        "encoder = Encoder(SMALL); sink = FileSink(FileSpec(id='f', path=Path(sys.argv[1])), {})\n"
        "sink.open(encoder)\n"
        "[sink.write(p, Fraction(0)) for group in encoded(encoder, 8) for p in group]\n"
        "os.kill(os.getpid(), 9)\n"
    )
    root = Path(__file__).parents[2]
    environment = {**os.environ, "PYTHONPATH": f"{root / 'engine'}{os.pathsep}{root}"}
    argv = [sys.executable, "-c", code, str(tmp_path / name)]
    assert subprocess.run(argv, env=environment, timeout=60, check=False).returncode == -signal.SIGKILL
    offsets = offsets_s(tmp_path / name)
    assert len(offsets) >= 5
    assert max(map(abs, offsets)) < 0.005


def test_a_recording_of_before_a_restart_is_kept(tmp_path: Path) -> None:
    for _ in range(2):
        encoder = Encoder(SMALL)
        sink = FileSink(FileSpec(id="f", path=tmp_path / "night.mkv"), {})
        sink.open(encoder)
        for group in encoded(encoder, 1):
            for p in group:
                sink.write(p, Fraction(0))
        sink.close()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["night-1.mkv", "night.mkv"]


def test_a_folder_of_a_recordings_name_stays_where_it_is(tmp_path: Path) -> None:
    (tmp_path / "night.mp4").mkdir()
    sink = FileSink(FileSpec(id="f", path=tmp_path / "night.mp4"), {})
    with pytest.raises(OutputError, match="directory"):
        sink.open(Encoder(SMALL))
    assert (tmp_path / "night.mp4").is_dir()


def no_space(*_: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize(
    ("seconds", "kept"),
    [(1, ["night-1.mp4"]), (5, ["night-1.mp4", "night-2.mp4", "night-3.mp4", "night.mp4"])],
    ids=["at once", "after a while"],
)
def test_on_a_full_disk_only_what_had_recorded_for_a_while_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seconds: int, kept: list[str]
) -> None:
    encoder = Encoder(SMALL)
    packets = [p for group in encoded(encoder, seconds) for p in group]
    (tmp_path / "night.mp4").write_bytes(b"of before a restart")
    for _ in range(3):
        sink = FileSink(FileSpec(id="f", path=tmp_path / "night.mp4"), {})
        sink.open(encoder)
        for p in packets:
            sink.write(p, Fraction(0))
        with monkeypatch.context() as patch:
            patch.setattr(muxed, "mux", no_space)
            with pytest.raises(OutputError, match="No space left"):
                sink.write(packets[-1], Fraction(0))
        sink.abort()
    assert sorted(file.name for file in tmp_path.iterdir()) == kept
    assert (tmp_path / "night-1.mp4").read_bytes() == b"of before a restart"


def test_a_finished_mp4_has_its_index_first(tmp_path: Path) -> None:
    encoder = Encoder(SMALL)
    outputs = Outputs(encoder, "", {}, Random(1))
    outputs.add(FileSpec(id="f", path=tmp_path / "a.mp4"))
    feed(outputs, encoder, 3)
    data = (tmp_path / "a.mp4").read_bytes()
    assert 0 < data.index(b"moov") < data.index(b"mdat")
    assert b"moof" not in data


def play_hls(spec: HlsSpec, seconds: float, first_frame: int = 0) -> str:
    """Write some programme; returns the playlist."""
    encoder = Encoder(SMALL, first_frame)
    outputs = Outputs(encoder, "", {}, Random(1))
    outputs.add(spec)
    feed(outputs, encoder, seconds, first_frame)
    return (spec.directory / spec.playlist).read_text()


def segments(playlist: str) -> list[str]:
    return [line for line in playlist.splitlines() if line.endswith(".m4s")]


def test_hls_slides_and_what_it_lists_plays_to_its_end(tmp_path: Path) -> None:
    spec = HlsSpec(id="h", directory=tmp_path / "hls", keep_segments=3)
    playlist = play_hls(spec, 20)
    assert playlist.rstrip().endswith("#EXT-X-ENDLIST")
    assert segments(playlist) == ["live-000007.m4s", "live-000008.m4s", "live-000009.m4s"]
    offsets = offsets_s(str(spec.directory / spec.playlist))
    assert len(offsets) >= 4
    assert max(map(abs, offsets)) < 0.005
    assert len(list(spec.directory.glob("*.m4s"))) <= 7, "old segments go"
    assert not list(spec.directory.glob("*.tmp"))


def test_hls_of_a_killed_air_goes_on_after_a_discontinuity(tmp_path: Path) -> None:
    spec = HlsSpec(id="h", directory=tmp_path, keep_segments=20)
    assert "#EXT-X-DISCONTINUITY\n" not in play_hls(spec, 4)
    kill_playlist(tmp_path / spec.playlist)
    (tmp_path / "live-009999.m4s").write_text("of some earlier run")
    playlist = play_hls(spec, 4, first_frame=4 * FPS)
    assert playlist.count("#EXT-X-DISCONTINUITY\n") == 1
    assert segments(playlist) == [f"live-00000{n}.m4s" for n in range(4)]
    assert sorted(path.name for path in tmp_path.glob("*.m4s")) == segments(playlist)


def test_hls_of_a_night_that_ended_is_not_continued(tmp_path: Path) -> None:
    spec = HlsSpec(id="h", directory=tmp_path, keep_segments=20)
    play_hls(spec, 6)
    playlist = play_hls(spec, 4)
    assert segments(playlist) == ["live-000000.m4s", "live-000001.m4s"]
    assert sorted(path.name for path in tmp_path.glob("*.m4s")) == segments(playlist)


def test_hls_begins_anew_where_a_power_cut_left_no_playlist_but_rubbish(tmp_path: Path) -> None:
    spec = HlsSpec(id="h", directory=tmp_path, keep_segments=20)
    (tmp_path / spec.playlist).write_bytes(b"#EXTM3U\n\xff\xfe\x80")
    assert segments(play_hls(spec, 4)) == ["live-000000.m4s", "live-000001.m4s"]


def test_a_removed_output_closes_well_while_the_others_go_on(tmp_path: Path) -> None:
    encoder = Encoder(SMALL)
    outputs = Outputs(encoder, "", {}, Random(1))
    for name in ("a", "b"):
        outputs.add(FileSpec(id=name, path=tmp_path / f"{name}.mkv"))
    for n, packets in enumerate(encoded(encoder, 4)):
        outputs.packets(packets)
        if n == 60:
            outputs.remove("a")
    assert [health.id for health in outputs.health()] == ["b"]
    outputs.packets(encoder.finish())
    outputs.close(20)
    assert len(offsets_s(tmp_path / "a.mkv")) == 2
    assert len(offsets_s(tmp_path / "b.mkv")) == 4


class MemoryCamera:
    """A backend for pyvirtualcam that keeps frames, and can be unplugged."""

    frames: ClassVar[list[NDArray[np.uint8]]] = []
    broken = False
    absent = False

    def __init__(self, *, width: int, height: int, fps: float, fourcc: int, device: str | None, **_: Any) -> None:
        if MemoryCamera.absent:
            raise RuntimeError("no such device")
        self._device = device or "memory"

    def send(self, frame: NDArray[np.uint8]) -> None:
        if MemoryCamera.broken:
            raise RuntimeError("device lost")
        MemoryCamera.frames.append(frame.copy())

    def close(self) -> None: ...

    def device(self) -> str:
        return self._device

    def native_fourcc(self) -> int | None:
        return None


@pytest.fixture
def memory_camera() -> type[MemoryCamera]:
    pyvirtualcam.register_backend("nightcast_test", MemoryCamera)
    MemoryCamera.frames, MemoryCamera.broken, MemoryCamera.absent = [], False, False
    return MemoryCamera


def test_the_camera_shows_the_picture_and_comes_back_after_its_device_was_lost(
    memory_camera: type[MemoryCamera], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nightcast.air.outputs.device._RETRY_S", 0.02)
    output = CameraOutput(CameraSpec(id="c", backend="nightcast_test", device="cam0"), 320, 180, FPS)
    wait_for(lambda: output.health().state == "on_air")
    red = np.zeros((180, 320, 4), np.uint8)
    red[..., 0] = red[..., 3] = 255
    output.offer_frame(red)
    wait_for(lambda: memory_camera.frames)
    frame = memory_camera.frames[0]
    assert frame.shape == (320 * 180 * 3 // 2,)
    assert abs(int(frame[1000]) - 81) <= 1, "BT.601 limited: red has a luma of 81"
    memory_camera.broken = memory_camera.absent = True
    output.offer_frame(red)
    wait_for(lambda: output.health().state == "unavailable")
    memory_camera.broken = memory_camera.absent = False
    wait_for(lambda: output.health().state == "on_air")
    output.offer_frame(red)
    wait_for(lambda: len(memory_camera.frames) > 1)
    output.end()
    output.join(5)
    assert output.health().state == "closed"
    assert output.health().reconnects == 1


def test_the_camera_gets_alpha_where_it_is_asked_for(memory_camera: type[MemoryCamera]) -> None:
    output = CameraOutput(CameraSpec(id="c", backend="nightcast_test", device="cam0", alpha=True), 320, 180, FPS)
    wait_for(lambda: output.health().state == "on_air")
    half = np.full((180, 320, 4), 128, np.uint8)
    output.offer_frame(half)
    wait_for(lambda: memory_camera.frames)
    output.end()
    output.join(5)
    assert memory_camera.frames[0].size == 320 * 180 * 4
    assert (memory_camera.frames[0] == 128).all()


@pytest.mark.skipif(
    sys.platform != "linux" or bool(list(Path("/dev").glob("video*"))),
    reason="this machine has video devices",
)
def test_a_missing_camera_is_told_with_its_remedy() -> None:
    with pytest.raises(OutputUnavailable, match="modprobe v4l2loopback"):
        open_camera(CameraSpec(id="c"), 320, 180, FPS)


def test_the_window_takes_sound_and_picture_and_closing_it_harms_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    monkeypatch.setenv("SDL_AUDIODRIVER", "dummy")
    ring = FrameRing.create(320, 180)
    window = WindowOutput(WindowSpec(id="w"), ring.name, FPS)
    sound = beeps(1)[:1600]
    for frame in range(20):
        ring.write(frame, picture(frame))
        window.offer_sound(frame, sound)
        threading.Event().wait(0.02)
    assert window.health().state == "on_air"
    window.end()
    window.join(10)
    assert window.health().state == "closed"
    ring.close()
