"""The simulated audience: the same every time, and as a room is."""

from __future__ import annotations

from collections import Counter

import pytest

from nightcast.room.events import Event, OrderPaid, SoldOut, Source, User
from nightcast.room.folding import GiftRaw, LikeRaw, Raw
from nightcast.room.simulation import PROFILES, Faults, SimProduct, Simulator, load_profile
from nightcast.room.simulation.profiles import FaultRates, phrases

MINUTE_MS = 60_000


def goods() -> list[SimProduct]:
    return [
        SimProduct("lamp", "Lantern lamp", "灯笼灯", 1, 8_900, 10),
        SimProduct("ring", "Ring", "戒指", 2, 15_900, 10),
    ]


def run(profile: str, *, seed: int = 3, minutes: int = 10, step_ms: int = 500, **changed) -> list[Raw | Event]:
    audience = Simulator(load_profile(profile).model_copy(update=changed), goods(), seed=seed, start_ms=0)
    return [s for now_ms in range(0, minutes * MINUTE_MS, step_ms) for s in audience.until(now_ms)]


def test_the_same_seed_gives_the_same_room_however_often_it_is_asked() -> None:
    often, seldom = run("evening"), run("evening", step_ms=60_000)
    assert [s for s in often if s.ts_ms <= 9 * MINUTE_MS] == seldom
    assert run("evening") != run("evening", seed=4)


@pytest.mark.parametrize("profile", PROFILES)
def test_every_profile_has_life_in_it(profile: str) -> None:
    kinds = Counter(type(signal.data).__name__ for signal in run(profile))
    assert {"Join", "Comment", "LikeRaw", "RoomStats"} <= kinds.keys()


def test_profiles_differ_as_their_names_say() -> None:
    comments = {name: sum(s.data.__class__.__name__ == "Comment" for s in run(name)) for name in PROFILES}
    assert comments["quiet"] < comments["evening"] < comments["hot_sale"]


def test_both_languages_are_written_with_every_intent() -> None:
    chatty = run("quiet", minutes=20, arrivals_per_min=40, comments=3, likes=0, trolls=0.2)
    texts = [s.data.text for s in chatty if s.data.__class__.__name__ == "Comment"]
    for intent, kind in phrases().items():
        for language in ("en", "zh"):
            begin = [t.split("{")[0] for t in getattr(kind, language)]
            assert any(text.startswith(tuple(b for b in begin if b)) for text in texts), (intent, language)
    assert not any("{" in text for text in texts)


def test_times_never_go_back_and_messages_have_numbers_of_their_own() -> None:
    signals = run("hot_sale")
    assert [s.ts_ms for s in signals] == sorted(s.ts_ms for s in signals)
    assert len({s.src.msg_id for s in signals}) == len(signals)


def test_some_combos_lose_their_end() -> None:
    combos: dict[str, bool] = {}
    for signal in run("quiet", minutes=20, arrivals_per_min=40, gifts=0.5, likes=0):
        if isinstance(signal.data, GiftRaw):
            combos[signal.data.combo_id] = combos.get(signal.data.combo_id, False) or signal.data.end
    lost = sum(not ended for ended in combos.values()) / len(combos)
    assert 0.1 < lost < 0.35


def test_stock_runs_out_and_nothing_more_is_sold() -> None:
    audience = Simulator(load_profile("quiet"), goods()[:1], seed=1, start_ms=0)
    audience.burst("lamp", 0, orders=30)
    signals = list(audience.until(2 * MINUTE_MS))
    assert sum(isinstance(s.data, SoldOut) for s in signals) == 1
    assert sum(isinstance(s.data, OrderPaid) for s in signals) <= 10


def test_viewers_answer_an_invitation() -> None:
    audience = Simulator(load_profile("evening"), goods(), seed=1, start_ms=0)
    list(audience.until(20 * MINUTE_MS))
    audience.invite("lantern", 20 * MINUTE_MS, share=0.5)
    signals = list(audience.until(21 * MINUTE_MS))
    wrote = [s for s in signals if s.data.__class__.__name__ == "Comment" and s.data.text == "lantern"]
    assert len(wrote) == round(audience.viewers * 0.5) or abs(len(wrote) - audience.viewers * 0.5) < 8


def likes(count: int) -> list[Raw]:
    user = User(ref="u")
    return [Raw(LikeRaw(user=user), n, Source(platform="p", msg_id=f"{n}")) for n in range(count)]


def test_a_platform_without_faults_passes_everything_on_in_order() -> None:
    sent = likes(100)
    assert Faults(FaultRates(), 1).pass_on(sent, 1_000) == sent


def test_faults_drop_repeat_delay_and_reorder() -> None:
    faults = Faults(FaultRates(drop=0.1, duplicate=0.1, reorder=0.3, delay=0.1), 1)
    sent = likes(1_000)
    arrived = faults.pass_on(sent, 10_000)
    assert len(arrived) == 1_000 - faults.dropped + faults.duplicated
    assert 50 < faults.dropped < 200
    assert 50 < faults.duplicated < 200
    assert [s.ts_ms for s in arrived] != sorted(s.ts_ms for s in arrived)


def test_what_is_delayed_comes_later_and_is_not_lost() -> None:
    faults = Faults(FaultRates(delay=1.0), 1)
    sent = likes(50)
    early = faults.pass_on(sent, 100)
    assert len(early) < 50
    assert len(early) + len(faults.pass_on([], 10_000)) == 50
