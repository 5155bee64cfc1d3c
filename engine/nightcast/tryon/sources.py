"""Where pictures of people come from: a photo, a folder of them, a video file, RTMP, HLS, a camera.

Pictures are (h, w, 3) uint8 RGB, never mirrored, with even sizes, so that any encoder takes them.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nightcast.tryon.errors import TryOnError

__all__ = ["Picture", "SourceError", "is_live", "is_still", "pictures"]

_PHOTOS = {".png", ".jpg", ".jpeg", ".webp", ".bmp"}
_MOST_PX = 1920
_OPEN_S, _READ_S = 10.0, 5.0  #: how long a stream is waited for: until it begins, and for its next piece
#: How FFmpeg names cameras by their number, and the device it opens them with.
_CAMERAS = {"linux": ("v4l2", "/dev/video{}"), "darwin": ("avfoundation", "{}"), "win32": ("dshow", "video={}")}


class SourceError(TryOnError):
    """A source of pictures cannot be opened or read."""

    def __init__(self, source: str, reason: str) -> None:
        super().__init__(source, reason)
        self.source = source
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.source} cannot be read: {self.reason}. Give a picture, a folder, a video, or a camera's number."


@dataclass(frozen=True, eq=False)
class Picture:
    pixels: NDArray[np.uint8]
    time_s: float


def is_still(source: str) -> bool:
    """Whether the source is one photo."""
    return Path(source).suffix.lower() in _PHOTOS


def is_live(source: str) -> bool:
    """Whether it is a camera or a stream, which cannot be asked to wait, and may come back when it is lost."""
    return source.isdigit() or source.startswith(("rtmp://", "rtmps://", "rtsp://", "http://", "https://", "srt://"))


def pictures(source: str, fps: float = 30.0) -> Iterator[Picture]:
    """All pictures of a source, in order; those of a folder by name, `fps` a second. Raises SourceError."""
    path = Path(source)
    if is_still(source):
        yield Picture(_photo(path), 0.0)
    elif path.is_dir():
        files = sorted(file for file in path.iterdir() if file.suffix.lower() in _PHOTOS)
        if not files:
            raise SourceError(source, "no pictures in this folder")
        for number, file in enumerate(files):
            yield Picture(_photo(file), number / fps)
    else:
        yield from _video(source)


def _photo(file: Path) -> NDArray[np.uint8]:
    from PIL import Image, ImageOps

    try:
        with Image.open(file) as image:
            turned = ImageOps.exif_transpose(image).convert("RGB")
            turned.thumbnail((_MOST_PX, _MOST_PX))
            return _even(np.asarray(turned))
    except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError) as error:
        raise SourceError(str(file), _words(error)) from error


def _video(source: str) -> Iterator[Picture]:
    import av

    name, options, form = source, {}, None
    if source.isdigit():
        form, pattern = _CAMERAS.get(sys.platform, _CAMERAS["linux"])
        name, options = pattern.format(source), {"framerate": "30", "video_size": "1280x720"}
    patience_s = (_OPEN_S, _READ_S) if is_live(source) else None  # a stream that stalls must not hold us for ever
    try:
        with av.open(name, format=form, options=options, timeout=patience_s, metadata_errors="replace") as container:
            stream = container.streams.video[0]
            first_s: float | None = None
            for frame in container.decode(stream):
                time_s = float(frame.time or 0.0)
                first_s = time_s if first_s is None else first_s
                yield Picture(_even(frame.to_ndarray(format="rgb24").astype(np.uint8, copy=False)), time_s - first_s)
    except (av.FFmpegError, OSError, IndexError, ValueError) as error:
        raise SourceError(source, _words(error)) from error


def _even(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    height, width = pixels.shape[0] // 2 * 2, pixels.shape[1] // 2 * 2
    return np.ascontiguousarray(pixels[:height, :width])


def _words(error: Exception) -> str:
    """The system's, without the file's name, which stands before them."""
    return getattr(error, "strerror", None) or str(error)
