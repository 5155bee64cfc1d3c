"""What the stage needs of a show: its scenes, catalog and avatar, from a script or from a single scene's file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from nightcast.show.avatar import Avatar
from nightcast.show.catalog import Catalog
from nightcast.show.errors import Problem, ShowError
from nightcast.show.folder import Show, find_root
from nightcast.show.load import load_yaml
from nightcast.show.scene import Scene

__all__ = ["Production"]


@dataclass(frozen=True)
class Production:
    """Scenes by their name in cues, which is their path in the show, and what is shown in them.

    `error` says what is wrong with the scripts where none that shows the scene could be loaded.
    """

    root: Path
    scenes: Mapping[str, Scene]
    language: str = "en"
    catalog: Catalog | None = None
    catalog_file: Path | None = None
    avatar: Avatar | None = None
    avatar_file: Path | None = None
    error: ShowError | None = None

    @classmethod
    def of_show(cls, show: Show) -> Production:
        return cls(
            root=show.root,
            scenes={show.scene_name(path): scene for path, scene in show.scenes.items()},
            language=show.script.language,
            catalog=show.catalog,
            catalog_file=show.catalog_file,
            avatar=show.avatar,
            avatar_file=show.avatar_file,
        )

    @classmethod
    def of_scene(cls, file: Path) -> Production:
        """A scene with the catalog and the host of a script, best of one that uses it; alone where there is none.

        Raises:
            ShowError: the scene's file is wrong.
        """
        file = file.resolve()
        root = find_root(file)
        scene = load_yaml(file, Scene, root)
        name = file.relative_to(root).as_posix()
        shows, error = _shows(root)
        users = [show for show in shows if file in show.scenes]
        error = None if users else error
        if not shows:
            return cls(root, {name: scene}, error=error)
        whole = cls.of_show((users or shows)[0])
        return replace(whole, scenes={name: scene, **whole.scenes}, error=error)

    @property
    def sources(self) -> set[Path]:
        """The files that say who is on stage and with what, or that are in the way of it."""
        known = {file for file in (self.catalog_file, self.avatar_file) if file}
        return known if self.error is None else known | self.error.files

    def reread(self) -> Production:
        """With catalog and avatar as their files are now. Raises ShowError."""
        if self.error is not None:
            again = Production.of_scene(self.scene_file(next(iter(self.scenes))))
            if again.error is not None:
                raise again.error
            return again
        catalog, avatar = self.catalog_file, self.avatar_file
        return replace(
            self,
            catalog=load_yaml(catalog, Catalog, self.root) if catalog else None,
            avatar=load_yaml(avatar, Avatar, self.root) if avatar else None,
        )

    def scene_file(self, name: str) -> Path:
        return self.root / name

    @property
    def fonts(self) -> Path:
        return self.root / "assets" / "fonts"


def _shows(root: Path) -> tuple[list[Show], ShowError | None]:
    """The scripts of a show that can be loaded, and what is wrong with the others."""
    shows: list[Show] = []
    problems: dict[Problem, None] = {}  # two scripts may name one wrong file
    missing: list[Path] = []
    for script in sorted((root / "scripts").glob("*.yaml")):
        try:
            shows.append(Show.load(script, root))
        except ShowError as error:
            problems |= dict.fromkeys(error.problems)
            missing += error.missing
    return shows, ShowError(list(problems), tuple(missing)) if problems else None
