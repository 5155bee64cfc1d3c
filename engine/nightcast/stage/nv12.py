"""Pictures as encoders take them, made on the device: a graphics card does it in passing, and copies less out.

A processor does it faster outside of OpenGL (`experiments/render-cpu.md`), so only the `gpu` profile asks for this.
"""

from __future__ import annotations

import moderngl

from nightcast.stage.gpu import Gpu, Scope
from nightcast.stage.materials import UNITS
from nightcast.stage.programs import Programs


def fits(size_px: tuple[int, int]) -> bool:
    """Whether a picture of this size can be made: four bytes of a row share a pixel, two rows a row of chroma."""
    return size_px[0] % 4 == 0 and size_px[1] % 2 == 0


class Nv12:
    """Converts pictures of one size, for which `fits` holds."""

    def __init__(self, gpu: Gpu, scope: Scope, programs: Programs, size_px: tuple[int, int]) -> None:
        self._context = gpu.context
        width, height = size_px
        self._bytes = scope.framebuffer([scope.texture((width // 4, height * 3 // 2), 4)])
        self._shader = programs.get("screen.vert", "nv12.frag")
        self._whole = scope.vertex_array(self._shader.program, [])

    def of(self, picture: moderngl.Texture) -> moderngl.Framebuffer:
        """The picture, whose bytes lie as `process.shared.picture_shape` has it. Valid until the next call."""
        self._bytes.use()
        self._context.enable_only(moderngl.NOTHING)
        picture.use(UNITS["t_base"])
        self._whole.render(vertices=3)
        return self._bytes
