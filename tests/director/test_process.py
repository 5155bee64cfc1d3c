"""What runs beside the night is seen through."""

from __future__ import annotations

import pytest
from tests.director.stand import Stand

from nightcast.director import process as module


async def test_what_stumbles_beside_the_night_is_told_and_begins_anew(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_BEGIN_ANEW_S", 0.0)
    tries = iter([KeyError("tumbler"), None])

    async def work() -> None:
        if error := next(tries):
            raise error

    await module._see_through(stand.live, work)
    assert next(tries, "none left") == "none left"
    assert stand.live.state.warning is not None
    assert "tumbler" in stand.live.state.warning.en
