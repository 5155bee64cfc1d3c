"""Sound on an audio device: it comes in order, a lost device comes back, and a slow one costs nobody."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from tests.air.programmes import wait_for

from nightcast.air.errors import OutputUnavailable
from nightcast.air.messages import SoundSpec
from nightcast.air.outputs.sound import SoundOutput
from nightcast.air.sound import Samples
from nightcast.show.fields import Text

SPEC = SoundSpec(id="cable", device="Cable")


class UnpluggedError(Exception):
    """Kin to no error of Python's own, as PortAudio's are."""


class Cable:
    """A device in memory, that can be pulled out."""

    name = "Cable Input"
    latency_s = 0.032

    def __init__(self) -> None:
        self.heard: list[Samples] = []
        self.pulled = False
        self.room = threading.Event()
        self.room.set()

    def open(self, spec: SoundSpec) -> Cable:
        if self.pulled:
            raise OutputUnavailable(spec.id, Text.model_validate("no such device"))
        return self

    def write(self, samples: Samples) -> None:
        if self.pulled:
            raise UnpluggedError
        self.room.wait(5)
        self.heard.append(samples)

    def close(self) -> None: ...


@pytest.fixture
def cable(monkeypatch: pytest.MonkeyPatch) -> Cable:
    monkeypatch.setattr("nightcast.air.outputs.device._RETRY_S", 0.02)
    return Cable()


def frame(value: float) -> Samples:
    return np.full((1600, 2), value, np.float32)


def test_sound_is_heard_in_order_and_the_offset_is_said(cable: Cable) -> None:
    output = SoundOutput(SPEC, cable.open)
    wait_for(lambda: output.health().state == "on_air")
    assert output.health().detail.en == "Cable Input, heard 32 ms after its picture"
    for value in (0.1, 0.2, 0.3):
        output.offer_sound(frame(value))
    wait_for(lambda: len(cable.heard) == 3)
    assert np.concatenate(cable.heard)[::1600, 0] == pytest.approx([0.1, 0.2, 0.3])
    output.end()
    output.join(5)
    assert output.health().state == "closed"


def test_a_device_that_was_pulled_out_is_played_to_again(cable: Cable) -> None:
    output = SoundOutput(SPEC, cable.open)
    wait_for(lambda: output.health().state == "on_air")
    cable.pulled = True
    output.offer_sound(frame(0.1))
    wait_for(lambda: output.health().state == "unavailable")
    output.offer_sound(frame(0.2))
    cable.pulled = False
    wait_for(lambda: output.health().state == "on_air")
    output.offer_sound(frame(0.3))
    wait_for(lambda: bool(cable.heard))
    assert cable.heard[0][0, 0] == pytest.approx(0.3), "what was said while it was away is not said late"
    assert output.health().reconnects == 1
    output.end()
    output.join(5)


def test_a_device_that_is_stuck_holds_nobody_up(cable: Cable) -> None:
    cable.room.clear()
    output = SoundOutput(SPEC, cable.open)
    wait_for(lambda: output.health().state == "on_air")
    for number in range(60):
        output.offer_sound(frame(number / 100))
    assert output.health().dropped_packets >= 50
    cable.room.set()
    wait_for(lambda: bool(cable.heard) and cable.heard[-1][0, 0] == pytest.approx(0.59))
    output.end()
    output.join(5)
