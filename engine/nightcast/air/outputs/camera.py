"""A virtual camera that other programs on this machine can choose as their webcam.

pyvirtualcam is an optional extra and is told which backend to use: left to itself it falls through to any
that is registered. Frames go as I420, which every backend and browser takes, or as RGBA where alpha is asked for; size
must be even. The picture is never mirrored.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from nightcast.air.errors import OutputUnavailable
from nightcast.air.messages import CameraSpec
from nightcast.air.outputs.device import DeviceOutput
from nightcast.air.picture import BT601, Converter
from nightcast.show.fields import Text

_BACKENDS = {"linux": "v4l2loopback", "darwin": "obs", "win32": "obs"}

_LOOPBACK = "sudo apt install v4l2loopback-dkms && sudo modprobe v4l2loopback exclusive_caps=1 card_label=Nightcast"
_REMEDIES = {
    "v4l2loopback": Text(
        en=f"load the module first: {_LOOPBACK}; and join the group `video`",
        zh=f"请先加载模块：{_LOOPBACK}；并加入 video 用户组",
    ),
    "obs": Text(
        en="install OBS Studio 30 or newer, start and stop its virtual camera once",
        zh="请安装 OBS Studio 30 或更新版本，并把它的虚拟摄像头启动、停止一次",
    ),
    "unitycapture": Text(en="install UnityCapture and register its filter", zh="请安装 UnityCapture 并注册它的滤镜"),
}


class FrameSink(Protocol):
    """What takes frames one by one: I420, flat (h * 3/2 * w,) uint8, or RGBA, (h, w, 4) uint8; C-contiguous."""

    @property
    def device(self) -> str: ...
    def send(self, frame: NDArray[np.uint8]) -> None: ...
    def close(self) -> None: ...


def open_camera(spec: CameraSpec, width: int, height: int, fps: int) -> FrameSink:
    """Open the device. Raises OutputUnavailable, which says what to do."""
    backend = spec.backend or _BACKENDS.get(sys.platform)
    if backend is None:
        raise OutputUnavailable(
            spec.id,
            Text(en=f"no virtual camera is known for {sys.platform}", zh=f"{sys.platform} 上没有可用的虚拟摄像头"),
        )
    try:
        import pyvirtualcam
    except ImportError:
        command = f'"{sys.executable}" -m pip install pyvirtualcam'
        raise OutputUnavailable(spec.id, Text(en=f"install it: {command}", zh=f"请安装：{command}")) from None
    try:
        form = pyvirtualcam.PixelFormat.RGBA if spec.alpha else pyvirtualcam.PixelFormat.I420
        camera: FrameSink = pyvirtualcam.Camera(width, height, fps, fmt=form, device=spec.device, backend=backend)
    except (RuntimeError, OSError, ValueError) as error:
        remedy = _REMEDIES.get(backend, Text(en="check the backend's name", zh="请检查后端的名称"))
        raise OutputUnavailable(
            spec.id,
            Text(en=f"no {backend} device ({error}); {remedy.en}", zh=f"没有 {backend} 设备（{error}）；{remedy.zh}"),
        ) from error
    return camera


class CameraOutput(DeviceOutput):
    """Sends the newest frame to a virtual camera from a thread of its own; a slow camera misses frames."""

    def __init__(self, spec: CameraSpec, width: int, height: int, fps: int) -> None:
        self._spec = spec
        self._size = (width, height, fps)
        self._newest: NDArray[np.uint8] | None = None
        super().__init__(spec.id, spec.kind)

    def offer_frame(self, pixels: NDArray[np.uint8]) -> None:
        """Show this picture, RGBA or NV12 (`air.picture`). It is copied, unless the camera is not there."""
        if self._health.state != "on_air":
            return
        copy = pixels.copy()
        with self._changed:
            self._newest = copy
            self._changed.notify()

    def _serve(self, opened: Callable[[Text], None]) -> None:
        camera = open_camera(self._spec, *self._size)
        converter = Converter()
        try:
            opened(Text.model_validate(camera.device))
            while (pixels := self._next()) is not None:
                frame = converter.rgba(pixels) if self._spec.alpha else _i420(converter, pixels)
                camera.send(frame)
                self._count(frame.nbytes)
        finally:
            camera.close()

    def _next(self) -> NDArray[np.uint8] | None:
        with self._changed:
            self._changed.wait_for(lambda: self._newest is not None or self._ending)
            pixels, self._newest = self._newest, None
            return None if self._ending else pixels


def _i420(converter: Converter, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Flat I420 in BT.601, which programs assume of a webcam that does not say."""
    return np.ascontiguousarray(converter.yuv420p(pixels, BT601).to_ndarray().reshape(-1), np.uint8)
