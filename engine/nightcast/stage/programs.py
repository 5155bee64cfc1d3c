"""Shaders: files joined by `#include`, specialised by `#define`, compiled once for each set of features.

A material's program holds only what the material uses: a processor pays for every instruction of every pixel.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from importlib.resources import files

import moderngl

from nightcast.stage.gpu import Scope
from nightcast.stage.materials import UNITS

#: Binding points of the uniform blocks.
BLOCKS = {"Scene": 0, "Material": 1}

_INCLUDE = re.compile(r'^#include "([\w.]+)"$', re.MULTILINE)


class Programs:
    """Programs by name of vertex shader, fragment shader and defines; owned here, released with the scope."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._made: dict[tuple[str, str, frozenset[str]], moderngl.Program] = {}

    def get(self, vertex: str, fragment: str, defines: Iterable[str] = ()) -> moderngl.Program:
        """The program of two shader files (without folder), with each define (`NAME` or `NAME value`) set."""
        key = (vertex, fragment, frozenset(defines))
        if key not in self._made:
            self._made[key] = self._compile(*key)
        return self._made[key]

    def _compile(self, vertex: str, fragment: str, defines: frozenset[str]) -> moderngl.Program:
        head = "#version 330 core\n" + "".join(f"#define {define}\n" for define in sorted(defines))
        program = self._scope.program(head + source(vertex), head + source(fragment))
        for name in program:
            member = program[name]
            if isinstance(member, moderngl.UniformBlock):
                member.binding = BLOCKS[name]
            elif name in UNITS:
                member.value = UNITS[name]
        return program


@cache
def source(name: str) -> str:
    """A shader file's text with its includes in place."""
    text = files("nightcast.stage").joinpath("shaders", name).read_text(encoding="utf-8")
    return _INCLUDE.sub(lambda found: source(found[1]), text)
