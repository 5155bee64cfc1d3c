"""A night for the console to show, that remembers what it was told."""

from __future__ import annotations

from nightcast.console.view import (
    Choice,
    Command,
    CommandResult,
    FeedItem,
    Figures,
    Hush,
    LineView,
    NightState,
    OutputView,
    ProcessView,
    Resume,
    Say,
    ShowGuest,
    VerdictView,
)
from nightcast.show.fields import Text

STATE = NightState(
    title="Lantern Street, all night",
    language="en",
    phase="on_air",
    on_air_s=7384,
    now=LineView(
        text="The acetate is four millimetres thick and weighs twenty-six grams, so you forget it by noon.",
        segment="product",
        product=Text(en="Amber round glasses", zh="琥珀圆框眼镜"),
        reason=Text(en="the room asks for it", zh="观众想看"),
    ),
    next=(
        LineView(text="They come with a hard case and a cloth."),
        LineView(text="Let me put them on, so you can see how they sit."),
        LineView(text="Tonight they are 259 yuan, and there are forty left."),
    ),
    ready_s=68.4,
    spoken=412,
    viewers=1283,
    orders=37,
    sales_minor=958_300,
    processes=(
        ProcessView(name="director", state="running"),
        ProcessView(name="stage", state="running", restarts=1),
        ProcessView(name="voice", state="running"),
        ProcessView(name="air", state="running"),
        ProcessView(
            name="plugin answers",
            state="waiting",
            restarts=3,
            detail=Text(en="exited with 1; next try in 8 s", zh="退出码 1；8 秒后重试"),
        ),
    ),
    outputs=(
        OutputView(id="hls", kind="hls", state="on_air", sent_bytes=2_713_000_000),
        OutputView(
            id="rtmp-2",
            kind="rtmp",
            state="retrying",
            detail=Text(
                en="cannot reach live.example.com:1935: Connection refused",
                zh="连不上 live.example.com:1935：对方拒绝连接",
            ),
            reconnects=4,
        ),
    ),
    figures=Figures(fps=30.0, frames=221_520, repeated=3, draw_ms=11.8, encode_ms=7.1, rms_db=-21, peak_db=-9.4),
    feed=(
        FeedItem(at="23:41:07", kind="comment", who="小满", text="这副会不会夹鼻子？"),
        FeedItem(at="23:41:02", kind="order", who="Rui", text="Amber round glasses × 1"),
        FeedItem(at="23:40:55", kind="gift", who="Tomás", text="5 × rose"),
        FeedItem(at="23:40:40", kind="follow", who="kiki_88"),
    ),
    verdicts=(
        VerdictView(
            at="23:40:12",
            outcome="rewritten",
            text="One of our lightest frames.",
            reason="superlative without proof",
            rules=("cn.ad-law.9-3",),
        ),
        VerdictView(
            at="23:38:51",
            outcome="refused",
            text="It cures tired eyes.",
            reason=Text(en="medical claim", zh="宣称疗效"),
        ),
    ),
    products=(
        Choice(id="amber", title=Text(en="Amber round glasses", zh="琥珀圆框眼镜")),
        Choice(id="hat", title="Felt hat"),
    ),
    for_guests=(Choice(id="amber", title="Amber round glasses"),),
    scenes=(Choice(id="studio", title="Studio"), Choice(id="street", title="Lantern street")),
    shots=(Choice(id="wide", title="wide"), Choice(id="close", title="close")),
    overlays=(Choice(id="price_card", title="Price card"), Choice(id="countdown", title="Countdown")),
    product="amber",
    worn=Choice(id="amber", title="Amber round glasses"),
    scene="studio",
    shot="wide",
    shown_overlays=("price_card",),
)


class Night:
    def __init__(self) -> None:
        self.shown = STATE
        self.told: list[Command] = []
        self.photos: list[bytes] = []

    def state(self) -> NightState:
        return self.shown

    async def command(self, command: Command) -> CommandResult:
        self.told.append(command)
        if isinstance(command, Say) and "cures" in command.text:
            return CommandResult(done=False, text=Text(en="The gate refused it: cures", zh="审核未通过：cures"))
        if isinstance(command, Hush | Resume):
            phase = "paused" if isinstance(command, Hush) else "on_air"
            self.shown = self.shown.model_copy(update={"phase": phase})
        return CommandResult(done=True)

    async def show_guest(self, command: ShowGuest, photo: bytes) -> CommandResult:
        self.photos.append(photo)
        return await self.command(command)
