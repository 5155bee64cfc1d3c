"""Things to show while nobody speaks: data for every overlay, a line, comments. For previews and contact sheets."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

from nightcast.show.catalog import Catalog
from nightcast.show.scene import Overlay, Scene
from nightcast.stage.cues import ChatCue, Cue, GuestCue, OverlayCue, ProductCue, SpeakCue

__all__ = ["comment_cues", "guest_cue", "line_cue", "overlay_cues", "overlay_data", "product_cues"]

_LINES = {
    "en": "Tonight's price is on the card, and it ships for free.",
    "zh": "今晚只要129元，原价199元，还包邮哦。",
}
_COMMENTS = (
    ("mia_k", "do you have it in black? 😂"),
    ("夜猫子", "包邮吗？"),
    ("Tom", "my girlfriend has a small face, will it fit her? 想送女朋友"),
    ("小美", "已下单！🎉"),
)
_SECONDS_PER_WORD = 0.35


def overlay_data(spec: Overlay, catalog: Catalog | None, product: str | None = None) -> dict[str, Any]:
    """What an overlay of this kind might show; a price card `product`, or the catalog's first."""
    match spec.kind:
        case "price_card":
            card: dict[str, Any] = {"badge": {"en": "Tonight", "zh": "今晚特价"}, "stock": 88}
            if catalog is None:
                return {**card, "name": {"en": "A product", "zh": "一件商品"}, "price": "¥129", "list_price": "¥199"}
            return {**card, "product": product or catalog.products[0].id}
        case "lower_third":
            return {
                "title": {"en": "Lan, your host", "zh": "主播 小岚"},
                "subtitle": {"en": "all night", "zh": "通宵直播"},
            }
        case "countdown":
            return {"seconds": 599, "title": {"en": "Offer ends in", "zh": "优惠倒计时"}}
        case "qr_code":
            return {"url": spec.url or "https://example.com/shop", "text": {"en": "Scan to buy", "zh": "扫码购买"}}
        case "text" if spec.text is None:
            return {"text": {"en": "Free delivery tonight", "zh": "今晚包邮"}}
        case _:
            return {}


def overlay_cues(
    scene: Scene, catalog: Catalog | None, at: int, names: list[str] | None = None, product: str | None = None
) -> list[Cue]:
    """Show the named overlays, or all of them, with something in them."""
    return [
        OverlayCue(at=at, overlay=name, data=overlay_data(overlay, catalog, product))
        for name, overlay in scene.overlays.items()
        if overlay.kind not in ("ai_label", "captions") and (names is None or name in names)
    ]


def line_cue(language: str, at: int) -> SpeakCue:
    """A spoken line with word marks and a mouth that opens and closes on each."""
    text = _LINES[language]
    words = text.split() if language == "en" else list(text)
    marks = tuple((i * _SECONDS_PER_WORD, (i + 1) * _SECONDS_PER_WORD, word) for i, word in enumerate(words))
    visemes = tuple(
        key for start, _, _ in marks for key in ((start, "PP", 0.9), (start + 0.1, "aa", 0.8), (start + 0.24, "E", 0.5))
    )
    duration_s = len(words) * _SECONDS_PER_WORD
    return SpeakCue(
        at=at,
        line_id="sample",
        text=text,
        duration_s=duration_s,
        words=marks,
        visemes=(*visemes, (duration_s, "sil", 0.0)),
    )


def comment_cues(at: int) -> list[Cue]:
    return [ChatCue(at=at, user=user, text=text) for user, text in _COMMENTS]


def guest_cue(at: int, folder: Path) -> GuestCue:
    """A guest of whom there is only an outline; it is written into `folder`."""
    picture = Image.new("RGB", (300, 360), "#8d8796")
    outline = ImageDraw.Draw(picture)
    outline.ellipse((95, 70, 205, 200), fill="#5b5566")
    outline.ellipse((40, 215, 260, 520), fill="#5b5566")
    file = folder / "guest.png"
    picture.save(file)
    return GuestCue(at=at, picture=str(file), consent=True, name="Amy")


def product_cues(scene: Scene, catalog: Catalog | None, at: int, first: int = 0) -> list[Cue]:
    """A product on every stand, counted through the catalog from `first`."""
    if catalog is None:
        return []
    products = catalog.products
    return [
        ProductCue(at=at, product=products[(first + i) % len(products)].id, stand=stand)
        for i, stand in enumerate(scene.stands)
    ]
