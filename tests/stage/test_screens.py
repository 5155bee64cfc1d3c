"""What screens in the set show over time."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from nightcast.show.catalog import Catalog
from nightcast.show.scene import Palette, Screen
from nightcast.stage.overlays import Kit, Page
from nightcast.stage.screens import ScreenPicture, Video, screen_size_px
from nightcast.stage.state import Comment
from nightcast.stage.text import Typesetter

CATALOG = Catalog.model_validate(
    {
        "brand": "B",
        "products": [
            {"id": i, "name": i, "kind": "x", "price": 100, "as_of": "2026-11-01", "featured": i != "c"} for i in "abc"
        ],
    }
)


@pytest.fixture
def warnings() -> list[str]:
    return []


def screen_picture(typesetter: Typesetter, folder: Path, warnings: list[str], **fields: object) -> ScreenPicture:
    kit = Kit(
        Page(1280, 720), typesetter, Palette(), "en", warnings.append, CATALOG, folder / "s.yaml", folder / "c.yaml"
    )
    return ScreenPicture(Screen.model_validate({"at": [0, 1, 0], **fields}), kit, CATALOG.products)


def write_video(file: Path, frames: int = 10) -> None:
    with av.open(str(file), "w") as container:
        stream = container.add_stream("mpeg4", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 36, "yuv420p"
        for i in range(frames):
            picture = av.VideoFrame.from_ndarray(np.full((36, 64, 3), 20 + 20 * i, np.uint8), format="rgb24")
            container.mux(stream.encode(picture))
        container.mux(stream.encode())


def test_a_screen_s_picture_has_its_shape() -> None:
    assert screen_size_px(Screen.model_validate({"at": [0, 0, 0], "size": [1.6, 0.9]})) == (768, 432)


def test_a_gallery_goes_through_the_featured_products(
    typesetter: Typesetter, tmp_path: Path, warnings: list[str]
) -> None:
    gallery = screen_picture(typesetter, tmp_path, warnings)
    keys = [gallery.picture(at_s, ()).key for at_s in (0.0, 5.9, 6.1, 11.9, 12.1)]
    assert keys[0] == keys[1] != keys[2] == keys[3]
    assert keys[4] not in keys[:4]


def test_a_chat_is_drawn_again_only_when_somebody_speaks(
    typesetter: Typesetter, tmp_path: Path, warnings: list[str]
) -> None:
    chat = screen_picture(typesetter, tmp_path, warnings, shows="chat")
    said = [Comment("a", "hello", 0.0)]
    first = chat.picture(1.0, said)
    assert chat.picture(2.0, said).key == first.key
    assert chat.picture(3.0, [*said, Comment("b", "hi", 2.5)]).key != first.key


def test_an_image_fills_the_screen(typesetter: Typesetter, tmp_path: Path, warnings: list[str]) -> None:
    Image.new("RGB", (100, 100), (0, 200, 0)).save(tmp_path / "p.png")
    pixels = screen_picture(typesetter, tmp_path, warnings, shows="image", file="p.png").picture(0.0, ()).pixels
    assert (pixels == (0, 200, 0, 255)).all()


def test_a_video_plays_in_time_and_begins_again(tmp_path: Path, warnings: list[str]) -> None:
    write_video(tmp_path / "v.mp4")
    video = Video(tmp_path / "v.mp4", warnings.append)

    def level(at_s: float) -> int:
        picture = video.at(at_s)
        assert picture is not None
        return int(np.asarray(picture).mean())

    early, later = level(0.05), level(0.55)
    assert later > early + 60
    assert level(0.95) > later
    assert abs(level(1.05) - early) < 30
    video.close()
    assert warnings == []


def test_a_film_is_where_it_should_be_however_old_the_night_is(tmp_path: Path, warnings: list[str]) -> None:
    """Playing all that was missed would hold up a stage that is restarted in the night until it is killed for it."""
    write_video(tmp_path / "v.mp4")
    decoded = 0

    class Watched(Video):
        def _read(self, from_s: float | None = None) -> tuple[float, Image.Image] | None:
            nonlocal decoded
            decoded += 1
            return super()._read(from_s)

    def level(picture: Image.Image | None) -> int:
        assert picture is not None
        return int(np.asarray(picture).mean())

    played, late = Video(tmp_path / "v.mp4", warnings.append), Watched(tmp_path / "v.mp4", warnings.append)
    early, later = level(played.at(0.05)), level(played.at(0.55))
    assert abs(level(late.at(8 * 3600 + 0.55)) - later) < 15
    assert abs(level(late.at(8 * 3600 + 1.05)) - early) < 15
    assert abs(level(late.at(9 * 3600 + 0.55)) - later) < 15
    assert decoded < 60
    assert warnings == []


def test_a_broken_video_leaves_the_screen_dark_and_says_so(
    typesetter: Typesetter, tmp_path: Path, warnings: list[str]
) -> None:
    (tmp_path / "v.mp4").write_bytes(b"no film")
    screen = screen_picture(typesetter, tmp_path, warnings, shows="video", file="v.mp4")
    assert screen.picture(0.0, ()).key == screen.picture(9.0, ()).key
    assert "v.mp4" in warnings[0]


def _cut_off(file: Path) -> None:
    write_video(file)
    file.write_bytes(file.read_bytes()[:400])


def _sound_alone(file: Path) -> None:
    with av.open(str(file), "w") as container:
        stream = container.add_stream("aac", rate=48_000)
        silence = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
        silence.sample_rate = 48_000
        container.mux([*stream.encode(silence), *stream.encode(None)])


@pytest.mark.parametrize(
    ("make", "why"), [(_cut_off, r"cannot be played \(Invalid data"), (_sound_alone, "holds no picture;")]
)
def test_what_is_no_film_is_told_once_and_in_words(
    tmp_path: Path, warnings: list[str], make: Callable[[Path], None], why: str
) -> None:
    make(tmp_path / "v.mp4")
    video = Video(tmp_path / "v.mp4", warnings.append)
    assert [video.at(time_s) for time_s in (0.0, 1.0)] == [None, None]
    (told,) = warnings
    assert re.match(f"v.mp4: {why}", told)
