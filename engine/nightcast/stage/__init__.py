"""The picture: renderer, materials, overlays, shots and transitions.

Importing this package is cheap and needs no GL; only the modules that draw import moderngl.
"""
