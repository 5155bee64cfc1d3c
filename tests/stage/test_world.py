"""What cues make of the stage, without drawing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from nightcast.host.counter import Counter
from nightcast.host.fingertips import Touch
from nightcast.show.catalog import Catalog
from nightcast.show.scene import Scene
from nightcast.stage import cues as c
from nightcast.stage.performer import Absent, Point
from nightcast.stage.state import Compared, Worn
from nightcast.stage.world import World

S = 48_000


class Diary(Absent):
    """A host that writes down what it is asked."""

    def __init__(self) -> None:
        self.entries: list[tuple[Any, ...]] = []
        self.skills: set[str] = set()
        self.gaze: Point | None = None

    @property
    def warnings(self) -> tuple[str, ...]:  # type: ignore[override]
        return ("it has no expression 'bored'",) if ("express", "bored") in self.entries else ()

    def speak(
        self,
        start_s: float,
        visemes: Sequence[tuple[float, str, float]],
        words: Sequence[tuple[float, float, str]],
        duration_s: float,
    ) -> None:
        self.entries.append(("speak", start_s, tuple(visemes), duration_s))

    def hush(self, at_s: float, fade_s: float = 0.08) -> None:
        self.entries.append(("hush", at_s))

    def express(
        self, name: str, at_s: float, weight: float = 1.0, fade_s: float = 0.35, hold_s: float | None = None
    ) -> None:
        self.entries.append(("express", name))

    def gesture(
        self,
        name: str,
        at_s: float,
        target: Sequence[float] | None = None,
        touches: Mapping[str, Touch] | None = None,
        *,
        mirrored: bool = False,
    ) -> None:
        self.entries.append(("gesture", f"{name} with the other hand" if mirrored else name, at_s))

    def can(self, name: str) -> bool:
        return name in self.skills

    def look_at(self, point: Sequence[float] | None, at_s: float) -> None:
        self.gaze = None if point is None else tuple(point)  # type: ignore[assignment]

    def stand_behind(self, counter: Counter | None) -> None:
        self.counter = counter

    def carry(self, where: Mapping[str, str], at_s: float) -> None:
        self.carries = dict(where)


def catalog() -> Catalog:
    def product(product_id: str, **more: Any) -> dict[str, Any]:
        return {"id": product_id, "name": product_id, "kind": "thing", "price": 100, "as_of": "2026-11-01", **more}

    return Catalog.model_validate(
        {
            "brand": "B",
            "products": [
                product("sun", wear={"kind": "glasses"}),
                product("read", wear={"kind": "glasses"}),
                product("cap", wear={"kind": "hat"}),
                product("left", wear={"kind": "earring", "side": "left"}),
                product("right", wear={"kind": "earring", "side": "right"}),
                product("tote", wear={"kind": "bag", "side": "left"}),
                product("satchel", wear={"kind": "bag", "side": "right"}),
                product("mug"),
            ],
        }
    )


def scene(**more: Any) -> Scene:
    return Scene.model_validate(
        {
            "host": {"mark": [0, 0, -1], "facing": 0},
            "stands": {"table": {"at": [0.5, 0.9, 0], "turntable_rpm": 10}, "shelf": {"at": [-1, 1, 0]}},
            "shots": {
                "wide": {"from": [0, 1.4, 3], "look_at": [0, 1.1, 0]},
                "close": {"follow": "host.head", "distance": 1},
                "product": {"follow": "stands.table", "distance": 0.8},
            },
            "overlays": {
                "guest": {"kind": "guest"},
                "price_card": None,
                "lower_third": {"visible": False},
                "ai_label": None,
                "countdown": None,
            },
            "transitions": {"default": {"cut": 0.0}, "product": {"dissolve": 0.4}},
            **more,
        }
    )


@pytest.fixture
def diary() -> Diary:
    return Diary()


@pytest.fixture
def world(diary: Diary) -> World:
    scenes = {"scenes/a.yaml": scene(), "scenes/b.yaml": scene(stands={"plinth": {"at": [0, 1, 0]}})}
    touch = Touch("head", np.zeros(3))

    def touches(product: str, puts_on: bool) -> dict[str, Touch]:
        return {} if product == "read" else {"left": touch, "right": touch}

    return World(scenes, "scenes/a.yaml", diary, aspect=16 / 9, catalog=catalog(), touches=touches)


def test_the_first_shot_opens_the_scene(world: World) -> None:
    state = world.advance(0)
    assert (state.scene, state.shot) == ("scenes/a.yaml", "wide")
    assert state.view.eye.tolist() == [0, 1.4, 3]


def test_a_cue_waits_for_its_sample(world: World) -> None:
    world.cue([c.ShotCue(at=2 * S, shot="close")])
    assert world.advance(2 * S - 1).shot == "wide"
    assert world.advance(2 * S).shot == "close"


def test_cues_act_in_the_order_of_their_samples_whatever_order_they_came_in(world: World) -> None:
    world.cue([c.ShotCue(at=2 * S, shot="product"), c.ShotCue(at=S, shot="close")])
    assert world.advance(3 * S).shot == "product"


def test_cues_of_one_sample_act_in_the_order_they_came_in(world: World) -> None:
    world.cue([c.ShotCue(at=S, shot="close"), c.ShotCue(at=S, shot="product")])
    assert world.advance(S).shot == "product"


def test_a_late_line_is_spoken_from_where_it_should_be(world: World, diary: Diary) -> None:
    world.advance(10 * S)
    world.cue([c.SpeakCue(at=9 * S, line_id="l1", text="hi", duration_s=2.0, visemes=((0.0, "aa", 1.0),))])
    state = world.advance(10 * S + 1600)
    assert diary.entries == [("speak", 9.0, ((0.0, "aa", 1.0),), 2.0)]
    assert state.caption is not None
    assert state.caption.at_s == 9.0


def test_a_line_that_is_over_is_left_out_with_a_warning(world: World, diary: Diary) -> None:
    world.advance(10 * S)
    world.cue([c.SpeakCue(at=S, line_id="l1", text="hi", duration_s=2.0, visemes=())])
    world.advance(10 * S + 1)
    assert diary.entries == []
    assert "l1" in world.take_warnings()[0]
    assert world.take_warnings() == []


def test_silence_cuts_the_caption(world: World, diary: Diary) -> None:
    world.cue([c.SpeakCue(at=0, line_id="l", text="hello", duration_s=3, visemes=()), c.HushCue(at=S)])
    state = world.advance(S)
    assert state.caption is not None
    assert state.caption.until_s == 1.0
    assert ("hush", 1.0) in diary.entries


def test_a_line_that_was_announced_when_silence_came_is_not_mouthed(world: World, diary: Diary) -> None:
    first, second, after = (
        c.SpeakCue(at=at, line_id="l", text="hello", duration_s=2, visemes=()) for at in (0, 2 * S, 3 * S)
    )
    world.cue([first, second, c.HushCue(at=S)])
    world.cue([after])
    for at in (0, S, 2 * S, 3 * S):
        world.advance(at)
    assert [entry[:2] for entry in diary.entries] == [("speak", 0.0), ("hush", 1.0), ("speak", 3.0)]


@pytest.mark.parametrize(
    ("cue", "named"),
    [
        (c.SceneCue(at=0, scene="moon"), "moon"),
        (c.ShotCue(at=0, shot="drone"), "drone"),
        (c.ExpressionCue(at=0, name="bored"), "bored"),
        (c.GazeCue(at=0, target="stars"), "stars"),
        (c.ProductCue(at=0, product="yacht"), "yacht"),
        (c.ProductCue(at=0, product="sun", stand="altar"), "altar"),
        (c.WearCue(at=0, product="mug"), "mug"),
        (c.WearCue(at=0, product="yacht"), "yacht"),
        (c.OverlayCue(at=0, overlay="banner"), "banner"),
        (c.OverlayCue(at=0, overlay="ai_label", show=False), "AI label"),
    ],
)
def test_what_is_unknown_is_told_by_name_and_changes_nothing(world: World, cue: c.Cue, named: str) -> None:
    world.cue([cue])
    state = world.advance(0)
    assert named in " ".join(world.take_warnings())
    assert (state.shot, dict(state.stands), state.worn) == ("wide", {}, ())


def test_a_product_turns_on_its_stand_from_its_front(world: World) -> None:
    world.cue([c.ProductCue(at=S, product="sun")])
    assert world.advance(S).stands["table"].turned_deg == 0
    assert world.advance(2 * S).stands["table"].turned_deg == pytest.approx(60)
    world.cue([c.ProductCue(at=3 * S, product=None)])
    assert world.advance(3 * S).stands == {}


def test_only_one_pair_of_glasses_is_worn_but_two_single_earrings(world: World) -> None:
    for at, product in enumerate(("sun", "cap", "read", "left", "right")):
        world.cue([c.WearCue(at=at, product=product)])
    assert [worn.product for worn in world.advance(10).worn] == ["cap", "read", "left", "right"]
    world.cue([c.WearCue(at=20, product="cap", on=False)])
    assert [worn.product for worn in world.advance(20).worn] == ["read", "left", "right"]
    world.cue([c.WearCue(at=30, product=None)])
    assert world.advance(30).worn == ()


def test_hands_bring_glasses_and_take_them_away_and_do_nothing_else_meanwhile(world: World, diary: Diary) -> None:
    diary.skills = {"put_on", "take_off"}
    world.advance(0)
    world.cue([c.WearCue(at=S, product="sun"), c.GestureCue(at=S, name="wave")])
    state = world.advance(S)
    assert [entry for entry in diary.entries if entry[0] == "gesture"] == [("gesture", "put_on", 2.1)]
    handling = state.handled["sun"]
    assert handling.in_hands(1.0) is None, "not in the hands yet"
    assert [handling.in_hands(at_s) for at_s in (1.6, 2.1, 2.4)] == [1.0, 0.5, 0.0]
    assert world.advance(3 * S).handled == {}
    world.cue([c.WearCue(at=4 * S, product="sun", on=False)])
    state = world.advance(4 * S)
    assert [worn.product for worn in state.worn] == ["sun"], "it is still on its way"
    assert [state.handled["sun"].in_hands(at_s) for at_s in (4.0, 5.0)] == [0.0, 1.0]
    assert world.advance(6 * S).worn == ()


def test_what_hands_do_not_know_how_to_hold_is_worn_at_once(world: World, diary: Diary) -> None:
    diary.skills = {"put_on", "take_off"}
    world.advance(0)
    world.cue([c.WearCue(at=S, product="read")])
    state = world.advance(S)
    assert (state.worn, state.handled) == ((Worn("read"),), {})
    assert not any(entry[0] == "gesture" for entry in diary.entries)


def test_a_guest_is_shown_with_their_consent_and_leaves_after_a_while(world: World) -> None:
    world.cue([c.GuestCue(at=S, picture="guest.png", consent=True, name="Mei", hold_s=5)])
    (shown,) = [a for a in world.advance(2 * S).appearances if a.overlay == "guest"]
    assert (shown.data["picture"], shown.data["name"], shown.until_s) == ("guest.png", "Mei", 6)
    with pytest.raises(ValidationError, match="consent"):
        c.GuestCue(at=S, picture="guest.png", consent=False)  # type: ignore[arg-type]
    world.cue([c.OverlayCue(at=3 * S, overlay="guest", data={"picture": "/etc/secret.png"})])
    world.advance(3 * S)
    assert "agreed" in " ".join(world.take_warnings())


def test_new_data_lets_the_old_card_leave_while_the_new_one_enters(world: World) -> None:
    world.cue([c.OverlayCue(at=S, overlay="lower_third", data={"title": "a"})])
    world.cue([c.OverlayCue(at=2 * S, overlay="lower_third", data={"title": "b"}, hold_s=1)])
    cards = [a for a in world.advance(2 * S + 100).appearances if a.overlay == "lower_third"]
    assert [(a.data["title"], a.from_s, a.until_s) for a in cards] == [("a", 1, 2), ("b", 2, 3)]
    assert not [a for a in world.advance(4 * S).appearances if a.overlay == "lower_third"]


def test_the_same_data_again_does_not_flicker(world: World) -> None:
    world.cue([c.OverlayCue(at=at, overlay="lower_third", data={"title": "a"}) for at in (S, 2 * S)])
    cards = [a for a in world.advance(3 * S).appearances if a.overlay == "lower_third"]
    assert [(a.from_s, a.until_s) for a in cards] == [(1, None)]


def test_a_price_card_without_a_product_means_the_one_on_the_stand(world: World) -> None:
    world.cue([c.ProductCue(at=0, product="cap"), c.OverlayCue(at=0, overlay="price_card", data={"price": "¥1"})])
    cards = [a for a in world.advance(0).appearances if a.overlay == "price_card" and a.data]
    assert cards[0].data == {"price": "¥1", "product": "cap"}


def test_a_transition_runs_its_time_and_ends(world: World) -> None:
    world.cue([c.ShotCue(at=S, shot="product")])
    begun = world.advance(S).transition
    assert begun is not None
    assert (begun.kind, begun.progress) == ("dissolve", 0)
    halfway = world.advance(round(1.2 * S)).transition
    assert halfway is not None
    assert halfway.progress == pytest.approx(0.5)
    assert world.advance(round(1.41 * S)).transition is None


def test_a_zoom_goes_to_where_the_product_was_seen(world: World) -> None:
    world.cue([c.ProductCue(at=0, product="cap", stand="shelf")])
    view, half_m = world.advance(0).view, scene().stands["shelf"].max_size / 4
    zoom = c.TransitionSpec(name="zoom", seconds=0.5)
    world.cue([c.ShotCue(at=S, shot="product", transition=zoom)])
    followed = world.advance(S).transition
    assert followed is not None
    assert followed.toward == pytest.approx(view.sees((0.5, 0.9 + half_m, 0.0), 16 / 9))
    world.cue([c.ShotCue(at=2 * S, shot="wide"), c.ShotCue(at=4 * S, shot="close", transition=zoom)])
    world.advance(3 * S)
    shown = world.advance(4 * S).transition
    assert shown is not None
    assert shown.toward == pytest.approx(view.sees((-1.0, 1 + half_m, 0.0), 16 / 9))


def test_a_scene_takes_products_and_cards_along(world: World) -> None:
    world.cue([c.ProductCue(at=0, product="cap"), c.OverlayCue(at=0, overlay="price_card", data={"price": "¥1"})])
    world.cue([c.SceneCue(at=S, scene="b", transition=c.TransitionSpec(name="dip", seconds=0.5))])
    state = world.advance(S)
    assert state.scene == "scenes/b.yaml"
    assert state.stands["plinth"].product == "cap"
    assert any(a.overlay == "price_card" and a.data for a in state.appearances)
    assert state.transition is not None
    assert state.transition.kind == "dip"


def test_an_edited_scene_keeps_shot_products_and_cards(world: World) -> None:
    world.cue([c.ProductCue(at=0, product="cap"), c.ShotCue(at=0, shot="close")])
    world.advance(0)
    world.replace_scene("scenes/a.yaml", scene(host={"mark": [1, 0, 0]}))
    state = world.advance(S)
    assert state.shot == "close"
    assert state.stands["table"].product == "cap"
    assert state.view.target[0] == pytest.approx(1)


def test_a_product_whose_stand_was_edited_away_is_put_on_another_or_taken_off(world: World) -> None:
    world.cue([c.ProductCue(at=0, product="cap", stand="table")])
    world.advance(0)
    elsewhere = scene(stands={"desk": {"at": [0, 1, 0]}}, shots={"wide": {"follow": "host.head"}})
    world.replace_scene("scenes/a.yaml", elsewhere)
    assert world.advance(S).stands["desk"].product == "cap"
    world.replace_scene("scenes/a.yaml", scene(stands={}, shots={"wide": {"follow": "host.head"}}))
    assert not world.advance(2 * S).stands


def test_the_host_looks_into_the_camera_or_at_the_product_in_its_own_space(world: World, diary: Diary) -> None:
    world.advance(0)
    assert diary.gaze == pytest.approx((0, 1.4, 4))
    world.cue([c.GazeCue(at=S, target="product")])
    world.advance(S)
    assert diary.gaze == pytest.approx((0.5, 0.975, 1.0))
    world.cue([c.GazeCue(at=2 * S, target="idle")])
    world.advance(2 * S)
    assert diary.gaze is None


def test_host_space_follows_mark_and_facing(diary: Diary) -> None:
    turned = World({"a": scene(host={"mark": [0, 0, 0], "facing": 90})}, "a", diary, aspect=1)
    turned.cue([c.GazeCue(at=0, target="table")])
    turned.advance(0)
    assert diary.gaze == pytest.approx((0, 0.975, 0.5), abs=1e-9)  # the table is at +X, which is straight ahead


def test_the_host_is_told_of_the_counter_of_each_scene(diary: Diary) -> None:
    counter = {"height": 0.95, "distance": 0.1}
    scenes = {"a": scene(host={"mark": [0, 0.05, 0], "counter": counter}), "b": scene()}
    world = World(scenes, "a", diary, aspect=1)
    assert diary.counter == Counter(top_m=pytest.approx(0.9), edge_m=0.1)
    world.cue([c.SceneCue(at=S, scene="b")])
    world.advance(S)
    assert diary.counter is None


def test_the_stroke_of_a_gesture_falls_after_its_cue(world: World, diary: Diary) -> None:
    world.cue([c.GestureCue(at=S, name="wave", after_s=0.6)])
    world.advance(S)
    assert diary.entries == [("gesture", "wave", 1.6)]


def test_comments_are_kept_in_order_and_bounded(world: World) -> None:
    world.cue([c.ChatCue(at=i, user="u", text=str(i)) for i in range(100)])
    comments = world.advance(S).comments
    assert [comment.text for comment in comments] == [str(i) for i in range(60, 100)]


def test_a_deleted_comment_is_gone_in_the_frame_that_reaches_the_cue(world: World) -> None:
    said = [c.ChatCue(at=0, user="u", text=name, comment_id=name) for name in ("a", "b")]
    world.cue([*said, c.ChatGoneCue(at=S, comment_id="a"), c.ChatGoneCue(at=S, comment_id="never seen")])
    assert [comment.text for comment in world.advance(S - 1).comments] == ["a", "b"]
    assert [comment.text for comment in world.advance(S).comments] == ["b"]


def test_an_overlay_that_is_hidden_as_it_comes_is_never_seen(world: World) -> None:
    world.cue([c.OverlayCue(at=S, overlay="price_card", data={"price": "1"})])
    world.cue([c.OverlayCue(at=S, overlay="price_card", show=False)])
    assert [a for a in world.advance(S).appearances if a.overlay == "price_card" and a.data] == []


def test_a_comparison_comes_to_the_face_and_leaves_after_its_time(world: World) -> None:
    world.cue([c.WearCue(at=0, product="cap"), c.CompareCue(at=S, product="cap", hold_s=3)])
    shown = [world.advance(round(at_s * S)).compared for at_s in (0.9, 1.4, 3.0, 4.2, 5.0)]
    assert [compared is not None for compared in shown] == [False, True, True, True, False]
    coming, there, leaving = (compared.at for compared in shown[1:4] if compared is not None)
    assert 0 < coming < there == pytest.approx(0.5, abs=0.02)
    assert leaving < there


def test_before_is_without_what_was_named_or_without_anything() -> None:
    worn = (Worn("cap"), Worn("sun", "jade"))
    assert Compared(0.5, "cap").before(worn) == (Worn("sun", "jade"),)
    assert Compared(0.5).before(worn) == ()


def test_a_host_who_wears_nothing_is_not_compared(world: World) -> None:
    world.cue([c.CompareCue(at=0)])
    assert world.advance(S).compared is None
    assert "does not wear anything" in world.take_warnings()[0]


def test_a_bag_keeps_its_hand_off_the_counter_until_it_is_put_down(world: World, diary: Diary) -> None:
    world.cue([c.WearCue(at=S, product="tote"), c.WearCue(at=2 * S, product="tote", on=False)])
    carried = []
    for second in range(4):
        world.advance(second * S)
        carried.append(diary.carries)
    assert carried == [{}, {"left": "hand"}, {}, {}]


def test_a_bag_for_the_right_is_taken_up_with_the_right_hand(world: World, diary: Diary) -> None:
    diary.skills |= {"take_up_bag"}
    for at, bag in ((S, "tote"), (10 * S, "satchel")):
        world.advance(at - S // 2)
        world.cue([c.WearCue(at=at, product=bag)])
        world.advance(at)
    taken = [name for what, name, _ in diary.entries if what == "gesture"]
    assert taken == ["take_up_bag", "take_up_bag with the other hand"]
