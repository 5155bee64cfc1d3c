"""Speech is made once, kept whole, and the oldest goes first."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
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


def test_a_sound_whose_end_a_disk_has_lost_is_made_anew(tmp_path: Path) -> None:
    store = AudioStore(tmp_path)
    digest, path = store.put(np.arange(1_000, dtype=np.int16))
    path.write_bytes(path.read_bytes()[:-500])
    store = AudioStore(tmp_path)  # the computer was started again
    assert store.path(digest) is None
    assert store.put(np.arange(1_000, dtype=np.int16)) == (digest, path)
    assert store.path(digest) == path
    assert store.used_bytes == path.stat().st_size


def test_a_torn_entry_is_swept_when_room_is_made(tmp_path: Path) -> None:
    store = AudioStore(tmp_path, quota_bytes=30_000)
    for seed in range(2):
        store.put(tone(seed))
    for name, text in (("empty", ""), ("half", '{"audio_sha'), ("other", "[]")):
        (tmp_path / "index" / f"{name}.json").write_text(text, "utf-8")
    for seed in range(2, 5):
        store.put(tone(seed))
    assert list((tmp_path / "index").iterdir()) == []


def test_a_write_that_fails_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = AudioStore(tmp_path)

    def full(file: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            store.put(tone(1))
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    assert store.used_bytes == 0


def test_what_a_killed_writer_left_is_tidied_away(tmp_path: Path) -> None:
    script = (
        "import os, sys; from pathlib import Path; import numpy as np; from nightcast.talk.store import AudioStore;"
        "os.fsync = lambda file: os.kill(os.getpid(), 9);"
        "AudioStore(Path(sys.argv[1])).put(np.ones(9, np.int16))"
    )
    subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=False)
    assert [path for path in tmp_path.iterdir() if path.is_file()] != []
    AudioStore(tmp_path).tidy()
    assert [path for path in tmp_path.iterdir() if path.is_file()] == []


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
