"""Speech is made once, kept whole, and the oldest goes first."""

from __future__ import annotations

import os
import wave
from pathlib import Path

import numpy as np
import pytest

from nightcast.talk.errors import StoreFullError
from nightcast.talk.records import Speech, VisemeKey, WordMark
from nightcast.talk.store import SPARE_BYTES, AudioStore


def tone(seed: int, seconds: float = 0.1) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    return np.random.default_rng(seed).integers(-2000, 2000, int(48_000 * seconds), dtype=np.int16)


def speech(digest: str, path: Path) -> Speech:
    return Speech(
        "line-1", digest, str(path), 0.1, (VisemeKey(0.0, "sil", 0.0),), (WordMark(0, 0.1, "hi"),), "espeak", -16.0
    )


def test_the_same_samples_have_one_file_named_by_their_hash(tmp_path: Path) -> None:
    store = AudioStore(tmp_path)
    first, path = store.put(tone(1))
    again, same = store.put(tone(1))
    assert (first, path) == (again, same)
    with wave.open(str(path)) as wav:
        assert (wav.getframerate(), wav.getnchannels(), wav.getsampwidth()) == (48_000, 1, 2)
        assert wav.readframes(10**6) == tone(1).tobytes()


def test_a_request_is_recalled_for_another_line_after_a_restart(tmp_path: Path) -> None:
    store = AudioStore(tmp_path)
    kept = speech(*store.put(tone(1)))
    store.remember("key", kept)
    recalled = AudioStore(tmp_path).recall("key", "line-2")
    assert recalled is not None
    assert (recalled.line_id, recalled.path, recalled.visemes, recalled.words) == (
        "line-2",
        kept.path,
        kept.visemes,
        kept.words,
    )


def test_a_lost_or_broken_entry_is_made_anew(tmp_path: Path) -> None:
    store = AudioStore(tmp_path)
    digest, path = store.put(tone(1))
    store.remember("gone", speech(digest, path))
    path.unlink()
    (tmp_path / "index" / "torn.json").write_text('{"audio_sha', "utf-8")
    assert store.recall("gone", "x") is None
    assert store.recall("torn", "x") is None
    assert store.recall("never", "x") is None


def test_over_its_quota_the_longest_unused_goes(tmp_path: Path) -> None:
    store = AudioStore(tmp_path, quota_bytes=32_000)
    paths = [store.put(tone(seed))[1] for seed in range(3)]
    for age, path in enumerate(paths):
        os.utime(path, (1000 - age, 1000 - age))
    newest = store.put(tone(9))[1]
    assert newest.exists()
    assert paths[0].exists()
    assert not paths[2].exists()
    assert store.used_bytes <= 32_000


def test_on_a_disk_that_is_nearly_full_the_longest_unused_makes_room(tmp_path: Path) -> None:
    free_bytes = [SPARE_BYTES + 10_000_000]
    store = AudioStore(tmp_path, free_bytes=lambda root: free_bytes[0])
    old = store.put(tone(1))[1]
    os.utime(old, (1000, 1000))
    free_bytes[0] = SPARE_BYTES
    new = store.put(tone(2))[1]
    assert new.exists()
    assert not old.exists()


def test_what_can_never_fit_says_so(tmp_path: Path) -> None:
    with pytest.raises(StoreFullError, match="quota"):
        AudioStore(tmp_path, quota_bytes=1000).put(tone(1))
