"""What the offline writer would say of one product: `nightcast write`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from nightcast.director.desk import Desk
from nightcast.director.moment import beginning_of_night
from nightcast.director.planning import Words, build_planner
from nightcast.director.policy import load_policy
from nightcast.show import Product, Show, ShowError
from nightcast.show.errors import Problem
from nightcast.show.load import load_yaml
from nightcast.show.script import ForEach, RundownItem
from nightcast.talk.gate.gate import Gate
from nightcast.talk.plan.memory import Memory
from nightcast.talk.plan.planner import PlanRequest
from nightcast.talk.records import Line, Verdict

__all__ = ["product_file", "write_product"]

_STRETCH_S = 420.0


def product_file(file: Path, show: Show) -> Product:
    """A product from a YAML file of its own. Raises `ShowError` with all that is wrong in it."""
    return load_yaml(file.resolve(), Product, show.root)


def write_product(
    show: Show, product: Product | str, language: str, seed: int
) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Segments about a product: what each is and why, and its sentences with what the gate objects ("" if nothing).

    Raises `ShowError` for a product that the catalog does not have.
    """
    chosen = show.catalog.product(product) if isinstance(product, str) else product
    if chosen is None:
        known = ", ".join(item.id for item in show.catalog.products)
        raise ShowError([Problem(show.catalog_file, 0, 0, "", repr(product), f"one of {known}")])
    others = tuple(item for item in show.catalog.products if item.id != chosen.id)
    catalog = show.catalog.model_copy(update={"products": (chosen, *others)})
    entry = ForEach(product=(chosen.id,), do=("product", "try_on", "offer"))
    script = show.script.model_copy(
        update={"rundown": (RundownItem(for_each=entry),), "slots": (), "languages": (), "language": language}
    )
    alone = Show(show.root, show.file, script, show.avatar, show.avatar_file, catalog, show.catalog_file, show.scenes)
    now = beginning_of_night(alone)
    gate = Gate(load_policy(alone))
    refused: dict[str, str] = {}

    def judged(line: Line, verdict: Verdict) -> None:
        if verdict.text is None:
            refused[line.id] = verdict.reason

    desk = Desk(catalog, gate, None, lambda: now, judged)
    planner = build_planner(alone, Words.of_show(alone), gate.policy, now)
    for segment in planner.plan(PlanRequest(now, _STRETCH_S, seed, Memory(), catalog)):
        if segment.product_id != chosen.id:
            continue
        lines = []
        for line in segment.lines:
            admitted = desk.admit(line)
            lines.append((admitted.text if admitted else line.text, refused.get(line.id, "")))
        yield f"{segment.kind}: {segment.reason}", lines
