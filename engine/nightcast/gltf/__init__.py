"""Model files into plain numpy records: glTF 2.0, GLB and VRM by an own reader, other meshes by trimesh."""
