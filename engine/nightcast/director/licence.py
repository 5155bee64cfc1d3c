"""Whether the avatar's own licence lets it go on a selling stream."""

from __future__ import annotations

from nightcast.director.errors import LicenceError
from nightcast.gltf.load import load
from nightcast.host.licence import commercial_stream
from nightcast.show import Show

__all__ = ["check_licence"]


def check_licence(show: Show) -> list[str]:
    """What the operator must know of the avatar's licence, a sentence each.

    Raises `LicenceError` where the file forbids it and the script does not override that; `ModelError` for a file
    that cannot be read.
    """
    file = show.path(show.avatar_file, show.avatar.worn_model)
    verdict = commercial_stream(load(file))
    if verdict.allowed is False and not show.script.licence_override:
        raise LicenceError(file, "; ".join(verdict.reasons))
    said = [] if verdict.allowed and not verdict.credit else [f"{file.name}: {verdict}."]
    if verdict.credit:
        said.append(f"Credit to show: {verdict.credit}.")
    return said
