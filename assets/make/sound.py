"""The show's sounds, synthesised: a music bed that loops without a seam, and three stings.

Everything is built on loops: notes and echoes that run over the end come back at the beginning, so that the bed's
last sample meets its first. 48 kHz, stereo, float; loudness is set in LUFS by ITU-R BS.1770 over the whole file.
Needs numpy and PyAV only, which the engine's own environment has: `python -m assets.make.sound`.
"""

from collections.abc import Sequence
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

Sound = NDArray[np.float64]  # [samples] or [samples, 2]
RATE_HZ = 48_000
BEAT_S = 60 / 72

# Four bars of four beats, twice: chords as MIDI notes, low to high.
CHORDS = (
    (41, 53, 57, 60, 64), (38, 50, 57, 60, 65), (43, 50, 58, 62, 65), (36, 52, 55, 58, 62),
    (41, 53, 57, 60, 67), (45, 52, 55, 60, 64), (46, 53, 57, 62, 65), (36, 50, 55, 58, 65),
)  # fmt: skip
PENTATONIC = (65, 67, 69, 72, 74, 77, 79, 81)


def pitch_hz(note: float) -> float:
    """Equal temperament, A4 = note 69 = 440 Hz."""
    return float(440 * 2 ** ((note - 69) / 12))


def envelope(length: int, attack_s: float, release_s: float) -> Sound:
    """Rise and fall with no corner: raised cosines."""
    rise, fall = int(attack_s * RATE_HZ), int(release_s * RATE_HZ)
    shape = np.ones(length)
    shape[:rise] = 0.5 - 0.5 * np.cos(np.linspace(0, np.pi, rise))
    shape[-fall:] *= 0.5 + 0.5 * np.cos(np.linspace(0, np.pi, fall))
    return shape


def pad(note: float, seconds: float, seed: int) -> Sound:
    """A soft chord tone: detuned voices of few partials, [samples, 2]."""
    rng = np.random.default_rng(seed)
    time = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    tone = np.zeros((len(time), 2))
    for side in (0, 1):
        for _ in range(3):
            cents = rng.normal() * 5
            phase = 2 * np.pi * (pitch_hz(note + cents / 100) * time + rng.random())
            drift = 1 + 0.15 * np.sin(2 * np.pi * (0.1 + 0.12 * rng.random()) * time + rng.random() * 6)
            for partial, level in ((1, 1.0), (2, 0.22), (3, 0.07), (4, 0.02)):
                tone[:, side] += level * drift * np.sin(partial * phase)
    return tone * envelope(len(time), seconds * 0.35, seconds * 0.45)[:, None] / 3


def pluck(note: float, seconds: float = 2.6, bright: float = 1.0) -> Sound:
    """A mellow struck string, [samples]: partials that die the faster the higher they are."""
    time = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    tone = np.zeros(len(time))
    for partial in range(1, 8):
        stretch = partial * (1 + 0.00022 * partial**2)
        tone += (
            bright ** (partial - 1)
            / partial**1.7
            * np.exp(-time * (1.3 + 1.5 * partial))
            * np.sin(2 * np.pi * pitch_hz(note) * stretch * time)
        )
    return tone * envelope(len(time), 0.004, 0.4)


def bell(note: float, seconds: float = 2.2) -> Sound:
    """A small glass bell, [samples]."""
    time = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    partials = ((1, 1.0, 2.4), (2.0, 0.35, 3.2), (2.76, 0.28, 4.2), (5.4, 0.10, 7.0))
    tone = sum(
        (
            level * np.exp(-decay * time) * np.sin(2 * np.pi * pitch_hz(note) * ratio * time)
            for ratio, level, decay in partials
        ),
        np.zeros(len(time)),
    )
    return tone * envelope(len(time), 0.003, 0.5)


def lay(track: Sound, sound: Sound, at_s: float, level: float, side: float = 0.0) -> None:
    """Mix a sound into a loop from `at_s` on; `side` pans −1..1."""
    if sound.ndim == 1:
        angle = (side + 1) * np.pi / 4
        sound = sound[:, None] * (np.cos(angle), np.sin(angle))
    index = (int(at_s * RATE_HZ) + np.arange(len(sound))) % len(track)
    np.add.at(track, index, level * sound)


def room(track: Sound, seconds: float, wet: float, seed: int) -> Sound:
    """Reverberation round the loop: convolution with decaying noise, darker as it fades."""
    rng = np.random.default_rng(seed)
    length = int(seconds * RATE_HZ)
    time = np.arange(length) / RATE_HZ
    out = track.copy()
    for side in (0, 1):
        tail = rng.normal(size=length) * np.exp(-6.9 * time / seconds)
        spectrum = np.fft.rfft(tail)
        hertz = np.fft.rfftfreq(length, 1 / RATE_HZ)
        tail = np.fft.irfft(spectrum / (1 + (hertz / 2200) ** 2), length)
        tail /= np.sqrt((tail**2).sum())
        padded = np.zeros(len(track))
        padded[:length] = tail
        out[:, side] += wet * np.fft.irfft(np.fft.rfft(track[:, side]) * np.fft.rfft(padded), len(track))
    return out


def shelf(track: Sound, above_hz: float, below_hz: float) -> Sound:
    """Round the loop's spectrum off: gentle slopes outside of a band."""
    hertz = np.fft.rfftfreq(len(track), 1 / RATE_HZ)[:, None]
    gain = 1 / (1 + (hertz / above_hz) ** 2) / (1 + (below_hz / np.maximum(hertz, 1)) ** 4)
    return np.fft.irfft(np.fft.rfft(track, axis=0) * gain, len(track), axis=0)


def bed(seed: int = 7) -> Sound:
    """Pads, a slow bass, plucked pentatonic notes that never quite repeat, and the hush of a street: 80 s."""
    rng = np.random.default_rng(seed)
    bar_s = 4 * BEAT_S
    bars = 24
    track = np.zeros((round(bars * bar_s * RATE_HZ), 2))
    for bar in range(bars):
        chord = CHORDS[bar % len(CHORDS)]
        for voice, note in enumerate(chord[1:]):
            lay(track, pad(note, bar_s * 1.7, seed + 31 * bar + voice), bar * bar_s, 0.16)
        for beat, level in ((0, 0.34), (2.5, 0.2)):
            lay(track, pluck(chord[0], 2.8, 0.35), bar * bar_s + beat * BEAT_S, level)
        steps = sorted(rng.choice(8, size=int(rng.integers(2, 5)), replace=False))
        for step in steps:
            note = int(rng.choice([n for n in PENTATONIC if any((n - c) % 12 in (0, 3, 4, 7) for c in chord)]))
            late = 0.02 * rng.random()
            lay(
                track,
                pluck(note, 2.4, 0.55),
                bar * bar_s + step * BEAT_S / 2 + late,
                0.10 + 0.05 * rng.random(),
                rng.uniform(-0.5, 0.5),
            )
        if bar % 4 == 3:
            lay(track, bell(int(rng.choice((84, 86, 89))), 3.0), bar * bar_s + 3 * BEAT_S, 0.02, rng.uniform(-0.6, 0.6))
    hush = rng.normal(size=track.shape)
    track += 0.02 * shelf(hush, 700, 160) / shelf(hush, 700, 160).std() * 0.25
    return shelf(room(track, 2.8, 0.5, seed), 3600, 55)


def sting(notes: Sequence[tuple[float, float]], seconds: float, voice: str) -> Sound:
    """A short figure of (time, note), with a tail; silent at both ends."""
    track = np.zeros((int(seconds * RATE_HZ), 2))
    for number, (at_s, note) in enumerate(notes):
        sound = bell(note, min(2.0, seconds - at_s)) if voice == "bell" else pluck(note, min(2.0, seconds - at_s), 0.6)
        lay(track, sound, at_s, 0.4, 0.5 * (-1) ** number)
    wet = room(np.concatenate([track, np.zeros_like(track)]), 1.2, 0.35, 3)[: len(track)]
    return wet * envelope(len(wet), 0.002, 0.5)[:, None]


def loudness_lufs(sound: Sound) -> float:
    """Integrated loudness without gating, by ITU-R BS.1770-4's K weighting, as a spectrum."""
    hertz = np.fft.rfftfreq(len(sound), 1 / RATE_HZ)
    s = 1j * np.maximum(hertz, 1e-3)
    high = 1 + (10 ** (4 / 20) - 1) * (s / 1682) ** 2 / (1 + s / 1682 / 0.7 + (s / 1682) ** 2)
    low = (s / 38) ** 2 / (1 + s / 38 / 0.5 + (s / 38) ** 2)
    heard = np.fft.irfft(np.fft.rfft(sound, axis=0) * (high * low)[:, None], len(sound), axis=0)
    return float(-0.691 + 10 * np.log10((heard**2).mean(0).sum()))


def save(sound: Sound, out: Path, lufs: float) -> None:
    """Set the loudness, and write a file in the format of its name's ending."""
    sound = sound * 10 ** ((lufs - loudness_lufs(sound)) / 20)
    peak = float(np.abs(sound).max())
    sound = sound / max(peak / 0.89, 1.0)
    out.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(out), "w") as file:
        stream = file.add_stream("libopus", RATE_HZ, layout="stereo", bit_rate=80_000)
        frame = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(sound.astype(np.float32)).reshape(1, -1), "flt", "stereo"
        )
        frame.sample_rate = RATE_HZ
        for packet in (*stream.encode(frame), *stream.encode(None)):
            file.mux(packet)
    print(f"{out.name}: {len(sound) / RATE_HZ:.1f} s, {out.stat().st_size // 1024} KB, peak {peak:.2f}")


def make(folder: Path) -> None:
    """All sounds of the show."""
    save(bed(), folder / "bed.ogg", -16)
    save(sting([(0.0, 77), (0.12, 81), (0.24, 84), (0.42, 89)], 2.4, "bell"), folder / "offer.ogg", -24)
    save(
        sting([(0.07 * n, note) for n, note in enumerate((84, 88, 91, 96, 93, 98, 103))], 2.2, "bell"),
        folder / "gift.ogg",
        -28,
    )
    save(sting([(0.0, 65), (0.16, 72)], 1.6, "pluck"), folder / "notice.ogg", -25)


if __name__ == "__main__":
    make(Path(__file__).parents[1] / "sound")
