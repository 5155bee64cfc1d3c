"""An avatar's file: which model and which colours the host wears."""

from __future__ import annotations

import pytest

from nightcast.show.avatar import Avatar


def avatar(outfit: str | None) -> Avatar:
    content = {"name": "Lan", "model": "host.vrm", "outfit": outfit, "outfits": {"wrap": "wrap.vrm"}}
    return Avatar.model_validate(content)


@pytest.mark.parametrize(
    ("outfit", "model", "variant"),
    [(None, "host.vrm", None), ("wrap", "wrap.vrm", None), ("plum", "host.vrm", "plum")],
)
def test_an_outfit_is_a_model_of_its_own_or_colours_of_the_first(
    outfit: str | None, model: str, variant: str | None
) -> None:
    worn = avatar(outfit)
    assert worn.worn_model == model
    assert worn.variant == variant
