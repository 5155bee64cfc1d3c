"""The policy packs of a show: its own in `scripts/policies`, else those that come with the program."""

from __future__ import annotations

from nightcast.show import Show
from nightcast.show.demo import demo_root
from nightcast.talk.gate.policy import Policy

__all__ = ["load_policy"]


def load_policy(show: Show) -> Policy:
    """Market and platform pack of the script. Raises the talk package's `PackError` for a pack that is not there."""
    own = show.root / "scripts" / "policies"
    folder = own if own.is_dir() else demo_root() / "scripts" / "policies"
    return Policy.load(folder, show.script.policy.market, show.script.policy.platform)
