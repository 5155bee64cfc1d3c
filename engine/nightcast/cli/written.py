"""Files that commands write."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from nightcast.cli.terminal import complain, say


def write(target: Path, text: str) -> None:
    """Write a file, and the folders it lies in."""
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, "utf-8")


def write_about(asset: Path, target: Path, text: Callable[[str], str], else_do: str) -> int:
    """Write `text` of the asset's path, as `target` names it, and return the exit code.

    Nothing is overwritten (`else_do` says what to do then), and an asset outside of the target's folder is refused.
    """
    if target.exists():
        complain(f"{target} is there already; {else_do}.")
        return 1
    try:
        inside = asset.resolve().relative_to(target.parent.resolve())
    except ValueError:
        complain(f"{asset.name} must lie in {target.parent} or below it: a show's files stay inside the show.")
        return 1
    write(target, text(inside.as_posix()))
    say(f"wrote {target}")
    return 0
