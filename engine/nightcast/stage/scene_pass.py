"""Draws parts of models into a target: what is solid first, then what is seen through.

A processor pays for each pixel that a shader touches, so the order matters more than the number of calls: front
faces of all parts nearest first, and only then the insides of two-sided ones, most of which are hidden by then.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import moderngl

from nightcast.gltf.records import F32
from nightcast.stage.drawlist import Item, back_to_front, front_to_back
from nightcast.stage.gpu import Gpu
from nightcast.stage.insides import Insides
from nightcast.stage.materials import UNITS
from nightcast.stage.profile import Profile
from nightcast.stage.programs import BLOCKS, Programs

#: Features that forbid lighting triangles at their corners: those that vary within, or only pixels know.
_PIXEL_LIT = (
    "SURFACE_MAP",
    "OCCLUSION_MAP",
    "EMISSIVE",
    "COAT",
    "SHEEN",
    "TRANSMISSION",
    "SPECULAR_",
    "ALPHA_BLEND",
)

WHITE = (1.0, 1.0, 1.0, 1.0)

_SIDES = {False: "back", True: "front"}


@dataclass
class Figures:
    """What the last picture took."""

    draw_calls: int = 0
    triangles: int = 0

    def reset(self) -> None:
        self.draw_calls = self.triangles = 0


class ScenePass:
    """Knows how each kind of material is drawn. Keeps no state between pictures but compiled programs."""

    def __init__(self, gpu: Gpu, profile: Profile, programs: Programs, figures: Figures, insides: Insides) -> None:
        self._context = gpu.context
        self.profile = profile
        self._programs = programs
        self._figures = figures
        self._depth = programs.get("depth.vert", "depth.frag")
        self._insides = insides
        self._vignette = 0.0, 0.0, 0.0  # of what is being drawn, as `vignette.glsl` wants it

    def draw(
        self,
        items: Sequence[Item],
        lit: frozenset[str],
        target: moderngl.Framebuffer,
        clip: F32,
        focal_px: float,
        vignette: float,
        behind: Callable[[], None] | None = None,
    ) -> None:
        """Draw `items` into `target`.

        `lit` are the features that light and profile ask of every program, `clip` is (4, 4) world to clip space as
        drawn, `focal_px` the pixels that one metre takes at one metre's distance, `vignette` its strength, 0…1.
        `behind` draws, when all that is solid is there, what fills the rest.
        """
        context = self._context
        if vignette > 0:
            lit |= {"VIGNETTE"}
        self._vignette = 1 / target.width, 1 / target.height, vignette
        self._begin(target)
        shown = [item for item in items if item.instance.kind != "occluder"]
        self._occlude([item for item in items if item.instance.kind == "occluder"], target, clip)
        solid = [(item, self._features(item, lit, focal_px)) for item in front_to_back(shown)]
        opaque = [entry for entry in solid if not entry[0].surface.look.masked]
        masked = [entry for entry in solid if entry[0].surface.look.masked]
        for item, features in opaque:
            self._draw(item, features, "back")
        for item, features in opaque:
            if item.surface.record.double_sided and self._insides.shown(item):
                self._draw(item, features, "front")
        self._figures.draw_calls += self._insides.ask([item for item, _ in opaque], target, clip)
        for item, features in opaque + masked:
            if item.surface.look.outlined:
                self._draw(item, features | item.surface.look.outline_defines, "front")
        if behind is not None:
            behind()
            self._begin(target)
        context.enable(moderngl.BLEND)
        for item, features in masked:
            for side in ("front", "back") if item.surface.record.double_sided else ("back",):
                self._draw(item, features, side)
        for item in back_to_front(shown):
            self._draw_clear(item, self._features(item, lit, focal_px), target)
        context.front_face = "ccw"
        context.disable(moderngl.BLEND)

    def _begin(self, target: moderngl.Framebuffer) -> None:
        target.use()
        self._context.front_face = "cw"  # the picture is drawn upside down
        self._context.cull_face = "back"
        self._context.enable_only(moderngl.DEPTH_TEST | moderngl.CULL_FACE)
        self._context.blend_func = moderngl.ONE, moderngl.ONE_MINUS_SRC_ALPHA

    def _occlude(self, items: Sequence[Item], target: moderngl.Framebuffer, clip: F32) -> None:
        if not items:
            return
        target.color_mask = (False, False, False, False)
        target.use()  # which is when a mask takes effect
        self._depth.set_matrix("u_view_projection", clip)
        for item in items:
            self._depth.set_matrix("u_model", item.matrix)
            item.geometry.vertex_array(self._depth).render(vertices=item.part.count, first=item.part.first)
            self._figures.draw_calls += 1
        target.color_mask = (True, True, True, True)
        target.use()

    def _draw_clear(self, item: Item, features: frozenset[str], target: moderngl.Framebuffer) -> None:
        """A see-through part: the far side before the near one; tinted glass first dims what is behind it."""
        toon = item.surface.record.mtoon
        target.depth_mask = toon is not None and toon.transparent_with_z_write
        for side in ("front", "back") if item.surface.record.double_sided else ("back",):
            if "TRANSMISSION" in item.surface.look.defines:
                self._context.blend_func = moderngl.DST_COLOR, moderngl.ZERO
                self._draw(item, features | {"TINT"}, side)
                self._context.blend_func = moderngl.ONE, moderngl.ONE
                self._draw(item, features, side)
                self._context.blend_func = moderngl.ONE, moderngl.ONE_MINUS_SRC_ALPHA
            else:
                self._draw(item, features, side)
        target.depth_mask = True

    def _draw(self, item: Item, features: frozenset[str], cull: str) -> None:
        """One call, with the faces on the side `cull` left out."""
        surface, part = item.surface, item.part
        shader, array = item.model.pipeline(item.geometry, part, surface, features, self._programs)
        surface.show(item.override)
        surface.numbers.bind_to_uniform_block(BLOCKS["Material"])
        for unit, texture in surface.textures:
            texture.use(unit)
        if item.makeup is not None:
            item.model.makeup_texture(item.makeup.layer).use(UNITS["t_makeup"])
            if item.makeup.finish is not None:
                item.model.makeup_texture(item.makeup.finish, color=False).use(UNITS["t_makeup_finish"])
        shader.set_matrix("u_model", item.matrix)
        shader.set_matrix("u_normal", item.normal_matrix)
        shader.set("u_vignette", *self._vignette)
        self._context.cull_face = _SIDES[(cull == "front") != item.mirrored]
        array.render(vertices=part.count, first=part.first)
        self._figures.draw_calls += 1
        self._figures.triangles += part.count // 3

    def _features(self, item: Item, lit: frozenset[str], focal_px: float) -> frozenset[str]:
        look = item.surface.look
        features = lit
        if look.shader == "unlit":
            features = frozenset(f for f in features if not f.startswith(("SHADOW_TAPS", "KEY_LIGHT")))
            if item.override is None and item.makeup is None and item.surface.record.base_color == WHITE:
                features |= {"AS_MADE"}
        elif item.instance.kind == "set":
            features = frozenset(f for f in features if not f.startswith("SHADOW_TAPS"))
        if item.makeup is not None and look.transforms:
            features |= {"MAKEUP", "MAKEUP_UV v_uv[0]"}
            if item.makeup.finish is not None:
                features |= {"MAKEUP_FINISH"}
        elif (
            look.shader == "pbr"
            and item.surface.record.metallic == 0
            and not any(define.startswith(_PIXEL_LIT) for define in look.defines)
        ):
            edge_px = item.edge_m * focal_px / max(item.depth_m, 0.05)
            bumpy = "NORMAL_MAP" in look.defines and math.isfinite(self.profile.vertex_lit_px)
            if not bumpy and 0.43 * edge_px * edge_px < self.profile.vertex_lit_px:
                features = (features - {"VERTEX_AMBIENT"}) | {"VERTEX_LIT"}
        return features
