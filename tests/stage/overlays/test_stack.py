"""Whole overlays: what is drawn, where, and how it changes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from nightcast.show.catalog import Catalog
from nightcast.show.scene import Palette, Scene
from nightcast.stage.layers import Layer
from nightcast.stage.overlays import AiLabel, Kit, OverlayStack, OverlayView, Page
from nightcast.stage.state import Appearance, Caption, Comment
from nightcast.stage.text import Typesetter

CATALOG = Catalog.model_validate(
    {
        "brand": "Lantern",
        "currency": "CNY",
        "products": [
            {"id": "sun", "name": {"en": "Aurora", "zh": "极光"}, "kind": "x", "price": 12900, "list_price": 19900,
             "as_of": "2026-11-01", "picture": "photo.png"},
        ],
    }
)  # fmt: skip

LANDSCAPE, PORTRAIT = Page(1280, 720), Page(720, 1280)
ON = [Appearance("captions", {}, 0.0)]
Make = Callable[..., OverlayStack]


@pytest.fixture
def warnings() -> list[str]:
    return []


@pytest.fixture
def make(typesetter: Typesetter, warnings: list[str], tmp_path: Path) -> Make:
    def make_stack(
        overlays: dict[str, Any], page: Page = LANDSCAPE, language: str = "en", label: AiLabel | None = None
    ) -> OverlayStack:
        scene = Scene.model_validate({"shots": {"a": {"from": [0, 0, 1], "look_at": [0, 0, 0]}}, "overlays": overlays})
        kit = Kit(
            page, typesetter, Palette(), language, warnings.append, CATALOG, tmp_path / "s.yaml", tmp_path / "c.yaml"
        )
        return OverlayStack(kit, scene.overlays, label or AiLabel.by_default(language))

    return make_stack


def show(name: str, **data: Any) -> OverlayView:
    return OverlayView(10.0, [Appearance(name, data, 0.0)])


def ink(layers: list[Layer], width: int = 1280, height: int = 720) -> np.ndarray:
    from PIL import Image as Pictures

    canvas = Pictures.new("RGBa", (width, height))
    for layer in layers:
        part = Pictures.fromarray(layer.bitmap.pixels, "RGBa")
        canvas.paste(part, (round(layer.rect.x_px), round(layer.rect.y_px)), part.getchannel("a"))
    return np.asarray(canvas)[..., 3]


@pytest.mark.parametrize("page", [Page(1280, 720), Page(720, 1280), Page(1920, 1080), Page(640, 360)])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_label_is_always_there_last_and_tall_enough(make: Make, page: Page, language: str) -> None:
    layers = make({"price_card": None}, page, language).layers(show("price_card", product="sun"))
    label = layers[-1]
    white = (label.bitmap.pixels[..., :3] > 200).all(axis=2).any(axis=1)
    rows = np.flatnonzero(white)
    assert rows[-1] - rows[0] + 1 >= 0.05 * page.short_px
    assert label.opacity == 1
    assert label.rect.x_px >= 0
    assert label.rect.right_px <= page.width_px


def test_a_policy_may_ask_for_a_taller_label(make: Make) -> None:
    normal, tall = (make({}, label=AiLabel("AI", height)).layers(OverlayView(0.0))[-1] for height in (0.05, 0.1))
    assert tall.rect.height_px > 1.7 * normal.rect.height_px


def test_a_policy_may_ask_for_a_smaller_label(make: Make) -> None:
    normal, small = (make({}, label=AiLabel("AI", height)).layers(OverlayView(0.0))[-1] for height in (0.05, 0.04))
    assert small.rect.height_px < 0.9 * normal.rect.height_px


@pytest.mark.parametrize("words", ["AI-generated host", "AI-generated digital host", "AI生成 数字人主播"])
def test_the_label_is_broken_rather_than_broad(make: Make, words: str) -> None:
    label = make({}, PORTRAIT, label=AiLabel(words)).layers(OverlayView(0.0))[-1]
    assert label.rect.width_px < 0.35 * PORTRAIT.width_px


def test_lines_of_the_label_are_about_as_long_as_each_other(make: Make) -> None:
    """Filled line by line, the last word would stand alone."""
    label = make({}, label=AiLabel("AI-generated digital host")).layers(OverlayView(0.0))[-1]
    ink = (label.bitmap.pixels[..., :3] > 200).all(axis=2)
    upper, lower = (np.ptp(np.flatnonzero(half.any(axis=0))) for half in np.array_split(ink, 2))
    assert 0.6 < upper / lower < 1.7


def test_a_price_card_without_anything_to_say_is_not_drawn(make: Make) -> None:
    assert len(make({"price_card": None}).layers(show("price_card"))) == 1


def test_a_card_keeps_its_bitmap_from_frame_to_frame(make: Make) -> None:
    stack = make({"price_card": None})
    keys = [[layer.bitmap.key for layer in stack.layers(show("price_card", product="sun"))] for _ in range(3)]
    assert keys[0] == keys[1] == keys[2]


def test_a_card_enters_and_leaves_gently(make: Make) -> None:
    stack = make({"price_card": None})

    def opacity(now_s: float) -> float:
        layers = stack.layers(OverlayView(now_s, [Appearance("price_card", {"product": "sun"}, 1.0, 5.0)]))
        return layers[0].opacity if len(layers) > 1 else 0.0

    assert opacity(0.9) == 0
    assert 0 < opacity(1.05) < opacity(1.15) < 1
    assert opacity(1.3) == opacity(4.9) == 1
    assert 0 < opacity(5.15) < opacity(5.05) < 1
    assert opacity(5.3) == 0


def test_a_standing_card_lies_on_whole_pixels(make: Make) -> None:
    for layer in make({"price_card": None, "qr_code": {"url": "https://example.com"}}).layers(
        OverlayView(9.0, [Appearance("price_card", {"product": "sun"}, 0.0), Appearance("qr_code", {}, 0.0)])
    ):
        assert layer.rect.x_px == round(layer.rect.x_px)
        assert layer.rect.y_px == round(layer.rect.y_px)
        assert (layer.rect.width_px, layer.rect.height_px) == (layer.bitmap.width_px, layer.bitmap.height_px)


def test_cards_do_not_cover_each_other(make: Make) -> None:
    for page in (Page(1280, 720), Page(720, 1280)):
        stack = make({"price_card": None, "lower_third": None, "countdown": None, "logo": None}, page)
        data = {"product": "sun", "title": "Lin", "subtitle": "all night", "seconds": 100}
        layers = stack.layers(
            OverlayView(9.0, [Appearance(n, data, 0.0) for n in ("price_card", "lower_third", "countdown", "logo")])
        )
        cards = [layer.rect for layer in layers if layer.bitmap.height_px > page.px(80)]
        assert len(cards) >= 3
        for i, a in enumerate(cards):
            for b in cards[i + 1 :]:
                bleed = 2 * page.px(22)
                assert (
                    a.right_px - bleed <= b.x_px or b.right_px - bleed <= a.x_px
                    or a.bottom_px - bleed <= b.y_px or b.bottom_px - bleed <= a.y_px
                )  # fmt: skip


def test_a_card_may_be_of_another_size_in_portrait(make: Make) -> None:
    def height_px(page: Page, portrait: dict[str, Any]) -> float:
        stack = make({"lower_third": {"portrait": portrait}}, page)
        return stack.layers(show("lower_third", title="Lin"))[0].rect.height_px

    assert height_px(PORTRAIT, {"size": 2}) > 1.4 * height_px(PORTRAIT, {})
    assert height_px(LANDSCAPE, {"size": 2}) == height_px(LANDSCAPE, {})


def test_a_logo_has_a_ground_to_be_read_on(make: Make, tmp_path: Path) -> None:
    Image.new("RGBA", (90, 30), (255, 255, 255, 60)).save(tmp_path / "logo.png")
    ground, logo = make({"logo": {"file": "logo.png"}}).layers(show("logo"))[:2]
    assert ground.rect.x_px < logo.rect.x_px
    assert ground.rect.right_px > logo.rect.right_px
    assert ground.bitmap.pixels[ground.bitmap.height_px // 2, ground.bitmap.width_px // 2, 3] > 120


def test_a_countdown_redraws_only_its_digits_and_stops_at_nought(make: Make) -> None:
    stack = make({"countdown": None})

    def layers(now_s: float) -> list[Layer]:
        return stack.layers(OverlayView(now_s, [Appearance("countdown", {"seconds": 90, "title": "left"}, 0.0)]))

    card, digits = layers(10.2)[:2]
    assert layers(11.2)[0].bitmap.key == card.bitmap.key
    assert layers(11.2)[1].bitmap.key != digits.bitmap.key
    assert layers(10.9)[1].bitmap.key == digits.bitmap.key
    assert layers(95.0)[1].bitmap.key == layers(400.0)[1].bitmap.key


def test_a_qr_code_can_be_read_back(make: Make) -> None:
    layer = make({"qr_code": {"url": "https://example.com/buy"}}).layers(show("qr_code"))[0]
    import segno

    dots = np.array([list(row) for row in segno.make("https://example.com/buy", error="m", micro=False).matrix])
    dark = layer.bitmap.pixels[..., :3].max(axis=2) < 80
    solid = dark & (layer.bitmap.pixels[..., 3] == 255)
    rows, columns = np.flatnonzero(solid.any(axis=1)), np.flatnonzero(solid.any(axis=0))
    block = solid[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    step = block.shape[0] // len(dots)
    assert block.shape[0] == step * len(dots)
    assert (block[step // 2 :: step, step // 2 :: step] == (dots > 0)).all()


def test_words_light_up_as_they_are_spoken(make: Make) -> None:
    stack = make({"captions": None})
    caption = Caption("one two three", 0.0, 3.0, ((0, 1, "one"), (1, 2, "two"), (2, 3, "three")))

    def lit_px(now_s: float) -> float:
        return sum(
            layer.rect.width_px for layer in stack.layers(OverlayView(now_s, ON, caption)) if layer.source is not None
        )

    assert 0 < lit_px(0.5) < lit_px(1.5) < lit_px(2.5)
    assert len(stack.layers(OverlayView(4.0, ON, caption))) == 1


def test_a_new_comment_lifts_the_older_ones(make: Make) -> None:
    stack = make({"comments": {"anchor": "left"}})
    said = [Comment("a", "first", 1.0), Comment("b", "second", 5.0)]
    appearance = [Appearance("comments", {}, 0.0)]

    def first_y(now_s: float) -> float:
        layers = stack.layers(OverlayView(now_s, appearance, comments=said))
        return min(layer.rect.y_px for layer in layers[:-1])

    assert first_y(4.9) > first_y(5.1) > first_y(6.0)


def test_a_comment_without_room_leaves_as_the_next_one_comes(make: Make) -> None:
    stack = make({"comments": {"anchor": "left"}})
    said = [Comment("a", f"number {n}", float(n)) for n in range(20)]
    appearance = [Appearance("comments", {}, 0.0)]

    def opacities(now_s: float) -> list[float]:
        return [layer.opacity for layer in stack.layers(OverlayView(now_s, appearance, comments=said))[:-1]]

    assert set(opacities(18.9)) == {1.0}
    newest, *others, leaving = opacities(19.1)
    assert set(others) == {1.0}
    assert 0 < newest < 1
    assert leaving == pytest.approx(1 - newest)


@pytest.mark.parametrize("text", ["", "   ", "x" * 5000, "😀" * 300, "​‮evil", "a\n\n\nb", "<b>", "\x00\x07"])
def test_no_comment_breaks_the_picture(make: Make, text: str) -> None:
    stack = make({"comments": None})
    layers = stack.layers(OverlayView(9.0, [Appearance("comments", {}, 0.0)], comments=[Comment(text, text, 1.0)]))
    assert all(layer.bitmap.height_px < 400 for layer in layers)


@pytest.mark.parametrize(
    "data",
    [
        {"seconds": "soon"},
        {"seconds": -1},
        {"seconds": float("nan")},
        {"title": {}},
        {"price": [1]},
        {"name": " ", "price": "\n", "title": " ", "subtitle": "\u3000", "text": "  "},
        {"url": "x" * 9000},
    ],
)
def test_senseless_data_shows_nothing_worse_than_nothing(make: Make, data: dict[str, Any]) -> None:
    for kind in ("price_card", "lower_third", "countdown", "qr_code", "logo", "image", "text"):
        make({kind: {"kind": kind}}).layers(OverlayView(1.0, [Appearance(kind, data, 0.0)]))


def test_a_missing_picture_is_named_once_and_the_card_goes_without(make: Make, warnings: list[str]) -> None:
    stack = make({"price_card": None})
    for price in ("¥1", "¥2"):
        assert len(stack.layers(show("price_card", product="sun", price=price))) == 2
    assert len(warnings) == 1
    assert "photo.png" in warnings[0]


def test_a_file_that_is_no_picture_is_named_without_jargon(make: Make, warnings: list[str], tmp_path: Path) -> None:
    (tmp_path / "photo.png").write_text("not a picture")
    assert len(make({"price_card": None}).layers(show("price_card", product="sun"))) == 2
    assert warnings == ["photo.png: is no picture of a kind that can be read, such as PNG or JPEG. It is left out"]


def test_an_overlay_s_picture_of_16k_is_named_and_left_out(make: Make, warnings: list[str], tmp_path: Path) -> None:
    Image.new("1", (16_384, 16_384)).save(tmp_path / "photo.png")
    assert len(make({"price_card": None}).layers(show("price_card", product="sun"))) == 2
    assert warnings == ["photo.png: has too many pixels; shrink it to 4096 a side. It is left out"]


def test_a_price_card_shows_the_product_s_picture(make: Make, tmp_path: Path) -> None:
    Image.new("RGB", (300, 200), (0, 255, 0)).save(tmp_path / "photo.png")
    pixels = make({"price_card": None}).layers(show("price_card", product="sun"))[0].bitmap.pixels
    green = (pixels[..., 1] > 240) & (pixels[..., 0] < 10)
    assert green.sum() > 80 * 80


def test_a_card_speaks_the_language_its_data_asks_for(make: Make) -> None:
    stack = make({"price_card": None}, language="en")
    english = stack.layers(show("price_card", product="sun"))[0]
    chinese = stack.layers(show("price_card", product="sun", language="zh"))[0]
    assert english.bitmap.key != chinese.bitmap.key


@pytest.mark.parametrize("page", [LANDSCAPE, PORTRAIT])
@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("zh", "今晚只要129元，原价199元，还包邮哦，快点下单吧"),
        ("en", "Tonight it is yours for half the price of the shop."),
    ],
)
def test_a_caption_stands_in_one_line(make: Make, page: Page, language: str, text: str) -> None:
    caption = Caption(text, 0.0, 3.0, ((0, 3, text),))
    band = make({"captions": None}, page, language).layers(OverlayView(1.5, ON, caption))[0].rect
    assert band.height_px < page.px(50)
    assert page.captions.x_px <= band.x_px
    assert band.right_px <= page.captions.right_px + 1


def test_a_caption_stays_above_a_card_in_its_way(make: Make) -> None:
    stack = make({"price_card": {"anchor": "bottom"}, "captions": None})
    shown = [Appearance("price_card", {"product": "sun"}, 0.0), *ON]
    caption = Caption("one two three", 0.0, 20.0)
    band, card = (stack.layers(OverlayView(9.0, shown, caption))[i].rect for i in (0, -2))
    assert band.bottom_px <= card.y_px + PORTRAIT.px(22)  # the card's shadow reaches over its box


@pytest.mark.parametrize(
    ("colour", "surface"), [("#d8452f", "#1a1113"), ("#ffe0a0", "#f6f2ea"), ("#808080", "#808080")]
)
def test_accents_are_made_legible(colour: str, surface: str) -> None:
    from nightcast.stage.overlays.kit import _luminance, legible

    lighter, darker = sorted((_luminance(legible(colour, surface)), _luminance(surface)), reverse=True)
    assert (lighter + 0.05) / (darker + 0.05) >= 4.5


def test_captions_can_be_switched_off(make: Make) -> None:
    caption = Caption("one two three", 0.0, 3.0)
    off = [Appearance("captions", {}, 0.0, 1.0)]
    stack = make({"captions": None})
    assert len(stack.layers(OverlayView(0.5, off, caption))) > 1
    assert len(stack.layers(OverlayView(1.5, off, caption))) == 1
