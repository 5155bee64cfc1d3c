"""The lines along which a picture is smoothed, for models as they stand in a scene."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import trimesh
from tests.stage.boards import RED
from tests.stage.conftest import model_of

from nightcast.gltf.records import Material, Model, Primitive
from nightcast.stage.drawlist import Item, collect
from nightcast.stage.edges import visible_lines
from nightcast.stage.frame import Camera, Instance

BOTH = Material("both", unlit=True, double_sided=True)


def ball(material: Material = RED, *, open_above: bool = False) -> Model:
    mesh = trimesh.creation.icosphere(subdivisions=3, radius=0.5)
    faces = mesh.faces[mesh.triangles_center[:, 1] < 0.2] if open_above else mesh.faces
    vertices = mesh.vertices.astype(np.float32)
    return model_of(Primitive(vertices, vertices * 2, faces.reshape(-1).astype(np.uint32), material=0), [material])


def items(instance: Instance, camera: Camera) -> list[Item]:
    geometry = instance.model.geometry
    return collect(instance, geometry, instance.world @ geometry.rest_world, camera.view)


def lines(instance: Instance, camera: Camera, *, inside: bool = True) -> np.ndarray:
    clip = np.diag(np.float32([1, -1, 1, 1])) @ camera.projection_matrix(1.0) @ camera.view
    return visible_lines(items(instance, camera), clip, lambda item: inside).reshape(-1, 2, 3)


def test_a_mirrored_model_has_the_same_lines(put: Callable, camera: Camera) -> None:
    instance = put(ball(open_above=True))
    mirrored = Instance(instance.model, np.diag(np.float32([-1, 1, 1, 1])))
    there, here = (np.sort(lines(shown, camera).reshape(-1, 3).round(4), axis=0) for shown in (instance, mirrored))
    assert len(there) > 40
    assert np.abs(there[:, 1:] - here[:, 1:]).max() < 1e-3


@pytest.mark.parametrize(("inside", "borders"), [(True, "all"), (False, "front")])
def test_a_border_is_smooth_behind_only_where_the_inside_is_drawn(
    put: Callable, camera: Camera, inside: bool, borders: str
) -> None:
    found = lines(put(ball(BOTH, open_above=True)), camera, inside=inside)
    rim = found[(found[..., 1] > 0.15).all(axis=1)]
    assert (rim[..., 2].min() < -0.3) == (borders == "all")
    assert rim[..., 2].max() > 0.3
