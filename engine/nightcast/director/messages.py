"""What the director and the supervisor tell each other."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

__all__ = ["ProcessHealth", "ProcessReport", "Status", "from_director", "from_supervisor"]


class _Message(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class ProcessHealth(_Message):
    """One process of the night, as the supervisor sees it."""

    name: str
    state: Literal["starting", "running", "waiting", "stopped"]
    pid: int | None = None
    restarts: int = 0


class ProcessReport(_Message):
    """Supervisor to director: how the processes are."""

    kind: Literal["processes"] = "processes"
    processes: tuple[ProcessHealth, ...]


class Status(_Message):
    """Director to supervisor: what is on air, for a person at the terminal."""

    kind: Literal["status"] = "status"
    phase: Literal["preparing", "on_air", "paused", "ending", "ended"]
    text: str = ""
    segment: str = ""
    product: str = ""
    ready_s: float = 0.0
    spoken: int = 0
    viewers: int = 0
    orders: int = 0
    warning: str = ""
    outputs: dict[str, str] = Field(default_factory=dict)


from_director: TypeAdapter[Status] = TypeAdapter(Annotated[Status, Field()])
from_supervisor: TypeAdapter[ProcessReport] = TypeAdapter(Annotated[ProcessReport, Field()])
