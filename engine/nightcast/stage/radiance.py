"""Radiance HDR pictures (`.hdr`) to float arrays.

The format: Ward, "Real Pixels", Graphics Gems II (1991), and https://radsite.lbl.gov/radiance/refer/filefmts.pdf.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nightcast.stage.errors import AssetError

#: A 16k panorama has 128 million pixels; more than this is not needed for light.
MAX_PIXELS = 8192 * 4096

REMEDY = "Save it again as a Radiance .hdr of at most 8192×4096 pixels."


def read_hdr(path: Path) -> NDArray[np.float32]:
    """(height, width, 3) linear RGB, first row on top. Raises AssetError."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise AssetError(path, f"cannot be read ({error.strerror})", "Check the path.") from error
    if not data.startswith((b"#?RADIANCE", b"#?RGBE")):
        raise AssetError(path, "is not a Radiance HDR picture", REMEDY)
    found = re.search(rb"\n\n-Y (\d{1,6}) \+X (\d{1,6})\n", data[:8192])
    if found is None:
        raise AssetError(path, "has no size line of the form '-Y 512 +X 1024'", REMEDY)
    height, width = int(found[1]), int(found[2])
    if not 0 < height * width <= MAX_PIXELS:
        raise AssetError(path, f"has {width}×{height} pixels", REMEDY)
    rgbe = _scanlines(path, np.frombuffer(data, np.uint8, offset=found.end()), height, width)
    scale = np.ldexp(np.float32(1.0), rgbe[..., 3].astype(np.int32) - 136)
    return np.where(rgbe[..., 3:] > 0, (rgbe[..., :3] + np.float32(0.5)) * scale[..., None], 0).astype(np.float32)


def _scanlines(path: Path, data: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    """(height, width, 4) RGBE bytes, run-length coded line by line or plain."""
    if not (8 <= width < 32768 and len(data) >= 4 and data[0] == 2 and data[1] == 2):
        if len(data) < height * width * 4:
            raise AssetError(path, "ends too early", REMEDY)
        return data[: height * width * 4].reshape(height, width, 4)
    out = np.empty((height, 4, width), np.uint8)
    raw = data.tobytes()
    at = 0
    for row in range(height):
        if raw[at : at + 2] != b"\x02\x02" or int.from_bytes(raw[at + 2 : at + 4], "big") != width:
            raise AssetError(path, f"is broken at line {row}", REMEDY)
        at += 4
        for channel in range(4):
            line = bytearray()
            while len(line) < width:
                count = raw[at] if at < len(raw) else 0
                if count > 128:
                    line += raw[at + 1 : at + 2] * (count - 128)
                    at += 2
                elif count > 0:
                    line += raw[at + 1 : at + 1 + count]
                    at += 1 + count
                if count == 0 or at > len(raw):
                    raise AssetError(path, f"ends too early, at line {row}", REMEDY)
            if len(line) != width:
                raise AssetError(path, f"is broken at line {row}", REMEDY)
            out[row, channel] = np.frombuffer(line, np.uint8)
    return out.transpose(0, 2, 1)
