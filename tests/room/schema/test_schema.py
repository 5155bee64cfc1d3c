"""The published protocol: current, unbroken, and true of every message type."""

from __future__ import annotations

import copy
import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from nightcast.room.actions import ACTIONS
from nightcast.room.events import EVENTS, Event
from nightcast.room.protocol import HUB_FRAMES, PLUGIN_FRAMES, Limits, decode, encode, parse
from nightcast.room.schema.compat import breaking_changes
from nightcast.room.schema.export import export, published_examples, published_schema
from nightcast.room.schema.json_schema import protocol_schema
from nightcast.room.schema.reference import reference_page

PUBLISHED = published_examples()
REMEDY = "run: nightcast protocol export --publish"


def test_nothing_that_was_published_is_broken() -> None:
    problems = breaking_changes(published_schema(), json.loads(json.dumps(protocol_schema())))
    assert problems == [], "a breaking change needs a new protocol version"


def test_the_published_schema_is_current() -> None:
    assert published_schema() == json.loads(json.dumps(protocol_schema())), REMEDY


def test_the_reference_page_is_current(repository: Path) -> None:
    assert (repository / "docs" / "protocol.md").read_text("utf-8") == reference_page(), REMEDY


def test_every_message_type_has_a_golden_example() -> None:
    wanted = {f"frame.{op}" for op in {**PLUGIN_FRAMES, **HUB_FRAMES}}
    wanted |= {f"event.{name}" for name in EVENTS} | {f"action.{name}" for name in ACTIONS}
    assert set(PUBLISHED) == wanted


@pytest.mark.parametrize("name", [n for n in PUBLISHED if n.startswith("event.")])
def test_a_golden_event_reads_and_writes_the_same(name: str) -> None:
    golden = PUBLISHED[name]
    assert {"op": "event", "seq": golden["seq"], **Event.from_wire(golden).to_wire()} == golden


@pytest.mark.parametrize("name", [n for n in PUBLISHED if n.startswith(("frame.", "action."))])
def test_a_golden_frame_reads_and_writes_the_same(name: str) -> None:
    golden = PUBLISHED[name]
    frames = {**HUB_FRAMES, **PLUGIN_FRAMES}
    frame = parse(decode(json.dumps(golden), Limits()), frames)
    assert within(golden, json.loads(encode(frame)))


def within(golden: Any, written: Any) -> bool:
    """Whether all of the golden message is written; defaults may be written beside it."""
    if isinstance(golden, dict):
        return all(key in written and within(value, written[key]) for key, value in golden.items())
    if isinstance(golden, list):
        return len(golden) == len(written) and all(map(within, golden, written))
    return golden == written


def change(path: str, value: Any) -> Callable[[dict[str, Any]], None]:
    def apply(schema: dict[str, Any]) -> None:
        *parents, last = path.split("/")
        node = schema["$defs"]
        for key in parents:
            node = node[key]
        if value is None:
            del node[last]
        else:
            node[last] = value

    return apply


@pytest.mark.parametrize(
    ("edit", "problem"),
    [
        (change("event.order.paid", None), "event.order.paid: removed"),
        (change("event.order.paid/properties/order_id", None), "event.order.paid.order_id: removed"),
        (change("event.order.paid/x-class", "B"), "x-class"),
        (change("event.order.paid/required", []), "need not send"),
        (change("action.speech.say/required", ["text", "language"]), "language: newly required"),
        (change("action.speech.say/properties/text/maxLength", 100), "maxLength"),
        (change("action.speech.say/properties/text/type", "integer"), "type was string"),
        (change("action.speech.say/x-scope", "other:write"), "x-scope"),
        (change("frame.action/properties/on_busy/enum", ["queue", "reject"]), "'replace' is no longer allowed"),
    ],
)
def test_a_breaking_change_is_found(edit: Callable[[dict[str, Any]], None], problem: str) -> None:
    changed = copy.deepcopy(published_schema())
    edit(changed)
    problems = breaking_changes(published_schema(), changed)
    assert any(problem in p for p in problems), problems


@pytest.mark.parametrize(
    "edit",
    [
        change("event.something.new", {"type": "object"}),
        change("event.order.paid/properties/gift_wrap", {"type": "boolean"}),
        change("action.speech.say/properties/text/maxLength", 4000),
        change("action.speech.say/properties/volume", {"type": "number"}),
    ],
)
def test_an_addition_breaks_nothing(edit: Callable[[dict[str, Any]], None]) -> None:
    changed = copy.deepcopy(published_schema())
    edit(changed)
    assert breaking_changes(published_schema(), changed) == []


def test_the_export_is_whole(tmp_path: Path) -> None:
    assert {file.name for file in export(tmp_path)} == {
        "protocol.schema.json", "asyncapi.yaml", "nightcast.d.ts", "examples.json", "protocol.md",
    }  # fmt: skip
    document = yaml.safe_load((tmp_path / "asyncapi.yaml").read_text("utf-8"))
    assert document["asyncapi"] == "3.0.0"
    for operation in document["operations"].values():
        for message in operation["messages"]:
            assert resolved(document, message["$ref"])
    assert {ref for ref in refs(document) if resolved(document, ref) is None} == set()


@pytest.mark.skipif(shutil.which("node") is None, reason="needs Node for a syntax check")
def test_the_typescript_has_no_holes(tmp_path: Path) -> None:
    export(tmp_path)
    text = (tmp_path / "nightcast.d.ts").read_text("utf-8")
    assert "unknown;" not in text.replace("Record<string, unknown>;", "")
    assert text.count("{") == text.count("}")
    names = [line.split()[2] for line in text.splitlines() if line.startswith(("export interface", "export type"))]
    assert len(names) == len(set(names))
    assert "TypedEvent" in next(line for line in text.splitlines() if line.startswith("export type HubMessage"))
    assert "frames: (TypedEvent | FlowFrame)[]" in text
    stripped = "\n".join(line for line in text.splitlines() if line.startswith("export const"))
    (tmp_path / "check.mjs").write_text(stripped)
    subprocess.run(["node", "--check", str(tmp_path / "check.mjs")], check=True, timeout=20)


def refs(node: Any) -> set[str]:
    if isinstance(node, list):
        return {ref for item in node for ref in refs(item)}
    if isinstance(node, dict):
        own = {node["$ref"]} if isinstance(node.get("$ref"), str) else set()
        return own | {ref for value in node.values() for ref in refs(value)}
    return set()


def resolved(document: Any, ref: str) -> Any:
    node = document
    for key in ref.removeprefix("#/").split("/"):
        node = node.get(key) if isinstance(node, dict) else None
    return node
