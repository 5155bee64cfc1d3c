"""From a plain likeness to a character: head and eyes grow, by smooth fields over the sculpted body.

Also the landmarks of the face that painting, hair and anchors are measured from.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .basemesh import BODY, BaseMesh

EYE_BALLS = {"left": slice(14598, 14670), "right": slice(14670, 14742)}


def smoothstep(low: float, high: float, x: np.ndarray) -> np.ndarray:
    """0 below `low`, 1 above `high`, smooth between; `low` may be the greater one."""
    t = np.clip((x - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def fit_sphere(points: np.ndarray) -> tuple[np.ndarray, float]:
    """Centre and radius of the sphere nearest to (n, 3) points, by linear least squares."""
    system = np.c_[2 * points, np.ones(len(points))]
    x = np.linalg.lstsq(system, (points**2).sum(1), rcond=None)[0]
    return x[:3], float(np.sqrt(x[3] + x[:3] @ x[:3]))


def head_share(mesh: BaseMesh) -> np.ndarray:
    """(19158,) 1 on the head, fading out down the neck."""
    body = {bone: w for bone, w in mesh.bone_weights.items() if bone.startswith(TRUNK_AND_LIMBS)}
    trunk = sum(body.values()) - mesh.bone_weights["neck03"] - 0.5 * mesh.bone_weights["neck02"]
    share = np.clip(1 - trunk, 0, 1)
    for name, ranges in mesh.groups.items():  # the marker cubes carry no weights of their own
        if name.startswith(HEAD_MARKERS) or name.endswith(("-eye", "-eye-target", "lid")):
            for first, last in ranges:
                share[first : last + 1] = 1.0
    return share


TRUNK_AND_LIMBS = (
    "root",
    "spine",
    "pelvis",
    "neck",
    "breast",
    "clavicle",
    "shoulder",
    "upperarm",
    "lowerarm",
    "wrist",
    "metacarpal",
    "finger",
    "upperleg",
    "lowerleg",
    "foot",
    "toe",
)
HEAD_MARKERS = ("joint-head", "joint-jaw", "joint-mouth", "joint-tongue")


def enlarge_head(mesh: BaseMesh, shape: np.ndarray, scale: float) -> np.ndarray:
    """Scale the head about the top of the neck."""
    first, last = mesh.groups["joint-head"][0]
    pivot = shape[first : last + 1].mean(0)
    return shape + (shape - pivot) * ((scale - 1) * head_share(mesh))[:, None]


ARMS = ("clavicle", "shoulder", "upperarm", "lowerarm", "wrist", "metacarpal", "finger")
ARM_MARKERS = tuple(f"joint-{side}-{part}" for side in "lr" for part in ("shoulder", "elbow", "hand", "finger"))


def slope_shoulders(mesh: BaseMesh, shape: np.ndarray, drop_m: float, in_m: float) -> np.ndarray:
    """Let the shoulders' points sink and come in, the arms with them; the slope begins at the neck."""
    arm = sum(w for bone, w in mesh.bone_weights.items() if bone.startswith(ARMS))
    for name, ranges in mesh.groups.items():  # the marker cubes carry no weights of their own
        if name.startswith(ARM_MARKERS):
            for first, last in ranges:
                arm[first : last + 1] = 1.0
    first, last = mesh.groups["joint-l-shoulder"][0]
    point = shape[first : last + 1].mean(0)
    aside = np.abs(shape[:, 0])
    share = arm * np.clip(aside / point[0], 0, 1) ** 0.8
    shift = np.stack([-in_m * np.sign(shape[:, 0]), np.full(len(shape), -drop_m), np.zeros(len(shape))], 1)
    return shape + share[:, None] * shift


def enlarge_eyes(shape: np.ndarray, scale: float) -> np.ndarray:
    """Scale each eye with its lids, fading out into the face from one to three of its radii.

    They grow about a point before the eyeball's centre, so that they fill their sockets and do not bulge out of them.
    """
    out = shape.copy()
    for ball in EYE_BALLS.values():
        centre, radius = fit_sphere(shape[ball])
        radii = np.linalg.norm((shape - centre) * (1.0, 1.15, 0.8), axis=1) / radius
        share = smoothstep(4.6, 0.9, radii)
        out += (shape - centre - (0, 0, 0.45 * radius)) * ((scale - 1) * share)[:, None]
    return out


@dataclass(frozen=True)
class LipCurves:
    """The inner edges of both lips along the mouth, in metres: `upper_y` and `lower_y` (k,) at `x` (k,)."""

    x: np.ndarray
    upper_y: np.ndarray
    lower_y: np.ndarray
    front_z: float


def close_lips(shape: np.ndarray, curves: LipCurves, overlap_m: float = 0.0008) -> np.ndarray:
    """Bring parted lips together, overlapping a little; both move by half, fading out within a centimetre."""
    out = shape.copy()
    x = shape[:, 0]
    high, low = np.interp(x, curves.x, curves.upper_y), np.interp(x, curves.x, curves.lower_y)
    half = np.clip((high - low + overlap_m) / 2, -0.0005, 0.003)
    seam = (high + low) / 2
    reach = np.abs(curves.x).max()
    share = smoothstep(0.011, 0.002, np.abs(shape[:, 1] - seam)) * smoothstep(reach * 0.99, reach * 0.88, np.abs(x))
    share *= smoothstep(curves.front_z - 0.035, curves.front_z - 0.018, shape[:, 2])
    out[:, 1] += np.where(shape[:, 1] > seam, -1, 1) * half * share
    return out


def slim_jaw(shape: np.ndarray, marks: Landmarks, amount: float) -> np.ndarray:
    """Narrow the face below the eyes by a share `amount`, fading out under the chin and behind the ears."""
    y, z = shape[:, 1], shape[:, 2]
    down = smoothstep(marks.eye[1] - 0.005, marks.mouth[1] - 0.012, y) * smoothstep(
        marks.chin[1] - 0.055, marks.chin[1] - 0.012, y
    )
    front = smoothstep(marks.eye[2] - 0.115, marks.eye[2] - 0.06, z)
    out = shape.copy()
    out[:, 0] *= 1 - amount * down * front * (np.abs(shape[:, 0]) < 0.12)
    return out


@dataclass(frozen=True)
class Pull:
    """One pull of a sculptor's grab brush, in millimetres from a landmark; the right side follows the left."""

    landmark: str
    offset_mm: tuple[float, float, float]
    reach_mm: float  # at this distance a third of the pull is felt
    move_mm: tuple[float, float, float]


def pulled(shape: np.ndarray, marks: Landmarks, pulls: tuple[Pull, ...]) -> np.ndarray:
    """The shape after all pulls, which are felt on both sides of the face; eyeballs move as a whole."""
    moves = np.zeros_like(shape)
    for pull in pulls:
        centre = getattr(marks, pull.landmark) + np.array(pull.offset_mm) / 1000
        for mirror in (np.array([1.0, 1, 1]), np.array([-1.0, 1, 1])):
            near = np.exp(-((np.linalg.norm(shape - centre * mirror, axis=1) * 1000 / pull.reach_mm) ** 2))
            half = 0.5 if abs(centre[0]) < 1e-6 else 1.0
            moves += half * near[:, None] * np.array(pull.move_mm) * mirror / 1000
    for ball in EYE_BALLS.values():
        moves[ball] = moves[ball].mean(0)
    return shape + moves


def averaged(mesh: BaseMesh, values: np.ndarray, near: np.ndarray, rounds: int) -> np.ndarray:
    """Values (19158, 3) of the skin drawn to their neighbours' mean, as far as `near` (19158,) in [0, 1] says."""
    quads = mesh.quads[(mesh.quads < BODY.stop).all(1)]
    edges = np.concatenate([quads[:, [k, (k + 1) % 4]] for k in range(4)])
    share = near[:, None].copy()
    share[BODY.stop :] = 0  # teeth and tongue have no neighbours in the skin
    degree = np.maximum(np.bincount(edges.ravel(), minlength=len(values)), 1)[:, None]
    for _ in range(rounds):
        total = np.zeros_like(values)
        np.add.at(total, edges[:, 0], values[edges[:, 1]])
        np.add.at(total, edges[:, 1], values[edges[:, 0]])
        values = values + 0.5 * share * (total / degree - values)
    return values


def round_nose(mesh: BaseMesh, shape: np.ndarray, marks: Landmarks) -> np.ndarray:
    """Soften the edges along the nose's bridge, and its tip a little; the nostrils stay as they are."""
    along = np.clip((shape[:, 1] - marks.nose_tip[1]) / (marks.nose_bridge[1] - marks.nose_tip[1]), 0, 1)
    middle = marks.nose_tip + along[:, None] * (marks.nose_bridge - marks.nose_tip)
    near = smoothstep(0.016, 0.007, np.linalg.norm(shape - middle, axis=1)) * (
        0.35 + 0.65 * smoothstep(0.1, 0.4, along)
    )
    return averaged(mesh, shape, near, 6)


@dataclass(frozen=True)
class Landmarks:
    """Places on a sculpted face; points (3,) in metres, +X the figure's left."""

    eye: np.ndarray  # centre of the left eyeball
    eye_radius: float
    nose_tip: np.ndarray
    nose_bridge: np.ndarray
    mouth: np.ndarray
    mouth_half_width: float
    chin: np.ndarray
    forehead: np.ndarray
    crown: np.ndarray
    ear_top: np.ndarray
    ear_lobe: np.ndarray
    head: np.ndarray  # middle of the skull


def landmarks(mesh: BaseMesh, shape: np.ndarray) -> Landmarks:
    """Measure a sculpted face."""
    body = shape[BODY]
    eye, radius = fit_sphere(shape[EYE_BALLS["left"]])
    first, last = mesh.groups["joint-head"][0]
    neck = shape[first : last + 1].mean(0)
    middle = np.abs(body[:, 0]) < 0.004
    face = middle & (body[:, 1] > neck[1] - 0.09)
    below_eyes = face & (body[:, 1] < eye[1] - 0.01)
    nose_tip = body[below_eyes][body[below_eyes][:, 2].argmax()]
    bridge_row = face & (np.abs(body[:, 1] - eye[1]) < 0.006) & (body[:, 2] > eye[2])
    bridge = body[bridge_row].mean(0)
    lips = np.flatnonzero(np.linalg.norm(mesh.face_unit("mouthRollUpper")[BODY], axis=1) > 0.0035)
    lip_points = body[lips]
    front = lip_points[:, 2] > lip_points[:, 2].max() - 0.03
    mouth_y = lip_points[front][:, 1].min()
    mouth = np.array([0.0, mouth_y, lip_points[:, 2].max()])
    half = np.abs(lip_points[front][:, 0]).max()
    chin_row = face & (body[:, 1] < mouth_y - 0.02) & (body[:, 1] > mouth_y - 0.075)
    chin = body[chin_row][(body[chin_row][:, 2] - 0.25 * body[chin_row][:, 1]).argmax()]
    crown = body[middle][body[middle][:, 1].argmax()]
    brow_y = eye[1] + 0.45 * (crown[1] - eye[1])
    forehead_row = face & (np.abs(body[:, 1] - brow_y) < 0.012) & (body[:, 2] > eye[2] - 0.05)
    forehead = body[forehead_row].mean(0)
    skull = np.array([0.0, (eye[1] + crown[1]) / 2, eye[2] - 0.085])
    base = mesh.positions[BODY]
    ears = body[(base[:, 0] > 0.0785) & (base[:, 1] > 0.65) & (base[:, 1] < 0.75)]
    return Landmarks(
        eye=eye,
        eye_radius=radius,
        nose_tip=nose_tip * (0, 1, 1),
        nose_bridge=bridge * (0, 1, 1),
        mouth=mouth,
        mouth_half_width=float(half),
        chin=chin * (0, 1, 1),
        forehead=forehead * (0, 1, 1),
        crown=crown * (0, 1, 1),
        ear_top=ears[ears[:, 1].argmax()],
        ear_lobe=ears[ears[:, 1].argmin()],
        head=skull,
    )
