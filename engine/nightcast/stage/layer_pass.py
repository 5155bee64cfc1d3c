"""Draws overlays over the finished picture, one textured quad each."""

from __future__ import annotations

from collections.abc import Sequence

import moderngl
import numpy as np

from nightcast.stage.gpu import Gpu, Scope
from nightcast.stage.layers import Bitmap, Layer
from nightcast.stage.programs import Programs

#: Pictures without a bitmap after which its texture is let go.
KEEP_PICTURES = 90
#: Pictures without it after which its texture may take another bitmap of its size: making one costs more than filling
#: one, and a camera's picture comes each time.
REST_PICTURES = 3


class BitmapTextures:
    """Textures of bitmaps by content, let go when they have not been drawn for a while."""

    def __init__(self, gpu: Gpu) -> None:
        self._gpu = gpu
        self._kept: dict[int, tuple[Scope, moderngl.Texture, int]] = {}
        self._now = 0

    def get(self, bitmap: Bitmap) -> moderngl.Texture:
        scope, texture, _ = self._kept.get(bitmap.key) or (*self._upload(bitmap), 0)
        self._kept[bitmap.key] = scope, texture, self._now
        return texture

    def next_picture(self) -> None:
        """Count a picture, and release what was last drawn too long ago."""
        self._now += 1
        for key in [k for k, (_, _, seen) in self._kept.items() if self._now - seen > KEEP_PICTURES]:
            self._kept.pop(key)[0].release()

    def release(self) -> None:
        for scope, *_ in self._kept.values():
            scope.release()
        self._kept.clear()

    def _upload(self, bitmap: Bitmap) -> tuple[Scope, moderngl.Texture]:
        pixels, size = np.ascontiguousarray(bitmap.pixels), (bitmap.width_px, bitmap.height_px)
        for key, (scope, texture, seen) in self._kept.items():
            if texture.size == size and self._now - seen > REST_PICTURES:
                texture.write(pixels)
                del self._kept[key]
                return scope, texture
        scope = self._gpu.scope()
        texture = scope.texture(size, 4, pixels.tobytes())
        texture.repeat_x = texture.repeat_y = False
        return scope, texture


class LayerPass:
    """Quads with premultiplied sRGB pixels, in list order."""

    def __init__(self, scope: Scope, programs: Programs, textures: BitmapTextures) -> None:
        self._textures = textures
        self._shader = programs.get("layer.vert", "layer.frag")
        self._array = scope.vertex_array(self._shader.program, [])

    def draw(self, context: moderngl.Context, layers: Sequence[Layer], size_px: tuple[int, int]) -> int:
        """Blend `layers` into the bound picture; their coordinates are pixels of `size_px`."""
        shown = [
            layer for layer in layers if layer.opacity > 0 and layer.rect.width_px > 0 and layer.rect.height_px > 0
        ]
        if not shown:
            return 0
        context.enable_only(moderngl.BLEND)
        context.blend_func = moderngl.ONE, moderngl.ONE_MINUS_SRC_ALPHA
        for layer in shown:
            bitmap, rect, source = layer.bitmap, layer.rect, layer.source
            texture = self._textures.get(bitmap)
            texture.use(2)
            exact = (
                layer.rotation_deg == 0
                and (rect.width_px, rect.height_px)
                == ((bitmap.width_px, bitmap.height_px) if source is None else (source.width_px, source.height_px))
                and rect.x_px == round(rect.x_px)
                and rect.y_px == round(rect.y_px)
            )
            filtered = moderngl.NEAREST if exact else moderngl.LINEAR
            texture.filter = (filtered, filtered)
            crop = (0.0, 0.0, 1.0, 1.0)
            if source is not None:
                crop = (
                    source.x_px / bitmap.width_px,
                    source.y_px / bitmap.height_px,
                    source.width_px / bitmap.width_px,
                    source.height_px / bitmap.height_px,
                )
            self._shader.set("u_rect", rect.x_px, rect.y_px, rect.width_px, rect.height_px)
            self._shader.set("u_crop", *crop)
            self._shader.set("u_place", *size_px, float(np.radians(layer.rotation_deg)), layer.opacity)
            self._array.render(moderngl.TRIANGLE_STRIP, vertices=4)
        return len(shown)
