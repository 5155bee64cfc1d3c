"""Numbers that vertices carry to pixels, for a driver to which uniforms of pixels are dear.

llvmpipe (Mesa 22.3, still the one of Debian 12) fetches a uniform's number for each pixel of a block by itself and asks
for each whether it lies in its buffer: 27 instructions, where a flat varying takes one. `experiments/render-cpu.md` has
what that costs. A graphics card has them at hand, and pays for varyings instead.
"""

from __future__ import annotations

import re

_BLOCK = re.compile(r"layout\(std140\) uniform \w+ \{(.*?)\};", re.DOTALL)
_MEMBER = re.compile(r"^\s*vec4 (\w+)(?:\[\d+\])?;", re.MULTILINE)
_LOOSE = re.compile(r"^uniform (float|vec[234]) (\w+);", re.MULTILINE)


def carried(vertex: str, fragment: str) -> tuple[str, str]:
    """The sources of two shaders, in which the fragment shader's uniform numbers are flat varyings.

    Whatever a source could read is carried; what a program does not read the compiler leaves out. Elements of arrays
    must be named by number. The last brace of `vertex` must be that of its `main`.
    """
    blocks = {found[0]: _MEMBER.findall(found[1]) for found in _BLOCK.finditer(fragment)}
    loose = {found[0]: (found[1], found[2]) for found in _LOOSE.finditer(fragment)}
    kinds = {name: "vec4" for names in blocks.values() for name in names} | {
        name: kind for kind, name in loose.values()
    }
    if not kinds:
        return vertex, fragment
    varyings: dict[str, str] = {}
    values: dict[str, str] = {}

    def carry(found: re.Match[str]) -> str:
        varying = f"flat_{found[1]}{found[2] or ''}"
        varyings[varying], values[varying] = kinds[found[1]], found[0]
        return varying

    pixels = _LOOSE.sub("", _BLOCK.sub("", fragment))
    pixels = re.sub(rf"\b({'|'.join(kinds)})\b(?:\[(\d+)\])?", carry, pixels)
    needed = "".join(f"{declared}\n" for declared in (*blocks, *loose) if declared not in vertex)
    sent = "".join(f"    {varying} = {value};\n" for varying, value in values.items())
    end = vertex.rindex("}")
    return (
        needed + _declared("out", varyings) + vertex[:end] + sent + vertex[end:],
        _declared("in", varyings) + pixels,
    )


def _declared(way: str, varyings: dict[str, str]) -> str:
    return "".join(f"flat {way} {kind} {name};\n" for name, kind in varyings.items())
