"""Shaders: files joined by `#include`, specialised by `#define`, compiled once for each set of features.

A material's program holds only what the material uses: a processor pays for every instruction of every pixel.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Any

import moderngl
import numpy as np

from nightcast.gltf.records import F32
from nightcast.stage.carrying import carried
from nightcast.stage.gpu import Scope
from nightcast.stage.materials import UNITS

#: Binding points of the uniform blocks.
BLOCKS = {"Scene": 0, "Material": 1}

_INCLUDE = re.compile(r'^#include "([\w.]+)"$', re.MULTILINE)


class Shader:
    """A compiled program. Values for what the compiler found unused are ignored."""

    def __init__(self, program: moderngl.Program) -> None:
        self.program = program
        self._uniforms: dict[str, Any] = {}
        self._values: dict[str, tuple[float, ...]] = {}  # the last ones set
        self._matrices: dict[str, F32] = {}  # as well; matrices are never changed in place
        for name in program:
            member: Any = program[name]
            if isinstance(member, moderngl.UniformBlock):
                member.binding = BLOCKS[name]
            elif name in UNITS:
                member.value = UNITS[name]
            else:
                self._uniforms[name] = member

    def __contains__(self, attribute: str) -> bool:
        return attribute in self.program

    def set(self, name: str, *value: float) -> None:
        """A number or a vector."""
        uniform = self._uniforms.get(name)
        if uniform is not None and self._values.get(name) != value:
            self._values[name] = value
            uniform.value = value if len(value) > 1 else value[0]

    def set_matrix(self, name: str, matrix: F32) -> None:
        """A square matrix that multiplies column vectors."""
        uniform = self._uniforms.get(name)
        if uniform is not None and self._matrices.get(name) is not matrix:
            self._matrices[name] = matrix
            uniform.write(np.ascontiguousarray(matrix.T, np.float32).tobytes())


class Programs:
    """Shaders by files and defines; owned here, released with the scope.

    Args:
        carried: vertices carry the numbers that pixels need; see `carrying.py`.
    """

    def __init__(self, scope: Scope, *, carried: bool = False) -> None:
        self._scope = scope
        self._carried = carried
        self._made: dict[tuple[str, str, frozenset[str]], Shader] = {}

    def get(self, vertex: str, fragment: str, defines: Iterable[str] = ()) -> Shader:
        """The program of two shader files, with each define (`NAME` or `NAME value`) set."""
        key = (vertex, fragment, frozenset(defines))
        if key not in self._made:
            self._made[key] = self._compile(*key)
        return self._made[key]

    def _compile(self, vertex: str, fragment: str, defines: frozenset[str]) -> Shader:
        head = "#version 330 core\n" + "".join(f"#define {define}\n" for define in sorted(defines))
        sources = source(vertex), source(fragment)
        if self._carried:
            sources = carried(*sources)
        return Shader(self._scope.program(head + sources[0], head + sources[1]))


@cache
def source(name: str) -> str:
    """A shader file's text with its includes in place."""
    text = files("nightcast.stage").joinpath("shaders", name).read_text(encoding="utf-8")
    return _INCLUDE.sub(lambda found: source(found[1]), text)
