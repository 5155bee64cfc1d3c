"""A plugin client written from the published schema alone: websockets, json and that one file; nothing of ours.

It is what somebody would write who has only `protocol.schema.json` and the page about it. Every message that it sends
or takes is held against the schema.
"""

from __future__ import annotations

import json
from collections import deque
from pathlib import Path
from typing import Any, Self

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = json.loads((ROOT / "engine/nightcast/room/schema/v1.json").read_text("utf-8"))
TYPES = {
    "object": dict, "array": list, "string": str, "boolean": bool, "null": type(None), "integer": int,
    "number": int | float,
}  # fmt: skip


class WrongMessageError(Exception):
    """A message that is not what the schema says; where, and what."""


def check(value: Any, shape: dict[str, Any], place: str) -> None:
    """Raises WrongMessageError where a value does not have this shape (of the keywords that the schema uses)."""
    if "$ref" in shape:
        check(value, SCHEMA["$defs"][shape["$ref"].removeprefix("#/$defs/")], place)
        return
    if "anyOf" in shape:
        problems = [problem for option in shape["anyOf"] if (problem := _problem(value, option, place))]
        if len(problems) == len(shape["anyOf"]):
            raise WrongMessageError("; ".join(problems))
    kind = shape.get("type")
    if kind is not None and (
        not isinstance(value, TYPES[kind]) or (kind in ("integer", "number") and isinstance(value, bool))
    ):
        raise WrongMessageError(f"{place} is {value!r}, not {kind}")
    if "const" in shape and value != shape["const"]:
        raise WrongMessageError(f"{place} is {value!r}, not {shape['const']!r}")
    if "enum" in shape and value not in shape["enum"]:
        raise WrongMessageError(f"{place} is {value!r}, none of {shape['enum']}")
    if isinstance(value, str) and not shape.get("minLength", 0) <= len(value) <= shape.get("maxLength", 10**9):
        raise WrongMessageError(f"{place} is {len(value)} letters long")
    if isinstance(value, int | float) and not isinstance(value, bool) and value < shape.get("minimum", value):
        raise WrongMessageError(f"{place} is {value}, below {shape['minimum']}")
    if isinstance(value, list):
        for number, item in enumerate(value):
            check(item, shape.get("items", {}), f"{place}.{number}")
    if isinstance(value, dict):
        for name in shape.get("required", ()):
            if name not in value:
                raise WrongMessageError(f"{place} has no {name}")
        others = shape.get("additionalProperties")
        for name, item in value.items():
            inner = shape.get("properties", {}).get(name, others)
            if isinstance(inner, dict):
                check(item, inner, f"{place}.{name}")


def _problem(value: Any, shape: dict[str, Any], place: str) -> str:
    try:
        check(value, shape, place)
    except WrongMessageError as error:
        return str(error)
    return ""


def checked(frame: dict[str, Any], direction: str) -> dict[str, Any]:
    """A frame that is as the schema says, and goes in the direction it says."""
    name = f"frame.{frame['op']}"
    shape = SCHEMA["$defs"][name]
    if shape["x-from"] not in (direction, "both"):
        raise WrongMessageError(f"{name} is not sent by the {direction}")
    check(frame, shape, name)
    if frame["op"] == "event":
        check(frame["d"], SCHEMA["$defs"][f"event.{frame['type']}"], frame["type"])
        if frame["class"] != SCHEMA["$defs"][f"event.{frame['type']}"]["x-class"]:
            raise WrongMessageError(f"{frame['type']} has class {frame['class']}")
    for inner in frame.get("frames", ()):
        checked(inner, direction)
    return frame


class Client:
    """One plugin. It keeps seq, acknowledges, resumes, and knows what it has missed and why."""

    def __init__(self, url: str, token: str, name: str, scopes: list[str], types: list[str]) -> None:
        self.url, self.token, self.name, self.scopes, self.types = url, token, name, scopes, types
        self.session: str | None = None
        self.epoch: str | None = None
        self.seq, self.off, self.acked = 0, 0, 0
        self.missed: dict[str, int] = {}
        self.how = ""
        self.socket: ClientConnection | None = None
        self._frames: deque[dict[str, Any]] = deque()
        self._later: deque[dict[str, Any]] = deque()

    async def open(self) -> Self:
        """Connect; identify the first time, resume after that."""
        self.socket = await connect(
            self.url, subprotocols=[SCHEMA["x-subprotocol"]], compression=None, ping_interval=None, max_size=2**24,
            proxy=None,
        )  # fmt: skip
        self._frames.clear()
        hello = await self._frame()
        if self.session is None or hello["epoch"] != self.epoch:
            self.epoch = hello["epoch"]
            await self.send(
                op="identify", proto=SCHEMA["version"], plugin={"id": self.name}, token=self.token,
                scopes=self.scopes, subs=[{"type": kind} for kind in self.types], features=["batch"],
            )  # fmt: skip
        else:
            await self.send(
                op="resume", session=self.session, epoch=self.epoch, token=self.token, seq=self.seq, off=self.off
            )
        answer = await self._frame()
        self.how = answer["op"]
        if self.how == "ready":
            self.session = answer["session"]
        if self.how in ("ready", "resync"):
            self.seq = self.acked = answer["seq"]
        return self

    async def send(self, **frame: Any) -> None:
        assert self.socket is not None
        await self.socket.send(json.dumps(checked(frame, "plugin")))

    async def next(self) -> dict[str, Any]:
        """The next frame that is not the connection's own affair: event, result, revoke, error."""
        if self._later:
            return self._later.popleft()
        while True:
            frame = await self._frame()
            match frame["op"]:
                case "ping":
                    await self.send(op="pong", t=frame.get("t"))
                case "flow":
                    if frame["from"] != self.seq + 1:
                        raise WrongMessageError(f"flow from {frame['from']} after {self.seq}")
                    self.seq = frame["to"]
                    for kind, count in frame["by_type"].items():
                        self.missed[kind] = self.missed.get(kind, 0) + count
                case "event":
                    if frame["seq"] != self.seq + 1:
                        raise WrongMessageError(f"seq {frame['seq']} after {self.seq}: nobody said why")
                    self.seq, self.off = frame["seq"], frame["off"]
                    if self.seq - self.acked >= 64:
                        await self.acknowledge()
                    return frame
                case _:
                    return frame

    async def event(self, kind: str) -> dict[str, Any]:
        """The data of the next event of this type; results that come before it are kept."""
        passed = []
        while (frame := await self.next())["op"] != "event" or frame["type"] != kind:
            passed.append(frame)
        self._later.extend(frame for frame in passed if frame["op"] == "result")
        data: dict[str, Any] = frame["d"]
        return data

    async def act(self, action_id: str, kind: str, d: dict[str, Any], **fields: Any) -> dict[str, Any]:
        """Ask for an action; its result."""
        check(d, SCHEMA["$defs"][f"action.{kind}"], kind)
        await self.send(op="action", id=action_id, type=kind, d=d, **fields)
        return await self.result(action_id)

    async def result(self, frame_id: str) -> dict[str, Any]:
        events = []
        while (frame := await self.next())["op"] != "result" or frame["id"] != frame_id:
            events.append(frame)
        self._later.extend(events)
        return frame

    async def acknowledge(self) -> None:
        self.acked = self.seq
        await self.send(op="ack", seq=self.seq)

    async def closed(self) -> str:
        """Wait until the hub closes; what the schema says is to be done."""
        try:
            while True:
                await self._frame()
        except ConnectionClosed as closed:
            code = 1006 if closed.rcvd is None else closed.rcvd.code
            known: dict[str, dict[str, str]] = SCHEMA["x-close-codes"]
            return known[str(code)]["client"]

    def cut(self) -> None:
        """Lose the connection, without a word."""
        assert self.socket is not None
        self.socket.transport.abort()

    async def _frame(self) -> dict[str, Any]:
        assert self.socket is not None
        while not self._frames:
            frame = checked(json.loads(await self.socket.recv()), "hub")
            self._frames.extend(frame["frames"] if frame["op"] == "batch" else (frame,))
        return self._frames.popleft()
