"""What works on this machine: device, fonts, voices, encoders, cameras. Each finding has the next step where it fails.

Each check runs by itself, and a part that is broken in an unforeseen way is a finding, too.
"""

from __future__ import annotations

import asyncio
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

__all__ = ["Finding", "examine"]

_SHM_NEEDED_BYTES = 64 << 20


@dataclass(frozen=True)
class Finding:
    subject: str
    state: Literal["ok", "warn", "fail"]
    detail: str
    remedy: str = ""


def examine() -> list[Finding]:
    """All checks, in the order in which a night needs them."""
    checks: list[tuple[str, Callable[[], list[Finding]]]] = [
        ("system", _system),
        ("picture", _picture),
        ("fonts", _fonts),
        ("voices", _voices),
        ("encoders", _encoders),
        ("cameras", _cameras),
    ]
    return [finding for name, check in checks for finding in _run(name, check)]


def _run(name: str, check: Callable[[], list[Finding]]) -> list[Finding]:
    try:
        return check()
    except Exception as error:  # noqa: BLE001 -- whatever is broken here is what the doctor was asked for
        return [
            Finding(name, "fail", f"{type(error).__name__}: {error}", "See the message; nightcast needs this part.")
        ]


def _system() -> list[Finding]:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    state: Literal["ok", "warn"] = "ok" if cores >= 2 else "warn"
    findings = [
        Finding(
            "processor", state, f"cores: {cores}, {platform.machine()}, Python {platform.python_version()}",
            "" if cores >= 2 else "One core draws and encodes too slowly for 30 frames a second; give it two.",
        )
    ]  # fmt: skip
    memory = Path("/dev/shm")
    free = shutil.disk_usage(memory if memory.is_dir() else tempfile.gettempdir()).free
    if free < _SHM_NEEDED_BYTES:
        remedy = "Give it more (docker run --shm-size=256m); until then frames go through the temporary folder."
        findings.append(Finding("shared memory", "warn", f"{free >> 20} MB free", remedy))
    else:
        findings.append(Finding("shared memory", "ok", f"{free >> 20} MB free"))
    return findings


def _picture() -> list[Finding]:
    from nightcast.stage.errors import StageError
    from nightcast.stage.gpu import Gpu

    try:
        with Gpu() as gpu:
            return [Finding("picture", "ok", f"{gpu.device}; profile {gpu.profile.name}")]
    except StageError as error:
        return [Finding("picture", "fail", "no OpenGL device", str(error))]


def _fonts() -> list[Finding]:
    from nightcast.stage.text.fonts import font_book

    missing: list[str] = []
    book = font_book(None, missing.append)
    findings = []
    samples = (
        ("Latin", "N", "fonts-dejavu-core"),
        ("Chinese", "灯", "fonts-noto-cjk"),
        ("emoji", "🏮", "fonts-noto-color-emoji"),
    )
    for script, sample, package in samples:
        font = book.choose(sample, 400)
        if font.has(sample):
            findings.append(Finding(f"font, {script}", "ok", font.name))
        else:
            state: Literal["warn", "fail"] = "warn" if script == "emoji" else "fail"
            findings.append(Finding(f"font, {script}", state, "none has it", f"apt-get install {package}"))
    return findings


def _voices() -> list[Finding]:
    from nightcast.talk.spoken.lexicon import load
    from nightcast.talk.spoken.normalise import Speller
    from nightcast.talk.voice.espeak import Espeak
    from nightcast.talk.voice.take import Utterance

    async def speak(language: Literal["en", "zh"], text: str) -> float:
        engine = Espeak()
        try:
            take = await engine.take(Utterance(Speller(load(Path("."))).spell(text, language), language))
        finally:
            await engine.close()
        return len(take.samples) / take.sample_rate_hz

    findings = []
    pairs: tuple[tuple[Literal["en", "zh"], str], ...] = (("en", "Good evening."), ("zh", "晚上好。"))
    for language, text in pairs:
        length_s = asyncio.run(speak(language, text))
        findings.append(Finding(f"voice, espeak {language}", "ok", f"spoke {length_s:.1f} s, offline"))
    findings.append(Finding("voice, edge", "ok", "installed; needs the network, and espeak takes over where it fails"))
    return findings


def _encoders() -> list[Finding]:
    import av

    from nightcast.air.encoder import nvenc_fault

    findings = []
    for name, purpose in (("libx264", "H.264 on the processor"), ("aac", "AAC")):
        there = name in av.codecs_available
        remedy = "" if there else f'Reinstall PyAV: "{sys.executable}" -m pip install --force-reinstall av'
        findings.append(Finding(f"encoder, {name}", "ok" if there else "fail", purpose, remedy))
    fault = nvenc_fault()
    detail = f"not here ({fault}); libx264 encodes" if fault else "took a frame: it encodes here"
    findings.append(Finding("encoder, h264_nvenc", "ok", detail))
    return findings


def _cameras() -> list[Finding]:
    installed = find_spec("pyvirtualcam") is not None
    devices = sorted(str(device) for device in Path("/dev").glob("video*"))
    if not installed:
        remedy = f'Only where you want one: "{sys.executable}" -m pip install pyvirtualcam (GPL-2).'
        return [Finding("virtual camera", "warn", "pyvirtualcam is not installed", remedy)]
    if platform.system() == "Linux" and not devices:
        remedy = (
            "Only where you want one: apt-get install v4l2loopback-dkms, then "
            "modprobe v4l2loopback devices=1 exclusive_caps=1 card_label=Nightcast."
        )
        return [Finding("virtual camera", "warn", "no video device here", remedy)]
    return [Finding("virtual camera", "ok", ", ".join(devices) or "by OBS")]
