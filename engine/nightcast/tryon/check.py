"""`nightcast check` for what is worn: every product's model is measured against what the catalog says of it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from nightcast.gltf.errors import ModelError
from nightcast.gltf.load import load
from nightcast.show.catalog import Catalog
from nightcast.show.check import kind_of
from nightcast.show.errors import Problem, ShowError
from nightcast.show.folder import find_root
from nightcast.show.load import load_yaml, resolve
from nightcast.show.yaml_places import PlacedYaml, read_yaml
from nightcast.tryon.plausible import doubts

__all__ = ["check_worn"]


def check_worn(files: Iterable[Path]) -> list[Problem]:
    """Implausible `wear:` blocks of the catalogs among `files`; catalogs that cannot be read are no matter here."""
    problems: list[Problem] = []
    for file in files:
        if kind_of(file) is not Catalog:
            continue
        try:
            catalog, placed = load_yaml(file.resolve(), Catalog, find_root(file)), read_yaml(file)
        except ShowError:
            continue
        problems += _check_catalog(file, catalog, placed)
    return problems


def _check_catalog(file: Path, catalog: Catalog, placed: PlacedYaml) -> list[Problem]:
    problems = []
    for number, product in enumerate(catalog.products):
        if product.wear is None or product.model is None:
            continue
        try:
            model = load(resolve(file, product.model))
        except ModelError as error:
            line, column = placed.place(("products", number, "model"))
            problems.append(Problem(file, line, column, f"products.{product.id}.model", str(error), "a model"))
            continue
        for doubt in doubts(product.wear, model):
            line, column = placed.place(("products", number, "wear", doubt.field))
            path = f"products.{product.id}.wear.{doubt.field}"
            problems.append(Problem(file, line, column, path, doubt.found, doubt.expected, doubt.remedy))
    return problems
