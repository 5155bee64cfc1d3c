"""Darkness on what stands still: the shadow of what moves, and contact shadows under what rests on it.

Both multiply what is already drawn, so that a set with baked light takes them as well as any other.
"""

from __future__ import annotations

from collections.abc import Sequence

import moderngl
import numpy as np

from nightcast.gltf.records import F32
from nightcast.stage.frame import ContactShadow
from nightcast.stage.gpu import Gpu, Scope
from nightcast.stage.materials import UNITS
from nightcast.stage.programs import Programs


class Ground:
    """Two passes that multiply. They bind nothing but their own program."""

    def __init__(self, gpu: Gpu, scope: Scope, programs: Programs, shadow_taps: int) -> None:
        self._context = gpu.context
        self._catch = programs.get("screen.vert", "catch.frag", {f"SHADOW_TAPS {shadow_taps}"})
        self._contact = programs.get("contact.vert", "contact.frag")
        self._screen = scope.vertex_array(self._catch.program, [])
        self._disc = scope.vertex_array(self._contact.program, [])

    def catch(
        self, target: moderngl.Framebuffer, depth: moderngl.Texture, clip: F32, box: tuple[int, int, int, int]
    ) -> None:
        """Lay the shadow map's shadow over the still picture with this depth, inside `box` (x, y, width, height)."""
        target.use()
        self._context.enable_only(moderngl.BLEND)
        self._context.blend_func = moderngl.DST_COLOR, moderngl.ZERO
        depth.use(UNITS["t_base"])
        self._catch.set("t_depth", UNITS["t_base"])
        self._catch.set_matrix("u_unproject", np.linalg.inv(clip))
        target.scissor = box
        self._screen.render(vertices=3)
        target.scissor = None

    def contact(self, target: moderngl.Framebuffer, shadows: Sequence[ContactShadow]) -> int:
        """Draw contact shadows; returns the number of draw calls."""
        if not shadows:
            return 0
        target.use()
        target.depth_mask = False
        self._context.enable_only(moderngl.BLEND | moderngl.DEPTH_TEST)
        self._context.blend_func = moderngl.DST_COLOR, moderngl.ZERO
        for shadow in shadows:
            self._contact.set("u_center", *shadow.center, float(np.radians(shadow.turn_deg)))
            self._contact.set("u_extent", *shadow.radius_m, shadow.strength)
            self._disc.render(moderngl.TRIANGLE_STRIP, vertices=4)
        target.depth_mask = True
        return len(shadows)


def shadow_box(low: F32, high: F32, toward: F32, clip: F32, size_px: tuple[int, int]) -> tuple[int, int, int, int]:
    """Where on the screen (x, y, width, height) the shadow of a box `low`…`high` may fall.

    The shadow reaches three times the box's height away from the light, at most.
    """
    reach = toward * 3.0 * float(high[1] - low[1]) if toward[1] > 0.05 else toward * 5.0
    corners = np.array([[x, y, z] for x in (low[0], high[0]) for y in (low[1], high[1]) for z in (low[2], high[2])])
    points = np.concatenate([corners, corners - reach])
    points[:, 1] = np.maximum(points[:, 1], min(float(low[1]), 0.0) - 0.05)
    clipped = points @ clip[[0, 1, 3], :3].T + clip[[0, 1, 3], 3]
    if (clipped[:, 2] < 0.05).any():
        return 0, 0, *size_px
    at = (clipped[:, :2] / clipped[:, 2:] * 0.5 + 0.5) * size_px
    x0, y0 = np.clip(np.floor(at.min(axis=0)), 0, size_px).astype(int)
    x1, y1 = np.clip(np.ceil(at.max(axis=0)), 0, size_px).astype(int)
    return int(x0), int(y0), max(int(x1 - x0), 1), max(int(y1 - y0), 1)
