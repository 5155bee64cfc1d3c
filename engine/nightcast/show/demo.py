"""The demo show: in the repository beside `engine/`, in an installed package inside it."""

from __future__ import annotations

import shutil
from pathlib import Path

from nightcast.show.errors import Problem, ShowError

__all__ = ["FOLDERS", "copy_demo", "demo_root", "demo_script"]

#: What a show is made of.
FOLDERS = ("avatars", "scenes", "scripts", "assets", "plugins")
_SOURCES = ("sculpt", "make", "__pycache__")  # how content was made; not part of a new show


def demo_root() -> Path:
    """The demo show's folder."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "demo"
    return installed if installed.is_dir() else package.parents[1]


def demo_script() -> Path:
    """The script that `nightcast run` plays when it is given none."""
    return demo_root() / "scripts" / "overnight.yaml"


def copy_demo(folder: Path) -> None:
    """Make a show in `folder`, which must not exist or be empty.

    Raises `ShowError` where something is there already: nothing is ever overwritten.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ShowError([Problem(folder, 0, 0, "", "files that are there already", "an empty or new folder")])
    for name in FOLDERS:
        source = demo_root() / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns(*_SOURCES))
