"""The humanoid: VRM 1.0's bone names, who hangs on whom, how far each may turn, and other rigs' names for them.

https://github.com/vrm-c/vrm-specification/blob/master/specification/VRMC_vrm-1.0/humanoid.md
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_FINGERS = ("Thumb", "Index", "Middle", "Ring", "Little")


def _finger_bones(side: str) -> list[tuple[str, str]]:
    rows = []
    for finger in _FINGERS:
        joints = ("Metacarpal", "Proximal", "Distal") if finger == "Thumb" else ("Proximal", "Intermediate", "Distal")
        above = f"{side}Hand"
        for joint in joints:
            rows.append((f"{side}{finger}{joint}", above))
            above = f"{side}{finger}{joint}"
    return rows


def _side_bones(side: str) -> list[tuple[str, str]]:
    return [
        (f"{side}Eye", "head"),
        (f"{side}UpperLeg", "hips"),
        (f"{side}LowerLeg", f"{side}UpperLeg"),
        (f"{side}Foot", f"{side}LowerLeg"),
        (f"{side}Toes", f"{side}Foot"),
        (f"{side}Shoulder", "upperChest"),
        (f"{side}UpperArm", f"{side}Shoulder"),
        (f"{side}LowerArm", f"{side}UpperArm"),
        (f"{side}Hand", f"{side}LowerArm"),
    ]


_TREE: list[tuple[str, str]] = [
    ("hips", ""),
    ("spine", "hips"),
    ("chest", "spine"),
    ("upperChest", "chest"),
    ("neck", "upperChest"),
    ("head", "neck"),
    ("jaw", "head"),
    *_side_bones("left"),
    *_side_bones("right"),
    *_finger_bones("left"),
    *_finger_bones("right"),
]

#: All 55 bones of VRM 1.0, parents before children.
BONES: tuple[str, ...] = tuple(name for name, _ in _TREE)
INDEX: dict[str, int] = {name: i for i, name in enumerate(BONES)}
PARENT: dict[str, str] = dict(_TREE)

#: Without these nobody can stand in front of a camera; legs may be missing in a half-body avatar.
ESSENTIAL = (
    "hips",
    "spine",
    "head",
    *(f"{s}{b}" for s in ("left", "right") for b in ("UpperArm", "LowerArm", "Hand")),
)

#: How far a bone may turn from the T-pose in one go, degrees. After Kapandji's ranges of motion, rounded up.
_LIMITS_DEG = {
    "hips": 35,
    "spine": 30,
    "chest": 25,
    "upperChest": 20,
    "neck": 40,
    "head": 45,
    "jaw": 30,
    "Eye": 40,
    "UpperLeg": 100,
    "LowerLeg": 145,
    "Foot": 55,
    "Toes": 60,
    "Shoulder": 30,
    "UpperArm": 130,
    "LowerArm": 165,
    "Hand": 95,
    "Metacarpal": 60,
    "Proximal": 100,
    "Intermediate": 115,
    "Distal": 95,
}


def limit_deg(bone: str) -> float:
    """How far `bone` may turn from its T-pose."""
    return next(limit for end, limit in _LIMITS_DEG.items() if bone.endswith(end))


# Other rigs' names, reduced by `_reduced`: side apart, no prefix, no separators, lower case.
_NAMES: dict[str, str] = {
    "hips": "hips",
    "hip": "hips",
    "pelvis": "hips",
    "spine": "spine",
    "spine0": "spine",
    "chest": "chest",
    "upperchest": "upperChest",
    "neck": "neck",
    "neck1": "neck",
    "necktwist1": "neck",
    "head": "head",
    "jaw": "jaw",
    "jawroot": "jaw",
    "eye": "Eye",
    "faceeye": "Eye",
    "adjfaceeye": "Eye",
    "shoulder": "Shoulder",
    "clavicle": "Shoulder",
    "collar": "Shoulder",
    "uparm": "UpperArm",
    "upperarm": "UpperArm",
    "forearm": "LowerArm",
    "lowerarm": "LowerArm",
    "lowarm": "LowerArm",
    "elbow": "LowerArm",
    "hand": "Hand",
    "wrist": "Hand",
    "upleg": "UpperLeg",
    "upperleg": "UpperLeg",
    "thigh": "UpperLeg",
    "lowerleg": "LowerLeg",
    "lowleg": "LowerLeg",
    "shin": "LowerLeg",
    "calf": "LowerLeg",
    "knee": "LowerLeg",
    "foot": "Foot",
    "ankle": "Foot",
    "toe": "Toes",
    "toes": "Toes",
    "toebase": "Toes",
    "toe0": "Toes",
    "ball": "Toes",
}
_PREFIX = re.compile(r"^(mixamorig\d*|jbip|jadj|def|org|ccbase|bip\d*|valvebiped|armature|bone|rig)+(?=[a-z])")
_COUNTER = re.compile(r"[._]\d+$")
_LEFT = re.compile(r"(^|[^a-z])l($|[^a-z])|left", re.IGNORECASE)
_RIGHT = re.compile(r"(^|[^a-z])r($|[^a-z])|right", re.IGNORECASE)
_FINGER = re.compile(
    r"^(?:hand)?f?(?:finger)?(thumb|index|middle|mid|ring|little|pinky)(?:finger)?"
    r"(\d|proximal|intermediate|distal|metacarpal)$"
)
_SPINE = re.compile(r"^spine(\d+)$")


def _reduced(name: str) -> tuple[str, str]:
    """Side ("left", "right" or "") and the bare name."""
    side = "left" if _LEFT.search(name) else "right" if _RIGHT.search(name) else ""
    bare = re.sub(r"left|right", "", name, flags=re.IGNORECASE)
    bare = re.sub(r"(^|[^A-Za-z])[LlRr](?=$|[^A-Za-z])", r"\1", bare)
    bare = re.sub(r"(^|[^A-Za-z])C(?=$|[^A-Za-z])", r"\1", bare)
    bare = re.sub(r"[^a-z0-9]", "", bare.lower())
    bare = re.sub(r"0+(?=\d)", "", bare)
    return side, _PREFIX.sub("", bare)


def _finger_bone(bare: str) -> str | None:
    found = _FINGER.match(bare)
    if found is None:
        return None
    finger = {"mid": "Middle", "pinky": "Little"}.get(found[1], found[1].capitalize())
    joints = ("Metacarpal", "Proximal", "Distal") if finger == "Thumb" else ("Proximal", "Intermediate", "Distal")
    if found[2].isdigit():
        number = int(found[2])
        return f"{finger}{joints[number - 1]}" if 1 <= number <= 3 else None
    joint = found[2].capitalize()
    return f"{finger}{joint}" if joint in joints else None


def find_bones(names: Sequence[str]) -> dict[str, int]:
    """VRM bone → index into `names`, for rigs in the manner of Mixamo, Ready Player Me, VRoid, Unreal or Blender.

    Of two that claim the same bone the first wins. A bone that nobody claims is absent. Where that leaves no body, the
    names are read without the numbers that Sketchfab and Blender hang on them (`Hips_05`, `Hips.001`).
    """
    found = _bones_by(names)
    if all(bone in found for bone in ESSENTIAL):
        return found
    again = _bones_by([_COUNTER.sub("", name) for name in names])
    return again if len(again) > len(found) else found


def _bones_by(names: Sequence[str]) -> dict[str, int]:
    reduced = [_reduced(name) for name in names]
    found: dict[str, int] = {}

    def claim(bone: str, index: int) -> None:
        if bone in INDEX:
            found.setdefault(bone, index)

    for i, (side, bare) in enumerate(reduced):
        base = _finger_bone(bare) or _NAMES.get(bare)
        if base is not None:
            claim(base if base[0].islower() else f"{side}{base}", i)
    _claim_spines(reduced, found)
    _claim_arms_and_legs(reduced, found)
    return found


def _claim_spines(reduced: Sequence[tuple[str, str]], found: dict[str, int]) -> None:
    """Numbered spines from below: spine, chest, upperChest; Rigify's lowest, bare one is the hips."""
    numbered = sorted((int(match[1]), i) for i, (_, bare) in enumerate(reduced) if (match := _SPINE.match(bare)))
    if "hips" not in found and "spine" in found and len(numbered) >= 3:
        found["hips"] = found.pop("spine")
        if "head" not in found and len(numbered) >= 6:
            found["head"], found["neck"] = numbered[5][1], numbered[3][1]
            numbered = numbered[:3]
    free = [bone for bone in ("spine", "chest", "upperChest") if bone not in found]
    for bone, (_, i) in zip(free, numbered, strict=False):
        found[bone] = i


def _claim_arms_and_legs(reduced: Sequence[tuple[str, str]], found: dict[str, int]) -> None:
    """A bare "arm" or "leg" is the upper one, unless the upper one has a name of its own (Mixamo's legs)."""
    for i, (side, bare) in enumerate(reduced):
        if bare == "arm" and side:
            found.setdefault(f"{side}UpperArm" if f"{side}UpperArm" not in found else f"{side}LowerArm", i)
        elif bare == "leg" and side:
            found.setdefault(f"{side}UpperLeg" if f"{side}UpperLeg" not in found else f"{side}LowerLeg", i)
