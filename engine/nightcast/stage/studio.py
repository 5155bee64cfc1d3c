"""The stage in one process: cues in, pictures out. Used by the stage's process, by `render`, `shot` and `preview`.

Usage, all in one thread:

    with Studio(Production.of_show(show), (1280, 720), fps=30) as studio:
        studio.apply([ShotCue(at=0, shot="close")])
        pixels = studio.frame(0)        # (720, 1280, 4) uint8 RGBA, row 0 on top

Frame k shows the state at sample k * 48000 / fps. Frames are asked for in rising order; some may be left out.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from nightcast.process.shared import SAMPLE_RATE_HZ, Layout
from nightcast.show.catalog import Product
from nightcast.show.errors import ShowError
from nightcast.show.load import asset_fields, load_yaml, resolve
from nightcast.show.scene import Scene
from nightcast.stage.build import BuiltScene
from nightcast.stage.cast import Cast
from nightcast.stage.cues import Cue
from nightcast.stage.frame import Frame, Mix, Split
from nightcast.stage.gpu import Gpu
from nightcast.stage.model import ModelHandle
from nightcast.stage.overlays import AiLabel, Kit, OverlayStack, OverlayView, Page
from nightcast.stage.overlays.slate import slate
from nightcast.stage.portraits import Photographer
from nightcast.stage.production import Production
from nightcast.stage.renderer import Renderer
from nightcast.stage.state import WorldState
from nightcast.stage.stock import MOST_SPARE, Library, Stamp, stamp
from nightcast.stage.text import Typesetter
from nightcast.stage.world import World

__all__ = ["Studio"]


@dataclass(eq=False)
class _Prepared:
    """A scene ready to be drawn."""

    built: BuiltScene
    overlays: OverlayStack
    stamps: dict[Path, Stamp]


class Studio:
    """World and renderer together.

    Args:
        scene: name of the first scene; None takes the production's first.
        label: what the policy says of the AI label; None takes the default words.
        cache: folder for prefiltered light; None keeps nothing on disk.

    Raises:
        GpuError: there is no device to draw with.
        NoFontError: there is no font at all.
    """

    def __init__(
        self,
        production: Production,
        size_px: tuple[int, int],
        *,
        fps: int = 30,
        scene: str | None = None,
        language: str | None = None,
        seed: int = 0,
        label: AiLabel | None = None,
        cache: Path | None = None,
    ) -> None:
        self.production = production
        self.size_px, self.fps = size_px, fps
        self.language = language or production.language
        self._label = label or AiLabel.by_default(self.language)
        self._warnings = [str(problem) for problem in production.error.problems] if production.error else []
        self._page = Page(*size_px)
        self._type = Typesetter.find_fonts(production.fonts, self._warn)
        self._gpu = Gpu()
        self.renderer = Renderer(self._gpu, size_px)
        self._library = Library(self.renderer, self._warn, cache)
        self._seed = seed
        self._first = scene or next(iter(production.scenes))
        self._cast = Cast.load(production, self._library, self._warn, seed)
        self.world = self._new_world(self._cast)
        self._portraits: dict[str, Image.Image] = {}
        self._prepared: dict[str, _Prepared] = {self._first: self._prepare(self._first, production.scenes[self._first])}
        self._chores = self._preparations()
        self._held: int | None = None
        self.state: WorldState | None = None

    def restart(self) -> None:
        """Begin the night anew: the first scene, nothing on stands, frames from 0 again. Models stay loaded."""
        self._cast = Cast.load(self.production, self._library, self._warn, self._seed)
        self.world = self._new_world(self._cast)
        self._held = None
        self.renderer.forget()

    def recast(self, production: Production) -> None:
        """Begin the night anew with another catalog or avatar; scenes are made again when they are shown."""
        self.production = production
        for prepared in self._prepared.values():
            prepared.built.release()
        self._prepared.clear()
        self.restart()

    def apply(self, cues: Iterable[Cue]) -> None:
        self.world.cue(cues)

    def frame(self, index: int, into: memoryview | None = None) -> NDArray[np.uint8]:
        """The picture of frame `index`, (height, width, 4) uint8 RGBA; into `into`'s bytes where it is given."""
        return self.renderer.draw(self._advance(index), into)

    def begin(self, index: int, layout: Layout = "rgba") -> None:
        """Start frame `index`, so that the device draws while the frame before it is fetched by `finish`."""
        self.renderer.begin(self._advance(index), layout)

    def wait(self, most_s: float) -> bool:
        """Whether the oldest picture begun is there but for its edges and overlays; waits at most so long for it."""
        return self.renderer.wait(most_s)

    def finish(self, into: memoryview | None = None) -> NDArray[np.uint8]:
        """The oldest picture begun; as `frame`, in its layout."""
        return self.renderer.finish(into)

    @property
    def most_in_flight(self) -> int:
        """Pictures that may be begun and not finished."""
        return self.renderer.profile.pictures_in_flight

    def _advance(self, index: int) -> Frame:
        state = self.state = self.world.advance(index * SAMPLE_RATE_HZ // self.fps)
        self._warnings += self.world.take_warnings()
        return self._slate(state) if state.slate else self._describe(state)

    def prepare(self) -> None:
        """Load all scenes and products now, for pictures that need not hurry."""
        for _ in self._chores:
            self._library.wait()

    def prepare_next(self) -> bool:
        """Do a little of the loading that lies ahead, so that nothing comes on with a wait. True if that took time.

        Files are read on another thread; what is left for this one is small.
        """
        return next(self._chores, False)

    def _preparations(self) -> Generator[bool]:
        """Loads scenes, then products, in pieces; yields whether a piece took time, or waits for a file."""
        for name, scene in self.production.scenes.items():
            file = self.production.scene_file(name)
            light = scene.light.environment.file
            models = [resolve(file, piece.model) for piece in scene.set_]
            while name not in self._prepared and not self._library.fetch(
                models, resolve(file, light) if light else None
            ):
                yield False
            if name not in self._prepared:
                self._prepared[name] = self._prepare(name, scene)
                yield True
        if self._cast.wardrobe is not None:
            looking = self._library.aside(self._cast.wardrobe.prepare)
            while not looking.done():
                yield False
        photographer = Photographer(self.renderer)
        try:
            for product in _products(self.production)[:MOST_SPARE]:
                yield from self._stock_up(product, photographer)
        finally:
            photographer.release()

    def _stock_up(self, product: Product, photographer: Photographer) -> Iterator[bool]:
        """Loads a product, what it stands on, how it is worn, and a picture of it where the catalog has none."""
        catalog_file = self.production.catalog_file
        if catalog_file is None or product.model is None:
            return
        display = product.display.model if product.display else None
        file, *under = [resolve(catalog_file, asset) for asset in (product.model, display) if asset]
        while not self._library.fetch([file, *under]):
            yield False
        stocked = self._library.model(file)
        yield True
        for shown_on in under:
            self._library.model(shown_on)
            yield True
        if stocked is None:
            return
        if self._cast.wardrobe is not None:
            fitting = self._library.aside(partial(self._cast.wardrobe.fit_ahead, product, stocked.handle.model))
            while not fitting.done():
                yield False
        if product.picture is None:
            lighting = self._prepared[self._first].built.lighting
            self._portraits[product.id] = photographer.portrait(stocked, product, lighting)
            yield True

    def reload(self) -> bool:
        """Take in what changed on disk: scenes and the models and pictures they name. True if anything did.

        Raises:
            ShowError: an edited scene is wrong; the last good one stays in place.
        """
        changed = False
        self._library.sweep(self._held_handles())
        for name, prepared in list(self._prepared.items()):
            stamps = {file: stamp(file) for file in prepared.stamps}
            if stamps == prepared.stamps:
                continue
            prepared.stamps = stamps  # one report for each edit, good or bad
            try:
                scene = load_yaml(prepared.built.file, Scene, self.production.root)
            except ShowError as error:
                prepared.stamps |= {file: stamp(file) for file in error.missing}  # read again when they come
                raise
            fresh = self._prepare(name, scene)
            prepared.built.release()
            self._prepared[name] = fresh
            self.production = replace(self.production, scenes={**self.production.scenes, name: scene})
            self.world.replace_scene(name, scene)
            changed = True
        return changed

    def _held_handles(self) -> Iterator[ModelHandle]:
        """Models that are drawn without asking the library again."""
        for prepared in self._prepared.values():
            yield from (piece.model for piece in prepared.built.pieces)
        if self._cast.stocked is not None:
            yield self._cast.stocked.handle

    def take_warnings(self) -> list[str]:
        """What went wrong since the last call, a sentence each."""
        taken, self._warnings = self._warnings, []
        return taken

    @property
    def device(self) -> str:
        return str(self._gpu.device)

    @property
    def live_objects(self) -> int:
        return self._gpu.live_objects

    def close(self) -> None:
        self._chores.close()
        for prepared in self._prepared.values():
            prepared.built.release()
        self._prepared.clear()
        self._library.release()
        self.renderer.release()
        self._gpu.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _new_world(self, cast: Cast) -> World:
        return World(
            self.production.scenes,
            self._first,
            cast.performer,
            aspect=self.size_px[0] / self.size_px[1],
            landmark=cast.landmark,
            catalog=self.production.catalog,
            seed=self._seed,
            extent_m=self._extent_m,
            touches=cast.wardrobe.touches if cast.wardrobe is not None else lambda _product, _puts_on: {},
        )

    def _describe(self, state: WorldState) -> Frame:
        prepared = self._prepared.get(state.scene)
        if prepared is None:
            prepared = self._prepared[state.scene] = self._prepare(state.scene, self.world.scene)
        instances, shadows = prepared.built.instances(state, self._cast.stocked, self._cast.variant)
        split = None
        wardrobe, compared = self._cast.wardrobe, state.compared
        if wardrobe is not None and state.host is not None and state.worn:
            mark, plain = prepared.built.mark, instances
            instances = wardrobe.dress(plain, state.worn, state.host, mark, state.handled)
            if compared is not None:
                left_on = compared.before(state.worn)
                split = Split(compared.at, wardrobe.dress(plain, left_on, state.host, mark, state.handled))
        line = None if split is None else split.at
        view = OverlayView(state.time_s, state.appearances, state.caption, state.comments, line)
        return Frame(
            camera=state.view.camera(),
            lighting=prepared.built.lighting,
            background=prepared.built.background,
            instances=instances,
            contact_shadows=shadows,
            layers=prepared.overlays.layers(view),
            split=split,
            mix=self._mix(state),
            effects=prepared.built.effects,
            time_s=state.time_s,
        )

    def _extent_m(self, stand: str, product: str) -> tuple[float, float] | None:
        prepared = self._prepared.get(self.world.scene_name)
        return prepared.built.extent_m(stand, product) if prepared else None

    def _mix(self, state: WorldState) -> Mix | None:
        """Blend with the picture before the transition, which the renderer holds from its first frame on."""
        transition = state.transition
        if transition is None:
            return None
        if self._held != transition.number:
            self.renderer.hold()
            self._held = transition.number
        return Mix(transition.kind, transition.progress, toward=transition.toward)

    def _slate(self, state: WorldState) -> Frame:
        kit = self._kit(state.scene, self.world.scene)
        brand = self.production.catalog.brand.in_language(self.language) if self.production.catalog else ""
        return Frame(camera=state.view.camera(), layers=slate(kit, brand, self._label), time_s=state.time_s)

    def _prepare(self, name: str, scene: Scene) -> _Prepared:
        kit = self._kit(name, scene)
        file = self.production.scene_file(name)
        built = BuiltScene.build(
            file, scene, self.production.catalog, self.production.catalog_file, kit, self._library, self.renderer
        )
        files = [file, *(resolve(file, asset) for _, asset in asset_fields(scene))]
        return _Prepared(built, OverlayStack(kit, scene.overlays, self._label), {f: stamp(f) for f in files})

    def _kit(self, name: str, scene: Scene) -> Kit:
        return Kit(
            page=self._page,
            type=self._type,
            palette=scene.palette,
            language=self.language,
            warn=self._warn,
            catalog=self.production.catalog,
            scene_file=self.production.scene_file(name),
            catalog_file=self.production.catalog_file,
            portraits=self._portraits,
        )

    def _warn(self, sentence: str) -> None:
        self._warnings.append(sentence)


def _products(production: Production) -> list[Product]:
    """Products of the catalog, featured ones first."""
    products = production.catalog.products if production.catalog else ()
    return sorted(products, key=lambda product: not product.featured)
