"""What the director may ask of the stage, each at an exact sample of the programme clock (48 kHz).

These models cross the process boundary as JSON. A cue that names something unknown (a shot, a product, an
expression) is dropped by the stage with a warning to the director; it never stops the picture.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class Cue(BaseModel):
    """Base of all cues. `at` is the sample at which it takes effect."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    at: int = Field(ge=0, description="sample of the programme clock, 48 kHz")


class TransitionSpec(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
    name: Literal["cut", "dissolve", "dip", "wipe", "zoom"] = "cut"
    seconds: float = Field(0.0, ge=0, le=5)


class SceneCue(Cue):
    kind: Literal["scene"] = "scene"
    scene: str  # path of the scene's YAML, relative to the show
    transition: TransitionSpec = TransitionSpec()


class ShotCue(Cue):
    kind: Literal["shot"] = "shot"
    shot: str
    transition: TransitionSpec | None = None  # None: what the scene says for this shot


class SpeakCue(Cue):
    """The host begins to speak. Times are seconds after `at`."""

    kind: Literal["speak"] = "speak"
    line_id: str
    text: str
    duration_s: float
    visemes: tuple[tuple[float, str, float], ...]  # (at_s, viseme, weight)
    words: tuple[tuple[float, float, str], ...] = ()  # (start_s, end_s, text)
    expression: str | None = None


class HushCue(Cue):
    """The host stops speaking now; the mouth closes within `fade_s`."""

    kind: Literal["hush"] = "hush"
    fade_s: float = 0.08


class ExpressionCue(Cue):
    kind: Literal["expression"] = "expression"
    name: str  # "neutral" clears
    weight: float = Field(1.0, ge=0, le=1)
    fade_s: float = 0.35
    hold_s: float | None = None  # None: until the next


class GestureCue(Cue):
    kind: Literal["gesture"] = "gesture"
    name: str
    target: str | None = None  # "product", "camera", "comments", a stand's name
    after_s: float = Field(0.0, ge=0)  # its stroke falls so long after `at`


class GazeCue(Cue):
    kind: Literal["gaze"] = "gaze"
    target: str  # "camera", "product", "comments", a stand's name, "idle"


class ProductCue(Cue):
    """A product is put on a stand, or the stand is cleared (`product` None)."""

    kind: Literal["product"] = "product"
    product: str | None
    stand: str | None = None  # None: the scene's first stand
    variant: str | None = None


class WearCue(Cue):
    """The host puts a product on or takes it off (`product` None: takes everything off)."""

    kind: Literal["wear"] = "wear"
    product: str | None
    on: bool = True
    variant: str | None = None


class CompareCue(Cue):
    """Before and after: left of a line through the host's face nothing of the catalog is worn, or not `product`."""

    kind: Literal["compare"] = "compare"
    show: bool = True
    product: str | None = None
    hold_s: float | None = Field(None, gt=0, le=600)  # None: until `show` is false


class OverlayCue(Cue):
    """An overlay of the scene is shown with new data, or hidden. Data's keys depend on the overlay's kind."""

    kind: Literal["overlay"] = "overlay"
    overlay: str
    show: bool = True
    data: dict[str, Any] = Field(default_factory=dict)
    hold_s: float | None = None


class GuestCue(Cue):
    """A viewer's picture, trying something on, in the scene's overlay of kind `guest`; `picture` None takes it away.

    There is no such cue without the person's consent.
    """

    kind: Literal["guest"] = "guest"
    picture: str | None  # a file of this night's own folder
    consent: Literal[True]
    name: str = ""
    product: str | None = None
    hold_s: float = Field(15.0, gt=0, le=600)


class ChatCue(Cue):
    """A comment of the room, for overlays and screens that show the chat."""

    kind: Literal["chat"] = "chat"
    user: str
    text: str
    comment_id: str = ""  # by which it can be taken away again


class ChatGoneCue(Cue):
    """A comment was deleted: it leaves the picture."""

    kind: Literal["chat_gone"] = "chat_gone"
    comment_id: str


class SlateCue(Cue):
    """Show or leave the slate (a still with the brand's name), used when the picture must not be trusted."""

    kind: Literal["slate"] = "slate"
    show: bool


AnyCue = Annotated[
    SceneCue
    | ShotCue
    | SpeakCue
    | HushCue
    | ExpressionCue
    | GestureCue
    | GazeCue
    | ProductCue
    | WearCue
    | CompareCue
    | OverlayCue
    | GuestCue
    | ChatCue
    | ChatGoneCue
    | SlateCue,
    Field(discriminator="kind"),
]
