"""Files are opened from the model's own folder, and only from there."""

from __future__ import annotations

import base64
import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nightcast.gltf import ModelError, load

POSITIONS = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0]], "<f4").tobytes()


def write_gltf(folder: Path, uri: str) -> Path:
    document = {
        "asset": {"version": "2.0"},
        "buffers": [{"byteLength": 36, "uri": uri}],
        "bufferViews": [{"buffer": 0, "byteLength": 36}],
        "accessors": [{"bufferView": 0, "componentType": 5126, "count": 3, "type": "VEC3"}],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0}}]}],
        "nodes": [{"mesh": 0}],
    }
    path = folder / "model.gltf"
    path.write_text(json.dumps(document))
    return path


def test_a_buffer_beside_the_model_is_read_even_with_a_space_in_its_name(tmp_path: Path) -> None:
    (tmp_path / "my data.bin").write_bytes(POSITIONS)
    assert load(write_gltf(tmp_path, "my%20data.bin")).triangle_count() == 1


def test_a_path_written_on_windows_is_followed_and_leads_no_farther(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data/a.bin").write_bytes(POSITIONS)
    assert load(write_gltf(tmp_path, "data\\a.bin")).triangle_count() == 1
    with pytest.raises(ModelError, match="not inside the model's folder"):
        load(write_gltf(tmp_path / "data", "..\\..\\secret.bin"))


def test_a_data_uri_is_decoded(tmp_path: Path) -> None:
    uri = "data:application/octet-stream;base64," + base64.b64encode(POSITIONS).decode()
    assert load(write_gltf(tmp_path, uri)).triangle_count() == 1


@pytest.mark.parametrize("uri", ["../secret.bin", "/etc/passwd", "https://example.org/a.bin", "a/../../secret.bin"])
def test_a_file_outside_the_folder_is_refused(tmp_path: Path, uri: str) -> None:
    folder = tmp_path / "model"
    folder.mkdir()
    (tmp_path / "secret.bin").write_bytes(POSITIONS)
    with pytest.raises(ModelError, match=r"buffers\[0\]\.uri.*(not inside|missing)"):
        load(write_gltf(folder, uri))


def test_a_link_that_leads_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    folder.mkdir()
    (tmp_path / "secret.bin").write_bytes(POSITIONS)
    (folder / "inside.bin").symlink_to(tmp_path / "secret.bin")
    with pytest.raises(ModelError, match="not inside"):
        load(write_gltf(folder, "inside.bin"))


@pytest.mark.parametrize("uri", ["data:;base64,!!!!", "data:nothing", "\0"])
def test_a_broken_uri_is_one_clear_error(tmp_path: Path, uri: str) -> None:
    with pytest.raises(ModelError):
        load(write_gltf(tmp_path, uri))


def test_a_truncated_glb_says_where_it_ends(glb: Any) -> None:
    glb.triangle()
    path = glb.save()
    path.write_bytes(path.read_bytes()[:-8])
    with pytest.raises(ModelError, match=r"promises \d+ bytes, but the file ends"):
        load(path)


def test_gltf_1_is_refused_with_a_remedy(glb: Any) -> None:
    glb.document["asset"]["version"] = "1.0"
    with pytest.raises(ModelError, match=r"Export it again as glTF 2\.0"):
        load(glb.save())


def test_a_missing_file_and_an_unknown_ending_are_said(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot be read"):
        load(tmp_path / "absent.glb")
    with pytest.raises(ModelError, match="no model format we read"):
        load(tmp_path / "scene.blend")


@pytest.mark.parametrize("text", [b"{", b"[]", b'{"asset": NaN}', b"\xff\xff\xff\xff", b"[" * 100_000])
def test_json_that_is_none_is_one_clear_error(tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "model.glb"
    chunk = struct.pack("<II", len(text), 0x4E4F534A) + text
    path.write_bytes(struct.pack("<III", 0x46546C67, 2, 12 + len(chunk)) + chunk)
    with pytest.raises(ModelError, match=r"model\.glb"):
        load(path)
