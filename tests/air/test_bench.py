"""An encoder's load beside other measurements."""

from __future__ import annotations

import multiprocessing

from nightcast.air.bench import encoding
from nightcast.air.encoder import EncoderSettings


def test_another_process_encodes_until_it_is_left() -> None:
    with encoding(EncoderSettings(64, 48, codec="libx264")):
        (encoder,) = multiprocessing.active_children()
        assert encoder.is_alive()
    assert not multiprocessing.active_children()
