"""What the offline writer would say of one product: `nightcast write`."""

from __future__ import annotations

from pathlib import Path

from nightcast.director.desk import Desk
from nightcast.director.moment import beginning_of_night
from nightcast.director.planning import Words
from nightcast.director.policy import load_policy
from nightcast.show import Product, Show, ShowError
from nightcast.show.errors import Problem
from nightcast.show.load import load_yaml
from nightcast.talk.gate.gate import Gate
from nightcast.talk.plan.writers import write_product
from nightcast.talk.records import Language, Line, Verdict

__all__ = ["product_in", "said_of"]


def product_in(file: Path, show: Show) -> Product:
    """A product from a YAML file of its own. Raises `ShowError` with all that is wrong in it."""
    return load_yaml(file.resolve(), Product, show.root)


def said_of(show: Show, product: Product | str, language: Language, seed: int) -> list[tuple[str, str]]:
    """Sentences about a product, each with what the gate objects ("" where nothing).

    Raises `ShowError` for a product that the catalog does not have.
    """
    chosen = show.catalog.product(product) if isinstance(product, str) else product
    if chosen is None:
        known = ", ".join(item.id for item in show.catalog.products)
        raise ShowError([Problem(show.catalog_file, 0, 0, "", repr(product), f"one of {known}")])
    others = tuple(item for item in show.catalog.products if item.id != chosen.id)
    catalog = show.catalog.model_copy(update={"products": (chosen, *others)})
    now = beginning_of_night(show)
    refused: dict[str, str] = {}

    def judged(line: Line, verdict: Verdict) -> None:
        if verdict.text is None:
            refused[line.id] = verdict.english_reason

    desk = Desk(catalog, Gate(load_policy(show)), None, lambda: now, judged)
    words = Words.of_show(show)
    lines = write_product(chosen, catalog, words.persona, words.banks, language=language, at=now, seed=seed)
    admitted = [(line, desk.admit(line)) for line in lines]
    return [(spoken.text if spoken else line.text, refused.get(line.id, "")) for line, spoken in admitted]
