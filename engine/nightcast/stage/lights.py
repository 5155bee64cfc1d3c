"""Light as the shaders want it: the numbers of the block `Scene`, and the texture of mirrored light.

The environment, turned and scaled, with the fill and rim lamps in it, becomes one octahedral texture and nine
harmonics; they are worked out again only when one of them changes.
"""

from __future__ import annotations

import moderngl
import numpy as np

from nightcast.gltf.records import F32
from nightcast.stage.environment import (
    BASE_PX,
    HARMONICS,
    LEVELS,
    Environment,
    lamp_levels,
    lamp_sh,
    no_environment,
    turned,
)
from nightcast.stage.frame import Camera, Lamp, Lighting, lamp_color
from nightcast.stage.gpu import Scope
from nightcast.stage.shadow import ShadowMap

#: The block `Scene` of `shaders/scene.glsl` in std140; matrices are stored by columns.
SCENE_BLOCK = np.dtype(
    [
        ("view_projection", np.float32, (4, 4)),
        ("shadow", np.float32, (4, 4)),
        ("eye", np.float32, (4,)),
        ("key_toward", np.float32, (4,)),
        ("key", np.float32, (4,)),
        ("forward", np.float32, (4,)),
        ("bias", np.float32, (4,)),
        ("sh", np.float32, (HARMONICS, 4)),
    ]
)

#: Radius of the shadow's blur in texels of its map.
SOFTNESS_TEXELS = {"none": 0.0, "hard": 0.7, "soft": 1.8}

#: How much of the key light a shadow takes away; some is always scattered into it.
SHADOW_STRENGTH = 0.92


def lamp_irradiance(lamp: Lamp) -> F32:
    """(3,) linear irradiance on a surface that faces the lamp."""
    return np.asarray(lamp_color(lamp) * lamp.intensity, np.float32)


def unit(vector: tuple[float, float, float]) -> F32:
    """(3,) of length 1; straight up for a vector of no length."""
    array = np.asarray(vector, np.float32)
    length = float(np.linalg.norm(array))
    return np.asarray(array / length if length > 1e-9 else (0, 1, 0), np.float32)


class LightRig:
    """Keeps the baked light of the last picture, to be used while the lighting rests."""

    def __init__(self, scope: Scope) -> None:
        self._key: tuple[object, ...] | None = None
        self._dark = no_environment()
        self.environment: Environment = self._dark
        self.sh = np.zeros((HARMONICS, 3), np.float32)
        self.mirrored = scope.texture((BASE_PX, BASE_PX), 3, dtype="f2")
        self.mirrored.build_mipmaps(0, LEVELS - 1)
        self.mirrored.repeat_x = self.mirrored.repeat_y = False

    def bake(self, lighting: Lighting, *, trilinear: bool) -> bool:
        """Bring texture and harmonics up to date; True if they changed."""
        key = (
            lighting.environment, lighting.environment_intensity, lighting.environment_deg, lighting.fill,
            lighting.rim, lighting.ambient, trilinear,
        )  # fmt: skip
        if key == self._key:
            return False
        self._key = key
        self.environment = turned(lighting.environment or self._dark, lighting.environment_deg)
        levels = [level * np.float32(lighting.environment_intensity) for level in self.environment.levels]
        self.sh = self.environment.sh * np.float32(lighting.environment_intensity)
        self.sh[0] += np.array(lighting.ambient, np.float32) / np.pi / 0.282095
        for lamp in (lighting.fill, lighting.rim):
            if lamp is not None and lamp.intensity > 0:
                toward, irradiance = unit(lamp.toward), lamp_irradiance(lamp)
                self.sh = self.sh + lamp_sh(toward, irradiance)
                added = lamp_levels(toward, irradiance)
                levels = [level + more for level, more in zip(levels, added, strict=True)]
        for i, level in enumerate(levels):
            self.mirrored.write(np.minimum(level, 60000.0).astype(np.float16).tobytes(), level=i, alignment=1)
        reduced = moderngl.LINEAR_MIPMAP_LINEAR if trilinear else moderngl.LINEAR_MIPMAP_NEAREST
        self.mirrored.filter = (reduced, moderngl.LINEAR)
        return True

    def numbers(
        self,
        lighting: Lighting,
        camera: Camera,
        projection: F32,
        shadow: ShadowMap,
        time_s: float,
    ) -> bytes:
        """The block `Scene`. `projection` is (4, 4) as drawn."""
        out = np.zeros((), SCENE_BLOCK)
        out["view_projection"] = (projection @ camera.view).T
        out["shadow"] = shadow.matrix.T
        out["eye"] = (*camera.position, time_s)
        out["forward"] = (*-camera.view[2, :3], 1.0 / abs(projection[1, 1]))
        if lighting.key is not None:
            blur_texels = SOFTNESS_TEXELS[lighting.key.shadow]
            out["key_toward"] = (*unit(lighting.key.toward), blur_texels / shadow.map_px)
            out["bias"][0] = (1 + blur_texels) * shadow.texel_m + shadow.slack_m
            out["key"] = (*lamp_irradiance(lighting.key), SHADOW_STRENGTH)
        out["sh"][:, :3] = self.sh
        return out.tobytes()
