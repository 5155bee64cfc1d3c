"""Loading a plugin's file as the host starts it: by its path, afresh each time."""

from __future__ import annotations

import importlib.util
import itertools
import sys
from pathlib import Path
from types import ModuleType

_count = itertools.count()


def load_module(file: Path) -> ModuleType:
    """The module of a plugin's Python file; its `plugin` attribute is what `Room.start` takes."""
    spec = importlib.util.spec_from_file_location(f"nightcast_plugin_{next(_count)}", file)
    if spec is None or spec.loader is None:
        raise FileNotFoundError(file)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up here
    spec.loader.exec_module(module)
    return module
