"""What is behind everything: a gradient, a picture, or the light's own panorama."""

from __future__ import annotations

import moderngl
import numpy as np

from nightcast.gltf.records import F32
from nightcast.stage.environment import Environment
from nightcast.stage.frame import Frame
from nightcast.stage.gpu import Gpu, Scope
from nightcast.stage.layer_pass import BitmapTextures
from nightcast.stage.materials import UNITS
from nightcast.stage.programs import Programs


class Backdrop:
    """Draws the background behind everything, where nothing else is."""

    def __init__(self, gpu: Gpu, scope: Scope, programs: Programs, bitmaps: BitmapTextures) -> None:
        self._context = gpu.context
        self._bitmaps = bitmaps
        self._gradient = programs.get("screen.vert", "backdrop.frag", {"VIGNETTE"})
        self._picture = programs.get("screen.vert", "backdrop.frag", {"VIGNETTE", "PICTURE"})
        self._panorama = programs.get("screen.vert", "backdrop.frag", {"VIGNETTE", "PANORAMA"})
        self._arrays = {
            shader: scope.vertex_array(shader.program, []) for shader in (self._gradient, self._picture, self._panorama)
        }
        self._gpu = gpu
        self._shown: tuple[Environment, Scope, moderngl.Texture] | None = None

    def draw(self, target: moderngl.Framebuffer, frame: Frame, environment: Environment, clip: F32) -> None:
        """Fill what of a target is at its farthest depth; `clip` is (4, 4) world to clip space as drawn."""
        background = frame.background
        for shader in self._arrays:
            shader.set("u_vignette", 1 / target.width, 1 / target.height, frame.effects.vignette)
        target.use()
        self._context.enable_only(moderngl.DEPTH_TEST)
        self._context.depth_func = "<="
        if background.environment:
            self._draw_panorama(frame, environment, clip)
        elif (image := background.image) is not None:
            texture = self._bitmaps.get(image)
            texture.filter = (moderngl.LINEAR, moderngl.LINEAR)
            texture.use(UNITS["t_base"])
            self._picture.set("u_crop", *covering(image.width_px / image.height_px, target.width / target.height))
            self._arrays[self._picture].render(vertices=3)
        else:
            self._gradient.set("u_top", *background.top)
            self._gradient.set("u_bottom", *(background.bottom or background.top))
            self._arrays[self._gradient].render(vertices=3)
        self._context.depth_func = "<"

    def release(self) -> None:
        if self._shown is not None:
            self._shown[1].release()
            self._shown = None

    def _draw_panorama(self, frame: Frame, environment: Environment, clip: F32) -> None:
        if self._shown is None or self._shown[0] is not environment:
            self.release()
            scope = self._gpu.scope()
            height, width = environment.panorama.shape[:2]
            pixels = np.minimum(environment.panorama, 60000).astype(np.float16)
            texture = scope.texture((width, height), 3, pixels.tobytes(), dtype="f2")
            texture.build_mipmaps()
            texture.filter = (moderngl.LINEAR_MIPMAP_LINEAR, moderngl.LINEAR)
            texture.repeat_y = False
            self._shown = environment, scope, texture
        texture = self._shown[2]
        texture.use(UNITS["t_base"])
        # A direction for each corner of the screen, from the clip matrix without the camera's place.
        rotation = frame.camera.view[:3, :3]
        projection = clip @ np.linalg.inv(frame.camera.view)
        rays = rotation.T @ np.linalg.inv(projection[[0, 1, 3]][:, :3])
        self._panorama.set_matrix("u_rays", np.asarray(rays, np.float32))
        self._panorama.set("u_intensity", frame.lighting.environment_intensity)
        self._panorama.set("u_level", frame.background.blur * 6.0)
        self._arrays[self._panorama].render(vertices=3)


def covering(image_aspect: float, aspect: float) -> tuple[float, float, float, float]:
    """Offset and scale of texture coordinates with which an image fills a picture, centred and cropped."""
    wide = min(1.0, aspect / image_aspect)
    high = min(1.0, image_aspect / aspect)
    return (1 - wide) / 2, (1 - high) / 2, wide, high
