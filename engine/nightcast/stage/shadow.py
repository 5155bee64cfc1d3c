"""The key light's shadow: one depth map, fitted about what casts.

Light space looks from the light along −Z. The map's edges move in whole texels and its size in steps, so that
shadows do not crawl when the host sways.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import moderngl
import numpy as np

from nightcast.gltf.records import F32
from nightcast.stage.drawlist import Item, merged
from nightcast.stage.footprint import Footprint
from nightcast.stage.frame import look_at
from nightcast.stage.gpu import Scope
from nightcast.stage.programs import Programs

#: The map grows in steps of this factor.
STEP = 1.15

#: A map that was filled so long before is out of date.
OLDEST_S = 0.25

#: How far a face that turns moves from one picture to the next: it must not shade itself in a map that stays.
MOVED_M = 0.004

#: Empty texels around what casts, so that the blur finds light at the map's edge.
MARGIN_TEXELS = 6

#: Clip space −1…1 to texture space 0…1.
TO_TEXTURE = np.array([[0.5, 0, 0, 0.5], [0, 0.5, 0, 0.5], [0, 0, 0.5, 0.5], [0, 0, 0, 1]], np.float32)


def fit(toward: F32, low: F32, high: F32, map_px: int) -> F32:
    """(4, 4) world to clip space of a light at direction `toward` (3,) that sees the box `low`…`high`."""
    view = look_at(tuple(toward.tolist()), (0, 0, 0)).copy()
    view[:3, 3] = 0
    corners = np.array([[x, y, z] for x in (low[0], high[0]) for y in (low[1], high[1]) for z in (low[2], high[2])])
    seen = corners @ view[:3, :3].T
    near, far = seen.min(axis=0), seen.max(axis=0)
    side = max(float((far - near)[:2].max()), 0.05)
    side = STEP ** math.ceil(math.log(side, STEP)) * map_px / (map_px - 2 * MARGIN_TEXELS)
    texel = side / map_px
    middle = np.round((near + far)[:2] / 2 / texel) * texel
    depth = max(float(far[2] - near[2]), 0.05)
    projection = np.eye(4, dtype=np.float32)
    projection[0, 0] = projection[1, 1] = 2 / side
    projection[:2, 3] = -middle * 2 / side
    projection[2, 2] = -2 / (depth * 1.1)
    projection[2, 3] = (far[2] + near[2]) / (depth * 1.1)
    return np.asarray(projection @ view, np.float32)


_NOTHING = np.zeros((3, 0), np.float32)


class ShadowMap:
    """The depth texture and the pass that fills it."""

    def __init__(self, scope: Scope, programs: Programs, map_px: int) -> None:
        self.map_px = map_px
        canvas = scope.canvas((map_px, map_px), depth=True)
        self.texture = canvas.seen
        self.texture.repeat_x = self.texture.repeat_y = False
        self.texture.filter = (moderngl.LINEAR, moderngl.LINEAR)
        self._target = scope.framebuffer(depth=canvas.drawn)
        self._shader = programs.get("depth.vert", "depth.frag")
        self._key: tuple[object, ...] | None = None
        self._age = 0
        self._filled_s = 0.0
        #: (4, 4) world to map coordinates 0…1.
        self.matrix = np.eye(4, dtype=np.float32)
        #: Whether it is about the same as what it was in the last picture, but for poses.
        self.follows = False
        #: Whether it was filled for the last picture that asked whether it rests.
        self.is_new = False
        #: Counts how often the map was filled.
        self.drawn = 0
        #: What of the map is taken up.
        self.footprint = Footprint(_NOTHING, _NOTHING)
        #: Side of one texel in the world.
        self.texel_m = 0.0
        #: How far what casts may have moved on by the last picture for which the map stays.
        self.slack_m = 0.0

    def forget(self) -> None:
        """Be filled anew for the next picture, which has nothing to do with the last."""
        self._key = None

    def rests(self, key: tuple[object, ...], every: int, at_s: float) -> bool:
        """Whether the map may stay for the picture at `at_s`: nothing but poses changed, and it is not its turn.

        `key` says what it depends on beside poses; it is drawn anew for every `every`-th picture, and for one that
        does not follow soon: whoever casts has moved on by then.
        """
        self.follows = key == self._key and 0 <= at_s - self._filled_s < OLDEST_S
        self._age = self._age + 1 if self.follows else 0
        self._key = key
        self.slack_m = (every - 1) * MOVED_M
        self.is_new = self._age % every == 0
        if self.is_new:
            self._filled_s = at_s
        return not self.is_new

    def draw(
        self,
        context: moderngl.Context,
        toward: F32,
        casters: Sequence[Item],
        bounds: tuple[F32, F32],
        *,
        falls_on_set: bool,
    ) -> int:
        """Fill the map; returns the number of draw calls. The footprint is only kept where a set asks for it."""
        clip = fit(toward, *bounds, self.map_px)
        self.matrix = np.asarray(TO_TEXTURE @ clip, np.float32)
        self.texel_m = 2.0 / float(np.linalg.norm(clip[0, :3])) / self.map_px
        self.drawn += 1
        runs = merged(casters)
        if falls_on_set:
            self.footprint = Footprint.of(runs, self.matrix)
        self._target.use()
        self._target.clear(depth=1.0)
        context.enable_only(moderngl.DEPTH_TEST)
        context.polygon_offset = (1.5, 4.0)
        self._shader.set_matrix("u_view_projection", clip)
        for run in runs:
            self._shader.set_matrix("u_model", run.matrix)
            run.geometry.vertex_array(self._shader).render(vertices=run.count, first=run.first)
        context.polygon_offset = (0.0, 0.0)
        return len(runs)
