"""How a product file is meant to be worn, guessed from its mesh: kind, units, orientation, origin.

A file's numbers may be metres, centimetres, inches or nothing at all, and its axes anybody's. Every quarter turn is
tried and scored by what its kind looks like; the unit is the one that gives a size such things have. No GL.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from nightcast.gltf.load import GLTF_SUFFIXES
from nightcast.gltf.records import Model
from nightcast.show.wear import Wear
from nightcast.tryon.errors import TryOnError
from nightcast.tryon.product import F64, rotation_xyz, surface_samples

__all__ = ["SIZES", "Guess", "NotGuessedError", "guess", "lies_open", "mirror_error"]

_SAMPLES = 8000
#: A turn must look better than the file's own way by this much.
_MARGIN = 0.1
#: Of turns that look as good as the best, within this, the smallest is taken.
_ALIKE = 0.02
_MM = 1e-3
_FLAT = 0.2  #: against its longest side
_EYE_M = 0.031  #: from the bridge to an eye
#: What files often hold two of; half of the gap between them, and how much their sizes differ, as shares of the whole.
_IN_PAIRS = ("earring", "shoe")
_GAP, _ONE_SIZE = 0.015, 0.05

#: Words in file and part names. Earlier kinds win: "sunglasses case" is not asked for.
_WORDS = {
    "glasses": r"glass(es)?\b|sunglass|eyewear|spectacle|goggle|wayfarer|aviator|眼镜|墨镜",
    "earring": r"ear ?ring|\bstud\b|耳环|耳饰",
    "necklace": r"necklace|pendant|choker|chain|项链",
    "bracelet": r"bracelet|bangle|手镯|手链",
    "watch": r"watch|腕表|手表",
    "ring": r"(^|[^a-z])ring|戒指",
    "headband": r"(head|hair) ?band|发带|发箍",
    "hat": r"(^|[^a-z])(hat|cap|beanie|helmet|beret)|帽",
    "shoe": r"shoe|sneaker|boot|sandal|鞋",
    "bag": r"(^|[^a-z])bag|tote|purse|handbag|包",
}

#: Metres in a unit, likeliest first.
_UNITS = {"metres": 1.0, "centimetres": 0.01, "millimetres": 0.001, "inches": 0.0254, "decimetres": 0.1}


class NotGuessedError(TryOnError):
    """The file gives no hint of what it is."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name

    def __str__(self) -> str:
        kinds = ", ".join(_WORDS)
        return f"{self.name}: neither its name nor its shape says how it is worn. Say it: --kind, one of {kinds}."


@dataclass(frozen=True)
class Guess:
    """A proposal for `wear:`, and what it rests on, a sentence each."""

    wear: Wear
    findings: tuple[str, ...]


@dataclass(frozen=True)
class _Size:
    """Which measure tells a kind's unit, and between what it lies, in millimetres."""

    measure: Callable[[F64], float]
    what: str
    least_mm: float
    usual_mm: float
    most_mm: float


def guess(model: Model, kind: str | None = None) -> Guess:
    """Propose how to wear a model. Raises NotGuessedError where no kind is given and none can be seen."""
    points = surface_samples(model, np.eye(4), _SAMPLES)
    if not len(points):
        raise NotGuessedError(model.path.name)
    known = kind or _kind_by_name(model) or _kind_by_shape(points)
    if known is None:
        raise NotGuessedError(model.path.name)
    how = "as told" if kind else "by its name" if _kind_by_name(model) else "by its shape"
    findings = [f"{known}, {how}"]
    apart = _apart(points) if known in _IN_PAIRS else None
    turn = _orientation(known, points if apart is None else _one_side(points, apart))
    findings.append("stands as we wear it" if turn == (0.0, 0.0, 0.0) else f"turned by {_degrees(turn)} about X, Y, Z")
    turned = points @ rotation_xyz(turn).T
    if apart is not None:
        findings.append("a pair lies in this file; one of them is worn on either side")
        way = rotation_xyz(turn) @ apart
        turned = _one_side(turned, -way if way[0] < -0.5 else way)  # the left one
    error = mirror_error(turned)
    one_lens = known == "glasses" and error > _ONE_LENS
    size = _MONOCLE if one_lens else _STRAP if lies_open(known, turned) else SIZES[known]
    found, unit_found = _scale(size, turned, _read_as(model))
    findings.append(unit_found)
    scale = found or size.usual_mm * _MM / max(size.measure(turned) * _MM, 1e-12)
    placed = turned * scale
    origin = tuple(round(float(value) / _MM, 1) for value in (_lens_origin if one_lens else _ORIGINS[known])(placed))
    fields: dict[str, object] = {"kind": known, "scale": float(f"{scale:.5g}"), "turn": turn, "origin": origin}
    fields.update(_more(known, placed))
    if apart is not None:
        fields["holds"] = "pair"
    if known == "hat" and found is None:
        fields["fit"] = "fit_to_wearer"
    if known in ("glasses", "hat") and error > 0.03:
        findings.append(f"left and right differ by {100 * error:.0f} % of its width: look at the sheet")
    return Guess(Wear.model_validate(fields), tuple(findings))


def lies_open(kind: str, points: F64) -> bool:
    """Whether what goes round a wrist or finger has no hole for it: a strap that is modelled open."""
    return kind in ("watch", "bracelet", "ring") and _hole_mm(points) < _NO_HOLE * _longest_mm(points)


def _apart(points: F64) -> F64 | None:
    """(3,) along which axis two things of one size lie side by side with a gap between them; None for one thing."""
    for axis in np.argsort(-np.ptp(points, axis=0)):
        along = points[:, axis]
        middle, extent = (along.min() + along.max()) / 2, float(np.ptp(along))
        sides = points[along < middle], points[along > middle]
        if min(map(len, sides)) < 0.3 * len(points) or np.abs(along - middle).min() < _GAP * extent:
            continue
        sizes = [np.ptp(side, axis=0) for side in sides]
        if np.abs(sizes[0] - sizes[1]).max() < _ONE_SIZE * extent:
            way: F64 = np.eye(3)[axis]
            return way
    return None


def _one_side(points: F64, way: F64) -> F64:
    """Those in the farther half along `way` (3,)."""
    along = points @ way
    side: F64 = points[along > (along.min() + along.max()) / 2]
    return side


def mirror_error(points: F64) -> float:
    """How far a shape is from its mirror image in the YZ plane: 95th percentile, as a share of its width."""
    middle = (points[:, 0].min() + points[:, 0].max()) / 2
    mirrored = points * [-1, 1, 1] + [2 * middle, 0, 0]
    away, _ = cKDTree(points).query(mirrored)
    return float(np.quantile(away, 0.95) / max(np.ptp(points[:, 0]), 1e-12))


def _read_as(model: Model) -> float:
    """Metres that the reader took for a unit of a file that names none; glTF's are metres."""
    is_gltf = model.path.suffix.lower() in GLTF_SUFFIXES
    return 1.0 if is_gltf else float(model.nodes[model.roots[0]].scale[0])


# ---- kind


def _kind_by_name(model: Model) -> str | None:
    names = [model.path.stem, *(node.name for node in model.nodes), *(material.name for material in model.materials)]
    names.insert(1, model.path.parent.name)
    for text in (_as_words(names[:2]), _as_words(names)):
        for kind, words in _WORDS.items():
            if re.search(words, text):
                return kind
    return None


def _as_words(names: list[str]) -> str:
    """Names of files and parts as words: Sun_Glasses-02 and sunGlasses too are glasses."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])|[_\W\d]+", " ", " ".join(names))
    return spaced.lower()


def _kind_by_shape(points: F64) -> str | None:
    """The kind whose best orientation is most like it, if it is much like it."""
    thinned = points[::4]
    scores = {kind: max(_SCORES[kind](_turned(thinned, turn)) for turn in _turns()) for kind in _TOLD_BY_SHAPE}
    kind = max(scores, key=lambda name: scores[name])
    return kind if scores[kind] > _TOLD_BY_SHAPE[kind] else None


#: Kinds with a shape of their own, and the score from which on it is one.
_TOLD_BY_SHAPE = {"glasses": 0.65, "hat": 0.85}


# ---- orientation


def _turns() -> list[tuple[float, float, float]]:
    """The 24 quarter turns, the smallest angles for each."""
    found: dict[bytes, tuple[float, float, float]] = {}
    steps = (0.0, 90.0, -90.0, 180.0)
    turns = [(x, y, z) for x in steps for y in steps for z in steps]
    for turn in sorted(turns, key=lambda angles: sum(map(abs, angles))):
        found.setdefault(np.round(rotation_xyz(turn)).astype(np.int8).tobytes(), turn)
    return list(found.values())


def _turned(points: F64, turn: tuple[float, float, float]) -> F64:
    """Turned and brought to its box's middle, the longest side 1."""
    turned = points @ rotation_xyz(turn).T
    low, high = turned.min(axis=0), turned.max(axis=0)
    unit: F64 = (turned - (low + high) / 2) / max(float((high - low).max()), 1e-12)
    return unit


def _orientation(kind: str, points: F64) -> tuple[float, float, float]:
    """The quarter turn that looks most like it; as it stands, where others are hardly better."""
    score = _SCORES[kind]
    thinned = points[:: max(1, len(points) // 3000)]
    scores = {turn: score(_turned(thinned, turn)) for turn in _turns()}
    best = max(scores.values())
    as_it_stands = (0.0, 0.0, 0.0)
    if scores[as_it_stands] > best - _MARGIN:
        return as_it_stands
    return next(turn for turn, value in scores.items() if value > best - _ALIKE)


def _glasses_score(p: F64) -> float:
    """Wide, flat, mirrored; the front at +Z full of surface, two temples behind; the lenses hang below them.

    What is flat and has no temples, a monocle or a frame that is folded, faces ahead; a low frame is flat too, and is
    told by what it has.
    """
    width, height, depth = np.ptp(p, axis=0)
    flat = (0.3 * (depth < _FLAT) + 0.12 * (width >= height)) * (min(width, height, depth) < _FLAT)
    front = p[:, 2] > p[:, 2].max() - 0.25 * depth
    behind = p[:, 2] < p[:, 2].max() - 0.4 * depth
    hollow = np.mean(np.abs(p[behind, 0]) > 0.3 * width) if behind.any() else 0.0
    shape = _near(width, 1.0, 0.25) * _near(height / width, 0.3, 0.25) * _near(depth / width, 0.95, 0.4)
    hung = (
        np.clip((np.median(p[behind, 1]) - np.median(p[front, 1])) / max(height, 1e-9), -0.5, 0.5)
        if behind.any()
        else 0
    )
    whole = shape * (0.35 * min(front.mean() / 0.4, 1.0) + 0.4 * hollow + 0.15 * _mirrored(p) + 0.45 * hung)
    return float(max(whole, flat))


def _hat_score(p: F64) -> float:
    """Round below and open, closed above; a visor, if any, ahead."""
    middle, radius, round_ = _ring_slice(p)
    away = np.linalg.norm(p[:, [0, 2]] - middle[[0, 2]], axis=1)
    axis = away < 0.4 * radius
    closed_above = bool(axis.any()) and p[axis, 1].min() > middle[1] + 0.2 * np.ptp(p[:, 1])
    wide = p[(away > 1.25 * radius) & (p[:, 1] < middle[1] + 0.25 * radius)]
    ahead = float(np.clip((wide[:, 2] - middle[2]).mean(), -0.3, 0.3)) if len(wide) > 0.02 * len(p) else 0.0
    return float(0.4 * closed_above + 0.4 * round_ + 0.2 * _mirrored(p) + 0.8 * ahead)


def _hanging_score(p: F64) -> float:
    """Long and upright, seen from its broad side; a round drop hangs below a flat stud or a hook, if there is one."""
    width, height, depth = np.ptp(p, axis=0)
    low = float(np.clip(0.5 - 2 * np.mean(p[:, 1]), 0, 1))
    top, bottom = (_roundness(p[sign * p[:, 1] > 0.3 * height]) for sign in (1, -1))
    drop = bottom - top if max(top, bottom) > 0.5 else 0.0
    broad = min(width / max(depth, 1e-9), 1.0)
    return float(0.8 * _near(height, 1.0, 0.2) + 0.35 * broad + 0.3 * drop + 0.05 * low)


def _roundness(end: F64) -> float:
    """As deep as it is wide, or as wide as it is deep: 1; flat: 0."""
    sides = np.ptp(end[:, [0, 2]], axis=0) if len(end) else np.zeros(2)
    return float(sides.min() / max(sides.max(), 1e-9))


def _hoop_score(p: F64) -> float:
    """A hole along Y; what is broader than the rest of the hoop, a stone or a dial, ahead."""
    width, height, depth = np.ptp(p, axis=0)
    radius = np.linalg.norm(p[:, [0, 2]], axis=1)
    hole = float(np.quantile(radius, 0.02) / max(np.quantile(radius, 0.9), 1e-9))
    front, back = p[p[:, 2] > 0.3 * depth], p[p[:, 2] < -0.3 * depth]
    ahead = float(np.ptp(front[:, 1]) - np.ptp(back[:, 1])) / max(width, depth) if len(front) and len(back) else 0.0
    more_ahead = (len(front) - len(back)) / max(len(front) + len(back), 1)  # a cuff is open at the inside of the wrist
    lies = 0.3 * (height < 0.8 * min(width, depth))
    return float(0.5 * min(hole / 0.6, 1.0) + lies + 0.4 * np.clip(ahead, -0.5, 0.5) + 0.5 * max(more_ahead, -0.2))


def _necklace_score(p: F64) -> float:
    """A hoop that lies, lower in front."""
    lowest = p[p[:, 1] < np.quantile(p[:, 1], 0.12)]
    narrow = 1 - float(np.ptp(lowest[:, 0]) / max(np.ptp(p[:, 0]), 1e-9))
    return 0.5 * _hoop_score(p) + 0.5 * float(np.clip(np.median(lowest[:, 2]) * 2, -0.5, 0.5)) + 0.4 * narrow


def _shoe_score(p: F64) -> float:
    """Long from heel to toe, a flat sole, higher at the heel."""
    width, height, depth = np.ptp(p, axis=0)
    sole = np.mean(p[:, 1] < p[:, 1].min() + 0.12 * height)
    heel, toe = p[p[:, 2] < -0.25 * depth], p[p[:, 2] > 0.25 * depth]
    higher = heel[:, 1].max() - toe[:, 1].max() if len(heel) and len(toe) else 0.0
    return float(0.4 * _near(depth, 1.0, 0.1) * (width < 0.6) + sole + np.clip(higher, -0.3, 0.3) + 0.1 * _mirrored(p))


def _bag_score(p: F64) -> float:
    """Wider than deep, thin handles above."""
    width, height, depth = np.ptp(p, axis=0)
    top = np.mean(p[:, 1] > p[:, 1].max() - 0.3 * height)
    return float(0.4 * (depth < width) + 0.3 * (depth < height) + 0.4 * (1 - min(top * 3, 1.0)))


_SCORES: dict[str, Callable[[F64], float]] = {
    "glasses": _glasses_score,
    "hat": _hat_score,
    "headband": _hat_score,
    "earring": _hanging_score,
    "necklace": _necklace_score,
    "bracelet": _hoop_score,
    "watch": _hoop_score,
    "ring": _hoop_score,
    "shoe": _shoe_score,
    "bag": _bag_score,
}


def _near(value: float, wanted: float, spread: float) -> float:
    return math.exp(-(((value - wanted) / spread) ** 2))


def _mirrored(p: F64) -> float:
    return max(0.0, 1 - 12 * mirror_error(p[::3]))


# ---- size


def _width_mm(p: F64) -> float:
    return float(np.ptp(p[:, 0])) / _MM


def _longest_mm(p: F64) -> float:
    return float(np.ptp(p, axis=0).max()) / _MM


def _length_mm(p: F64) -> float:
    return float(np.ptp(p[:, 2])) / _MM


def _height_mm(p: F64) -> float:
    return float(np.ptp(p[:, 1])) / _MM


def _hole_mm(p: F64) -> float:
    """Inner diameter of a hoop about Y: the median over directions, so that a case or a clasp does not count."""
    middle = _hoop_origin(p)
    flat = p[:, [0, 2]] - middle[[0, 2]]
    sector = ((np.arctan2(flat[:, 0], flat[:, 1]) / (2 * np.pi) + 0.5) * 36).astype(np.intp) % 36
    inner = np.full(36, np.inf)
    np.minimum.at(inner, sector, np.linalg.norm(flat, axis=1))
    return 2 * float(np.median(inner)) / _MM


def _ring_slice(p: F64) -> tuple[F64, float, float]:
    """The roundest level slice of a hat's lower half: its middle (3,), radius, and how round it is, 0 to 1."""
    low, height = p[:, 1].min(), np.ptp(p[:, 1])
    best = (p.mean(axis=0), 1e-9, 0.0)
    for share in np.linspace(0.0, 0.4, 9):
        cut = p[(p[:, 1] >= low + share * height) & (p[:, 1] < low + (share + 0.12) * height)]
        if len(cut) < 30:
            continue
        middle, radius = _circle(cut[:, [0, 2]])
        off = np.abs(np.linalg.norm(cut[:, [0, 2]] - middle, axis=1) / max(radius, 1e-9) - 1)
        turns = np.unique((np.arctan2(*(cut[:, [0, 2]] - middle).T) / (2 * np.pi) * 24).astype(np.intp))
        round_ = float(np.mean(off < 0.15)) * len(turns) / 24
        if round_ > best[2] + 0.03:
            best = (np.array([middle[0], cut[:, 1].mean(), middle[1]]), radius, round_)
    return best


def _circle(flat: F64) -> tuple[F64, float]:
    """The circle through most of the points (n, 2): a least-squares fit, thrice without what lies far from it."""
    middle, radius = flat.mean(axis=0), 0.0
    kept = flat
    for _ in range(4):
        system = np.column_stack([2 * kept, np.ones(len(kept))])
        solved, *_ = np.linalg.lstsq(system, (kept**2).sum(axis=1), rcond=None)
        middle = solved[:2]
        radius = math.sqrt(max(float(solved[2] + middle @ middle), 0.0))
        off = np.abs(np.linalg.norm(flat - middle, axis=1) - radius)
        kept = flat[off <= np.quantile(off, 0.7)]
    return middle, radius


def _band(p: F64) -> tuple[F64, float]:
    """Where a hat's band begins below (3,), and its inner circumference in millimetres."""
    middle, radius, _ = _ring_slice(p)
    away = np.linalg.norm(p[:, [0, 2]] - middle[[0, 2]], axis=1)
    wall = p[np.abs(away / radius - 1) < 0.15]
    middle[1] = np.quantile(wall[:, 1], 0.01) if len(wall) else p[:, 1].min()
    return middle, float(2 * math.pi * radius / _MM)


def _band_mm(p: F64) -> float:
    return _band(p)[1]


SIZES = {
    "glasses": _Size(_width_mm, "wide", 110, 140, 170),
    "hat": _Size(_band_mm, "round inside", 500, 570, 660),
    "headband": _Size(_band_mm, "round inside", 400, 560, 660),
    "earring": _Size(_longest_mm, "long", 6, 32, 120),
    "necklace": _Size(_longest_mm, "long", 90, 170, 450),
    "bracelet": _Size(_hole_mm, "wide inside", 45, 60, 85),
    "watch": _Size(_hole_mm, "wide inside", 42, 58, 80),
    "ring": _Size(_hole_mm, "wide inside", 13, 17, 24),
    "shoe": _Size(_length_mm, "long", 160, 270, 350),
    "bag": _Size(_height_mm, "high", 120, 420, 900),
}


#: One lens for one eye; and glasses whose halves differ by more than this share of their width are one.
_MONOCLE = _Size(_width_mm, "wide, for one eye", 25, 45, 90)
_ONE_LENS = 0.3
#: A watch or bracelet that lies open, and the share of its length under which a hole is none.
_STRAP = _Size(_longest_mm, "long, open", 140, 235, 320)
_NO_HOLE = 0.25


def _scale(size: _Size, turned: F64, read_as: float) -> tuple[float | None, str]:
    """Metres in what was read as one, and the sentence that says how that was found; None where nothing tells.

    `read_as` is how many metres the reader took for a unit of the file.
    """
    value = size.measure(turned) * _MM / read_as  # in the file's own numbers
    fitting = {unit: m for unit, m in _UNITS.items() if size.least_mm <= value * m / _MM <= size.most_mm}
    if not fitting:
        return None, f"no unit gives such a thing's size; drawn {size.usual_mm:.0f} mm {size.what}: set `scale` if not"
    unit = min(fitting, key=lambda name: abs(math.log(value * fitting[name] / _MM / size.usual_mm)))
    others = [f"{name}, {value * m / _MM:.0f} mm" for name, m in fitting.items() if name != unit]
    doubt = f" (they may be {' or '.join(others)}: set `scale`)" if others else ""
    return fitting[unit] / read_as, f"its numbers are {unit}: {value * fitting[unit] / _MM:.0f} mm {size.what}{doubt}"


# ---- origin and the rest


def _glasses_origin(p: F64) -> F64:
    """Between the lenses, at the pupils' height, on the lenses' plane."""
    low, high = p.min(axis=0), p.max(axis=0)
    front = p[p[:, 2] > high[2] - 0.15 * (high[2] - low[2])]
    low_y, high_y = front[:, 1].min(), front[:, 1].max()
    return np.array([(low[0] + high[0]) / 2, low_y + 0.6 * (high_y - low_y), high[2] - 0.004])


def _lens_origin(p: F64) -> F64:
    """The bridge beside a single lens, which comes before the left eye; most of its surface is the lens."""
    lens: F64 = np.median(p, axis=0) - np.array([_EYE_M, 0.0, 0.0])
    return lens


def _hat_origin(p: F64) -> F64:
    origin: F64 = _band(p)[0] + np.array([0.0, 0.01, 0.0])
    return origin


def _earring_origin(p: F64) -> F64:
    """Where the post goes through: the middle of a stud at its top, else the top itself; at its back."""
    high, height = p[:, 1].max(), np.ptp(p[:, 1])
    slice_m = 0.03 * height
    number = ((high - p[:, 1]) / slice_m).astype(np.intp)
    wide = [float(np.ptp(p[number == k, 0])) if (number == k).any() else 0.0 for k in range(10)]
    widest = int(np.argmax(wide))
    top = p[number < 10]
    x = (top[:, 0].min() + top[:, 0].max()) / 2
    if 0 < widest < 9 and wide[widest] > 0.2 * height:
        return np.array([x, high - slice_m * (widest + 0.5), np.quantile(top[:, 2], 0.1)])
    return np.array([x, high - 0.002, np.median(top[:, 2])])


def _hoop_origin(p: F64) -> F64:
    low, high = p.min(axis=0), p.max(axis=0)
    narrow = min(high[0] - low[0], high[2] - low[2])
    return np.array([(low[0] + high[0]) / 2, (low[1] + high[1]) / 2, low[2] + narrow / 2])


def _necklace_origin(p: F64) -> F64:
    """The middle of the loop, at the height of the throat: a little below the chain's highest point."""
    middle = _hoop_origin(p)
    return np.array([middle[0], p[:, 1].max() - 0.015, middle[2]])


def _sole_origin(p: F64) -> F64:
    low, high = p.min(axis=0), p.max(axis=0)
    return np.array([(low[0] + high[0]) / 2, low[1], (low[2] + high[2]) / 2])


def _top_origin(p: F64) -> F64:
    low, high = p.min(axis=0), p.max(axis=0)
    return np.array([(low[0] + high[0]) / 2, high[1] - 0.004, (low[2] + high[2]) / 2])


_ORIGINS: dict[str, Callable[[F64], F64]] = {
    "glasses": _glasses_origin,
    "hat": _hat_origin,
    "headband": _hat_origin,
    "earring": _earring_origin,
    "necklace": _necklace_origin,
    "bracelet": _hoop_origin,
    "watch": _hoop_origin,
    "ring": _hoop_origin,
    "shoe": _sole_origin,
    "bag": _top_origin,
}


def _more(kind: str, placed: F64) -> dict[str, object]:
    """What else the kind's `wear:` says, measured."""
    if kind == "glasses":
        return {"frame_width": round(_width_mm(placed))}
    if kind == "hat":
        return {"inner_circumference": round(_band_mm(placed))}
    if kind == "earring":
        return {"dangle": round(_height_mm(placed))}
    if kind in ("ring", "watch", "bracelet") and not lies_open(kind, placed):
        return {"inner_diameter": round(_hole_mm(placed), 1), "side": "left"}
    if kind == "shoe":
        return {"length": round(_length_mm(placed))}
    return {"side": "left"} if kind == "bag" else {}


def _degrees(turn: tuple[float, float, float]) -> str:
    return ", ".join(f"{angle:.0f}°" for angle in turn)
