"""RTMP as a publisher speaks it: bytes in, bytes out, no socket and no clock. Pure.

Adobe, "Real Time Messaging Protocol", 1.0, 2012; section numbers below are of that document. PyAV's own RTMP
is not used because opening it holds Python's global lock: a server that does not answer would freeze the
whole programme. FFmpeg still makes the FLV; its tags are RTMP's messages.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from nightcast.air.outputs import amf

_HANDSHAKE = 1536  # bytes of C1, S1, C2, S2
_OUT_CHUNK = 4096
_MAX_MESSAGE = 1 << 20  # what a server may send; it has little to say
_EXTENDED = 0xFFFFFF  # timestamps from here on, after 4.7 hours, stand in a field of their own (5.3.1.3)

# Message types (5.4, 6.2, 7.1).
_SET_CHUNK_SIZE, _ACKNOWLEDGEMENT, _USER_CONTROL, _WINDOW, _PEER_BANDWIDTH = 1, 3, 4, 5, 6
AUDIO, VIDEO, DATA, _COMMAND = 8, 9, 18, 20
_PING_REQUEST, _PING_RESPONSE = 6, 7
_CONTROL_CHANNEL, _COMMAND_CHANNEL, _STREAM_CHANNEL, _MEDIA_CHANNEL = 2, 3, 8, 6


class Refused(Exception):  # noqa: N818 - the server's word for it
    """The server said no, or what it says is not RTMP. The text is for a person and holds no key."""


# --- FLV tags ------------------------------------------------------------------------------


class FlvTags:
    """Cuts an FLV byte stream into tags: (type, timestamp in ms, payload)."""

    def __init__(self) -> None:
        self._pending = bytearray()
        self._skip = 13  # the file's header and the size that follows it

    def feed(self, data: bytes) -> list[tuple[int, int, bytes]]:
        self._pending += data
        tags: list[tuple[int, int, bytes]] = []
        while True:
            if self._skip:
                if len(self._pending) < self._skip:
                    return tags
                del self._pending[: self._skip]
                self._skip = 0
            if len(self._pending) < 11:
                return tags
            size = int.from_bytes(self._pending[1:4], "big")
            if len(self._pending) < 11 + size + 4:
                return tags
            timestamp = int.from_bytes(self._pending[4:7], "big") | self._pending[7] << 24
            tags.append((self._pending[0], timestamp, bytes(self._pending[11 : 11 + size])))
            del self._pending[: 11 + size + 4]


# --- chunks --------------------------------------------------------------------------------


def chunks(channel: int, kind: int, stream: int, timestamp: int, payload: bytes, size: int) -> bytes:
    """One message in chunks of at most `size` bytes, the first with a full header (5.3.1)."""
    timestamp &= 0xFFFFFFFF
    short = min(timestamp, _EXTENDED)
    extended = struct.pack(">I", timestamp) if short == _EXTENDED else b""
    header = bytes([channel]) + short.to_bytes(3, "big") + len(payload).to_bytes(3, "big")
    header += bytes([kind]) + struct.pack("<I", stream) + extended
    out = bytearray(header + payload[:size])
    for at in range(size, len(payload), size):
        out += bytes([0xC0 | channel]) + extended + payload[at : at + size]
    return bytes(out)


@dataclass
class _Incoming:
    """What is known of one chunk channel."""

    size: int = 0
    kind: int = 0
    extended: bool = False
    payload: bytearray = field(default_factory=bytearray)


class ChunkReader:
    """Puts messages together from chunks: (type, payload)."""

    def __init__(self) -> None:
        self._data = bytearray()
        self._channels: dict[int, _Incoming] = {}
        self.chunk_size = 128

    def feed(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        self._data += data
        while (taken := self._chunk()) is not None:
            size, message = taken
            del self._data[:size]
            if message is not None:
                if message[0] == _SET_CHUNK_SIZE:
                    self.chunk_size = max(1, int.from_bytes(message[1][:4], "big") & 0x7FFFFFFF)
                yield message

    def _chunk(self) -> tuple[int, tuple[int, bytes] | None] | None:
        """The next chunk: its length, and the message if it completes one. None while it is not all here."""
        data = self._data
        if not data:
            return None
        form, number = data[0] >> 6, data[0] & 63
        at = {0: 2, 1: 3}.get(number, 1)  # channel numbers from 64 on take one or two more bytes
        header = (11, 7, 3, 0)[form]
        if len(data) < at + header:
            return None
        channel_id = int.from_bytes(data[1:at], "little") + 64 if at > 1 else number
        channel = self._channels.setdefault(channel_id, _Incoming())
        size, kind, extended = channel.size, channel.kind, channel.extended
        if form < 3:
            extended = data[at : at + 3] == b"\xff\xff\xff"
        if form < 2:
            size, kind = int.from_bytes(data[at + 3 : at + 6], "big"), data[at + 6]
        if size > _MAX_MESSAGE:
            raise Refused(f"it sent a message of {size} bytes")
        begin = at + header + (4 if extended else 0)
        so_far = len(channel.payload) if form == 3 else 0  # a header begins a message, and gives up an unfinished one
        end = begin + min(self.chunk_size, size - so_far)
        if len(data) < end:
            return None
        del channel.payload[so_far:]
        channel.size, channel.kind, channel.extended = size, kind, extended
        channel.payload += data[begin:end]
        if len(channel.payload) < size:
            return end, None
        message = (kind, bytes(channel.payload))
        channel.payload.clear()
        return end, message


# --- the publisher -------------------------------------------------------------------------


class Publisher:
    """One connection's dialogue. Feed it what arrives, send what `take_output` gives; publish if `ready`."""

    def __init__(self, app: str, tc_url: str, key: str, nonce: bytes) -> None:
        """nonce: 1528 random bytes for the handshake."""
        self._app = app
        self._tc_url = tc_url
        self._key = key
        self._reader: ChunkReader | None = None  # None during the handshake
        self._greeting = bytearray()
        self._stream = 0
        self._received = 0
        self._window = 0  # bytes after which the server wants an acknowledgement
        self._acknowledged = 0
        self._out_chunk = 128
        self._output = bytearray(b"\x03" + bytes(8) + nonce)
        self.ready = False

    def take_output(self) -> bytes:
        out = bytes(self._output)
        self._output.clear()
        return out

    def receive(self, data: bytes) -> None:
        """Take what the server sent. Raises Refused."""
        if self._reader is None:
            self._greeting += data
            if len(self._greeting) < 1 + 2 * _HANDSHAKE:
                return
            if self._greeting[0] != 3:
                raise Refused("it does not answer as an RTMP server")
            self._output += self._greeting[1 : 1 + _HANDSHAKE]
            data = bytes(self._greeting[1 + 2 * _HANDSHAKE :])
            self._reader = ChunkReader()
            self._connect()
        self._received += len(data)
        for kind, payload in self._reader.feed(data):
            self._message(kind, payload)
        if self._window and self._received - self._acknowledged >= self._window:
            self._acknowledged = self._received
            self._control(_ACKNOWLEDGEMENT, struct.pack(">I", self._received & 0xFFFFFFFF))

    def publish(self, kind: int, timestamp_ms: int, payload: bytes) -> None:
        """Send an FLV tag."""
        if kind == DATA:
            payload = amf.encode("@setDataFrame") + payload
        self._send(_MEDIA_CHANNEL, kind, self._stream, timestamp_ms, payload)

    def finish(self) -> None:
        """Say goodbye, so that the server lets the name go at once."""
        if self.ready:
            self._command("FCUnpublish", 6, None, self._key)
            self._command("deleteStream", 7, None, float(self._stream))

    def _connect(self) -> None:
        self._command(
            "connect",
            1,
            {
                "app": self._app,
                "type": "nonprivate",
                "flashVer": "FMLE/3.0 (compatible; Nightcast)",
                "tcUrl": self._tc_url,
            },
        )

    def _message(self, kind: int, payload: bytes) -> None:
        if kind == _USER_CONTROL and payload[:2] == struct.pack(">H", _PING_REQUEST):
            self._control(_USER_CONTROL, struct.pack(">H", _PING_RESPONSE) + payload[2:6])
        elif kind == _WINDOW:
            self._window = int.from_bytes(payload[:4], "big")
        elif kind == _PEER_BANDWIDTH:
            self._control(_WINDOW, payload[:4])
        elif kind == _COMMAND:
            try:
                name, transaction, *values = amf.decode(payload)
            except ValueError as error:
                raise Refused(str(error)) from error
            self._answer(name, transaction, values)

    def _answer(self, name: amf.Value, transaction: amf.Value, values: list[amf.Value]) -> None:
        if name == "_result" and transaction == 1:
            self._control(_SET_CHUNK_SIZE, struct.pack(">I", _OUT_CHUNK))
            self._out_chunk = _OUT_CHUNK
            self._command("releaseStream", 2, None, self._key)
            self._command("FCPublish", 3, None, self._key)
            self._command("createStream", 4, None)
        elif name == "_result" and transaction == 4:
            number = values[-1] if values else None
            self._stream = int(number) if isinstance(number, float) and 0 <= number < 1 << 32 else 1
            self._command("publish", 5, None, self._key, "live", channel=_STREAM_CHANNEL)
        elif name == "_error" and transaction in (1, 4):
            raise Refused(self._reason(values))
        elif name == "onStatus":
            status = values[-1] if values else None
            if isinstance(status, dict) and status.get("level") == "error":
                raise Refused(self._reason(values))
            if isinstance(status, dict) and status.get("code") == "NetStream.Publish.Start":
                self.ready = True

    def _reason(self, values: list[amf.Value]) -> str:
        info = next((v for v in reversed(values) if isinstance(v, dict)), {})
        said = [str(info[part]) for part in ("code", "description") if info.get(part)]
        return (": ".join(said) or "no reason given").replace(self._key, "***")

    def _command(self, name: str, transaction: int, *values: amf.Value, channel: int = _COMMAND_CHANNEL) -> None:
        stream = self._stream if channel == _STREAM_CHANNEL else 0
        self._send(channel, _COMMAND, stream, 0, amf.encode(name, float(transaction), *values))

    def _control(self, kind: int, payload: bytes) -> None:
        self._send(_CONTROL_CHANNEL, kind, 0, 0, payload)

    def _send(self, channel: int, kind: int, stream: int, timestamp: int, payload: bytes) -> None:
        self._output += chunks(channel, kind, stream, timestamp, payload, self._out_chunk)
