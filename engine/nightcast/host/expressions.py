"""The avatar's own channels, and how their weights become morph weights and material changes.

A channel is a VRM expression or, where the file has none by that name, a morph target by its name on all
meshes that have it. Application follows VRMC_vrm-1.0/expressions.md: binary rules first, then overrides,
then sums. At exactly 0.5 a binary expression is off (the specification says both).
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from nightcast.gltf.records import F32, Model
from nightcast.gltf.vrm_records import Expression, MorphBind
from nightcast.host import recipes
from nightcast.host.frame import MaterialOverride
from nightcast.host.quaternion import F64

_COLOR_FIELDS = {
    "color": "base_color",
    "emissionColor": "emissive",
    "shadeColor": "shade_color",
    "matcapColor": "matcap_factor",
    "rimColor": "rim_color",
    "outlineColor": "outline_color",
}


def reduced(name: str) -> str:
    """A channel's name without case and separators, its side written out, VRoid's prefix before Fcl_ cut off."""
    name = re.sub(r"^.*(?=Fcl_)", "", name)
    if not name.startswith("Fcl_"):
        name = re.sub(r"[_.]L$", "Left", name)
        name = re.sub(r"[_.]R$", "Right", name)
    return re.sub(r"[^a-z0-9]", "", name.lower())


class Channels:
    """All channels of one avatar. Weights are arrays (channels,) in the order of `names`."""

    def __init__(self, model: Model) -> None:
        self.model = model
        expressions = _all_expressions(model)
        self.names: tuple[str, ...] = tuple(expressions)
        self.index = {name: i for i, name in enumerate(self.names)}
        items = list(expressions.values())
        count = len(items)
        self._binary = np.array([item.is_binary for item in items], bool)
        self._category = np.array([_category(name) for name in self.names], int)
        overrides = [(item.override_mouth, item.override_blink, item.override_look_at) for item in items]
        self._block = np.array([[word == "block" for word in row] for row in overrides], float).reshape(count, 3)
        self._blend = np.array([[word == "blend" for word in row] for row in overrides], float).reshape(count, 3)
        self.is_mouth = self._category == 0
        #: The presets that move brows, lids and mouth by one shape.
        self.is_whole_face = np.isin(self.names, ("happy", "angry", "sad", "relaxed", "surprised"))
        self._meshes = [i for i, mesh in enumerate(model.meshes) if len(mesh.weights)]
        starts = np.cumsum([0, *(len(model.meshes[i].weights) for i in self._meshes)])
        self._slices = {mesh: slice(int(starts[k]), int(starts[k + 1])) for k, mesh in enumerate(self._meshes)}
        self._rest = np.zeros(int(starts[-1]))
        for mesh, part in self._slices.items():
            self._rest[part] = model.meshes[mesh].weights
        self._morphs = np.zeros((count, len(self._rest)))
        for i, item in enumerate(items):
            for bind in item.morphs:
                self._morphs[i, self._slices[bind.mesh].start + bind.target] += bind.weight
        self._materials = [(i, item) for i, item in enumerate(items) if item.colors or item.uvs]

    def zeros(self) -> F64:
        return np.zeros(len(self.names))

    def without_meshes(self, meshes: set[int], beginning: str) -> None:
        """Let all channels with this beginning leave these meshes alone."""
        rows = [i for name, i in self.index.items() if name.startswith(beginning)]
        for mesh in meshes & self._slices.keys():
            self._morphs[rows, self._slices[mesh]] = 0

    def settled(self, weights: F64) -> F64:
        """The weights after binary rules and overrides, each in 0..1."""
        weights = np.minimum(np.maximum(weights, 0), 1)
        if not len(weights):
            return weights
        weights = np.where(self._binary, weights > 0.5, weights)
        blocked = ((weights[:, None] > 0) & (self._block > 0)).any(axis=0)
        blended = np.minimum(weights @ self._blend, 1)
        factors = np.append(np.where(blocked, 0.0, 1 - blended), 1.0)
        factor = factors[self._category]
        stifled = self._binary & (factor < 1)
        return np.where(stifled, 0.0, weights * factor)

    def morph_weights(self, settled: F64) -> dict[int, F32]:
        """Weights (targets,) of each mesh that has targets, in 0..1."""
        flat = np.minimum(np.maximum(self._rest + settled @ self._morphs, 0), 1).astype(np.float32)
        return {mesh: flat[part] for mesh, part in self._slices.items()}

    def material_overrides(self, settled: F64) -> dict[int, MaterialOverride]:
        """Colours go from the material's own towards each expression's; texture shifts add up."""
        found: dict[int, dict[str, F64]] = {}
        for i, item in self._materials:
            weight = float(settled[i])
            if weight <= 0:
                continue
            for color in item.colors:
                values = found.setdefault(color.material, {})
                field = _COLOR_FIELDS[color.kind]
                base = self._own_color(color.material, field)
                if base is not None:
                    target = np.array(color.value[: len(base)])
                    values[field] = values.get(field, base) + (target - base) * weight
            for uv in item.uvs:
                values = found.setdefault(uv.material, {})
                values["uv_offset"] = values.get("uv_offset", np.zeros(2)) + np.array(uv.offset) * weight
                values["uv_scale"] = values.get("uv_scale", np.ones(2)) + (np.array(uv.scale) - 1) * weight
        return {material: _override(values) for material, values in found.items()}

    def _own_color(self, material: int, field: str) -> F64 | None:
        record = self.model.materials[material]
        if field in ("base_color", "emissive"):
            return np.array(getattr(record, field), float)
        return None if record.mtoon is None else np.array(getattr(record.mtoon, field), float)


def _override(values: dict[str, F64]) -> MaterialOverride:
    fields: dict[str, Any] = {field: tuple(map(float, value)) for field, value in values.items()}
    return MaterialOverride(**fields)


def _all_expressions(model: Model) -> dict[str, Expression]:
    """Reduced name → expression: those of VRM first, then every morph target by name."""
    found: dict[str, Expression] = {}
    if model.vrm is not None:
        for name, expression in model.vrm.expressions.items():
            found.setdefault(reduced(name), expression)
    targets: dict[str, list[MorphBind]] = {}
    for i, mesh in enumerate(model.meshes):
        for k, name in enumerate(mesh.target_names):
            targets.setdefault(reduced(name), []).append(MorphBind(i, k, 1.0))
    for name, binds in targets.items():
        found.setdefault(name, Expression(name, is_preset=False, morphs=tuple(binds)))
    return found


def _category(name: str) -> int:
    """0 mouth, 1 blink, 2 look-at, 3 anything else: what an override may hold back."""
    if name in recipes.MOUTH_WORDS or name.startswith(recipes.MOUTH_STARTS):
        return 0
    if name in recipes.BLINK_WORDS or name.startswith(recipes.BLINK_STARTS):
        return 1
    if name.startswith(recipes.LOOK_STARTS):
        return 2
    return 3
