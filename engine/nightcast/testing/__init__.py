"""Test a plugin without a stream: an in-memory room on a virtual clock.

    from nightcast.testing import Room

    async def test_thanks(room):
        await room.start(plugin)
        await room.gift("Amy", "rose", count=3)
        assert room.said == ["Thank you for the 3 roses, A***!"]

The fixtures are in `nightcast.testing.fixtures`; name it in `pytest_plugins` of a conftest.
"""

from nightcast.testing.clock import VirtualClock
from nightcast.testing.load import load_module
from nightcast.testing.room import Done, Room, product

__all__ = ["Done", "Room", "VirtualClock", "load_module", "product"]
