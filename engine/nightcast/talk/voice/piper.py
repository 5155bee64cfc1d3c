"""Piper as a child process: a neural voice on this machine, with a model the user brings (`.onnx` and `.onnx.json`)."""

from __future__ import annotations

import asyncio
import json
import shutil
from pathlib import Path

import numpy as np

from nightcast.talk.errors import VoiceError
from nightcast.talk.voice.clock import reference, timed
from nightcast.talk.voice.take import Engine, Take, Utterance


class Piper:
    """One process per utterance, given the text on standard input, raw 16-bit samples on standard output."""

    name = "piper"

    def __init__(self, clock: Engine, model: Path, program: str = "piper") -> None:
        self._clock = clock
        self._model = model
        self._program = program
        self.revision = f"1-{model.name}"

    async def take(self, utterance: Utterance) -> Take:
        rate_hz = self._sample_rate_hz()
        clocked, raw = await asyncio.gather(reference(self._clock, utterance), self._run(utterance))
        samples = np.frombuffer(raw[: len(raw) // 2 * 2], "<i2").astype(np.float32) / 32768.0
        samples = np.concatenate((samples, np.zeros(rate_hz // 5, np.float32)))  # Piper ends on the last sound
        return timed(self.name, samples, rate_hz, clocked)

    async def close(self) -> None:
        """Each utterance has a process of its own; there is nothing to let go of."""

    def _sample_rate_hz(self) -> int:
        description = self._model.with_name(f"{self._model.name}.json")
        try:
            return int(json.loads(description.read_text(encoding="utf-8"))["audio"]["sample_rate"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise VoiceError(
                self.name, f"cannot read {description}", remedy="a model needs its .onnx.json beside it", retry=False
            ) from error

    async def _run(self, utterance: Utterance) -> bytes:
        program = shutil.which(self._program)
        if program is None:
            raise VoiceError(self.name, "is not installed", remedy="pip install piper-tts", retry=False)
        process = await asyncio.create_subprocess_exec(
            program,
            "--model",
            str(self._model),
            "--output-raw",
            "--length-scale",
            f"{1 / utterance.rate:.3f}",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            raw, told = await process.communicate(utterance.spoken.text.replace("\n", " ").encode() + b"\n")
        except asyncio.CancelledError:
            process.kill()
            await process.wait()
            raise
        if process.returncode != 0:
            raise VoiceError(
                self.name, f"ended with status {process.returncode}: {told.decode(errors='replace')[-200:]}"
            )
        return raw
