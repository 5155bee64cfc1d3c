"""Model files into plain numpy records: glTF 2.0, GLB and VRM by an own reader, other meshes by trimesh."""

from nightcast.gltf.errors import ModelError
from nightcast.gltf.load import load
from nightcast.gltf.pictures import readable
from nightcast.gltf.records import Model

__all__ = ["Model", "ModelError", "load", "readable"]
