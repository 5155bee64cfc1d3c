"""Models and light of a show on the device, loaded once by file and content, and let go when nobody shows them.

Whoever asks for a file that cannot be drawn gets None, and one warning with the file's name. GL thread only; what
needs no GL (reading, decoding, filtering of light) may be fetched ahead, on a thread of the library's own.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from nightcast import gltf
from nightcast.gltf.hierarchy import rest_bounds
from nightcast.gltf.records import F32, Model
from nightcast.stage.environment import Environment
from nightcast.stage.errors import AssetError
from nightcast.stage.layers import Bitmap
from nightcast.stage.model import ModelHandle
from nightcast.stage.pictures import read_picture
from nightcast.stage.renderer import Renderer

__all__ = ["Library", "Stamp", "Stocked", "light_cache", "stamp"]

#: Time of change in ns, and bytes; (0, 0) where there is no file.
Stamp = tuple[int, int]
_Read = tuple[Model, F32, F32]

#: Models that stay loaded without being part of a scene: products shown lately, and those that may come next.
MOST_SPARE = 24


def light_cache() -> Path:
    """Where prefiltered light is kept for all shows of this user, named by the content it was made from."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "nightcast" / "light"


@dataclass(frozen=True, eq=False)
class Stocked:
    """A model on the device, with the corners of what it draws at rest, in its own space."""

    handle: ModelHandle
    low: F32  #: (3,)
    high: F32  #: (3,)

    @property
    def size(self) -> F32:
        return self.high - self.low


@dataclass(eq=False)
class _Shelf:
    stamp: Stamp
    stocked: Stocked | None
    fault: str = ""  #: why it is left out
    keep: bool = False


class Library:
    """Loads by path; a file that has changed on disk is loaded anew."""

    def __init__(self, renderer: Renderer, warn: Callable[[str], None], cache: Path | None = None) -> None:
        self._renderer = renderer
        self._warn = warn
        self._cache = cache
        self._models: dict[Path, _Shelf] = {}
        self._made: list[ModelHandle] = []
        self._retired: list[ModelHandle] = []
        self._reader = ThreadPoolExecutor(1, "library")
        self._coming: dict[Path, Future[_Read]] = {}
        self._coming_lights: dict[Path, Future[Environment]] = {}
        self._tasks: list[Future[None]] = []
        self._lights: dict[Path, tuple[Stamp, Environment | None]] = {}

    def fetch(self, models: Iterable[Path], light: Path | None = None) -> bool:
        """Begin to read what is not there yet. True when all of it can be had without reading."""
        files = [file for file in models if file not in self._models]
        for file in files:
            if file not in self._coming:
                self._coming[file] = self._reader.submit(_read, file)
        waiting: list[Future[Any]] = [self._coming[file] for file in files]
        if light is not None and light not in self._lights:
            if light not in self._coming_lights:
                self._coming_lights[light] = self._reader.submit(self._renderer.load_environment, light, self._cache)
            waiting.append(self._coming_lights[light])
        return all(future.done() for future in waiting)

    def aside(self, task: Callable[[], None]) -> Future[None]:
        """Do something on the thread that reads files."""
        self._tasks = [other for other in self._tasks if not other.done()]
        self._tasks.append(self._reader.submit(task))
        return self._tasks[-1]

    def wait(self) -> None:
        """Until all that is being fetched has been read, and what is done aside is done."""
        coming: list[Future[Any]] = [*self._coming.values(), *self._coming_lights.values(), *self._tasks]
        wait(coming)

    def model(self, file: Path, *, keep: bool = False) -> Stocked | None:
        """The model in `file`. With `keep` it stays loaded; without, the ones asked for last stay.

        None, and a warning, for one that cannot be used: once, or each time to whoever would keep it.
        """
        changed = stamp(file)
        known = self._models.pop(file, None)
        if known is None or known.stamp != changed:
            if known is not None and known.stocked is not None:
                self._retired.append(known.stocked.handle)  # scenes and the host may still be drawn with it
            known = self._load_model(file, changed)
        elif known.fault and keep:
            self._warn(known.fault)
        known.keep = known.keep or keep
        self._models[file] = known  # last asked for comes last
        spare = [other for other, shelf in self._models.items() if not shelf.keep]
        for other in spare[: max(len(spare) - MOST_SPARE, 0)]:
            self._drop(self._models.pop(other))
        return known.stocked

    def sweep(self, held: Iterable[ModelHandle]) -> None:
        """Let go of what was read anew since, but for the handles that somebody still draws."""
        kept = set(held)
        for handle in self._retired:
            if handle not in kept:
                handle.release()
        self._retired = [handle for handle in self._retired if handle in kept]

    def put(self, model: Model) -> ModelHandle:
        """A model made here, on the device until the library is released. Raises AssetError."""
        handle = self._renderer.load_model(model)
        self._made.append(handle)
        return handle

    def environment(self, file: Path) -> Environment | None:
        changed = stamp(file)
        known = self._lights.get(file)
        if known is None or known[0] != changed:
            known = self._lights[file] = (changed, self._load_light(file))
        return known[1]

    def image(self, file: Path) -> Bitmap | None:
        """A picture file, straight sRGB; shrunk where it is very large."""
        picture = read_picture(file, self._warn)
        return None if picture is None else Bitmap(np.ascontiguousarray(np.asarray(picture)))

    def release(self) -> None:
        self._reader.shutdown(cancel_futures=True)
        for shelf in self._models.values():
            self._drop(shelf)
        for handle in (*self._made, *self._retired):
            handle.release()
        self._models.clear()
        self._lights.clear()

    def _drop(self, shelf: _Shelf) -> None:
        if shelf.stocked is not None:
            shelf.stocked.handle.release()

    def _load_model(self, file: Path, changed: Stamp) -> _Shelf:
        coming = self._coming.pop(file, None)
        try:
            model, low, high = coming.result() if coming else _read(file)
            stocked = Stocked(self._renderer.load_model(model), low, high)
        except (gltf.ModelError, AssetError) as error:
            fault = f"{str(error).removesuffix('.')}. It is left out"
            self._warn(fault)
            return _Shelf(changed, None, fault)
        for warning in model.warnings:
            self._warn(f"{file.name}: {warning}")
        if not stocked.handle.triangle_count:
            self._warn(
                f"{file.name}: its scene holds no triangles, so nothing of it is seen; export it again with them"
            )
        return _Shelf(changed, stocked)

    def _load_light(self, file: Path) -> Environment | None:
        coming = self._coming_lights.pop(file, None)
        try:
            return coming.result() if coming else self._renderer.load_environment(file, self._cache)
        except AssetError as error:
            self._warn(f"{str(error).removesuffix('.')}. Soft grey light takes its place")
            return None


def _read(file: Path) -> _Read:
    """A model with its pictures decoded, and its bounds; no GL. Raises ModelError."""
    model = gltf.readable(gltf.load(file))
    return (model, *rest_bounds(model))


def stamp(file: Path) -> Stamp:
    """What tells a changed file. Its time alone does not: an editor may write twice within a tick of the clock."""
    try:
        status = file.stat()
    except OSError:
        return (0, 0)
    return (status.st_mtime_ns, status.st_size)
