"""The host: takes what the stage's cues say, and gives its frame for any moment of the programme.

Everything but the springs is a function of time, of the seed and of the calls made, so that a host may be
stepped at 30 frames a second or asked for a moment hours later. Calls come at rising times. Times are
seconds of the programme, points are in host space (see `frame`). Not for more than one thread at once.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from nightcast.gltf.records import Model
from nightcast.host import quaternion as quat
from nightcast.host.body import SIDES, Body
from nightcast.host.bones import BONES, INDEX, limit_deg
from nightcast.host.chance import uniform
from nightcast.host.clip import Clip
from nightcast.host.constraints import Constraints
from nightcast.host.counter import Counter
from nightcast.host.expressions import Channels
from nightcast.host.eyes import Eyes, Look
from nightcast.host.face import Face, Intent
from nightcast.host.fingertips import Fingertips, Touch
from nightcast.host.frame import HostFrame
from nightcast.host.gaze import Gaze
from nightcast.host.gesture import Gesture, HandState, State, held_still
from nightcast.host.hands import ROWS
from nightcast.host.idle import Idle
from nightcast.host.limbs import Arm, Legs
from nightcast.host.lips import VISEMES, Lips, SpokenLine
from nightcast.host.mood import Moods
from nightcast.host.performance import Performance, Play
from nightcast.host.posture import Posture, Postures
from nightcast.host.prosody import Motion, SpokenBody
from nightcast.host.quaternion import F64
from nightcast.host.recipes import JAW_OPEN_DEG, JAW_SHARES
from nightcast.host.rig import Rig
from nightcast.host.springs import Springs
from nightcast.host.surface import strongest_nodes
from nightcast.host.timeline import ease
from nightcast.show.gesture import HandKey

_LIMITS_DEG = np.array([limit_deg(bone) for bone in BONES])
_JAW = np.array([JAW_SHARES.get(viseme, 0.0) for viseme in VISEMES])

#: How often a hand is moved after its fingertips, and how far below the shoulders it may come near the neck.
_TRIES = 8
_NAPE_M = 0.06

#: What the chest takes of a turn of the face, and how far at most the head is turned on the chest.
_CHEST_SHARE = 0.3
_HEAD_YAW_DEG = 35.0

#: In which an arm that is to carry a bag leaves what it does.
_HANGS_S = 0.4

#: Speech alone moves the hands: small beats on stressed words, no oftener than this.
_BEAT_GAP_S = 2.6
_BEATS = ("beat_right", "beat_left", "beat_both")


@dataclass(frozen=True)
class _Carrying:
    """Where on an arm a bag hangs, or hung until `since_s`."""

    place: str = "hand"
    on: bool = False
    since_s: float = -np.inf

    def share(self, now_s: float) -> float:
        gone = ease((now_s - self.since_s) / _HANGS_S)
        return gone if self.on else 1 - gone


@dataclass
class _Posing:
    """The body while one frame is being made."""

    pose: F64  #: (55, 4)
    hips_shift: F64  #: (3,)
    places: F64  #: (55, 3) from forward kinematics
    turns: F64  #: (55, 3, 3)

    def blend(self, rows: Sequence[int], goal: F64, share: float) -> None:
        """Turn some bones towards `goal` (n, 4)."""
        self.pose[rows] = goal if share >= 1 else quat.slerp(self.pose[rows], goal, share)


class Host:
    """A digital human. `warnings` says once what the avatar lacks.

    Args:
        model: any avatar that `Rig` finds a body in; raises RigError otherwise.
        gestures: by name, as from `load_motions`.
        postures: how it stands between gestures; with none its arms hang.
        seed: makes this host's chance; the same calls with the same seed give the same frames.
        energy: how much it moves by itself, 0..1.5.
        hidden_nodes: meshes of the model that are never drawn, by name of node or mesh (glasses of its own).
        expressions: our name of an expression → the model's, where they differ.
        visemes: viseme → the model's morph target, where they differ.
        height_m: scales the body to this height; None leaves it as the file has it.
    """

    def __init__(
        self,
        model: Model,
        gestures: Mapping[str, Gesture | Clip] | None = None,
        *,
        postures: Sequence[Posture] = (),
        seed: int = 0,
        energy: float = 1.0,
        hidden_nodes: Sequence[str] = (),
        expressions: Mapping[str, str] | None = None,
        visemes: Mapping[str, str] | None = None,
        height_m: float | None = None,
    ) -> None:
        self.model = model
        self.rig = Rig(model, height_m)
        self.body = Body(self.rig)
        self.gestures = dict(gestures or {})
        self._seed = seed
        self._idle = Idle(self.body, seed, energy)
        self._postures = Postures(self.body, postures, seed)
        self._lips = Lips()
        self._moods = Moods()
        self._performance = Performance()
        self._spoken: list[SpokenBody] = []
        self._legs = Legs(self.body)
        self._arms = {side: Arm(self.body, side) for side in SIDES}
        self._fingertips = {side: Fingertips(self.body, side) for side in SIDES}
        self._channels = Channels(model)
        self._face = Face(self._channels, expressions or {}, visemes or {})
        self._eyes = Eyes(self.rig, self._face.has_look)
        self._gaze = Gaze(seed + 100, self._eyes.reach)
        if self._eyes.by_bone:
            self._keep_look_shapes_off_the_eyeballs()
        self._constraints = Constraints(self.rig)
        self._springs = Springs(self.rig)
        self._eye_middle = self._eyes.middle(self.rig.places, np.tile(np.eye(3), (len(BONES), 1, 1)))
        self._hidden = self._never_drawn(hidden_nodes)
        self._warned: list[str] = []
        self._now_s = -np.inf
        self._counter: Counter | None = None
        self._carries = dict.fromkeys(SIDES, _Carrying())

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the avatar lacks, and what was asked of it in vain; each once."""
        found = (*self.model.warnings, *self.rig.warnings, *self._face.warnings, *self._warned)
        return tuple(dict.fromkeys(found))

    @property
    def face(self) -> Face:
        return self._face

    @property
    def moves_its_mouth(self) -> bool:
        """Whether speech is seen: by mouth shapes, or by a jaw where it has none."""
        return self._face.has_mouth or "jaw" in self.rig.bones

    # ---- what the cues ask

    def speak(
        self,
        start_s: float,
        visemes: Sequence[tuple[float, str, float]],
        words: Sequence[tuple[float, float, str]],
        duration_s: float,
    ) -> None:
        """Say a line: `visemes` (seconds after the start, viseme, weight), `words` (start, end, text)."""
        self._lips.speak(SpokenLine(start_s, visemes, duration_s))
        spoken = SpokenBody(start_s, start_s + duration_s, words, self._seed)
        self._spoken = [other for other in self._spoken if other.end_s > start_s - 5] + [spoken]
        self._add_beats(spoken)

    def hush(self, at_s: float, fade_s: float = 0.08) -> None:
        """Stop speaking."""
        self._lips.hush(at_s, fade_s)
        self._performance.drop_after(at_s)
        for spoken in self._spoken:
            if spoken.start_s <= at_s < spoken.end_s:
                spoken.stop(at_s)

    def express(
        self, name: str, at_s: float, weight: float = 1.0, fade_s: float = 0.35, hold_s: float | None = None
    ) -> None:
        """Show a feeling; "neutral" clears. An unknown name is said once in `warnings` and otherwise ignored."""
        if name == "neutral":
            self._moods.express(at_s, None, 0.0, fade_s, None)
            return
        feeling = self._face.canonical(name)
        if feeling is not None:
            self._moods.express(at_s, feeling, weight, fade_s, hold_s)

    def gesture(
        self,
        name: str,
        at_s: float,
        target: Sequence[float] | None = None,
        touches: Mapping[str, Touch] | None = None,
        *,
        mirrored: bool = False,
    ) -> None:
        """Make a gesture so that its stroke falls on `at_s`, or as soon as can be; `mirrored`, with the other hand.

        Hands named in `touches` hold something: the gesture's keys say where their fingertips are, and their target is
        that point of the body, wherever it moves meanwhile.
        """
        what = self.gestures.get(name)
        if what is None:
            warning = f"there is no gesture {name!r}"
            if warning not in self._warned:
                self._warned.append(warning)
            return
        start_s = max(at_s - what.stroke_s, self._now_s)
        point = None if target is None else np.array(target, np.float64)
        # What follows a target is written for the right hand, which is at -X.
        beyond = isinstance(what, Gesture) and what.follows_target and point is not None and point[0] > 0.05
        if isinstance(what, Gesture) and (mirrored or beyond):
            what = what.mirrored()
        self._performance.begin(Play(what, start_s, point, touches or {}))
        if isinstance(what, Gesture) and what.expression is not None:
            hold_s = max(what.duration_s - 0.5, 0.4)
            feeling = self._face.canonical(what.expression)
            if feeling is not None:
                self._moods.pass_over(start_s, feeling, 0.9, 0.35, hold_s)

    def can(self, name: str) -> bool:
        """Whether there is a gesture of this name."""
        return name in self.gestures

    def look_at(self, point: Sequence[float] | None, at_s: float) -> None:
        """From `at_s` look at a point, or wherever the eyes wander. May be called each frame with a moving point."""
        place = None if point is None else np.array(point, np.float64)
        self._gaze.look_at(at_s, place, self._eye_middle)

    def stand_behind(self, counter: Counter | None) -> None:
        """From the next frame on keep the hands out of a counter; None: there is none."""
        self._counter = counter
        self._postures.stand_behind(counter)

    def carry(self, where: Mapping[str, str], at_s: float) -> None:
        """From `at_s` on these arms carry a bag, by side: in the `hand`, on the `forearm` or the `shoulder`.

        They take the posture for that, whatever the others do.
        """
        for side in SIDES:
            was = self._carries[side]
            if where.get(side) != (was.place if was.on else None):
                self._carries[side] = _Carrying(where.get(side, was.place), side in where, at_s)

    def blinks_at(self, time_s: float) -> bool:
        """Whether the lids are on their way down or up; a portrait is taken between blinks."""
        return self._gaze.blink(time_s) > 0

    # ---- each frame

    def update(self, time_s: float) -> HostFrame:
        """The host at a moment, in the order of VRMC_vrm-1.0: humanoid pose, look-at, expression weights,
        expressions applied, node constraints, spring bones.
        """
        self._now_s = time_s
        motion = self._spoken_motion(time_s)
        visemes = self._lips.weights(time_s)

        posing = self._humanoid_pose(time_s, motion, visemes)
        look = self._look_at(time_s, posing)
        local = self.rig.local_matrices(posing.pose, posing.hips_shift)
        world = self.rig.hierarchy.world(local)

        weights = self._face.weights(self._face_intent(time_s, motion, visemes, look))
        settled = self._channels.settled(weights)
        morphs = self._channels.morph_weights(settled)
        overrides = self._channels.material_overrides(settled)

        world = self._constraints.apply(posing.pose, local, world)
        self._springs.advance(time_s, local, world)
        return HostFrame(time_s, world, morphs, overrides, self._hidden)

    def _humanoid_pose(self, time_s: float, motion: Motion, visemes: F64) -> _Posing:
        """Rest, sway, gaze of the head, nods, gestures and clips, as one pose of the body."""
        stance = self._idle.at(time_s, motion.liveliness, confined=self._counter is not None)
        angles = stance.angles_deg
        yaw, pitch = self._gaze.head(time_s, self._eye_middle)
        playing = list(self._performance.gestures(time_s))
        clips = list(self._performance.clips(time_s))
        free = 1 - max((share for *_, share in clips), default=0.0)  # what clips leave of the body
        postures = [(posture, share * free) for posture, share in self._postures.at(time_s)]
        head, chest = np.zeros(3), np.zeros(3)
        for posture, share in postures:
            head += np.multiply(posture.head, share)
            chest += np.multiply(posture.chest, share)
        for play, state, share in playing:
            head = head + state.head_deg * share
            chest = chest + state.chest_deg * share
            for side, arm in self._arms.items():
                hand = self._hand(state, side)
                if hand is not None:
                    up = self._raised(arm, hand, play.target)
                    angles[arm.shoulder] += arm.shoulder_raise_deg(up) * hand.weight * share
        chest[1] += _CHEST_SHARE * yaw
        head += [motion.nod_deg - pitch, (1 - _CHEST_SHARE) * yaw, motion.tilt_deg]
        # A gesture that turns the head is mostly one towards that which the eyes are on already.
        head[1] = _HEAD_YAW_DEG * math.tanh(head[1] / _HEAD_YAW_DEG)
        _spread(angles, head, {"neck": 0.42, "head": 0.5, "upperChest": 0.08})
        _spread(angles, chest, {"spine": 0.3, "chest": 0.4, "upperChest": 0.3})
        if not self._face.has_mouth:
            angles[INDEX["jaw"]] += [float(visemes @ _JAW) * JAW_OPEN_DEG, 0, 0]
        pose = quat.from_euler_deg(angles)
        shift = stance.hips_shift
        for clip, since_s, share in clips:
            shift = self._add_clip(pose, shift, clip, since_s, share)
        places, turns = self.body.forward(pose, shift)
        posing = _Posing(pose, shift, places, turns)
        if not clips:
            self._legs.plant(pose, places, turns)
        for arm in self._arms.values():
            self._rest(posing, arm, postures)
        for play, state, share in playing:
            for side in sorted(self._arms, key=lambda side: side in play.touches):  # one hand may touch the other
                arm, hand = self._arms[side], self._hand(state, side)
                if hand is not None and side in play.touches:
                    self._bring_fingertips(posing, arm, hand, play, share)
                elif hand is not None:
                    self._move_hand(posing, arm, hand, play.target, share)
        if self._counter is not None:
            for arm in self._arms.values():
                arm.keep_off(self._counter, posing.pose, posing.places, posing.turns)
        posing.pose = quat.clamp_angle(posing.pose, _LIMITS_DEG)
        return posing

    def _look_at(self, time_s: float, posing: _Posing) -> Look:
        target = self._gaze.target(time_s, self._eyes.middle(posing.places, posing.turns))
        return self._eyes.aim(posing.pose, posing.places, posing.turns, target)

    def _face_intent(self, time_s: float, motion: Motion, visemes: F64, look: Look) -> Intent:
        blink = max(self._gaze.blink(time_s), look.lids)
        feelings = self._moods.at(time_s)
        for clip, since_s, share in self._performance.clips(time_s):
            for name, curve in clip.expressions.items():
                known = self._face.canonical(name)
                if known is not None:
                    feelings[known] = max(feelings.get(known, 0.0), float(curve.at(since_s, False)[0]) * share)
        return Intent(visemes, feelings, blink, blink, motion.brows_up, look.look_left, look.look_up)

    # ---- parts of the pose

    def _spoken_motion(self, time_s: float) -> Motion:
        motions = [spoken.motion(time_s) for spoken in self._spoken]
        return max(motions, key=lambda motion: motion.liveliness, default=Motion())

    @staticmethod
    def _hand(state: State, side: str) -> HandState | None:
        return state.left if side == "left" else state.right

    def _raised(self, arm: Arm, hand: HandState, target: F64 | None) -> float:
        """How many lengths of the arm the wrist is above the shoulder."""
        if target is None or hand.target <= 0:
            return float(hand.at[1])
        shoulder = self.rig.places[arm.limb.upper]
        aimed = (target[1] - shoulder[1]) / self.body.measures.arm
        return float(hand.at[1] + (aimed - hand.at[1]) * hand.target)

    def _rest(self, posing: _Posing, arm: Arm, postures: Sequence[tuple[Posture, float]]) -> None:
        """One arm as the postures want it, each with its share; what they leave is the arm that hangs."""
        carrying = self._carries[arm.side]
        left = 1 - carrying.share(self._now_s)
        held: list[tuple[Posture | None, HandKey, float]] = [
            (posture, hand, share * left)
            for posture, share in postures
            if (hand := posture.hand(arm.side)) is not None and share * left > 0
        ]
        bag = self._postures.carrying(carrying.place, arm.side) if left < 1 else None
        if bag is not None:
            held.append((None, bag, 1 - left))
        sum_of_shares = 1.0 - sum(share for *_, share in held)
        for posture, hand, share in held:
            sum_of_shares += share
            if posture is not None and posture.place == "counter" and self._counter is not None:
                self._lay_hand(posing, arm, hand, self._counter, share / sum_of_shares)
            else:
                self._move_hand(posing, arm, held_still(hand), None, share / sum_of_shares)

    def _lay_hand(self, posing: _Posing, arm: Arm, hand: HandKey, counter: Counter, share: float) -> None:
        wrist = self._postures.wrist(hand, arm.side, counter)
        elbow = arm.in_host_space(np.array(hand.elbow))
        palm, fingers = (
            None if direction is None else arm.in_host_space(np.array(direction))
            for direction in (hand.palm, hand.fingers)
        )
        wanted, _ = arm.pose(posing.places, posing.turns, wrist, elbow, palm, fingers)
        posing.blend(arm.rows, wanted, share)
        posing.blend(ROWS[arm.side], arm.held(hand.shape), share)

    def _move_hand(self, posing: _Posing, arm: Arm, hand: HandState, target: F64 | None, share: float) -> None:
        trunk = posing.turns[INDEX["upperChest"]]
        weight = hand.weight * share

        def turned(direction: F64 | None) -> F64 | None:
            return None if direction is None else trunk @ arm.in_host_space(direction)

        root = posing.places[arm.limb.upper]
        shoulders = posing.places[[self._arms[side].limb.upper for side in SIDES]].mean(axis=0)
        origin = root + (shoulders - root) * hand.middle
        wrist = origin + trunk @ arm.in_host_space(hand.at) * self.body.measures.arm
        fingers = turned(hand.fingers)
        if target is not None and hand.target > 0:
            target = target + trunk @ arm.in_host_space(np.array([hand.aside, 0.0, 0.0])) * self.body.measures.arm
            along = target - root if fingers is None else fingers
            along = along / max(quat.length(along), 1e-9)
            held = target - along * self.body.measures.hand * 1.3
            wrist = wrist + (held - wrist) * hand.target
        if fingers is None and hand.palm is not None:
            fingers = wrist - root
        elbow = trunk @ arm.in_host_space(hand.elbow)
        wanted, _ = arm.pose(posing.places, posing.turns, wrist, elbow, turned(hand.palm), fingers)
        _lay_arm(posing, arm, wanted, hand, weight)

    def _bring_fingertips(self, posing: _Posing, arm: Arm, hand: HandState, play: Play, share: float) -> None:
        """Move an arm so that thumb and forefinger meet at what they touch, or on the way there.

        Wrists turn only so far, so the hand is moved after what its fingertips missed, a few times. Two hands that
        hold one thing stay as far apart as they touch it.
        """
        places, turns = self.body.forward(posing.pose, posing.hips_shift)
        trunk = turns[INDEX["upperChest"]]
        touched = {side: touch.at(places, turns) for side, touch in play.touches.items()}
        span = quat.length(touched["left"] - touched["right"]) / 2 if len(touched) == 2 else 0.0

        def turned(direction: F64) -> F64:
            direction_there: F64 = trunk @ arm.in_host_space(direction)
            return direction_there

        size = self.body.measures.arm
        root = places[arm.limb.upper]
        shoulders = places[[other.limb.upper for other in self._arms.values()]].mean(axis=0)
        goal = root + (shoulders - root) * hand.middle + turned(hand.at * size + [span * hand.middle, 0.0, 0.0])
        goal = goal + (touched[arm.side] + turned(np.array([hand.aside * size, 0.0, 0.0])) - goal) * hand.target
        palm = None if hand.palm is None else turned(hand.palm)
        fingers = None if hand.fingers is None else turned(hand.fingers)
        tips = self._fingertips[arm.side].away(hand.shape)
        wrist = goal - (goal - root) / max(quat.length(goal - root), 1e-9) * quat.length(tips)
        for _ in range(_TRIES):
            wanted, end = arm.pose(
                places, turns, wrist, turned(hand.elbow), palm, fingers, top_m=float(shoulders[1]) - _NAPE_M
            )
            first, second, third = quat.to_matrix(wanted)
            wrist = wrist + goal - (end + turns[arm.shoulder] @ first @ second @ third @ tips)
        _lay_arm(posing, arm, wanted, hand, hand.weight * share)

    def _add_clip(self, pose: F64, shift: F64, clip: Clip, since_s: float, share: float) -> F64:
        """Blend a clip into `pose`; returns the hips' shift."""
        rows = list(clip.rotations)
        if rows:
            goal = np.stack([clip.rotations[row].at(since_s, True) for row in rows])
            pose[rows] = quat.slerp(pose[rows], goal, share)
        if clip.hips_shift is None:
            return shift
        goal = clip.hips_shift.at(since_s, False) * self.rig.places[INDEX["hips"], 1]
        shifted: F64 = shift + (goal - shift) * share
        return shifted

    def _add_beats(self, spoken: SpokenBody) -> None:
        """Small beats of the hands on stressed words, where no gesture is under way."""
        beats = [name for name in _BEATS if isinstance(self.gestures.get(name), Gesture)]
        last_s = -np.inf
        for accent in spoken.accents if beats else ():
            pick = float(uniform(self._seed + 7, np.array([int(accent.at_s * 1000)]))[0])
            what = self.gestures[beats[int(pick * len(beats))]]
            start_s = accent.at_s - what.stroke_s
            free = not self._performance.is_busy(start_s, start_s + what.duration_s)
            if accent.at_s - last_s > _BEAT_GAP_S and free and start_s > spoken.start_s - 0.2:
                self._performance.begin(Play(what, start_s, strength=0.55 + 0.45 * accent.strength))
                last_s = accent.at_s

    # ---- at load

    def _keep_look_shapes_off_the_eyeballs(self) -> None:
        """Bones turn the eyeballs exactly; ARKit's look shapes then move the lids alone."""
        eyeballs = {self.rig.bones[f"{side}Eye"] for side in SIDES}
        meshes = {
            node.mesh
            for i, node in enumerate(self.model.nodes)
            if node.mesh is not None
            and all(
                set(strongest_nodes(self.model, i, primitive).tolist()) <= eyeballs
                for primitive in self.model.meshes[node.mesh].primitives
            )
        }
        self._channels.without_meshes(meshes, "eyelook")

    def _never_drawn(self, names: Sequence[str]) -> frozenset[int]:
        hidden = {
            i
            for i, node in enumerate(self.model.nodes)
            if node.mesh is not None and (node.name in names or self.model.meshes[node.mesh].name in names)
        }
        if self.model.vrm is not None:
            # A broadcast camera is a third person.
            hidden |= {i for i, flag in self.model.vrm.first_person.items() if flag == "firstPersonOnly"}
        return frozenset(hidden)


def _lay_arm(posing: _Posing, arm: Arm, wanted: F64, hand: HandState, weight: float) -> None:
    """Bring an arm's bones (3, 4) and the shape of its hand into the pose."""
    posing.blend(arm.rows, wanted, weight)
    posing.blend(ROWS[arm.side], arm.fingers(hand.shape), weight)


def _spread(angles: F64, turn_deg: F64, shares: Mapping[str, float]) -> None:
    """Give each bone its share of a turn."""
    for bone, share in shares.items():
        angles[INDEX[bone]] += turn_deg * share
