"""Numbers that vertices carry to pixels are the ones that the pixels would have read."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

import moderngl
import numpy as np
import pytest

from nightcast.stage.carrying import carried
from nightcast.stage.gpu import Gpu
from nightcast.stage.programs import BLOCKS, source

SHADERS = Path(str(files("nightcast.stage").joinpath("shaders")))
VERTEX = """void main() {
    gl_Position = vec4(4.0 * float(gl_VertexID % 2) - 1.0, 2.0 * float(gl_VertexID) - 1.0, 0.0, 1.0);
}
"""
FRAGMENT = """layout(std140) uniform Scene {
    mat4 u_first;
    vec4 u_one;  // a number
    vec4 u_many[3];
};
uniform float u_loose;
out vec4 out_color;

void main() {
    out_color = vec4(u_one.r, u_many[2].g, u_loose, u_many[0].a);
}
"""


def test_members_of_blocks_elements_of_arrays_and_loose_numbers_become_flat_varyings() -> None:
    vertex, fragment = carried(VERTEX, FRAGMENT)
    assert "uniform" not in fragment
    for name, kind in {
        "flat_u_one": "vec4",
        "flat_u_many2": "vec4",
        "flat_u_many0": "vec4",
        "flat_u_loose": "float",
    }.items():
        assert f"flat in {kind} {name};" in fragment
        assert f"flat out {kind} {name};" in vertex
    assert "flat_u_many2 = u_many[2];" in vertex
    assert "u_many1" not in vertex  # nothing reads it


def test_a_block_that_vertices_read_as_well_is_declared_once() -> None:
    block = FRAGMENT[: FRAGMENT.index("uniform float")]
    vertex, _ = carried(block + VERTEX, FRAGMENT)
    assert vertex.count("uniform Scene") == 1


def test_shaders_without_numbers_stay_as_they_are() -> None:
    fragment = "uniform sampler2D t_base;\nout vec4 out_color;\nvoid main() { out_color = vec4(1.0); }\n"
    assert carried(VERTEX, fragment) == (VERTEX, fragment)


@pytest.mark.parametrize("carrying", [False, True])
def test_pixels_get_the_same_numbers_either_way(gpu: Gpu, carrying: bool) -> None:
    sources = carried(VERTEX, FRAGMENT) if carrying else (VERTEX, FRAGMENT)
    head = "#version 330 core\n"
    scope = gpu.scope()
    program = scope.program(head + sources[0], head + sources[1])
    numbers = np.zeros(16 + 4 + 12, np.float32)
    numbers[16], numbers[16 + 4 + 8 + 1], numbers[16 + 4 + 3] = 0.2, 0.4, 0.8
    block = scope.buffer(numbers)
    block.bind_to_uniform_block(BLOCKS["Scene"])
    member = program["Scene"]
    assert isinstance(member, moderngl.UniformBlock)
    member.binding = BLOCKS["Scene"]
    program["u_loose"] = 0.6
    surface = scope.framebuffer([scope.texture((4, 4), 4)])
    surface.use()
    gpu.context.enable_only(moderngl.NOTHING)
    scope.vertex_array(program, []).render(vertices=3)
    assert tuple(surface.read(components=4)[:4]) == (51, 102, 153, 204)
    scope.release()


@pytest.mark.parametrize("file", sorted(path.name for path in SHADERS.glob("*.frag")))
def test_no_shader_of_pixels_is_left_with_a_uniform_number(file: str) -> None:
    """But for a matrix, of a panorama's rays: it is drawn once."""
    _, fragment = carried(VERTEX, source(file))
    assert set(re.findall(r"uniform (\w+)", fragment)) <= {"sampler2D", "sampler2DShadow", "mat3"}
