"""Files that a command writes into a show about something that lies in it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from nightcast.cli.terminal import complain, say


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
    target.write_text(text(inside.as_posix()), "utf-8")
    say(f"wrote {target}")
    return 0
