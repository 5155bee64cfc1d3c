"""Solid shapes as Blender objects: swept, turned, extruded, draped.

Frame: +Y up, the caller's unit of length; nothing here scales. Every builder returns one object with a UV map and
smooth shading broken at sharp edges.
"""

from collections.abc import Callable, Sequence
from math import cos, pi, sin

import bmesh
import bpy
import numpy as np
from numpy.typing import ArrayLike, NDArray

Points = NDArray[np.float64]
SHARP_DEG = 38.0


def clear() -> None:
    """Empty Blender's file, so that scripts run after one another do not see each other."""
    bpy.ops.wm.read_factory_settings(use_empty=True)


def from_faces(
    name: str, points: ArrayLike, faces: Sequence[Sequence[int]], uv: ArrayLike | None = None
) -> bpy.types.Object:
    """An object of `points` [n, 3] and `faces` of indices; `uv` is [n, 2], one a point."""
    mesh = bpy.data.meshes.new(name)
    mesh.from_pydata(np.asarray(points, float).tolist(), [], [list(face) for face in faces])
    layer = mesh.uv_layers.new(name="UVMap")
    if uv is not None:
        corners = np.empty(len(mesh.loops), np.int32)
        mesh.loops.foreach_get("vertex_index", corners)
        layer.data.foreach_set("uv", np.asarray(uv, np.float32)[corners].ravel())
    mesh.validate()
    made = bpy.data.objects.new(name, mesh)
    bpy.context.scene.collection.objects.link(made)
    return smooth(made)


def smooth(shape: bpy.types.Object, sharp_deg: float = SHARP_DEG) -> bpy.types.Object:
    """Shade smooth, and keep edges sharper than `sharp_deg` hard."""
    shape.data.polygons.foreach_set("use_smooth", [True] * len(shape.data.polygons))
    shape.data.set_sharp_from_angle(angle=sharp_deg * pi / 180)
    return shape


def modify(shape: bpy.types.Object, kind: str, **settings: object) -> bpy.types.Object:
    """Apply one modifier (`BEVEL`, `SUBSURF`, `SOLIDIFY`, `DECIMATE` ...) at once."""
    modifier = shape.modifiers.new(kind.lower(), kind)
    for key, value in settings.items():
        setattr(modifier, key, value)
    graph = bpy.context.evaluated_depsgraph_get()
    changed = bpy.data.meshes.new_from_object(shape.evaluated_get(graph), depsgraph=graph)
    shape.modifiers.clear()
    shape.data = changed
    return smooth(shape)


def bevel(shape: bpy.types.Object, width: float, segments: int = 2, angle_deg: float = 35) -> bpy.types.Object:
    """Round every edge sharper than `angle_deg`."""
    return modify(
        shape, "BEVEL", width=width, segments=segments, limit_method="ANGLE", angle_limit=angle_deg * pi / 180
    )


def grid(
    name: str,
    points: ArrayLike,
    *,
    close_u: bool = False,
    close_v: bool = False,
    uv_size: tuple[float, float] = (1.0, 1.0),
) -> bpy.types.Object:
    """A sheet through `points` [rows u, columns v, 3] that faces u × v; a closed direction ends where it began."""
    net = np.asarray(points, float)
    if close_u:
        net = np.concatenate([net, net[:1]], 0)
    if close_v:
        net = np.concatenate([net, net[:, :1]], 1)
    rows, columns = net.shape[:2]
    index = np.arange(rows * columns).reshape(rows, columns)
    faces = np.stack([index[:-1, :-1], index[1:, :-1], index[1:, 1:], index[:-1, 1:]], -1).reshape(-1, 4)
    u, v = np.meshgrid(np.linspace(0, uv_size[0], rows), np.linspace(0, uv_size[1], columns), indexing="ij")
    sheet = from_faces(name, net.reshape(-1, 3), faces.tolist(), np.stack([u, v], -1).reshape(-1, 2))
    return weld(sheet)


def weld(shape: bpy.types.Object, distance: float = 1e-5) -> bpy.types.Object:
    """Join points closer than `distance`: seams and poles; UVs stay as they are."""
    return modify(shape, "WELD", merge_threshold=distance)


def sheet(
    name: str,
    surface: Callable[[float, float], Sequence[float]],
    u: tuple[float, float, int],
    v: tuple[float, float, int],
    *,
    close_u: bool = False,
    close_v: bool = False,
    uv_size: tuple[float, float] = (1.0, 1.0),
) -> bpy.types.Object:
    """A sheet over `surface(u, v) -> x, y, z`; `u` and `v` are (from, to, steps)."""
    us = np.linspace(u[0], u[1], u[2] + 1)[: u[2] if close_u else None]
    vs = np.linspace(v[0], v[1], v[2] + 1)[: v[2] if close_v else None]
    net = [[surface(float(a), float(b)) for b in vs] for a in us]
    return grid(name, net, close_u=close_u, close_v=close_v, uv_size=uv_size)


def lathe(
    name: str,
    profile: ArrayLike,
    segments: int = 32,
    *,
    ribs: Callable[[float], float] | None = None,
    uv_size: tuple[float, float] = (1.0, 1.0),
) -> bpy.types.Object:
    """Turn `profile` [(radius, y), ...], listed bottom to top on the outside, about Y; `ribs(angle)` scales radii."""
    line = np.asarray(profile, float)
    rings = []
    for angle in np.linspace(0, 2 * pi, segments + 1):
        scale = ribs(float(angle)) if ribs else 1.0
        radius = line[:, 0] * scale
        rings.append(np.stack([radius * sin(angle), line[:, 1], radius * cos(angle)], 1))
    return grid(name, np.array(rings), uv_size=uv_size)


def circle(radius: float, steps: int, squash: float = 1.0) -> Points:
    """A closed outline [steps, 2], anticlockwise, without its last point repeated."""
    angle = np.linspace(0, 2 * pi, steps, endpoint=False)
    return np.stack([radius * np.cos(angle), radius * squash * np.sin(angle)], 1)


def frames(path: Points, closed: bool) -> tuple[Points, Points]:
    """Two directions [n, 3] across each point of `path`, carried along it without twist."""
    ahead = np.roll(path, -1, 0) - np.roll(path, 1, 0) if closed else np.gradient(path, axis=0)
    ahead /= np.linalg.norm(ahead, axis=1, keepdims=True)
    side = np.cross(ahead[0], [0, 1, 0] if abs(ahead[0][1]) < 0.9 else [0, 0, 1])
    sides = []
    for direction in ahead:
        side = side - direction * (side @ direction)
        side = side / np.linalg.norm(side)
        sides.append(side)
    across = np.array(sides)
    return across, np.cross(across, ahead)


def sweep(
    name: str,
    path: ArrayLike,
    section: ArrayLike,
    *,
    closed: bool = False,
    scale: ArrayLike | None = None,
    twist_deg: float = 0.0,
    caps: bool = True,
    uv_size: tuple[float, float] = (1.0, 1.0),
) -> bpy.types.Object:
    """Carry a closed `section` [m, 2] along `path` [n, 3]; `scale` [n] thins it, `twist_deg` winds it in all."""
    line, outline = np.asarray(path, float), np.asarray(section, float)
    across, over = frames(line, closed)
    sizes = np.ones(len(line)) if scale is None else np.asarray(scale, float)
    rings = []
    for step, centre in enumerate(line):
        turn = twist_deg * pi / 180 * step / max(len(line) - 1, 1)
        x, y = outline[:, 0] * sizes[step], outline[:, 1] * sizes[step]
        a, b = x * cos(turn) - y * sin(turn), x * sin(turn) + y * cos(turn)
        rings.append(centre + a[:, None] * across[step] + b[:, None] * over[step])
    tube = grid(name, np.array(rings), close_u=closed, close_v=True, uv_size=uv_size)
    if caps and not closed:
        modify(tube, "WELD", merge_threshold=1e-6)
        close_holes(tube)
    return tube


def close_holes(shape: bpy.types.Object) -> bpy.types.Object:
    """Fill open rims with flat faces."""
    work = bmesh.new()
    work.from_mesh(shape.data)
    bmesh.ops.holes_fill(work, edges=[edge for edge in work.edges if edge.is_boundary], sides=0)
    work.to_mesh(shape.data)
    work.free()
    return smooth(shape)


def outward(shape: bpy.types.Object) -> bpy.types.Object:
    """Turn the faces of a closed shape outwards; open ones stay as drawn."""
    work = bmesh.new()
    work.from_mesh(shape.data)
    if all(edge.is_manifold for edge in work.edges):
        bmesh.ops.recalc_face_normals(work, faces=work.faces)
        work.to_mesh(shape.data)
    work.free()
    return smooth(shape)


def cut(shape: bpy.types.Object, gone: Callable[[float, float, float], bool]) -> bpy.types.Object:
    """Remove the faces whose middles are where `gone(x, y, z)` says."""
    work = bmesh.new()
    work.from_mesh(shape.data)
    faces = [face for face in work.faces if gone(*face.calc_center_median())]
    bmesh.ops.delete(work, geom=faces, context="FACES")
    work.to_mesh(shape.data)
    work.free()
    return smooth(shape)


def slab(
    name: str, outline: ArrayLike, depth: float, *, holes: Sequence[ArrayLike] = (), edge: float = 0.0, steps: int = 1
) -> bpy.types.Object:
    """Extrude an outline [n, 2] in x, y by `depth` about z = 0, with `holes`, its edges rounded by `edge`."""
    curve = bpy.data.curves.new(name, "CURVE")
    curve.dimensions, curve.fill_mode = "2D", "BOTH"
    curve.extrude, curve.bevel_depth, curve.bevel_resolution = depth / 2 - edge, edge, steps
    curve.offset = -edge
    for loop in (outline, *holes):
        points = np.asarray(loop, float)
        spline = curve.splines.new("POLY")
        spline.points.add(len(points) - 1)
        spline.use_cyclic_u = True
        for point, (x, y) in zip(spline.points, points, strict=True):
            point.co = (x, y, 0, 1)
    maker = bpy.data.objects.new(name, curve)
    bpy.context.scene.collection.objects.link(maker)
    graph = bpy.context.evaluated_depsgraph_get()
    mesh = bpy.data.meshes.new_from_object(maker.evaluated_get(graph), depsgraph=graph)
    bpy.data.objects.remove(maker)
    made = bpy.data.objects.new(name, mesh)
    bpy.context.scene.collection.objects.link(made)
    weld(made)
    return box_uv(made)


def block(
    name: str, size: Sequence[float], at: Sequence[float] = (0, 0, 0), edge: float = 0.0, segments: int = 1
) -> bpy.types.Object:
    """A box of `size` centred `at`, edges rounded by `edge`; its UVs are lengths along the faces."""
    half = np.asarray(size, float) / 2
    corner = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)])
    faces = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    made = from_faces(name, corner * half + np.asarray(at, float), faces)
    if edge:
        bevel(made, edge, segments)
    return box_uv(made)


def ball(name: str, radius: float, at: Sequence[float] = (0, 0, 0), segments: int = 16) -> bpy.types.Object:
    """A sphere about `at`."""
    turn = np.linspace(-pi / 2, pi / 2, segments // 2 + 1)
    made = lathe(name, np.stack([radius * np.cos(turn), radius * np.sin(turn)], 1), segments)
    return move(made, at)


def ring(
    name: str, radius: float, section: ArrayLike, *, steps: int = 32, axis: str = "y", squash: float = 1.0
) -> bpy.types.Object:
    """A closed hoop of `radius` about `axis`; `squash` scales its second direction."""
    flat = circle(radius, steps, squash)
    zero = np.zeros(steps)
    path = {
        "x": np.stack([zero, flat[:, 0], flat[:, 1]], 1),
        "y": np.stack([flat[:, 1], zero, flat[:, 0]], 1),
        "z": np.stack([flat[:, 0], flat[:, 1], zero], 1),
    }[axis]
    return sweep(name, path, section, closed=True, uv_size=(4.0, 1.0))


def box_uv(shape: bpy.types.Object, scale: float = 1.0) -> bpy.types.Object:
    """UVs by the face's main direction, in units of length times `scale`."""
    mesh = shape.data
    layer = mesh.uv_layers.active or mesh.uv_layers.new(name="UVMap")
    for face in mesh.polygons:
        axis = int(np.argmax(np.abs(face.normal)))
        first, second = ((2, 1), (0, 2), (0, 1))[axis]
        for loop in face.loop_indices:
            point = mesh.vertices[mesh.loops[loop].vertex_index].co
            layer.data[loop].uv = (point[first] * scale, point[second] * scale)
    return shape


def points(shape: bpy.types.Object) -> Points:
    """The object's points [n, 3]."""
    flat = np.empty(len(shape.data.vertices) * 3, np.float32)
    shape.data.vertices.foreach_get("co", flat)
    return flat.reshape(-1, 3).astype(float)


def bend(shape: bpy.types.Object, change: Callable[[Points], Points]) -> bpy.types.Object:
    """Move every point by `change([n, 3]) -> [n, 3]`."""
    shape.data.vertices.foreach_set("co", change(points(shape)).astype(np.float32).ravel())
    shape.data.update()
    return smooth(shape)


def move(shape: bpy.types.Object, by: Sequence[float]) -> bpy.types.Object:
    """Shift an object's points."""
    return bend(shape, lambda at: at + np.asarray(by, float))


def turn(shape: bpy.types.Object, deg: float, axis: str, about: Sequence[float] = (0, 0, 0)) -> bpy.types.Object:
    """Turn an object's points about an axis through `about`, by the right hand."""
    c, s = cos(deg * pi / 180), sin(deg * pi / 180)
    matrix = np.array(
        {
            "x": [[1, 0, 0], [0, c, -s], [0, s, c]],
            "y": [[c, 0, s], [0, 1, 0], [-s, 0, c]],
            "z": [[c, -s, 0], [s, c, 0], [0, 0, 1]],
        }[axis]
    )
    centre = np.asarray(about, float)
    return bend(shape, lambda at: (at - centre) @ matrix.T + centre)


def mirror(shape: bpy.types.Object) -> bpy.types.Object:
    """The shape seen in the plane x = 0, as an object of its own."""
    twin = shape.copy()
    twin.data = shape.data.copy()
    bpy.context.scene.collection.objects.link(twin)
    twin.data.flip_normals()
    return bend(twin, lambda at: at * (-1, 1, 1))


def join(name: str, shapes: Sequence[bpy.types.Object]) -> bpy.types.Object:
    """One object of several, each keeping its materials."""
    with bpy.context.temp_override(
        active_object=shapes[0], selected_objects=list(shapes), selected_editable_objects=list(shapes)
    ):
        bpy.ops.object.join()
    shapes[0].name = name
    return shapes[0]


def spline(knots: ArrayLike, steps: int, closed: bool = False) -> Points:
    """A smooth line of `steps` points through `knots` [n, d], evenly spaced (Catmull-Rom)."""
    given = np.asarray(knots, float)
    ends = (given[-1:], given[:2]) if closed else (2 * given[:1] - given[1:2], 2 * given[-1:] - given[-2:-1])
    line = np.concatenate([ends[0], given, ends[1]])
    fine = []
    t = np.linspace(0, 1, 24, endpoint=False)[:, None]
    for a, b, c, d in zip(line, line[1:], line[2:], line[3:], strict=False):
        fine.append(0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3))
    dense = np.concatenate([*fine, line[-2:-1]])
    run = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(dense, axis=0), axis=1))])
    wanted = np.linspace(0, run[-1], steps + 1)[:steps] if closed else np.linspace(0, run[-1], steps)
    return np.stack([np.interp(wanted, run, dense[:, axis]) for axis in range(dense.shape[1])], 1)
