"""All overlays of a scene, one over the other, as the layers of one frame.

The AI label comes last and cannot be hidden. One thread.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from nightcast.show.scene import Overlay
from nightcast.stage.layers import Layer, Rect
from nightcast.stage.overlays import cards
from nightcast.stage.overlays.ai_label import AiLabel, ai_label
from nightcast.stage.overlays.captions import captions
from nightcast.stage.overlays.comments import comments
from nightcast.stage.overlays.compare import compare
from nightcast.stage.overlays.guest import guest
from nightcast.stage.overlays.kit import Drawing, Kit
from nightcast.stage.overlays.motion import ENTER_S, LEAVE_S, Pose, ease_in, ease_out, keyframed, moved
from nightcast.stage.overlays.page import Place
from nightcast.stage.overlays.price_card import price_card
from nightcast.stage.state import Appearance, Caption, Comment

__all__ = ["OverlayStack", "OverlayView"]

_Draw = Callable[[Kit, Overlay, float, Mapping[str, Any], float], Drawing | None]

_CARDS: Mapping[str, _Draw] = {
    "price_card": price_card,
    "lower_third": cards.lower_third,
    "countdown": cards.countdown,
    "qr_code": cards.qr_code,
    "logo": cards.logo,
    "image": cards.picture,
    "text": cards.words,
    "guest": guest,
}

_SLIDE = 18  # how far a card travels as it comes and goes, px at 720


@dataclass(frozen=True)
class OverlayView:
    """What the overlays show at `now_s`."""

    now_s: float
    appearances: Sequence[Appearance] = ()
    caption: Caption | None = None
    comments: Sequence[Comment] = ()
    compared_at: float | None = None  #: where the line between before and after is, as a share of the width


class OverlayStack:
    """Draws the overlays of one scene on pages of one size."""

    def __init__(self, kit: Kit, overlays: Mapping[str, Overlay], label: AiLabel) -> None:
        self._kit, self._label = kit, label
        self._overlays = {name: o.upright if kit.page.portrait else o for name, o in overlays.items()}

    def layers(self, view: OverlayView) -> list[Layer]:
        """The layers of one frame, from back to front."""
        taken = [self._label_rect()]
        running: list[Layer] = []
        standing: list[Layer] = []
        for name, spec in self._overlays.items():
            if spec.kind in _CARDS:
                layers, rect = self._card(name, spec, view, taken)
                standing += layers
                taken += [rect] if rect else []
        for name, spec in self._overlays.items():
            if spec.kind == "captions":
                running += self._captions(name, spec, view, taken)
            elif spec.kind == "comments":
                running += self._comments(name, spec, view, taken)
        line = [] if view.compared_at is None else compare(self._kit, view.compared_at)
        return line + running + standing + _lay(ai_label(self._kit, self._label), self._label_rect())

    def _card(
        self, name: str, spec: Overlay, view: OverlayView, taken: Sequence[Rect]
    ) -> tuple[list[Layer], Rect | None]:
        kit, place = self._kit, self._kit.page.place_of(spec)
        layers: list[Layer] = []
        covered: Rect | None = None
        for appearance in _of(name, view):
            age_s = view.now_s - appearance.from_s
            tongue = kit.speaking(appearance.data.get("language"))
            drawing = _CARDS[spec.kind](tongue, spec, kit.page.room_px(place), appearance.data, age_s)
            if drawing is None:
                continue
            rect = kit.page.put(drawing.width_px, drawing.height_px, place, taken)
            covered = covered or rect
            layers += self._animated(spec, place, appearance, view.now_s, _lay(drawing, rect), rect)
        return layers, covered

    def _animated(
        self, spec: Overlay, place: Place, appearance: Appearance, now_s: float, layers: list[Layer], rect: Rect
    ) -> list[Layer]:
        """The overlay's own keyframes, then its coming and going."""
        age_s = now_s - appearance.from_s
        middle = (rect.x_px + rect.width_px / 2, rect.y_px + rect.height_px / 2)
        px = self._kit.page.short_px / 720
        layers = moved(layers, middle, keyframed(spec.animation, age_s, spec.loop), px)
        present = ease_out(age_s / ENTER_S)
        if appearance.until_s is not None and now_s > appearance.until_s:
            present = min(present, 1 - ease_in((now_s - appearance.until_s) / LEAVE_S))
        if present >= 1:
            return layers
        away = _SLIDE * (1 - present)
        x = -away if "left" in place.anchor else away if "right" in place.anchor else 0.0
        y = (-away if "top" in place.anchor else away) if x == 0 else 0.0
        return moved(layers, middle, Pose(x, y, opacity=present), px)

    def _captions(self, name: str, spec: Overlay, view: OverlayView, taken: Sequence[Rect]) -> list[Layer]:
        drawing = captions(self._kit, spec, view.caption, view.now_s) if self._is_on(name, view) else None
        if drawing is None:
            return []
        lane = self._kit.page.captions
        x_px = round(lane.x_px + (lane.width_px - drawing.width_px) / 2)
        y_px = lane.bottom_px - drawing.height_px
        for card in sorted(taken, key=lambda rect: -rect.y_px):
            if card.x_px < x_px + drawing.width_px and card.right_px > x_px and card.bottom_px > y_px:
                y_px = min(y_px, card.y_px - self._kit.px(8) - drawing.height_px)
        return _lay(drawing, Rect(x_px, y_px, drawing.width_px, drawing.height_px))

    def _comments(self, name: str, spec: Overlay, view: OverlayView, taken: Sequence[Rect]) -> list[Layer]:
        if not self._is_on(name, view):
            return []
        page, area = self._kit.page, self._kit.page.comments
        place = page.place_of(spec)
        wanted_px = place.width_px or area.width_px
        width_px = round((min(wanted_px, area.width_px) if page.portrait else wanted_px) - place.margin_px)
        x_px = page.width_px - place.margin_px - width_px if "right" in place.anchor else place.margin_px
        below = [r.y_px - self._kit.px(8) for r in taken if r.x_px < x_px + width_px and r.right_px > x_px]
        bottom_px = min([area.bottom_px, *(y for y in below if y > area.y_px)])
        drawing = comments(self._kit, spec, view.comments, view.now_s, width_px, bottom_px - area.y_px)
        return _lay(drawing, Rect(x_px, area.y_px, area.width_px, area.height_px)) if drawing else []

    def _is_on(self, name: str, view: OverlayView) -> bool:
        """Captions and comments come and go at once: what runs in them moves enough."""
        return any(shown.until_s is None or view.now_s < shown.until_s for shown in _of(name, view))

    def _label_rect(self) -> Rect:
        kit = self._kit
        spec = next((o for o in self._overlays.values() if o.kind == "ai_label"), None)
        place = kit.page.place_of(spec) if spec else Place(self._label.place, kit.px(24), None)
        drawing = ai_label(kit, self._label)
        return kit.page.put(drawing.width_px, drawing.height_px, place, ())


def _of(name: str, view: OverlayView) -> list[Appearance]:
    """The appearances of one overlay that can be seen now, the older first."""
    return [
        appearance
        for appearance in view.appearances
        if appearance.overlay == name and appearance.from_s <= view.now_s and not appearance.ended(view.now_s, LEAVE_S)
    ]


def _lay(drawing: Drawing, rect: Rect) -> list[Layer]:
    """A drawing's parts with the top left of its box at `rect`."""
    layers = []
    for part in drawing.parts:
        layer = part.sprite.at(rect.x_px + part.x_px, rect.y_px + part.y_px, part.opacity)
        if part.source:
            bleed_px = part.sprite.bleed_px
            source = replace(part.source, x_px=part.source.x_px + bleed_px, y_px=part.source.y_px + bleed_px)
            target = replace(source, x_px=layer.rect.x_px + source.x_px, y_px=layer.rect.y_px + source.y_px)
            layer = replace(layer, rect=target, source=source)
        layers.append(layer)
    return layers
