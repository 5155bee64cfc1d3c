"""Where pictures are drawn: colour and depth of one size, and the ring of pictures in flight.

Row 0 of every target is the picture's top row.
"""

from __future__ import annotations

import moderngl
import numpy as np

from nightcast.gltf.records import F32
from nightcast.process.shared import Layout
from nightcast.stage.frame import Frame
from nightcast.stage.gpu import Scope


class Target:
    """Colour and depth that the scene is drawn into."""

    def __init__(self, scope: Scope, size_px: tuple[int, int], samples: int = 0) -> None:
        self.color = scope.texture(size_px, 4, samples=samples)
        self.depth = scope.depth_texture(size_px, samples=samples)
        if not samples:
            self.color.filter = (moderngl.LINEAR, moderngl.LINEAR)
            self.color.repeat_x = self.color.repeat_y = False
            self.depth.compare_func = ""
            self.depth.filter = (moderngl.NEAREST, moderngl.NEAREST)
        self.surface = scope.framebuffer([self.color], self.depth)
        self.color_only = scope.framebuffer([self.color])


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
        self.smooth = scope.texture(drawn_px, 4)
        self.smooth.filter = (moderngl.LINEAR, moderngl.LINEAR)
        self.smooth.repeat_x = self.smooth.repeat_y = False
        self.smooth_only = scope.framebuffer([self.smooth])
        self.over_scene = scope.framebuffer([self.smooth], self.resolved.depth)
        #: What is delivered: the smooth scene itself, or a picture of another size.
        self.scaled = drawn_px != size_px
        self.picture = scope.texture(size_px, 4) if self.scaled else self.smooth
        self.delivered = scope.framebuffer([self.picture]) if self.scaled else self.smooth_only
        #: How its bytes are wanted.
        self.layout: Layout = "rgba"
        #: The frame that is in this slot; None when the slot is free.
        self.frame: Frame | None = None
        #: The block `Scene` it was drawn with.
        self.numbers = b""
        #: (2n, 3) world positions of the lines to smooth.
        self.lines: F32 = np.zeros((0, 3), np.float32)
        self.composed = self.fetched = False
        room = size_px[0] * size_px[1] * 4
        self._pixels = scope.buffer(reserve=room) if pixel_buffers else bytearray(room)

    def take(self, frame: Frame, layout: Layout) -> None:
        """Begin a picture here."""
        self.frame, self.layout = frame, layout
        self.composed = self.fetched = False

    def fetch(self, bytes_of: moderngl.Framebuffer) -> None:
        """Copy the finished picture out of `bytes_of`; with pixel buffers, the device is only told to."""
        bytes_of.read_into(self._pixels, components=4, alignment=1)
        self.fetched = True

    def read(self, into: memoryview) -> None:
        """Put the first bytes of what was fetched into `into`, as many as that takes."""
        if isinstance(self._pixels, bytearray):
            into[:] = memoryview(self._pixels)[: len(into)]
        else:
            self._pixels.read_into(into, len(into))
