"""How a line becomes picture: the cues that the stage gets as it begins, from what the line and its segment say.

Pure. Shots, gestures, stands and overlays that a scene does not have are simply not asked for, so that one rundown
plays in any scene.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from nightcast.director.gesture_words import stroke_s
from nightcast.director.night import ReadyLine
from nightcast.process.shared import SAMPLE_RATE_HZ
from nightcast.show import Catalog, Product, Scene, Show
from nightcast.stage.cues import (
    CompareCue,
    Cue,
    ExpressionCue,
    GazeCue,
    GestureCue,
    HushCue,
    OverlayCue,
    ProductCue,
    SceneCue,
    ShotCue,
    SpeakCue,
    WearCue,
)
from nightcast.talk.records import Segment

__all__ = ["Staging", "price_card"]

#: What a segment looks like where its lines do not say otherwise: shots in turn, by preference.
_SHOTS: dict[str, tuple[str, ...]] = {
    "opening": ("wide", "medium"),
    "product": ("medium", "product", "wide", "close"),
    "try_on": ("close", "medium"),
    "offer": ("product", "medium", "close"),
    "answer": ("close", "medium"),
    "game": ("wide", "medium"),
    "bridge": ("medium", "wide"),
    "notice": ("medium", "close"),
    "closing": ("wide",),
}

#: How long the eyes stay on a product after the hand's stroke, and the least time for which they then look up.
_SHOWN_S, _WORTH_A_LOOK_S = 1.1, 0.7

#: What a comparison shows: it is drawn through the host's face.
_AT_THE_FACE = ("glasses", "hat", "headband", "earring", "necklace", "makeup")


#: Where a try-on is not at the face.
_TRY_ON_SHOTS: dict[str, tuple[str, ...]] = {
    "shoe": ("feet", "medium"),
    "bag": ("medium", "wide"),
    "watch": ("medium", "close"),
    "bracelet": ("medium", "close"),
    "ring": ("medium", "close"),
}


def price_card(catalog: Catalog, product: Product, language: str, now: datetime) -> dict[str, Any]:
    """What a price card shows of `product` at `now`."""
    money = catalog.money
    current = product.price_now(now)
    before = product.price if current < product.price else product.list_price
    card: dict[str, Any] = {
        "product": product.id,
        "name": product.name.in_language(language),
        "price": money(current),
        "list_price": money(before) if before is not None else None,
        "language": language,
    }
    if product.stock is not None:
        card["stock"] = product.stock
    if product.offer is not None and product.offer.is_on(now):
        card["ends"] = product.offer.ends.isoformat()
    return card


@dataclass
class Staging:
    """Keeps what the stage shows, so that only what changes is asked for."""

    show: Show
    scene_name: str
    hidden: set[str] = field(default_factory=set)  #: overlays that the operator keeps off the picture
    _product: str | None = None
    _shot: str | None = None
    _worn: str | None = None
    _card: tuple[str, str] | None = None  # the product whose price card is shown, and in which language
    _turn: int = 0

    @property
    def scene(self) -> Scene:
        found = self.show.scene(self.scene_name)
        if found is None:
            raise KeyError(self.scene_name)
        return found[1]

    @property
    def worn(self) -> str | None:
        """The product that was asked for last to be put on, while it is."""
        return self._worn

    @property
    def shot(self) -> str | None:
        """The shot that was asked for last."""
        return self._shot

    def restart(self) -> None:
        """The stage begins anew: all that it shows must be asked for again."""
        self._product = self._shot = self._worn = self._card = None

    def note(self, cue: Cue) -> None:
        """Whoever asked for it, the stage will show it: a plugin's or an operator's product, shot or try-on."""
        match cue:
            case ProductCue(product=product):
                self._product = product
            case ShotCue(shot=shot):
                self._shot = shot
            case WearCue(product=product, on=on):
                self._worn = product if on else None

    def hides(self, cue: Cue) -> bool:
        """Whether the operator does not want to see what this cue would show, whoever asked for it."""
        return isinstance(cue, OverlayCue) and cue.show and cue.overlay in self.hidden

    def enter(self, scene_name: str, at: int) -> list[Cue]:
        """Change the scene; what it shows by itself and the operator hides does not come with it."""
        self.scene_name = scene_name
        self.restart()
        return [SceneCue(at=at, scene=scene_name), *self._hidings(at)]

    def greet(self, at: int) -> list[Cue]:
        """Tell a stage that begins anew; to it, all that its scene shows by itself has been there from the start."""
        return [*self._hidings(0), *self.enter(self.scene_name, at)]

    def _hidings(self, at: int) -> list[Cue]:
        return [OverlayCue(at=at, overlay=name, show=False) for name in self.scene.overlays if name in self.hidden]

    def begin(self, ready: ReadyLine, at: int, opens: bool, catalog: Catalog, now: datetime) -> list[Cue]:
        """The cues of a line that begins at sample `at`; `opens` where its segment comes on, or comes back."""
        line, segment = ready.line, ready.segment
        cues: list[Cue] = []
        if opens:
            cues += self._open(segment, line.language, at, catalog, now)
        if line.wear is not None and line.wear != (self._worn or ""):
            cues.append(WearCue(at=at, product=line.wear or None, on=bool(line.wear)))
            self._worn = line.wear or None
        shot = self._choose_shot(line.shot, segment, opens, catalog)
        if shot is not None and shot != self._shot:
            cues.append(ShotCue(at=at, shot=shot))
            self._shot = shot
        cues.append(
            SpeakCue(
                at=at,
                line_id=line.id,
                text=line.text,
                duration_s=ready.speech.duration_s,
                visemes=tuple((key.at_s, key.viseme, key.weight) for key in ready.speech.visemes),
                words=tuple((mark.start_s, mark.end_s, mark.text) for mark in ready.speech.words),
                expression=line.expression,
            )
        )
        if line.expression:
            hold_s = ready.speech.duration_s + line.pause_after_s
            cues.append(ExpressionCue(at=at, name=line.expression, weight=0.7, hold_s=hold_s))
        if line.gesture:
            target = "product" if segment.product_id and line.gesture in ("present", "point") else None
            stroke = stroke_s(line.gesture, ready.speech.words)
            cues.append(GestureCue(at=at, name=line.gesture, target=target, after_s=stroke))
        cues += self._looks(ready, at)
        if self._compares(ready, catalog):
            cues.append(CompareCue(at=at, product=self._worn, hold_s=max(ready.speech.duration_s, 1.0)))
        return cues

    def price_cards(self, at: int, catalog: Catalog, now: datetime) -> list[Cue]:
        """What the price card that is shown must say at `now`; it goes where its product has gone from the catalog."""
        if self._card is None:
            return []
        product_id, language = self._card
        product = catalog.product(product_id)
        data = price_card(catalog, product, language, now) if product is not None else {}
        return [
            OverlayCue(at=at, overlay=name, show=product is not None, data=data)
            for name in self._overlays("price_card")
        ]

    def silence(self, at: int) -> list[Cue]:
        return [HushCue(at=at)]

    def _open(self, segment: Segment, language: str, at: int, catalog: Catalog, now: datetime) -> list[Cue]:
        cues: list[Cue] = []
        self._turn = 0
        product = catalog.product(segment.product_id) if segment.product_id else None
        if segment.kind != "try_on" and self._worn is not None and segment.kind not in ("offer", "answer", "bridge"):
            cues.append(WearCue(at=at, product=None, on=False))
            self._worn = None
        if product is not None and product.id != self._product:
            cues.append(ProductCue(at=at, product=product.id))
            self._product = product.id
        if product is not None and segment.kind in ("product", "try_on", "offer"):
            self._card = product.id, language
            cues += self.price_cards(at, catalog, now)
        elif segment.kind in ("opening", "closing", "game", "notice"):
            self._card = None
            cues += [OverlayCue(at=at, overlay=name, show=False) for name in self._overlays("price_card")]
        if segment.kind == "opening":
            name = self.show.avatar.name.in_language(language)
            title = self.show.script.title.in_language(language)
            data = {"title": name, "subtitle": title, "language": language}
            cues += [OverlayCue(at=at, overlay=item, data=data, hold_s=8) for item in self._overlays("lower_third")]
        if segment.kind == "offer" and product is not None and product.offer is not None and product.offer.is_on(now):
            remaining = {"seconds": (product.offer.ends - now).total_seconds(), "language": language}
            cues += [OverlayCue(at=at, overlay=item, data=remaining) for item in self._overlays("countdown")]
        return cues

    def _compares(self, ready: ReadyLine, catalog: Catalog) -> bool:
        """Before a try-on takes off again what is worn at the face, its last sentence shows before and after."""
        lines = ready.segment.lines
        if ready.segment.kind != "try_on" or len(lines) < 3 or ready.line.id != lines[-2].id:
            return False
        product = catalog.product(self._worn) if self._worn is not None else None
        return product is not None and product.wear is not None and product.wear.kind in _AT_THE_FACE

    def _overlays(self, kind: str) -> list[str]:
        return [name for name, overlay in self.scene.overlays.items() if overlay.kind == kind]

    def _choose_shot(self, wanted: str | None, segment: Segment, opens: bool, catalog: Catalog) -> str | None:
        product = catalog.product(segment.product_id) if segment.product_id else None
        shots = self._shots_for(product)
        if wanted is not None and wanted in shots:
            return wanted
        if not opens:
            self._turn += 1
            if self._turn % 3:  # a shot is held for some sentences
                return self._shot
        worn = product.wear.kind if segment.kind == "try_on" and product is not None and product.wear else ""
        preferred = _TRY_ON_SHOTS.get(worn) or _SHOTS.get(segment.kind, ())
        fitting: Sequence[str] = [shot for shot in preferred if shot in shots] or list(shots)[:1]
        return fitting[(self._turn // 3) % len(fitting)]

    def _shots_for(self, product: Product | None) -> list[str]:
        """A product without a model leaves its stand empty: nothing to see there."""
        bare = product is not None and product.model is None
        return [
            name for name, shot in self.scene.shots.items() if not (bare and (shot.follow or "").startswith("stands."))
        ]

    def _looks(self, ready: ReadyLine, at: int) -> list[Cue]:
        """Where the eyes go: to a product until it was shown, and then back to those it is shown to."""
        line, target = ready.line, self._gaze(ready)
        cues: list[Cue] = [GazeCue(at=at, target=target)]
        if target == "product" and line.gesture:
            shown_s = stroke_s(line.gesture, ready.speech.words) + _SHOWN_S
            if shown_s + _WORTH_A_LOOK_S < ready.speech.duration_s + line.pause_after_s:
                cues.append(GazeCue(at=at + round(shown_s * SAMPLE_RATE_HZ), target="camera"))
        return cues

    def _gaze(self, ready: ReadyLine) -> str:
        if ready.segment.kind == "answer":
            return "comments" if ready.line is ready.segment.lines[0] and len(ready.segment.lines) > 1 else "camera"
        if ready.line.gesture in ("present", "point", "hold_up") and ready.segment.product_id:
            return "product"
        return "camera"
