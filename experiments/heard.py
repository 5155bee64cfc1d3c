"""Fits and judges the mouth that hears only sound: `python experiments/heard.py`; `--write` keeps the weights.

espeak-ng speaks sentences of the demo show in both languages and several timbres, with exact phoneme times. Each
voice is judged by weights fitted to the others alone, on sentences that were not fitted either; what is written is
fitted to all. The figures are in `heard.md`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
from dataclasses import dataclass
from importlib import resources
from itertools import pairwise
from pathlib import Path

import numpy as np
from scipy.optimize import minimize

from nightcast.host.lips import VISEMES, SpokenLine
from nightcast.host.recipes import JAW_SHARES
from nightcast.talk.records import Language, VisemeKey
from nightcast.talk.spoken.pieces import Piece, Spoken
from nightcast.talk.voice import heard as listening
from nightcast.talk.voice import visemes
from nightcast.talk.voice.espeak import Espeak
from nightcast.talk.voice.mastering import SYNTHETIC, Preset, master
from nightcast.talk.voice.take import Samples, Utterance

VOICES = ("f1", "f2", "f4", "m1", "m3", "m7")
#: Inner articulations share a class: from the sound of one frame nobody tells them apart, nor does the mouth.
CLASS_OF = {name: name for name in VISEMES} | {"TH": "DD", "nn": "DD", "kk": "DD"}
NAMES = tuple(dict.fromkeys(CLASS_OF.values()))
GROUPS = {"PP": 0, "FF": 1, "sil": 2, "CH": 3, "SS": 3, "RR": 4, "aa": 5, "E": 6, "ih": 6, "oh": 7, "ou": 7, "DD": 8}
JAW = np.array([JAW_SHARES.get(name, 0.0) for name in VISEMES])
RATE_HZ, FPS = 48_000, 60
SENTENCES: tuple[tuple[Language, str], ...] = (
    ("en", "Maybe you want a bigger bag: this one holds a laptop, a bottle and a book."),
    ("en", "My mother bought a pair in March, and she puts them on before breakfast."),
    ("en", "The lamp is made of bamboo and paper, so it may not be put in the bath."),
    ("en", "How are you all doing tonight? We are going to show something really new."),
    ("en", "This scarf gives you a warm neck, and it washes well at thirty degrees."),
    ("en", "You would choose the other size if your head is larger than most."),
    ("en", "Please keep the comments coming, I promise to pick up every problem."),
    ("en", "These earrings are pearl and silver, and they weigh less than four grams."),
    ("en", "Look how the light falls through the shade, you can hardly see the bulb."),
    ("en", "If it does not fit, send it back within seven days, we pay the post."),
    ("zh", "这个包不大，平板、瓶子、面膜都放得下，妈妈买给宝宝也不贵。"),
    ("zh", "朋友们别怕，明白的宝贝慢慢摸，不满意包退。"),
    ("zh", "大家晚上好，今天给大家看一款新的台灯，光线很柔和，适合放在床头。"),
    ("zh", "喜欢的话可以点一下右下角的小黄车，现在下单还送一个收纳袋。"),
    ("zh", "这副墨镜很轻，戴一整天鼻梁也不会疼。"),
    ("zh", "如果尺码不合适，七天之内都可以退回来，运费我们出。"),
    ("zh", "漂亮的瓶子摆满了一面墙，每个品牌都便宜。"),
    ("zh", "把帽子抱回家吧，名额不多，半小时后补货。"),
    ("zh", "珍珠耳环一对只有四克重，戴着很舒服。"),
    ("zh", "你看灯光从灯罩里透出来，几乎看不到灯泡。"),
)


@dataclass(frozen=True, eq=False)
class Line:
    voice: str
    language: Language
    number: int
    samples: Samples
    keys: tuple[VisemeKey, ...]

    @property
    def duration_s(self) -> float:
        return len(self.samples) / RATE_HZ


async def speak() -> list[Line]:
    engine, lines = Espeak(), []
    for voice in VOICES:
        for number, (language, text) in enumerate(SENTENCES):
            base = {"en": "en-us", "zh": "cmn"}[language]
            spoken = Spoken((Piece(text, text),))
            take = await engine.take(Utterance(spoken, language, f"{base}+{voice}", rate=(0.9, 1.0, 1.12)[number % 3]))
            mastered = master(take, SYNTHETIC, Preset())
            keys = visemes.timeline(mastered.phones, len(mastered.samples) / RATE_HZ)
            lines.append(Line(voice, language, number, mastered.samples, keys))
    await engine.close()
    return lines


def labels(line: Line, count: int) -> np.ndarray:
    starts = np.array([key.at_s for key in line.keys])
    at = np.searchsorted(starts, (np.arange(count) + 0.5) * listening.HOP_S, side="right") - 1
    return np.array([NAMES.index(CLASS_OF[line.keys[max(i, 0)].viseme]) for i in at])


def fit(rows: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """(features + 1, classes): softmax regression, every class with the square root of its frequency."""
    counts = np.bincount(truth, minlength=len(NAMES))
    weight = (1 / np.sqrt(np.maximum(counts, 1)))[truth]
    weight /= weight.sum()
    rows = np.concatenate([rows, np.ones((len(rows), 1))], axis=1)
    right = np.eye(len(NAMES))[truth]

    def loss(flat: np.ndarray) -> tuple[float, np.ndarray]:
        table = flat.reshape(rows.shape[1], -1)
        raw = rows @ table
        raw -= raw.max(axis=1, keepdims=True)
        log = raw - np.log(np.exp(raw).sum(axis=1, keepdims=True))
        slope = rows.T @ ((np.exp(log) - right) * weight[:, None]) + 2e-4 * table
        return float(-(weight * (log * right).sum(axis=1)).sum() + 1e-4 * (table**2).sum()), slope.ravel()

    found = minimize(loss, np.zeros(rows.shape[1] * len(NAMES)), jac=True, method="L-BFGS-B", options={"maxiter": 150})
    return found.x.reshape(rows.shape[1], -1)


def judge(lines: list[Line], table: np.ndarray) -> dict[str, float]:
    """How the mouth that hears agrees with the mouth that knows, through the host's own co-articulation."""
    listening._classifier = lambda: listening._Classifier(NAMES, table)  # type: ignore[assignment]
    alike, groups, shut, closures, wrong_shut, open_s = [], [], 0, 0, 0, 0
    for line in lines:
        knows, hears = (mouth(keys, line.duration_s) for keys in (line.keys, listening.heard(line.samples, RATE_HZ)))
        alike.append(np.corrcoef(knows @ JAW, hears @ JAW)[0, 1])
        a, b = ([GROUPS[CLASS_OF[VISEMES[i]]] for i in rows.argmax(axis=1)] for rows in (knows, hears))
        groups += [x == y for x, y in zip(a, b, strict=True)]
        closed = hears[:, VISEMES.index("PP")] > 0.9
        for key, after in pairwise(line.keys):
            if key.viseme == "PP":
                closures += 1
                shut += bool(closed[max(int((key.at_s - 0.04) * FPS), 0) : int((after.at_s + 0.04) * FPS) + 1].any())
        wide = knows @ JAW > 0.5
        open_s += int(wide.sum())
        wrong_shut += int((wide & closed).sum())
    return {
        "lines": len(lines),
        "jaw_correlation": round(float(np.mean(alike)), 2),
        "same_group_percent": round(100 * float(np.mean(groups)), 1),
        "closures": closures,
        "closed_percent": round(100 * shut / max(closures, 1), 1),
        "shut_while_open_percent": round(100 * wrong_shut / max(open_s, 1), 1),
    }


def mouth(keys: tuple[VisemeKey, ...], duration_s: float) -> np.ndarray:
    line = SpokenLine(0.0, [(key.at_s, key.viseme, key.weight) for key in keys], duration_s)
    return np.array([line.weights(time_s) for time_s in np.arange(0, duration_s, 1 / FPS)])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="fit to all lines and keep the weights")
    write = parser.parse_args().write
    lines = asyncio.run(speak())
    rows = [listening.features(line.samples, RATE_HZ)[0] for line in lines]
    truth = [labels(line, len(row)) for line, row in zip(lines, rows, strict=True)]

    def table(chosen: list[int]) -> np.ndarray:
        return fit(np.concatenate([rows[i] for i in chosen]), np.concatenate([truth[i] for i in chosen]))

    for language in ("en", "zh"):
        for voice in ("f2", "m3"):
            unseen = [i for i, line in enumerate(lines) if line.voice == voice and line.number % 2 == 0]
            unseen = [i for i in unseen if lines[i].language == language]
            others = [i for i, line in enumerate(lines) if line.voice != voice and line.number % 2 == 1]
            print(language, voice, judge([lines[i] for i in unseen], table(others)))
    if write:
        record = {"names": NAMES, "weights": np.round(table(list(range(len(lines)))), 3).tolist()}
        target = Path(str(resources.files("nightcast.talk.voice") / "heard.json"))
        target.write_text(json.dumps(record, separators=(",", ":")) + "\n", "utf-8")
        print("wrote", target.name, target.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
