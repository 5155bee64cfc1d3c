"""Audiences and what they write, read from YAML beside this file."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field

PROFILES = ("quiet", "evening", "hot_sale", "attack")


class FaultRates(BaseModel):
    """How often a platform drops, repeats, reorders or delays a signal (0..1)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    drop: float = Field(0.0, ge=0, le=1)
    duplicate: float = Field(0.0, ge=0, le=1)
    reorder: float = Field(0.0, ge=0, le=1)
    delay: float = Field(0.0, ge=0, le=1)


class Profile(BaseModel):
    """An audience. Rates are per minute and viewer, where the name says nothing else."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    about: str
    arrivals_per_min: float = Field(gt=0)
    stay_min: float = Field(gt=0)
    comments: float = Field(ge=0)
    likes: float = Field(ge=0)
    gifts: float = Field(ge=0)
    follows: float = Field(ge=0)
    orders: float = Field(ge=0)
    trolls: float = Field(ge=0, le=1, description="share of viewers")
    like_storms_per_hour: float = 0.0
    order_bursts_per_hour: float = 0.0
    day: tuple[float, ...] = Field((1.0,) * 24, min_length=24, max_length=24)
    faults: FaultRates = FaultRates()


class Phrases(BaseModel):
    """Comments of one intent."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    weight: float = Field(gt=0)
    hostile: bool = False
    en: tuple[str, ...]
    zh: tuple[str, ...]


def _read(name: str) -> dict[str, Any]:
    text = files(__package__).joinpath(name).read_text(encoding="utf-8")
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded


@cache
def load_profile(name: str) -> Profile:
    """A profile by name. Raises KeyError for one that does not exist."""
    return Profile.model_validate(_read("profiles.yaml")[name])


@cache
def phrases() -> dict[str, Phrases]:
    """What viewers write, by intent."""
    return {intent: Phrases.model_validate(entry) for intent, entry in _read("comments.yaml").items()}
