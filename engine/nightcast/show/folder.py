"""A show: the folder that holds scripts, scenes, avatars, catalog and plugins, read as one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from nightcast.show.avatar import Avatar
from nightcast.show.catalog import Catalog
from nightcast.show.demo import FOLDERS, demo_root
from nightcast.show.errors import Problem, ShowError
from nightcast.show.fields import LooseEnd, Part
from nightcast.show.load import load_yaml, loose_problem, resolve
from nightcast.show.scene import Scene
from nightcast.show.script import Script
from nightcast.show.yaml_places import read_yaml

__all__ = ["Show", "find_root", "policy_folder"]

P = TypeVar("P", bound=Part)


def find_root(file: Path) -> Path:
    """The show that `file` belongs to: the nearest folder above it that holds `scenes/` or `scripts/` beside others."""
    for folder in file.resolve().parents:
        if sum((folder / name).is_dir() for name in FOLDERS) >= 2:
            return folder
    return file.resolve().parent


@dataclass(frozen=True)
class Show:
    """Everything a script names, loaded. Paths are absolute."""

    root: Path
    file: Path
    script: Script
    avatar: Avatar
    avatar_file: Path
    catalog: Catalog
    catalog_file: Path
    scenes: Mapping[Path, Scene] = field(default_factory=dict)  #: in the script's order; the first opens the night

    @classmethod
    def load(cls, file: Path, root: Path | None = None, environ: Mapping[str, str] | None = None) -> Show:
        """Load a script and all that it names. The folder of a show stands for its script, where it has only one.

        Raises `ShowError` with the problems of *all* files, cross references included.
        """
        file = _script_of(file).resolve()
        root = (root or find_root(file)).resolve()
        script = load_yaml(file, Script, root, environ)
        problems: list[Problem] = []

        def load_part(asset: str, model: type[P]) -> P | None:
            try:
                return load_yaml(resolve(file, asset), model, root, environ)
            except ShowError as error:
                problems.extend(error.problems)
                return None

        avatar = load_part(script.host, Avatar)
        catalog = load_part(script.catalog, Catalog)
        scenes = {resolve(file, asset): load_part(asset, Scene) for asset in script.scenes}
        placed = read_yaml(file, environ)
        problems += [loose_problem(placed, end) for end in _loose_ends(script, catalog, policy_folder(root))]
        if problems or avatar is None or catalog is None:
            raise ShowError(problems)
        whole_scenes = {path: scene for path, scene in scenes.items() if scene is not None}
        return cls(
            root,
            file,
            script,
            avatar,
            resolve(file, script.host),
            catalog,
            resolve(file, script.catalog),
            whole_scenes,
        )

    def path(self, owner: Path, asset: str) -> Path:
        """The absolute path of an asset written in `owner`."""
        return resolve(owner, asset)

    def scene_name(self, path: Path) -> str:
        """How a scene is named in cues: its path relative to the show."""
        return path.relative_to(self.root).as_posix()

    def scene(self, name: str) -> tuple[Path, Scene] | None:
        """The scene with this name, or with this file stem."""
        for path, scene in self.scenes.items():
            if name in (self.scene_name(path), path.stem):
                return path, scene
        return None


def _script_of(path: Path) -> Path:
    if not path.is_dir():
        return path
    scripts = sorted((path / "scripts").glob("*.yaml"))
    if len(scripts) == 1:
        return scripts[0]
    names = ", ".join(str(script) for script in scripts)
    expected = f"one of its scripts: {names}" if scripts else "a script, or a show's folder with scripts/"
    raise ShowError([Problem(path, 0, 0, "", f"a folder with {len(scripts) or 'no'} scripts", expected)])


def policy_folder(root: Path) -> Path:
    """Where the policy packs of the show at `root` are: its own, else those that come with the program."""
    own = root / "scripts" / "policies"
    return own if own.is_dir() else demo_root() / "scripts" / "policies"


def _loose_ends(script: Script, catalog: Catalog | None, policies: Path) -> Iterator[LooseEnd]:
    """Names in a script that stand for nothing outside of it: products, and the packs of its policy."""
    for pack, name in (("market", script.policy.market), ("platform", script.policy.platform)):
        packs = tuple(sorted(file.stem for file in (policies / f"{pack}s").glob("*.yaml")))
        if name not in packs:
            yield LooseEnd(("policy", pack), name, packs)
    if catalog is None:
        return
    products = tuple(sorted(product.id for product in catalog.products))
    for index, item in enumerate(script.rundown):
        if item.for_each is not None and isinstance(item.for_each.product, tuple):
            for number, product in enumerate(item.for_each.product):
                if product not in products:
                    yield LooseEnd(("rundown", index, "for_each", "product", number), product, products)
    for index, slot in enumerate(script.slots):
        if slot.product is not None and slot.product not in products:
            yield LooseEnd(("slots", index, "product"), slot.product, products)
