"""What a file permits is read as its words say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from nightcast.gltf import load
from nightcast.gltf.records import Model
from nightcast.gltf.vrm_records import VrmMeta
from nightcast.host import commercial_stream


def verdict_on(humanoid: Callable[..., Model], **meta: object) -> tuple[bool | None, str]:
    model = humanoid(vrm=True)
    assert model.vrm is not None
    open_meta = VrmMeta("1.0", "Mia", ("Ann",), avatar_permission="everyone", commercial_usage="corporation")
    changed = replace(model, vrm=replace(model.vrm, meta=replace(open_meta, **meta)))  # type: ignore[arg-type]
    verdict = commercial_stream(changed)
    return verdict.allowed, str(verdict)


def test_silence_is_not_permission(humanoid: Callable[..., Model]) -> None:
    assert commercial_stream(humanoid()).allowed is None


def test_the_specifications_defaults_forbid(humanoid: Callable[..., Model]) -> None:
    model = humanoid(vrm=True)
    verdict = commercial_stream(model)
    assert verdict.allowed is False
    assert len(verdict.reasons) == 2


@pytest.mark.parametrize(
    ("meta", "allowed", "words"),
    [
        ({}, True, "by a company is allowed"),
        ({"commercial_usage": "personalProfit"}, True, "a company needs a licence of its own"),
        ({"commercial_usage": "personalNonProfit"}, False, "commercial use is not allowed"),
        ({"avatar_permission": "onlyAuthor"}, False, "only its author"),
        ({"avatar_permission": "onlySeparatelyLicensedPerson"}, False, "licence of their own"),
        ({"license_name": "CC_BY_NC"}, False, "non-commercial"),
        ({"license_url": "https://creativecommons.org/licenses/by-nc/4.0/"}, False, "non-commercial"),
        ({"license_name": "CC_BY"}, True, "allowed"),
    ],
)
def test_each_word_is_weighed(
    humanoid: Callable[..., Model], meta: dict[str, object], allowed: bool, words: str
) -> None:
    found, sentence = verdict_on(humanoid, **meta)
    assert found is allowed
    assert words in sentence


def test_credit_is_named_where_it_is_due(humanoid: Callable[..., Model]) -> None:
    model = humanoid(vrm=True)
    assert model.vrm is not None
    meta = VrmMeta("1.0", "Mia", ("Ann", "Bob"))
    assert commercial_stream(replace(model, vrm=replace(model.vrm, meta=meta))).credit == "Mia by Ann, Bob"
    free = replace(meta, credit_notation="unnecessary")
    assert commercial_stream(replace(model, vrm=replace(model.vrm, meta=free))).credit is None


def test_the_samples_say_what_their_makers_wrote(sample: Callable[[str], Path]) -> None:
    assert commercial_stream(load(sample("avatars/cryptovoxels.vrm"))).allowed is True
    assert commercial_stream(load(sample("avatars/brunette-t.glb"))).allowed is None
