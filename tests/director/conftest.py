"""For the director's tests: a floor to stand on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.director.stand import Stand

from nightcast.show import Show


@pytest.fixture
def stand(show_root: Path, tmp_path: Path) -> Iterator[Stand]:
    show = Show.load(show_root / "scripts/night.yaml", environ={"RTMP_URL": "rtmp://127.0.0.1/a/b"})
    stand = Stand(show, tmp_path / "state")
    yield stand
    stand.clock.close()
