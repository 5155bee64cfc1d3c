"""Where overlays may stand."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nightcast.show.scene import Overlay
from nightcast.stage.layers import Rect
from nightcast.stage.overlays.page import Page, Place

LANDSCAPE, PORTRAIT = Page(1280, 720), Page(720, 1280)
ANCHORS = ["top-left", "top", "top-right", "left", "center", "right", "bottom-left", "bottom", "bottom-right"]


def overlap(a: Rect, b: Rect) -> bool:
    return a.x_px < b.right_px and b.x_px < a.right_px and a.y_px < b.bottom_px and b.y_px < a.bottom_px


@pytest.mark.parametrize("page", [LANDSCAPE, PORTRAIT, Page(1920, 1080), Page(360, 640)])
@pytest.mark.parametrize("anchor", ["top-left", "top", "top-right", "bottom-left", "bottom-right"])
def test_a_card_stays_inside_and_clear_of_the_platform(page: Page, anchor: str) -> None:
    place = page.place_of(Overlay.model_validate({"anchor": anchor}))
    rect = page.put(page.px(220), page.px(160), place, ())
    assert rect.x_px >= 0
    assert rect.right_px <= page.width_px
    assert rect.y_px >= page.safe.y_px
    assert rect.bottom_px <= page.safe.bottom_px
    assert not any(overlap(rect, taken) for taken in page.taken)


def test_a_card_for_the_lower_left_moves_beside_the_comments_in_portrait() -> None:
    rect = PORTRAIT.put(220, 160, Place("bottom-left", 24, None), ())
    assert rect.x_px >= PORTRAIT.width_px * 0.54
    assert rect.y_px > PORTRAIT.height_px / 2


@pytest.mark.parametrize("page", [PORTRAIT, Page(360, 640)])
def test_hands_and_product_have_the_portrait_picture_above_cards_captions_and_comments(page: Page) -> None:
    card = page.put(page.px(220), page.px(130), page.place_of(Overlay(anchor="bottom-left", margin=8)), ())
    assert min(card.y_px, page.comments.y_px, page.captions.bottom_px) >= page.height_px * 0.699
    assert page.captions.y_px >= page.height_px * 0.65


def test_what_is_too_wide_to_stand_beside_the_comments_goes_to_the_top() -> None:
    rect = PORTRAIT.put(500, 100, Place("bottom-left", 24, None), ())
    assert rect.y_px == PORTRAIT.safe.y_px + 24


def test_overlays_of_one_anchor_stack_away_from_their_edge() -> None:
    place = Place("bottom-right", 24, None)
    first = LANDSCAPE.put(200, 100, place, ())
    second = LANDSCAPE.put(150, 60, place, [first])
    third = LANDSCAPE.put(150, 60, place, [first, second])
    assert first.y_px > second.bottom_px > second.y_px > third.bottom_px


def test_portrait_may_say_otherwise() -> None:
    spec = Overlay.model_validate(
        {"anchor": "bottom-left", "portrait": {"anchor": "top-left", "margin": 10, "width": 0.5}}
    )
    assert PORTRAIT.place_of(spec) == Place("top-left", 10, 360)
    assert LANDSCAPE.place_of(spec) == Place("bottom-left", 24, None)


@settings(max_examples=100)
@given(
    st.sampled_from(ANCHORS),
    st.floats(1, 2000),
    st.floats(1, 2000),
    st.sampled_from([LANDSCAPE, PORTRAIT, Page(64, 64)]),
)
def test_a_box_that_can_be_inside_the_picture_is(anchor: str, width: float, height: float, page: Page) -> None:
    rect = page.put(width, height, Place(anchor, page.px(24), None), ())  # type: ignore[arg-type]
    assert rect.x_px >= 0
    assert rect.y_px >= page.safe.y_px
    assert rect.right_px <= page.width_px + 1 or width > page.width_px
    assert rect.bottom_px <= page.safe.bottom_px + 1 or height > page.safe.height_px
