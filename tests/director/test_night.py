"""Lines follow one another on the clock; interjections wait for a sentence end; a cut is at once."""

from __future__ import annotations

import itertools
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from nightcast.director.night import SAMPLE_RATE_HZ, Begun, Cut, Ended, Interjection, Night, ReadyLine
from nightcast.talk.records import Line, Segment, Speech

LEAD, HORIZON = 12_000, 24_000


def lines(segment_id: str, count: int, seconds: float = 2.0, pause_s: float = 0.25) -> list[ReadyLine]:
    made = [Line(f"{segment_id}{i}", f"Line {i}.", "en", pause_after_s=pause_s) for i in range(count)]
    segment = Segment(segment_id, "product", tuple(made))
    return [ReadyLine(line, segment, Speech(line.id, "0" * 64, "x.wav", seconds, (), (), "espeak")) for line in made]


def night_with(*ready: ReadyLine) -> Night:
    night = Night(lead=LEAD, horizon=HORIZON)
    for line in ready:
        night.offer(line)
    return night


def run(night: Night, seconds: float, start: int = 0, step: int = 1_600) -> list[Begun | Ended | Cut]:
    happened: list[Begun | Ended | Cut] = []
    for now in range(start, start + round(seconds * SAMPLE_RATE_HZ), step):
        happened += night.step(now)
    return happened


def begun(happened: list[Begun | Ended | Cut]) -> list[str]:
    return [item.ready.line.id for item in happened if isinstance(item, Begun)]


def test_the_first_line_begins_after_the_lead_and_opens_its_segment() -> None:
    (first,) = night_with(*lines("a", 1)).step(0)
    assert first == Begun(first.ready, LEAD, True)


def test_a_line_begins_where_the_pause_of_the_one_before_ends() -> None:
    starts = [item.at for item in run(night_with(*lines("a", 3)), 8) if isinstance(item, Begun)]
    assert starts == [LEAD, LEAD + 108_000, LEAD + 216_000]


def test_only_the_first_line_of_a_segment_opens_it() -> None:
    happened = run(night_with(*lines("a", 2), *lines("b", 2)), 10)
    assert [item.opens for item in happened if isinstance(item, Begun)] == [True, False, True, False]


def test_what_air_did_not_mix_was_not_heard_and_goes_on_where_air_does() -> None:
    night, undisturbed = night_with(*lines("a", 4)), run(night_with(*lines("a", 4)), 12)
    happened = run(night, 1)
    for now in range(SAMPLE_RATE_HZ, 3 * SAMPLE_RATE_HZ, 1_600):  # the time goes on, and air is away
        happened += night.step(now, mixed=SAMPLE_RATE_HZ)
    assert not [item for item in happened if isinstance(item, Ended)]
    happened += run(night, 11, start=SAMPLE_RATE_HZ)
    for kind in (Begun, Ended):
        assert [item for item in happened if isinstance(item, kind)] == [
            item for item in undisturbed if isinstance(item, kind)
        ]


def test_a_line_is_heard_to_its_end_once() -> None:
    happened = run(night_with(*lines("a", 2)), 10)
    assert [item.ready.line.id for item in happened if isinstance(item, Ended)] == ["a0", "a1"]


def test_an_interjection_waits_for_the_sentence_end_and_a_bridge_leads_back() -> None:
    night = night_with(*lines("a", 3))
    first = run(night, 1)
    night.interject(Interjection(tuple(lines("q", 1)), bridge=tuple(lines("bridge", 1))))
    assert begun(first + run(night, 14, start=48_000)) == ["a0", "q0", "bridge0", "a1", "a2"]


def test_no_bridge_is_spoken_where_no_segment_was_interrupted() -> None:
    night = night_with(*lines("a", 1), *lines("b", 1))
    first = run(night, 1)
    night.interject(Interjection(tuple(lines("q", 1)), bridge=tuple(lines("bridge", 1))))
    assert begun(first + run(night, 10, start=48_000)) == ["a0", "q0", "b0"]


def test_two_interjections_share_one_bridge() -> None:
    night = night_with(*lines("a", 2))
    first = run(night, 1)
    for name in ("q", "r"):
        night.interject(Interjection(tuple(lines(name, 1)), bridge=tuple(lines("back" + name, 1))))
    assert begun(first + run(night, 14, start=48_000)) == ["a0", "q0", "r0", "backr0", "a1"]


def test_a_cut_silences_at_once_and_the_next_sentence_follows() -> None:
    night = night_with(*lines("a", 3))
    first = run(night, 1)
    (cut,) = night.cut(48_000)
    assert cut == Cut(cut.ready, 48_000, True)
    assert cut.ready.line.id == "a0"
    following = run(night, 4, start=48_000)
    assert begun(first + following) == ["a0", "a1", "a2"]


def test_a_segment_that_is_skipped_leaves_out_what_was_to_come_between_too() -> None:
    night = night_with(*lines("a", 2))
    first = run(night, 1)
    night.interject(Interjection(tuple(lines("q", 3))))
    night.interject(Interjection(tuple(lines("r", 1))))
    first += run(night, 3, start=48_000)  # q0 is heard
    assert [ready.line.id for ready in night.skip_segment("q")] == ["q1", "q2"]
    assert begun(first + run(night, 9, start=192_000)) == ["a0", "q0", "r0", "a1"]


def test_a_line_that_was_announced_but_not_begun_is_spoken_after_a_cut() -> None:
    night = night_with(*lines("a", 3))
    run(night, 2.2)  # a1 is announced, a0 still heard
    assert [(item.ready.line.id, item.begun) for item in night.cut(105_600) if isinstance(item, Cut)] == [
        ("a0", True),
        ("a1", False),
    ]
    assert begun(run(night, 1, start=105_600)) == ["a1"]


def test_a_pause_lets_the_line_end_and_begins_no_other() -> None:
    night = night_with(*lines("a", 3))
    run(night, 1)
    night.pause(True)
    assert begun(run(night, 10, start=48_000)) == []
    night.pause(False)
    assert begun(run(night, 1, start=528_000)) == ["a1"]


def test_stale_lines_are_withdrawn_in_order_and_the_others_stay() -> None:
    night = night_with(*lines("a", 4))
    assert [ready.line.id for ready in night.withdraw({"a1", "a3"})] == ["a1", "a3"]
    assert [ready.line.id for ready in night.waiting] == ["a0", "a2"]


def test_withdrawn_lines_go_back_to_their_places_in_whatever_order_they_come() -> None:
    night = night_with(*lines("a", 4))
    first, second = night.withdraw({"a0", "a2"})
    night.restore(second, {"a0", "a1"})
    night.restore(first, set())
    assert [ready.line.id for ready in night.waiting] == ["a0", "a1", "a2", "a3"]


def test_a_withdrawn_line_whose_forerunners_were_spoken_goes_first() -> None:
    night = night_with(*lines("a", 3))
    (taken,) = night.withdraw({"a1"})
    run(night, 1)
    night.restore(taken, {"a0"})
    assert [ready.line.id for ready in night.waiting] == ["a1", "a2"]


def test_a_promoted_segment_goes_first_and_the_interrupted_one_goes_on_after_it() -> None:
    night = night_with(*lines("a", 3), *lines("b", 1), *lines("slot", 2))
    first = run(night, 1)
    night.promote("slot")
    assert begun(first + run(night, 20, start=48_000)) == ["a0", "slot0", "slot1", "a1", "a2", "b0"]


def test_a_slot_that_is_due_goes_before_the_answers_that_wait_and_takes_turns_with_them() -> None:
    night = night_with(*lines("a", 2), *lines("slot", 2))
    first = run(night, 1)
    for name in ("q", "r"):
        night.interject(Interjection(tuple(lines(name, 1))))
    night.promote("slot")
    assert begun(first + run(night, 20, start=48_000)) == ["a0", "slot0", "q0", "slot1", "r0", "a1"]


def test_set_words_are_not_torn_apart_by_an_answer() -> None:
    notice = [replace(ready, line=replace(ready.line, mandatory=True)) for ready in lines("notice", 2)]
    night = night_with(*notice, *lines("a", 1))
    first = run(night, 1)
    night.interject(Interjection(tuple(lines("q", 1))))
    assert begun(first + run(night, 12, start=48_000)) == ["notice0", "notice1", "q0", "a0"]


def test_an_interjection_that_is_no_longer_true_comes_back_whole_and_the_others_stay() -> None:
    night = night_with(*lines("a", 2))
    first = run(night, 1)
    stale, other = Interjection(tuple(lines("q", 2))), Interjection(tuple(lines("r", 1)))
    night.interject(stale)
    night.interject(other)
    assert night.recall({"q1"}) == [stale]
    assert begun(first + run(night, 12, start=48_000)) == ["a0", "r0", "a1"]


def test_of_an_interjection_that_is_being_spoken_the_rest_comes_back() -> None:
    night = night_with(*lines("a", 2))
    first = run(night, 1)
    night.interject(Interjection(tuple(lines("q", 3))))
    first += run(night, 2, start=48_000)
    (rest,) = night.recall({"q2"})
    assert [ready.line.id for ready in rest.lines] == ["q1", "q2"]
    assert begun(first + run(night, 5, start=144_000)) == ["a0", "q0", "a1"]


@given(
    st.lists(st.tuples(st.floats(0.05, 3), st.floats(0, 1)), min_size=1, max_size=12),
    st.lists(st.integers(400, 20_000), min_size=1, max_size=20),
)
def test_no_line_is_lost_doubled_or_overlapping_whatever_the_steps(
    shapes: list[tuple[float, float]], steps: list[int]
) -> None:
    offered = [lines(f"s{i}", 1, seconds, pause)[0] for i, (seconds, pause) in enumerate(shapes)]
    night = night_with(*offered)
    happened: list[Begun | Ended | Cut] = []
    now = index = 0
    while now < 60 * SAMPLE_RATE_HZ:
        happened += night.step(now)
        now += steps[index % len(steps)]
        index += 1
        if night.quiet and not night.waiting:
            break
    starts = [item for item in happened if isinstance(item, Begun)]
    heard = starts[: len(begun(happened))]
    assert begun(happened) == [ready.line.id for ready in offered][: len(heard)]
    for one, two in itertools.pairwise(starts):
        assert two.at >= one.at + one.ready.samples


def test_what_goes_between_follows_after_a_breath_however_long_the_sentence_would_rest() -> None:
    night = night_with(*lines("a", 2, pause_s=1.5))
    first = run(night, 1)
    night.interject(Interjection(tuple(lines("q", 2, pause_s=1.0))))
    starts = {
        item.ready.line.id: item.at for item in [*first, *run(night, 12, start=48_000)] if isinstance(item, Begun)
    }
    assert starts["q0"] == starts["a0"] + round(2.15 * SAMPLE_RATE_HZ)
    assert starts["q1"] == starts["q0"] + 3 * SAMPLE_RATE_HZ  # its own lines keep their rests


def test_the_plan_waits_for_what_is_being_made_but_not_for_ever() -> None:
    night = night_with(*lines("a", 3))
    run(night, 1)
    night.hold(round(2.6 * SAMPLE_RATE_HZ))
    assert begun(run(night, 1.4, start=48_000)) == []
    night.interject(Interjection(tuple(lines("q", 1))))
    assert begun(run(night, 0.2, start=round(2.4 * SAMPLE_RATE_HZ))) == ["q0"]
    night.hold(round(5.0 * SAMPLE_RATE_HZ))
    later = [item for item in run(night, 3, start=round(2.6 * SAMPLE_RATE_HZ)) if isinstance(item, Begun)]
    assert [(item.ready.line.id, item.at >= round(5.0 * SAMPLE_RATE_HZ)) for item in later] == [("a1", True)]


def test_a_bridge_that_is_made_later_leads_back_and_one_that_is_too_late_is_not_heard() -> None:
    night = night_with(*lines("a", 3))
    first = run(night, 1)
    night.interject(Interjection(tuple(lines("q", 1))))
    night.lead_back(tuple(lines("bridge", 1)))
    first += run(night, 6, start=48_000)
    night.lead_back(tuple(lines("late", 1)))
    assert begun(first + run(night, 6, start=7 * 48_000)) == ["a0", "q0", "bridge0", "a1", "a2"]
