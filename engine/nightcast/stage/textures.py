"""Pictures as textures: shrunk to what the profile draws, with mip levels.

Rows go up as they are: row 0 lies at v = 0, as glTF has it.
"""

from __future__ import annotations

import math

import moderngl
import numpy as np
from numpy.typing import NDArray

from nightcast.gltf.records import Model, Texture, TextureRef
from nightcast.stage.gpu import Scope
from nightcast.stage.joining import with_metal, with_roughness
from nightcast.stage.materials import Slot
from nightcast.stage.profile import Profile

SRGB8_ALPHA8 = 0x8C43

#: A body's picture is an atlas: shrunk further than this its parts run into one another, and what is seen at a grazing
#: angle, such as the skin under a chin, would take colour from hair or mouth beside it.
_LEAST_ATLAS_PX = 128


class ModelTextures:
    """The textures of one model, each uploaded when a material first asks for it."""

    def __init__(self, model: Model, scope: Scope, profile: Profile) -> None:
        self._model = model
        self._scope = scope
        self._profile = profile
        self._made: dict[tuple[Texture, Texture | None, bool], moderngl.Texture] = {}

    def get(self, slot: Slot) -> moderngl.Texture:
        """What a material's slot reads. Raises ModelError where a picture of it cannot be decoded."""
        record = self._model.textures[slot.ref.texture]
        guest = None if slot.guest is None else self._model.textures[slot.guest.texture]
        key = record, guest, slot.color
        if key not in self._made:
            pixels = self.pixels(slot.ref)
            if slot.guest is not None:
                pixels = (with_roughness if slot.color else with_metal)(pixels, self.pixels(slot.guest))
            least_px = _LEAST_ATLAS_PX if self._model.skins else 1
            made = upload(self._scope, pixels, self._profile, record, color=slot.color, least_px=least_px)
            self._made[key] = made
        return self._made[key]

    def pixels(self, ref: TextureRef) -> NDArray[np.uint8]:
        """(h, w, 4) of a texture, as large as the profile has it. Raises ModelError."""
        image = self._model.images[self._model.textures[ref.texture].image]
        return fitted(image.pixels, self._profile.max_texture_px)


def upload(
    scope: Scope, pixels: NDArray[np.uint8], profile: Profile, sampler: Texture, *, color: bool, least_px: int = 1
) -> moderngl.Texture:
    """A texture of (h, w, 4) straight RGBA, shrunk for the distance until its longer side is `least_px`."""
    if sampler.wrap_u == "mirror":
        pixels = np.concatenate([pixels, pixels[:, ::-1]], axis=1)
    if sampler.wrap_v == "mirror":
        pixels = np.concatenate([pixels, pixels[::-1]], axis=0)
    height, width = pixels.shape[:2]
    internal = SRGB8_ALPHA8 if color and profile.srgb_textures else None
    texture = scope.texture((width, height), 4, np.ascontiguousarray(pixels).tobytes(), internal_format=internal)
    texture.build_mipmaps(0, max(int(math.log2(max(width, height) / least_px)), 0))
    magnified = moderngl.NEAREST if sampler.nearest else moderngl.LINEAR
    reduced = moderngl.LINEAR_MIPMAP_LINEAR if profile.trilinear else moderngl.LINEAR_MIPMAP_NEAREST
    texture.filter = (reduced, magnified)
    texture.repeat_x = sampler.wrap_u != "clamp"
    texture.repeat_y = sampler.wrap_v != "clamp"
    if profile.trilinear:
        texture.anisotropy = 8.0
    return texture


def fitted(pixels: NDArray[np.uint8], longest_px: int) -> NDArray[np.uint8]:
    """(h, w, 4) shrunk, if need be, so that neither side is longer than `longest_px`."""
    height, width = pixels.shape[:2]
    if max(height, width) <= longest_px:
        return pixels
    from PIL import Image as Pictures

    scale = longest_px / max(height, width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return np.asarray(Pictures.fromarray(pixels).resize(size, Pictures.Resampling.BOX))
