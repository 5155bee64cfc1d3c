"""MSFT_lod: what a file has drawn instead of a node where that is small. Levels of nodes are read, not of materials.

https://github.com/KhronosGroup/glTF/tree/main/extensions/2.0/Vendor/MSFT_lod
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from nightcast.gltf.errors import ModelError
from nightcast.gltf.place import Place, Sieve
from nightcast.gltf.records import Coarser, Levels, Mesh, Node
from nightcast.gltf.scene import reached

EXTENSION = "MSFT_lod"

#: Share of the picture at which a level gives way to the next, of the one before: for files without coverage.
_USUAL_STEP = 0.25


def read_levels(
    document: Place, nodes: tuple[Node, ...], roots: tuple[int, ...], meshes: tuple[Mesh, ...], sieve: Sieve
) -> tuple[Levels, ...]:
    """The levels of all nodes that have some; what cannot be understood of them is left to the `sieve`."""
    shown = reached(nodes, roots)
    places = document.items("nodes")
    taken: set[int] = set()

    def read(place: Place) -> Levels:
        node = places.index(place)
        extension = place.extension(EXTENSION)
        assert extension is not None
        ids = extension.indices("ids", len(nodes), "node")
        if not ids:
            raise extension.error("names no level")
        below = _coverage(place, len(ids))
        coarser = []
        for number, share in zip(ids, below, strict=True):
            if number in shown or number in taken:
                raise extension.error(f"names node {number}, which is shown elsewhere")
            coarser.append(_coarser(extension, node, number, share, nodes, meshes))
        taken.update(ids)
        return Levels(node, tuple(coarser))

    return tuple(sieve.each([places[i] for i in sorted(shown) if _has_levels(places[i])], read))


def placed_levels(nodes: tuple[Node, ...], levels: tuple[Levels, ...]) -> tuple[Node, ...]:
    """The nodes, where those that stand in for another hang where that hangs."""
    placed = list(nodes)
    for each in levels:
        for look in each.coarser:
            placed[look.root] = replace(nodes[look.root], parent=nodes[each.node].parent)
    return tuple(placed)


def without_levels(meshes: tuple[Mesh, ...], nodes: tuple[Node, ...], levels: tuple[Levels, ...]) -> tuple[Mesh, ...]:
    """The meshes, those of levels alone empty: whoever counts or moves meshes need not know of levels."""
    coarse = {mesh for each in levels for look in each.coarser for mesh in look.meshes.values() if mesh is not None}
    coarse -= {meshes[node.mesh] for node in nodes if node.mesh is not None}
    nothing = np.zeros(0, np.float32)
    return tuple(Mesh(mesh.name, (), nothing) if mesh in coarse else mesh for mesh in meshes)


def _has_levels(place: Place) -> bool:
    try:
        return place.extension(EXTENSION) is not None
    except ModelError:
        return False


def _coverage(place: Place, count: int) -> list[float]:
    """Below which share of the picture each of `count` levels is drawn, falling."""
    extras = place.maybe("extras")
    if extras is None or not isinstance(extras.value, dict) or not extras.has("MSFT_screencoverage"):
        return [_USUAL_STEP**level for level in range(1, count + 1)]
    given = [item.as_number() for item in extras.items("MSFT_screencoverage")]
    if len(given) < count:
        raise extras.error(f"MSFT_screencoverage has {len(given)} numbers for {count + 1} looks")
    below: list[float] = np.minimum.accumulate(given[:count]).tolist()
    return below


def _coarser(
    extension: Place, node: int, root: int, below: float, nodes: tuple[Node, ...], meshes: tuple[Mesh, ...]
) -> Coarser:
    instead = _drawn_below(nodes, root, meshes)
    if not instead:
        raise extension.error(f"names node {root}, which draws nothing")
    fine = _drawn_below(nodes, node, meshes)
    if set(fine) == {node} and set(instead) == {root} and _alike(nodes[node], nodes[root]):
        return Coarser(below, root, {node: instead[root]})
    return Coarser(below, root, {**dict.fromkeys(fine), **instead})


def _drawn_below(nodes: tuple[Node, ...], root: int, meshes: tuple[Mesh, ...]) -> Mapping[int, Mesh]:
    return {i: meshes[mesh] for i in reached(nodes, (root,)) if (mesh := nodes[i].mesh) is not None}


def _alike(node: Node, other: Node) -> bool:
    """Whether a mesh may hang on either node."""
    parts = ("translation", "rotation", "scale")
    return node.skin == other.skin and all(np.array_equal(getattr(node, p), getattr(other, p)) for p in parts)
