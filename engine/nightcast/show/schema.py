"""JSON Schemas for editors, from the models themselves."""

from __future__ import annotations

import json
from pathlib import Path

from nightcast.show.avatar import Avatar
from nightcast.show.catalog import Catalog
from nightcast.show.fields import Part
from nightcast.show.gesture import Gesture
from nightcast.show.posture import Posture
from nightcast.show.reference import reference_page
from nightcast.show.scene import Scene
from nightcast.show.script import Script

__all__ = ["KINDS", "write_reference", "write_schemas"]

#: What people write, by the folder it lives in.
KINDS: dict[str, type[Part]] = {
    "scene": Scene,
    "avatar": Avatar,
    "catalog": Catalog,
    "script": Script,
    "gesture": Gesture,
    "posture": Posture,
}


#: The reference pages in `docs/`, by kind.
_PAGES = {
    "scene": ("scenes", "Scenes"),
    "avatar": ("avatars", "Avatars"),
    "catalog": ("catalog", "The catalog"),
    "script": ("scripts", "Scripts"),
    "gesture": ("gestures", "Gestures"),
    "posture": ("postures", "Postures"),
}


def write_reference(folder: Path) -> list[Path]:
    """Write the reference page of each kind of file; returns the files written."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for kind, (name, title) in _PAGES.items():
        file = folder / f"{name}.md"
        file.write_text(reference_page(title, KINDS[kind]), encoding="utf-8")
        written.append(file)
    return written


def write_schemas(folder: Path) -> list[Path]:
    """Write one schema (JSON Schema 2020-12) for each kind of file; returns the files written."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, model in KINDS.items():
        schema = model.model_json_schema(by_alias=True)
        schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
        file = folder / f"{name}.json"
        file.write_text(json.dumps(schema, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        written.append(file)
    return written
