"""A scene: stage, light, set, host mark, stands, screens, shots, overlays and transitions."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from nightcast.show.fields import AssetPath, Colour, LooseEnd, Part, Size, Text, Vec3, setting

__all__ = [
    "Anchor",
    "Background",
    "Dolly",
    "Effects",
    "Environment",
    "HostMark",
    "Keyframe",
    "Lamp",
    "Light",
    "Overlay",
    "Palette",
    "Scene",
    "Screen",
    "SetPiece",
    "Shot",
    "Stage",
    "Stand",
    "Transition",
]

Anchor = Literal["top-left", "top", "top-right", "left", "center", "right", "bottom-left", "bottom", "bottom-right"]

#: What of the host a shot can follow.
LANDMARKS = ("host.head", "host.chest", "host.hand_l", "host.hand_r", "host.feet")


class Stage(Part):
    """The picture's size and rate. One scene serves landscape and portrait: `--portrait` swaps the sides."""

    size: tuple[int, int] = setting((1280, 720), "picture size, width and height, even numbers", unit="px")
    fps: Literal[24, 25, 30, 50, 60] = setting(30, "frames a second", unit="Hz", cost="linear")

    @field_validator("size")
    @classmethod
    def _sane(cls, value: tuple[int, int]) -> tuple[int, int]:
        if any(side < 64 or side > 4096 or side % 2 for side in value):
            raise ValueError("two even numbers from 64 to 4096")
        return value


class Environment(Part):
    """Light from all around, from an equirectangular Radiance HDR picture."""

    file: AssetPath | None = setting(None, "HDR picture (.hdr); without one, soft grey light")
    intensity: float = setting(1.0, "multiplies the light", ge=0, le=20)
    turn: float = setting(0.0, "turns the environment about the vertical", unit="deg")


class Lamp(Part):
    """A distant light, shining from a point towards the host's mark."""

    from_: Vec3 = Field(
        (1.0, 3.0, 2.0), alias="from", description="where the light stands", json_schema_extra={"unit": "m"}
    )
    kelvin: float = setting(5000, "colour temperature of the light", unit="K", ge=1000, le=20000)
    colour: Colour | None = setting(None, "colour instead of a temperature")
    intensity: float = setting(1.0, "strength; 1 lights a white wall fully", ge=0, le=50)
    shadow: Literal["none", "hard", "soft"] = setting(
        "none", "shadow of host and products", cost="1-3 ms (cpu), key light only"
    )


class Light(Part):
    environment: Environment = setting(Environment(), "light from all around")
    key: Lamp | None = setting(None, "the main light; the one that may cast a shadow")
    fill: Lamp | None = setting(None, "lifts the shadows")
    rim: Lamp | None = setting(None, "from behind, on hair and shoulders")

    @model_validator(mode="after")
    def _one_shadow(self) -> Light:
        for name, lamp in (("fill", self.fill), ("rim", self.rim)):
            if lamp is not None and lamp.shadow != "none":
                raise ValueError(f"no `shadow` for {name}: only the key light casts one")
        return self


class Background(Part):
    """What stands behind everything."""

    kind: Literal["colour", "gradient", "environment", "image"] = setting("gradient", "which of these")
    colour: Colour = setting("#202028", "for kind colour")
    top: Colour = setting("#2a2a38", "upper colour of a gradient")
    bottom: Colour = setting("#101018", "lower colour of a gradient")
    file: AssetPath | None = setting(None, "for kind image")
    blur: float = setting(0.0, "softness of the environment as background, 0 to 1", ge=0, le=1)


class SetPiece(Part):
    """A model that belongs to the set and does not move."""

    model: AssetPath = Field(description="GLB, glTF or another mesh file")
    at: Vec3 = setting((0.0, 0.0, 0.0), "where its origin stands", unit="m")
    turn: float = setting(0.0, "turned about the vertical", unit="deg")
    scale: float = setting(1.0, "multiplies its size", gt=0, le=1000)


class Counter(Part):
    """What the host stands behind; hands stay out of it."""

    height: float = setting(0.92, "of its top above the ground", unit="m", gt=0, le=2)
    distance: float = setting(0.1, "from the host's mark to its near edge", unit="m", ge=-1, le=3)


class HostMark(Part):
    mark: Vec3 = setting((0.0, 0.0, 0.0), "where the host's feet stand", unit="m")
    facing: float = setting(0.0, "0 looks to +Z, 90 to +X", unit="deg")
    counter: Counter | None = setting(None, "a counter or table before the host")


class Stand(Part):
    """A place where a product is shown."""

    at: Vec3 = Field(description="where the product's underside rests", json_schema_extra={"unit": "m"})
    turntable_rpm: float = setting(0.0, "turns the product", unit="1/min", ge=-60, le=60)
    max_size: float = setting(0.3, "a larger product is drawn smaller, to this", unit="m", gt=0, le=10)
    facing: float = setting(0.0, "the product's front", unit="deg")
    tilt: float = setting(0.0, "leans the product back", unit="deg", ge=-90, le=90)


class Screen(Part):
    """A flat screen in the set."""

    at: Vec3 = Field(description="its centre", json_schema_extra={"unit": "m"})
    size: Size = setting((1.6, 0.9), "width and height", unit="m")
    facing: float = setting(0.0, "0 looks to +Z", unit="deg")
    shows: Literal["product_gallery", "chat", "image", "video"] = setting("product_gallery", "what is on it")
    file: AssetPath | None = setting(None, "for image and video", cost="video: decoding, 2-4 ms")
    brightness: float = setting(1.0, "multiplies the picture", ge=0, le=4)

    @model_validator(mode="after")
    def _has_file(self) -> Screen:
        if self.shows in ("image", "video") and self.file is None:
            raise ValueError(f"a `file` for a screen that shows {self.shows}")
        return self


class Dolly(Part):
    """A camera move from the shot's own place."""

    to: Vec3 = Field(description="where the camera arrives", json_schema_extra={"unit": "m"})
    seconds: float = setting(4.0, "how long it takes, eased", unit="s", gt=0, le=600)


def _said(part: Part | None) -> dict[str, Any]:
    """What is written of a part that takes the place of another's fields."""
    said = {} if part is None else {name: getattr(part, name) for name in part.model_fields_set}
    return {name: value for name, value in said.items() if value is not None}


class UprightShot(Part):
    """What of a shot is otherwise in portrait pictures, which are narrower than they are high."""

    from_: Vec3 | None = Field(
        None, alias="from", description="where the camera stands", json_schema_extra={"unit": "m"}
    )
    look_at: Vec3 | None = setting(None, "what it looks at", unit="m")
    distance: float | None = setting(None, "from what it follows", unit="m", gt=0.05, le=100)
    fov: float | None = setting(None, "angle of view along the picture's shorter side", unit="deg", gt=1, lt=150)
    dolly: Dolly | None = setting(None, "moves the camera", cost="redraws the set each frame")


class Shot(Part):
    """A named framing: fixed (`from`, `look_at`), or following something (`follow`, `distance`)."""

    from_: Vec3 | None = Field(
        None, alias="from", description="where the camera stands", json_schema_extra={"unit": "m"}
    )
    look_at: Vec3 | None = setting(None, "what it looks at", unit="m")
    follow: str | None = setting(None, "host.head, host.chest, host.hand_l, host.hand_r, host.feet, or stands.NAME")
    distance: float = setting(
        1.2,
        "from what it follows; a product too large for the picture is seen from farther away",
        unit="m",
        gt=0.05,
        le=100,
    )
    fill: float | None = setting(
        None,
        "share of the picture's shorter side that a followed product fills; takes the place of `distance`",
        gt=0.05,
        le=1,
    )
    height: float = setting(0.0, "camera above what it follows", unit="m", ge=-5, le=5)
    side: float = setting(0.0, "camera turned about what it follows", unit="deg", ge=-180, le=180)
    offset: Vec3 = setting((0.0, 0.0, 0.0), "moves the point it looks at", unit="m")
    fov: float = setting(30.0, "angle of view along the picture's shorter side", unit="deg", gt=1, lt=150)
    orbit_deg_per_s: float = setting(
        0.0, "circles what it looks at", unit="deg/s", ge=-90, le=90, cost="redraws the set each frame"
    )
    dolly: Dolly | None = setting(None, "moves the camera", cost="redraws the set each frame")
    sway: float = setting(0.0, "a hand-held camera's unrest, 0 to 1", ge=0, le=1, cost="redraws the set each frame")
    ease_s: float = setting(0.6, "how softly it follows", unit="s", ge=0, le=10)
    focus: str | float | None = setting(
        None,
        "what is sharp where there is depth of field: host.head, host.chest, host.hand_l, host.hand_r, host.feet, "
        "stands.NAME, or a distance in metres; none: what the shot looks at",
    )
    depth_of_field: float | None = setting(
        None, "instead of the scene's own (see effects)", unit="mm", ge=0, le=100, cost="as effects"
    )
    portrait: UprightShot | None = setting(None, "framing in portrait pictures, where it differs")

    @model_validator(mode="after")
    def _aims(self) -> Shot:
        if self.follow is None and (self.from_ is None or self.look_at is None):
            raise ValueError("`from` and `look_at`, or `follow`")
        if isinstance(self.focus, float) and not 0.05 < self.focus <= 100:
            raise ValueError("a `focus` from 0.05 to 100 metres, or the name of what is sharp")
        return self

    @property
    def upright(self) -> Shot:
        """The shot as portrait pictures have it."""
        return self.model_copy(update=_said(self.portrait))


class Keyframe(Part):
    """A moment of an overlay's own animation, `at` seconds after it appears; values between are eased."""

    at: float = Field(ge=0, le=3600, json_schema_extra={"unit": "s"})
    move: Size | None = setting(None, "offset from its place", unit="px at 720")
    scale: float | None = setting(None, "size", gt=0, le=20)
    turn: float | None = setting(None, "rotation", unit="deg")
    opacity: float | None = setting(None, "0 to 1", ge=0, le=1)
    ease: Literal["linear", "in", "out", "in_out", "back"] = setting("in_out", "how it comes here from the one before")


class OverlayPlace(Part):
    """Where an overlay sits, and how large it is, in pictures of one orientation."""

    anchor: Anchor | None = setting(None, "edge or corner of the safe area")
    margin: float | None = setting(None, "distance from the safe area's edge", unit="px at 720", ge=0, le=400)
    width: float | None = setting(None, "share of the picture's width", gt=0, le=1)
    size: float | None = setting(None, "multiplies type and card", gt=0.2, le=5)


class Overlay(Part):
    """Something drawn in screen space. `kind` is the overlay's own name where it is not written."""

    kind: Literal[
        "price_card",
        "lower_third",
        "captions",
        "countdown",
        "qr_code",
        "comments",
        "ai_label",
        "logo",
        "image",
        "text",
        "guest",
    ] = "text"
    anchor: Anchor = setting("bottom-left", "edge or corner of the safe area")
    margin: float = setting(24, "distance from the safe area's edge", unit="px at 720", ge=0, le=400)
    width: float | None = setting(None, "share of the picture's width; None: what it needs", gt=0, le=1)
    portrait: OverlayPlace | None = setting(None, "place and size in portrait pictures, where they differ")
    visible: bool = setting(True, "shown from the scene's start, once it has something to show")
    text: Text | None = setting(None, "words, for kind text and lower_third")
    file: AssetPath | None = setting(None, "picture, for kind image and logo")
    url: str | None = setting(None, "address, for kind qr_code")
    size: float = setting(1.0, "multiplies type and card", gt=0.2, le=5)
    accent: Colour | None = setting(None, "instead of the palette's accent")
    animation: tuple[Keyframe, ...] = setting((), "keyframes of its own, after it has entered")
    loop: bool = setting(False, "repeats the animation")

    @property
    def upright(self) -> Overlay:
        """The overlay as portrait pictures have it."""
        return self.model_copy(update=_said(self.portrait))


class Palette(Part):
    """The five colours of a scene's overlays."""

    surface: Colour = setting("#17141f", "of cards")
    text: Colour = setting("#ffffff", "of words")
    muted: Colour = setting("#b9b2c8", "of lesser words, struck prices")
    accent: Colour = setting("#ff8a3d", "of lines, buttons, the word being spoken")
    price: Colour = setting("#ffd166", "of prices")


class Effects(Part):
    vignette: float = setting(0.0, "darkens the corners", ge=0, le=1, cost="0.3 ms (cpu)")
    bloom: float = setting(0.0, "glow around bright places", ge=0, le=1, cost="10-12 ms (cpu)")
    depth_of_field: float = setting(
        0.0,
        "opening of the lens: 0 keeps all sharp, 10 is subtle, 35 a portrait lens",
        unit="mm",
        ge=0,
        le=100,
        cost="3 ms with a resting camera, 20-25 ms with a moving one (cpu)",
    )


class Transition(Part):
    """Cut, dissolve, dip, wipe, or zoom to the product: one of them, with its length in seconds: `{dissolve: 0.4}`."""

    cut: float | None = Field(None, ge=0, le=5)
    dissolve: float | None = Field(None, ge=0, le=5)
    dip: float | None = Field(None, ge=0, le=5)
    wipe: float | None = Field(None, ge=0, le=5)
    zoom: float | None = Field(None, ge=0, le=5)

    @model_validator(mode="after")
    def _one(self) -> Transition:
        if len(self.model_fields_set) != 1:
            raise ValueError("exactly one of cut, dissolve, dip, wipe, zoom")
        return self

    @property
    def name(self) -> str:
        return next(iter(self.model_fields_set))

    @property
    def seconds(self) -> float:
        return float(getattr(self, self.name) or 0.0)


class Scene(Part):
    """A set, lit and framed, in which the host sells."""

    title: Text | None = setting(None, "the scene's name, for people")
    stage: Stage = Stage()
    background: Background = Background()
    light: Light = setting(Light(), "environment and lamps")
    set_: tuple[SetPiece, ...] = Field((), alias="set", description="models that do not move")
    host: HostMark = setting(HostMark(), "where the host stands")
    stands: dict[str, Stand] = Field(default_factory=dict)
    screens: dict[str, Screen] = Field(default_factory=dict)
    shots: dict[str, Shot] = Field(min_length=1, description="named framings; the first one opens the scene")
    overlays: dict[str, Overlay] = Field(default_factory=dict)
    palette: Palette = Palette()
    effects: Effects = setting(Effects(), "only where a scene asks for them")
    transitions: dict[str, Transition] = setting({}, "by shot name, and `default`")

    def loose_ends(self) -> list[LooseEnd]:
        """Shots that follow, or are focused on, nothing; transitions to no shot."""
        seen = (*LANDMARKS, *(f"stands.{name}" for name in self.stands))
        shots = ("default", *self.shots)
        subjects = [
            LooseEnd(("shots", name, field), str(subject), seen)
            for name, shot in self.shots.items()
            for field, subject in (("follow", shot.follow), ("focus", shot.focus))
            if isinstance(subject, str) and subject not in seen
        ]
        return subjects + [
            LooseEnd(("transitions", name), name, shots) for name in self.transitions if name not in shots
        ]

    @model_validator(mode="before")
    @classmethod
    def _name_kinds(cls, value: Any) -> Any:
        """An overlay called `price_card` is of that kind, so that its kind need not be written twice."""
        kinds = Overlay.model_fields["kind"].annotation.__args__  # type: ignore[union-attr]
        overlays = value.get("overlays") if isinstance(value, dict) else None
        if not isinstance(overlays, dict):
            return value
        named = {
            name: {"kind": name, **(body or {})} if name in kinds and (body is None or isinstance(body, dict)) else body
            for name, body in overlays.items()
        }
        return {**value, "overlays": named}
