"""Numbers out of a glTF file: buffer views and accessors, with every bound checked before a view is taken.

Reads strided, sparse and normalised data and EXT_meshopt_compression (decoded by the meshopt library).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nightcast.gltf.container import Container
from nightcast.gltf.place import Place
from nightcast.gltf.records import F32, U32

#: All that one file may unpack to. A small file can name the same bytes in many accessors.
MAX_DECODED_BYTES = 1 << 30

_COMPONENTS: dict[int, np.dtype[Any]] = {
    5120: np.dtype("<i1"),
    5121: np.dtype("<u1"),
    5122: np.dtype("<i2"),
    5123: np.dtype("<u2"),
    5125: np.dtype("<u4"),
    5126: np.dtype("<f4"),
}
_WIDTHS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT2": 4, "MAT3": 9, "MAT4": 16}


class Accessors:
    """The accessors of one file."""

    def __init__(self, container: Container) -> None:
        self._container = container
        self._accessors = container.document.items("accessors")
        self._views = container.document.items("bufferViews")
        self._unpacked: dict[int, bytes] = {}
        self._budget = MAX_DECODED_BYTES

    def floats(self, ref: Place, width: int | tuple[int, ...]) -> F32:
        """(n, width) finite numbers; integers are scaled where the accessor is normalised."""
        place = self._accessors[ref.as_index(len(self._accessors), "accessor")]
        raw = self._read(place, width)
        if raw.dtype.kind == "f":
            if not np.isfinite(raw).all():
                raise place.error("holds numbers that are infinite or not numbers")
            return raw.astype(np.float32)
        values = raw.astype(np.float32)
        if place.flag("normalized"):
            values = np.maximum(values / np.float32(np.iinfo(raw.dtype).max), np.float32(-1))
        return values

    def integers(self, ref: Place, width: int) -> U32:
        """(n, width) unsigned numbers."""
        place = self._accessors[ref.as_index(len(self._accessors), "accessor")]
        raw = self._read(place, width)
        if raw.dtype.kind != "u":
            raise place.error("must hold unsigned whole numbers")
        return raw.astype(np.uint32)

    def view_bytes(self, index: int, asked_by: Place) -> memoryview:
        """The bytes of a buffer view, unpacked where it is compressed."""
        if not 0 <= index < len(self._views):
            raise asked_by.error(f"names buffer view {index}, but there are {len(self._views)}")
        place = self._views[index]
        packed = place.extension("EXT_meshopt_compression") or place.extension("KHR_meshopt_compression")
        if packed is not None:
            if index not in self._unpacked:
                self._unpacked[index] = self._unpack(packed)
            return memoryview(self._unpacked[index])[: place.integer("byteLength")]
        return self._slice(place)

    def _slice(self, place: Place) -> memoryview:
        buffer = self._container.buffer(place.at("buffer").as_integer(), place)
        offset, length = place.integer("byteOffset"), place.at("byteLength").as_integer()
        if offset + length > len(buffer):
            raise place.error(f"ends at byte {offset + length}, beyond its buffer of {len(buffer)}")
        return memoryview(buffer)[offset : offset + length]

    def _spend(self, place: Place, size: int) -> None:
        self._budget -= size
        if self._budget < 0:
            raise place.error(f"makes the file unpack to more than {MAX_DECODED_BYTES >> 20} MB")

    def _read(self, place: Place, width: int | tuple[int, ...]) -> NDArray[Any]:
        dtype = _COMPONENTS.get(place.at("componentType").as_integer())
        if dtype is None:
            raise place.error("has an unknown componentType")
        kind = place.at("type").as_text()
        allowed = (width,) if isinstance(width, int) else width
        found = _WIDTHS.get(kind, 0)
        if found not in allowed:
            raise place.error(f"is {kind[:20]}, must have {' or '.join(map(str, allowed))} components")
        count = place.at("count").as_integer()
        self._spend(place, count * found * max(dtype.itemsize, 4))
        view = place.maybe("bufferView")
        if view is None:
            values = np.zeros((count, found), dtype)
        else:
            values = self._strided(place, view, place.integer("byteOffset"), count, found, dtype)
        sparse = place.maybe("sparse")
        return values if sparse is None else self._with_sparse(sparse, values)

    def _strided(
        self, place: Place, view: Place, offset: int, count: int, width: int, dtype: np.dtype[Any]
    ) -> NDArray[Any]:
        index = view.as_integer()
        data = self.view_bytes(index, place)
        size = width * dtype.itemsize
        stride = self._views[index].integer("byteStride", size, high=252) or size
        if stride < size:
            raise place.error(f"has elements of {size} bytes in a view with a stride of {stride}")
        if count and offset + stride * (count - 1) + size > len(data):
            raise place.error(f"reaches byte {offset + stride * (count - 1) + size}, beyond its view of {len(data)}")
        if not count:
            return np.zeros((0, width), dtype)
        return np.ndarray((count, width), dtype, data, offset, (stride, dtype.itemsize))

    def _with_sparse(self, sparse: Place, values: NDArray[Any]) -> NDArray[Any]:
        count = sparse.at("count").as_integer(high=len(values))
        where, what = sparse.at("indices"), sparse.at("values")
        dtype = _COMPONENTS.get(where.at("componentType").as_integer())
        if dtype is None or dtype.kind != "u":
            raise where.error("must be unsigned whole numbers")
        offset = where.integer("byteOffset")
        indices = self._strided(where, where.at("bufferView"), offset, count, 1, dtype)[:, 0]
        if count and int(indices.max()) >= len(values):
            raise where.error(f"names element {int(indices.max())} of {len(values)}")
        offset = what.integer("byteOffset")
        replaced = self._strided(what, what.at("bufferView"), offset, count, values.shape[1], values.dtype)
        result = values.copy()
        result[indices] = replaced
        return result

    def _unpack(self, packed: Place) -> bytes:
        """EXT_meshopt_compression; stride limits are the extension's."""
        import meshopt

        data = bytes(self._slice(packed))
        stride, count = packed.at("byteStride").as_integer(1, 256), packed.at("count").as_integer()
        mode = packed.choice("mode", ("ATTRIBUTES", "TRIANGLES", "INDICES"), "")
        filter_name = packed.choice("filter", ("NONE", "OCTAHEDRAL", "QUATERNION", "EXPONENTIAL", "COLOR"), "NONE")
        self._spend(packed, max(stride, 4) * count)
        if not count:
            return b""
        if mode != "ATTRIBUTES" and (stride not in (2, 4) or (mode == "TRIANGLES" and count % 3)):
            raise packed.error(f"has a stride of {stride} and {count} indices, which is not allowed")
        strides = {"OCTAHEDRAL": (4, 8), "QUATERNION": (8,), "COLOR": (4, 8)}.get(filter_name, (stride,))
        if mode == "ATTRIBUTES" and (stride % 4 or stride not in strides):
            raise packed.error(f"filter {filter_name} cannot be applied to a stride of {stride}")
        try:
            decoded = meshopt.decode_gltf_buffer(
                data, count, stride, mode, None if filter_name == "NONE" else filter_name
            )
            return bytes(decoded.tobytes())
        except (RuntimeError, ValueError) as error:
            raise packed.error(f"cannot be unpacked: {error}") from error
