"""What the console may see of a night and ask of it. The director implements `NightView`.

All models cross to the browser as JSON. Texts are for a person to read: what is spoken in the language it is spoken
in, all else that is known in both (`Text`), for the page to choose.
"""

from __future__ import annotations

from typing import Annotated, Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from nightcast.show.fields import Text


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


# --- state ---------------------------------------------------------------------------------


class LineView(_Model):
    """A sentence on air or about to be."""

    text: str
    segment: str = Field("", description="kind of its segment: opening, product, answer …")
    product: Text | None = Field(None, description="title of the product it is about")
    reason: Text | None = Field(None, description="why the planner put it here")


class ProcessView(_Model):
    name: str
    state: Literal["starting", "running", "waiting", "stopped"]
    restarts: int = 0
    detail: Text | None = None


class OutputView(_Model):
    id: str
    kind: str
    state: Literal["opening", "on_air", "retrying", "unavailable", "closed"]
    detail: Text | None = None
    sent_bytes: int = 0
    dropped_packets: int = 0
    reconnects: int = 0


class FeedItem(_Model):
    """Something that happened in the room."""

    at: str = Field(description="time of day, HH:MM:SS")
    kind: Literal["comment", "gift", "like", "follow", "join", "order", "notice"]
    who: str = ""
    text: str = ""


class VerdictView(_Model):
    """What the gate said of a sentence: passed, rewritten or refused."""

    at: str
    outcome: Literal["passed", "rewritten", "refused"]
    text: str
    reason: Text | None = None
    rules: tuple[str, ...] = ()


class Choice(_Model):
    """Something an operator may switch to."""

    id: str
    title: Text


class Figures(_Model):
    """How picture and sound do, over the last second."""

    fps: float = 0.0
    frames: int = 0
    repeated: int = Field(0, description="frames that showed the picture before once more, since air started")
    lag_frames: float = Field(0.0, description="how many frames old the picture is, and the lips with it")
    draw_ms: float = 0.0
    encode_ms: float = 0.0
    encoder: str = Field("", description="the codec that makes the video: libx264, or h264_nvenc on a card that can")
    rms_db: float = -120.0
    peak_db: float = -120.0


class NightState(_Model):
    """All that the page shows."""

    title: Text
    language: Literal["en", "zh"] = Field(description="in which the host speaks now")
    phase: Literal["preparing", "on_air", "paused", "ending", "ended"]
    on_air_s: float = Field(0.0, description="since the night began")
    now: LineView | None = None
    next: tuple[LineView, ...] = ()
    ready_s: float = Field(0.0, description="seconds of speech that wait, gated and synthesised")
    spoken: int = 0
    viewers: int = 0
    orders: int = 0
    sales_minor: int = Field(0, description="in the currency's smallest unit")
    currency: str = "CNY"
    warning: Text | None = Field(None, description="what the operator should know")
    processes: tuple[ProcessView, ...] = ()
    outputs: tuple[OutputView, ...] = ()
    figures: Figures = Figures()
    feed: tuple[FeedItem, ...] = Field((), description="newest first")
    verdicts: tuple[VerdictView, ...] = Field((), description="newest first")
    products: tuple[Choice, ...] = ()
    for_guests: tuple[Choice, ...] = Field(
        (), description="products that a guest can try on; none where no overlay shows one"
    )
    scenes: tuple[Choice, ...] = ()
    shots: tuple[Choice, ...] = ()
    overlays: tuple[Choice, ...] = ()
    product: str | None = None
    worn: Choice | None = Field(None, description="what the host tries on")
    scene: str | None = None
    shot: str | None = None
    shown_overlays: tuple[str, ...] = ()


# --- commands ------------------------------------------------------------------------------


class Skip(_Model):
    """Leave what is being said and go on with the next line or segment."""

    kind: Literal["skip"] = "skip"
    what: Literal["line", "segment"] = "segment"


class Hush(_Model):
    """Silence, now. The host stays alive and waits for `resume`."""

    kind: Literal["hush"] = "hush"


class Resume(_Model):
    kind: Literal["resume"] = "resume"


class Say(_Model):
    """Say this at the next sentence end, or at once. It passes the gate like everything else."""

    kind: Literal["say"] = "say"
    text: str = Field(min_length=1, max_length=500)
    at_once: bool = False


class SwitchProduct(_Model):
    kind: Literal["switch_product"] = "switch_product"
    product: str


class SwitchScene(_Model):
    kind: Literal["switch_scene"] = "switch_scene"
    scene: str


class CutShot(_Model):
    kind: Literal["cut_shot"] = "cut_shot"
    shot: str


class ShowOverlay(_Model):
    kind: Literal["show_overlay"] = "show_overlay"
    overlay: str
    show: bool = True


class Compare(_Model):
    """Show the host before and after in one picture: without `product`, or without all of it, left of the face."""

    kind: Literal["compare"] = "compare"
    product: str | None = None
    hold_s: float = Field(6.0, gt=0, le=600)


class ShowGuest(_Model):
    """Show a viewer who agreed to it, trying a product on: a photo on this machine, which stays where it is."""

    kind: Literal["show_guest"] = "show_guest"
    photo: str = Field(min_length=1)
    product: str
    consent: Literal[True]
    name: str = Field("", max_length=40)
    hold_s: float = Field(15.0, gt=0, le=600)


class EndNight(_Model):
    """End after this sentence."""

    kind: Literal["end"] = "end"


Command = Annotated[
    Skip | Hush | Resume | Say | SwitchProduct | SwitchScene | CutShot | ShowOverlay | Compare | ShowGuest | EndNight,
    Field(discriminator="kind"),
]
COMMAND: TypeAdapter[Command] = TypeAdapter(Command)


class CommandResult(_Model):
    """What became of a command; `text` is shown to the operator."""

    done: bool
    text: Text | None = None


class NightView(Protocol):
    """A night as the console sees it. Called from the event loop; `state` must be quick, it is asked twice a second."""

    def state(self) -> NightState: ...

    async def command(self, command: Command) -> CommandResult:
        """Do it, or say why not. A command that names something unknown is not done; it never raises."""
        ...

    async def show_guest(self, command: ShowGuest, photo: bytes) -> CommandResult:
        """As `command`, with a photo that was sent; it is deleted as soon as the product was put on."""
