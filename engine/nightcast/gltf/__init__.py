"""Model files into plain numpy records: glTF 2.0, GLB, VRM 0.x and 1.0 by an own reader, other meshes by trimesh."""
