"""Opens a .glb, .vrm, .vrma or .gltf file: its JSON, and the bytes of its buffers and images.

External files must lie in the model's own folder or below it.
"""

from __future__ import annotations

import base64
import binascii
import json
import struct
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from nightcast.gltf.errors import ModelError
from nightcast.gltf.place import Place

#: Larger files are refused; a host is 12 MB, a heavy scan some 100 MB.
MAX_FILE_BYTES = 512 * 1024 * 1024

_GLB_MAGIC, _JSON_CHUNK, _BIN_CHUNK = 0x46546C67, 0x4E4F534A, 0x004E4942


class Container:
    """A file's document and its bytes. Buffers are read when first asked for."""

    def __init__(self, path: Path, document: Place, binary: bytes | None) -> None:
        self.path = path
        self.document = document
        self._binary = binary
        self._buffers: dict[int, bytes] = {}

    def buffer(self, index: int, asked_by: Place) -> bytes:
        places = self.document.items("buffers")
        if not 0 <= index < len(places):
            raise asked_by.error(f"names buffer {index}, but there are {len(places)}")
        if index not in self._buffers:
            self._buffers[index] = self._read_buffer(index, places[index])
        return self._buffers[index]

    def _read_buffer(self, index: int, place: Place) -> bytes:
        length = place.integer("byteLength")
        uri = place.maybe("uri")
        if uri is not None:
            data = self.resource(uri)
        elif index == 0 and self._binary is not None:
            data = self._binary
        else:
            raise place.error("has neither a uri nor the file's binary chunk")
        if len(data) < length:
            raise place.error(f"should hold {length} bytes, but only {len(data)} are there")
        return data

    def resource(self, uri: Place) -> bytes:
        """The bytes behind a data URI or a file name relative to the model."""
        text = uri.as_text()
        if text[:5].lower() == "data:":
            return _decode_data_uri(text, uri)
        folder = self.path.parent.resolve()
        try:
            name = unquote(text, errors="strict").replace("\\", "/")  # exporters on Windows forget to
            target = (folder / name).resolve()
            inside = target.is_relative_to(folder)
            present = inside and target.is_file()
        except (OSError, ValueError) as error:
            raise uri.error(f"is no file name: {error}") from error
        if not inside or "://" in text:
            raise uri.error(f"{text[:80]!r} is not inside the model's folder")
        if not present:
            raise uri.error(f"the file {text[:80]!r} is missing beside the model")
        return read_file(target)


def _decode_data_uri(text: str, uri: Place) -> bytes:
    head, comma, body = text.partition(",")
    if not comma:
        raise uri.error("is a data URI without data")
    try:
        if head.lower().endswith(";base64"):
            return base64.b64decode(unquote(body), validate=True)
        return unquote(body).encode("latin-1")
    except (binascii.Error, ValueError) as error:
        raise uri.error(f"is a broken data URI: {error}") from error


def read_file(path: Path) -> bytes:
    """The file's bytes; raises ModelError where it is missing, unreadable or too large."""
    try:
        size = path.stat().st_size
        if size > MAX_FILE_BYTES:
            raise ModelError(path, "", f"{size >> 20} MB is more than the {MAX_FILE_BYTES >> 20} MB we open")
        return path.read_bytes()
    except OSError as error:
        raise ModelError(path, "", f"cannot be read: {error.strerror or error}") from error


def open_container(path: Path) -> Container:
    """Read `path` and parse its JSON; raises ModelError where it is no glTF 2.0."""
    data = read_file(path)
    text, binary = _split_glb(path, data) if data[:4] == b"glTF" else (data, None)
    document = Place(path, "", _parse_json(path, text))
    if not isinstance(document.value, dict):
        raise document.error("the document must be an object")
    version = document.at("asset").text("version", "?")
    if not version.startswith("2."):
        raise document.error(f"is glTF {version}; only glTF 2 can be read. Export it again as glTF 2.0.")
    return Container(path, document, binary)


def _parse_json(path: Path, text: bytes) -> Any:
    def refuse(word: str) -> None:
        raise ValueError(f"{word} is no number")

    try:
        return json.loads(text.decode("utf-8-sig"), parse_constant=refuse)
    except (ValueError, RecursionError) as error:
        raise ModelError(path, "", f"its JSON cannot be read: {error}") from error


def _split_glb(path: Path, data: bytes) -> tuple[bytes, bytes | None]:
    """JSON and binary chunk of a GLB."""
    if len(data) < 20:
        raise ModelError(path, "header", f"the file ends after {len(data)} bytes")
    magic, version, length = struct.unpack_from("<III", data)
    if magic != _GLB_MAGIC or version != 2:
        raise ModelError(path, "header", f"is GLB version {version}; only version 2 can be read")
    if length > len(data):
        raise ModelError(path, "header", f"promises {length} bytes, but the file ends after {len(data)}")
    text: bytes | None = None
    binary: bytes | None = None
    offset = 12
    while offset + 8 <= length:
        size, kind = struct.unpack_from("<II", data, offset)
        start, offset = offset + 8, offset + 8 + size
        if offset > length:
            raise ModelError(path, f"chunk at byte {start - 8}", f"promises {size} bytes beyond the file's end")
        if kind == _JSON_CHUNK and text is None:
            text = data[start:offset]
        elif kind == _BIN_CHUNK and binary is None:
            binary = data[start:offset]
        offset += -offset % 4
    if text is None:
        raise ModelError(path, "header", "holds no JSON chunk")
    return text, binary
