"""Becomes a plugin: `python -m nightcast.room.plugins.launch FOLDER`, started by the manager.

Sets the limits the manifest names, keeps only the environment a plugin needs (the host's may hold stream keys), and
replaces itself with the plugin's program.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from nightcast.room.plugins.manifest import Resources, load_plugin

_KEPT = ("PATH", "HOME", "LANG", "TZ", "PYTHONPATH", "SYSTEMROOT", "VIRTUAL_ENV")
_KEPT_PREFIXES = ("LC_", "NIGHTCAST_")
_NICER = 5  # plugins give way to the stage


def clean_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """What a plugin may see of the host's environment."""
    return {name: value for name, value in environment.items() if name in _KEPT or name.startswith(_KEPT_PREFIXES)} | {
        "PYTHONUNBUFFERED": "1"
    }


def limit(resources: Resources) -> None:
    """Bound this process, where the system knows how."""
    try:
        import resource
    except ImportError:  # not a Unix
        return
    # RLIMIT_DATA, not RLIMIT_AS: engines such as V8 reserve address space by the gigabyte and use little of it
    memory = resources.memory_mb << 20
    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    resource.setrlimit(resource.RLIMIT_NOFILE, (resources.open_files, resources.open_files))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main() -> None:
    os.nice(_NICER)
    plugin = load_plugin(Path(sys.argv[1]))
    argv = plugin.argv(sys.executable)
    limit(plugin.manifest.limits)
    os.chdir(plugin.folder)
    try:
        os.execvpe(argv[0], argv, clean_environment(os.environ))
    except FileNotFoundError:
        sys.exit(f"plugin {plugin.id}: {argv[0]} is not installed here")


if __name__ == "__main__":
    main()
