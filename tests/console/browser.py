"""A headless Chromium, driven over its DevTools protocol."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import itertools
import json
import shutil
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect

_NAMES = ("chromium", "chromium-browser", "google-chrome")


class Page:
    """One tab."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)

    async def call(self, method: str, **params: Any) -> dict[str, Any]:
        number = next(self._numbers)
        await self._socket.send(json.dumps({"id": number, "method": method, "params": params}))
        async with asyncio.timeout(30):
            async for message in self._socket:
                answer = json.loads(message)
                if answer.get("id") == number:
                    assert "error" not in answer, answer["error"]
                    return dict(answer["result"])
        raise AssertionError("the browser has closed")

    async def go(self, url: str) -> None:
        await self.call("Page.navigate", url=url)
        await self.until("document.readyState === 'complete'")

    async def value(self, script: str, *, gesture: bool = False) -> Any:
        """What a script evaluates to; promises are awaited, errors raised. `gesture`: as if by the user's hand."""
        answer = await self.call(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True, userGesture=gesture
        )
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    async def until(self, script: str, timeout_s: float = 25) -> Any:
        """Wait until a script's value is true."""
        async with asyncio.timeout(timeout_s):
            while not (value := await self.value(script)):
                await asyncio.sleep(0.05)
        return value

    async def size(self, width: int, height: int, *, mobile: bool = False) -> None:
        await self.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=mobile
        )

    async def screenshot(self, path: Path) -> None:
        picture = await self.call("Page.captureScreenshot", format="png", captureBeyondViewport=False)
        path.write_bytes(base64.b64decode(picture["data"]))


async def _devtools(note: Path) -> tuple[str, str]:
    """The port and the path that Chromium notes; it makes the file first and fills it a moment later."""
    while not (note.exists() and len(words := note.read_text().split()) == 2):
        await asyncio.sleep(0.05)
    return words[0], words[1]


@contextlib.asynccontextmanager
async def browser(profile: Path, *flags: str) -> AsyncIterator[Page]:
    """Start a browser with a fresh profile; skips the test where there is none."""
    program = next(filter(None, map(shutil.which, _NAMES)), None)
    if program is None:
        pytest.skip("needs Chromium: apt install chromium")
    argv = [program, "--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0"]
    argv += [f"--user-data-dir={profile}", "--no-first-run", "--mute-audio", *flags, "about:blank"]
    process = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        async with asyncio.timeout(30):
            port, path = await _devtools(profile / "DevToolsActivePort")
        async with connect(f"ws://127.0.0.1:{port}{path}", max_size=None) as control:
            targets = (await Page(control).call("Target.getTargets"))["targetInfos"]
            target = next(item["targetId"] for item in targets if item["type"] == "page")
        async with connect(f"ws://127.0.0.1:{port}/devtools/page/{target}", max_size=None) as tab:
            page = Page(tab)
            await page.call("Page.enable")
            yield page
    finally:
        process.terminate()
        await asyncio.to_thread(process.wait, 15)
