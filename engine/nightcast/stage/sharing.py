"""Memory of textures that a driver which draws on the processor shares with this process.

Such a driver (Mesa's llvmpipe) has its pictures in memory of this very process, and yet its own ways to copy or to
read one, and even to look at it in a shader, first wait for everything that was asked, also for later pictures. With
memory of ours it is otherwise: a fence tells when a picture is there, and then it is copied and read like any array;
and two textures of one memory, one to draw into and one to look at, are strangers to the driver, which draws one scene
after the other in any case. Only its copies (`copy_framebuffer`) are made at once, so none may be made into a picture
that a pass still has to look at.

OpenGL has textures in memory from a file (EXT_memory_object_fd). That is meant for files that another driver filled,
so llvmpipe looks for a heading of its own in it, which is written here. Whether it was understood is tried out with
a small picture; where not, pictures are copied and read through OpenGL, and a third slower.
"""

from __future__ import annotations

import ctypes
import hashlib
import mmap
import os
import re
import struct
from collections.abc import Callable
from typing import Any

import moderngl
import numpy as np
from numpy.typing import NDArray

#: The unversioned names that moderngl would ask for come with development packages only.
LIBEGL = "libEGL.so.1"

EXTENSION = "GL_EXT_memory_object_fd"

#: OpenGL's names of what is said here.
_RGBA8, _DEPTH_24, _OPAQUE_FD = 0x8058, 0x81A6, 0x9586

#: Rows begin at multiples of the driver's cache line, and it draws squares of four pixels' side.
_ROW_BYTES, _ROWS = 64, 4

#: What is drawn to see whether memory is shared: rows that the driver makes longer, to a length that tells its cache
#: line, and more of them.
_TRIAL_PX, _TRIAL_COLOR, _TRIAL_DEPTH = (36, 6), (51, 102, 153, 204), (255, 255, 255, 0)

#: The picture begins a page after the beginning of its file.
_HEAD_BYTES = mmap.PAGESIZE

_Call = Callable[..., Any]


class Memory:
    """Room for one picture of four bytes a pixel; release it after the textures that were given it."""

    def __init__(self, sharing: Sharing, size_px: tuple[int, int]) -> None:
        width, height = size_px
        row, rows = _up(width * 4, _ROW_BYTES), _up(height, _ROWS)
        length = _HEAD_BYTES + row * rows
        self._sharing = sharing
        file = os.memfd_create("picture")
        try:
            os.ftruncate(file, length)
            mapped = mmap.mmap(file, length)
            mapped[:_HEAD_BYTES] = sharing.heading(length)
            self._name = sharing.take(file, length - _HEAD_BYTES)
        finally:
            os.close(file)
        whole = np.frombuffer(mapped, np.uint8, row * rows, _HEAD_BYTES).reshape(rows, row)
        #: (h, w · 4) uint8, row 0 of the texture first
        self.rows: NDArray[np.uint8] = whole[:height, : width * 4]

    def give(self, texture: moderngl.Texture, *, depth: bool) -> None:
        """Have a texture of this size, of RGBA in 8 bits or of depth in 24, keep its picture here."""
        self._sharing.store(texture.glo, 1, _DEPTH_24 if depth else _RGBA8, *texture.size, self._name, 0)

    def release(self) -> None:
        self._sharing.give_up(self._name)


class Sharing:
    """What it takes to make such memory in one context; `of` says whether it can be had."""

    def __init__(self, version: str) -> None:
        egl = ctypes.CDLL(LIBEGL)
        egl.eglGetProcAddress.restype, egl.eglGetProcAddress.argtypes = ctypes.c_void_p, [ctypes.c_char_p]

        def call(name: str, *kinds: Any) -> _Call:
            return ctypes.CFUNCTYPE(None, *kinds)(egl.eglGetProcAddress(name.encode()))

        number, count, many = ctypes.c_uint, ctypes.c_int, ctypes.POINTER(ctypes.c_uint)
        self._create = call("glCreateMemoryObjectsEXT", count, many)
        self._delete = call("glDeleteMemoryObjectsEXT", count, many)
        self._import = call("glImportMemoryFdEXT", number, ctypes.c_uint64, number, count)
        self.store = call("glTextureStorageMem2DEXT", number, count, number, count, count, number, ctypes.c_uint64)
        # The driver signs its files with its name and, where it was not built from a release, the state of its source.
        state = re.search(r" \(git-\w+\)", version)
        self._signature = hashlib.sha1(f"llvmpipe{state[0] if state else ''}".encode(), usedforsecurity=False).digest()

    @classmethod
    def of(cls, context: moderngl.Context) -> Sharing | None:
        """None where driver or system have no such memory, or the driver does not take ours."""
        if EXTENSION not in context.extensions or not hasattr(os, "memfd_create"):
            return None
        sharing = cls(str(context.info["GL_VERSION"]))
        textures = context.texture(_TRIAL_PX, 4), context.depth_texture(_TRIAL_PX)
        memories: list[Memory] = []
        try:
            for texture in textures:
                memories.append(Memory(sharing, _TRIAL_PX))
                memories[-1].give(texture, depth=texture.depth)
            understood = context.error == "GL_NO_ERROR" and _are_drawn_into(memories, context, textures)
        except OSError:
            understood = False
        for texture in textures:
            texture.release()
        for memory in memories:
            memory.release()
        return sharing if understood else None

    def heading(self, length: int) -> bytes:
        """What the driver looks for in a file of `length` bytes: sizes, its signature, and where the picture begins."""
        begin = struct.pack("=QQ16s", length, _HEAD_BYTES, self._signature)
        return begin.ljust(_HEAD_BYTES - 8, b"\0") + struct.pack("=Q", _HEAD_BYTES)

    def take(self, file: int, length: int) -> int:
        """The name of a memory object of this file. The driver closes the descriptor that it is given."""
        name = ctypes.c_uint()
        self._create(1, ctypes.byref(name))
        self._import(name, length, _OPAQUE_FD, os.dup(file))
        return name.value

    def give_up(self, name: int) -> None:
        self._delete(1, ctypes.byref(ctypes.c_uint(name)))


def _are_drawn_into(
    memories: list[Memory], context: moderngl.Context, textures: tuple[moderngl.Texture, moderngl.Texture]
) -> bool:
    """Whether colour and depth that are drawn come to lie here, as they are expected to."""
    try:
        target = context.framebuffer([textures[0]], textures[1])
    except moderngl.Error:  # the textures have no picture
        return False
    red, green, blue, alpha = (part / 255 for part in _TRIAL_COLOR)
    target.clear(red, green, blue, alpha, depth=1.0)
    context.finish()
    target.release()
    color, depth = (memory.rows.reshape(-1, 4) for memory in memories)
    return bool((color == _TRIAL_COLOR).all() and (depth == _TRIAL_DEPTH).all())


def _up(number: int, step: int) -> int:
    return -(-number // step) * step
