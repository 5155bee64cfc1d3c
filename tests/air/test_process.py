"""The air process: real time, in step, and unmoved by the death of stage, director or itself."""

from __future__ import annotations

import asyncio
import signal
import statistics
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from pydantic import BaseModel
from tests.air.pattern import FPS, SAMPLES_PER_FRAME, beeps, offsets_s, picture
from tests.air.programmes import SMALL

from nightcast.air import messages as m
from nightcast.air.process import Air, AirRun
from nightcast.process.channel import Joined, Server
from nightcast.process.child import Child, stop
from nightcast.process.shared import ClockPage, ClockReading, FrameRing


def write_wav(path: Path, samples: np.ndarray) -> Path:
    with av.open(path, "w") as container:
        stream = container.add_stream("pcm_s16le", rate=48_000, layout="stereo")
        data = (samples * 32767).astype(np.int16).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(data), format="s16", layout="stereo")
        frame.sample_rate = 48_000
        container.mux(stream.encode(frame))
    return path


@pytest.fixture
def shared() -> Iterator[tuple[ClockPage, FrameRing]]:
    page, ring = ClockPage.create(FPS), FrameRing.create(320, 180)
    yield page, ring
    page.close()
    ring.close()


# --- without a process: time passed in -----------------------------------------------------


class Now:
    s = 100.0

    def __call__(self) -> float:
        return self.s


def make_air(page: ClockPage, ring: FrameRing, now: Now) -> tuple[Air, list[BaseModel]]:
    page.write(ClockReading(0, FPS, now.s, 3, -1))
    sent: list[BaseModel] = []
    return Air(page, ring, SMALL, {}, sent.append, now), sent


def run_frames(air: Air, now: Now, count: int) -> None:
    for _ in range(count):
        now.s += air.clock.wait_s(now.s) + 1e-6
        air.make_frame()


def load_all(air: Air) -> None:
    """Wait for the decoding thread."""
    for item in air._loading:
        item.sound.exception(timeout=10)


def of_kind(sent: list[BaseModel], kind: type[Any]) -> list[Any]:
    return [message for message in sent if isinstance(message, kind)]


def test_clips_are_reported_at_their_samples(shared: tuple[ClockPage, FrameRing], tmp_path: Path) -> None:
    now = Now()
    air, sent = make_air(*shared, now)
    path = write_wav(tmp_path / "a.wav", beeps(0.5)[: SAMPLES_PER_FRAME * 10])
    air.handle(m.PlayClip(id="a", path=path, at=SAMPLES_PER_FRAME * 5 + 7))
    air.handle(m.PlayClip(id="x", path=tmp_path / "absent.wav", at=0))
    load_all(air)
    run_frames(air, now, 20)
    assert of_kind(sent, m.ClipStarted) == [m.ClipStarted(id="a", at=SAMPLES_PER_FRAME * 5 + 7)]
    assert of_kind(sent, m.ClipEnded) == [m.ClipEnded(id="a", at=SAMPLES_PER_FRAME * 15 + 7)]
    assert "absent.wav" in of_kind(sent, m.ClipFailed)[0].reason.en
    assert air.state().ended[0].id == "a"
    air.close()


def test_music_that_cannot_be_played_is_told(shared: tuple[ClockPage, FrameRing], tmp_path: Path) -> None:
    now = Now()
    air, sent = make_air(*shared, now)
    torn = tmp_path / "bed.ogg"
    torn.write_bytes(b"OggS, and no more")
    air.handle(m.SetBed(path=torn))
    load_all(air)
    run_frames(air, now, 1)
    (failed,) = of_kind(sent, m.ClipFailed)
    assert failed.id == "music"
    assert "bed.ogg" in failed.reason.en
    air.close()


def test_a_sound_that_is_cut_off_is_heard_and_told_once(shared: tuple[ClockPage, FrameRing], tmp_path: Path) -> None:
    now = Now()
    air, sent = make_air(*shared, now)
    path = write_wav(tmp_path / "a.wav", beeps(1.0)[:48_000])
    path.write_bytes(path.read_bytes()[:-30_000])
    air.handle(m.PlayClip(id="a", path=path, at=0))
    air.handle(m.PlayClip(id="again", path=path, at=48_000))
    load_all(air)
    run_frames(air, now, 60)
    assert [ended.id for ended in of_kind(sent, m.ClipEnded)] == ["a", "again"]
    assert of_kind(sent, m.ClipTorn) == [m.ClipTorn(path=path)]
    air.close()


def test_a_clip_hushed_while_it_is_decoded_is_never_heard(shared: tuple[ClockPage, FrameRing], tmp_path: Path) -> None:
    now = Now()
    air, sent = make_air(*shared, now)
    path = write_wav(tmp_path / "a.wav", beeps(1))
    air.handle(m.PlayClip(id="a", path=path, at=0))
    air.handle(m.StopClip())
    time.sleep(0.05)
    run_frames(air, now, 10)
    assert of_kind(sent, m.ClipStarted) == []
    air.close()


def test_hush_is_silence_within_two_frames(shared: tuple[ClockPage, FrameRing], tmp_path: Path) -> None:
    now = Now()
    air, sent = make_air(*shared, now)
    air.handle(m.PlayClip(id="a", path=write_wav(tmp_path / "a.wav", np.full((96_000, 2), 0.2)), at=0))
    load_all(air)
    run_frames(air, now, 20)
    air.handle(m.StopClip())
    asked_at = air.state().sample
    run_frames(air, now, 3)
    ended = of_kind(sent, m.ClipEnded)[0]
    assert ended.cut
    assert ended.at - asked_at <= 2 * SAMPLES_PER_FRAME
    air.close()


def test_late_pictures_are_repeated_and_counted_and_sound_never_is(
    shared: tuple[ClockPage, FrameRing],
) -> None:
    now = Now()
    page, ring = shared
    air, sent = make_air(page, ring, now)
    for frame in range(30):
        if frame % 3 == 0:
            ring.write(frame, picture(frame))
        run_frames(air, now, 1)
    stats = of_kind(sent, m.AirStats)[0]
    assert (stats.frames, stats.repeated, stats.lag_frames) == (30, 20, 1)
    assert stats.sample == 48_000
    air.close()


def test_a_night_of_sleep_moves_the_anchor_not_the_sample(shared: tuple[ClockPage, FrameRing]) -> None:
    now = Now()
    air, sent = make_air(*shared, now)
    run_frames(air, now, 10)
    now.s += 3600
    run_frames(air, now, 10)
    reanchored = of_kind(sent, m.ClockReanchored)
    assert len(reanchored) == 1
    assert reanchored[0].at == 10 * SAMPLES_PER_FRAME
    assert reanchored[0].lost_s == pytest.approx(3600, abs=0.1)
    assert air.state().sample == 20 * SAMPLES_PER_FRAME
    air.close()


# --- the process itself --------------------------------------------------------------------


class Stage:
    """Draws the test pattern ahead of the clock, as the stage does."""

    def __init__(self, page: ClockPage, ring: FrameRing) -> None:
        self._page, self._ring = page, ring
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        drawn = -1
        while not self._stop.wait(0.003):
            wanted = self._page.read().frame_to_draw + 2  # further ahead than asked: this machine may be busy
            while drawn < wanted:
                drawn = max(drawn + 1, wanted - 3)
                self._ring.write(drawn, picture(drawn))

    def close(self) -> None:
        self._stop.set()
        self._thread.join()


class Director:
    """The director's end of the socket."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self.heard: list[Any] = []

    def send(self, message: BaseModel) -> None:
        assert self._server.send("air", message)

    async def until(self, kind: type[Any], timeout_s: float = 20) -> Any:
        async with asyncio.timeout(timeout_s):
            async for _, message in self._server:
                self.heard.append(message)
                if isinstance(message, kind):
                    return message
        raise AssertionError(f"the server ended before {kind.__name__} came")
        raise AssertionError(f"the server ended before {kind.__name__} came")


def air_child(tmp_path: Path, page: ClockPage, ring: FrameRing) -> Child:
    plan = AirRun(
        clock=page.name,
        ring=ring.name,
        first_picture_s=0.0,
        socket=tmp_path / "s",
        codec="libx264",
        preset="ultrafast",
        metadata={"AIGC": '{"Label": "1"}'},
    )
    file = tmp_path / "run.json"
    file.write_text(plan.model_dump_json())
    return Child("air", [sys.executable, "-m", "nightcast.air", str(file)], tmp_path / "air.log")


async def test_air_outlives_director_and_stage_and_goes_on_after_its_own_death(
    shared: tuple[ClockPage, FrameRing], tmp_path: Path
) -> None:
    page, ring = shared
    stage = Stage(page, ring)
    air = air_child(tmp_path, page, ring)
    air.start()
    path = tmp_path / "night.mkv"
    output = m.AddOutput(output=m.FileSpec(id="file", path=path))
    sound = write_wav(tmp_path / "beeps.wav", beeps(60))
    play = m.PlayClip(id="beeps", path=sound, at=0, late="join")
    try:
        async with Server(tmp_path / "s", {"air": m.FROM_AIR}) as server:
            director = Director(server)
            await director.until(Joined)
            director.send(output)
            director.send(play)
            await director.until(m.ClipStarted)
            for _ in range(4):
                await director.until(m.AirStats)
        before = page.read().sample
        async with Server(tmp_path / "s", {"air": m.FROM_AIR}) as server:
            director = Director(server)
            state = await director.until(m.AirState)
            assert state.playing == ("beeps",)
            assert state.sample > before, "it went on while there was no director"
            stage.close()
            await director.until(m.AirStats)
            stage = Stage(page, ring)

            air.signal(signal.SIGKILL)
            while air.running:
                await asyncio.sleep(0.01)
            at_death = page.read().sample
            air.start()
            state = await director.until(m.AirState)
            assert state.sample >= at_death, "the clock never goes back"
            director.send(output)
            director.send(play)
            stats = [await director.until(m.AirStats) for _ in range(5)][-1]
            assert stats.outputs[0].state == "on_air"
            assert stats.peak_db > -20
            assert air.silent_s(time.monotonic()) < 5
            air.signal(signal.SIGTERM)
            await director.until(m.AirEnded)
            async with asyncio.timeout(10):
                while air.running:
                    await asyncio.sleep(0.01)
    finally:
        stage.close()
        stop([air])
    assert air.exit_code == 0, air.log_path.read_text()
    recordings = [tmp_path / "night-1.mkv", path]
    for recording in recordings:
        offsets = offsets_s(recording)
        assert offsets
        # The median: on a busy machine this test's stage, not air, may be late for a flash.
        assert statistics.median(map(abs, offsets)) < 1 / FPS, "in step, before and after"


async def test_a_terminated_air_closes_its_files(shared: tuple[ClockPage, FrameRing], tmp_path: Path) -> None:
    page, ring = shared
    air = air_child(tmp_path, page, ring)
    air.start()
    try:
        async with Server(tmp_path / "s", {"air": m.FROM_AIR}) as server:
            director = Director(server)
            await director.until(Joined)
            director.send(m.AddOutput(output=m.FileSpec(id="f", path=tmp_path / "a.mp4")))
            for _ in range(3):
                await director.until(m.AirStats)
    finally:
        await asyncio.to_thread(stop, [air], 10.0)
    assert air.exit_code == 0, air.log_path.read_text()
    data = (tmp_path / "a.mp4").read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")
    with av.open(tmp_path / "a.mp4") as container:
        assert container.metadata["AIGC"] == '{"Label": "1"}'
        assert container.duration / 1e6 > 2
