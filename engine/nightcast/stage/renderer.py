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

`draw` waits for its picture. A live show begins the next picture before it fetches the last, so that this thread
prepares one while the driver's threads fill the other; each is then delivered one call later:

        renderer.begin(frame)                  # or begin(frame, "nv12"), for an encoder
        if renderer.in_flight > 1:
            renderer.finish(into=slot)         # the oldest begun

Rows are delivered top first without a copy: the scene is drawn upside down. Colours leave the shaders encoded
as sRGB, so blending happens in that encoding, as in a browser.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import moderngl
import numpy as np
from numpy.typing import NDArray

from nightcast.gltf.records import F32, Model
from nightcast.process.shared import Layout, picture_shape
from nightcast.stage.composer import Composer
from nightcast.stage.drawlist import Item, at_rest, collect, frustum_planes, in_sight, world_bounds
from nightcast.stage.edges import beside, visible_lines
from nightcast.stage.environment import Environment, load_environment
from nightcast.stage.errors import FrameError
from nightcast.stage.frame import Frame, Instance, Split
from nightcast.stage.gpu import Gpu
from nightcast.stage.insides import Insides
from nightcast.stage.layer_pass import BitmapTextures
from nightcast.stage.lens import Lens
from nightcast.stage.levels import Eye
from nightcast.stage.lights import SCENE_BLOCK, LightRig, unit
from nightcast.stage.materials import UNITS
from nightcast.stage.model import ModelHandle
from nightcast.stage.nv12 import Nv12
from nightcast.stage.nv12 import fits as fits_nv12
from nightcast.stage.optics import Optics, SoftThing, soft_things
from nightcast.stage.profile import Profile
from nightcast.stage.programs import BLOCKS, Programs
from nightcast.stage.scene_pass import Figures, ScenePass
from nightcast.stage.shadow import ShadowMap
from nightcast.stage.still import Still, plain, stills
from nightcast.stage.targets import Slot, Target

#: Draws row 0 of the picture first in memory.
UPSIDE_DOWN = np.diag(np.array([1, -1, 1, 1], np.float32))

MSAA_SAMPLES = 4

#: Kinds of instance that cast the key light's shadow. A set's own shadows are baked into it.
CASTERS = ("host", "product", "worn")


@dataclass(frozen=True, eq=False)
class _View:
    """The camera of one picture."""

    clip: F32  # (4, 4) world to clip space, upside down
    projection: F32  # (4, 4) its camera-to-clip part
    planes: F32  # (6, 4) of the frustum, world space
    focal_px: float  # pixels of one metre at one metre's distance
    optics: Optics | None  # None: all is sharp


class Renderer:
    """Draws pictures of one size. Owns targets, programs and baked light; models are owned by their handles.

    Args:
        profile: how; None takes the device's.
        programs: of another renderer, which outlives this one; None compiles them anew.
        lights: of another renderer as well, whose pictures are lit in the same way; None bakes light anew.
    """

    def __init__(
        self,
        gpu: Gpu,
        size_px: tuple[int, int],
        profile: Profile | None = None,
        programs: Programs | None = None,
        lights: LightRig | None = None,
    ) -> None:
        if min(size_px) < 1:
            raise FrameError("size_px", f"{size_px[0]}×{size_px[1]} pixels is no picture")
        self.gpu = gpu
        self.size_px = size_px
        self.profile = self._best = profile or gpu.profile
        self.figures = Figures()
        self._scope = gpu.scope()
        self._programs = programs or Programs(self._scope, carried=self.profile.carried_numbers)
        self._lights = lights or LightRig(self._scope)
        self._shadow = ShadowMap(self._scope, self._programs, self.profile.shadow_map_px)
        self._numbers = self._scope.buffer(reserve=SCENE_BLOCK.itemsize)
        self._bitmaps = BitmapTextures(gpu)
        self._insides = Insides(gpu, self._programs)
        self._pass = ScenePass(gpu, self.profile, self._programs, self.figures, self._insides)
        self._composer = Composer(gpu, self._scope, self._programs, size_px, self._bitmaps)
        self._nv12 = Nv12(gpu, self._scope, self._programs, size_px) if fits_nv12(size_px) else None
        self._open_targets()

    def beside(self, size_px: tuple[int, int], *, lit_alike: bool = False) -> Renderer:
        """Another, for pictures of another size of the same models; release it before this one.

        With `lit_alike` light is baked once for both; they should then be given the same.
        """
        return Renderer(self.gpu, size_px, self._best, self._programs, self._lights if lit_alike else None)

    def rescale(self, render_scale: float, *, plain: bool = False) -> None:
        """Draw at this share of the delivered size, and plainer if need be, from the next picture on.

        Pictures in flight are given up.
        """
        self._still.release()
        self._sized.release()
        self.profile = self._best.lowered(render_scale, plain=plain)
        self._pass.profile = self.profile
        self._open_targets()

    def _open_targets(self) -> None:
        """Make what has the size that is drawn."""
        scale = self.profile.render_scale
        self.drawn_px = max(1, round(self.size_px[0] * scale)), max(1, round(self.size_px[1] * scale))
        samples = self._samples
        self._sized = self.gpu.scope()
        self._still = Still(
            self.gpu,
            self._sized,
            self._programs,
            self._bitmaps,
            self.drawn_px,
            samples,
            self.profile.shadow_taps,
            halves=self.profile.halves_moving_sets,
        )
        self._free = deque(
            Slot(self._sized, self.drawn_px, self.size_px, samples, pixel_buffers=self.profile.pixel_buffers)
            for _ in range(self.profile.pictures_in_flight)
        )
        self._begun: deque[Slot] = deque()
        self._ground: Lens | None = None
        self._last: Slot | None = None

    @property
    def air_layout(self) -> Layout:
        """The layout in which an encoder gets pictures for the least work."""
        return "nv12" if self.profile.nv12 and self._nv12 is not None else "rgba"

    @property
    def in_flight(self) -> int:
        """Pictures begun and not yet fetched."""
        return len(self._begun)

    def load_model(self, model: Model) -> ModelHandle:
        """Put a model on the device. Raises AssetError or ModelError, with the file's name."""
        return ModelHandle(model, self.gpu, self.profile)

    def load_environment(self, path: Path, cache: Path | None = None) -> Environment:
        """Light from a panorama; see `environment.load_environment`."""
        return load_environment(path, cache)

    def draw(self, frame: Frame, into: memoryview | None = None) -> NDArray[np.uint8]:
        """The picture, (height, width, 4) uint8 RGBA, row 0 on top.

        `into` receives the bytes instead (height · width · 4 of them); the array returned is then a view of it.
        Pictures begun before are given up.
        """
        while self._begun:
            self._free.append(self._begun.popleft())
        self.begin(frame)
        return self.finish(into)

    def begin(self, frame: Frame, layout: Layout = "rgba") -> None:
        """Start a picture. At most `profile.pictures_in_flight` may be begun and not finished.

        NV12 is for sizes that it can be made of: `air_layout` says whether.
        """
        if not self._free:
            raise FrameError("begin", f"{len(self._begun)} pictures are in flight; finish one first")
        if layout == "nv12" and self._nv12 is None:
            raise FrameError("layout", f"a picture of {self.size_px[0]}×{self.size_px[1]} pixels cannot be NV12")
        view = self._view(frame)
        moving = [i for i in frame.instances if i.kind != "set"]
        items = self._items(moving, frame, view)
        seen = in_sight(items, view.planes)
        split = frame.split
        optics = view.optics if split is None else None
        soft = soft_things(seen, optics, view.clip, self.drawn_px) if optics else []
        blurred = {item for thing in soft for item in thing.items}
        sharp = [item for item in seen if item not in blurred]
        self.figures.reset()
        slot = self._free.popleft()
        slot.take(frame, layout)
        asks = self.profile.asks_for_insides and split is None
        self._insides.next_picture(frame.camera, frame.time_s, asks=asks)
        things = at_rest(sharp) if split is None and optics is None and stills(frame) else {}
        lit = self._draw_ground(slot, frame, view, items, things)
        slot.lines = visible_lines(sharp, view.clip, self._insides.shown) if self._smooths else _NO_LINES
        if split is None:
            stand = {thing for key, thing in things.items() if key in self._still.kept}
            self._draw_moving(slot, frame, view, lit, [item for item in sharp if item not in stand], soft)
        else:
            self._draw_halves(slot, frame, view, lit, sharp, split)
        slot.scene.mark()
        # Only now, so that the device has this picture to draw while the last one's edges are asked for.
        if self._begun:
            self._compose(self._begun[-1])
        self._begun.append(slot)

    def wait(self, most_s: float) -> bool:
        """Whether the oldest picture begun is there but for its edges and overlays; waits at most so long for it."""
        return not self._begun or self._begun[0].wait(most_s)

    def finish(self, into: memoryview | None = None) -> NDArray[np.uint8]:
        """Fetch the oldest picture begun; as `draw`, in the layout that it was begun with."""
        if not self._begun:
            raise FrameError("finish", "no picture was begun")
        slot = self._begun.popleft()
        self._compose(slot)
        if not slot.fetched:
            self._fetch(slot)
        shape = picture_shape(slot.layout, *self.size_px)
        if into is None:
            into = memoryview(bytearray(math.prod(shape)))
        slot.read(into)
        self._free.append(slot)
        self._last = slot
        self._bitmaps.next_picture()
        return np.frombuffer(into, np.uint8).reshape(shape)

    def forget(self) -> None:
        """Begin anew: the next picture does not follow the last, and shares nothing with it."""
        self._shadow.forget()
        self._insides.forget()
        self._still.forget()

    def hold(self) -> None:
        """Keep the last picture begun, without its overlays, for `Frame.mix` of those that follow."""
        slot = self._begun[-1] if self._begun else self._last
        if slot is not None:
            self._composer.hold(slot)

    def release(self) -> None:
        self._bitmaps.release()
        self._still.release()
        self._sized.release()
        self._scope.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    @property
    def _samples(self) -> int:
        return MSAA_SAMPLES if self.profile.edges == "msaa" else 0

    @property
    def _lens(self) -> Lens:
        """Made when a picture first asks for it: most never do."""
        if self._ground is None:
            self._ground = Lens(self.gpu, self._sized, self._programs, self.drawn_px, self._samples)
        return self._ground

    @property
    def _taps(self) -> frozenset[str]:
        """The feature of what lies under the shadow map."""
        return frozenset({f"SHADOW_TAPS {self.profile.shadow_taps}"})

    @property
    def _smooths(self) -> bool:
        return self.profile.edges == "lines"

    def _view(self, frame: Frame) -> _View:
        projection = UPSIDE_DOWN @ frame.camera.projection_matrix(self.size_px[0] / self.size_px[1])
        clip = np.asarray(projection @ frame.camera.view, np.float32)
        if not np.isfinite(clip).all():
            raise FrameError("camera", "its matrices hold values that are no numbers")
        focal_px = abs(float(projection[1, 1])) * self.drawn_px[1] / 2
        return _View(clip, projection, frustum_planes(clip), focal_px, Optics.of(frame.camera, projection, focal_px))

    def _items(self, instances: list[Instance], frame: Frame, view: _View) -> list[Item]:
        """Pose the instances, and list their parts."""
        eye = Eye(frame.camera.view, view.focal_px * self.size_px[1] / self.drawn_px[1], math.prod(self.size_px))
        items = []
        for instance in instances:
            geometry = instance.model.detailed(eye, instance.world, instance.shape)
            nodes = geometry.pose(instance.pose, instance.world, instance.shape)
            items += collect(instance, geometry, nodes, frame.camera.view)
        return items

    def _draw_ground(
        self, slot: Slot, frame: Frame, view: _View, items: list[Item], things: Mapping[Hashable, Item]
    ) -> frozenset[str]:
        """What stands still, and of `things` what is at rest; returns what light asks of the programs."""
        lighting = frame.lighting
        self._lights.bake(lighting, trilinear=self.profile.trilinear)
        shadowed = self._draw_shadow(frame, items)
        slot.numbers = self._write_numbers(frame, view)
        self._bind_scene()
        lit = self.profile.features | ({"KEY_LIGHT"} if lighting.key is not None else set())
        sets = stills(frame)
        color = plain(frame)
        if color is not None and view.optics is None:
            slot.scene.clear(color)
        else:
            self._lay_still(slot.scene, frame, view, sets, lit, self._shadow if shadowed and sets else None, things)
        return lit | self._taps if shadowed else lit

    def _draw_moving(
        self, slot: Slot, frame: Frame, view: _View, lit: frozenset[str], sharp: list[Item], soft: list[SoftThing]
    ) -> None:
        self._bind_scene()
        target, vignette = slot.scene.surface, frame.effects.vignette

        def draw(shown: Sequence[Item], into: moderngl.Framebuffer) -> None:
            focal_px = view.focal_px * into.width / target.width
            self._pass.draw(shown, lit, into, view.clip, focal_px, vignette)

        behind = [thing for thing in soft if not thing.before]
        for thing in behind:
            self.figures.draw_calls += self._lens.add(thing, target, draw)
        draw(sharp, target)
        for thing in soft[len(behind) :]:
            self.figures.draw_calls += self._lens.add(thing, target, draw)

    def _draw_halves(
        self, slot: Slot, frame: Frame, view: _View, lit: frozenset[str], after: list[Item], split: Split
    ) -> None:
        """What moves, right of a line as the frame says, left of it as it was before; all of it sharp.

        Each pixel is shaded once. What moves is posed and its shadow cast a second time, for a hat must not darken
        the face without it; what stands still keeps the shadow of after.
        """
        width, height = self.drawn_px
        line_px = round(min(max(split.at, 0.0), 1.0) * width)
        surface = slot.scene.surface
        surface.scissor = line_px, 0, width - line_px, height
        self._draw_moving(slot, frame, view, lit, after, [])
        after_lines = beside(slot.lines, view.clip, split.at, left=False)
        items = self._items([i for i in split.before if i.kind != "set"], frame, view)
        before = in_sight(items, view.planes)
        self._shadow.forget()
        self._draw_shadow(frame, items)
        self._write_numbers(frame, view)
        surface.scissor = 0, 0, line_px, height
        self._draw_moving(slot, frame, view, lit, before, [])
        surface.scissor = 0, 0, width, height
        self._shadow.forget()
        if self._smooths:
            found = visible_lines(before, view.clip, self._insides.shown)
            slot.lines = np.concatenate([after_lines, beside(found, view.clip, split.at, left=True)])

    def _write_numbers(self, frame: Frame, view: _View) -> bytes:
        """Give the programs light, camera and shadow of a picture."""
        numbers = self._lights.numbers(frame.lighting, frame.camera, view.projection, self._shadow, frame.time_s)
        self._numbers.write(numbers)
        return numbers

    def _bind_scene(self) -> None:
        self._numbers.bind_to_uniform_block(BLOCKS["Scene"])
        self._shadow.texture.use(UNITS["t_shadow"])
        self._lights.mirrored.use(UNITS["t_env"])

    def _draw_shadow(self, frame: Frame, items: list[Item]) -> bool:
        """Bring the shadow map up to date; False where nothing casts a shadow."""
        key = frame.lighting.key
        if key is None or key.shadow == "none" or key.intensity <= 0:
            return False
        casters = [i for i in items if i.instance.kind in CASTERS and not i.surface.look.blended]
        bounds = world_bounds(casters)
        if bounds is None:
            return False
        depends = (key, tuple((i.part, i.instance.model) for i in casters))
        if not self._shadow.rests(depends, self.profile.shadow_every, frame.time_s):
            if not self._shadow.follows:
                self._still.outdate()
            self.figures.draw_calls += self._shadow.draw(
                self.gpu.context, unit(key.toward), casters, bounds, falls_on_set=bool(stills(frame))
            )
        return True

    def _lay_still(
        self,
        target: Target,
        frame: Frame,
        view: _View,
        sets: list[Instance],
        lit: frozenset[str],
        shadow: ShadowMap | None,
        things: Mapping[Hashable, Item],
    ) -> None:
        """Fill a picture with what stands still, drawn anew where it is not there already."""

        def draw(resting: Sequence[Item], into: moderngl.Framebuffer) -> None:
            self._pass.draw(resting, lit | self._taps, into, view.clip, view.focal_px, frame.effects.vignette)

        still = self._still
        wanted = still.wanted(frame, view.clip, may_halve=view.optics is None)
        if wanted is not None:
            items = self._items(sets, frame, view)
            still.catcher.keep(items)
            picture, spare = (still.bare, still.spare) if wanted == "fine" else still.halves
            self._draw_still(picture, spare, frame, view, in_sight(items, view.planes), lit)
        if wanted == "rough":
            self.figures.draw_calls += still.enlarge(target.surface, shadow, frame.contact_shadows)
            return
        if view.optics is not None:
            still.focus(view.optics, self._lens)
        self.figures.draw_calls += still.fill(target, shadow, frame.contact_shadows, things, draw)

    def _draw_still(
        self, picture: Target, spare: Target, frame: Frame, view: _View, seen: list[Item], lit: frozenset[str]
    ) -> None:
        target = picture.surface
        target.use()
        target.clear(depth=1.0)

        def behind() -> None:
            self._still.backdrop.draw(target, frame, self._lights.environment, view.clip)

        self._pass.draw(seen, lit, target, view.clip, view.focal_px, frame.effects.vignette, behind)
        if self._smooths:
            lines = visible_lines(seen, view.clip, self._insides.shown)
            self._composer.smooth_still(picture, spare, lines)
        picture.mark()

    def _compose(self, slot: Slot) -> None:
        """Have a picture finished, unless it is; with pixel buffers, fetched as well."""
        if not slot.composed:
            self.figures.draw_calls += self._composer.compose(slot)
            if self.profile.pixel_buffers:
                self._fetch(slot)

    def _fetch(self, slot: Slot) -> None:
        slot.fetch(slot.delivered if slot.layout == "rgba" or self._nv12 is None else self._nv12.of(slot.picture.seen))


_NO_LINES = np.zeros((0, 3), np.float32)
