"""From a source through tracker and mirror to a file: `nightcast mirror`. GL thread only."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from nightcast.show.catalog import Catalog
from nightcast.stage.gpu import Gpu
from nightcast.stage.mirror import Mirror
from nightcast.tryon.person import Crowd
from nightcast.tryon.pnp import Intrinsics
from nightcast.tryon.sources import SourceError, is_still, pictures
from nightcast.tryon.tracker import Tracker

__all__ = ["MirrorDone", "MirrorRun", "run_mirror"]


@dataclass(frozen=True)
class MirrorRun:
    """What is tried on, by whom, and where the pictures go."""

    source: str
    products: tuple[str, ...]
    variant: str | None
    catalog: Catalog
    catalog_file: Path
    reference: Path
    output: Path
    fov_deg: float = 40.0
    pd_mm: float | None = None
    seconds: float = 10.0
    before_after: bool = False


@dataclass(frozen=True)
class MirrorDone:
    pictures: int
    with_face: int
    warnings: tuple[str, ...]


class _Sink(Protocol):
    def write(self, pixels: NDArray[np.uint8], time_s: float) -> None: ...


def run_mirror(run: MirrorRun, tracker: Tracker, gpu: Gpu) -> MirrorDone:
    """Try on until the source ends, or `seconds` have passed. Raises TryOnError."""
    still = is_still(run.source)
    found = pictures(run.source)
    first = next(found, None)
    if first is None:
        raise SourceError(run.source, "no picture in it")
    height, width = first.pixels.shape[:2]
    camera = Intrinsics.of_fov(width, height, run.fov_deg)
    crowd = Crowd(camera, run.pd_mm)
    count = with_face = 0
    with (
        Mirror(gpu, run.reference, run.catalog, run.catalog_file, camera, fine=2 if still else 1) as mirror,
        _opened(run.output, still, (width, height)) as sink,
    ):
        mirror.wear(run.products, run.variant)
        for picture in chain([first], found):
            if picture.time_s > run.seconds:
                break
            if picture.pixels.shape[:2] != (height, width):
                raise SourceError(run.source, "its pictures differ in size")
            people = crowd.update(tracker.faces(picture.pixels, still=still), picture.time_s, smooth=not still)
            drawn = mirror.draw(picture.pixels, people)
            if run.before_after:
                drawn = np.concatenate([picture.pixels[:, : width // 2], drawn[:, width // 2 :]], axis=1)
            sink.write(drawn, picture.time_s)
            count += 1
            with_face += bool(people)
        return MirrorDone(count, with_face, tuple(mirror.warnings))


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
