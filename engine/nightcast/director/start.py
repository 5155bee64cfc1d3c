"""Before a night: everything that can be checked without drawing or speaking, and what its processes are given."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from nightcast.director.errors import ForbiddenNightError, ForeignAddressError, PortInUseError
from nightcast.director.lease import Lease
from nightcast.director.licence import check_licence
from nightcast.director.messages import Status
from nightcast.director.nights import set_aside
from nightcast.director.outputs import free_name
from nightcast.director.page import Page, is_free
from nightcast.director.policy import aigc_metadata, load_policy
from nightcast.director.run import Label, Run
from nightcast.director.simulated import has_connector
from nightcast.director.state import check_state, state_folder
from nightcast.director.supervisor import Supervised, Supervisor
from nightcast.process.child import Child
from nightcast.process.shared import ClockPage, FrameRing, remove_stale_blocks
from nightcast.room.plugins.manifest import load_plugin
from nightcast.show import Show
from nightcast.show.demo import demo_script
from nightcast.show.script import Output
from nightcast.talk.gate.policy import may_start
from nightcast.talk.plan.llm import why_unusable

__all__ = ["Preparation", "prepare"]

#: Seconds without a heartbeat after which a process counts as hung. The stage may take long over a large scene.
_SILENCE_S = {"director": 15.0, "stage": 20.0, "air": 10.0, "voice": 30.0}
#: The director comes with the console, which stands on top of it.
_MODULES = {
    "director": "nightcast.console",
    "voice": "nightcast.talk.voice_process",
    "stage": "nightcast.stage",
    "air": "nightcast.air",
}


@dataclass(frozen=True)
class Preparation:
    """A night that may start: the show is sound, the policy allows it, the ports are free."""

    show: Show
    state: Path
    size_px: tuple[int, int]
    outputs: tuple[Output, ...]
    language: str
    page: Page
    hub_port: int
    for_s: float | None
    seed: int
    fresh: bool
    warnings: tuple[str, ...]

    def start(self, report: Callable[[Status], None]) -> int:
        """Run the night to its end. Returns the exit code.

        Raises `LeaseHeldError` where it runs already, and `JournalError`.
        """
        lease = Lease(self.state)
        remove_stale_blocks()
        scene = self.show.scene_name(next(iter(self.show.scenes)))
        fps = next(iter(self.show.scenes.values())).stage.fps
        clock = ClockPage.create(fps=fps)
        ring = FrameRing.create(*self.size_px)
        try:
            if warning := set_aside(self.state, datetime.now().astimezone(), fresh=self.fresh):
                report(Status(phase="preparing", warning=warning))
            run = Run(
                script=self.show.file,
                root=self.show.root,
                state=self.state,
                scene=scene,
                width_px=self.size_px[0],
                height_px=self.size_px[1],
                fps=fps,
                seed=self.seed,
                clock=clock.name,
                ring=ring.name,
                page=self.page,
                hub_port=self.hub_port,
                outputs=self.outputs,
                language=self.language,
                for_s=self.for_s,
                label=self._label(),
                metadata=aigc_metadata(self.show),
            )
            with run.written() as file:
                children = [
                    Supervised(
                        Child(name, [sys.executable, "-m", module, str(file)], run.logs / f"{name}.log"),
                        _SILENCE_S[name],
                    )
                    for name, module in _MODULES.items()
                ]
                return Supervisor(run, children, report, Random(self.seed)).run()
        finally:
            clock.close()
            ring.close()
            lease.release()

    def where_to_watch(self) -> list[str]:
        on_page = any(output.kind == "hls" for output in self.outputs)
        lines = [f"{'Watch and steer' if on_page else 'Steer'}: {self.page.url}"]
        return [*lines, *(_where(output) for output in self.outputs if output.kind != "hls")]

    def summary(self) -> list[tuple[str, str]]:
        """What would be started, for a person to read."""
        script, catalog = self.show.script, self.show.catalog
        quiet = script.room.simulate == "off" or has_connector(self.show)
        return [
            ("script", str(self.show.file)),
            ("host", self.show.avatar.name.in_language(self.language)),
            ("languages", ", ".join(script.spoken_languages)),
            ("voice", script.voice.engine),
            ("writer", script.planner.model or "offline writer"),
            ("scenes", ", ".join(path.stem for path in self.show.scenes)),
            ("products", ", ".join(product.id for product in catalog.products if product.featured)),
            ("market, platform", f"{script.policy.market}, {script.policy.platform}"),
            ("picture", f"{self.size_px[0]}×{self.size_px[1]}, {next(iter(self.show.scenes.values())).stage.fps} fps"),
            ("outputs", "\n".join(_where(output) for output in self.outputs)),
            ("room", "plugins only" if quiet else f"simulated ({script.room.simulate}), until one is connected"),
            ("plugins", ", ".join(Path(entry.plugin).name for entry in script.plugins) or "none"),
            ("journal", str(self.state)),
        ]

    def _label(self) -> Label | None:
        """The AI label as the policy wants it."""
        label = load_policy(self.show).label
        if label is None:
            return None
        text = label.text.said_in("zh" if self.language == "zh" else "en")
        return Label(text=text, height=label.height, place=label.place)


def prepare(
    *,
    script: Path | None = None,
    state: Path | None = None,
    outputs: Sequence[Output] = (),
    size: tuple[int, int] | None = None,
    portrait: bool = False,
    language: str | None = None,
    page: Page | None = None,
    for_s: float | None = None,
    seed: int | None = None,
    fresh: bool = False,
) -> Preparation:
    """Check all that must hold before a night starts.

    Raises `ShowError` (with every mistake), `ForbiddenNightError`, `LicenceError`, `ManifestError`,
    `StateFolderError`, `NoRoomError`, `LeaseHeldError`, `PortInUseError` or `ForeignAddressError`.
    """
    show = Show.load(script or demo_script())
    settings = show.script.policy
    permission = may_start(
        load_policy(show), operator_present=settings.operator_present, accept_unverified=settings.accept_unverified
    )
    if not permission.allowed:
        raise ForbiddenNightError([permission.reason])
    for entry in show.script.plugins:
        load_plugin(show.path(show.file, entry.plugin))
    warnings = [words.said_in("en") for words in permission.reminders]
    warnings += check_licence(show)
    asked = [model for model in (show.script.planner.model, show.script.planner.second_model) if model]
    unusable = [why for model in asked if (why := why_unusable(model, show.script.planner))]
    warnings += [f"{why}. Until then the offline writer writes." for why in unusable]
    chosen = tuple(outputs) or show.script.outputs
    width, height = size or next(iter(show.scenes.values())).stage.size
    if portrait != (height > width):
        width, height = (height, width) if portrait or size is None else (width, height)
    page = page or Page()
    folder = (state or state_folder(show.file, show.root)).resolve()
    check_state(folder)
    Lease(folder).release()  # a night that runs already holds its ports too, and says better what is the matter
    _check_ports(page, show.script.room.port)
    now = datetime.now(ZoneInfo(show.script.night.timezone))
    return Preparation(
        show=show,
        state=folder,
        size_px=(width, height),
        outputs=chosen,
        language=language or show.script.language,
        page=page,
        hub_port=show.script.room.port,
        for_s=for_s,
        seed=now.toordinal() if seed is None else seed,
        fresh=fresh,
        warnings=tuple(warnings),
    )


def _where(output: Output) -> str:
    """Where an output goes, without its key."""
    match output.kind:
        case "hls":
            return "On the page"
        case "file":
            return f"Recording to {free_name(Path(output.path or ''))}"
        case "rtmp":
            return f"Sending to {output.server}"
        case "window":
            return "Showing in a window"
        case "virtual_camera":
            return f"Virtual camera: {output.device or 'the first one'}"
        case "sound":
            return f"Sound on {output.device or 'the usual device'}"


def _check_ports(page: Page, hub_port: int) -> None:
    if page.port == hub_port:
        raise PortInUseError(page.port, "--port", "the script's room")
    try:
        page_is_free = is_free(page.address, page.port)
    except OSError as error:
        raise ForeignAddressError(page.address, error.strerror or str(error)) from error
    if not page_is_free:
        raise PortInUseError(page.port, "--port")
    if hub_port and not is_free("127.0.0.1", hub_port):
        raise PortInUseError(hub_port, "room.port in the script")
