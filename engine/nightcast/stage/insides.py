"""Whether the camera looks into an opening of a moving part, or its back faces need not be drawn.

A processor pays for back faces that nothing shows nearly what it pays for those that are seen. So the device counts,
once a picture's front faces are there, whether anything is left of the lids over a part's openings; two pictures
later, when the answer has come without waiting, back faces are drawn if so. What an opening shows in those two
pictures is as much as it opens in them.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence

import moderngl
import numpy as np

from nightcast.gltf.records import F32
from nightcast.stage.drawlist import Item
from nightcast.stage.frame import Camera
from nightcast.stage.geometry import Part
from nightcast.stage.gpu import Gpu
from nightcast.stage.programs import Programs

#: A picture taken so much later than the last one does not follow it.
OLDEST_S = 0.25

#: Nor does one whose camera went further in between, in metres or in sines of an angle.
JUMP = 0.1

#: Pictures until an answer is there: all but so many are fetched before the next is begun.
DELAY = 2


class Insides:
    """Asks for parts of one camera's pictures, and remembers what the device answered."""

    def __init__(self, gpu: Gpu, programs: Programs) -> None:
        self._context = gpu.context
        self._shader = programs.get("depth.vert", "depth.frag")
        self._free: list[moderngl.Query] = []  # there is no call that releases one
        self._asked: deque[list[tuple[Part, moderngl.Query]]] = deque()
        self._hidden: frozenset[Part] = frozenset()
        self._camera: Camera | None = None
        self._at_s = 0.0
        self._asks = False

    def forget(self) -> None:
        """The next picture has nothing to do with the last."""
        self._camera = None

    def next_picture(self, camera: Camera, at_s: float, *, asks: bool) -> None:
        """Take up the answers for a picture at `at_s`, and ask about it or not; without answers all is shown."""
        self._asks = asks and self._follows(camera, at_s)
        self._camera, self._at_s = camera, at_s
        if not self._asks:
            while self._asked:
                self._free += [query for _, query in self._asked.popleft()]
        answered = self._asked.popleft() if len(self._asked) == DELAY else []
        self._hidden = frozenset(part for part, query in answered if not query.samples)
        self._free += [query for _, query in answered]
        if self._asks:
            self._asked.append([])

    def shown(self, item: Item) -> bool:
        """Whether the back faces of a two-sided item may be seen in this picture."""
        in_view = not item.part.closed and item.part not in self._hidden
        return in_view or item.instance.kind == "set"  # the camera may stand in one

    def ask(self, items: Sequence[Item], target: moderngl.Framebuffer, clip: F32) -> int:
        """Ask about `items`, all solid parts being drawn; `clip` is (4, 4). Returns the number of draw calls."""
        asked = [(item, item.part.lids) for item in items if item.part.moving and item.part.lids] if self._asks else []
        if not asked:
            return 0
        target.color_mask = (False, False, False, False)
        target.depth_mask = False
        target.use()  # which is when masks take effect
        self._context.disable(moderngl.CULL_FACE)
        self._shader.set_matrix("u_view_projection", clip)
        for item, (first, count) in asked:
            query = self._free.pop() if self._free else self._context.query(samples=True)
            self._shader.set_matrix("u_model", item.matrix)
            with query:
                item.geometry.vertex_array(self._shader).render(vertices=count, first=first)
            self._asked[-1].append((item.part, query))
        self._context.enable(moderngl.CULL_FACE)
        target.color_mask = (True, True, True, True)
        target.depth_mask = True
        target.use()
        return len(asked)

    def _follows(self, camera: Camera, at_s: float) -> bool:
        last = self._camera
        return (
            last is not None
            and 0 < at_s - self._at_s < OLDEST_S
            and math.isclose(camera.fov_deg, last.fov_deg, rel_tol=JUMP)
            and float(np.abs(camera.view - last.view).max()) < JUMP
        )
