"""Sources of the demo show's content: each picture, model, light and sound here is made by a script.

The scripts need Blender's module (`pip install bpy==4.2.* pillow`), a tool of the makers that the engine never
imports. From the repository's root:

    python -m assets.make product sunglasses     # or: product all
    python -m assets.make street                 # the night market's backdrop, minutes; kept as a temporary file
    python -m assets.make set night_market       # bakes the light, minutes
    python -m assets.make light night_market
    python -m assets.make brand
    python -m assets.make.sound                  # needs the engine's environment, not Blender
    python -m assets.make look assets/models/products/watch.glb -o watch.png

Axes are glTF's: right-handed, +Y up, +Z towards the viewer. Sets are modelled in metres, products in millimetres.
"""
