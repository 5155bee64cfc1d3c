"""How to draw on a processor and how on a graphics card: two measured sets of choices.

The figures behind them are in `experiments/render-cpu.md`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

#: Parts of GL_RENDERER that name a driver which draws on the processor.
SOFTWARE_RENDERERS = ("llvmpipe", "softpipe", "swiftshader", "swrast", "software rasterizer")


@dataclass(frozen=True)
class Profile:
    """Choices of the renderer that depend on the device, none of which changes what is drawn."""

    name: Literal["cpu", "gpu"]
    edges: Literal["lines", "msaa", "none"]  #: how edges are smoothed
    srgb_textures: bool  #: colour is decoded by the sampler, else in the shader
    trilinear: bool  #: textures blend between mip levels
    pictures_in_flight: int  #: begun before the oldest is fetched
    pixel_buffers: bool  #: fetch through buffers that the device fills by itself
    nv12: bool  #: pictures for the air are converted on the device
    max_texture_px: int  #: greater images are shrunk when loaded
    shadow_map_px: int
    shadow_taps: Literal[1, 2, 4, 9]
    vertex_ambient: bool  #: light from all around is worked out at vertices
    shadow_every: int  #: the shadow map is drawn anew for every n-th picture
    joins_maps: bool  #: roughness and metal are read with colour and normal, see `joining.py`
    carried_numbers: bool  #: vertices carry the numbers that pixels need, see `carrying.py`
    asks_for_insides: bool  #: back faces are left out where no opening shows them, see `insides.py`
    vertex_lit_px: float  #: triangles of fewer pixels are lit at their corners
    render_scale: float = 1.0  #: drawn size over delivered size
    halves_moving_sets: bool = False  #: a set is drawn at half the size while the camera moves

    @property
    def features(self) -> frozenset[str]:
        """What every program is compiled with."""
        found = {
            "SRGB_TEXTURES": self.srgb_textures,
            "TRILINEAR": self.trilinear,
            "VERTEX_AMBIENT": self.vertex_ambient,
        }
        return frozenset(name for name, on in found.items() if on)

    def lowered(self, render_scale: float, *, plain: bool) -> Profile:
        """The same at another size; `plain` gives up what is seen least for what it costs."""
        if not plain:
            return replace(self, render_scale=render_scale)
        return replace(
            self,
            render_scale=render_scale,
            shadow_taps=1,
            shadow_every=4,
            vertex_ambient=True,
            vertex_lit_px=math.inf,
            halves_moving_sets=True,
        )


CPU = Profile(
    name="cpu",
    edges="lines",
    srgb_textures=False,
    trilinear=False,
    pictures_in_flight=3,
    pixel_buffers=False,
    nv12=False,
    max_texture_px=1024,
    shadow_map_px=1024,
    shadow_taps=2,
    vertex_ambient=True,
    shadow_every=3,
    joins_maps=True,
    carried_numbers=True,
    asks_for_insides=True,
    vertex_lit_px=24.0,
)

GPU = Profile(
    name="gpu",
    edges="msaa",
    srgb_textures=True,
    trilinear=True,
    pictures_in_flight=3,
    pixel_buffers=True,
    nv12=True,
    max_texture_px=4096,
    shadow_map_px=2048,
    shadow_taps=9,
    vertex_ambient=False,
    shadow_every=1,
    joins_maps=False,
    carried_numbers=False,
    asks_for_insides=False,
    vertex_lit_px=0.0,
)


def is_software(renderer: str) -> bool:
    """Whether this GL_RENDERER string names a driver that draws on the processor."""
    return any(name in renderer.lower() for name in SOFTWARE_RENDERERS)


def profile_for(renderer: str) -> Profile:
    """The profile for a GL_RENDERER string."""
    return CPU if is_software(renderer) else GPU
