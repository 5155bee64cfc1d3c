"""The policy packs of a show: its own in `scripts/policies`, else those that come with the program."""

from __future__ import annotations

import json

from nightcast.show import Show
from nightcast.show.folder import policy_folder
from nightcast.talk.gate.policy import Policy

__all__ = ["aigc_metadata", "load_policy"]


def load_policy(show: Show) -> Policy:
    """Market and platform pack of the script. Raises the talk package's `PackError` for a pack that is not there."""
    return Policy.load(policy_folder(show.root), show.script.policy.market, show.script.policy.platform)


def aigc_metadata(show: Show) -> dict[str, str]:
    """The implicit label of AI-made content that goes into containers (GB 45438-2025: a JSON object named AIGC)."""
    producer = show.catalog.brand.in_language(show.script.language)
    label = {"Label": "1", "ContentProducer": producer, "ProduceID": show.script.title.in_language("en")}
    return {"AIGC": json.dumps(label, ensure_ascii=False), "comment": "AI-generated content"}
