"""A script: who speaks, what is sold, when, under which rules, and where it goes."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, get_args
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, WithJsonSchema, field_validator, model_validator

from nightcast.show.fields import AssetPath, Language, Part, Text, setting

__all__ = [
    "ClockTime",
    "Cooldowns",
    "ForEach",
    "Limits",
    "Music",
    "Night",
    "Output",
    "PlannerSettings",
    "Policy",
    "RoomSettings",
    "RundownItem",
    "Script",
    "Slot",
    "VoiceSettings",
]

SegmentName = Literal["opening", "product", "try_on", "offer", "bridge", "closing", "notice", "story", "question"]


_OutputKind = Literal["hls", "window", "virtual_camera", "sound", "file", "rtmp"]
#: Where an output's target stands, when it is written short: `{file: night.mp4}`.
_TARGETS = {"rtmp": "url", "file": "path", "virtual_camera": "device", "sound": "device"}
_RECORDINGS = (".mp4", ".m4v", ".mkv")


def _clock_time(value: str) -> str:
    if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value):
        raise ValueError("a time like 21:30 or 06:00")
    return value


ClockTime = Annotated[
    str,
    AfterValidator(_clock_time),
    WithJsonSchema({"type": "string", "pattern": "^([01]\\d|2[0-3]):[0-5]\\d$"}),
]


class VoiceSettings(Part):
    engine: Literal["espeak", "edge", "piper", "openai"] = setting("espeak", "edge and openai need a network")
    name: str | None = setting(None, "the engine's voice name; None: what the avatar says")
    fallback: Literal["espeak"] = "espeak"
    rate: float = setting(1.0, "speed of speech", gt=0.4, le=2)
    model: AssetPath | None = setting(None, "voice model, for piper")
    base_url: str | None = setting(None, "address of a speech server that speaks OpenAI's protocol")


class PlannerSettings(Part):
    """Who writes the talk track. `model: null` is the offline writer."""

    model: str | None = setting(None, "provider:model as langchain names it, e.g. openai:gpt-4.1-mini")
    second_model: str | None = setting(None, "asked when the first one fails")
    base_url: str | None = setting(None, "address of a server that speaks OpenAI's protocol")
    temperature: float = setting(0.9, "of the model", ge=0, le=2)
    max_tokens_night: int = setting(2_000_000, "budget of a night", unit="tokens", gt=0)
    max_cost_night: float | None = setting(None, "budget of a night; needs the two prices", unit="USD", gt=0)
    usd_per_million_in: float | None = setting(None, "price of input", ge=0)
    usd_per_million_out: float | None = setting(None, "price of output", ge=0)
    requests_per_min: float = setting(20, "rate limit", gt=0)
    timeout_s: float = setting(30, "for one answer", gt=0, le=600, unit="s")


class Night(Part):
    from_: ClockTime = Field("22:00", alias="from")
    to: ClockTime = "06:00"
    timezone: str = "Asia/Shanghai"
    loop_min: float = setting(25, "length of one round of the rundown", unit="min", ge=3, le=240)

    @field_validator("timezone")
    @classmethod
    def _known(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:  # OSError: "Asia" is a folder
            raise ValueError("a time zone like Asia/Shanghai or Europe/Berlin") from error
        return value


class ForEach(Part):
    product: Literal["featured", "all"] | tuple[str, ...] = setting("featured", "which products")
    do: tuple[SegmentName, ...] = Field(min_length=1)

    @field_validator("product", mode="before")
    @classmethod
    def _which(cls, value: object) -> object:
        if isinstance(value, str) and value not in ("featured", "all"):
            raise ValueError(f"featured, all, or a list of products' ids like [{value}]")
        return value


class RundownItem(Part):
    """One entry of the loop: a segment's name, `{for_each: …}`, or `{game: …}`."""

    short_forms = ({"enum": list(get_args(SegmentName))},)

    segment: SegmentName | None = None
    for_each: ForEach | None = None
    game: Literal["lottery", "quiz", "poll", "check_in"] | None = None

    @model_validator(mode="before")
    @classmethod
    def _plain(cls, value: Any) -> Any:
        return {"segment": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _one(self) -> RundownItem:
        if sum(part is not None for part in (self.segment, self.for_each, self.game)) != 1:
            raise ValueError("a segment's name, or exactly one of for_each, game")
        return self


class Slot(Part):
    """Something that must be said: at a time of the clock, or every so often."""

    name: str = Field(min_length=1, max_length=60)
    at: ClockTime | None = None
    every_min: float | None = setting(None, "repeats", unit="min", gt=0, le=1440)
    do: SegmentName = "offer"
    product: str | None = None
    text: Text | None = setting(None, "words as they are; else the writer's")
    tolerance_s: float = setting(60, "how late it may be", unit="s", ge=0, le=3600)

    @model_validator(mode="after")
    def _when(self) -> Slot:
        if (self.at is None) == (self.every_min is None):
            raise ValueError("exactly one of at, every_min")
        return self


class Cooldowns(Part):
    product_min: float = setting(6, "before the same product is explained again", unit="min", ge=0)
    sentence_min: float = setting(120, "before the same sentence is spoken again", unit="min", ge=0)


class Policy(Part):
    market: str = setting("cn", "a pack in scripts/policies/markets")
    platform: str = setting("own_site", "a pack in scripts/policies/platforms")
    operator_present: bool = setting(False, "a person watches and can speak at any time")
    accept_unverified: bool = setting(False, "go on air although the platform's own rules are not known to us")


class Limits(Part):
    """What a rehearsal must keep; `nightcast rehearse` exits with 1 where it does not."""

    repetition: float = setting(0.30, "12-gram self-repetition over the night", ge=0, le=1)
    silence_s: float = setting(3.0, "longest silence", unit="s", gt=0)
    slot_late_s: float = setting(120, "latest mandatory slot", unit="s", gt=0)
    product_share: float = setting(0.45, "largest share of airtime for one product", gt=0, le=1)


class Music(Part):
    file: AssetPath
    gain_db: float = setting(-22, "level of the bed", unit="dB", ge=-60, le=0)
    duck_db: float = setting(-8, "how much it goes down under speech", unit="dB", ge=-60, le=0)


class RoomSettings(Part):
    simulate: Literal["off", "quiet", "evening", "hot_sale", "attack"] = setting(
        "evening", "an audience played by the program, where no platform is connected"
    )
    retention_days: int = setting(30, "how long comments and names are kept", unit="days", ge=1, le=3650)
    port: int = setting(8765, "of the plugin hub, on loopback", ge=0, le=65535)


class Output(Part):
    """Where the programme goes: `hls`, `window`, `virtual_camera`, `sound`, `{file: …}`, `{rtmp: …}`."""

    short_forms = (
        {"enum": list(get_args(_OutputKind))},
        {
            "type": "object",
            "properties": {kind: {"type": "string"} for kind in _TARGETS},
            "additionalProperties": False,
            "minProperties": 1,
            "maxProperties": 1,
        },
    )

    kind: _OutputKind
    url: str | None = None
    path: str | None = None
    device: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _plain(cls, value: Any) -> Any:
        if isinstance(value, str):
            return {"kind": value}
        if isinstance(value, dict) and len(value) == 1 and "kind" not in value:
            kind, target = next(iter(value.items()))
            field = _TARGETS.get(kind)
            return {"kind": kind, field: target} if field and isinstance(target, str) else {"kind": kind}
        return value

    @model_validator(mode="after")
    def _complete(self) -> Output:
        if self.kind == "rtmp" and self.server is None:
            raise ValueError("an address like rtmp://host/app/key")
        if self.kind == "file" and not (self.path or "").lower().endswith(_RECORDINGS):
            raise ValueError(f"a file's name that ends in {', '.join(_RECORDINGS)}, like night.mp4")
        return self

    @property
    def server(self) -> str | None:
        """Where RTMP goes, without what is secret in an address; None where it is no such address."""
        try:
            parts = urlsplit(self.url or "")
            port = f":{parts.port}" if parts.port else ""
        except ValueError:
            return None
        app, _, key = parts.path.strip("/").rpartition("/")
        whole = parts.scheme in ("rtmp", "rtmps") and parts.hostname and app and key
        return f"{parts.scheme}://{parts.hostname}{port}/{app}" if whole else None


class PluginEntry(Part):
    """A plugin of the night: its folder alone, or with what the operator grants it beyond the harmless."""

    short_forms = ({"type": "string", "format": "nightcast-asset"},)

    plugin: AssetPath = Field(description="its folder, with plugin.yaml")
    grant: tuple[str, ...] = setting((), "scopes that must be named to be given, e.g. promo:write")
    budget: dict[str, int] = setting({}, "what it may give away: coupon_value_minor, flash_sales, lottery_prizes")

    @model_validator(mode="before")
    @classmethod
    def _plain(cls, value: Any) -> Any:
        return {"plugin": value} if isinstance(value, str) else value


class Script(Part):
    """The night, laid down."""

    title: Text
    language: Language = setting("en", "of the host's speech at the start")
    languages: tuple[Language, ...] = setting((), "more than one: the rundown alternates by rounds")
    host: AssetPath = Field(description="the avatar's YAML")
    voice: VoiceSettings = VoiceSettings()
    scenes: tuple[AssetPath, ...] = Field(min_length=1)
    catalog: AssetPath
    brand_story: Text | None = setting(None, "what the brand says of itself, told now and then")
    planner: PlannerSettings = PlannerSettings()
    night: Night = Night()
    rundown: tuple[RundownItem, ...] = Field(min_length=1)
    slots: tuple[Slot, ...] = setting((), "what must be said, and when")
    cooldowns: Cooldowns = Cooldowns()
    policy: Policy = Policy()
    limits: Limits = Limits()
    music: Music | None = None
    stings: dict[str, AssetPath] = setting({}, "short sounds by occasion: offer, gift, order, notice")
    room: RoomSettings = RoomSettings()
    plugins: tuple[PluginEntry, ...] = setting((), "plugins that run with the night, each in a process of its own")
    outputs: tuple[Output, ...] = (Output(kind="hls"),)
    licence_override: bool = setting(
        False, "go on air although the avatar's licence seems to forbid it; you answer for it"
    )

    @property
    def spoken_languages(self) -> tuple[str, ...]:
        return self.languages or (self.language,)
