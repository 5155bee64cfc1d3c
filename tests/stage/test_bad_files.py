"""Files that nobody can draw: each gives a sentence with the file's name, and the show goes on."""

from __future__ import annotations

import io
import json
import os
import re
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pytest

from nightcast.show.errors import ShowError
from nightcast.show.load import load_yaml
from nightcast.show.scene import Scene
from nightcast.stage.cues import ProductCue
from nightcast.stage.studio import Studio

CORNERS = np.array([[0, 0, 0], [0.1, 0, 0], [0, 0.1, 0]], np.float32)
GREAT = 16_384  #: pixels a side


def glb(positions: np.ndarray = CORNERS, indices: bytes = b"\0\1\2", **more: Any) -> bytes:
    """One mesh of triangles, its indices a byte each."""
    raw = positions.astype(np.float32).tobytes()
    normals = np.tile(np.array([0, 0, 1], np.float32), (len(positions), 1)).tobytes()
    uv = np.zeros((len(positions), 2), np.float32).tobytes()
    pieces = [raw, normals, uv, indices, *more.pop("pieces", ())]
    views, at, body = [], 0, b""
    for piece in pieces:
        views.append({"buffer": 0, "byteOffset": at, "byteLength": len(piece)})
        body += piece + b"\0" * (-len(piece) % 4)
        at = len(body)
    count = len(positions)
    content = {
        "asset": {"version": "2.0"},
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0}],
        "meshes": [
            {"primitives": [{"attributes": {"POSITION": 0, "NORMAL": 1, "TEXCOORD_0": 2}, "indices": 3, "material": 0}]}
        ],
        "accessors": [
            {
                "bufferView": 0,
                "componentType": 5126,
                "count": count,
                "type": "VEC3",
                "min": [0, 0, 0],
                "max": [1, 1, 1],
            },
            {"bufferView": 1, "componentType": 5126, "count": count, "type": "VEC3"},
            {"bufferView": 2, "componentType": 5126, "count": count, "type": "VEC2"},
            {"bufferView": 3, "componentType": 5121, "count": len(indices), "type": "SCALAR"},
        ],
        "bufferViews": views,
        "buffers": [{"byteLength": len(body)}],
        "materials": [{}],
        **more,
    }
    text = json.dumps(content).encode()
    text += b" " * (-len(text) % 4)
    chunks = struct.pack("<II", len(text), 0x4E4F534A) + text + struct.pack("<II", len(body), 0x004E4942) + body
    return struct.pack("<4sII", b"glTF", 2, 12 + len(chunks)) + chunks


def textured(image: dict[str, Any], *pieces: bytes) -> bytes:
    material = {"pbrMetallicRoughness": {"baseColorTexture": {"index": 0}}}
    return glb(pieces=pieces, images=[image], textures=[{"source": 0}], materials=[material])


def great_picture() -> bytes:
    out = io.BytesIO()
    PIL.Image.new("1", (GREAT, GREAT)).save(out, "png")
    return out.getvalue()


BAD: dict[str, tuple[Callable[[], bytes], str]] = {
    "missing texture": (lambda: textured({"uri": "gone.png"}), r"gone\.png"),
    "texture of 16k": (lambda: textured({"bufferView": 4, "mimeType": "image/png"}, great_picture()), "pixels"),
    "5 million triangles": (lambda: glb(indices=b"\0\1\2" * 5_000_000), r"5,000,000 triangles\. Decimate"),
    "positions that are no numbers": (lambda: glb(CORNERS * np.nan), "not numbers"),
    "no triangles": (lambda: glb(indices=b"\0\1"), "nothing of it is seen"),
    "a scene without nodes": (lambda: glb(scenes=[{}]), "nothing of it is seen"),
    "half a file": (lambda: glb()[:-20], ""),
    "nothing": (lambda: b"", ""),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_model_is_named_and_the_show_goes_on(name: str, show_folder: Path, stall: Studio) -> None:
    make, says = BAD[name]
    file = show_folder / "assets/torn.glb"
    stamp = file.stat().st_mtime_ns + 1_000_000
    file.write_bytes(make())
    os.utime(file, ns=(stamp, stamp))
    before = stall.frame(0).copy()
    stall.take_warnings()
    stall.apply([ProductCue(at=0, product="ghost")])
    after = [stall.frame(index).copy() for index in (1, 2)]
    warnings = [warning for warning in stall.take_warnings() if "torn.glb" in warning]
    assert len(warnings) == 1
    assert re.search(says, warnings[0])
    assert (np.abs(after[-1].astype(int) - before).max(axis=2) > 40).mean() < 0.05


def test_a_background_of_16k_is_named_and_left_out(show_folder: Path, scene_file: Path, stall: Studio) -> None:
    (show_folder / "assets/great.png").write_bytes(great_picture())
    text = scene_file.read_text(encoding="utf-8")
    edited = text.replace(
        '{kind: gradient, top: "#404050", bottom: "#101018"}', "{kind: image, file: ../assets/great.png}"
    )
    assert edited != text
    stamp = scene_file.stat().st_mtime_ns + 1_000_000
    scene_file.write_text(edited, encoding="utf-8")
    os.utime(scene_file, ns=(stamp, stamp))
    assert stall.reload()
    assert stall.frame(0).std() > 5
    assert [w for w in stall.take_warnings() if "great.png" in w and "4096" in w]


def test_a_scene_of_no_size_is_refused_with_its_place(tmp_path: Path) -> None:
    file = tmp_path / "scenes/none.yaml"
    file.parent.mkdir()
    file.write_text("stage: {size: [0, 0]}\nshots: {wide: {from: [0, 1, 2], look_at: [0, 1, 0]}}\n", encoding="utf-8")
    with pytest.raises(ShowError, match=r"none\.yaml:1.*even numbers from 64 to 4096"):
        load_yaml(file, Scene, tmp_path)
