"""`nightcast plugin new NAME`: a plugin that works, with a test that passes."""

from __future__ import annotations

import re
from pathlib import Path

from nightcast.room.errors import ManifestError

__all__ = ["new_plugin"]

_MANIFEST = """\
id: {id}
about: Greets who says hello.   # one sentence for the operator
run: plugin.py
# What it asks the operator for. docs/protocol.md has the table of scopes.
scopes: [room.comment:read, speech:write]
limits: {{memory_mb: 256}}
"""

_PLUGIN = '''\
"""Greets who says hello."""

from nightcast.room.sdk import Comment, Context, Plugin

plugin = Plugin("{id}", scopes=["room.comment:read", "speech:write"])


@plugin.on(Comment, where={{"text": {{"contains": "hello"}}}})
async def hello(ctx: Context, comment: Comment) -> None:
    """The host says hello; names are masked until the operator grants room.user:read."""
    await ctx.say(f"Hello {{comment.user.nickname}}, welcome!")


if __name__ == "__main__":
    plugin.run()
'''

_CONFTEST = '''\
"""The `room` fixture: an in-memory room with a small catalog. Override `catalog` to sell your own products."""

from nightcast.testing.fixtures import catalog, room

__all__ = ["catalog", "room"]
'''

_TEST = '''\
"""What {id} does, in a room without a stream."""

from pathlib import Path

import pytest

from nightcast.testing import load_module


@pytest.fixture
def plugin():
    return load_module(Path(__file__).with_name("plugin.py")).plugin


@pytest.mark.asyncio
async def test_says_hello(plugin, room):
    await room.start(plugin)
    await room.comment("Amy", "hello everyone")
    await room.comment("Ben", "how much is it?")
    assert room.said == ["Hello A***, welcome!"]
'''


def new_plugin(parent: Path, name: str) -> Path:
    """Write a new plugin's folder; returns it. Raises ManifestError for a bad name or a folder that is there."""
    folder = parent / name
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,63}", name):
        raise ManifestError(folder, f"{name!r} is no name for a plugin", "Use small letters, digits, - and _.")
    if folder.exists():
        raise ManifestError(folder, "this folder is there already", "Choose another name, or remove it.")
    folder.mkdir(parents=True)
    files = {"plugin.yaml": _MANIFEST, "plugin.py": _PLUGIN, "conftest.py": _CONFTEST, "test_plugin.py": _TEST}
    for file, text in files.items():
        (folder / file).write_text(text.format(id=name) if "{" in text else text, encoding="utf-8")
    return folder
