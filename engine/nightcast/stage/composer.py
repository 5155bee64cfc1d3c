"""From a drawn scene to the delivered picture: smoothed edges, the mix with a held picture, effects, overlays."""

from __future__ import annotations

import moderngl
import numpy as np

from nightcast.gltf.records import F32
from nightcast.stage.frame import Mix
from nightcast.stage.glow import Glow
from nightcast.stage.gpu import Gpu, Scope
from nightcast.stage.layer_pass import BitmapTextures, LayerPass
from nightcast.stage.lights import SCENE_BLOCK
from nightcast.stage.materials import UNITS
from nightcast.stage.programs import BLOCKS, Programs
from nightcast.stage.targets import Slot, Target

MIX_KINDS = {"dissolve": 0.0, "dip": 1.0, "wipe": 2.0, "zoom": 3.0}


class Composer:
    """Finishes pictures. Holds one picture for transitions."""

    def __init__(
        self, gpu: Gpu, scope: Scope, programs: Programs, size_px: tuple[int, int], bitmaps: BitmapTextures
    ) -> None:
        self._gpu = gpu
        self._context = gpu.context
        self._scope = scope
        self._programs = programs
        self._glow: Glow | None = None
        self._size_px = size_px
        self._edge = programs.get("edge.vert", "edge.frag")
        self._enlarge = programs.get("screen.vert", "copy.frag")
        self._mix = programs.get("screen.vert", "mix.frag")
        self._arrays = {shader: scope.vertex_array(shader.program, []) for shader in (self._enlarge, self._mix)}
        self._lines = scope.buffer(reserve=64 * 1024)
        self._line_array = scope.vertex_array(self._edge.program, [(self._lines, "3f", "in_position")])
        self._layers = LayerPass(scope, programs, bitmaps)
        self._numbers = scope.buffer(reserve=SCENE_BLOCK.itemsize)
        self._held = scope.texture(size_px, 4)
        self._held_surface = scope.framebuffer([self._held])

    def compose(self, slot: Slot) -> int:
        """Make the slot's picture; returns the number of draw calls."""
        assert slot.frame is not None
        calls = self._without_layers(slot)
        calls += self._layers.draw(self._context, slot.frame.layers, self._size_px)
        slot.mark()
        return calls

    def hold(self, slot: Slot) -> None:
        """Keep the slot's picture, without its overlays, to be mixed into those that follow."""
        self._without_layers(slot)
        self._context.copy_framebuffer(self._held_surface, slot.delivered)

    def _without_layers(self, slot: Slot) -> int:
        frame = slot.frame
        assert frame is not None
        if slot.resolved is not slot.scene:
            self._context.copy_framebuffer(slot.resolved.surface, slot.scene.surface)
        if slot.scene.shared:
            slot.scene.wait()
            slot.smooth.copy(slot.scene.color)
        else:
            self._context.copy_framebuffer(slot.smooth_only, slot.resolved.color_only)
        calls = self._smooth(slot)
        if slot.scaled:
            slot.delivered.use()
            self._context.enable_only(moderngl.NOTHING)
            slot.smooth.seen.use(UNITS["t_base"])
            self._arrays[self._enlarge].render(vertices=3)
            calls += 1
        if frame.effects.bloom > 0:
            if self._glow is None:
                self._glow = Glow(self._gpu, self._scope, self._programs, self._size_px)
            calls += self._glow.draw(slot.smooth.seen, slot.delivered, frame.effects.bloom)
        slot.delivered.use()
        if frame.mix is not None and frame.mix.progress < 1:
            self._draw_mix(frame.mix)
            calls += 1
        return calls

    def smooth_still(self, target: Target, spare: Target, lines: F32) -> None:
        """Smooth the edges of a picture in place, with a spare one for its jagged state.

        The block `Scene` of its camera must be bound.
        """
        if len(lines):
            target.mark()
            spare.fill(target, depth=False)
            self._draw_lines(lines, spare.color.seen, target.surface)

    def _smooth(self, slot: Slot) -> int:
        if not len(slot.lines):
            return 0
        self._numbers.write(slot.numbers)
        self._numbers.bind_to_uniform_block(BLOCKS["Scene"])
        self._draw_lines(slot.lines, slot.resolved.color.seen, slot.over_scene)
        return 1

    def _draw_lines(self, lines: F32, picture: moderngl.Texture, target: moderngl.Framebuffer) -> None:
        raw = np.ascontiguousarray(lines, np.float32)
        if raw.nbytes > self._lines.size:
            self._lines.orphan(raw.nbytes * 2)
        self._lines.write(raw)
        target.use()
        target.depth_mask = False
        self._context.enable_only(moderngl.DEPTH_TEST)
        picture.use(UNITS["t_base"])
        self._line_array.render(moderngl.LINES, vertices=len(raw))
        target.depth_mask = True

    def _draw_mix(self, mix: Mix) -> None:
        self._context.enable_only(moderngl.BLEND)
        self._context.blend_func = moderngl.ONE, moderngl.ONE_MINUS_SRC_ALPHA
        self._held.use(UNITS["t_base"])
        angle = np.radians(mix.angle_deg)
        self._mix.set("u_mix", mix.progress, MIX_KINDS[mix.kind], float(np.cos(angle)), float(np.sin(angle)))
        self._mix.set("u_color", *mix.color)
        self._mix.set("u_toward", *mix.toward)
        self._arrays[self._mix].render(vertices=3)
