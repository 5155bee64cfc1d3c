"""A hub on a free port whose director carries every action out at once; shared by tests that need real sockets."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from typing import Any

from nightcast.room.arbiter import Change
from nightcast.room.core import HubCore, Notice
from nightcast.room.grants import Grants
from nightcast.room.hub import Hub
from nightcast.room.sdk import Plugin


class Live:
    def __init__(self, **options: Any) -> None:
        self.grants = Grants()
        ids = itertools.count(1)
        self.core = HubCore(self.grants, new_id=lambda: str(next(ids)), **options)
        self.changes: list[Change] = []
        self.notices: list[Notice] = []
        self.hub = Hub(self.core, on_action=self._act, on_notice=self.notices.append)
        self.url = ""

    def _act(self, change: Change) -> None:
        self.changes.append(change)
        if change.state == "started":
            asyncio.get_running_loop().call_soon(self.hub.report, change.action.id, "done")

    def allow(self, plugin: Plugin) -> str:
        self.grants.allow(plugin.id, plugin.scopes)
        return self.grants.issue(plugin.id)

    def done(self, action_type: str) -> list[Any]:
        """What was carried out, of one type."""
        return [c.action.data for c in self.changes if c.state == "done" and c.action.data.type == action_type]


async def until(condition: Callable[[], bool], within_s: float = 60.0) -> None:
    async with asyncio.timeout(within_s):
        while not condition():
            await asyncio.sleep(0.01)
