"""From a source through tracker and mirror to window, file and virtual camera: `nightcast mirror`. GL thread only."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from nightcast.show.catalog import Catalog, Product
from nightcast.stage.gpu import Gpu
from nightcast.stage.mirror import Mirror, Onlookers
from nightcast.stage.mirror_controls import HELP, Controls
from nightcast.stage.mirror_window import MirrorWindow
from nightcast.tryon.foot import Feet
from nightcast.tryon.hand import Hands
from nightcast.tryon.on_person import wearable
from nightcast.tryon.person import Crowd
from nightcast.tryon.pnp import Intrinsics
from nightcast.tryon.seen import Tracker
from nightcast.tryon.sources import SourceError, is_live, is_still
from nightcast.tryon.watching import Watched, Watcher

__all__ = ["FrameTaker", "MirrorDone", "MirrorRun", "Overlay", "run_mirror"]

Overlay = Literal["green", "alpha"]
_GREEN = (0, 177, 64)  #: as chroma keyers expect it


class FrameTaker(Protocol):
    """A virtual camera, or whatever else takes RGBA pictures (h, w, 4)."""

    def offer_frame(self, pixels: NDArray[np.uint8]) -> None: ...


@dataclass(frozen=True)
class MirrorRun:
    """What is tried on, by whom, and where the pictures go.

    `camera` makes a virtual camera for pictures of a width and a height; with an `overlay` it gets the products alone.
    `now_s` is a clock that only rises; a window shows a file at its own speed by it.
    """

    source: str
    products: tuple[str, ...]
    variant: str | None
    catalog: Catalog
    catalog_file: Path
    reference: Path
    output: Path | None = None
    light: Path | None = None
    window: bool = False
    camera: Callable[[int, int], FrameTaker] | None = None
    overlay: Overlay | None = None
    snapshots: Path = Path()
    language: str = "en"
    fov_deg: float = 40.0
    pd_mm: float | None = None
    seconds: float | None = 10.0
    before_after: bool = False
    now_s: Callable[[], float] | None = None


@dataclass
class MirrorDone:
    pictures: int = 0
    with_face: int = 0
    lost: int = 0  #: times that the source was away
    snapshots: list[Path] = field(default_factory=list)
    warnings: tuple[str, ...] = ()


def run_mirror(run: MirrorRun, tracker: Tracker, gpu: Gpu) -> MirrorDone:
    """Try on until the source ends, `seconds` have passed, or the window is closed. Raises TryOnError."""
    controls = Controls(_choices(run), run.products, run.variant, run.before_after)
    done = MirrorDone()
    with ExitStack() as stack:
        watcher = stack.enter_context(Watcher(run.source, tracker))
        session: _Session | None = None
        for watched in watcher:
            if watched is None:
                done.lost += 1
                if session is not None and not session.wait_for_source():
                    break
                continue
            if run.seconds is not None and watched.picture.time_s > run.seconds:
                break
            if session is None:
                session = stack.enter_context(_session(run, gpu, controls, done, watched))
            watcher.want(session.mirror.wants)
            if not session.take(watched):
                break
        if session is None:
            raise SourceError(run.source, "no picture in it")
        done.warnings = tuple(session.mirror.warnings)
    return done


def _choices(run: MirrorRun) -> Sequence[Product]:
    """What the keys choose from: everything that can be worn, those that were named first."""
    rest = [product for product in run.catalog.products if wearable(product) and product.id not in run.products]
    named = [product for name in run.products if (product := run.catalog.product(name)) is not None]
    return [*named, *rest]


@contextmanager
def _session(run: MirrorRun, gpu: Gpu, controls: Controls, done: MirrorDone, first: Watched) -> Iterator[_Session]:
    height, width = first.picture.pixels.shape[:2]
    still = is_still(run.source)
    camera = Intrinsics.of_fov(width, height, run.fov_deg)
    with ExitStack() as stack:
        mirror = stack.enter_context(
            Mirror(
                gpu,
                run.reference,
                run.catalog,
                run.catalog_file,
                camera,
                fine=2 if still else 1,
                light=run.light,
                waits=still or not (run.window or is_live(run.source)),
            )
        )
        mirror.wear(controls.worn, controls.variant)
        window = stack.enter_context(MirrorWindow((width, height))) if run.window else None
        if window is not None:
            mirror.prepare(product.id for product in controls.products)
        file = stack.enter_context(_opened(run.output, still, (width, height))) if run.output is not None else None
        taker = run.camera(width, height) if run.camera is not None else None
        yield _Session(
            run, controls, done, mirror, Crowd(camera, run.pd_mm), Hands(camera), Feet(camera), window, file, taker
        )


@dataclass(eq=False)
class _Session:
    """Everything that is open while pictures of one size pass."""

    run: MirrorRun
    controls: Controls
    done: MirrorDone
    mirror: Mirror
    crowd: Crowd
    hands: Hands
    feet: Feet
    window: MirrorWindow | None
    file: _Sink | None
    taker: FrameTaker | None
    _began_s: float | None = None

    def take(self, watched: Watched) -> bool:
        """Show one picture; whether there is to be another."""
        shape = self.mirror.camera.height_px, self.mirror.camera.width_px
        if watched.picture.pixels.shape[:2] != shape:
            raise SourceError(self.run.source, "its pictures differ in size")
        still = is_still(self.run.source)
        onlookers = self._onlookers(watched, smooth=not still)
        self.done.pictures += 1
        self.done.with_face += bool(onlookers.people or onlookers.hands or onlookers.feet or onlookers.body)
        self._show(watched, onlookers)
        if self.window is None:
            return True
        self._keep_time(watched.picture.time_s)
        go_on = self._obey()
        while still and go_on:  # a photo stands before the mirror until its window is closed
            self._show(watched, onlookers)
            self.window.wait_ms(30)
            go_on = self._obey()
        return go_on

    def wait_for_source(self) -> bool:
        """While the source is lost the window is still obeyed."""
        return self._obey()

    def _onlookers(self, watched: Watched, *, smooth: bool) -> Onlookers:
        seen, time_s = watched.seen, watched.picture.time_s
        people = self.crowd.update(seen.faces, time_s, smooth=smooth)
        scale = people[0].scale if people else 1.0
        hands = self.hands.update(seen.hands, seen.body, time_s, smooth=smooth, scale=scale)
        feet = self.feet.update(seen.body, time_s, smooth=smooth, scale=scale)
        return Onlookers(people, hands, feet, seen.body, seen.mask)

    def _show(self, watched: Watched, onlookers: Onlookers) -> None:
        plain = watched.picture.pixels
        drawn = self.mirror.draw(plain, onlookers)
        halved = drawn
        if self.controls.before_after:
            middle = drawn.shape[1] // 2
            halved = np.concatenate([plain[:, :middle], drawn[:, middle:]], axis=1)
        if self.file is not None:
            self.file.write(halved, watched.picture.time_s)
        if self.taker is not None:
            self.taker.offer_frame(self._programme(halved, onlookers))
        if self.window is not None:
            self.window.show(
                halved,
                mirrored=self.controls.mirrored,
                worn=self.controls.caption(self.run.language),
                help_text=HELP[self.run.language],
            )
        for _ in range(self.controls.snapshots_wanted):
            self._snapshot(halved)
        self.controls.snapshots_wanted = 0

    def _programme(self, drawn: NDArray[np.uint8], onlookers: Onlookers) -> NDArray[np.uint8]:
        """(h, w, 4) what the virtual camera gets."""
        if self.run.overlay is None:
            opaque = np.full((*drawn.shape[:2], 4), 255, np.uint8)
            opaque[..., :3] = drawn
            return opaque
        products = self.mirror.overlay(onlookers)
        if self.run.overlay == "alpha":
            return products
        share = products[..., 3:].astype(np.float32) / 255
        over = products[..., :3] * share + np.array(_GREEN, np.float32) * (1 - share)
        return np.concatenate([over.round().astype(np.uint8), np.full_like(products[..., 3:], 255)], axis=-1)

    def _snapshot(self, pixels: NDArray[np.uint8]) -> None:
        from PIL import Image

        self.run.snapshots.mkdir(parents=True, exist_ok=True)
        taken = len(self.done.snapshots) + 1
        while (file := self.run.snapshots / f"try-on-{taken:03}.png").exists():
            taken += 1
        Image.fromarray(np.ascontiguousarray(pixels)).save(file)
        self.done.snapshots.append(file)

    def _obey(self) -> bool:
        for key in self.window.keys() if self.window is not None else ():
            if self.controls.press(key):
                self.mirror.wear(self.controls.worn, self.controls.variant)
        return not self.controls.ended

    def _keep_time(self, time_s: float) -> None:
        """A file's pictures are shown when they are due; what is live is shown at once."""
        if self.window is None or self.run.now_s is None or is_live(self.run.source):
            return
        now_s = self.run.now_s()
        if self._began_s is None:
            self._began_s = now_s - time_s
        self.window.wait_ms(round(1000 * (time_s - (now_s - self._began_s))))


class _Sink(Protocol):
    def write(self, pixels: NDArray[np.uint8], time_s: float) -> None: ...


class _PhotoSink:
    def __init__(self, file: Path) -> None:
        self._file = file

    def write(self, pixels: NDArray[np.uint8], time_s: float) -> None:
        from PIL import Image

        Image.fromarray(np.ascontiguousarray(pixels)).save(self._file)


@contextmanager
def _opened(file: Path, still: bool, size_px: tuple[int, int]) -> Iterator[_Sink]:
    if still:
        yield _PhotoSink(file)
        return
    import av

    with av.open(str(file), "w") as container:
        stream = container.add_stream("libx264", rate=30, options={"preset": "veryfast", "crf": "20"})
        stream.width, stream.height = size_px
        stream.pix_fmt = "yuv420p"
        stream.time_base = stream.codec_context.time_base = Fraction(1, 1000)

        class VideoSink:
            def write(self, pixels: NDArray[np.uint8], time_s: float) -> None:
                frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format="rgb24")
                frame.pts, frame.time_base = round(time_s * 1000), Fraction(1, 1000)
                container.mux(stream.encode(frame))

        yield VideoSink()
        container.mux(stream.encode())
