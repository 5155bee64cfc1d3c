"""The programme in a window with sound, for whoever sits at this machine.

`WindowOutput` lives in air and starts this module as a process of its own: a window system that hangs, or a
window that is closed, costs air nothing. Pictures come from the frame ring; the sound comes through a pipe,
as blocks of 16-bit stereo each headed by the index of its frame, and the picture follows the sound.
"""

from __future__ import annotations

import argparse
import logging
import os
import struct
import subprocess
import sys
from collections import deque
from typing import IO, Any

import numpy as np

from nightcast.air.messages import OutputHealth, WindowSpec
from nightcast.air.picture import Converter
from nightcast.air.sound import Samples
from nightcast.process.shared import SAMPLE_RATE_HZ, FrameRing
from nightcast.show.fields import Text

log = logging.getLogger(__name__)

_HEADER = struct.Struct("<qI")  # frame index, bytes of sound that follow
_FRAMES_PER_SOUND = 3  # pygame queues one sound behind the one that plays: 100 ms each leaves no gaps
_MAX_PIPE = 1 << 16  # bytes; a third of a second of sound

_NO_DISPLAY = Text(en="the window could not be opened; is there a display?", zh="窗口打不开，有显示器吗？")


class WindowOutput:
    """Feeds the window's process; what it does not take in time is dropped."""

    def __init__(self, spec: WindowSpec, ring_name: str, fps: int) -> None:
        self._spec = spec
        self._dropped = 0
        self._sent = 0
        self._process: subprocess.Popen[bytes] = subprocess.Popen(
            [sys.executable, "-m", __name__, "--frames", ring_name, "--fps", str(fps)],
            stdin=subprocess.PIPE,
        )
        assert self._process.stdin is not None
        self._pipe: IO[bytes] = self._process.stdin
        os.set_blocking(self._pipe.fileno(), False)

    def offer_sound(self, frame: int, samples: Samples) -> None:
        sound = (np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes()
        block = _HEADER.pack(frame, len(sound)) + sound
        try:
            # A pipe takes all or nothing only up to PIPE_BUF; so room is asked for before.
            if _unread(self._pipe.fileno()) + len(block) > _MAX_PIPE:
                self._dropped += 1
                return
            os.write(self._pipe.fileno(), block)
            self._sent += len(block)
        except OSError:
            self._dropped += 1  # the window was closed; `health` says so

    def health(self) -> OutputHealth:
        code = self._process.poll()
        return OutputHealth(
            id=self._spec.id,
            kind=self._spec.kind,
            state="on_air" if code is None else "closed" if code == 0 else "unavailable",
            detail=None if not code else _NO_DISPLAY,
            sent_bytes=self._sent,
            dropped_packets=self._dropped,
        )

    def end(self) -> None:
        self._pipe.close()

    def join(self, timeout_s: float) -> None:
        try:
            self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def _unread(fd: int) -> int:
    import fcntl
    import termios

    return int(struct.unpack("i", fcntl.ioctl(fd, termios.FIONREAD, b"\0" * 4))[0])


def show(ring: FrameRing, fps: int, sound: IO[bytes]) -> None:
    """Run the window until it is closed or the sound ends."""
    import pygame

    pygame.mixer.pre_init(SAMPLE_RATE_HZ, -16, 2, SAMPLE_RATE_HZ // fps)
    pygame.init()
    screen = pygame.display.set_mode((ring.width, ring.height), pygame.RESIZABLE | pygame.SCALED)
    pygame.display.set_caption("Nightcast")
    channel = pygame.mixer.Channel(0) if pygame.mixer.get_init() else None
    converter = Converter()
    waiting = bytearray()
    shown_later: deque[Any] = deque()  # the sound is heard so many frames after it came, and the picture with it
    while header := sound.read(_HEADER.size):
        frame, size = _HEADER.unpack(header)
        data = sound.read(size)
        for event in pygame.event.get():
            if event.type == pygame.QUIT:
                return
        if channel is not None:
            waiting += data
            if len(waiting) >= _FRAMES_PER_SOUND * size:
                _play(channel, pygame.mixer.Sound(buffer=bytes(waiting)))
                waiting.clear()
        picture = ring.at(frame)
        if picture is not None:
            pixels = converter.rgba(picture.pixels)
            image = pygame.image.frombuffer(pixels.data, (ring.width, ring.height), "RGBA")
            shown_later.append(image.convert())
        if len(shown_later) > _FRAMES_PER_SOUND:
            screen.blit(shown_later.popleft(), (0, 0))
            pygame.display.flip()


def _play(channel: Any, sound: Any) -> None:
    if channel.get_busy():
        channel.queue(sound)
    else:
        channel.play(sound)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", required=True)
    parser.add_argument("--fps", type=int, required=True)
    options = parser.parse_args()
    os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
    import pygame

    try:
        show(FrameRing.attach(options.frames), options.fps, sys.stdin.buffer)
    except pygame.error as error:
        print(f"window: {error}", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
