"""Screens in the set: images, video files, a gallery of products, the room's chat, as bitmaps over time.

Bitmaps are as wide as `_WIDTH_PX` and have the screen's shape. What a screen shows depends on the time alone, so that
a rendered night is repeatable. One thread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import av
import av.error
from PIL import Image

from nightcast.show.catalog import Product
from nightcast.show.scene import Screen
from nightcast.stage.layers import Bitmap, Rect
from nightcast.stage.overlays.canvas import Canvas, cover
from nightcast.stage.overlays.kit import Kit, legible
from nightcast.stage.state import Comment
from nightcast.stage.text import Span, TextStyle

__all__ = ["ScreenPicture", "Video", "screen_size_px"]

_WIDTH_PX = 768
_SLIDE_S = 6.0
_MOST_BEHIND_S = 2.0  # a film further behind than this jumps
_MOST_AT_ONCE = 300  # pictures; as many as most encoders put between two keyframes


def screen_size_px(screen: Screen) -> tuple[int, int]:
    width_m, height_m = max(screen.size[0], 0.01), max(screen.size[1], 0.01)
    return _WIDTH_PX, min(max(round(_WIDTH_PX * height_m / width_m), 16), 2 * _WIDTH_PX)


class Video:
    """A video file, looped, as the picture of any moment. Raises nothing: a broken file shows its last good picture."""

    def __init__(self, file: Path, warn: Callable[[str], None]) -> None:
        self._file, self._warn = file, warn
        self._container: av.container.InputContainer | None = None
        self._frames: Iterator[av.VideoFrame] = iter(())
        self._shown: tuple[float, Image.Image] | None = None
        self._next: tuple[float, Image.Image] | None = None
        self._loop_s = 0.0
        self._open()

    def at(self, time_s: float) -> Image.Image | None:
        """The picture at `time_s` after the start; call in the order of time."""
        if self._is_far_behind(time_s):
            self._jump(time_s)
        for _ in range(_MOST_AT_ONCE):
            if self._next is None or self._next[0] > time_s:
                break
            self._shown = self._next
            self._next = self._read()
        if self._next is not None and self._is_far_behind(time_s):  # few keyframes, or a rate that cannot be
            self._loop_s += time_s - self._next[0]
            self._next = time_s, self._next[1]
        return self._shown[1] if self._shown else None

    def _is_far_behind(self, time_s: float) -> bool:
        return self._next is not None and time_s - self._next[0] > _MOST_BEHIND_S

    def _jump(self, time_s: float) -> None:
        """To what a moment shows that is far ahead, for a scene that was away or a stage that began in the night.

        To play all that nobody saw would hold the stage up, at worst for as long as the night is old.
        """
        if self._container is None or not self._container.duration:
            return
        self._shown = self._next
        into_s = time_s % (self._container.duration / av.time_base)
        self._loop_s = time_s - into_s
        self._next = self._read(from_s=into_s)

    def close(self) -> None:
        if self._container is not None:
            self._container.close()
            self._container = None

    def _open(self) -> None:
        try:
            self._container = av.open(str(self._file), metadata_errors="replace")
        except (av.error.FFmpegError, OSError) as error:
            self._warn(f"{self._file.name}: cannot be played ({error.strerror or error}); the screen stays dark")
            return
        if not self._container.streams.video:
            self._warn(f"{self._file.name}: holds no picture; the screen stays dark")
            return
        self._frames = self._container.decode(video=0)
        self._next = self._read()

    def _read(self, from_s: float | None = None) -> tuple[float, Image.Image] | None:
        """The next picture and its moment; `from_s` is where in the film to go on, at the keyframe before it."""
        if self._container is None:
            return None
        try:
            if from_s is not None:
                self._seek(self._container, from_s)
            frame = next(self._frames, None)
            if frame is None:
                if self._shown is None:
                    self._warn(f"{self._file.name}: holds no picture that can be shown; the screen stays dark")
                    return None
                # The last picture stands for one picture's time, then the file begins again.
                rate = self._container.streams.video[0].average_rate
                self._loop_s = self._shown[0] + (1 / float(rate) if rate else 1 / 25)
                self._seek(self._container, 0.0)
                frame = next(self._frames, None)
            if frame is None:
                return None
            picture = Image.fromarray(frame.to_ndarray(format="rgb24"))
            return self._loop_s + float(frame.time or 0.0), picture
        except (av.error.FFmpegError, OSError) as error:
            self._warn(
                f"{self._file.name}: broke off while playing ({error.strerror or error}); its last picture stays"
            )
            return None

    def _seek(self, container: av.container.InputContainer, into_s: float) -> None:
        container.seek(round(into_s * av.time_base))
        self._frames = container.decode(video=0)


class ScreenPicture:
    """What one screen shows. `picture(...)` returns the same bitmap for as long as nothing changes."""

    def __init__(self, screen: Screen, kit: Kit, products: Sequence[Product]) -> None:
        self._screen, self._kit, self._products = screen, kit, [p for p in products if p.featured] or list(products)
        self._size = screen_size_px(screen)
        self._kept: tuple[object, Bitmap] | None = None
        file = kit.scene_file.parent / screen.file if kit.scene_file and screen.file else None
        self._video = Video(file, kit.warn) if screen.shows == "video" and file else None

    def picture(self, time_s: float, comments: Sequence[Comment]) -> Bitmap:
        """Straight-alpha sRGB, opaque."""
        if self._video is not None:
            shown = self._video.at(time_s)
            return self._remember(id(shown), lambda: self._covered(shown))
        match self._screen.shows:
            case "chat":
                last = tuple(comments[-6:])
                return self._remember(last, lambda: self._chat(last))
            case "product_gallery" if self._products:
                index = int(time_s / _SLIDE_S) % len(self._products)
                product = self._products[index]
                taken = self._kit.product_picture(product) is not None
                return self._remember((index, taken), lambda: self._product(product))
            case _:
                return self._remember(
                    0, lambda: self._covered(self._kit.picture(self._kit.scene_file, self._screen.file))
                )

    def close(self) -> None:
        if self._video is not None:
            self._video.close()

    def _remember(self, key: object, draw: Callable[[], Bitmap]) -> Bitmap:
        if self._kept is None or self._kept[0] != key:
            self._kept = (key, draw())
        return self._kept[1]

    def _covered(self, picture: Image.Image | None) -> Bitmap:
        canvas = self._blank()
        if picture is not None:
            canvas.paste(cover(picture, *self._size), 0, 0)
        return canvas.sprite().bitmap

    def _blank(self) -> Canvas:
        canvas = Canvas(*self._size)
        canvas.rounded(Rect(0, 0, *self._size), 0, self._kit.palette.surface)
        return canvas

    def _style(self, size_px: float, bold: bool = False, colour: str | None = None, lines: int = 1) -> TextStyle:
        return TextStyle(round(size_px), colour or self._kit.palette.text, 700 if bold else 400, max_lines=lines)

    def _product(self, product: Product) -> Bitmap:
        """A slide: the photograph, or the brand's colour where there is none, with name and price."""
        kit, (width_px, height_px) = self._kit, self._size
        canvas = self._blank()
        picture = kit.product_picture(product)
        if picture is not None:
            canvas.paste(cover(picture, width_px, height_px), 0, 0)
        band_px = round(height_px * 0.3)
        canvas.rounded(Rect(0, height_px - band_px, width_px, band_px), 0, kit.palette.surface, 0.82)
        pad_px = band_px * 0.18
        price = kit.catalog.money(product.price) if kit.catalog else ""
        price_text = kit.type.set(price, self._style(band_px * 0.42, True, kit.palette.price))
        room_px = width_px - price_text.layout.width_px - 3 * pad_px
        name = kit.type.set(product.name.in_language(kit.language), self._style(band_px * 0.26, True, lines=2), room_px)
        middle_px = height_px - band_px / 2
        canvas.text(name, pad_px, middle_px - name.layout.height_px / 2)
        price_left_px = width_px - pad_px - price_text.layout.width_px
        canvas.text(price_text, price_left_px, middle_px - price_text.layout.height_px / 2)
        return canvas.sprite().bitmap

    def _chat(self, comments: Sequence[Comment]) -> Bitmap:
        kit, (width_px, height_px) = self._kit, self._size
        canvas = self._blank()
        size_px, pad_px = height_px / 14, height_px / 18
        bottom_px = height_px - pad_px
        for comment in reversed(comments):
            name = " ".join(comment.user.split())[:16] or "?"
            spans = (
                Span(name, legible(kit.palette.accent, kit.palette.surface), 700),
                Span("  " + " ".join(comment.text.split())[:140]),
            )
            text = kit.type.set(spans, self._style(size_px, lines=2), width_px - 2 * pad_px)
            bottom_px -= text.layout.height_px + pad_px * 0.4
            if bottom_px < pad_px / 2:
                break
            canvas.text(text, pad_px, bottom_px)
        return canvas.sprite().bitmap
