"""Speech that was made once and is replayed exactly: a content-addressed store of WAV files on disk.

A file's name is the SHA-256 of its samples (16-bit little-endian mono, 48 kHz). Beside it, an index from the key of a
request (text, language, engine, voice, rate) to what was made of it. Writes are atomic: a file is there whole or not at
all. When the quota is passed or the disk is nearly full, what was used longest ago goes first. One writer process;
readers need no lock.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
import wave
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO, cast

import numpy as np
import numpy.typing as npt

from nightcast.process.shared import SAMPLE_RATE_HZ
from nightcast.talk.errors import StoreFullError
from nightcast.talk.records import Speech, VisemeKey, WordMark

DEFAULT_QUOTA_BYTES = 4 * 2**30
#: Left free on the disk for what else a night writes: its journal, its live picture.
SPARE_BYTES = 64 * 2**20

_UNFINISHED = "unfinished-"


class AudioStore:
    def __init__(
        self,
        root: Path,
        quota_bytes: int = DEFAULT_QUOTA_BYTES,
        free_bytes: Callable[[Path], int] = lambda root: shutil.disk_usage(root).free,
    ) -> None:
        self._root = root
        self._free_bytes = free_bytes
        self._quota_bytes = quota_bytes
        self._audio, self._index = root / "audio", root / "index"
        self._audio.mkdir(parents=True, exist_ok=True)
        self._index.mkdir(exist_ok=True)
        self._used_bytes = sum(file.stat().st_size for file in self._audio.iterdir())

    def tidy(self) -> None:
        """Drop what a process that was killed left half written. For the one writer, at its start."""
        for unfinished in self._root.glob(f"{_UNFINISHED}*"):
            unfinished.unlink()

    @property
    def used_bytes(self) -> int:
        return self._used_bytes

    def put(self, samples: npt.NDArray[np.int16]) -> tuple[str, Path]:
        """Keep samples of shape (n,); hands back their hash and the file. Raises StoreFullError, OSError."""
        data = samples.astype("<i2", copy=False).tobytes()
        digest = hashlib.sha256(data).hexdigest()
        path = self._audio / f"{digest}.wav"
        if self.path(digest) is not None:
            os.utime(path)
            return digest, path
        if path.exists():  # torn
            self._used_bytes -= path.stat().st_size
            path.unlink()
        self._make_room(len(data) + 44)
        with self._whole(path) as file, wave.open(file, "wb") as wav:
            wav.setnchannels(1)
            wav.setsampwidth(2)
            wav.setframerate(SAMPLE_RATE_HZ)
            wav.writeframes(data)
        self._used_bytes += path.stat().st_size
        return digest, path

    def path(self, audio_sha256: str) -> Path | None:
        """The file of a hash, or None where the store does not hold it (any more), or a disk has lost its end."""
        path = self._audio / f"{audio_sha256}.wav"
        try:
            with path.open("rb") as file:
                riff_bytes = int.from_bytes(file.read(8)[4:], "little")  # after these eight
                return path if file.seek(0, os.SEEK_END) == 8 + riff_bytes else None
        except FileNotFoundError:
            return None

    def remember(self, key: str, speech: Speech) -> None:
        """Tie a request's key to its speech, so that it is not made again."""
        record = asdict(speech)
        del record["line_id"], record["path"]
        with self._whole(self._index / f"{key}.json") as file:
            file.write(json.dumps(record, ensure_ascii=False).encode())

    def recall(self, key: str, line_id: str) -> Speech | None:
        """What was made for this key, for another line; None where it must be made anew."""
        record = _record(self._index / f"{key}.json")
        path = self.path(record["audio_sha256"]) if record else None
        if record is None or path is None:
            return None
        os.utime(path)
        record["visemes"] = tuple(VisemeKey(**entry) for entry in record["visemes"])
        record["words"] = tuple(WordMark(**entry) for entry in record["words"])
        return Speech(line_id=line_id, path=str(path), **record)

    def sweep(self, keep: Collection[str] = ()) -> int:
        """Drop index entries whose sound is gone, and torn ones; hands back how many. `keep` names hashes that stay in
        any case.
        """
        dropped = 0
        for entry in self._index.glob("*.json"):
            record = _record(entry)
            if record is None or (record["audio_sha256"] not in keep and self.path(record["audio_sha256"]) is None):
                entry.unlink()
                dropped += 1
        return dropped

    @contextmanager
    def _whole(self, path: Path) -> Iterator[BinaryIO]:
        """A file to write, which is at `path` once all of it is on the disk; if writing fails nothing is left of it."""
        with tempfile.NamedTemporaryFile(dir=self._root, prefix=_UNFINISHED, delete=False) as file:
            unfinished = Path(file.name)
            try:
                yield cast(BinaryIO, file)
                file.flush()
                os.fsync(file.fileno())
                unfinished.replace(path)
            except BaseException:
                unfinished.unlink()
                raise

    def _make_room(self, needed_bytes: int) -> None:
        left_bytes = self._free_bytes(self._root) - SPARE_BYTES
        quota_bytes = min(self._quota_bytes, max(self._used_bytes + left_bytes, 0))
        if self._used_bytes + needed_bytes <= quota_bytes:
            return
        if needed_bytes > quota_bytes:
            raise StoreFullError(self._root, needed_bytes, quota_bytes)
        oldest_first = sorted(self._audio.iterdir(), key=lambda file: file.stat().st_mtime_ns)
        # A tenth more than needed, so that a full store does not sort its files for every line.
        goal_bytes = min(quota_bytes - needed_bytes, int(quota_bytes * 0.9))
        for file in oldest_first:
            if self._used_bytes <= goal_bytes:
                break
            self._used_bytes -= file.stat().st_size
            file.unlink()
        self.sweep()


def _record(entry: Path) -> dict[str, Any] | None:
    """What an index entry says; None where there is none, or a power cut has torn it."""
    try:
        record = json.loads(entry.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    return record if isinstance(record, dict) and "audio_sha256" in record else None
