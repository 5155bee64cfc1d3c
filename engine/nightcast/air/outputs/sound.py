"""The programme's sound on an audio device: beside a virtual camera, on a virtual cable that other programs listen to.

sounddevice (PortAudio, MIT) is an optional extra. A virtual camera shows a frame as soon as air hands it on; sound is
heard later by what its device buffers, and `health` says by how much: whoever receives both can delay the picture.
Device and programme have clocks of their own: what runs ahead of the device by more than `_MOST_WAITING_S` is left out,
what lags is silence.
"""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

from nightcast.air.errors import OutputUnavailable
from nightcast.air.messages import SoundSpec
from nightcast.air.outputs.device import DeviceOutput
from nightcast.air.sound import Samples
from nightcast.process.shared import SAMPLE_RATE_HZ
from nightcast.show.fields import Text

_MOST_WAITING_S = 0.2


class SoundSink(Protocol):
    """What takes sound, (n, 2) float32 at 48 kHz, and waits until there is room for it."""

    @property
    def name(self) -> str: ...
    @property
    def latency_s(self) -> float:
        """From `write` to being heard."""
        ...

    def write(self, samples: Samples) -> None: ...
    def close(self) -> None: ...


class _PortAudio:
    def __init__(self, stream: Any, name: str) -> None:
        self._stream = stream
        self.name = name
        self.latency_s = float(stream.latency)

    def write(self, samples: Samples) -> None:
        self._stream.write(samples)

    def close(self) -> None:
        self._stream.close(ignore_errors=True)


def open_sound(spec: SoundSpec) -> SoundSink:
    """Open the device, by its name or a part of it. Raises OutputUnavailable, which says what to do."""
    try:
        import sounddevice
    except ImportError:
        command = f'"{sys.executable}" -m pip install sounddevice'
        raise OutputUnavailable(spec.id, Text(en=f"install it: {command}", zh=f"请安装：{command}")) from None
    except OSError as error:
        remedy = "sudo apt install libportaudio2"
        raise OutputUnavailable(
            spec.id, Text(en=f"{error}; on Linux: {remedy}", zh=f"{error}；Linux 上请运行：{remedy}")
        ) from error
    try:
        stream = sounddevice.OutputStream(
            samplerate=SAMPLE_RATE_HZ, channels=2, dtype="float32", device=spec.device, latency="low"
        )
        stream.start()
        name = str(sounddevice.query_devices(stream.device)["name"])
    except (sounddevice.PortAudioError, ValueError) as error:
        known = ", ".join(each["name"] for each in sounddevice.query_devices() if each["max_output_channels"] >= 2)
        raise OutputUnavailable(
            spec.id,
            Text(
                en=f"no such device ({error}); this machine has {known or 'none'}",
                zh=f"没有这个设备（{error}）；这台机器上{f'有 {known}' if known else '没有声音设备'}",
            ),
        ) from error
    return _PortAudio(stream, name)


class SoundOutput(DeviceOutput):
    """Plays the newest sound; what a slow device does not take in time is left out."""

    def __init__(self, spec: SoundSpec, open_device: Callable[[SoundSpec], SoundSink] = open_sound) -> None:
        self._spec = spec
        self._open = open_device
        self._waiting: deque[Samples] = deque()
        super().__init__(spec.id, spec.kind)

    def offer_sound(self, samples: Samples) -> None:
        """Play these (n, 2) next. They are copied, unless the device is not there."""
        if self._health.state != "on_air":
            return
        copy = np.ascontiguousarray(samples, np.float32).copy()
        with self._changed:
            self._waiting.append(copy)
            while sum(map(len, self._waiting)) > _MOST_WAITING_S * SAMPLE_RATE_HZ:
                self._waiting.popleft()
                self._health = self._health.model_copy(update={"dropped_packets": self._health.dropped_packets + 1})
            self._changed.notify()

    def _serve(self, opened: Callable[[Text], None]) -> None:
        device = self._open(self._spec)
        try:
            late_ms = f"{1000 * device.latency_s:.0f}"
            opened(
                Text(
                    en=f"{device.name}, heard {late_ms} ms after its picture",
                    zh=f"{device.name}，声音比画面晚 {late_ms} 毫秒",
                )
            )
            while (samples := self._next()) is not None:
                device.write(samples)
                self._count(samples.nbytes)
        finally:
            self._waiting.clear()
            device.close()

    def _next(self) -> Samples | None:
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._ending)
            return None if self._ending else self._waiting.popleft()
