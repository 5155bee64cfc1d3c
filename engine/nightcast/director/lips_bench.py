"""Lips against sound, measured on rendered pictures: the figures behind `nightcast bench lips`.

The show's own host speaks sentences that are full of p, b and m. A camera fixed to its head draws the middle of the
mouth 60 times a second; the opening is read from the pixels and compared with the times of the voice's phonemes.
Times are seconds, openings millimetres. It needs a device to draw with, and espeak-ng.
"""

from __future__ import annotations

import asyncio
import math
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from nightcast.director.errors import LipsUnseenError
from nightcast.gltf import load
from nightcast.host import Host, HostFrame, find_anchors
from nightcast.show import Show
from nightcast.show.load import resolve
from nightcast.show.script import VoiceSettings
from nightcast.stage.frame import Background, Camera, Frame, Instance, Lamp, Lighting, look_at
from nightcast.stage.gpu import Gpu
from nightcast.stage.renderer import Renderer
from nightcast.talk.records import Speech, SpeechRequest, VisemeKey
from nightcast.talk.store import AudioStore
from nightcast.talk.voice.build import build_ladder

__all__ = ["Closure", "LipsFigures", "closures", "judge", "measure_lips", "opening_share"]

F64 = NDArray[np.float64]
_Placing = Callable[[HostFrame], Instance]

_FPS = 60
#: Lips are together when the gap between them is no wider than this, on average over the middle of the mouth.
CLOSED_MM = 0.3
#: A closure counts when it lasts at least this long: then a stream at 30 frames/s shows it, wherever its frames fall.
SEEN_S = 1 / 30
#: How long before and after a closure the mouth is watched.
_BEFORE_S, _AFTER_S = 0.03, 0.15
#: A camera half a metre before the mouth; height of the picture and width of its middle, as shares of the way from
#: the bridge of the nose to the chin; the mouth is about 0.7 of that way down.
_AWAY_M, _DOWN, _HEIGHT, _MIDDLE = 0.5, 0.70, 0.56, 0.18
_SIZE_PX = (96, 240)

_SENTENCES: tuple[tuple[Literal["en", "zh"], str, str], ...] = (
    ("en", "neutral", "Maybe you want a bigger bag: this one holds a laptop, a bottle and a book."),
    ("en", "happy", "My mother bought a pair in March, and she puts them on before breakfast."),
    ("en", "neutral", "The lamp is made of bamboo and paper, so it may not be put in the bath."),
    ("en", "happy", "Please keep the comments coming, I promise to pick up every problem."),
    ("en", "neutral", "Compare it with a cheap copper cup: the rim bends, the bottom bumps."),
    ("en", "happy", "Big sample sale from tomorrow, but the blue ones may be gone by then."),
    ("zh", "neutral", "这个包不大，平板、瓶子、面膜都放得下，妈妈买给宝宝也不贵。"),
    ("zh", "happy", "朋友们别怕，明白的宝贝慢慢摸，不满意包退。"),
    ("zh", "neutral", "表面是磨砂的，不怕碰，背面配了皮带。"),
    ("zh", "happy", "漂亮的瓶子摆满了一面墙，每个品牌都便宜。"),
    ("zh", "neutral", "玻璃杯比塑料杯薄，保温也慢一半。"),
    ("zh", "happy", "把帽子抱回家吧，名额不多，半小时后补货。"),
)


@dataclass(frozen=True)
class LipsFigures:
    """How well the lips keep to the sound. Openings count from a gap of `CLOSED_MM`."""

    avatar: str
    sentences: int
    closures: int  #: every p, b and m
    closed_percent: float  #: of them seen closed
    openings: int  #: after a closure, where another sound follows that opens the mouth
    onset_error_ms: float  #: mean distance of an opening from the beginning of the sound it is for
    onset_late_ms: float  #: mean with its sign; early is negative
    onset_error_p95_ms: float
    pictures: int


@dataclass(frozen=True)
class Closure:
    """A p, b or m: from when to when the lips are to be together, and whether a sound follows that opens them."""

    start_s: float
    end_s: float
    opens: bool


def measure_lips(script: Path) -> LipsFigures:
    """Let the host of a show speak, and watch its mouth.

    Raises:
        ShowError, ModelError, HostError: the show, its avatar's file or the avatar's body cannot be used.
        VoiceError: espeak-ng cannot speak here.
        GpuError: there is no device.
        LipsUnseenError: no opening of this mouth can be made out.
    """
    show = Show.load(script)
    file = resolve(show.avatar_file, show.avatar.worn_model)
    speeches = asyncio.run(_speeches(show))
    with Gpu() as gpu, Renderer(gpu, _SIZE_PX) as renderer:
        handle = renderer.load_model(load(file))
        host = Host(
            handle.model,
            hidden_nodes=show.avatar.hide,
            expressions=show.avatar.expressions,
            visemes=show.avatar.visemes,
            height_m=show.avatar.height,
        )
        mouth = _MouthCamera(
            renderer, host, lambda pose: Instance(handle, np.eye(4, dtype=np.float32), "host", pose=pose)
        )
        seen: list[tuple[bool, float | None]] = []
        starts_s = 1.0
        for (_, mood, _), speech in zip(_SENTENCES, speeches, strict=True):
            host.express(mood, starts_s - 0.6)
            keys = [(key.at_s, key.viseme, key.weight) for key in speech.visemes]
            host.speak(starts_s, keys, [(w.start_s, w.end_s, w.text) for w in speech.words], speech.duration_s)
            for closure in closures(speech.visemes):
                times_s = _moments(closure, starts_s)
                gaps_mm = np.array([mouth.gap_mm(time_s) for time_s in times_s])
                seen.append(judge(times_s - starts_s, gaps_mm, closure))
            starts_s += speech.duration_s + 1.5
        pictures = mouth.pictures
        handle.release()
    errors_ms = 1000 * np.array([error_s for _, error_s in seen if error_s is not None])
    if not len(errors_ms):
        raise LipsUnseenError(file)
    return LipsFigures(
        avatar=show.avatar_file.parent.name,
        sentences=len(speeches),
        closures=len(seen),
        closed_percent=round(100 * sum(closed for closed, _ in seen) / len(seen), 1),
        openings=len(errors_ms),
        onset_error_ms=round(float(np.abs(errors_ms).mean()), 1),
        onset_late_ms=round(float(errors_ms.mean()), 1),
        onset_error_p95_ms=round(float(np.percentile(np.abs(errors_ms), 95)), 1),
        pictures=pictures,
    )


async def _speeches(show: Show) -> list[Speech]:
    """The sentences, spoken by the voice that works anywhere; on air the same phonemes time every engine's mouth."""
    script = show.script.model_copy(update={"voice": VoiceSettings()})
    with tempfile.TemporaryDirectory(prefix="nightcast-lips-") as folder:
        store = AudioStore(Path(folder))
        voices = build_ladder(script, show.avatar, root=show.root, script_file=show.file, store=store)
        try:
            return [
                await voices.synthesise(SpeechRequest(f"lips{number}", text, language))
                for number, (language, _, text) in enumerate(_SENTENCES)
            ]
        finally:
            await voices.close()


def closures(keys: Sequence[VisemeKey]) -> Iterator[Closure]:
    """Every stretch of a line in which the lips must be together."""
    for key, after in pairwise(keys):
        if key.viseme == "PP":
            yield Closure(key.at_s, after.at_s, opens=after.viseme not in ("sil", "PP", "FF"))


def _moments(closure: Closure, starts_s: float) -> F64:
    first = math.floor((starts_s + closure.start_s - _BEFORE_S) * _FPS)
    last = math.ceil((starts_s + closure.end_s + _AFTER_S) * _FPS)
    return np.arange(first, last + 1) / _FPS


def judge(times_s: F64, gaps_mm: F64, closure: Closure) -> tuple[bool, float | None]:
    """Whether the lips were seen to close, and how late they parted (negative: early); None where that has no meaning.

    Between two pictures the gap is taken to change evenly.
    """
    shut = gaps_mm <= CLOSED_MM
    near = (times_s > closure.start_s - _BEFORE_S) & (times_s < closure.end_s + _BEFORE_S)
    runs = np.flatnonzero(np.diff(np.concatenate([[False], shut & near, [False]]).astype(int))).reshape(-1, 2)
    if not len(runs):
        return False, None
    first, last = max(runs.tolist(), key=lambda run: run[1] - run[0])
    closed = (last - first) / _FPS >= SEEN_S - 1e-9
    while last < len(shut) and shut[last]:
        last += 1
    if not closure.opens or last == len(shut):
        return closed, None
    below, above = gaps_mm[last - 1], gaps_mm[last]
    opened_s = times_s[last] - (above - CLOSED_MM) / (above - below) / _FPS
    return closed, float(opened_s - closure.end_s)


class _MouthCamera:
    """Draws the middle of the mouth and reads the gap between the lips, beyond that of the face at rest."""

    def __init__(self, renderer: Renderer, host: Host, instance: _Placing) -> None:
        self._renderer, self._host, self._instance = renderer, host, instance
        anchors = find_anchors(host.rig)
        self._bridge = anchors["nose_bridge"]
        down = anchors["chin"].rest[:3, 3] - self._bridge.rest[:3, 3]
        self._face_m = float(np.linalg.norm(down))
        self._mouth = np.append(down * _DOWN, 1.0)
        self.pictures = 0
        rest = self._draw(0.0)
        self._skin = float(np.median(_colourfulness(rest)))
        self._rest_mm = self._opening_mm(rest)

    def gap_mm(self, time_s: float) -> float:
        return self._opening_mm(self._draw(time_s)) - self._rest_mm

    def _opening_mm(self, pixels: NDArray[np.uint8]) -> float:
        middle_px = round(_SIZE_PX[1] * _MIDDLE / _HEIGHT)
        left_px = (_SIZE_PX[0] - middle_px) // 2
        share = opening_share(pixels[:, left_px : left_px + middle_px], self._skin)
        return share * self._face_m * _HEIGHT * 1000

    def _draw(self, time_s: float) -> NDArray[np.uint8]:
        frame = self._host.update(time_s)
        face = self._bridge.world(frame)
        mouth, ahead = (face @ self._mouth)[:3], face[:3, 2]
        fov_deg = 2 * math.degrees(math.atan2(self._face_m * _HEIGHT / 2, _AWAY_M))
        view = look_at((mouth + ahead * _AWAY_M).tolist(), mouth.tolist(), face[:3, 1].tolist())
        camera = Camera(view, fov_deg, _AWAY_M / 2, _AWAY_M * 3)
        # Light from the camera: no shadow moves over the lips while the head turns.
        light = Lighting(key=Lamp(tuple((ahead + face[:3, 1] * 0.25).tolist()), 1.5), ambient=(1.0, 1.0, 1.0))
        self.pictures += 1
        return self._renderer.draw(Frame(camera, light, Background((0, 0, 0)), [self._instance(frame)]))


def opening_share(pixels: NDArray[np.uint8], skin: float) -> float:
    """The share of a picture (height, width, 4) that shows what is behind lips: teeth have no colour and the hollow of
    the mouth has no light, while skin and lips have both. `skin` is the colourfulness of the face's skin.
    """
    inside = np.clip((0.75 - _colourfulness(pixels) / skin) / 0.4, 0, 1)
    return float(inside.mean())


def _colourfulness(pixels: NDArray[np.uint8]) -> F64:
    """(height, width): how much redder than grey a pixel is, for its light; about 0 for white, grey and black."""
    light = (pixels[..., :3] / 255.0) ** 2.2
    red: F64 = light[..., 0] - light[..., 1:].mean(axis=-1)
    colourfulness: F64 = np.maximum(red, 0) / (light.sum(axis=-1) + 0.15)
    return colourfulness
