"""`nightcast plugin test FOLDER`: a plugin's own tests, wherever it lies, with the program that will run it."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from nightcast.room.errors import ManifestError
from nightcast.room.plugins.manifest import load_plugin

__all__ = ["run_tests"]

_ENGINE = Path(__file__).parents[3]
_NEEDED = ("pytest", "pytest_asyncio")
_QUIET = ("-o", "asyncio_default_fixture_loop_scope=function")


def run_tests(folder: Path, arguments: Sequence[str] = ()) -> int:
    """Run pytest on a plugin's folder; its exit status. Raises ManifestError where that cannot be."""
    plugin = load_plugin(folder)
    missing = [name.replace("_", "-") for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        packages = " ".join(missing)
        remedy = f'Install with: "{sys.executable}" -m pip install {packages}'
        raise ManifestError(plugin.folder, f"its tests need {packages}", remedy)
    paths = [str(_ENGINE), *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    # by importlib, as every plugin's test file may have the same name
    argv = [sys.executable, "-m", "pytest", "-q", "--import-mode=importlib", *_QUIET, str(plugin.folder), *arguments]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(dict.fromkeys(paths))}
    return subprocess.run(argv, env=environment, check=False).returncode
