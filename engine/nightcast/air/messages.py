"""What director and air say to each other, as JSON. Samples are of the programme clock, 48 kHz."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from nightcast.show.fields import Text


class _Message(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


# --- outputs -------------------------------------------------------------------------------


class _OutputSpec(_Message):
    id: str = Field(min_length=1, description="names the output in messages; unique")


class HlsSpec(_OutputSpec):
    """HLS with fragmented MP4: `playlist` and its segments, for browsers."""

    kind: Literal["hls"] = "hls"
    directory: Path
    playlist: str = "live.m3u8"
    keep_segments: int = Field(8, ge=3, le=1000)


class FileSpec(_OutputSpec):
    """A file, by its ending .mp4 or .mkv. It can be played whatever ends the program."""

    kind: Literal["file"] = "file"
    path: Path


class RtmpSpec(_OutputSpec):
    """An RTMP or RTMPS server. The URL holds the stream key: it is never logged or reported."""

    kind: Literal["rtmp"] = "rtmp"
    url: str = Field(pattern=r"^rtmps?://", repr=False)


class WindowSpec(_OutputSpec):
    """A window on this machine's screen, with sound."""

    kind: Literal["window"] = "window"


class CameraSpec(_OutputSpec):
    """A virtual camera. `backend` None: this system's usual one."""

    kind: Literal["virtual_camera"] = "virtual_camera"
    backend: str | None = None
    device: str | None = None
    alpha: bool = Field(False, description="send RGBA, where the backend has it (unitycapture)")


class SoundSpec(_OutputSpec):
    """The sound alone, on an audio device of this machine. `device` is a name or a part of it; None: its usual one."""

    kind: Literal["sound"] = "sound"
    device: str | None = None


OutputSpec = Annotated[HlsSpec | FileSpec | RtmpSpec | WindowSpec | CameraSpec | SoundSpec, Field(discriminator="kind")]


# --- director to air -----------------------------------------------------------------------


class PlayClip(_Message):
    """Play an audio file from sample `at` on.

    `late` says what happens when `at` has passed: "shift" plays it whole from now on, "join" enters it where
    it should be by now, which keeps a talking mouth in step after air has restarted.
    """

    kind: Literal["play_clip"] = "play_clip"
    id: str
    path: Path
    at: int = Field(ge=0)
    gain_db: float = Field(0.0, ge=-60, le=12)
    bus: Literal["speech", "sting"] = "speech"
    late: Literal["shift", "join"] = "shift"


class StopClip(_Message):
    """Stop a clip, or all speech (`id` None), now."""

    kind: Literal["stop_clip"] = "stop_clip"
    id: str | None = None
    fade_s: float = Field(0.02, ge=0, le=5)


class SetBed(_Message):
    """Change the music under the speech; it loops. `path` None: no music."""

    kind: Literal["set_bed"] = "set_bed"
    path: Path | None
    gain_db: float = Field(-18.0, ge=-60, le=6)
    duck_db: float = Field(-10.0, ge=-60, le=0, description="how much quieter while someone speaks")
    fade_s: float = Field(1.0, ge=0, le=10)


class AddOutput(_Message):
    """Add an output. Without effect where one of this id has the same settings; else it takes its place."""

    kind: Literal["add_output"] = "add_output"
    output: OutputSpec


ToAir = Annotated[PlayClip | StopClip | SetBed | AddOutput, Field(discriminator="kind")]
TO_AIR: TypeAdapter[ToAir] = TypeAdapter(ToAir)


# --- air to director -----------------------------------------------------------------------


class ClipStarted(_Message):
    """The clip is heard from sample `at` on (later than asked if it came late)."""

    kind: Literal["clip_started"] = "clip_started"
    id: str
    at: int


class ClipEnded(_Message):
    kind: Literal["clip_ended"] = "clip_ended"
    id: str
    at: int
    cut: bool = Field(False, description="it was stopped before its end")


class ClipFailed(_Message):
    """The clip, or the bed ("music"), will not be heard, for this reason."""

    kind: Literal["clip_failed"] = "clip_failed"
    id: str
    reason: Text


class ClipTorn(_Message):
    """The file of a clip, or of the bed, ends before its sound does; what it holds is heard."""

    kind: Literal["clip_torn"] = "clip_torn"
    path: Path


class OutputHealth(_Message):
    """How an output does. `detail` is for a person and holds no secret."""

    id: str
    kind: str
    state: Literal["opening", "on_air", "retrying", "unavailable", "closed"]
    detail: Text | None = None
    sent_bytes: int = 0
    dropped_packets: int = 0
    reconnects: int = 0


class AirStats(_Message):
    """Once a second. Levels in dB of full scale over that second."""

    kind: Literal["air_stats"] = "air_stats"
    sample: int
    frames: int = Field(description="frames encoded since this air started")
    repeated: int = Field(description="of these, showing the picture of the frame before")
    lag_frames: float = Field(0.0, description="how many frames old the picture is, and the lips with it; median")
    rms_db: float
    peak_db: float
    encode_ms: float = Field(description="median time to convert and encode a frame")
    encoder: str
    outputs: tuple[OutputHealth, ...]


class AirState(_Message):
    """The first thing said on every connection: where the clock is, what plays, what has ended lately."""

    kind: Literal["air_state"] = "air_state"
    sample: int
    playing: tuple[str, ...]
    ended: tuple[ClipEnded, ...]


class ClockReanchored(_Message):
    """The programme stood still for so long, as when the machine slept."""

    kind: Literal["clock_reanchored"] = "clock_reanchored"
    at: int
    lost_s: float


class AirEnded(_Message):
    """All outputs are closed."""

    kind: Literal["air_ended"] = "air_ended"
    sample: int


FromAir = Annotated[
    ClipStarted | ClipEnded | ClipFailed | ClipTorn | AirStats | AirState | ClockReanchored | AirEnded,
    Field(discriminator="kind"),
]
FROM_AIR: TypeAdapter[FromAir] = TypeAdapter(FromAir)
