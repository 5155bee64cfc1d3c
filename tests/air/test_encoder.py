"""The encoder: right colours, right flags, bounded delay, equal bytes where asked."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import av
import numpy as np
import pytest
from tests.air.pattern import FPS, SAMPLES_PER_FRAME, beeps, offsets_s, picture
from tests.air.programmes import SMALL, encoded

from nightcast.air.encoder import Encoder, EncoderSettings
from nightcast.air.errors import EncoderError, OutputError
from nightcast.air.unpaced import UnpacedAir


def bt709_limited(rgb: tuple[int, int, int]) -> tuple[float, float, float]:
    """ITU-R BT.709-6, items 3.2 to 3.4, 8 bit."""
    r, g, b = (channel / 255 for channel in rgb)
    y = 0.2126 * r + 0.7152 * g + 0.0722 * b
    return 16 + 219 * y, 128 + 224 * (b - y) / 1.8556, 128 + 224 * (r - y) / 1.5748


@pytest.mark.parametrize("rgb", [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255), (0, 0, 0), (200, 60, 30)])
def test_colours_are_bt709_limited_within_one_step(rgb: tuple[int, int, int]) -> None:
    pixels = np.full((180, 320, 4), 255, np.uint8)
    pixels[..., :3] = rgb
    planes = Encoder(SMALL).convert(pixels).to_ndarray()
    got = planes[90, 160], planes[180 + 20, 80], planes[180 + 45 + 20, 80]
    assert np.abs(np.array(got, float) - bt709_limited(rgb)).max() <= 1


def test_the_delay_is_bounded_and_keyframes_come_every_two_seconds() -> None:
    encoder = Encoder(dataclasses.replace(SMALL, preset="veryfast"))
    keys, newest = [], -1
    for frame, packets in enumerate(encoded(encoder, 5)):
        for packet in packets:
            if packet.stream == "video":
                newest = max(newest, packet.pts)
                if packet.key:
                    keys.append(packet.pts)
        assert frame - newest <= 20
    assert keys == [0, 60, 120][: len(keys)]
    assert len(keys) >= 2


def test_timestamps_are_those_of_the_programme() -> None:
    encoder = Encoder(SMALL, first_frame=9000)
    packets = [p for group in encoded(encoder, 2, first_frame=9000) for p in group] + encoder.finish()
    assert min(p.pts for p in packets if p.stream == "video") == 9000
    sound = sorted(p.pts for p in packets if p.stream == "audio")
    assert sound[:2] == [9000 * 1600 - 1024, 9000 * 1600], "one packet of priming comes before"


def test_an_odd_size_is_refused() -> None:
    with pytest.raises(EncoderError, match="even"):
        Encoder(EncoderSettings(321, 180))


def render(path: Path, seconds: float = 3) -> None:
    air = UnpacedAir(path, SMALL, {"comment": "AIGC"})
    air.mixer.play("beeps", beeps(seconds), 0)
    for frame in range(round(seconds * FPS)):
        air.write(picture(frame))
    air.close()


def test_a_file_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    target = tmp_path / "file" / "night.mp4"
    with pytest.raises(OutputError, match=f"^{target}: "):
        UnpacedAir(target, SMALL)


def test_rendering_twice_gives_the_same_bytes_in_step_and_labelled(tmp_path: Path) -> None:
    render(tmp_path / "a.mp4")
    render(tmp_path / "b.mp4")
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()
    assert max(map(abs, offsets_s(tmp_path / "a.mp4"))) < 0.002
    with av.open(tmp_path / "a.mp4") as container:
        video, audio = container.streams.video[0], container.streams.audio[0]
        context = video.codec_context
        assert (context.width, context.height, context.pix_fmt) == (320, 180, "yuv420p")
        assert (context.color_range, context.colorspace) == (1, 1)
        assert video.average_rate == FPS
        assert (audio.codec_context.name, audio.rate) == ("aac", 48_000)
        assert container.metadata["comment"] == "AIGC"


def test_a_frames_sound_has_the_length_of_the_frame() -> None:
    encoder = Encoder(SMALL)
    packets = [p for group in encoded(encoder, 4) for p in group] + encoder.finish()
    samples = sum(p.duration for p in packets if p.stream == "audio")
    assert 4 * FPS * SAMPLES_PER_FRAME <= samples < 4 * FPS * SAMPLES_PER_FRAME + 2048
