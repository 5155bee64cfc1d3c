"""Does a sound hold the whole text? Services that break off raise no error; these checks do."""

from __future__ import annotations

from nightcast.talk.errors import IncompleteSpeechError
from nightcast.talk.voice.take import Samples, Take
from nightcast.talk.voice.warp import speech_span

#: Speaking times of other voices, as a share of espeak-ng's at the same rate.
_FASTEST, _SLOWEST = 0.5, 2.2
_END_OF_SPEECH_S = 0.08


def check_length(engine: str, samples: Samples, rate_hz: int, reference: Take | None) -> None:
    """For voices without word times: about as long as espeak-ng needs for this text, and silent at the end.

    Without a reference only the end is looked at.

    Raises IncompleteSpeechError.
    """
    start_s, end_s = speech_span(samples, rate_hz)
    spoken_s = end_s - start_s
    expected_s = len(reference.samples) / reference.sample_rate_hz if reference else spoken_s
    if not _FASTEST * expected_s <= spoken_s <= _SLOWEST * expected_s + 1.0:
        raise IncompleteSpeechError(engine, f"spoke for {spoken_s:.1f} s where about {expected_s:.1f} s were expected")
    if len(samples) / rate_hz - end_s < _END_OF_SPEECH_S:
        raise IncompleteSpeechError(engine, "broke off in the middle of a sound")
