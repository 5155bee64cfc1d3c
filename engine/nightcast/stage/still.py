"""What stands still is drawn once: set, backdrop and their depth, kept until camera, light or set changes.

Copying them into a picture takes 0.4 ms at 1280×720; drawing them again, tens of times that. Where time is
short they are therefore drawn at half the size while the camera moves. The shadow of what moves
is laid over a copy of them, and that is kept as well while the shadow map rests, together with what stands under
that shadow as it stood in the picture before: products on stands that do not turn.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Literal

import moderngl

from nightcast.gltf.records import F32
from nightcast.stage.backdrop import Backdrop
from nightcast.stage.drawlist import Item
from nightcast.stage.frame import ContactShadow, Frame, Instance
from nightcast.stage.gpu import Gpu, Scope
from nightcast.stage.ground import ContactShadows, ShadowCatcher
from nightcast.stage.layer_pass import BitmapTextures
from nightcast.stage.lens import Lens
from nightcast.stage.materials import UNITS
from nightcast.stage.optics import Optics
from nightcast.stage.programs import Programs
from nightcast.stage.shadow import ShadowMap
from nightcast.stage.targets import Target


def still_key(frame: Frame, clip: F32) -> tuple[object, ...]:
    """Equal for two frames whose still parts look the same."""
    return (
        clip.tobytes(),
        frame.lighting,
        frame.background,
        frame.effects.vignette,
        frame.camera.aperture_m > 0,
        tuple(
            (i.model, i.world.tobytes(), i.variant, i.hidden_nodes, i.pose, tuple(m.layer.key for m in i.makeup))
            for i in stills(frame)
        ),
    )


class _Shade:
    """What stands still, under a shadow."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self.drawn = 0  #: how often the shadow map had been filled when this was made; 0: it is of no use
        self.kept: frozenset[Hashable] = frozenset()  #: what needs no drawing: keys of things, and contact shadows


class Still:
    """The pictures of what stands still: as it is, and under the shadow of what moves.

    A driver on the processor is one picture behind. What needs the latest shadow would wait for it, so there the
    shadow on the set is laid into a second picture, one picture after the map was filled, and shown in the one after
    that.
    """

    def __init__(
        self,
        gpu: Gpu,
        scope: Scope,
        programs: Programs,
        bitmaps: BitmapTextures,
        size_px: tuple[int, int],
        samples: int,
        shadow_taps: int,
        *,
        halves: bool,
    ) -> None:
        self._context = gpu.context
        self.bare = Target(scope, size_px, samples)
        half_px = max(1, size_px[0] // 2), max(1, size_px[1] // 2)
        #: For a camera that moves, and one for its jagged state; nothing where that is drawn in full as well.
        self.halves = tuple(Target(scope, half_px) for _ in range(2)) if halves else ()
        self._shown = _Shade(Target(scope, size_px, samples))
        self._next = _Shade(Target(scope, size_px, samples)) if gpu.sharing is not None and not samples else None
        self.backdrop = Backdrop(gpu, scope, programs, bitmaps)
        self.catcher = ShadowCatcher(gpu, programs, shadow_taps)
        self._contacts = ContactShadows(gpu, scope, programs)
        self._enlarge = programs.get("screen.vert", "enlarge.frag")
        self._whole = scope.vertex_array(self._enlarge.program, [])
        self._key: tuple[object, ...] | None = None
        self._clip = b""
        self._changed = self._is_rough = False
        self._before: frozenset[Hashable] = frozenset()  #: what stood in the last picture that was filled
        self._optics: Optics | None = None
        self._base = self.bare  #: `bare`, or what a lens makes of it

    @property
    def kept(self) -> frozenset[Hashable]:
        """What of the last picture that was filled needs no drawing: keys of things, and contact shadows."""
        return self._shown.kept if self._shown.drawn else frozenset()

    @property
    def spare(self) -> Target:
        """A target for other use while `bare` is drawn anew."""
        return self._shown.target

    def wanted(self, frame: Frame, clip: F32, *, may_halve: bool) -> Literal["rough", "fine"] | None:
        """Whether `halves` (rough) or `bare` (fine) must be drawn for `frame`, and take it as done.

        None: `bare` may stay. Of a camera that moves, every picture after the first is drawn half as large where
        that is allowed, and the first one after that in full again.
        """
        key = still_key(frame, clip)
        changed, moving = key != self._key, self._changed and clip.tobytes() != self._clip
        self._changed, self._clip = changed, clip.tobytes()
        if not changed and not self._is_rough:
            return None
        self._key, self._optics, self._base = key, None, self.bare
        self.outdate()
        self._is_rough = changed and moving and may_halve and bool(self.halves)
        return "rough" if self._is_rough else "fine"

    def focus(self, optics: Optics, lens: Lens) -> None:
        """See the bare picture through a lens, until it is outdated."""
        if optics != self._optics:
            self._optics = optics
            self.outdate()
            self._base = lens.soften_still(self.bare, optics)

    def fill(
        self,
        target: Target,
        shadow: ShadowMap | None,
        contacts: Sequence[ContactShadow],
        things: Mapping[Hashable, Item],
        draw: Callable[[Sequence[Item], moderngl.Framebuffer], None],
    ) -> int:
        """Fill a target of the same size with the bare picture under its shadows, and its depth; returns draw calls.

        The shadow that falls is laid on when it changes, and with it what has come to rest of `contacts` and of
        `things`, which `draw` draws. Other contact shadows are laid on each time, since they turn with turntables;
        other things are not in the target.
        """
        now = frozenset({*things, *contacts})
        shade = self._to_make(shadow, now) if shadow is not None else None
        calls = 0
        if shade is not None and shadow is not None:
            shade.drawn, shade.kept = shadow.drawn, now & self._before
            shade.target.fill(self._base)
            calls += self.catcher.draw(shade.target.surface, shadow)
            calls += self._contacts.draw(shade.target.surface, [c for c in contacts if c in shade.kept])
            if resting := [thing for key, thing in things.items() if key in shade.kept]:
                draw(resting, shade.target.surface)
            shade.target.mark()
        elif shadow is None:
            self.outdate()
        self._before = now
        target.fill(self._base if shadow is None else self._shown.target)
        return calls + self._contacts.draw(target.surface, [c for c in contacts if c not in self.kept])

    def _to_make(self, shadow: ShadowMap, now: frozenset[Hashable]) -> _Shade | None:
        """Which shade must be made for a picture in which `now` stands; the one that is shown then is `_shown`."""
        if self._next is not None and self._next.drawn > self._shown.drawn and self._next.kept <= now:
            self._shown, self._next = self._next, self._shown
        fits = self._shown.drawn > 0 and self._shown.kept <= now
        if fits and self._shown.drawn == shadow.drawn:
            return None
        if not fits or self._next is None:
            return self._shown
        puts_off = shadow.is_new and self._shown.drawn == shadow.drawn - 1
        return None if puts_off else self._next

    def outdate(self) -> None:
        """Lay the shadow on anew for the next picture."""
        for shade in (self._shown, self._next):
            if shade is not None:
                shade.drawn, shade.kept = 0, frozenset()

    def forget(self) -> None:
        """Take nothing as resting in the next picture, nor the shadow as it was."""
        self._before = frozenset()
        self.outdate()

    def enlarge(self, target: moderngl.Framebuffer, shadow: ShadowMap | None, contacts: Sequence[ContactShadow]) -> int:
        """Lay shadows over the half picture and fill a target with it and its depth; returns the draw calls."""
        rough = self.halves[0]
        calls = self.catcher.draw(rough.surface, shadow) if shadow else 0
        calls += self._contacts.draw(rough.surface, contacts)
        target.use()
        self._context.enable_only(moderngl.DEPTH_TEST)
        self._context.depth_func = "1"  # always, and written
        rough.color.seen.use(UNITS["t_base"])
        rough.depth.seen.use(UNITS["t_surface"])
        self._whole.render(vertices=3)
        self._context.depth_func = "<"
        return calls + 1

    def release(self) -> None:
        self.backdrop.release()
        self.catcher.release()


def stills(frame: Frame) -> list[Instance]:
    return [instance for instance in frame.instances if instance.kind == "set"]


def plain(frame: Frame) -> tuple[float, float, float] | None:
    """The one colour that a picture without a set is cleared to; None where there is more to see."""
    background = frame.background
    if stills(frame) or background.environment or background.image is not None or frame.effects.vignette > 0:
        return None
    return background.top if background.bottom in (None, background.top) else None
