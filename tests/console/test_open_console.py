"""The director with the page, as the supervisor starts it."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import pytest
from aiohttp import ClientSession
from tests.console.night import Night

from nightcast.console import Console
from nightcast.console import __main__ as module
from nightcast.director.live import OnAir
from nightcast.director.page import Page


async def test_a_page_whose_port_was_taken_comes_when_it_is_free_and_the_night_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_AGAIN_S", 0.01)
    state = OnAir()
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        console = Console(Night(), Page(port=port), tmp_path)
        listening = asyncio.create_task(module.listen(console, state))
        async with asyncio.timeout(20):
            while state.warning is None:
                await asyncio.sleep(0)
        assert f"port {port}" in state.warning.en
    async with asyncio.timeout(20):
        await listening
    try:
        assert state.warning is None
        async with ClientSession() as session, session.get(f"http://127.0.0.1:{port}/api/events") as response:
            assert await response.content.readline() == b"event: state\n"
    finally:
        await console.stop()
