"""Glow around bright places. Made when a scene first asks for it: its passes and pictures cost, and most do not."""

from __future__ import annotations

import moderngl

from nightcast.stage.gpu import Gpu, Scope
from nightcast.stage.materials import UNITS
from nightcast.stage.programs import Programs, Shader

#: The glow is worked out at this part of the picture's size.
SHRINK = 4


class Glow:
    """Two small pictures, and the passes between them."""

    def __init__(self, gpu: Gpu, scope: Scope, programs: Programs, size_px: tuple[int, int]) -> None:
        self._context = gpu.context
        self._size_px = max(1, size_px[0] // SHRINK), max(1, size_px[1] // SHRINK)
        canvases = [scope.canvas(self._size_px) for _ in range(2)]
        self._pictures = [canvas.seen for canvas in canvases]
        self._targets = [scope.framebuffer([canvas.drawn]) for canvas in canvases]
        for picture in self._pictures:
            picture.filter = (moderngl.LINEAR, moderngl.LINEAR)
            picture.repeat_x = picture.repeat_y = False
        self._gather = programs.get("screen.vert", "glow.frag", {"GATHER"})
        self._spread = programs.get("screen.vert", "glow.frag", {"SPREAD"})
        self._add = programs.get("screen.vert", "glow.frag")
        self._arrays = {
            shader: scope.vertex_array(shader.program, []) for shader in (self._gather, self._spread, self._add)
        }

    def draw(self, picture: moderngl.Texture, target: moderngl.Framebuffer, strength: float) -> int:
        """Add the glow of `picture` to `target`, which may hold it; returns the number of draw calls."""
        self._context.enable_only(moderngl.NOTHING)
        one, other = range(2)
        self._pass(self._gather, picture, self._targets[one])
        self._spread.set("u_step", 1 / self._size_px[0], 0.0)
        self._pass(self._spread, self._pictures[one], self._targets[other])
        self._spread.set("u_step", 0.0, 1 / self._size_px[1])
        self._pass(self._spread, self._pictures[other], self._targets[one])
        self._context.enable_only(moderngl.BLEND)
        self._context.blend_func = moderngl.ONE, moderngl.ONE
        self._add.set("u_strength", strength)
        self._pass(self._add, self._pictures[one], target)
        return 4

    def _pass(self, shader: Shader, picture: moderngl.Texture, target: moderngl.Framebuffer) -> None:
        target.use()
        picture.use(UNITS["t_base"])
        self._arrays[shader].render(vertices=3)
