"""Pictures of the frame ring in the formats that encoders, cameras and windows take.

In: uint8, either sRGB-encoded RGBA, (h, w, 4), or NV12, (3/2 h, w), BT.709 in limited range; the shape tells which.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from av import VideoFrame

LIMITED = 1  # AVCOL_RANGE_MPEG
BT709 = 1  # AVCOL_SPC/PRI/TRC_BT709, libavutil/pixfmt.h
BT601 = 5  # AVCOL_SPC_BT470BG


class Converter:
    """Not for use by several threads."""

    def __init__(self) -> None:
        from av.video.reformatter import VideoReformatter

        self._reformatter = VideoReformatter()

    def yuv420p(self, pixels: NDArray[np.uint8], colorspace: int = BT709) -> VideoFrame:
        """In three planes, limited range."""
        return self._reformatter.reformat(
            _frame(pixels), format="yuv420p", dst_colorspace=colorspace, dst_color_range=LIMITED, threads=1
        )

    def rgba(self, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """(h, w, 4); the same array where it is that already."""
        if pixels.ndim == 3:
            return pixels
        return np.asarray(self._reformatter.reformat(_frame(pixels), format="rgba", threads=1).to_ndarray(), np.uint8)


def _frame(pixels: NDArray[np.uint8]) -> VideoFrame:
    from av import VideoFrame

    if pixels.ndim == 3:
        return VideoFrame.from_numpy_buffer(pixels, format="rgba")
    frame = VideoFrame.from_numpy_buffer(pixels, format="nv12")
    frame.colorspace, frame.color_range = BT709, LIMITED
    return frame
