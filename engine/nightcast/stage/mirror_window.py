"""The mirror's window: the picture as in a mirror, what is worn, and the keys. SDL through pygame; one thread."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from typing import Self

import numpy as np
from numpy.typing import NDArray

from nightcast.stage.errors import WindowError
from nightcast.stage.text import NoFontError, TextStyle, Typesetter

__all__ = ["MirrorWindow"]

_REMEDY = "Without a display, write a file with -o."


class MirrorWindow:
    """Shows pictures of one size. Keys come by name: `1`, `left`, `v`, `escape`; a closed window is `escape`."""

    def __init__(self, size_px: tuple[int, int]) -> None:
        os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
        import pygame

        from nightcast.stage.display import open_display

        self._pygame = pygame
        open_display(_REMEDY)
        try:
            self._screen = pygame.display.set_mode(size_px, pygame.RESIZABLE | pygame.SCALED)
        except pygame.error as error:
            raise WindowError(str(error), _REMEDY) from error
        pygame.display.set_caption("Nightcast")
        self._size_px = size_px
        self._type: Typesetter | None = None
        with contextlib.suppress(NoFontError):  # a mirror without words is still a mirror
            self._type = Typesetter.find_fonts(None, lambda _: None)

    def keys(self) -> Iterator[str]:
        """What was pressed since the last call."""
        for event in self._pygame.event.get():
            if event.type == self._pygame.QUIT:
                yield "escape"
            elif event.type == self._pygame.KEYDOWN:
                yield self._pygame.key.name(event.key).removeprefix("[").removesuffix("]")

    def show(self, pixels: NDArray[np.uint8], *, mirrored: bool, worn: str, help_text: str) -> None:
        """One picture (h, w, 3), with words over it that are never mirrored."""
        shown = np.ascontiguousarray(pixels[:, ::-1] if mirrored else pixels)
        image = self._pygame.image.frombuffer(shown.data, self._size_px, "RGB")
        self._screen.blit(image, (0, 0))
        height = self._size_px[1]
        base = max(height / 36, 11.0)
        bottom = height - 0.6 * base
        for text, size in ((help_text, base * 0.72), (worn, base * 1.25)):
            bottom = self._write(text, size, bottom)
        self._pygame.display.flip()

    def wait_ms(self, duration_ms: int) -> None:
        """Let a video file keep its own time."""
        self._pygame.time.wait(max(duration_ms, 0))

    def close(self) -> None:
        self._pygame.display.quit()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _write(self, text: str, size_px: float, bottom_px: float) -> float:
        """Words above a line; returns where they begin."""
        if not text or self._type is None:
            return bottom_px
        style = TextStyle(size_px, weight=600, shadow_px=size_px / 4, max_lines=2)
        drawn = self._type.set(text, style, self._size_px[0] - 2 * size_px)
        bitmap = drawn.bitmap
        image = self._pygame.image.frombuffer(
            np.ascontiguousarray(bitmap.pixels).data, (bitmap.width_px, bitmap.height_px), "RGBA"
        )
        top = bottom_px - drawn.layout.height_px
        self._screen.blit(
            image,
            (round(size_px) - drawn.padding_px, round(top) - drawn.padding_px),
            special_flags=self._pygame.BLEND_PREMULTIPLIED,
        )
        return top - 0.2 * size_px
