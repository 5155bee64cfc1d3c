"""The hosts' hairstyles by name."""

from __future__ import annotations

from collections.abc import Callable

from .bun import bun
from .head import Figure
from .quiff import quiff
from .skeleton import Skeleton
from .styling import Hair

STYLES: dict[str, Callable[[Figure, Skeleton], Hair]] = {"bun": bun, "quiff": quiff}
