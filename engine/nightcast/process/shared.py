"""Shared memory between our processes: the clock page and the frame ring.

Both are made by the supervisor and attached by name (a path), so they outlive every child: a stage or an air
that restarts finds clock and picture where they were. They are memory-mapped files on a memory file system;
Python's own `SharedMemory` is not used because its resource tracker removes a block when one of its users
dies.

Nobody waits. Each record has a sequence counter that is odd while it is being written; a reader that sees it
odd, or changed after reading, reads again. The counter is one aligned 8-byte store, and stores are seen in
order on x86; on weaker machines the interpreter's work between two stores is in practice the fence.
"""

from __future__ import annotations

import contextlib
import fcntl
import math
import mmap
import os
import secrets
import struct
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from nightcast.process.errors import SharedBlockError

SAMPLE_RATE_HZ = 48_000

#: How a picture's bytes lie: RGBA, or what encoders take (BT.709, limited range). See `picture_shape`.
Layout = Literal["rgba", "nv12"]
_LAYOUTS: tuple[Layout, ...] = ("rgba", "nv12")

_PREFIX = "nightcast-"
_MAGIC = 0x4E43_0001


def _directories() -> list[Path]:
    """Where a block may live: memory first. Docker gives /dev/shm only 64 MB, so there is a second choice."""
    memory = Path("/dev/shm")
    return [*([memory] if os.access(memory, os.W_OK) else []), Path(tempfile.gettempdir())]


class _Block:
    """A mapped file. Every user holds a shared lock on it; so a block that nobody uses can be told."""

    def __init__(self, fd: int, name: str, *, owner: bool) -> None:
        self.name = name
        self._fd = fd
        self._owner = owner
        self.memory = mmap.mmap(fd, 0)

    @classmethod
    def create(cls, label: str, size: int) -> _Block:
        reason = "no directory to put it in"
        for directory in _directories():
            path = directory / f"{_PREFIX}{label}-{os.getpid()}-{secrets.token_hex(4)}"
            fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
            try:
                fcntl.flock(fd, fcntl.LOCK_SH)
                if hasattr(os, "posix_fallocate"):
                    os.posix_fallocate(fd, 0, size)  # else a full file system shows as SIGBUS much later
                else:
                    os.ftruncate(fd, size)
            except OSError as error:
                os.close(fd)
                path.unlink()
                reason = f"{size} bytes: {error.strerror}"
                continue
            return cls(fd, str(path), owner=True)
        raise SharedBlockError(label, f"{reason}; make room in {' or '.join(map(str, _directories()))}")

    @classmethod
    def attach(cls, name: str) -> _Block:
        try:
            fd = os.open(name, os.O_RDWR)
        except OSError as error:
            raise SharedBlockError(name, f"{error.strerror}; is the supervisor that made it still running?") from error
        fcntl.flock(fd, fcntl.LOCK_SH)
        return cls(fd, name, owner=False)

    def close(self) -> None:
        """Let go. The maker also removes the name; others keep what they have mapped."""
        if self._fd < 0:
            return
        # Views still alive keep the mapping; it goes with the last of them.
        with contextlib.suppress(BufferError):
            self.memory.close()
        os.close(self._fd)
        self._fd = -1
        if self._owner:
            Path(self.name).unlink(missing_ok=True)


def remove_stale_blocks() -> list[str]:
    """Remove blocks that nobody has open, left by a supervisor that was killed. Returns their names."""
    removed = []
    for directory in _directories():
        for path in directory.glob(f"{_PREFIX}*"):
            with contextlib.suppress(OSError):  # another's file, or gone meanwhile
                fd = os.open(path, os.O_RDWR)
                try:
                    fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    # An empty file is one that is being made right now, between its opening and its lock.
                    if os.fstat(fd).st_size > 0:
                        path.unlink()
                        removed.append(str(path))
                finally:
                    os.close(fd)
    return removed


@dataclass(frozen=True)
class ClockReading:
    """The programme clock at one moment.

    sample: samples mixed so far, 48 kHz; the next frame begins here.
    epoch_s: the monotonic time at which sample 0 was due; it moves when the clock is anchored anew.
    last_frame: the newest frame that went to the encoder; -1 before the first.
    """

    sample: int
    fps: int
    epoch_s: float
    stage_lead_frames: int
    last_frame: int

    @property
    def samples_per_frame(self) -> int:
        return SAMPLE_RATE_HZ // self.fps

    @property
    def frame_to_draw(self) -> int:
        """The frame the stage should be drawing now."""
        return self.last_frame + 1 + self.stage_lead_frames

    def sample_at(self, monotonic_s: float) -> int:
        """The sample due at this monotonic time."""
        return round((monotonic_s - self.epoch_s) * SAMPLE_RATE_HZ)


class ClockPage:
    """The programme clock in shared memory. Air writes it; everybody reads it."""

    _LAYOUT = struct.Struct("=qqdqq")  # sample, fps, epoch_s, stage_lead_frames, last_frame
    _HEADER = 16  # magic, sequence

    def __init__(self, block: _Block) -> None:
        self._block = block
        self._words = np.frombuffer(block.memory, np.uint64, 2)
        if int(self._words[0]) != _MAGIC:
            raise SharedBlockError(block.name, "is no clock page of this version")

    @classmethod
    def create(cls, fps: int = 30, stage_lead_frames: int = 3) -> ClockPage:
        if fps <= 0 or SAMPLE_RATE_HZ % fps:
            raise ValueError(f"fps must divide {SAMPLE_RATE_HZ}, and {fps} does not")
        block = _Block.create("clock", mmap.PAGESIZE)
        np.frombuffer(block.memory, np.uint64, 2)[0] = _MAGIC
        page = cls(block)
        page.write(ClockReading(0, fps, time.monotonic(), stage_lead_frames, -1))
        return page

    @classmethod
    def attach(cls, name: str) -> ClockPage:
        return cls(_Block.attach(name))

    @property
    def name(self) -> str:
        return self._block.name

    def write(self, reading: ClockReading) -> None:
        self._words[1] = int(self._words[1]) | 1
        self._LAYOUT.pack_into(
            self._block.memory,
            self._HEADER,
            reading.sample,
            reading.fps,
            reading.epoch_s,
            reading.stage_lead_frames,
            reading.last_frame,
        )
        self._words[1] = int(self._words[1]) + 1

    def read(self) -> ClockReading:
        """The clock as last written. Where a writer died while writing, what it left, after 10 ms."""
        deadline_s = time.monotonic() + 0.01
        while True:
            before = int(self._words[1])
            reading = ClockReading(*self._LAYOUT.unpack_from(self._block.memory, self._HEADER))
            if (before % 2 == 0 and before == int(self._words[1])) or time.monotonic() > deadline_s:
                return reading
            os.sched_yield()

    def close(self) -> None:
        del self._words
        self._block.close()


def picture_shape(layout: Layout, width: int, height: int) -> tuple[int, ...]:
    """Of a picture as an array of uint8, top row first.

    RGBA: (height, width, 4). NV12: (3/2 height, width), rows of luma and then, half as many, of Cb and Cr by turns.
    """
    return (height, width, 4) if layout == "rgba" else (height * 3 // 2, width)


@dataclass(frozen=True)
class RingFrame:
    """A frame in its slot, not copied. `pixels`: in either layout, told by its shape (`picture_shape`); read-only.

    Use the pixels, then ask `intact`: False means the writer has meanwhile begun to put a newer frame there.
    """

    index: int
    pixels: NDArray[np.uint8]
    _sequences: NDArray[np.uint64]
    _slot: int
    _sequence: int

    def intact(self) -> bool:
        return int(self._sequences[self._slot]) == self._sequence


class FrameRing:
    """The newest pictures, each with its frame index. The stage writes and never waits; air reads.

    Frame k lives in slot k mod `slots`, so the writer may be up to `slots` - 1 frames ahead of the reader.
    """

    _HEADER_WORDS = 8  # magic, width, height, slots

    def __init__(self, block: _Block) -> None:
        self._block = block
        header = np.frombuffer(block.memory, np.uint64, self._HEADER_WORDS)
        if int(header[0]) != _MAGIC + 2:
            raise SharedBlockError(block.name, "is no frame ring of this version")
        self.width, self.height, self.slots = (int(word) for word in header[1:4])
        words = np.frombuffer(block.memory, np.uint64, 3 * self.slots, 8 * self._HEADER_WORDS)
        self._sequences, self._layouts = words[: self.slots], words[2 * self.slots :]
        self._indices = words[self.slots : 2 * self.slots].view(np.int64)
        bytes_of_one = self.height * self.width * 4
        self._pixels = np.frombuffer(
            block.memory, np.uint8, self.slots * bytes_of_one, self._pixels_at(self.slots)
        ).reshape(self.slots, bytes_of_one)
        self._readable = self._pixels.view()
        self._readable.flags.writeable = False

    @classmethod
    def create(cls, width: int, height: int, slots: int = 8) -> FrameRing:
        block = _Block.create("frames", cls._pixels_at(slots) + slots * width * height * 4)
        header = np.frombuffer(block.memory, np.uint64, cls._HEADER_WORDS)
        header[:4] = (_MAGIC + 2, width, height, slots)
        ring = cls(block)
        ring._indices[:] = -1
        return ring

    @classmethod
    def attach(cls, name: str) -> FrameRing:
        return cls(_Block.attach(name))

    @classmethod
    def _pixels_at(cls, slots: int) -> int:
        header = 8 * (cls._HEADER_WORDS + 3 * slots)
        return -(-header // mmap.PAGESIZE) * mmap.PAGESIZE  # pixels begin on a page

    @property
    def name(self) -> str:
        return self._block.name

    @property
    def newest(self) -> int:
        """Index of the newest whole frame; -1 when there is none."""
        whole = self._sequences % 2 == 0
        return int(self._indices[whole].max(initial=-1))

    @contextlib.contextmanager
    def writing(self, index: int, layout: Layout = "rgba") -> Iterator[NDArray[np.uint8]]:
        """The slot of this frame, to be filled: uint8, of the layout's `picture_shape`.

        The frame becomes visible when the block ends; if it raises, the slot stays empty.
        """
        slot = index % self.slots
        self._sequences[slot] = int(self._sequences[slot]) | 1
        self._indices[slot] = -1
        yield self._picture(self._pixels[slot], layout)
        self._layouts[slot] = _LAYOUTS.index(layout)
        self._indices[slot] = index
        self._sequences[slot] = int(self._sequences[slot]) + 1

    def write(self, index: int, pixels: NDArray[np.uint8]) -> None:
        with self.writing(index) as slot:
            slot[:] = pixels

    def at(self, index: int) -> RingFrame | None:
        """Frame `index`, or else the newest older one; None when there is neither."""
        best: RingFrame | None = None
        for slot in range(self.slots):
            sequence = int(self._sequences[slot])
            found = int(self._indices[slot])
            if sequence % 2 == 0 and 0 <= found <= index and (best is None or found > best.index):
                layout = _LAYOUTS[int(self._layouts[slot])]
                pixels = self._picture(self._readable[slot], layout)
                best = RingFrame(found, pixels, self._sequences, slot, sequence)
        return best if best is None or best.intact() else self.at(index)

    def _picture(self, slot: NDArray[np.uint8], layout: Layout) -> NDArray[np.uint8]:
        shape = picture_shape(layout, self.width, self.height)
        return slot[: math.prod(shape)].reshape(shape)

    def close(self) -> None:
        del self._sequences, self._indices, self._layouts, self._pixels, self._readable
        self._block.close()
