"""What VRM adds to a model, in the words of VRM 1.0; 0.x is already turned and renamed into it.

Frames and units as in `records`. Specification: https://github.com/vrm-c/vrm-specification
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True)
class VrmMeta:
    """Who made the avatar and what they allow; unset words are the specification's defaults."""

    spec_version: str
    name: str
    authors: tuple[str, ...] = ()
    license_url: str = ""
    license_name: str = ""  #: VRM 0.x: CC0, CC_BY, CC_BY_NC, …, Redistribution_Prohibited, Other
    avatar_permission: str = "onlyAuthor"  #: onlyAuthor, onlySeparatelyLicensedPerson, everyone
    commercial_usage: str = "personalNonProfit"  #: personalNonProfit, personalProfit, corporation
    credit_notation: str = "required"
    allow_redistribution: bool = False
    allow_excessively_violent: bool = False
    allow_excessively_sexual: bool = False
    allow_political_or_religious: bool = False
    allow_antisocial_or_hate: bool = False
    modification: str = "prohibited"
    other_license_url: str = ""


@dataclass(frozen=True)
class MorphBind:
    mesh: int
    target: int
    weight: float


@dataclass(frozen=True)
class ColorBind:
    """At weight 1 the named colour of the material becomes `value`."""

    material: int
    kind: Literal["color", "emissionColor", "shadeColor", "matcapColor", "rimColor", "outlineColor"]
    value: tuple[float, float, float, float]


@dataclass(frozen=True)
class UvBind:
    """At weight 1 the material's texture coordinates are scaled and moved so."""

    material: int
    offset: tuple[float, float] = (0.0, 0.0)
    scale: tuple[float, float] = (1.0, 1.0)


Override = Literal["none", "block", "blend"]


@dataclass(frozen=True)
class Expression:
    name: str
    is_preset: bool = True
    is_binary: bool = False
    override_mouth: Override = "none"
    override_blink: Override = "none"
    override_look_at: Override = "none"
    morphs: tuple[MorphBind, ...] = ()
    colors: tuple[ColorBind, ...] = ()
    uvs: tuple[UvBind, ...] = ()


@dataclass(frozen=True)
class RangeMap:
    """Input of 0..`input_max_deg` maps to 0..`output_scale` (degrees for bones, weight for expressions)."""

    input_max_deg: float = 90.0
    output_scale: float = 10.0


@dataclass(frozen=True)
class LookAt:
    kind: Literal["bone", "expression"] = "bone"
    offset_from_head: tuple[float, float, float] = (0.0, 0.06, 0.0)  #: metres, head bone's frame
    horizontal_inner: RangeMap = RangeMap()
    horizontal_outer: RangeMap = RangeMap()
    vertical_down: RangeMap = RangeMap()
    vertical_up: RangeMap = RangeMap()


@dataclass(frozen=True)
class Collider:
    """A sphere, or a capsule where `tail` is given; offsets in the node's frame, metres."""

    node: int
    radius: float
    offset: tuple[float, float, float] = (0.0, 0.0, 0.0)
    tail: tuple[float, float, float] | None = None


@dataclass(frozen=True)
class SpringJoint:
    """`drag` is the share of speed lost per 1/60 s; `stiffness` and `gravity_power` are per second."""

    node: int
    hit_radius: float = 0.0
    stiffness: float = 1.0
    gravity_power: float = 0.0
    gravity_dir: tuple[float, float, float] = (0.0, -1.0, 0.0)
    drag: float = 0.5


@dataclass(frozen=True)
class Spring:
    """A chain from root to tip. The last joint is only a tail, unless `leaf_length_m` is given."""

    name: str
    joints: tuple[SpringJoint, ...]
    colliders: tuple[int, ...] = ()  #: indices into Vrm.colliders
    center: int | None = None  #: node in whose frame the motion is felt
    leaf_length_m: float | None = None  #: VRM 0.x: the last joint swings a tail of this length


@dataclass(frozen=True)
class Constraint:
    """VRMC_node_constraint-1.0."""

    node: int
    source: int
    kind: Literal["roll", "aim", "rotation"]
    axis: str = ""  #: roll: X Y Z; aim: PositiveX … NegativeZ
    weight: float = 1.0


@dataclass(frozen=True)
class VrmAnimation:
    """VRMC_vrm_animation-1.0: whose motion the file's animation is."""

    bones: Mapping[str, int]  #: humanoid bone → node
    expressions: Mapping[str, int] = field(default_factory=dict)  #: name → node whose X is the weight


@dataclass(frozen=True)
class Vrm:
    meta: VrmMeta
    bones: Mapping[str, int]  #: humanoid bone name of VRM 1.0 → node
    expressions: Mapping[str, Expression] = field(default_factory=dict)
    look_at: LookAt | None = None
    #: node → auto, both, thirdPersonOnly, firstPersonOnly
    first_person: Mapping[int, str] = field(default_factory=dict)
    colliders: tuple[Collider, ...] = ()
    springs: tuple[Spring, ...] = ()
    constraints: tuple[Constraint, ...] = ()
