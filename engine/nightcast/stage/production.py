"""What the stage needs of a show: its scenes, catalog and avatar, from a script or from a single scene's file."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from nightcast.show.avatar import Avatar
from nightcast.show.catalog import Catalog
from nightcast.show.errors import ShowError
from nightcast.show.folder import Show, find_root
from nightcast.show.load import load_yaml
from nightcast.show.scene import Scene

__all__ = ["Production"]


@dataclass(frozen=True)
class Production:
    """Scenes by their name in cues, which is their path in the show, and what is shown in them."""

    root: Path
    scenes: Mapping[str, Scene]
    language: str = "en"
    catalog: Catalog | None = None
    catalog_file: Path | None = None
    avatar: Avatar | None = None
    avatar_file: Path | None = None

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
        shows = _shows(root)
        show = next((show for show in shows if file in show.scenes), shows[0] if shows else None)
        if show is None:
            return cls(root, {name: scene})
        whole = cls.of_show(show)
        return replace(whole, scenes={name: scene, **whole.scenes})

    def reread(self) -> Production:
        """With catalog and avatar as their files are now. Raises ShowError."""
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


def _shows(root: Path) -> list[Show]:
    """The scripts of a show that can be loaded; the mistakes of the others are no matter of one scene."""
    shows = []
    for script in sorted((root / "scripts").glob("*.yaml")):
        with contextlib.suppress(ShowError):
            shows.append(Show.load(script, root))
    return shows
