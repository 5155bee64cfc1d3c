"""The same night without pacing: `nightcast render` draws and speaks it frame by frame into a file.

Deterministic: seed, script and the moment it is said to begin at give the same bytes on one machine. Everything runs
in one thread, in the order of the programme clock; a line is synthesised when it is needed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from nightcast.air import sound
from nightcast.air.encoder import EncoderSettings
from nightcast.air.unpaced import UnpacedAir
from nightcast.director.desk import Desk
from nightcast.director.errors import UnspokenError
from nightcast.director.night import Begun, Night, ReadyLine
from nightcast.director.planning import PlanAhead, Words, build_planner
from nightcast.director.policy import aigc_metadata, load_policy
from nightcast.director.staging import Staging
from nightcast.director.voices import speech_request
from nightcast.process.shared import SAMPLE_RATE_HZ
from nightcast.show import Show
from nightcast.stage.overlays import AiLabel
from nightcast.stage.production import Production
from nightcast.stage.stock import light_cache
from nightcast.stage.studio import Studio
from nightcast.talk.errors import TalkError
from nightcast.talk.gate.gate import Gate
from nightcast.talk.plan.memory import Memory
from nightcast.talk.plan.planner import RoomWants
from nightcast.talk.records import Language, Line, Segment
from nightcast.talk.store import AudioStore
from nightcast.talk.voice.build import build_ladder
from nightcast.talk.voice.ladder import VoiceLadder

__all__ = ["Rendered", "render"]


@dataclass(frozen=True)
class Rendered:
    file: Path
    frames: int
    seconds: float
    sentences: tuple[str, ...]
    warnings: tuple[str, ...]


def render(
    show: Show,
    file: Path,
    *,
    seconds: float,
    seed: int,
    began: datetime,
    size_px: tuple[int, int] | None = None,
    cache: Path,
    tell: Callable[[float], None] = lambda done: None,
) -> Rendered:
    """Render the beginning of a night. `began` is the moment on its clock (aware); `cache` holds speech.

    Raises what the packages raise for a show that cannot be drawn or spoken.
    """
    return asyncio.run(_Rendering(show, file, seconds, seed, began, size_px, cache, tell).run())


class _Rendering:
    def __init__(
        self, show: Show, file: Path, seconds: float, seed: int, began: datetime, size_px: tuple[int, int] | None,
        cache: Path, tell: Callable[[float], None],
    ) -> None:  # fmt: skip
        self._show, self._file, self._seconds, self._seed, self._began = show, file, seconds, seed, began
        scene_file, scene = next(iter(show.scenes.items()))
        self._scene_name = show.scene_name(scene_file)
        self._fps = scene.stage.fps
        self._size_px = size_px or scene.stage.size
        self._cache = cache
        self._tell = tell
        self._sample = 0
        self._sentences: list[str] = []
        self._warnings: list[str] = []

    async def run(self) -> Rendered:
        show = self._show
        gate = Gate(load_policy(show))
        desk = Desk(show.catalog, gate, None, self._clock)
        night = Night()
        plan = PlanAhead(
            planner=build_planner(show, Words.of_show(show), gate.policy, self._began),
            memory=Memory(),
            seed=self._seed,
            prefix="",
            begins=lambda: self._clock() + timedelta(seconds=night.ready_s),
            catalog=lambda: desk.catalog,
            wants=RoomWants,
        )
        staging = Staging(show, self._scene_name)
        label = gate.policy.label
        language: Language = "zh" if show.script.language == "zh" else "en"
        ladder = build_ladder(
            show.script, show.avatar, root=show.root, script_file=show.file, store=AudioStore(self._cache / "speech")
        )
        settings = EncoderSettings(width=self._size_px[0], height=self._size_px[1], fps=self._fps)
        with Studio(
            Production.of_show(show), self._size_px, fps=self._fps, scene=self._scene_name, language=language,
            seed=self._seed, label=AiLabel(label.text.said_in(language), label.height, label.place) if label else None,
            cache=light_cache(),
        ) as studio:  # fmt: skip
            studio.prepare()
            air = UnpacedAir(self._file, settings, aigc_metadata(show))
            self._start_music(air)
            frames = round(self._seconds * self._fps)
            for frame in range(frames):
                self._sample = frame * SAMPLE_RATE_HZ // self._fps
                while night.ready_s < 2.0 and (segment := plan.next()) is not None:
                    for line in segment.lines:
                        ready = await self._ready(desk, ladder, line, segment)
                        if ready is not None:
                            night.offer(ready)
                for happening in night.step(self._sample):
                    if isinstance(happening, Begun):
                        self._begin(happening, air, studio, staging, desk)
                air.write(studio.frame(frame))
                if frame % self._fps == 0:
                    self._tell(frame / frames)
                    await asyncio.sleep(0)  # asyncio ends a program at Ctrl-C only where it waits
            self._warnings += studio.take_warnings()
            air.close()
        await ladder.close()
        return Rendered(
            self._file, frames, frames / self._fps, tuple(self._sentences), tuple(dict.fromkeys(self._warnings))
        )

    def _clock(self) -> datetime:
        return self._began + timedelta(seconds=self._sample / SAMPLE_RATE_HZ)

    async def _ready(self, desk: Desk, ladder: VoiceLadder, line: Line, segment: Segment) -> ReadyLine | None:
        admitted = desk.admit(line)
        if admitted is None:
            return None
        try:
            speech = await ladder.synthesise(speech_request(admitted, self._show.avatar, self._show.script.voice))
        except TalkError as error:
            raise UnspokenError(line.id, error.told) from error
        return ReadyLine(admitted, segment, speech)

    def _begin(self, begun: Begun, air: UnpacedAir, studio: Studio, staging: Staging, desk: Desk) -> None:
        self._sentences.append(begun.ready.line.text)
        air.mixer.play(begun.ready.line.id, self._load(Path(begun.ready.speech.path)), begun.at)
        studio.apply(staging.begin(begun.ready, begun.at, begun.opens, desk.catalog, self._clock()))

    def _start_music(self, air: UnpacedAir) -> None:
        music = self._show.script.music
        if music is not None:
            samples = self._load(self._show.path(self._show.file, music.file))
            air.mixer.set_bed(samples, gain_db=music.gain_db, duck_db=music.duck_db, fade_s=1.0)

    def _load(self, path: Path) -> sound.Samples:
        loaded = sound.load(path)
        if loaded.cut_off:
            self._warnings.append(sound.told_cut_off(path).en)
        return loaded.samples
