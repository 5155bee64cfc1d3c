"""What all checks share: the failure of one, and running them in order."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from websockets.exceptions import WebSocketException

from nightcast.room.errors import RoomError

__all__ = ["Check", "NonconformingError", "Outcome", "expect", "run_checks"]

#: (what was checked, what was wrong; empty where all is well)
Outcome = tuple[str, str]
Check = tuple[str, Callable[[], Awaitable[None]]]


class NonconformingError(RoomError):
    """The other side did not do what the protocol says."""

    def __init__(self, expected: str, saw: object) -> None:
        super().__init__(expected, saw)
        self.expected = expected
        self.saw = saw

    def __str__(self) -> str:
        return f"expected {self.expected}; saw {str(self.saw)[:200]}"


def expect(condition: bool, expected: str, saw: object) -> None:
    """Raises NonconformingError unless the condition holds."""
    if not condition:
        raise NonconformingError(expected, saw)


async def run_checks(
    checks: list[Check], within_s: float = 20.0, begins: Callable[[str], None] = lambda _: None
) -> list[Outcome]:
    """Run all; one that fails or hangs does not stop the others. `begins` is told the name of each as it begins."""
    outcomes: list[Outcome] = []
    for name, check in checks:
        begins(name)
        try:
            async with asyncio.timeout(within_s):
                await check()
            outcomes.append((name, ""))
        except TimeoutError:
            outcomes.append((name, f"nothing happened within {within_s:g} s"))
        except (NonconformingError, WebSocketException, OSError, KeyError, ValueError) as error:
            outcomes.append((name, str(error) or type(error).__name__))
    return outcomes
