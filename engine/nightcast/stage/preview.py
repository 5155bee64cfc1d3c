"""A scene live in a window beside the editor: `nightcast preview`.

Saved edits are on the picture within half a second; a wrong one shows its error there, and the last good scene stays.
Keys are listed by H. One thread: pygame's events, then a frame.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path

import pygame

from nightcast.process.shared import SAMPLE_RATE_HZ
from nightcast.show.errors import ShowError
from nightcast.stage.cues import ExpressionCue, GazeCue, OverlayCue, ShotCue, TransitionSpec, WearCue
from nightcast.stage.display import open_display
from nightcast.stage.layers import Pixels, Rect
from nightcast.stage.overlays import Page
from nightcast.stage.production import Production
from nightcast.stage.samples import comment_cues, line_cue, overlay_cues, product_cues
from nightcast.stage.shot import save
from nightcast.stage.stock import stamp
from nightcast.stage.studio import Studio
from nightcast.stage.text import TextStyle, Typesetter

__all__ = ["Preview", "preview"]

_EXPRESSIONS = ("neutral", "happy", "surprised", "relaxed", "sad", "angry")
_GAZES = ("camera", "product", "comments", "idle")
_GRAPH_FRAMES = 160
_NOTICES, _NOTICE_S = 4, 3.0

_HELP = """1-9  shot
P  next product on the stands
W  host wears it, or takes it off
E  next expression
L  next place to look at
T  speak a line
C  comments come in
O  all overlays, or only the scene's own
G  frame-time graph
A  safe areas
S  screenshot
Space  pause
H  this list
Q, Esc  quit"""


@dataclass
class _Shown:
    """What the viewer of the preview asked for."""

    product: int = 0
    expression: int = 0
    gaze: int = 0
    overlays: bool = True
    worn: bool = False
    graph: bool = False
    areas: bool = False
    help: bool = False
    paused: bool = False


class Preview:
    """The window's content: takes keys, makes pictures. The window itself is `preview`'s."""

    def __init__(self, studio: Studio, screenshots: Path, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._studio = studio
        self._screenshots = screenshots
        self._monotonic = monotonic
        self._type = Typesetter.find_fonts(studio.production.fonts, lambda _: None)
        self._shown = _Shown()
        self._index = 0
        self._errors: dict[str, list[str]] = {}  #: by what was edited, until it is mended
        self._standing: tuple[str, ...] = ()  #: what is left out of the scene as it was read last
        self._cast_stamps = {file: stamp(file) for file in studio.production.sources}
        self._notices: deque[tuple[float, str]] = deque(maxlen=_NOTICES)
        self._draws_ms: deque[float] = deque(maxlen=_GRAPH_FRAMES)
        self._pixels: Pixels | None = None
        self.quit = False
        if studio.production.error is not None:
            self._errors["cast"] = self._told(studio.production.error)
        self._fill_stage()

    def key(self, key: int) -> None:
        """A key was pressed (pygame's key codes)."""
        shots = list(self._studio.world.scene.shots)
        number = key - pygame.K_1
        if 0 <= number < min(len(shots), 9):
            self._studio.apply([ShotCue(at=self._now, shot=shots[number])])
            self._say(f"shot {shots[number]}")
            return
        action = _KEYS.get(key)
        if action is not None:
            action(self)

    def picture(self) -> Pixels:
        """The next picture, or the same one while paused; (height, width, 4) RGBA without the preview's own marks."""
        self._reload()
        if not self._shown.paused or self._pixels is None:
            began_s = self._monotonic()
            self._pixels = self._studio.frame(self._index)
            self._draws_ms.append((self._monotonic() - began_s) * 1e3)
            self._index += 1
        for warning in self._studio.take_warnings():
            self._say(warning)
        return self._pixels

    def marks(self, surface: pygame.Surface) -> None:
        """Draws errors, notices, graph, safe areas and help over the picture."""
        if self._shown.areas:
            self._draw_areas(surface)
        if self._shown.graph:
            self._draw_graph(surface)
        if self._shown.help:
            self._draw_panel(surface, _HELP, "#ffffff", 20, 20)
        if self._errors:
            self._draw_panel(surface, "\n".join(chain(*self._errors.values())), "#ff9c8a", 20, 20)
        elif news := [*self._standing, *(s for at_s, s in self._notices if self._monotonic() - at_s < _NOTICE_S)]:
            self._draw_panel(surface, "\n".join(news), "#ffe6b0", 20, surface.get_height())

    # -- keys ------------------------------------------------------------------------------------------------------

    @property
    def _now(self) -> int:
        return self._index * SAMPLE_RATE_HZ // self._studio.fps

    def _say(self, sentence: str) -> None:
        self._notices.append((self._monotonic(), sentence))

    def _fill_stage(self) -> None:
        scene, catalog = self._studio.world.scene, self._studio.production.catalog
        self._studio.apply(product_cues(scene, catalog, self._now, self._shown.product))
        if self._shown.overlays:
            product = catalog.products[self._shown.product % len(catalog.products)].id if catalog else None
            self._studio.apply(overlay_cues(scene, catalog, self._now, product=product))

    def _next_product(self) -> None:
        self._shown.product += 1
        self._fill_stage()

    def _wear(self) -> None:
        catalog = self._studio.production.catalog
        products = [p for p in catalog.products if p.wear] if catalog else []
        if not products:
            self._say("the catalog has nothing that is worn")
            return
        product = products[self._shown.product % len(products)]
        self._shown.worn = not self._shown.worn
        self._studio.apply([WearCue(at=self._now, product=product.id if self._shown.worn else None)])
        self._say(f"wears {product.id}" if self._shown.worn else "wears nothing")

    def _next_expression(self) -> None:
        self._shown.expression = (self._shown.expression + 1) % len(_EXPRESSIONS)
        name = _EXPRESSIONS[self._shown.expression]
        self._studio.apply([ExpressionCue(at=self._now, name=name)])
        self._say(name)

    def _next_gaze(self) -> None:
        self._shown.gaze = (self._shown.gaze + 1) % len(_GAZES)
        self._studio.apply([GazeCue(at=self._now, target=_GAZES[self._shown.gaze])])
        self._say(f"looks at {_GAZES[self._shown.gaze]}")

    def _speak(self) -> None:
        self._studio.apply([line_cue(self._studio.language, self._now)])

    def _comments(self) -> None:
        self._studio.apply(comment_cues(self._now))

    def _toggle_overlays(self) -> None:
        self._shown.overlays = not self._shown.overlays
        scene = self._studio.world.scene
        if self._shown.overlays:
            self._fill_stage()
        else:
            names = [n for n, o in scene.overlays.items() if o.kind not in ("ai_label", "captions", "logo", "comments")]
            self._studio.apply([OverlayCue(at=self._now, overlay=name, show=False) for name in names])

    def _toggle(self, name: str) -> None:
        setattr(self._shown, name, not getattr(self._shown, name))

    def _screenshot(self) -> None:
        if self._pixels is None:
            return
        name = f"{self._studio.world.scene_name.replace('/', '-')}-{self._index:06}"
        numbers = (f"-{number}" if number else "" for number in count())
        files = (self._screenshots / f"{name}{number}.png" for number in numbers)
        file = next(file for file in files if not file.exists())
        try:
            save(self._pixels, file)
        except OSError as error:
            self._say(f"{file}: {error.strerror or error}")
        else:
            self._say(str(file))

    def _quit(self) -> None:
        self.quit = True

    # -- edits -----------------------------------------------------------------------------------------------------

    def _reload(self) -> None:
        for edited, take_in in (("scene", self._reread), ("cast", self._recast)):
            try:
                if not take_in():
                    continue
            except ShowError as error:
                self._errors[edited] = self._told(error)
            else:
                self._errors.pop(edited, None)
                self._fill_stage()
                self._say("reloaded")

    def _told(self, error: ShowError) -> list[str]:
        return [str(problem).removeprefix(f"{self._studio.production.root}/") for problem in error.problems]

    def _reread(self) -> bool:
        """Take in edited scenes, from the same moment on where another rate is asked for. As `Studio.reload`."""
        if not self._studio.reload():
            return False
        self._standing = tuple(self._studio.take_warnings())
        fps = self._studio.world.scene.stage.fps
        self._index = self._index * fps // self._studio.fps
        self._studio.fps = fps
        return True

    def _recast(self) -> bool:
        """Take in another catalog or avatar, in the shot that is shown. True if either changed; raises ShowError."""
        stamps = {file: stamp(file) for file in self._cast_stamps}
        if stamps == self._cast_stamps:
            return False
        self._cast_stamps = stamps  # one report for each edit, good or bad
        try:
            production = self._studio.production.reread()
        except ShowError as error:
            self._cast_stamps |= {file: stamp(file) for file in error.files}  # read again when they change
            raise
        self._cast_stamps = {file: stamp(file) for file in production.sources}
        shot = self._studio.world.shot_name
        self._studio.recast(production)
        self._index, self._shown.worn = 0, False
        self._studio.apply([ShotCue(at=0, shot=shot, transition=TransitionSpec(name="cut"))])
        return True

    # -- marks -----------------------------------------------------------------------------------------------------

    def _draw_panel(self, surface: pygame.Surface, words: str, colour: str, x_px: int, y_px: int) -> None:
        text = self._type.set(words, TextStyle(17, colour, max_lines=24), max(surface.get_width() - 80, 40))
        width_px = max(line.width_px for line in text.layout.lines)
        panel = pygame.Surface((round(width_px) + 28, text.layout.height_px + 20), pygame.SRCALPHA)
        panel.fill((14, 12, 20, 225))
        height, width = text.bitmap.pixels.shape[:2]
        letters = pygame.image.frombuffer(text.bitmap.pixels.tobytes(), (width, height), "RGBA")
        panel.blit(letters, (14 - text.padding_px, 10 - text.padding_px), special_flags=pygame.BLEND_PREMULTIPLIED)
        surface.blit(panel, (x_px, max(min(y_px, surface.get_height() - panel.get_height() - 10), 0)))

    def _draw_graph(self, surface: pygame.Surface) -> None:
        """A bar for each frame, one pixel a 0.5 ms; the line is the time a frame may take."""
        budget_ms = 1000 / self._studio.fps
        left, bottom = 20, surface.get_height() - 20
        for i, took_ms in enumerate(self._draws_ms):
            colour = (120, 220, 140) if took_ms <= budget_ms else (255, 120, 100)
            pygame.draw.line(
                surface, colour, (left + 2 * i, bottom), (left + 2 * i, bottom - min(round(took_ms * 2), 200))
            )
        line = bottom - round(budget_ms * 2)
        pygame.draw.line(surface, (255, 255, 255), (left, line), (left + 2 * _GRAPH_FRAMES, line))
        ordered = sorted(self._draws_ms) or [0.0]
        median_ms = ordered[len(ordered) // 2]
        self._draw_panel(
            surface, f"{median_ms:.1f} ms of {budget_ms:.1f}", "#ffffff", left + 2 * _GRAPH_FRAMES + 12, bottom - 60
        )

    def _draw_areas(self, surface: pygame.Surface) -> None:
        """What a phone's live room covers, and the lane of the captions."""
        page = Page(*self._studio.size_px)
        shade = pygame.Surface(surface.get_size(), pygame.SRCALPHA)
        safe = page.safe
        header = Rect(0, 0, page.width_px, safe.y_px)
        buttons = Rect(0, safe.bottom_px, page.width_px, page.height_px - safe.bottom_px)
        for area in (header, buttons, *page.taken):
            shade.fill((255, 60, 60, 70), _pygame_rect(area))
        pygame.draw.rect(shade, (255, 255, 255, 180), _pygame_rect(page.captions), 1)
        surface.blit(shade, (0, 0))


_KEYS: dict[int, Callable[[Preview], None]] = {
    pygame.K_p: Preview._next_product,
    pygame.K_w: Preview._wear,
    pygame.K_e: Preview._next_expression,
    pygame.K_l: Preview._next_gaze,
    pygame.K_t: Preview._speak,
    pygame.K_c: Preview._comments,
    pygame.K_o: Preview._toggle_overlays,
    pygame.K_g: lambda p: p._toggle("graph"),
    pygame.K_a: lambda p: p._toggle("areas"),
    pygame.K_h: lambda p: p._toggle("help"),
    pygame.K_SPACE: lambda p: p._toggle("paused"),
    pygame.K_s: Preview._screenshot,
    pygame.K_q: Preview._quit,
    pygame.K_ESCAPE: Preview._quit,
}


def preview(
    production: Production,
    size_px: tuple[int, int],
    *,
    screenshots: Path,
    language: str | None = None,
    cache: Path | None = None,
) -> None:
    """Open the window and run until it is closed."""
    open_display("Without a display, `nightcast shot` draws single pictures.")
    try:
        fps = next(iter(production.scenes.values())).stage.fps
        window = pygame.display.set_mode(_fitting(size_px), pygame.RESIZABLE)
        pygame.display.set_caption(f"Nightcast: {next(iter(production.scenes))} (H for keys)")
        clock = pygame.time.Clock()
        with Studio(production, size_px, fps=fps, language=language, cache=cache) as studio:
            shown = Preview(studio, screenshots)
            while not shown.quit:
                for event in pygame.event.get():
                    if event.type == pygame.QUIT:
                        shown.quit = True
                    elif event.type == pygame.KEYDOWN:
                        shown.key(event.key)
                picture = pygame.image.frombuffer(shown.picture().tobytes(), size_px, "RGBA").convert()
                shown.marks(picture)
                _show(window, picture)
                pygame.display.flip()
                clock.tick(studio.fps)
    finally:
        pygame.display.quit()


def _pygame_rect(rect: Rect) -> pygame.Rect:
    return pygame.Rect(round(rect.x_px), round(rect.y_px), round(rect.width_px), round(rect.height_px))


def _fitting(size_px: tuple[int, int]) -> tuple[int, int]:
    """The picture's size, made smaller where this screen does not hold it."""
    width_px, height_px = pygame.display.get_desktop_sizes()[0]
    scale = min(1.0, width_px * 0.9 / size_px[0], height_px * 0.85 / size_px[1])
    return round(size_px[0] * scale), round(size_px[1] * scale)


def _show(window: pygame.Surface, picture: pygame.Surface) -> None:
    """The whole picture in the middle of the window."""
    if picture.get_size() == window.get_size():
        window.blit(picture, (0, 0))
        return
    scale = min(window.get_width() / picture.get_width(), window.get_height() / picture.get_height())
    size = (max(1, round(picture.get_width() * scale)), max(1, round(picture.get_height() * scale)))
    window.fill((0, 0, 0))
    left, top = (window.get_width() - size[0]) // 2, (window.get_height() - size[1]) // 2
    window.blit(pygame.transform.smoothscale(picture, size), (left, top))
