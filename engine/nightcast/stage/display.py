"""The screen that windows open on. SDL through pygame."""

from __future__ import annotations

import os
import warnings

import pygame

from nightcast.stage.errors import WindowError

__all__ = ["open_display"]

_UNSEEN = ("offscreen", "dummy")  #: what SDL falls back to where there is no display


def open_display(remedy: str) -> None:
    """Raises WindowError, which ends in `remedy`, where nobody would see a window."""
    # SDL's fast ways to show a window draw with a GL context of its own, and beside the one that draws our pictures
    # they show nothing. Without them pygame warns of a scaled window each time.
    os.environ |= {"SDL_FRAMEBUFFER_ACCELERATION": "0", "SDL_RENDER_DRIVER": "software"}
    warnings.filterwarnings("ignore", "no fast renderer")
    try:
        pygame.display.init()
    except pygame.error as error:
        raise WindowError(str(error), remedy) from error
    if pygame.display.get_driver() in _UNSEEN and "SDL_VIDEODRIVER" not in os.environ:
        pygame.display.quit()
        raise WindowError("there is no display", remedy)
