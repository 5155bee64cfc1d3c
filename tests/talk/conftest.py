"""A small shop, a moment of a night, and the packs of the demo show."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml

from nightcast.show.catalog import Catalog
from nightcast.show.script import Script
from nightcast.talk.gate import Gate, Policy
from nightcast.talk.plan.brief import Persona
from nightcast.talk.plan.phrases import Bank, load_bank
from nightcast.talk.records import Language
from nightcast.talk.voice.espeak import Espeak

SHOW = Path(__file__).resolve().parents[2]
POLICIES = SHOW / "scripts" / "policies"
PHRASES = SHOW / "scripts" / "phrases"
TEN_IN_THE_EVENING = datetime(2026, 11, 26, 22, 10, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    return Catalog.model_validate(yaml.safe_load((Path(__file__).parent / "catalog.yaml").read_text("utf-8")))


@pytest.fixture
def now() -> datetime:
    return TEN_IN_THE_EVENING


@pytest.fixture(scope="session")
def persona() -> Persona:
    return Persona({"en": "Lan", "zh": "小岚"}, {"en": "calm", "zh": "沉静"}, {"en": "Lantern Street", "zh": "灯笼街"})


@pytest.fixture(scope="session")
def banks() -> dict[Language, Bank]:
    return {"en": load_bank(PHRASES, "en"), "zh": load_bank(PHRASES, "zh")}


@pytest.fixture(scope="session")
def policy() -> Policy:
    return Policy.load(POLICIES, "cn", "own_site")


@pytest.fixture(scope="session")
def gate(policy: Policy) -> Gate:
    return Gate(policy)


@pytest.fixture
def make_script() -> Callable[..., Script]:
    """A script with one round of everything; keyword arguments replace fields."""

    def make(**fields: object) -> Script:
        written: dict[str, object] = {
            "title": "Test night",
            "host": "host.yaml",
            "scenes": ["scene.yaml"],
            "catalog": "catalog.yaml",
            "night": {"from": "22:00", "to": "06:00"},
            "rundown": [
                "opening",
                {"for_each": {"product": "featured", "do": ["product", "try_on", "offer"]}},
                {"game": "lottery"},
                "story",
                "closing",
            ],
        }
        return Script.model_validate(written | fields)

    return make


@pytest.fixture
async def espeak() -> AsyncIterator[Espeak]:
    engine = Espeak()
    yield engine
    await engine.close()
