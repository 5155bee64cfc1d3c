"""What the stage tells the director, as JSON. The other way go cues (`stage.cues`)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from nightcast.stage.cues import AnyCue

__all__ = ["FROM_STAGE", "TO_STAGE", "SceneChanged", "SceneRefused", "StageMetrics", "StageReady", "StageWarning"]


class _Message(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class StageReady(_Message):
    """The stage draws, in this scene. Said on every connection: what is missing on stage must be told again."""

    kind: Literal["stage_ready"] = "stage_ready"
    scene: str
    device: str


class StageWarning(_Message):
    """Something was left out: an unknown name in a cue, a file that cannot be drawn, a missing glyph."""

    kind: Literal["stage_warning"] = "stage_warning"
    text: str


class SceneChanged(_Message):
    """An edited scene is on air."""

    kind: Literal["scene_changed"] = "scene_changed"
    scene: str


class SceneRefused(_Message):
    """An edited scene is wrong; the last good one stays on air. `problems` name file, line and remedy."""

    kind: Literal["scene_refused"] = "scene_refused"
    problems: tuple[str, ...]


class StageMetrics(_Message):
    """How drawing went in the last seconds."""

    kind: Literal["stage_metrics"] = "stage_metrics"
    frame: int
    fps: float
    draw_ms_p50: float
    draw_ms_p95: float
    skipped: int  #: frames left out since the start, because drawing had fallen behind
    quality: float = 1.0  #: drawn size over delivered size, under the overlays
    stride: int = 1  #: of so many frames one is drawn
    draw_calls: int = 0
    live_objects: int = 0


FROM_STAGE: TypeAdapter[StageReady | StageWarning | SceneChanged | SceneRefused | StageMetrics] = TypeAdapter(
    Annotated[
        StageReady | StageWarning | SceneChanged | SceneRefused | StageMetrics,
        Field(discriminator="kind"),
    ]
)
TO_STAGE: TypeAdapter[AnyCue] = TypeAdapter(AnyCue)
