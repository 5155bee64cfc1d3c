"""The voices of a show, from its script and avatar: which engines, with which names, in which order."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from pathlib import Path

from nightcast.show import Avatar, Script
from nightcast.show.demo import demo_root
from nightcast.talk.gate.packs import read_platform
from nightcast.talk.spoken import lexicon
from nightcast.talk.spoken.normalise import Speller
from nightcast.talk.store import AudioStore
from nightcast.talk.voice.edge import Edge
from nightcast.talk.voice.espeak import Espeak
from nightcast.talk.voice.ladder import Rung, VoiceLadder
from nightcast.talk.voice.mastering import NATURAL, SYNTHETIC, Colour, Preset
from nightcast.talk.voice.openai_speech import OpenAiSpeech
from nightcast.talk.voice.piper import Piper
from nightcast.talk.voice.studio import StudioVoice
from nightcast.talk.voice.take import Engine

_TIMEOUTS_S = {"edge": 12.0, "openai": 15.0, "piper": 10.0, "espeak": 6.0}
_DEFAULT_NAMES: Mapping[tuple[str, str], Mapping[str, str]] = {
    ("edge", "woman"): {"en": "en-US-AvaMultilingualNeural", "zh": "zh-CN-XiaoxiaoNeural"},
    ("edge", "man"): {"en": "en-US-AndrewMultilingualNeural", "zh": "zh-CN-YunxiNeural"},
    ("espeak", "woman"): {"en": "woman", "zh": "woman"},
    ("espeak", "man"): {"en": "man", "zh": "man"},
}


def build_ladder(
    script: Script,
    avatar: Avatar,
    *,
    root: Path,
    script_file: Path,
    store: AudioStore,
    preset: Preset | None = None,
    environ: Mapping[str, str] = os.environ,
) -> VoiceLadder:
    """The wanted engine first, espeak-ng last. The lexicon is `scripts/lexicon` of the show, else the demo's.

    Without a `preset` lines are as loud as the script's platform wants them. Raises PackError.
    """
    speller = Speller(lexicon.load(_folder(root, "lexicon")))
    if preset is None:
        platform = read_platform(_folder(root, "policies"), script.policy.platform)
        preset = Preset(platform.loudness_lufs, platform.true_peak_db)
    clock = Espeak()
    wanted = script.voice.engine
    engines: dict[str, tuple[Engine, Colour]] = {}
    match wanted:
        case "edge":
            engines["edge"] = Edge(clock), NATURAL
        case "openai":
            key = environ.get("OPENAI_API_KEY", "")
            engines["openai"] = OpenAiSpeech(clock, script.voice.base_url or "https://api.openai.com/v1", key), NATURAL
        case "piper":
            model = script.voice.model
            path = (script_file.parent / model).resolve() if model else Path()
            engines["piper"] = Piper(clock, path), NATURAL
    engines["espeak"] = clock, SYNTHETIC
    rungs = tuple(
        Rung(
            name,
            StudioVoice(engine, store, speller, colour, preset),
            _TIMEOUTS_S[name],
            _names(name, script, avatar, is_wanted=name == wanted),
        )
        for name, (engine, colour) in engines.items()
    )
    return VoiceLadder(rungs, time.monotonic)


def _folder(root: Path, name: str) -> Path:
    """The show's own, else the demo's."""
    own = root / "scripts" / name
    return own if own.is_dir() else demo_root() / "scripts" / name


def _names(engine: str, script: Script, avatar: Avatar, *, is_wanted: bool) -> Mapping[str, str | None]:
    own = {"en": avatar.voice.en, "zh": avatar.voice.zh} if avatar.voice.engine == engine else {}
    defaults = _DEFAULT_NAMES.get((engine, avatar.voice.timbre), {})
    named = {language: own.get(language) or defaults.get(language) for language in ("en", "zh")}
    if is_wanted and script.voice.name:
        named[script.language] = script.voice.name
    return named
