"""`nightcast protocol export`: writes the protocol for editors, generators and other languages."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

from nightcast.room.protocol import VERSION
from nightcast.room.schema.asyncapi import asyncapi
from nightcast.room.schema.examples import examples
from nightcast.room.schema.json_schema import protocol_schema
from nightcast.room.schema.reference import reference_page
from nightcast.room.schema.typescript import typescript

__all__ = ["export", "publish", "published_examples", "published_schema"]


def export(folder: Path) -> list[Path]:
    """Write `protocol.schema.json`, `asyncapi.yaml`, `nightcast.d.ts`, `examples.json` and `protocol.md`."""
    schema = protocol_schema()
    texts = {
        "protocol.schema.json": to_json(schema),
        "asyncapi.yaml": yaml.safe_dump(asyncapi(schema), sort_keys=False, allow_unicode=True, width=110),
        "nightcast.d.ts": typescript(schema),
        "examples.json": to_json(examples()),
        "protocol.md": reference_page(),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    return [folder / name for name in texts]


def publish(repository: Path) -> list[Path]:
    """Write what is kept in the repository: this version's schema and examples, and the reference page."""
    here = repository / "engine" / "nightcast" / "room" / "schema"
    texts = {
        here / f"v{VERSION}.json": to_json(protocol_schema()),
        here / f"v{VERSION}.examples.json": to_json(examples()),
        repository / "docs" / "protocol.md": reference_page(),
    }
    for file, text in texts.items():
        file.write_text(text, encoding="utf-8")
    return list(texts)


def to_json(value: Any) -> str:
    return json.dumps(value, indent=1, ensure_ascii=False) + "\n"


def published_schema() -> dict[str, Any]:
    """The schema of this protocol version as it was published: what must not be broken."""
    return _published(f"v{VERSION}.json")


def published_examples() -> dict[str, Any]:
    """The examples as they were published."""
    return _published(f"v{VERSION}.examples.json")


def _published(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(files(__package__).joinpath(name).read_text(encoding="utf-8"))
    return loaded
