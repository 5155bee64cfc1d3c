"""Where overlays may stand, in landscape and portrait, from one scene file.

Frame: output pixels, origin top left. In portrait the platform's own furniture is kept free (header, buttons
along the bottom, comments on the left, icons on the right); the shares are those of a phone's live room. What we
draw low stays below `_DESK`, where a counter's front is: host, hands and product have the picture above it. In
landscape the whole picture is ours. Design lengths are "px at 720": pixels of a picture whose shorter side is 720.
Pure.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from nightcast.show.scene import Anchor, Overlay
from nightcast.stage.layers import Rect

__all__ = ["Page", "Place"]

_GAP = 12  # between overlays that share an anchor, px at 720
_BESIDE = 8  # between an overlay and the platform's furniture, px at 720

# Shares of the picture's height and width that a phone's live room covers in portrait.
_HEADER = 0.07
_BUTTONS = 0.18
_COMMENTS_WIDTH = 0.54
_COMMENTS_FROM, _COMMENTS_TO = 0.20, 0.55  # from the bottom
_ICONS_WIDTH = 0.12
_ICONS_FROM = 0.40  # from the top
#: Hands and products stay above this share of the height in portrait; captions end here, cards and comments begin.
_DESK = 0.70
_CAPTION_LANE = 0.042
_CAPTION_WIDTH = 0.44  # of a landscape picture, so that a line stands between cards at its left and right


@dataclass(frozen=True)
class Place:
    """An overlay's anchor, its margin and width, resolved for the picture's orientation. Pixels."""

    anchor: Anchor
    margin_px: float
    width_px: float | None


@dataclass(frozen=True)
class Page:
    """The picture as a page to lay overlays on."""

    width_px: int
    height_px: int

    @property
    def portrait(self) -> bool:
        return self.height_px > self.width_px

    @property
    def short_px(self) -> int:
        return min(self.width_px, self.height_px)

    def px(self, at_720: float) -> int:
        """A design length in pixels, at least one where it is not zero."""
        scaled = round(at_720 * self.short_px / 720)
        return scaled if scaled or not at_720 else 1

    @property
    def safe(self) -> Rect:
        """The part between header and buttons."""
        if not self.portrait:
            return Rect(0, 0, self.width_px, self.height_px)
        top_px = round(self.height_px * _HEADER)
        bottom_px = round(self.height_px * (1 - _BUTTONS))
        return Rect(0, top_px, self.width_px, bottom_px - top_px)

    @property
    def comments(self) -> Rect:
        """Where the room's comments run: the lowest of the platform's in portrait, a left column in landscape."""
        if self.portrait:
            top_px = round(self.height_px * _DESK) + self.px(_BESIDE)
            bottom_px = self.safe.bottom_px - self.px(_BESIDE)
            return Rect(0, top_px, round(self.width_px * _COMMENTS_WIDTH), bottom_px - top_px)
        return Rect(0, round(self.height_px * 0.15), round(self.width_px * 0.28), round(self.height_px * 0.33))

    @property
    def captions(self) -> Rect:
        """The lane of the captions; its bottom is where the last line stands."""
        safe, edge_px = self.safe, self.px(24)
        if self.portrait:
            width_px = self.width_px * (1 - _ICONS_WIDTH) - 2 * edge_px
            height_px = round(self.height_px * _CAPTION_LANE)
            return Rect(edge_px, round(self.height_px * _DESK) - height_px, round(width_px), height_px)
        width_px, height_px = round(self.width_px * _CAPTION_WIDTH), self.px(48)
        left_px = round((self.width_px - width_px) / 2)
        return Rect(left_px, safe.bottom_px - edge_px - height_px, width_px, height_px)

    @property
    def taken(self) -> tuple[Rect, ...]:
        """What an overlay must keep out of, in portrait; nothing in landscape."""
        if not self.portrait:
            return ()
        icons_top_px = self.height_px * _ICONS_FROM
        icons_px = self.width_px * _ICONS_WIDTH
        zone = Rect(
            0,
            round(self.height_px * (1 - _COMMENTS_TO)),
            round(self.width_px * _COMMENTS_WIDTH),
            round(self.height_px * (_COMMENTS_TO - _COMMENTS_FROM)),
        )
        icons = Rect(self.width_px - icons_px, icons_top_px, icons_px, self.height_px - icons_top_px)
        return (zone, icons)

    def place_of(self, spec: Overlay) -> Place:
        """What the scene says for this orientation."""
        spec = spec.upright if self.portrait else spec
        return Place(spec.anchor, self.px(spec.margin), None if spec.width is None else spec.width * self.width_px)

    def room_px(self, place: Place) -> float:
        """The greatest width an overlay may have at `place`."""
        wanted_px = self.safe.width_px - 2 * place.margin_px if place.width_px is None else place.width_px
        if self.portrait and place.anchor.startswith("bottom"):
            # Between the comments on the left and the icons on the right.
            beside_px = self.width_px * (1 - _COMMENTS_WIDTH - _ICONS_WIDTH) - 2 * self.px(_BESIDE) - 1
            return min(wanted_px, beside_px)
        return wanted_px

    def put(self, width_px: float, height_px: float, place: Place, others: Iterable[Rect]) -> Rect:
        """The rectangle for a box at `place`, moved aside or inwards from what is taken and from `others`."""
        safe, margin_px = self.safe, place.margin_px
        left_px, right_px = safe.x_px + margin_px, safe.right_px - margin_px - width_px
        top_px, bottom_px = safe.y_px + margin_px, safe.bottom_px - margin_px - height_px
        x_px = _along(place.anchor, "left", "right", left_px, right_px)
        y_px = _along(place.anchor, "top", "bottom", top_px, bottom_px)
        rect = Rect(x_px, y_px, width_px, height_px)
        for taken in self.taken:
            rect = self._beside(rect, taken, margin_px)
        inwards = 1 if place.anchor.startswith("top") or rect.y_px < self.height_px * 0.25 else -1
        for other in sorted(others, key=lambda r: inwards * r.y_px):
            if _overlap(rect, other):
                gap_px = self.px(_GAP)
                y_px = other.bottom_px + gap_px if inwards > 0 else other.y_px - gap_px - height_px
                rect = Rect(rect.x_px, y_px, width_px, height_px)
        x_px = min(max(rect.x_px, 0), max(self.width_px - width_px, 0))
        y_px = min(max(rect.y_px, safe.y_px), max(safe.bottom_px - height_px, safe.y_px))
        return Rect(round(x_px), round(y_px), width_px, height_px)

    def _beside(self, rect: Rect, taken: Rect, margin_px: float) -> Rect:
        if not _overlap(rect, taken):
            return rect
        width_px, height_px = rect.width_px, rect.height_px
        gap_px = self.px(_BESIDE)
        at_left = taken.x_px <= 0
        icons_px = self.width_px * _ICONS_WIDTH
        x_px = taken.right_px + gap_px if at_left else taken.x_px - gap_px - width_px
        limit_px = self.width_px - icons_px - gap_px if at_left else 0.0
        fits = x_px + width_px <= limit_px + 0.5 if at_left else x_px >= limit_px
        if fits:
            return Rect(x_px, rect.y_px, width_px, height_px)
        # It fits nowhere beside: better at the top, over hair and wall, than over face and product.
        return Rect(rect.x_px, self.safe.y_px + margin_px, width_px, height_px)


def _along(anchor: str, low_word: str, high_word: str, low_px: float, high_px: float) -> float:
    if low_word in anchor:
        return low_px
    return high_px if high_word in anchor else (low_px + high_px) / 2


def _overlap(a: Rect, b: Rect) -> bool:
    return a.x_px < b.right_px and b.x_px < a.right_px and a.y_px < b.bottom_px and b.y_px < a.bottom_px
