"""Depth of field: what is not in focus gets soft. Costs nothing where a shot does not ask for it.

What stands still is softened once and kept with the set's picture, so that a host in focus before a soft street is as
cheap as before. What moves *and* is out of focus (the host behind a product that fills the picture) is drawn small and
alone, spread, and laid over the set: its outline is soft without a halo, and it costs less than it would sharp.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import moderngl

from nightcast.stage.drawlist import Item
from nightcast.stage.gpu import Gpu, Scope
from nightcast.stage.materials import UNITS
from nightcast.stage.optics import Box, Optics, SoftThing
from nightcast.stage.programs import Programs, Shader
from nightcast.stage.targets import Target

#: The parts of the picture's size at which softness is worked out, for what stands still and for what moves.
STILL_SHRINK, THING_SHRINK = 4, 3

STILL_TAPS, THING_TAPS = 32, 20

#: Draws parts into a target whose depth holds the set.
Draw = Callable[[Sequence[Item], moderngl.Framebuffer], None]


class Lens:
    """Softens pictures of one size. Made when a shot first asks for it."""

    def __init__(self, gpu: Gpu, scope: Scope, programs: Programs, size_px: tuple[int, int], samples: int) -> None:
        self._context = gpu.context
        self._size_px = size_px
        #: The still picture, softened, with its own depth.
        self._soft_still = Target(scope, size_px, samples)
        self._resolved = Target(scope, size_px) if samples else None
        self._small, self._spread = (_part(scope, size_px, STILL_SHRINK) for _ in range(2))
        self._thing = Target(scope, _shrunk(size_px, THING_SHRINK))
        self._set_behind = Target(scope, _shrunk(size_px, THING_SHRINK))
        #: Of both, the depth alone.
        self._thing_depth, self._behind_depth = (
            scope.framebuffer(depth=target.depth.drawn) for target in (self._thing, self._set_behind)
        )
        self._layer = _part(scope, size_px, THING_SHRINK)
        shaders = [
            programs.get("screen.vert", "lens_still.frag", {"GATHER"}),
            programs.get("screen.vert", "lens_still.frag", {"SPREAD", f"TAPS {STILL_TAPS}"}),
            programs.get("screen.vert", "lens_still.frag"),
            programs.get("screen.vert", "lens_layer.frag", {f"TAPS {THING_TAPS}"}),
            programs.get("lens_layer.vert", "copy.frag"),
            programs.get("screen.vert", "lens_depth.frag"),
        ]
        self._gather, self._spread_still, self._over_still, self._spread_thing, self._over, self._depth = shaders
        self._arrays = {shader: scope.vertex_array(shader.program, []) for shader in shaders}

    def soften_still(self, bare: Target, optics: Optics) -> Target:
        """What stands still, as this lens sees it: colour, and depth as it was. Valid until the next call."""
        self._context.copy_framebuffer(self._soft_still.surface, bare.surface)
        source = bare if self._resolved is None else self._resolved
        if self._resolved is not None:
            self._context.copy_framebuffer(self._resolved.surface, bare.surface)
        for shader in (self._gather, self._spread_still, self._over_still):
            shader.set("u_depth", optics.depth_scale, optics.depth_offset)
            shader.set("u_focus", *optics.focus_m, optics.far_px, optics.most_px)
            shader.set("u_pixel", 1 / self._size_px[0], 1 / self._size_px[1])
        self._context.enable_only(moderngl.NOTHING)
        self._take_depth(source, self._behind_depth)  # hides things behind the set, while that stands still
        self._fill(self._gather, source.color.seen, self._small[1])
        self._fill(self._spread_still, self._small[0], self._spread[1])
        self._context.enable_only(moderngl.BLEND)
        self._context.blend_func = moderngl.ONE, moderngl.ONE_MINUS_SRC_ALPHA
        self._spread[0].use(UNITS["t_soft"])
        self._fill(self._over_still, self._spread[0], self._soft_still.color_only)
        self._soft_still.mark()
        return self._soft_still

    def _take_depth(self, source: Target, into: moderngl.Framebuffer) -> None:
        """Draw the depth of `source` at the size of things. Not copied: a pass that looks at the last may wait yet."""
        source.depth.seen.use(UNITS["t_depth"])
        self._context.enable_only(moderngl.DEPTH_TEST)
        self._context.depth_func = "1"  # always
        into.use()
        self._arrays[self._depth].render(vertices=3)
        self._context.depth_func = "<="
        self._context.enable_only(moderngl.NOTHING)

    def add(self, thing: SoftThing, target: moderngl.Framebuffer, draw: Draw) -> int:
        """Draw a soft thing into a picture; returns the number of draw calls besides its own parts'."""
        self._take_depth(self._set_behind, self._thing_depth)
        self._thing.color_only.clear(0.0, 0.0, 0.0, 0.0)
        draw(thing.items, self._thing.surface)
        self._context.enable_only(moderngl.NOTHING)
        width, height = self._size_px
        self._spread_thing.set("u_reach", thing.radius_px / width, thing.radius_px / height)
        self._fill(self._spread_thing, self._thing.color.seen, self._layer[1], _inside(thing.box, THING_SHRINK))
        self._context.enable_only(moderngl.BLEND | moderngl.DEPTH_TEST)
        self._context.blend_func = moderngl.ONE, moderngl.ONE_MINUS_SRC_ALPHA
        self._over.set("u_at_depth", thing.depth)
        target.depth_mask = False
        self._fill(self._over, self._layer[0], target, thing.box)
        target.depth_mask = True
        return 2

    def _fill(
        self, shader: Shader, picture: moderngl.Texture, target: moderngl.Framebuffer, box: Box | None = None
    ) -> None:
        """Run a shader over a target, or a box of it; what it reads lies in `t_base`."""
        picture.use(UNITS["t_base"])
        target.scissor = box or (0, 0, target.width, target.height)
        target.use()
        self._arrays[shader].render(vertices=3)
        target.scissor = 0, 0, target.width, target.height


def _shrunk(size_px: tuple[int, int], by: int) -> tuple[int, int]:
    return max(1, size_px[0] // by), max(1, size_px[1] // by)


def _part(scope: Scope, size_px: tuple[int, int], by: int) -> tuple[moderngl.Texture, moderngl.Framebuffer]:
    made = scope.canvas(_shrunk(size_px, by))
    made.seen.repeat_x = made.seen.repeat_y = False
    made.seen.filter = (moderngl.LINEAR, moderngl.LINEAR)
    return made.seen, scope.framebuffer([made.drawn])


def _inside(box: Box, by: int) -> Box:
    """A box of the whole picture in a smaller one, rounded outwards."""
    left, top, width, height = box
    return left // by, top // by, -(-width // by) + 1, -(-height // by) + 1
