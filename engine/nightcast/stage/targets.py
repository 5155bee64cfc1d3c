"""Where pictures are drawn: colour and depth of one size, and the ring of pictures in flight.

Row 0 of every target is the picture's top row.
"""

from __future__ import annotations

import math

import moderngl
import numpy as np
from numpy.typing import NDArray

from nightcast.gltf.records import F32
from nightcast.process.shared import Layout
from nightcast.stage.frame import Frame
from nightcast.stage.gpu import Canvas, Scope

#: A depth of 1 in 24 bits.
_FAR = 0xFFFFFF


class Target:
    """Colour and depth that the scene is drawn into."""

    def __init__(self, scope: Scope, size_px: tuple[int, int], samples: int = 0) -> None:
        self.color = _color(scope, size_px, samples)
        self.depth = scope.canvas(size_px, depth=True, samples=samples)
        if not samples:
            self.depth.seen.compare_func = ""
            self.depth.seen.filter = (moderngl.NEAREST, moderngl.NEAREST)
        self.surface = scope.framebuffer([self.color.drawn], self.depth.drawn)
        self.color_only = scope.framebuffer([self.color.drawn])
        self._gpu = scope.gpu
        self._there = scope.fence()

    def mark(self) -> None:
        """Say that all that belongs into the picture was asked for."""
        self._there.set()

    def wait(self, most_s: float = math.inf) -> bool:
        """Until the picture that was marked is there, at most so long. False where it is not yet."""
        return self._there.wait(most_s)

    @property
    def shared(self) -> bool:
        """Whether its bytes can be had."""
        return self.color.rows is not None and self.depth.rows is not None

    def clear(self, color: tuple[float, float, float]) -> None:
        """Make it one colour, opaque and far away."""
        if self.shared:
            self.wait()
            red, green, blue = (round(255 * min(max(part, 0.0), 1.0)) for part in color)
            self.color.fill(red | green << 8 | blue << 16 | 255 << 24)
            self.depth.fill(_FAR)
        else:
            self.surface.use()
            self.surface.clear(*color, 1.0, depth=1.0)

    def fill(self, source: Target, *, depth: bool = True) -> None:
        """Take the colour of another of this size, and its depth, as they were marked."""
        if self.shared and source.shared:
            self.wait()
            source.wait()
            self.color.copy(source.color)
            if depth:
                self.depth.copy(source.depth)
        elif depth:
            self._gpu.context.copy_framebuffer(self.surface, source.surface)
        else:
            self._gpu.context.copy_framebuffer(self.color_only, source.color_only)


class Slot:
    """One picture in flight: the scene as drawn, and what becomes of it."""

    def __init__(
        self,
        scope: Scope,
        drawn_px: tuple[int, int],
        size_px: tuple[int, int],
        samples: int,
        *,
        pixel_buffers: bool,
    ) -> None:
        self.scene = Target(scope, drawn_px, samples)
        self.resolved = self.scene if not samples else Target(scope, drawn_px)
        #: The scene with smooth edges, and the same over the scene's depth.
        self.smooth = _color(scope, drawn_px)
        self.smooth_only = scope.framebuffer([self.smooth.drawn])
        self.over_scene = scope.framebuffer([self.smooth.drawn], self.resolved.depth.drawn)
        #: What is delivered: the smooth scene itself, or a picture of another size.
        self.scaled = drawn_px != size_px
        self.picture = _color(scope, size_px) if self.scaled else self.smooth
        self.delivered = scope.framebuffer([self.picture.drawn]) if self.scaled else self.smooth_only
        #: How its bytes are wanted.
        self.layout: Layout = "rgba"
        #: The frame that is in this slot; None when the slot is free.
        self.frame: Frame | None = None
        #: The block `Scene` it was drawn with.
        self.numbers = b""
        #: (2n, 3) world positions of the lines to smooth.
        self.lines: F32 = np.zeros((0, 3), np.float32)
        self.composed = self.fetched = False
        self._there = scope.fence()
        room = size_px[0] * size_px[1] * 4
        self._pixels = scope.buffer(reserve=room) if pixel_buffers else bytearray(room)

    def take(self, frame: Frame, layout: Layout) -> None:
        """Begin a picture here, when the device has left the one before, which may have been given up."""
        self.scene.wait()
        self._there.wait()
        self.frame, self.layout = frame, layout
        self.composed = self.fetched = False

    def mark(self) -> None:
        """Say that all that belongs into the finished picture was asked for."""
        self._there.set()
        self.composed = True

    def wait(self, most_s: float) -> bool:
        """Until the picture is there, or the scene where no more was asked for yet, at most so long. False: not yet."""
        return self._there.wait(most_s) if self.composed else self.scene.wait(most_s)

    def fetch(self, bytes_of: moderngl.Framebuffer) -> None:
        """Copy the finished picture out of `bytes_of`; with pixel buffers, the device is only told to."""
        if self._rows is None:
            bytes_of.read_into(self._pixels, components=4, alignment=1)
        self.fetched = True

    def read(self, into: memoryview) -> None:
        """Put the first bytes of what was fetched into `into`, as many as that takes."""
        if self._rows is not None:
            self._there.wait()
            np.frombuffer(into, np.uint8).reshape(self._rows.shape)[:] = self._rows
        elif isinstance(self._pixels, bytearray):
            into[:] = memoryview(self._pixels)[: len(into)]
        else:
            self._pixels.read_into(into, len(into))

    @property
    def _rows(self) -> NDArray[np.uint8] | None:
        """(h, w · 4) the delivered picture's own bytes, where they can be had as they are."""
        return self.picture.rows if self.layout == "rgba" else None


def _color(scope: Scope, size_px: tuple[int, int], samples: int = 0) -> Canvas:
    made = scope.canvas(size_px, samples=samples)
    if not samples:
        made.seen.filter = (moderngl.LINEAR, moderngl.LINEAR)
        made.seen.repeat_x = made.seen.repeat_y = False
    return made
