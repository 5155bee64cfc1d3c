"""What can go wrong with a model file: one error, which says where and what."""

from __future__ import annotations

from pathlib import Path


class ModelError(Exception):
    """A model file cannot be used.

    `path` is the file, `place` where in it (such as ``meshes[0].primitives[1].indices``), `problem` what is
    wrong there.
    """

    def __init__(self, path: Path | str, place: str, problem: str) -> None:
        super().__init__(path, place, problem)
        self.path = Path(path)
        self.place = place
        self.problem = problem

    def __str__(self) -> str:
        where = f", {self.place}" if self.place else ""
        return f"{self.path.name or self.path}{where}: {self.problem}"
