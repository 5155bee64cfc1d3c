"""Checking what people write: single files, or a whole show with its cross references."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from nightcast.show.avatar import Avatar
from nightcast.show.catalog import Catalog
from nightcast.show.errors import Problem, ShowError
from nightcast.show.fields import Part
from nightcast.show.folder import Show, find_root
from nightcast.show.gesture import Gesture
from nightcast.show.load import load_yaml
from nightcast.show.posture import Posture
from nightcast.show.scene import Scene
from nightcast.show.script import Script
from nightcast.show.yaml_places import read_yaml

__all__ = ["CheckReport", "check_files", "kind_of"]


@dataclass(frozen=True)
class CheckReport:
    files: tuple[Path, ...]
    problems: tuple[Problem, ...]


def check_files(paths: Iterable[Path]) -> CheckReport:
    """Validate files, and every show among the folders. Problems come once each, in the order of files and lines."""
    files: list[Path] = []
    problems: dict[Problem, None] = {}
    for path in paths:
        found = _show_files(path) if path.is_dir() else [path]
        if path.is_dir() and not found:
            expected = "a show: scripts/, scenes/, avatars/, assets/ with YAML files"
            problems[Problem(path, 0, 0, "", "no YAML file", expected, "Make one: nightcast new FOLDER")] = None
        files += found
    for file in files:
        for problem in _check_file(file):
            problems[problem] = None
    ordered = sorted(problems, key=lambda problem: (str(problem.file), problem.line, problem.column))
    return CheckReport(tuple(files), tuple(ordered))


def kind_of(file: Path) -> type[Part] | None:
    """Which model a YAML file of a show is written for, by its folder and name; None for data of other packages."""
    folders = [parent.name for parent in file.resolve().parents]
    if file.parent.name == "scripts":
        return Script
    if file.parent.name == "scenes":
        return Scene
    if file.name == "avatar.yaml" and "avatars" in folders:
        return Avatar
    if file.parent.name == "gestures" and "avatars" in folders:
        return Gesture
    if file.parent.name == "postures" and "avatars" in folders:
        return Posture
    if file.name.startswith("catalog") and "assets" in folders:
        return Catalog
    return None


def _show_files(root: Path) -> list[Path]:
    patterns = (
        "scripts/*.yaml",
        "scenes/*.yaml",
        "avatars/*/avatar.yaml",
        "avatars/gestures/*.yaml",
        "avatars/postures/*.yaml",
        "assets/catalog*.yaml",
    )
    return sorted(file for pattern in patterns for file in root.glob(pattern))


def _check_file(file: Path) -> list[Problem]:
    model = kind_of(file) or _guess(file)
    root = find_root(file)
    try:
        if model is None:
            expected = "a scene, script, avatar, gesture, posture or catalog"
            return [
                Problem(
                    file,
                    0,
                    0,
                    "",
                    "a file of no kind we know",
                    expected,
                    "It belongs in scenes/, scripts/, avatars/NAME/, avatars/gestures/, avatars/postures/ or assets/.",
                )
            ]
        if model is Script:
            Show.load(file, root)
        else:
            load_yaml(file.resolve(), model, root)
    except ShowError as error:
        return error.problems
    return []


def _guess(file: Path) -> type[Part] | None:
    """The kind of a file that stands outside of a show, by the fields it has."""
    try:
        data = read_yaml(file).data
    except ShowError:
        return Scene  # reading it again as a scene reports what is wrong with the file itself
    keys = set(data) if isinstance(data, dict) else set()
    scores = {
        model: len(keys & {info.alias or name for name, info in model.model_fields.items()})
        for model in (Scene, Script, Catalog, Avatar, Gesture, Posture)
    }
    best = max(scores, key=lambda model: scores[model])
    return best if scores[best] else None
