"""Nodes, skins and animations of a glTF document into records; the graph is proved to be a forest."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal, cast

import numpy as np

from nightcast.gltf.accessors import Accessors
from nightcast.gltf.place import Place
from nightcast.gltf.records import F32, Animation, AnimationChannel, Mesh, Node, Skin, f32


def read_nodes(document: Place, mesh_count: int, skin_count: int, warnings: list[str]) -> tuple[Node, ...]:
    places = document.items("nodes")
    children = [place.indices("children", len(places), "node") for place in places]
    parents: list[int | None] = [None] * len(places)
    for i, row in enumerate(children):
        for child in row:
            if parents[child] is not None or child == i:
                raise places[child].error("is a child more than once; the nodes must form a tree")
            parents[child] = i
    _refuse_cycles(places, parents, children)
    nodes = []
    for place, parent, row in zip(places, parents, children, strict=True):
        translation, rotation, scale = _transform(place, warnings)
        mesh, skin = place.index("mesh", mesh_count, "mesh"), place.index("skin", skin_count, "skin")
        nodes.append(Node(place.text("name"), parent, row, translation, rotation, scale, mesh, skin))
    return tuple(nodes)


def _refuse_cycles(places: list[Place], parents: list[int | None], children: list[tuple[int, ...]]) -> None:
    reached = [parent is None for parent in parents]
    queue = [i for i, is_root in enumerate(reached) if is_root]
    while queue:
        for child in children[queue.pop()]:
            reached[child] = True
            queue.append(child)
    if not all(reached):
        raise places[reached.index(False)].error("is its own ancestor")


def _transform(place: Place, warnings: list[str]) -> tuple[F32, F32, F32]:
    if place.has("matrix"):
        numbers = place.numbers("matrix", 16, ())
        return _decompose(np.array(numbers).reshape(4, 4).T, place, warnings)
    rotation = np.array(place.quadruple("rotation", (0.0, 0.0, 0.0, 1.0)))
    length = np.linalg.norm(rotation)
    if length < 1e-6:
        warnings.append(f"{place.path} has a rotation without length, taken as none")
        rotation, length = np.array([0.0, 0.0, 0.0, 1.0]), np.float64(1)
    return (
        f32(place.triple("translation", (0.0, 0.0, 0.0))),
        f32(rotation / length),
        f32(place.triple("scale", (1.0, 1.0, 1.0))),
    )


def _decompose(matrix: F32, place: Place, warnings: list[str]) -> tuple[F32, F32, F32]:
    """Translation, rotation and scale of a matrix; shear, which glTF forbids, is dropped with a warning."""
    from scipy.spatial.transform import Rotation

    linear = matrix[:3, :3]
    scale = np.linalg.norm(linear, axis=0)
    if scale.min() < 1e-12:
        warnings.append(f"{place.path} is flattened to nothing by its matrix")
        return f32(matrix[:3, 3]), f32([0, 0, 0, 1]), f32(scale)
    if np.linalg.det(linear) < 0:
        scale[0] = -scale[0]
    turn = linear / scale
    if np.abs(turn.T @ turn - np.eye(3)).max() > 1e-2:
        warnings.append(f"{place.path} is sheared by its matrix; the shear is left out")
    return (
        f32(matrix[:3, 3]),
        f32(Rotation.from_matrix(turn).as_quat()),
        f32(scale),
    )


def scene_roots(document: Place, nodes: tuple[Node, ...]) -> tuple[int, ...]:
    """Roots of the default scene, else of the first, else every node without a parent."""
    scenes = document.items("scenes")
    chosen = document.index("scene", len(scenes), "scene")
    if not scenes:
        return tuple(i for i, node in enumerate(nodes) if node.parent is None)
    scene = scenes[chosen or 0]
    roots = scene.indices("nodes", len(nodes), "node")
    return tuple(dict.fromkeys(roots))


def reached(nodes: tuple[Node, ...], roots: tuple[int, ...]) -> set[int]:
    """These nodes and all below them."""
    found: set[int] = set()
    queue = list(roots)
    while queue:
        i = queue.pop()
        found.add(i)
        queue.extend(nodes[i].children)
    return found


def hide_unreached(nodes: tuple[Node, ...], roots: tuple[int, ...]) -> tuple[Node, ...]:
    """Nodes outside of the scene keep their place but lose their mesh, so that nobody draws them."""
    shown = reached(nodes, roots)
    return tuple(node if i in shown else replace(node, mesh=None) for i, node in enumerate(nodes))


def read_skins(document: Place, accessors: Accessors) -> tuple[Skin, ...]:
    node_count = len(document.items("nodes"))
    skins = []
    for place in document.items("skins"):
        joints = place.indices("joints", node_count, "node")
        ref = place.maybe("inverseBindMatrices")
        if ref is None:
            inverse_bind = np.tile(np.eye(4, dtype=np.float32), (len(joints), 1, 1))
        else:
            columns = accessors.floats(ref, 16)
            if len(columns) < len(joints):
                raise ref.error(f"has {len(columns)} matrices for {len(joints)} joints")
            inverse_bind = columns[: len(joints)].reshape(-1, 4, 4).transpose(0, 2, 1).copy()
        skins.append(Skin(place.text("name"), joints, inverse_bind))
    return tuple(skins)


def check_skinning(document: Place, nodes: tuple[Node, ...], meshes: tuple[Mesh, ...], skins: tuple[Skin, ...]) -> None:
    """Every joint number of a skinned mesh must be one of its skin's joints."""
    places = document.items("nodes")
    for place, node in zip(places, nodes, strict=False):
        if node.mesh is None or node.skin is None:
            continue
        available = len(skins[node.skin].joints)
        for primitive in meshes[node.mesh].primitives:
            if primitive.joints is not None and primitive.vertex_count and int(primitive.joints.max()) >= available:
                raise place.error(f"names joint {int(primitive.joints.max())}, but skin {node.skin} has {available}")


def read_animations(document: Place, accessors: Accessors, warnings: list[str]) -> tuple[Animation, ...]:
    node_count = len(document.items("nodes"))
    animations = []
    for i, place in enumerate(document.items("animations")):
        samplers = place.items("samplers")
        channels = []
        for item in place.items("channels"):
            target = item.at("target")
            node, path = target.index("node", node_count, "node"), target.text("path")
            if node is None or path not in ("translation", "rotation", "scale", "weights"):
                warnings.append(f"{item.path} animates something we do not know and is left out")
                continue
            sampler = samplers[item.at("sampler").as_index(len(samplers), "sampler")]
            channels.append(_channel(sampler, node, path, accessors))
        duration = max((float(channel.times_s[-1]) for channel in channels), default=0.0)
        animations.append(Animation(place.text("name") or f"animation {i}", tuple(channels), duration))
    return tuple(animations)


def _channel(sampler: Place, node: int, path: str, accessors: Accessors) -> AnimationChannel:
    times = accessors.floats(sampler.at("input"), 1)[:, 0]
    interpolation = sampler.choice("interpolation", ("LINEAR", "STEP", "CUBICSPLINE"), "LINEAR")
    width = {"rotation": 4, "weights": 1}.get(path, 3)
    output = sampler.at("output")
    values = accessors.floats(output, width)
    if not len(times) or (np.diff(times) < 0).any():
        raise sampler.error("its times must rise, and there must be one at least")
    rows = len(times) * (3 if interpolation == "CUBICSPLINE" else 1)
    if len(values) < rows or len(values) % rows:
        raise output.error(f"has {len(values)} values for {rows} keys")
    values = values.reshape(rows, -1)
    if interpolation == "CUBICSPLINE":
        values = values.reshape(len(times), 3, -1)
    if path == "rotation" and interpolation != "CUBICSPLINE":
        values = values / np.maximum(np.linalg.norm(values, axis=1, keepdims=True), 1e-8)
    return AnimationChannel(
        node,
        cast(Literal["translation", "rotation", "scale", "weights"], path),
        cast(Literal["LINEAR", "STEP", "CUBICSPLINE"], interpolation),
        times,
        values.astype(np.float32),
    )
