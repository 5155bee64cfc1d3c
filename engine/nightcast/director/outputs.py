"""From what a script calls an output to what air makes of it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from nightcast.air.messages import CameraSpec, FileSpec, HlsSpec, OutputSpec, RtmpSpec, SoundSpec, WindowSpec
from nightcast.director.run import Run
from nightcast.show.script import Output

__all__ = ["free_name", "output_spec"]


def output_spec(output: Output, index: int, run: Run, files: Mapping[str, str]) -> OutputSpec:
    """`index` makes the id unique among several outputs of one kind; `files` are open already, by id."""
    name = f"{output.kind}-{index + 1}"
    match output.kind:
        case "hls":
            return HlsSpec(id=name, directory=run.hls)
        case "file":
            return FileSpec(id=name, path=Path(files.get(name) or free_name(Path(output.path or ""))))
        case "rtmp":
            return RtmpSpec(id=name, url=output.url or "")
        case "window":
            return WindowSpec(id=name)
        case "virtual_camera":
            return CameraSpec(id=name, device=output.device)
        case "sound":
            return SoundSpec(id=name, device=output.device)


def free_name(path: Path) -> Path:
    """A name that is not taken: yesterday's recording is never overwritten."""
    candidate, number = path.absolute(), 2
    while candidate.exists():
        candidate = path.absolute().with_stem(f"{path.stem}-{number}")
        number += 1
    return candidate
