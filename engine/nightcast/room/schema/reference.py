"""The reference page `docs/protocol.md`: words from here, tables and examples from the models."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from nightcast.room.actions import ACTIONS, SCOPES
from nightcast.room.events import EVENTS
from nightcast.room.grants import CAREFUL
from nightcast.room.protocol import AFTER_CLOSE, PRIORITIES, Close, Limits
from nightcast.room.schema.examples import examples
from nightcast.room.schema.json_schema import protocol_schema

__all__ = ["reference_page"]

_INTRO = """\
# The plugin protocol

*This page is made by `nightcast protocol export`. Do not edit it.*

A plugin is a program that speaks JSON over a WebSocket with the hub of a show. It hears what happens in the room and
asks for what should happen: a sentence, another product, an overlay. Nothing it asks for reaches the air by itself:
the hub checks scope, rate, budget and lease, and the host words every number from the catalog and passes every text
through the gate.

With Python, take the SDK (`docs/plugins.md`); it does all of this page. `nightcast conform` tells whether a client of
your own does.

## Connection

`ws://127.0.0.1:8765/plugin/v1`, subprotocol `nightcast.v1.json`. One message is one JSON object, as text, named by
`op`. Unknown fields are ignored on both sides. An unknown `op` is answered with `error` and never closes the
connection. Browsers are admitted only from origins the operator has named. The token travels in `identify` or in an
`Authorization: Bearer` header, never in the URL. Pictures and sound do not travel here.

1. The hub sends `hello`: limits, rates, heartbeat, `epoch`.
2. The plugin sends `identify` (new session) or `resume` (lost connection), within ten seconds.
3. The hub sends `ready`, or `resumed`, or `resync`, or closes.

## Sequence, loss and resume

`off` counts the events of the room; `seq` counts the frames of one session, without holes, after filtering. A hole is
explained by a `flow` frame that says which types are missing and why. A hole that nobody explains is an error: close
and resume.

| class | what | promise |
| --- | --- | --- |
| A | orders, gifts, stock, outcomes | kept on disk, acknowledged, replayed after a resume; never dropped silently |
| B | comments, follows | in order; the oldest are dropped when they are stale or the plugin is slow |
| C | likes, viewers, what is on show | the newest replaces the older; not replayed, the snapshot has it |

Send `ack` with the last `seq` that is *handled*, every 64 frames or once a second. At most `window` frames are sent
beyond the last acknowledged one. Events are delivered at least once: after a crash between handling and `ack` one
comes again, with the same `id`.

`resume` carries the session, its `epoch`, the last `seq` and `off` seen (`seq` null takes over from another process at
its last `ack`). There are three answers: `resumed` with nothing lost, `resumed` with what is replayed and what is
`lost`, and `resync`, when too much was missed: take the snapshot and go on. A session the hub does not know is closed
with 4007: identify again.

## Actions

`action` is answered twice: at once with `result` (accepted or rejected, and why), later with `action.state` events:
queued, started, then one of done, cancelled, superseded, expired, failed. `idem` makes a retry safe: the same key with
the same body is done once (`dup` true), with another body it is an error; keys are kept for a day. `if.rev` lets an
action pass only while the product on show is the one you saw. `ttl_ms` bounds how long it may wait. Only one action
holds a lease at a time; the others wait in order of priority:

{priorities}.

`on_busy` says what happens when the lease is taken: `queue`, `reject`, or `replace` your own older one.
"""


def reference_page() -> str:
    """The whole page as Markdown."""
    schema, shown = protocol_schema(), examples()
    defs: Mapping[str, Any] = schema["$defs"]
    parts = [
        _INTRO.replace("{priorities}", " > ".join(f"`{name}`" for name in PRIORITIES)),
        "## Frames\n",
        *(_section(op, defs[f"frame.{op}"], shown[f"frame.{op}"]) for op in _ops(defs)),
        "## Events\n",
        "A type, a family (`order.*`) or all (`*`) can be subscribed to; `where` narrows by field, `rate_hz` with "
        "`reduce` folds. Without `room.user:read` names come as a first letter and pictures not at all.\n",
        _table(
            ("type", "class", "scope", "what"),
            ((f"[`{n}`](#{_anchor(n)})", e.delivery, _code(e.scope), _first(e.__doc__)) for n, e in EVENTS.items()),
        ),
        *(_section(name, defs[f"event.{name}"], shown[f"event.{name}"]) for name in EVENTS),
        "## Action types\n",
        _table(
            ("type", "scope", "lease", "one every", "burst", "`idem`", "what"),
            (
                (
                    f"[`{n}`](#{_anchor(n)})",
                    _code(a.scope),
                    _code(a.lease),
                    f"{a.rate.every_ms / 1000:g} s",
                    str(a.rate.burst),
                    "yes" if a.needs_idem else "",
                    _first(a.__doc__),
                )
                for n, a in ACTIONS.items()
            ),
        ),
        *(_section(name, defs[f"action.{name}"], shown[f"action.{name}"]) for name in ACTIONS),
        "## Signals\n",
        "What a connector may `publish` beside our events: raw frames of a platform, which the hub folds.\n",
        *(_section(name, defs[f"signal.{name}"], None) for name in ("like.raw", "gift.raw")),
        "## Scopes\n",
        "A plugin asks for scopes in its manifest. Those marked are given only where the operator names them.\n",
        _table(("scope", "lets a plugin", "named"), ((f"`{s}`", t, "yes" * (s in CAREFUL)) for s, t in SCOPES.items())),
        "## Close codes\n",
        _table(("code", "name", "a client"), ((str(int(c)), c.name.lower(), AFTER_CLOSE[c]) for c in Close)),
        "## Limits\n",
        _table(("limit", "value"), ((f"`{name}`", f"{value:,}") for name, value in Limits())),
    ]
    return "\n".join(parts)


def _ops(defs: Mapping[str, Any]) -> list[str]:
    order = ("hello", "identify", "ready", "resume", "resumed", "resync", "event", "flow", "batch", "ack", "subscribe")
    ops = [name.removeprefix("frame.") for name in defs if name.startswith("frame.")]
    return sorted(ops, key=lambda op: (order.index(op) if op in order else len(order), op))


def _section(name: str, shape: Mapping[str, Any], example: Any) -> str:
    lines = [f"### {name}\n"]
    sender = {"plugin": "From the plugin.", "hub": "From the hub.", "both": "From both."}.get(shape.get("x-from", ""))
    lines.append(" ".join(filter(None, (_first(shape.get("description")), sender))) + "\n")
    rows = [
        (
            f"`{field}`",
            _kind(info),
            "yes" if field in shape.get("required", ()) else "",
            _first(info.get("description")),
        )
        for field, info in shape.get("properties", {}).items()
        if field != "op"
    ]
    if rows:
        lines.append(_table(("field", "type", "required", ""), rows))
    if example is not None:
        lines.append(f"```json\n{json.dumps(example, ensure_ascii=False)}\n```\n")
    return "\n".join(lines)


def _kind(shape: Mapping[str, Any]) -> str:
    if "$ref" in shape:
        return str(shape["$ref"]).rsplit("/", 1)[-1].removeprefix("part.")
    if "enum" in shape:
        return " \\| ".join(f"`{value}`" for value in shape["enum"])
    if "anyOf" in shape:
        return " \\| ".join(dict.fromkeys(_kind(variant) for variant in shape["anyOf"]))
    if shape.get("type") == "array":
        return f"list of {_kind(shape.get('items') or {})}"
    return str(shape.get("const") or shape.get("type") or "any")


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [f"| {' | '.join(head)} |", f"|{' --- |' * len(head)}"]
    lines += [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join(lines) + "\n"


def _first(text: str | None) -> str:
    return " ".join((text or "").split())


def _code(name: str | None) -> str:
    return f"`{name}`" if name else ""


def _anchor(name: str) -> str:
    return name.replace(".", "")
