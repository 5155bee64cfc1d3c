"""The voices of a show are as loud as its platform wants them, by an independent meter."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pyloudnorm
import pytest

from nightcast.show import Show
from nightcast.show.script import Policy
from nightcast.talk.records import SpeechRequest
from nightcast.talk.store import AudioStore
from nightcast.talk.voice.build import build_ladder


@pytest.mark.parametrize(("platform", "lufs"), [("own_site", -16.0), ("youtube", -14.0)])
async def test_a_line_is_as_loud_as_the_platform_wants(
    show_root: Path, tmp_path: Path, platform: str, lufs: float
) -> None:
    show = Show.load(show_root / "scripts/night.yaml", environ={"RTMP_URL": "rtmp://127.0.0.1/a/b"})
    script = show.script.model_copy(update={"policy": Policy(platform=platform)})
    store = AudioStore(tmp_path / "speech")
    ladder = build_ladder(script, show.avatar, root=show.root, script_file=show.file, store=store)
    try:
        for number, (text, language) in enumerate((("Look at the edge of it.", "en"), ("您看这条边。", "zh"))):
            speech = await ladder.synthesise(SpeechRequest(f"l{number}", text, language))  # type: ignore[arg-type]
            with av.open(speech.path) as container:
                sound = np.concatenate([frame.to_ndarray().reshape(-1) for frame in container.decode(audio=0)])
            heard = pyloudnorm.Meter(48_000).integrated_loudness(sound / 32_768.0)
            assert heard == pytest.approx(lufs, abs=1.0)
    finally:
        await ladder.close()
