"""What the host hands to the stage for one picture: plain arrays, read-only, made anew each frame.

Host space: the model's own frame, feet on the origin, facing +Z, +Y up, metres. The stage multiplies by the
scene's mark, and brings points (camera, product) into host space by its inverse before the host sees them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from nightcast.gltf.records import F32


@dataclass(frozen=True)
class MaterialOverride:
    """Values that replace a material's own for this frame; None leaves it. Colours linear."""

    base_color: tuple[float, float, float, float] | None = None
    emissive: tuple[float, float, float] | None = None
    shade_color: tuple[float, float, float] | None = None
    matcap_factor: tuple[float, float, float] | None = None
    rim_color: tuple[float, float, float] | None = None
    outline_color: tuple[float, float, float] | None = None
    uv_offset: tuple[float, float] = (0.0, 0.0)  #: added to every texture's offset
    uv_scale: tuple[float, float] = (1.0, 1.0)  #: multiplied into every texture's scale


@dataclass(frozen=True, eq=False)
class HostFrame:
    """The host at one moment.

    `node_world[i]` places node *i* in host space; skinning needs `node_world[joint] @ inverse_bind`.
    Meshes that are missing in `morph_weights` stand at their weights of rest.
    """

    time_s: float
    node_world: F32  #: (nodes, 4, 4)
    morph_weights: Mapping[int, F32] = field(default_factory=dict)  #: mesh → (targets,)
    material_overrides: Mapping[int, MaterialOverride] = field(default_factory=dict)  #: material →
    hidden_nodes: frozenset[int] = frozenset()  #: nodes whose mesh is not drawn
