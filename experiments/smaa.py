"""SMAA 1x on a finished picture, after Jimenez et al. 2012, to be measured: three full-screen passes.

Edges by luma with local contrast, a search along each edge for its ends and what crosses it there, and a blend by the
area that the line put through those ends cuts off. A reduced variant: areas are worked out in the shader and not looked
up, and there are neither diagonal patterns nor rounded corners.
"""

from __future__ import annotations

import time

import moderngl
import numpy as np
from numpy.typing import NDArray

from nightcast.stage.gpu import Gpu

_SCREEN = """#version 330 core
void main() {
    gl_Position = vec4(vec2((gl_VertexID << 1) & 2, gl_VertexID & 2) * 2.0 - 1.0, 0.0, 1.0);
}"""

_HEAD = """#version 330 core
uniform sampler2D t_picture;
uniform sampler2D t_edges;
uniform sampler2D t_weights;
out vec4 result;
ivec2 here = ivec2(gl_FragCoord.xy);
vec4 at(sampler2D map, ivec2 place) { return texelFetch(map, clamp(place, ivec2(0), textureSize(map, 0) - 1), 0); }
const ivec2 LEFT = ivec2(-1, 0), UP = ivec2(0, -1), RIGHT = ivec2(1, 0), DOWN = ivec2(0, 1);
"""

#: r: an edge on the pixel's left side, g: on its upper side. One that a far stronger one lies beside is no edge.
_EDGES = """
float luma(ivec2 step) { return dot(at(t_picture, here + step).rgb, vec3(0.2126, 0.7152, 0.0722)); }
void main() {
    float middle = luma(ivec2(0)), left = luma(LEFT), up = luma(UP);
    vec2 near = abs(middle - vec2(left, up));
    vec2 edge = step(0.1, near);
    if (edge == vec2(0.0)) discard;
    vec2 beside = abs(vec2(middle) - vec2(luma(RIGHT), luma(DOWN)));
    vec2 beyond = abs(vec2(left, up) - vec2(luma(2 * LEFT), luma(2 * UP)));
    float most = max(max(max(beside.x, beside.y), max(beyond.x, beyond.y)), max(near.x, near.y));
    result = vec4(edge * step(most, 2.0 * near), 0.0, 0.0);
}"""

#: r: how much of the pixel its upper neighbour takes, g: how much it takes of that one; b, a: so with the left one.
_WEIGHTS = """
const int FARTHEST = 32;

// What lies between the axis and a line over the pixel that begins at x: above the axis, and below.
vec2 area(vec2 from, vec2 to, float x) {
    float a = max(x, from.x), b = min(x + 1.0, to.x);
    if (b <= a) return vec2(0.0);
    float slope = (to.y - from.y) / (to.x - from.x);
    float ya = from.y + (a - from.x) * slope, yb = from.y + (b - from.x) * slope;
    float whole = 0.5 * (ya + yb) * (b - a);
    if (ya * yb >= 0.0) return whole > 0.0 ? vec2(whole, 0.0) : vec2(0.0, -whole);
    float start = abs(ya / (ya - yb)) * (b - a);
    vec2 parts = 0.5 * vec2(abs(ya) * start, abs(yb) * (b - a - start));
    return ya > 0.0 ? parts : parts.yx;
}

// The line through the ends of an edge: half a pixel to the side where the crossing edge lies, 0 where there is none.
vec2 between(float before, float after, float start, float end) {
    float whole = before + after + 1.0, middle = whole * 0.5;
    if (start == 0.0 && end == 0.0) return vec2(0.0);
    if (start * end < 0.0) return area(vec2(0.0, start), vec2(whole, end), before);
    return area(vec2(0.0, start), vec2(middle, 0.0), before) + area(vec2(middle, 0.0), vec2(whole, end), before);
}

// `along` steps along the edge, `across` away from this pixel over it; `edge` and `crossing` pick channels.
vec2 weights(ivec2 along, ivec2 across, vec4 edge, vec4 crossing) {
    int before = 0, after = 0;
    for (; before < FARTHEST; before++) {
        ivec2 place = here - before * along;
        if (dot(at(t_edges, place) + at(t_edges, place + across), crossing) > 0.0) break;
        if (dot(at(t_edges, place - along), edge) == 0.0) break;
    }
    for (; after < FARTHEST; after++) {
        ivec2 place = here + (after + 1) * along;
        if (dot(at(t_edges, place) + at(t_edges, place + across), crossing) > 0.0) break;
        if (dot(at(t_edges, place), edge) == 0.0) break;
    }
    ivec2 first = here - before * along, last = here + (after + 1) * along;
    float start = 0.5 * dot(at(t_edges, first + across) - at(t_edges, first), crossing);
    float end = 0.5 * dot(at(t_edges, last + across) - at(t_edges, last), crossing);
    return between(float(before), float(after), start, end).yx;
}

void main() {
    vec2 edge = at(t_edges, here).rg;
    if (edge == vec2(0.0)) discard;
    const vec4 R = vec4(1, 0, 0, 0), G = vec4(0, 1, 0, 0);
    result = vec4(0.0);
    if (edge.g > 0.0) result.rg = weights(RIGHT, UP, G, R);
    if (edge.r > 0.0) result.ba = weights(DOWN, LEFT, R, G);
}"""

_BLEND = """
void main() {
    vec4 own = at(t_weights, here);
    vec4 from = vec4(own.r, at(t_weights, here + DOWN).g, own.b, at(t_weights, here + RIGHT).a);
    vec4 middle = at(t_picture, here);
    bool upright = max(from.x, from.y) > max(from.z, from.w);
    vec2 share = upright ? from.xy : from.zw;
    ivec2 back = upright ? UP : LEFT;
    result = middle;
    if (share != vec2(0.0)) {
        result += share.x * (at(t_picture, here + back) - middle) + share.y * (at(t_picture, here - back) - middle);
    }
}"""


class Smaa:
    """Pictures of one size smoothed on a device."""

    def __init__(self, gpu: Gpu, size_px: tuple[int, int]) -> None:
        self._context = gpu.context
        scope = gpu.scope()
        self._scope = scope
        self._picture, edges, weights, smooth = (scope.texture(size_px, n) for n in (4, 2, 4, 4))
        depth = scope.depth_texture(size_px)  # of the edges: the second pass looks at no other pixels
        self._targets = [
            scope.framebuffer([edges], depth), scope.framebuffer([weights], depth), scope.framebuffer([smooth])
        ]  # fmt: skip
        programs = [scope.program(_SCREEN, _HEAD + body) for body in (_EDGES, _WEIGHTS, _BLEND)]
        self._maps = (self._picture, edges, weights)
        for program in programs:
            for unit, name in enumerate(("t_picture", "t_edges", "t_weights")):
                if name in program:
                    program[name] = unit
        self._passes = [scope.vertex_array(program, []) for program in programs]

    def __call__(self, picture: NDArray[np.float32]) -> NDArray[np.float32]:
        """(height, width, 3) smoothed."""
        height, width = picture.shape[:2]
        opaque = np.full((height, width, 4), 255, np.uint8)
        opaque[..., :3] = picture.round()
        self._picture.write(opaque.tobytes())
        self._draw()
        smooth = np.frombuffer(self._targets[-1].read(components=4), np.uint8).reshape(height, width, 4)
        return smooth[..., :3].astype(np.float32)

    def took_ms(self, times: int = 20) -> float:
        """Processor milliseconds of the three passes over the picture smoothed last."""
        self._context.finish()
        began_s = time.process_time()
        for _ in range(times):
            self._draw()
            self._context.finish()
        return (time.process_time() - began_s) * 1e3 / times

    def release(self) -> None:
        self._scope.release()

    def _draw(self) -> None:
        for unit, map_ in enumerate(self._maps):
            map_.use(unit)
        edges, weights, smooth = self._targets
        find, weigh, blend = self._passes
        edges.use()
        edges.clear()
        self._context.enable_only(moderngl.DEPTH_TEST)
        find.render(moderngl.TRIANGLES, vertices=3)
        weights.use()
        weights.depth_mask = False  # nor does clearing touch it
        weights.clear()
        self._context.depth_func = "=="
        weigh.render(moderngl.TRIANGLES, vertices=3)
        self._context.depth_func = "<"
        self._context.enable_only(moderngl.NOTHING)
        smooth.use()
        blend.render(moderngl.TRIANGLES, vertices=3)
