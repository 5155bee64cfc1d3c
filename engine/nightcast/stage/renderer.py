"""The renderer: from the description of a picture to its pixels.

Usage, all in one thread:

    with Gpu() as gpu, Renderer(gpu, (1280, 720)) as renderer:
        host = renderer.load_model(nightcast.gltf.load("avatar.glb"))
        light = renderer.load_environment(Path("softbox.hdr"))
        frame = Frame(
            camera=Camera(look_at((0, 1.5, 1.6), (0, 1.45, 0))),
            lighting=Lighting(key=Lamp((1, 3, 2), 2.5, shadow="soft"), environment=light),
            instances=[Instance(host, np.eye(4, dtype=np.float32), "host", pose=host_frame)],
        )
        pixels = renderer.draw(frame)          # (720, 1280, 4) uint8 RGBA, row 0 on top
        renderer.draw(frame, into=slot)        # the same into shared memory
        host.release()

Rows are delivered top first without a copy: the scene is drawn upside down. Colours leave the shaders encoded as
sRGB, so blending happens in that encoding, as in a browser.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import moderngl
import numpy as np
from numpy.typing import NDArray

from nightcast.gltf.records import F32, Model
from nightcast.stage.drawlist import Item, back_to_front, collect, front_to_back, frustum_planes, world_bounds
from nightcast.stage.environment import Environment, load_environment
from nightcast.stage.errors import FrameError
from nightcast.stage.frame import Frame
from nightcast.stage.gpu import Gpu
from nightcast.stage.layer_pass import BitmapTextures, LayerPass
from nightcast.stage.lights import LightRig, unit
from nightcast.stage.materials import UNITS
from nightcast.stage.model import ModelHandle
from nightcast.stage.profile import Profile
from nightcast.stage.programs import BLOCKS, Programs
from nightcast.stage.shadow import ShadowMap

#: Draws row 0 of the picture first in memory.
UPSIDE_DOWN = np.diag(np.float32([1, -1, 1, 1]))


@dataclass
class Figures:
    """What the last picture took."""

    draw_calls: int = 0
    triangles: int = 0


class Renderer:
    """Draws pictures of one size. Owns targets, programs and baked light; models are owned by their handles."""

    def __init__(self, gpu: Gpu, size_px: tuple[int, int], profile: Profile | None = None) -> None:
        if min(size_px) < 1:
            raise FrameError("size_px", f"{size_px[0]}×{size_px[1]} pixels is no picture")
        self.gpu = gpu
        self.size_px = size_px
        self.profile = profile or gpu.profile
        self.figures = Figures()
        self._scope = gpu.scope()
        self._programs = Programs(self._scope)
        self._lights = LightRig(self._scope)
        self._shadow = ShadowMap(self._scope, self._programs, self.profile.shadow_map_px)
        self._scene = self._scope.buffer(reserve=1024)
        self._color = self._scope.texture(size_px, 4)
        self._target = self._scope.framebuffer([self._color], self._scope.depth_texture(size_px))
        self._screen: moderngl.VertexArray | None = None
        self._bitmaps = BitmapTextures(gpu)
        self._layers = LayerPass(self._scope, self._programs, self._bitmaps)

    def load_model(self, model: Model) -> ModelHandle:
        """Put a model on the device. Raises AssetError or ModelError, with the file's name."""
        return ModelHandle(model, self.gpu, self.profile)

    def load_environment(self, path: Path, cache: Path | None = None) -> Environment:
        """Light from a panorama; see `environment.load_environment`."""
        return load_environment(path, cache)

    def draw(self, frame: Frame, into: memoryview | None = None) -> NDArray[np.uint8]:
        """The picture, (height, width, 4) uint8 RGBA, row 0 on top.

        `into` receives the bytes instead (height · width · 4 of them); the array returned is then a view of it.
        """
        self.figures = Figures()
        context = self.gpu.context
        width, height = self.size_px
        lighting = frame.lighting
        self._lights.bake(lighting, trilinear=self.profile.trilinear)
        projection = UPSIDE_DOWN @ frame.camera.projection_matrix(width / height)
        planes = frustum_planes(projection @ frame.camera.view)
        placed = [
            (instance, instance.model.geometry.pose(instance.pose, instance.world))
            for instance in frame.instances
        ]
        items = [
            item for instance, nodes in placed for item in collect(instance, nodes, frame.camera.view, planes)
        ]
        shadowed = self._draw_shadow(frame, items)
        self._scene.write(
            self._lights.numbers(
                lighting, frame.camera, projection, self._shadow.matrix, self.size_px, frame.time_s
            )
        )
        self._scene.bind_to_uniform_block(BLOCKS["Scene"])
        self._target.use()
        self._target.clear(depth=1.0)
        self._draw_background(frame, projection)
        self._shadow.texture.use(UNITS["t_shadow"])
        self._lights.mirrored.use(UNITS["t_env"])
        features = {"KEY_LIGHT"} if lighting.key is not None else set()
        if shadowed:
            features.add(f"SHADOW_TAPS {self.profile.shadow_taps}")
        context.front_face = "cw"  # upside down
        context.enable_only(moderngl.DEPTH_TEST)
        context.blend_func = moderngl.ONE, moderngl.ONE_MINUS_SRC_ALPHA
        for item in front_to_back(items):
            self._draw_item(item, features)
        for item in back_to_front(items):
            self._draw_item(item, features)
        context.front_face = "ccw"
        self.figures.draw_calls += self._layers.draw(context, frame.layers, self.size_px)
        self._bitmaps.next_picture()
        return self._read(into)

    def release(self) -> None:
        self._bitmaps.release()
        self._scope.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def _draw_shadow(self, frame: Frame, items: Sequence[Item]) -> bool:
        key = frame.lighting.key
        if key is None or key.shadow == "none" or key.intensity <= 0:
            return False
        casters = [
            item
            for item in items
            if item.instance.kind in ("host", "product", "worn") and not item.surface.look.blended
        ]
        bounds = world_bounds(casters)
        if bounds is None:
            return False
        self.figures.draw_calls += self._shadow.draw(self.gpu.context, unit(key.toward), casters, bounds)
        return True

    def _draw_background(self, frame: Frame, projection: F32) -> None:
        context, background = self.gpu.context, frame.background
        context.enable_only(moderngl.NOTHING)
        program = self._programs.get("screen.vert", "backdrop.frag")
        program["u_top"].value = background.top
        program["u_bottom"].value = background.bottom or background.top
        if self._screen is None:
            self._screen = self._scope.vertex_array(program, [])
        self._screen.render(vertices=3)
        self.figures.draw_calls += 1

    def _draw_item(self, item: Item, features: set[str]) -> None:
        context = self.gpu.context
        surface, part = item.surface, item.part
        defines = surface.defines(part) | features
        if self.profile.srgb_textures:
            defines |= {"SRGB_TEXTURES"}
        if self.profile.trilinear:
            defines |= {"TRILINEAR"}
        if surface.look.shader == "unlit":
            defines = frozenset(d for d in defines if "SHADOW" not in d)
        program = self._programs.get("mesh.vert", f"{surface.look.shader}.frag", defines)
        surface.show(item.override)
        surface.numbers.bind_to_uniform_block(BLOCKS["Material"])
        for unit_number, texture in surface.textures:
            texture.use(unit_number)
        program["u_model"].write(np.ascontiguousarray(item.matrix.T).tobytes())
        normal = np.linalg.inv(item.matrix[:3, :3])  # the transpose's transpose: written by columns
        program["u_normal"].write(np.ascontiguousarray(normal, np.float32).tobytes())
        if surface.record.double_sided:
            context.disable(moderngl.CULL_FACE)
        else:
            context.enable(moderngl.CULL_FACE)
        if surface.look.blended or surface.look.masked:
            context.enable(moderngl.BLEND)
        else:
            context.disable(moderngl.BLEND)
        self._target.depth_mask = not surface.look.blended
        item.model.geometry.vertex_array(program).render(vertices=part.count, first=part.first)
        self._target.depth_mask = True
        self.figures.draw_calls += 1
        self.figures.triangles += part.count // 3

    def _read(self, into: memoryview | None) -> NDArray[np.uint8]:
        width, height = self.size_px
        if into is None:
            into = memoryview(bytearray(width * height * 4))
        self._target.read_into(into, components=4, alignment=1)
        return np.frombuffer(into, np.uint8).reshape(height, width, 4)
