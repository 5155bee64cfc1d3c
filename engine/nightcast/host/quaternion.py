"""Rotations as arrays of quaternions xyzw, and as 3×3 matrices. Plain functions on (…, 4) and (…, 3) float arrays."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

F64 = NDArray[np.float64]

IDENTITY: F64 = np.array([0.0, 0.0, 0.0, 1.0])
_EYE = np.eye(3)


def _sums(*rows: str) -> F64:
    """(16, n): which products of two quaternions' parts, such as `xy` or `-wz`, add up to each of n numbers."""
    table = np.zeros((16, len(rows)))
    for column, row in enumerate(rows):
        for term in row.split():
            first, second = "xyzw".index(term[-2]), "xyzw".index(term[-1])
            table[4 * first + second, column] = -1 if term.startswith("-") else 1
    return table


_PRODUCT = _sums("wx xw yz -zy", "wy -xz yw zx", "wz xy -yx zw", "ww -xx -yy -zz")
_HALF_MATRIX = _sums("-yy -zz", "xy -zw", "xz yw", "xy zw", "-xx -zz", "yz -xw", "xz -yw", "yz xw", "-xx -yy")


def _paired(a: F64, b: F64) -> F64:
    """(…, 16) products of all parts of a with all of b. One product of arrays is quicker than sixteen."""
    products = a[..., :, None] * b[..., None, :]
    return products.reshape(*products.shape[:-2], 16)


def multiply(a: F64, b: F64) -> F64:
    """The rotation that does b first, then a; shapes broadcast."""
    product: F64 = _paired(a, b) @ _PRODUCT
    return product


def inverse(q: F64) -> F64:
    """Of unit quaternions."""
    back: F64 = q * np.array([-1.0, -1.0, -1.0, 1.0])
    return back


def cross(a: F64, b: F64) -> F64:
    """Of two single vectors (3,), several times quicker than numpy's."""
    ax, ay, az = a.tolist()
    bx, by, bz = b.tolist()
    return np.array([ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx])


def length(v: F64) -> float:
    """Of a single vector."""
    return math.sqrt(float(v @ v))


def normalised(q: F64) -> F64:
    unit: F64 = q / np.linalg.norm(q, axis=-1, keepdims=True)
    return unit


def to_matrix(q: F64) -> F64:
    """(…, 3, 3) rotation matrices of unit quaternions (…, 4)."""
    half: F64 = (_paired(q, q) @ _HALF_MATRIX).reshape(*q.shape[:-1], 3, 3)
    return _EYE + 2 * half


def from_matrix(matrix: F64) -> F64:
    """(…, 4) unit quaternions of rotation matrices (…, 3, 3), after Bar-Itzhack's largest-component choice."""
    m = matrix.reshape(-1, 3, 3)
    if len(m) <= 8:
        return np.array([_from_single_matrix(one) for one in m.tolist()]).reshape(*matrix.shape[:-2], 4)
    trace = m[:, 0, 0] + m[:, 1, 1] + m[:, 2, 2]
    squares = np.stack([m[:, 0, 0], m[:, 1, 1], m[:, 2, 2], trace], axis=1)
    largest = np.argmax(squares, axis=1)
    q = np.empty((len(m), 4))
    for i in range(3):
        j, k = (i + 1) % 3, (i + 2) % 3
        row = largest == i
        q[row, i] = 1 - trace[row] + 2 * m[row, i, i]
        q[row, j] = m[row, j, i] + m[row, i, j]
        q[row, k] = m[row, k, i] + m[row, i, k]
        q[row, 3] = m[row, k, j] - m[row, j, k]
    row = largest == 3
    q[row, 0] = m[row, 2, 1] - m[row, 1, 2]
    q[row, 1] = m[row, 0, 2] - m[row, 2, 0]
    q[row, 2] = m[row, 1, 0] - m[row, 0, 1]
    q[row, 3] = 1 + trace[row]
    return normalised(q).reshape(*matrix.shape[:-2], 4)


def _from_single_matrix(m: list[list[float]]) -> tuple[float, float, float, float]:
    """As `from_matrix`, but quicker for one than numpy."""
    (a, b, c), (d, e, f), (g, h, i) = m
    trace = a + e + i
    if trace >= max(a, e, i):
        q = (h - f, c - g, d - b, 1 + trace)
    elif a >= e and a >= i:
        q = (1 - trace + 2 * a, d + b, g + c, h - f)
    elif e >= i:
        q = (b + d, 1 - trace + 2 * e, h + f, c - g)
    else:
        q = (c + g, f + h, 1 - trace + 2 * i, d - b)
    x, y, z, w = q
    scale = 1 / math.sqrt(x * x + y * y + z * z + w * w)
    return x * scale, y * scale, z * scale, w * scale


def from_axis_angle(axis: ArrayLike, angle_rad: ArrayLike) -> F64:
    """About unit axes (…, 3)."""
    half = np.asarray(angle_rad, np.float64)[..., None] / 2
    return np.concatenate([np.asarray(axis, np.float64) * np.sin(half), np.cos(half)], axis=-1)


def from_euler_deg(angles: ArrayLike) -> F64:
    """(…, 4) from pitch about X, yaw about Y and roll about Z (…, 3), turned in the order roll, pitch, yaw.

    This is the order YXZ of VRM's look-at: yaw is outermost.
    """
    half = np.radians(np.asarray(angles, np.float64)) / 2
    sine, cosine = np.sin(half), np.cos(half)
    sx, sy, sz = sine[..., 0], sine[..., 1], sine[..., 2]
    cx, cy, cz = cosine[..., 0], cosine[..., 1], cosine[..., 2]
    q = np.empty((*half.shape[:-1], 4))
    q[..., 0] = cy * sx * cz + sy * cx * sz
    q[..., 1] = sy * cx * cz - cy * sx * sz
    q[..., 2] = cy * cx * sz - sy * sx * cz
    q[..., 3] = cy * cx * cz + sy * sx * sz
    return q


def rotate(q: F64, v: F64) -> F64:
    """Vectors (…, 3) turned by unit quaternions (…, 4)."""
    u, w = q[..., :3], q[..., 3:]
    t = 2 * np.cross(u, v)
    return v + w * t + np.cross(u, t)


def between(a: F64, b: F64) -> F64:
    """The shortest rotation that takes direction a to direction b, both unit (…, 3)."""
    axis = np.cross(a, b)
    q = np.concatenate([axis, 1 + np.sum(a * b, axis=-1, keepdims=True)], axis=-1)
    opposite = q[..., 3:] < 1e-9
    if np.any(opposite):
        # Half a turn about any axis across a.
        helper = np.where(np.abs(a[..., :1]) < 0.9, np.array([1.0, 0, 0]), np.array([0, 1.0, 0]))
        half = np.concatenate([np.cross(a, helper), np.zeros_like(q[..., 3:])], axis=-1)
        q = np.where(opposite, half, q)
    return normalised(q)


def slerp(a: F64, b: F64, t: ArrayLike) -> F64:
    """From a to b the short way; t (…) in 0..1."""
    share = np.asarray(t, np.float64)[..., None]
    dot = np.sum(a * b, axis=-1, keepdims=True)
    b = np.where(dot < 0, -b, b)
    angle = np.arccos(np.clip(np.abs(dot), 0, 1))
    sine = np.sin(angle)
    near = sine < 1e-6
    safe = np.where(near, 1, sine)
    left = np.where(near, 1 - share, np.sin((1 - share) * angle) / safe)
    right = np.where(near, share, np.sin(share * angle) / safe)
    return normalised(left * a + right * b)


def angle_deg(q: F64) -> F64:
    """How far unit quaternions (…, 4) turn, 0..180."""
    turned: F64 = np.degrees(2 * np.arctan2(np.linalg.norm(q[..., :3], axis=-1), np.abs(q[..., 3])))
    return turned


def clamp_angle(q: F64, limit_deg: ArrayLike) -> F64:
    """The same rotations, turned no further than `limit_deg` (…)."""
    turned = angle_deg(q)
    limit = np.asarray(limit_deg, np.float64)
    over = turned > limit
    if not np.any(over):
        return q
    share = np.where(over, limit / np.maximum(turned, 1e-9), 1.0)
    return slerp(np.broadcast_to(IDENTITY, q.shape), q, share)


def twist(q: F64, axis: F64) -> F64:
    """The part of unit quaternions that turns about unit `axis` (swing-twist; q = swing · twist)."""
    along = np.sum(q[..., :3] * axis, axis=-1, keepdims=True)
    part = np.concatenate([axis * along, q[..., 3:]], axis=-1)
    length = np.linalg.norm(part, axis=-1, keepdims=True)
    return np.where(length > 1e-9, part / np.maximum(length, 1e-9), IDENTITY)
