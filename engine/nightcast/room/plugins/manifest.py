"""`plugin.yaml`: what a plugin is called, how it is started, and what it asks the operator for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import Field, field_validator, model_validator

from nightcast.room.actions import SCOPES
from nightcast.room.errors import ManifestError
from nightcast.show.fields import Part, setting
from nightcast.show.load import load_yaml

__all__ = ["FILE", "LoadedPlugin", "Manifest", "Resources", "load_plugin"]

FILE = "plugin.yaml"


class Resources(Part):
    """What its process may use. Beyond it the plugin fails, and only the plugin."""

    memory_mb: int = setting(512, "of data", unit="MiB", ge=64, le=16_384)
    open_files: int = setting(128, "files and sockets", ge=16, le=4_096)


class Manifest(Part):
    """A plugin's manifest."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$", description="its name on the hub")
    about: str = Field(min_length=1, max_length=300, description="one sentence for the operator")
    run: str | None = setting(None, "a Python file in the folder")
    command: tuple[Annotated[str, Field(min_length=1)], ...] = setting(
        (), "or a program with arguments, run in the folder: [node, plugin.mjs]"
    )
    scopes: tuple[str, ...] = setting((), "what it asks for; see the table of scopes")
    limits: Resources = Resources()

    @model_validator(mode="after")
    def _startable(self) -> Manifest:
        if (self.run is None) == (not self.command):
            raise ValueError("either `run` (a Python file) or `command` (a program), not both")
        return self

    @field_validator("scopes")
    @classmethod
    def _known(cls, scopes: tuple[str, ...]) -> tuple[str, ...]:
        unknown = [scope for scope in scopes if scope not in SCOPES]
        if unknown:
            raise ValueError(f"scopes among {', '.join(SCOPES)}; not {', '.join(unknown)}")
        return scopes


@dataclass(frozen=True)
class LoadedPlugin:
    """A manifest and the folder it lies in."""

    folder: Path
    manifest: Manifest

    @property
    def id(self) -> str:
        return self.manifest.id

    def argv(self, python: str) -> list[str]:
        """The program that is the plugin, to be run in its folder."""
        if self.manifest.run is not None:
            return [python, str(self.folder / self.manifest.run)]
        return list(self.manifest.command)


def load_plugin(folder: Path) -> LoadedPlugin:
    """Read a plugin's folder. Raises ManifestError where there is no plugin, ShowError for mistakes in its YAML."""
    folder = folder.resolve()
    file = folder / FILE
    if not file.is_file():
        raise ManifestError(folder, f"no {FILE} here", "Make one with: nightcast plugin new NAME")
    manifest = load_yaml(file, Manifest, folder)
    if manifest.run is not None and not (folder / manifest.run).is_file():
        raise ManifestError(file, f"run: {manifest.run} does not exist", "Name a Python file in this folder.")
    return LoadedPlugin(folder, manifest)
