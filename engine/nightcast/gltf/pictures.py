"""Pictures that cannot be read cost a model those pictures, and nothing else."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import Any

from nightcast.gltf.errors import ModelError
from nightcast.gltf.records import Material, Model, TextureRef

__all__ = ["readable"]


def readable(model: Model) -> Model:
    """The model, its pictures decoded. Those that cannot be are taken from its materials and told in `warnings`."""
    problems: dict[int, str] = {}
    for index, image in enumerate(model.images):
        try:
            image.pixels  # noqa: B018 - decoded once and kept
        except ModelError as error:
            problems[index] = f"{error.place}: {error.problem}"
    lost = {number: problems[t.image] for number, t in enumerate(model.textures) if t.image in problems}
    if not lost:
        return model
    materials, warnings = [], []
    for number, material in enumerate(model.materials):
        name = material.name or f"material {number}"
        warnings += [f"{name} is drawn without {lost[ref.texture]}" for ref in _refs(material) if ref.texture in lost]
        materials.append(_dulled(material, lost))
    return replace(model, materials=tuple(materials), warnings=(*model.warnings, *dict.fromkeys(warnings)))


def _refs(record: Any) -> list[TextureRef]:
    """Every texture that a material names, those of its extensions too."""
    if isinstance(record, TextureRef):
        return [record]
    return [ref for f in fields(record) for ref in _refs(getattr(record, f.name))] if is_dataclass(record) else []


def _without(record: Any, lost: dict[int, str]) -> Any:
    """A material or one of its extensions without the textures that are lost."""
    if isinstance(record, TextureRef):
        return None if record.texture in lost else record
    if not is_dataclass(record) or isinstance(record, type):
        return record
    return replace(record, **{f.name: _without(getattr(record, f.name), lost) for f in fields(record)})


def _dulled(material: Material, lost: dict[int, str]) -> Material:
    """Without its lost textures. What glowed or was metal by one of them does no more: all of it would stand out."""
    plain: Material = _without(material, lost)
    if material.emissive_texture is not None and plain.emissive_texture is None:
        plain = replace(plain, emissive=(0.0, 0.0, 0.0))
    if material.metallic_roughness_texture is not None and plain.metallic_roughness_texture is None:
        plain = replace(plain, metallic=0.0)
    return plain
