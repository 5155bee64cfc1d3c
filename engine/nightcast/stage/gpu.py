"""The OpenGL context, and who owns what lives in it.

One context, one thread, one process. Everything that takes memory on the device is made by a `Scope` and is
released with it; `Gpu.live_objects` counts what is alive, so that a leak shows in a metric and in a test.
"""

from __future__ import annotations

import ctypes
import math
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, Self, TypeVar

import moderngl
import numpy as np
from numpy.typing import NDArray

from nightcast.stage.cores import Cores
from nightcast.stage.errors import GpuError
from nightcast.stage.profile import Profile, is_software, profile_for
from nightcast.stage.sharing import LIBEGL, Memory, Sharing

Policy = Literal["any", "hardware", "software"]

#: Devices looked at; a machine with more graphics cards than this names one by `NIGHTCAST_GPU`.
MAX_DEVICES = 8

#: OpenGL 3.3 core is all the renderer uses.
REQUIRED_VERSION = 330

#: As `sharing.LIBEGL`, without the development packages' name.
LIBGL = "libGL.so.1"

REMEDY = (
    "Install Mesa's EGL driver (Debian and Ubuntu: apt-get install libegl1 libgl1-mesa-dri), or the graphics card's "
    "own driver; `nightcast doctor` says what it finds."
)


class _Releasable(Protocol):
    def release(self) -> None: ...


_Made = TypeVar("_Made", bound=_Releasable)

_SYNC_GPU_COMMANDS_COMPLETE, _SYNC_FLUSH_COMMANDS = 0x9117, 1
_ALREADY_SIGNALED, _TIMEOUT_EXPIRED, _CONDITION_SATISFIED = 0x911A, 0x911B, 0x911C
_FOREVER_NS = 2**63


class Fence:
    """Tells when the device has done all that it was asked before the fence was set."""

    def __init__(self, gpu: Gpu) -> None:
        self._gpu = gpu
        self._sync: int | None = None
        self._spread = False

    def set(self) -> None:
        """Here, and no longer where it was; the device begins with what it was asked."""
        self.release()
        self._sync, self._spread = self._gpu.gl.glFenceSync(_SYNC_GPU_COMMANDS_COMPLETE, 0), False
        self._gpu.gl.glFlush()

    def wait(self, most_s: float = math.inf) -> bool:
        """Until it is reached, at most so long. False where it is not yet; one that was never set is."""
        if self._sync is None:
            return True
        reached = self._ask(0)
        if reached == _TIMEOUT_EXPIRED:
            if not self._spread:
                self._gpu.cores.spread()
                self._spread = True
            reached = self._ask(_FOREVER_NS if most_s == math.inf else int(most_s * 1e9))
        if reached == _TIMEOUT_EXPIRED:
            return False
        if reached not in (_ALREADY_SIGNALED, _CONDITION_SATISFIED):  # the driver lost it
            self._gpu.context.finish()
        self.release()
        return True

    def release(self) -> None:
        """Wait no more."""
        if self._sync is not None:
            self._gpu.gl.glDeleteSync(self._sync)
            self._sync = None

    def _ask(self, most_ns: int) -> int:
        return int(self._gpu.gl.glClientWaitSync(self._sync, _SYNC_FLUSH_COMMANDS, most_ns))


@dataclass(frozen=True, eq=False)
class Canvas:
    """A picture that is drawn into first, and looked at then."""

    drawn: moderngl.Texture  #: for framebuffers
    seen: moderngl.Texture  #: for shaders: the same picture
    rows: NDArray[np.uint8] | None  #: (h, w · 4) its bytes, when a fence says that they are there; None: not to be had

    def copy(self, source: Canvas) -> None:
        """Take the bytes of another of this size; both must be to be had."""
        assert self.rows is not None
        assert source.rows is not None
        self.rows[:] = source.rows

    def fill(self, pixel: int) -> None:
        """Make all pixels this one, its first byte the lowest; they must be to be had."""
        assert self.rows is not None
        self.rows.view("<u4")[:] = pixel


@dataclass(frozen=True)
class Device:
    """What the driver says of itself."""

    index: int
    renderer: str
    vendor: str
    version: str
    software: bool

    def __str__(self) -> str:
        kind = "draws on the processor" if self.software else "graphics card"
        return f"{self.renderer} (OpenGL {self.version}, EGL device {self.index}; {kind})"


class Gpu:
    """An OpenGL context without a window.

    Args:
        policy: which devices will do; `any` takes a graphics card before a software driver.
        device_index: EGL device to use; None looks at all (environment variable `NIGHTCAST_GPU` chooses too).

    Raises:
        GpuError: no device, or none that the policy accepts.
    """

    def __init__(self, policy: Policy = "any", device_index: int | None = None) -> None:
        self.context, self.device = _open(policy, device_index)
        self._live = dict.fromkeys(
            ("buffer", "texture", "framebuffer", "vertex_array", "program", "memory", "fence"), 0
        )
        self.root = Scope(self)
        self.gl = _calls()
        self.sharing = Sharing.of(self.context) if self.device.software else None
        self.cores = Cores("llvmpipe")  # a graphics card's driver has no such threads

    @property
    def profile(self) -> Profile:
        return profile_for(self.device.renderer)

    @property
    def live_objects(self) -> int:
        """GL objects made and not yet released."""
        return sum(self._live.values())

    def scope(self) -> Scope:
        return Scope(self)

    def close(self) -> None:
        self.root.release()
        self.context.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _count(self, kind: str, change: int) -> None:
        self._live[kind] += change


class Scope:
    """Makes GL objects and releases all of them together. Not for other threads."""

    def __init__(self, gpu: Gpu) -> None:
        self.gpu = gpu
        self._owned: list[tuple[str, _Releasable]] = []

    def buffer(self, data: NDArray[Any] | bytes | None = None, *, reserve: int = 0) -> moderngl.Buffer:
        """A buffer with `data`, or room for `reserve` bytes that will change each frame."""
        context = self.gpu.context
        if data is None:
            return self._own("buffer", context.buffer(reserve=max(reserve, 16), dynamic=True))
        raw = data if isinstance(data, bytes) else np.ascontiguousarray(data).tobytes()
        return self._own("buffer", context.buffer(raw or b"\0" * 16))

    def texture(
        self,
        size: tuple[int, int],
        components: int,
        data: bytes | None = None,
        *,
        dtype: str = "f1",
        internal_format: int | None = None,
        samples: int = 0,
    ) -> moderngl.Texture:
        made = self.gpu.context.texture(
            size, components, data, alignment=1, dtype=dtype, samples=samples, internal_format=internal_format
        )
        return self._own("texture", made)

    def depth_texture(self, size: tuple[int, int], *, samples: int = 0) -> moderngl.Texture:
        return self._own("texture", self.gpu.context.depth_texture(size, samples=samples))

    def canvas(self, size: tuple[int, int], *, depth: bool = False, samples: int = 0) -> Canvas:
        """A picture of colour, or of depth, to draw into and to look at."""
        make = self.depth_texture if depth else self._color_texture
        sharing = self.gpu.sharing
        if sharing is None or samples:
            drawn = make(size, samples=samples)
            return Canvas(drawn, drawn, None)
        memory = self._own("memory", Memory(sharing, size))
        drawn, seen = make(size), make(size)
        for texture in (drawn, seen):
            memory.give(texture, depth=depth)
        return Canvas(drawn, seen, memory.rows)

    def _color_texture(self, size: tuple[int, int], *, samples: int = 0) -> moderngl.Texture:
        return self.texture(size, 4, samples=samples)

    def fence(self) -> Fence:
        """One that is not set yet."""
        return self._own("fence", Fence(self.gpu))

    def framebuffer(
        self, color: Sequence[moderngl.Texture] = (), depth: moderngl.Texture | None = None
    ) -> moderngl.Framebuffer:
        made = self.gpu.context.framebuffer(color_attachments=list(color), depth_attachment=depth)
        return self._own("framebuffer", made)

    def program(self, vertex: str, fragment: str | None, varyings: tuple[str, ...] = ()) -> moderngl.Program:
        made = self.gpu.context.program(vertex_shader=vertex, fragment_shader=fragment, varyings=varyings)
        return self._own("program", made)

    def vertex_array(
        self, program: moderngl.Program, content: list[Any], index: moderngl.Buffer | None = None
    ) -> moderngl.VertexArray:
        made = self.gpu.context.vertex_array(program, content, index_buffer=index)
        return self._own("vertex_array", made)

    def release(self) -> None:
        """Give everything back, the last made first. May be called twice."""
        if any(kind == "memory" for kind, _ in self._owned):
            self.gpu.context.finish()  # the driver does not keep memory of ours until its threads have left it
        while self._owned:
            kind, owned = self._owned.pop()
            owned.release()
            self.gpu._count(kind, -1)

    def _own(self, kind: str, made: _Made) -> _Made:
        self._owned.append((kind, made))
        self.gpu._count(kind, +1)
        return made


def _calls() -> ctypes.CDLL:
    """OpenGL's calls that moderngl has not."""
    gl = ctypes.CDLL(LIBGL)
    gl.glFenceSync.restype, gl.glFenceSync.argtypes = ctypes.c_void_p, [ctypes.c_uint, ctypes.c_uint]
    gl.glClientWaitSync.restype = ctypes.c_uint
    gl.glClientWaitSync.argtypes = [ctypes.c_void_p, ctypes.c_uint, ctypes.c_uint64]
    gl.glDeleteSync.restype, gl.glDeleteSync.argtypes = None, [ctypes.c_void_p]
    return gl


def _open(policy: Policy, device_index: int | None) -> tuple[moderngl.Context, Device]:
    """The first graphics card, else the first software driver, that the policy accepts."""
    chosen = device_index if device_index is not None else _index_from_environment()
    attempts: list[tuple[str, str]] = []
    software: int | None = None
    for index in range(MAX_DEVICES) if chosen is None else [chosen]:
        try:
            context, device = _open_index(index)
        except Exception as error:  # noqa: BLE001  glcontext raises bare Exception
            attempts.append((f"EGL device {index}", str(error)))
            if "devices" in str(error) or "not loaded" in str(error):
                break  # past the last device, or no EGL at all
            continue
        if device.software and policy == "any" and chosen is None:
            software = index if software is None else software  # a graphics card may follow
        elif policy == "any" or device.software == (policy == "software"):
            return context, device
        attempts.append((f"EGL device {index}", str(device)))
        context.release()
    if software is not None:
        return _open_index(software)
    wanted = {"any": "", "hardware": " that is a graphics card", "software": " that draws on the processor"}
    raise GpuError(f"No OpenGL 3.3 device{wanted[policy]} was found.", attempts, REMEDY)


def _open_index(index: int) -> tuple[moderngl.Context, Device]:
    # Typed by hand: moderngl's stub takes the backend's own settings for one dict each.
    settings: dict[str, Any] = {
        "backend": "egl",
        "device_index": index,
        "libegl": LIBEGL,
        "libgl": LIBGL,
    }
    context = moderngl.create_context(standalone=True, require=REQUIRED_VERSION, **settings)
    info = context.info
    renderer = str(info["GL_RENDERER"])
    version = str(info["GL_VERSION"]).split(" ")[0]
    return context, Device(index, renderer, str(info["GL_VENDOR"]), version, is_software(renderer))


def _index_from_environment() -> int | None:
    text = os.environ.get("NIGHTCAST_GPU", "")
    if not text:
        return None
    if not text.isdigit():
        raise GpuError(f"NIGHTCAST_GPU is {text!r}.", (), "Set it to the number of an EGL device, such as 0.")
    return int(text)


def describe(policy: Policy = "any") -> Device:
    """Open a context, say what it is, and close it: for `nightcast doctor`. Raises GpuError."""
    with Gpu(policy) as gpu:
        return gpu.device
