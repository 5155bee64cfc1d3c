"""The demo show's lexicons are sound, and the voice uses them."""

from __future__ import annotations

from nightcast.talk.spoken import lexicon
from nightcast.talk.spoken.normalise import Speller
from tests.talk.conftest import SHOW


def test_the_host_is_called_by_her_name() -> None:
    speller = Speller(lexicon.load(SHOW / "scripts" / "lexicon"))
    assert speller.spell("I am Lan, from Hangzhou.", "en").text == "I am lahn, from hahng joe."
    assert speller.spell("我是AI主播，镀18K金。", "zh").text == "我是A I主播，镀十八开金。"
