"""The mixer: exact samples, fades, ducking, and a ceiling that holds."""

from __future__ import annotations

import math
import struct
import wave
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nightcast.air import sound
from nightcast.air.errors import SoundError
from nightcast.air.limiter import REACH, Limiter
from nightcast.air.mixer import Ended, Mixer, Started
from nightcast.air.sound import Samples


def constant(count: int, value: float = 0.25) -> Samples:
    return np.full((count, 2), value, np.float32)


def tone(hz: float, count: int, amplitude: float, phase: float = 0.0) -> Samples:
    wave = amplitude * np.sin(2 * np.pi * hz * np.arange(count) / 48_000 + phase)
    return np.stack([wave, wave], 1).astype(np.float32)


def read_all(mixer: Mixer, count: int, block: int = 1600) -> tuple[Samples, list[Started | Ended]]:
    blocks, events = [], []
    while count > 0:
        samples, new = mixer.read(min(block, count))
        blocks.append(samples)
        events += new
        count -= block
    return np.concatenate(blocks), events


def test_a_clip_is_heard_at_exactly_its_sample() -> None:
    mixer = Mixer()
    assert mixer.play("a", constant(1000), at=5001) == 5001
    out, events = read_all(mixer, 8000)
    assert np.flatnonzero(out[:, 0]).tolist() == list(range(5001, 6001))
    assert events == [Started("a", 5001), Ended("a", 6001, cut=False)]


def test_a_late_clip_is_played_whole_from_now_on() -> None:
    mixer = Mixer()
    mixer.read(4800)
    begin = mixer.play("a", constant(1000), at=100)
    assert begin == mixer.head == 4800 + REACH
    out, _ = read_all(mixer, 4800)
    assert np.count_nonzero(out[:, 0]) == 1000


def test_a_late_clip_that_joins_is_where_it_should_be() -> None:
    ramp = np.repeat(np.arange(10_000, dtype=np.float32)[:, None] / 20_000, 2, axis=1)
    mixer = Mixer()
    mixer.read(4800)
    begin = mixer.play("a", ramp, at=1000, join=True)
    assert begin == mixer.head
    out, events = read_all(mixer, 8000)
    assert out[begin - 4800 + 7, 0] == ramp[begin - 1000 + 7, 0]
    assert events[-1] == Ended("a", 11_000, cut=False)
    assert mixer.play("b", ramp, at=0, join=True) is None


def test_speech_stops_within_its_fade_without_a_click() -> None:
    mixer = Mixer()
    mixer.play("a", constant(48_000), at=0)
    mixer.play("s", constant(48_000, 0.1), at=0, bus="sting")
    mixer.read(1600)
    head = mixer.head
    mixer.stop(fade_s=0.02)
    out, events = read_all(mixer, 4800)
    assert events == [Ended("a", head + 960, cut=True)]
    silent_from = head + 960 - 1600
    assert np.allclose(out[silent_from:, 0], 0.1), "the sting goes on"
    assert np.abs(np.diff(out[:, 0])).max() < 0.001


def test_a_clip_stopped_before_it_began_is_never_mentioned() -> None:
    mixer = Mixer()
    mixer.play("a", constant(100), at=9000)
    mixer.stop("a")
    out, events = read_all(mixer, 16_000)
    assert not out.any()
    assert events == []


def test_the_bed_loops_without_a_gap_and_ends_when_told() -> None:
    loop = tone(480, 4800, 0.5)
    mixer = Mixer()
    mixer.set_bed(loop, gain_db=0.0, fade_s=0.01)
    out, _ = read_all(mixer, 14_400)
    expected = np.concatenate([loop, loop, loop])
    assert np.allclose(out[480:], expected[480:], atol=1e-6)
    mixer.set_bed(None, fade_s=0.01)
    out, _ = read_all(mixer, 9600)
    assert not out[4800:].any()


def test_the_bed_is_down_when_a_word_begins_and_comes_back_after_the_last() -> None:
    mixer = Mixer()
    mixer.set_bed(constant(480, 0.5), gain_db=0.0, duck_db=-20.0, fade_s=0.001)
    mixer.play("a", constant(24_000, 0.0), at=48_000)
    out, _ = read_all(mixer, 192_000)
    level = out[:, 0] / 0.5
    assert level[48_000 - 7200] == pytest.approx(1.0, abs=0.01)
    assert level[48_000] == pytest.approx(0.1, abs=0.002)
    assert level[72_000 + 19_200] == pytest.approx(0.1, abs=0.002)
    assert level[72_000 + 19_200 + 38_400] == pytest.approx(1.0, abs=0.01)
    assert np.abs(np.diff(level[480:])).max() < 0.001


def test_a_pause_between_sentences_keeps_the_bed_down() -> None:
    mixer = Mixer()
    mixer.set_bed(constant(480, 0.5), gain_db=0.0, duck_db=-20.0, fade_s=0.001)
    mixer.play("a", constant(24_000, 0.0), at=24_000)
    mixer.play("b", constant(24_000, 0.0), at=60_000)
    out, _ = read_all(mixer, 84_000)
    assert out[24_000:84_000, 0].max() == pytest.approx(0.05, abs=0.001)


@settings(max_examples=25, deadline=None)
@given(sizes=st.lists(st.integers(1, 5000), min_size=1, max_size=12), seed=st.integers(0, 9))
def test_the_result_does_not_depend_on_the_sizes_of_blocks(sizes: list[int], seed: int) -> None:
    def programme() -> Mixer:
        noise = np.random.default_rng(seed).normal(0, 0.7, (9000, 2)).astype(np.float32)
        mixer = Mixer()
        mixer.set_bed(noise[:5000], gain_db=-6)
        mixer.play("a", noise, at=700)
        mixer.play("b", noise, at=12_000, bus="sting")
        return mixer

    total = sum(sizes)
    whole, whole_events = programme().read(total)
    mixer, parts, events = programme(), [], []
    for size in sizes:
        samples, new = mixer.read(size)
        parts.append(samples)
        events += new
    assert np.allclose(np.concatenate(parts), whole, atol=2e-5)
    assert events == whole_events


def true_peak_db(samples: Samples) -> float:
    """As FFmpeg's ebur128 filter measures it: an oracle that is not ours."""
    graph = av.filter.Graph()
    source = graph.add_abuffer(sample_rate=48_000, format="flt", layout="stereo", time_base="1/48000")
    meter = graph.add("ebur128", "peak=true:metadata=1")
    sink = graph.add("abuffersink")
    source.link_to(meter)
    meter.link_to(sink)
    graph.configure()
    frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="flt", layout="stereo")
    frame.sample_rate = 48_000
    graph.push(frame)
    graph.push(None)
    peak = 0.0
    while True:
        try:
            out = graph.pull()
        except (av.BlockingIOError, av.EOFError):
            return 20 * math.log10(max(peak, 1e-9))
        for key, value in out.metadata.items():
            if key.startswith("lavfi.r128.true_peaks_ch"):
                peak = max(peak, float(value))


@pytest.mark.parametrize("hz", [997.0, 6000.0, 11_999.0, 12_000.0])
def test_no_peak_between_samples_passes_minus_one_decibel(hz: float) -> None:
    mixer = Mixer()
    for n in range(3):
        mixer.play(str(n), tone(hz, 48_000, 0.9, phase=math.pi / 4), at=4800)
    out, _ = read_all(mixer, 57_600)
    assert true_peak_db(tone(hz, 48_000, 2.7, phase=math.pi / 4)) > 3
    assert true_peak_db(out) <= -1.0
    assert np.abs(out[20_000:40_000]).max() > 0.6, "it limits, it does not mute"


def test_a_single_full_scale_click_at_the_very_start_is_caught() -> None:
    click = np.zeros((REACH + 4800, 2), np.float32)
    click[0] = 4.0
    out = Limiter().process(click)
    assert np.abs(out).max() <= 10 ** (-1 / 20)


def test_sound_below_the_ceiling_passes_unchanged() -> None:
    mixer = Mixer()
    wave = tone(997, 9600, 0.5)
    mixer.play("a", wave, at=0)
    out, _ = read_all(mixer, 9600)
    assert np.array_equal(out, wave)


@pytest.mark.parametrize("ending", ["wav", "flac", "ogg"])
def test_files_of_any_rate_become_48_khz_stereo(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"voice.{ending}"
    codec = {"wav": "pcm_s16le", "flac": "flac", "ogg": "libopus"}[ending]
    with av.open(path, "w") as container:
        stream = container.add_stream(codec, rate=24_000, layout="mono")
        wave = (0.5 * np.sin(2 * np.pi * 440 * np.arange(24_000) / 24_000) * 32767).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(wave[None], format="s16", layout="mono")
        frame.sample_rate = 24_000
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    samples = sound.load(path).samples
    assert samples.dtype == np.float32
    assert abs(len(samples) - 48_000) < 1000
    assert np.abs(samples).max() == pytest.approx(0.5 / np.sqrt(2), abs=0.04), "as loud as it was, in two channels"
    assert np.array_equal(samples[:, 0], samples[:, 1])


def write_beep(path: Path, codec: str, layout: str = "stereo") -> None:
    """Three seconds."""
    with av.open(path, "w") as container:
        stream = container.add_stream(codec, rate=48_000, layout=layout)
        frames = av.AudioResampler(stream.codec_context.format, layout, 48_000, stream.codec_context.frame_size)
        wave = (9_000 * np.sin(2 * np.pi * 440 * np.arange(144_000) / 48_000)).astype(np.int16)
        beep = av.AudioFrame.from_ndarray(np.stack([wave, wave]).T.reshape(1, -1).copy(), format="s16", layout="stereo")
        beep.sample_rate = 48_000
        for frame in (*frames.resample(beep), *frames.resample(None), None):
            container.mux(stream.encode(frame))


@pytest.mark.parametrize(("name", "codec"), [("a.wav", "pcm_s16le"), ("a.mp3", "libmp3lame"), ("a.ogg", "libopus")])
def test_a_sound_that_is_cut_off_is_known_and_played_as_far_as_it_goes(tmp_path: Path, name: str, codec: str) -> None:
    path = tmp_path / name
    write_beep(path, codec)
    whole = sound.load(path)
    assert not whole.cut_off
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])
    torn = sound.load(path)
    assert torn.cut_off
    assert 48_000 < len(torn.samples) < len(whole.samples)


def test_a_sound_that_was_written_into_a_pipe_is_whole_though_it_does_not_know_its_length(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    write_beep(path, "pcm_s16le")
    told = path.read_bytes()
    path.write_bytes(told[:4] + b"\xff\xff\xff\xff" + told[8:])
    assert not sound.load(path).cut_off


def test_a_file_that_is_no_sound_is_one_clear_error(tmp_path: Path) -> None:
    path = tmp_path / "x.wav"
    path.write_text("hello")
    with pytest.raises(SoundError, match=r"x\.wav"):
        sound.load(path)
    with pytest.raises(SoundError, match="No such file"):
        sound.load(tmp_path / "absent.wav")


def test_a_file_with_values_that_are_no_numbers_does_not_silence_the_night(tmp_path: Path) -> None:
    path = tmp_path / "sting.wav"
    wave = np.full((2, 4800), 0.1, np.float32)
    wave[:, 100], wave[:, 200], wave[:, 300] = np.nan, np.inf, 3e38
    with av.open(path, "w") as container:
        stream = container.add_stream("pcm_f32le", rate=48_000, layout="stereo")
        frame = av.AudioFrame.from_ndarray(wave.T.reshape(1, -1).copy(), format="flt", layout="stereo")
        frame.sample_rate = 48_000
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    mixer = Mixer()
    mixer.play("sting", sound.load(path).samples, 0)
    mixer.play("speech", np.full((48_000, 2), 0.1, np.float32), 9_600)
    heard = np.concatenate([mixer.read(1_600)[0] for _ in range(36)])
    assert np.isfinite(heard).all()
    assert np.abs(heard[50_000:]).max() == pytest.approx(0.1)


def test_a_sound_with_a_title_in_an_old_chinese_encoding_plays(tmp_path: Path) -> None:
    file = tmp_path / "bed.wav"
    with wave.open(str(file), "wb") as plain:
        plain.setparams((1, 2, 48_000, 0, "NONE", ""))
        plain.writeframes(b"\0\1" * 4_800)
    title = "夜市音乐".encode("gbk")
    info = b"INFOINAM" + struct.pack("<I", len(title)) + title
    data = file.read_bytes() + b"LIST" + struct.pack("<I", len(info)) + info
    file.write_bytes(data[:4] + struct.pack("<I", len(data) - 8) + data[8:])
    assert len(sound.load(file).samples) == 4_800
