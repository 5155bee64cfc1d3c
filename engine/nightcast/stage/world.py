"""What is on stage: cues go in, each at its sample, and the state of each frame comes out.

Pure but for the performer that it drives: no GL, no clock, no files. Times inside are programme seconds. A cue that
names something unknown is dropped and told in `take_warnings`; nothing here raises because of a cue.
"""

from __future__ import annotations

import heapq
import itertools
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from nightcast.host.counter import Counter
from nightcast.host.fingertips import Touch
from nightcast.host.frame import HostFrame
from nightcast.process.shared import SAMPLE_RATE_HZ
from nightcast.show.catalog import Catalog, Product
from nightcast.show.scene import Scene
from nightcast.stage import cues as c
from nightcast.stage.comparing import Comparison
from nightcast.stage.handling import WAYS, carrying
from nightcast.stage.overlays.motion import LEAVE_S, ease
from nightcast.stage.performer import Landmark, Performer, Point, standing
from nightcast.stage.shots import Operator, View, direction
from nightcast.stage.state import (
    Appearance,
    Caption,
    Comment,
    Compared,
    Handling,
    StandState,
    TransitionState,
    WorldState,
    Worn,
)

__all__ = ["World"]

_LATE_S = 1.0  # momentary cues later than this are pointless
_COMMENTS_KEPT = 40
_COMMENTS_AT = (-0.35, -0.28)  # where the host reads comments: metres right of and above the lens, at 1.5 m


@dataclass
class _Transition:
    kind: str
    from_s: float
    seconds: float
    number: int
    toward: tuple[float, float]


@dataclass
class _Cast:
    """What a scene's change leaves as it is."""

    stands: dict[str, StandState] = field(default_factory=dict)
    worn: tuple[Worn, ...] = ()
    handled: dict[str, Handling] = field(default_factory=dict)
    comparison: Comparison | None = None
    appearances: list[Appearance] = field(default_factory=list)
    caption: Caption | None = None
    comments: deque[Comment] = field(default_factory=lambda: deque(maxlen=_COMMENTS_KEPT))
    gaze: str = "camera"
    slate: bool = False


class World:
    """The stage's state over time. Feed it cues in any order, then ask for frames in the order of time."""

    def __init__(
        self,
        scenes: Mapping[str, Scene],
        scene: str,
        performer: Performer,
        *,
        aspect: float,
        landmark: Landmark = standing,
        catalog: Catalog | None = None,
        seed: int = 0,
        extent_m: Callable[[str, str], tuple[float, float] | None] = lambda _stand, _product: None,
        touches: Callable[[str, bool], Mapping[str, Touch]] = lambda _product, _puts_on: {},
    ) -> None:
        """`extent_m` tells height and longest side of a product on a stand; None: not known, or not drawn.

        `touches` tells by hand what fingertips touch as they put a product on, or take it off; nothing: they cannot.
        """
        self._scenes = dict(scenes)
        self._performer = performer
        self._landmark = landmark
        self._host: HostFrame | None = None
        self._told = set(performer.warnings)
        self._aspect = aspect
        self._catalog = catalog
        self._seed = seed
        self._extent_m = extent_m
        self._touches = touches
        self._waiting: list[tuple[int, int, c.Cue]] = []
        self._order = itertools.count()
        self._warnings: list[str] = []
        self._cast = _Cast()
        self._transition: _Transition | None = None
        self._transitions = itertools.count(1)
        self._now_s = 0.0
        self._scene_name = scene
        self._shot_name = ""
        self._shot_since_s = 0.0
        self._take_place()
        self._seen: View | None = None
        self._operator: Operator
        self._cut_to(next(iter(self.scene.shots)), 0.0)
        self._open_overlays(0.0)

    @property
    def scene(self) -> Scene:
        return self._scenes[self._scene_name]

    @property
    def scene_name(self) -> str:
        return self._scene_name

    @property
    def shot_name(self) -> str:
        return self._shot_name

    @property
    def performer(self) -> Performer:
        return self._performer

    def cue(self, cues: Iterable[c.Cue]) -> None:
        """Take cues in; each acts in the frame that reaches its sample. Cues of one sample keep their order.

        A hush also takes back the lines that were announced for later: their sound has been cut with that before them.
        """
        for cue in cues:
            if isinstance(cue, c.HushCue):
                kept = [item for item in self._waiting if item[0] <= cue.at or not isinstance(item[2], c.SpeakCue)]
                heapq.heapify(kept)
                self._waiting = kept
            heapq.heappush(self._waiting, (cue.at, next(self._order), cue))

    def replace_scene(self, name: str, scene: Scene) -> None:
        """Put an edited scene in the place of the old one; what is on stand, worn and shown stays."""
        self._scenes[name] = scene
        if name == self._scene_name:
            self._take_place()
            shot = self._shot_name if self._shot_name in scene.shots else next(iter(scene.shots))
            self._cut_to(shot, self._shot_since_s)
            self._open_overlays(self._now_s)
            self._set_down()

    def take_warnings(self) -> list[str]:
        """What was wrong with cues since the last call."""
        news = [f"the host: {warning}" for warning in self._performer.warnings if warning not in self._told]
        self._told.update(self._performer.warnings)
        taken, self._warnings = self._warnings + news, []
        return taken

    def advance(self, sample: int) -> WorldState:
        """The state at `sample`, after every cue until then."""
        step_s = max(sample / SAMPLE_RATE_HZ - self._now_s, 0.0)
        self._now_s = now_s = sample / SAMPLE_RATE_HZ
        while self._waiting and self._waiting[0][0] <= sample:
            self._apply(heapq.heappop(self._waiting)[2])
        if self._host is None:
            self._host = self._performer.update(now_s)
        self._performer.carry(self._carrying(), now_s)
        view = self._seen = self._view(
            step_s
        )  # follows where the host was a frame ago, since the host looks into this camera
        self._performer.look_at(self._gaze_point(view), now_s)
        host = self._host = self._performer.update(now_s)
        cast = self._cast
        self._finish_handling(now_s)
        cast.appearances = [a for a in cast.appearances if not a.ended(now_s, LEAVE_S)]
        return WorldState(
            time_s=now_s,
            scene=self._scene_name,
            shot=self._shot_name,
            view=view,
            host=host,
            stands=self._turned(now_s),
            worn=cast.worn,
            handled=dict(cast.handled),
            appearances=tuple(cast.appearances),
            caption=cast.caption,
            comments=tuple(cast.comments),
            compared=self._compared(view, now_s),
            transition=self._transition_state(now_s),
            slate=cast.slate,
        )

    # -- cues ----------------------------------------------------------------------------------------------------

    def _apply(self, cue: c.Cue) -> None:
        at_s = cue.at / SAMPLE_RATE_HZ
        late_s = self._now_s - at_s
        match cue:
            case c.SceneCue():
                self._change_scene(cue, at_s)
            case c.ShotCue():
                self._change_shot(cue, at_s)
            case c.SpeakCue():
                self._speak(cue, at_s)
            case c.HushCue():
                self._performer.hush(at_s, cue.fade_s)
                if self._cast.caption:
                    self._cast.caption = replace(self._cast.caption, until_s=at_s)
            case c.ExpressionCue():
                self._performer.express(cue.name, at_s, cue.weight, cue.fade_s, cue.hold_s)
            case c.GestureCue() if any(h.until_s > at_s + cue.after_s - 0.5 for h in self._cast.handled.values()):
                pass  # the hands are full
            case c.GestureCue() if late_s < _LATE_S:
                self._performer.gesture(cue.name, at_s + cue.after_s, self._place(cue.target))
            case c.GestureCue():
                self._warn(f"gesture {cue.name!r} came {late_s:.1f} s late and is left out")
            case c.GazeCue():
                self._cast.gaze = cue.target
                self._place(cue.target)  # warns now rather than in each frame
            case c.ProductCue():
                self._put(cue, at_s)
            case c.WearCue():
                self._wear(cue, at_s)
            case c.CompareCue():
                self._compare(cue, at_s)
            case c.OverlayCue():
                self._show(cue, at_s)
            case c.GuestCue():
                self._welcome(cue)
            case c.ChatCue():
                self._cast.comments.append(Comment(cue.user, cue.text, at_s, cue.comment_id))
            case c.ChatGoneCue():
                for comment in [said for said in self._cast.comments if said.comment_id == cue.comment_id]:
                    self._cast.comments.remove(comment)
            case c.SlateCue():
                self._cast.slate = cue.show
            case _:
                self._warn(f"the stage does not know a cue of kind {type(cue).__name__}")

    def _change_scene(self, cue: c.SceneCue, at_s: float) -> None:
        name = self._named(cue.scene)
        if name is None:
            self._warn(f"no scene {cue.scene!r}; there are {_listed(self._scenes)}")
            return
        if name == self._scene_name:
            return
        self._begin_transition(cue.transition.name, cue.transition.seconds, at_s, self._shown_stand())
        self._scene_name = name
        self._take_place()
        self._cut_to(next(iter(self.scene.shots)), at_s)
        self._open_overlays(at_s)
        self._set_down()

    def _named(self, scene: str) -> str | None:
        """A scene by its path in the show, or by its file's stem."""
        if scene in self._scenes:
            return scene
        return next((name for name in self._scenes if name.rsplit("/", 1)[-1].removesuffix(".yaml") == scene), None)

    def _change_shot(self, cue: c.ShotCue, at_s: float) -> None:
        scene = self.scene
        if cue.shot not in scene.shots:
            self._warn(f"no shot {cue.shot!r} in {self._scene_name}; there are {_listed(scene.shots)}")
            return
        if cue.shot == self._shot_name:
            return
        written = scene.transitions.get(cue.shot) or scene.transitions.get("default")
        kind, _, stand = (scene.shots[cue.shot].follow or "").partition(".")
        toward = stand if kind == "stands" else self._shown_stand()
        if cue.transition is not None:
            self._begin_transition(cue.transition.name, cue.transition.seconds, at_s, toward)
        elif written is not None:
            self._begin_transition(written.name, written.seconds, at_s, toward)
        else:
            self._transition = None
        self._cut_to(cue.shot, at_s)

    def _speak(self, cue: c.SpeakCue, at_s: float) -> None:
        if at_s + cue.duration_s <= self._now_s:
            self._warn(
                f"line {cue.line_id} came {self._now_s - at_s:.1f} s late, after its own end; the mouth stays shut"
            )
            return
        self._performer.speak(at_s, cue.visemes, cue.words, cue.duration_s)
        self._cast.caption = Caption(cue.text, at_s, cue.duration_s, cue.words)

    def _put(self, cue: c.ProductCue, at_s: float) -> None:
        stand = cue.stand or next(iter(self.scene.stands), None)
        if stand is None or stand not in self.scene.stands:
            known = _listed(self.scene.stands)
            self._warn(f"no stand {cue.stand!r} in {self._scene_name}; there are {known}" if known else
                       f"{self._scene_name} has no stand for product {cue.product!r}")  # fmt: skip
            return
        if cue.product is None:
            self._cast.stands.pop(stand, None)
        elif self._product(cue.product) is not None:
            now = self._cast.stands.get(stand)
            if now is None or (now.product, now.variant) != (cue.product, cue.variant):
                self._cast.stands[stand] = StandState(cue.product, cue.variant, at_s)

    def _wear(self, cue: c.WearCue, at_s: float) -> None:
        worn = self._cast.worn
        if cue.product is None:
            self._cast.worn = worn[-1:]
            if worn and not self._handle(worn[-1].product, at_s, puts_on=False):
                self._cast.worn = ()
            return
        product = self._product(cue.product)
        if product is None:
            return
        if cue.on and product.wear is None:
            self._warn(f"product {cue.product!r} says no `wear` in the catalog, so it cannot be put on")
            return
        if not cue.on:
            if not any(w.product == product.id for w in worn) or not self._handle(product.id, at_s, puts_on=False):
                self._cast.worn = tuple(w for w in worn if w.product != product.id)
            return
        # Two of a kind do not fit on one body: the new one takes the old one's place.
        others = tuple(w for w in worn if w.product != product.id and not self._same_place(w, product))
        if others == worn:
            self._handle(product.id, at_s, puts_on=True)
        self._cast.worn = (*others, Worn(product.id, cue.variant))

    def _handle(self, product_id: str, at_s: float, *, puts_on: bool) -> bool:
        """Let the hands put a product on or take it off; False where they cannot."""
        product = self._catalog.product(product_id) if self._catalog else None
        if product is None or product.wear is None or self._host is None:
            return False
        way = WAYS.get(product.wear.kind)
        if way is None:
            return False
        move = way.on if puts_on else way.off
        if self._now_s - at_s > _LATE_S or not self._performer.can(move.gesture):
            return False
        touches = self._touches(product_id, puts_on)
        if way.touches and not touches:
            return False
        right = product.wear.kind == "bag" and product.wear.side == "right"  # bags are taken up with the left
        self._performer.gesture(move.gesture, at_s + move.contact_s, touches=touches, mirrored=right)
        self._cast.handled[product_id] = move.from_cue(puts_on, at_s)
        return True

    def _finish_handling(self, now_s: float) -> None:
        for product, handling in list(self._cast.handled.items()):
            if now_s < handling.until_s:
                continue
            del self._cast.handled[product]
            if not handling.puts_on:
                self._cast.worn = tuple(w for w in self._cast.worn if w.product != product)

    def _carrying(self) -> dict[str, str]:
        products = (self._catalog.product(worn.product) for worn in self._cast.worn) if self._catalog else ()
        return carrying(product.wear for product in products if product is not None and product.wear is not None)

    def _same_place(self, worn: Worn, product: Product) -> bool:
        other = self._catalog.product(worn.product) if self._catalog else None
        if other is None or other.wear is None or product.wear is None or other.wear.kind != product.wear.kind:
            return False
        if product.wear.makeup and other.wear.makeup:
            return product.wear.makeup.region == other.wear.makeup.region
        sides = {other.wear.side, product.wear.side}
        return sides != {"left", "right"}

    def _compare(self, cue: c.CompareCue, at_s: float) -> None:
        running = self._cast.comparison
        if not cue.show:
            self._cast.comparison = replace(running, until_s=at_s) if running is not None else None
        elif not self._cast.worn or cue.product not in (None, *(worn.product for worn in self._cast.worn)):
            self._warn(f"the host does not wear {cue.product or 'anything'}, so there is no before to show")
        else:
            until_s = at_s + cue.hold_s if cue.hold_s is not None else None
            since_s = at_s if running is None or running.without != cue.product else running.from_s
            self._cast.comparison = Comparison(cue.product, since_s, until_s)

    def _compared(self, view: View, now_s: float) -> Compared | None:
        """What is compared in this picture, if its host is seen and wears anything."""
        comparison = self._cast.comparison
        if comparison is None or comparison.ended(now_s):
            self._cast.comparison = None
            return None
        head = self._landmark(self._host, "head") if self._host is not None and self._cast.worn else None
        if head is None:
            return None
        across, _ = view.sees(self._to_world(head), self._aspect)
        return comparison.shown(now_s, across)

    def _show(self, cue: c.OverlayCue, at_s: float) -> None:
        spec = self.scene.overlays.get(cue.overlay)
        if spec is None:
            self._warn(f"no overlay {cue.overlay!r} in {self._scene_name}; there are {_listed(self.scene.overlays)}")
            return
        if spec.kind == "ai_label":
            self._warn("the AI label is set by the policy and cannot be changed or hidden by a cue")
            return
        if spec.kind == "guest" and cue.show and "picture" in cue.data:
            self._warn("a guest comes by a cue of their own, which says that they agreed")
            return
        self._appear(cue, spec.kind, at_s)

    def _welcome(self, cue: c.GuestCue) -> None:
        name = next((name for name, spec in self.scene.overlays.items() if spec.kind == "guest"), None)
        if name is None:
            self._warn(f"{self._scene_name} has no overlay of kind guest")
            return
        data = {"picture": cue.picture, "name": cue.name, "product": cue.product}
        shown = c.OverlayCue(at=cue.at, overlay=name, show=cue.picture is not None, data=data, hold_s=cue.hold_s)
        self._appear(shown, "guest", cue.at / SAMPLE_RATE_HZ)

    def _appear(self, cue: c.OverlayCue, kind: str, at_s: float) -> None:
        cast = self._cast
        until_s = at_s + cue.hold_s if cue.show and cue.hold_s is not None else None
        running = [a for a in cast.appearances if a.overlay == cue.overlay and (a.until_s is None or a.until_s > at_s)]
        data = self._with_product(kind, cue.data)
        if cue.show and running and running[-1].data == data and kind != "countdown":
            cast.appearances[cast.appearances.index(running[-1])] = replace(running[-1], until_s=until_s)
            return
        for appearance in running:
            if appearance.from_s < at_s:
                cast.appearances[cast.appearances.index(appearance)] = replace(appearance, until_s=at_s)
            else:
                cast.appearances.remove(appearance)  # it would begin to leave as it comes
        if cue.show:
            cast.appearances.append(Appearance(cue.overlay, data, at_s, until_s))

    def _with_product(self, kind: str, data: Mapping[str, Any]) -> Mapping[str, Any]:
        """A price card that does not name its product means the one on the stand."""
        if kind != "price_card" or "product" in data or not self._cast.stands:
            return data
        return {**data, "product": next(iter(self._cast.stands.values())).product}

    # -- helpers -------------------------------------------------------------------------------------------------

    def _warn(self, sentence: str) -> None:
        self._warnings.append(sentence)

    def _product(self, product_id: str) -> Product | None:
        product = self._catalog.product(product_id) if self._catalog else None
        if product is None:
            self._warn(f"no product {product_id!r} in the catalog")
        return product

    def _cut_to(self, shot: str, at_s: float) -> None:
        self._shot_name, self._shot_since_s = shot, at_s
        aperture_mm = self.scene.effects.depth_of_field
        self._operator = Operator(shot, self.scene.shots[shot], self._aspect, self._seed, aperture_mm)

    def _take_place(self) -> None:
        host = self.scene.host
        counter = host.counter
        self._performer.stand_behind(
            None if counter is None else Counter(counter.height - host.mark[1], counter.distance)
        )

    def _set_down(self) -> None:
        """Products stay on stage: on the scene's stands of the same names, else on its first."""
        stands = list(self.scene.stands)
        held = {stand: state for stand, state in self._cast.stands.items() if stand in self.scene.stands}
        if not held and self._cast.stands and stands:
            held = {stands[0]: next(iter(self._cast.stands.values()))}
        self._cast.stands = held

    def _open_overlays(self, at_s: float) -> None:
        """Begin what the scene shows by itself; what is already shown under the same name and kind goes on."""
        names = self.scene.overlays
        self._cast.appearances = [a for a in self._cast.appearances if a.overlay in names]
        shown = {appearance.overlay for appearance in self._cast.appearances}
        for name, spec in names.items():
            if spec.visible and name not in shown:
                self._cast.appearances.append(Appearance(name, {}, at_s))

    def _begin_transition(self, kind: str, seconds: float, at_s: float, stand: str | None) -> None:
        """From the picture that was seen last; a zoom goes to what is on `stand` there, or else to the middle."""
        if kind == "cut" or seconds <= 0:
            self._transition = None
            return
        toward = (0.5, 0.5)
        if stand in self.scene.stands and self._seen is not None:
            across, down = self._seen.sees(self._middle_of(stand), self._aspect)
            toward = min(max(across, 0.0), 1.0), min(max(down, 0.0), 1.0)
        self._transition = _Transition(kind, at_s, seconds, next(self._transitions), toward)

    def _shown_stand(self) -> str | None:
        """The first stand with a product on it."""
        return next(iter(self._cast.stands), None)

    def _transition_state(self, now_s: float) -> TransitionState | None:
        running = self._transition
        if running is None:
            return None
        share = (now_s - running.from_s) / running.seconds
        if share >= 1:
            self._transition = None
            return None
        progress = ease("in_out", share)
        return TransitionState(running.kind, progress, running.number, running.toward)  # type: ignore[arg-type]

    def _turned(self, now_s: float) -> dict[str, StandState]:
        turned = {}
        for name, state in self._cast.stands.items():
            spec = self.scene.stands[name]
            angle_deg = spec.turntable_rpm * 6 * (now_s - state.since_s)
            turned[name] = replace(state, turned_deg=angle_deg % 360)
        return turned

    # -- where things are ----------------------------------------------------------------------------------------

    def _view(self, step_s: float) -> View:
        shot = self.scene.shots[self._shot_name]
        subject, facing_deg, size_m = self._followed(shot.follow)
        focus, _, deep_m = self._followed(shot.focus if isinstance(shot.focus, str) else None)
        age_s = self._now_s - self._shot_since_s
        return self._operator.view(age_s, step_s, subject, facing_deg, size_m, (focus, deep_m) if focus else None)

    def _followed(self, name: str | None) -> tuple[Point | None, float, float | None]:
        """The point that a shot follows, in world space, where it faces, and its longest side where that matters."""
        kind, _, part = (name or "").partition(".")
        if kind == "host":
            point = self._landmark(self._host, part) if self._host is not None else None
            return (self._to_world(point) if point else None), self.scene.host.facing, None
        if kind == "stands" and part in self.scene.stands:
            extent_m = self._extent_of(part)
            return self._middle_of(part), 0.0, extent_m[1] if extent_m else None
        return None, 0.0, None

    def _extent_of(self, stand: str) -> tuple[float, float] | None:
        shown = self._cast.stands.get(stand)
        return self._extent_m(stand, shown.product) if shown else None

    def _middle_of(self, name: str) -> Point:
        """The middle of what stands on a stand, in world space."""
        stand, extent_m = self.scene.stands[name], self._extent_of(name)
        x, y, z = stand.at
        return x, y + (stand.max_size / 2 if extent_m is None else extent_m[0]) / 2, z

    def _place(self, target: str | None) -> Point | None:
        """A target of gestures and gazes in host space; None for what has no place of its own."""
        if target is None or target in ("camera", "comments", "idle"):
            return None
        stands = self.scene.stands
        if target == "product":
            target = self._shown_stand() or next(iter(stands), "product")
        if target not in stands:
            self._warn(
                f"no target {target!r} in {self._scene_name}; there are camera, product, comments, {_listed(stands)}"
            )
            return None
        return self._to_host(self._middle_of(target))

    def _gaze_point(self, view: View) -> Point | None:
        gaze = self._cast.gaze
        if gaze == "idle":
            return None
        eye = view.eye
        if gaze == "comments":
            forward = view.target - eye
            right = np.cross(forward / max(float(np.linalg.norm(forward)), 1e-6), [0.0, 1.0, 0.0])
            scale = float(np.linalg.norm(forward)) / 1.5
            eye = eye + right * _COMMENTS_AT[0] * scale + np.array([0.0, _COMMENTS_AT[1] * scale, 0.0])
        elif gaze != "camera":
            known = gaze == "product" or gaze in self.scene.stands
            place = self._place(gaze) if known and self.scene.stands else None
            if place is not None:
                return place
        return self._to_host((float(eye[0]), float(eye[1]), float(eye[2])))

    def _to_world(self, point: Point) -> Point:
        forward, left = self._axes()
        x, y, z = np.array(self.scene.host.mark) + left * point[0] + np.array([0, point[1], 0]) + forward * point[2]
        return float(x), float(y), float(z)

    def _to_host(self, point: Point) -> Point:
        forward, left = self._axes()
        away = np.array(point) - np.array(self.scene.host.mark)
        return float(away @ left), float(away[1]), float(away @ forward)

    def _axes(self) -> tuple[Any, Any]:
        """The host's forward (+Z) and left (+X) in world space."""
        facing_deg = self.scene.host.facing
        return direction(facing_deg), direction(facing_deg + 90)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))
