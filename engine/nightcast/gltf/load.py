"""`load`: a model file of any format we know into a `Model`, in any thread."""

from __future__ import annotations

from pathlib import Path

from nightcast.gltf.accessors import Accessors
from nightcast.gltf.container import open_container
from nightcast.gltf.errors import ModelError
from nightcast.gltf.levels import EXTENSION as LEVELS
from nightcast.gltf.levels import placed_levels, read_levels, without_levels
from nightcast.gltf.materials import BASIS, MaterialReader, read_images, read_textures
from nightcast.gltf.meshes import DRACO, DRACO_REMEDY, MeshReader, with_own_weights
from nightcast.gltf.place import Place, Sieve
from nightcast.gltf.records import Model
from nightcast.gltf.scene import (
    check_skinning,
    hide_unreached,
    read_animations,
    read_nodes,
    read_skins,
    scene_roots,
)
from nightcast.gltf.vrm import Scope, read_vrm, read_vrm_animation
from nightcast.gltf.vrm0 import read_vrm0, turned_around, upgrade_materials

GLTF_SUFFIXES = (".glb", ".gltf", ".vrm", ".vrma")
MESH_SUFFIXES = (".obj", ".stl", ".ply", ".3mf", ".off")

#: Extensions that change where the vertices are, and that we read. Others only change the look.
_UNDERSTOOD = {
    "KHR_mesh_quantization",
    "EXT_meshopt_compression",
    "KHR_meshopt_compression",
    "KHR_texture_transform",
    "EXT_texture_webp",
    "KHR_materials_variants",
    "KHR_materials_unlit",
    "KHR_materials_clearcoat",
    "KHR_materials_sheen",
    "KHR_materials_specular",
    "KHR_materials_transmission",
    "KHR_materials_ior",
    "KHR_materials_emissive_strength",
    LEVELS,
    "VRM",
    "VRMC_vrm",
    "VRMC_vrm_animation",
    "VRMC_springBone",
    "VRMC_node_constraint",
    "VRMC_materials_mtoon",
}


def load(path: Path | str) -> Model:
    """Read a model. Raises ModelError, which names the file and the place, for whatever is wrong with it."""
    path = Path(path)
    suffix = path.suffix.lower()
    if path.is_dir():
        raise ModelError(path, "", "it is a folder; name a model in it")
    if suffix in GLTF_SUFFIXES:
        return _load_gltf(path)
    if suffix in MESH_SUFFIXES:
        from nightcast.gltf.foreign import load_foreign

        return load_foreign(path)
    known = " ".join((*GLTF_SUFFIXES, *MESH_SUFFIXES))
    raise ModelError(path, "", f"{suffix or 'a file without an ending'} is no model format we read ({known})")


def _load_gltf(path: Path) -> Model:
    container = open_container(path)
    document = container.document
    warnings: list[str] = []
    _check_required(document, warnings)
    accessors = Accessors(container)

    images = read_images(container, accessors)
    textures = read_textures(document, len(images), warnings)
    reader = MaterialReader(textures)
    materials = tuple(reader.material(place) for place in document.items("materials"))
    sieve = Sieve()
    materials = upgrade_materials(document, sieve, materials, reader)

    variants = _variants(document)
    mesh_reader = MeshReader(accessors, materials, len(variants), warnings)
    meshes = tuple(mesh_reader.mesh(place) for place in document.items("meshes"))
    skins = read_skins(document, accessors)
    nodes = read_nodes(document, len(meshes), len(skins), warnings)
    check_skinning(document, nodes, meshes, skins)
    nodes, meshes = with_own_weights(document, nodes, meshes)
    roots = scene_roots(document, nodes)
    levels = read_levels(document, nodes, roots, meshes, sieve)
    meshes = without_levels(meshes, hide_unreached(nodes, roots), levels)
    animations = read_animations(document, accessors, warnings)

    scope = Scope(nodes, meshes, len(materials), warnings, sieve)
    vrm = read_vrm(document, scope)
    if vrm is None:
        vrm = read_vrm0(document, scope)
        if vrm is not None:
            nodes, roots = turned_around(nodes, roots)
    vrm_animation = read_vrm_animation(document, scope)
    warnings += sieve.sentences()
    return Model(
        path=path,
        nodes=hide_unreached(placed_levels(nodes, levels), roots),
        roots=roots,
        meshes=meshes,
        skins=skins,
        materials=materials,
        textures=tuple(texture for texture in textures if texture is not None),
        images=images,
        animations=animations,
        levels=levels,
        variants=variants,
        vrm=vrm,
        vrm_animation=vrm_animation,
        warnings=tuple(dict.fromkeys(warnings)),
    )


def _check_required(document: Place, warnings: list[str]) -> None:
    for item in document.items("extensionsRequired"):
        name = item.as_text()
        if name == DRACO:
            raise item.error(f"it {DRACO_REMEDY}")
        if name not in (*_UNDERSTOOD, BASIS):  # pictures in Basis are told of where they are missed
            warnings.append(f"it asks for the extension {name}, which we do not know; it may look different")


def _variants(document: Place) -> tuple[str, ...]:
    extension = document.extension("KHR_materials_variants")
    if extension is None:
        return ()
    return tuple(item.text("name") or f"variant {i}" for i, item in enumerate(extension.items("variants")))
