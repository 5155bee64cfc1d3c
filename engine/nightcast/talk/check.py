"""`nightcast check` for what is said: phrase banks, what comments ask, policy packs, lexicons.

Without it a mistake in one of them would show only when the night starts.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from pathlib import Path

from nightcast.show.catalog import Catalog
from nightcast.show.errors import Problem, ShowError
from nightcast.show.fields import Part
from nightcast.show.load import load_yaml
from nightcast.show.yaml_places import read_yaml
from nightcast.talk.answer import Patterns
from nightcast.talk.errors import PackError
from nightcast.talk.gate.packs import Market, Platform
from nightcast.talk.plan.grammar import known_slots
from nightcast.talk.plan.phrases import Fault, PhraseFile, faults, slots_of
from nightcast.talk.spoken.lexicon import LexiconFile

__all__ = ["check_said", "decides_what_is_said"]

#: Folders of a show, below `scripts/`, that decide what is said.
_FOLDERS = ("phrases", "policies", "lexicon")

_PACKS: tuple[tuple[str, type[Part]], ...] = (
    ("scripts/policies/markets", Market),
    ("scripts/policies/platforms", Platform),
    ("scripts/lexicon", LexiconFile),
)


def decides_what_is_said(path: Path) -> bool:
    """Whether a file or folder is one of those that `check_said` looks at."""
    place = path.resolve()
    return any(folder.name in _FOLDERS and folder.parent.name == "scripts" for folder in (place, *place.parents))


def check_said(root: Path) -> tuple[tuple[Path, ...], tuple[Problem, ...]]:
    """The files of the show at `root` that decide what is said, and all that is wrong in them."""
    files: list[Path] = []
    problems: list[Problem] = []
    for folder, model in _PACKS:
        for file in sorted((root / folder).glob("*.yaml")):
            files.append(file)
            _load(file, model, root, problems)
    phrases = root / "scripts" / "phrases"
    for language in sorted(path for path in phrases.glob("*") if path.is_dir()):
        bank = {file: _load(file, PhraseFile, root, problems) for file in sorted(language.glob("*.yaml"))}
        files += bank
        read = {file: written for file, written in bank.items() if written is not None}
        if len(read) == len(bank):  # else half of the names would be missing
            problems += map(_problem, _faults(read, root))
    intents = phrases / "intents.yaml"
    if intents.exists():
        files.append(intents)
        try:
            Patterns.load(intents)
        except PackError as error:
            problems.append(Problem(intents, 0, 0, "", error.problem, "intents with regular expressions by language"))
    return tuple(files), tuple(problems)


def _load(file: Path, model: type[Part], root: Path, problems: list[Problem]) -> Part | None:
    try:
        return load_yaml(file, model, root)
    except ShowError as error:
        problems += error.problems
        return None


def _faults(bank: dict[Path, Part], root: Path) -> Iterator[Fault]:
    files = {file: written for file, written in bank.items() if isinstance(written, PhraseFile)}
    yield from faults(files)
    slots = known_slots(_extra_facts(root))
    gestures = tuple(path.stem for path in sorted((root / "avatars" / "gestures").glob("*.yaml")))
    for file, written in files.items():
        for place, slot in slots_of(written):
            if slot not in slots:
                yield Fault(file, place, f"{{{slot}}}", "something that is known of a product", slots)
        for name, beat in written.beats.items():
            for gesture in beat.gesture:
                if gesture is not None and gestures and gesture not in gestures:
                    yield Fault(file, ("beats", name, "gesture"), repr(gesture), "a gesture of the show", gestures)


def _extra_facts(root: Path) -> set[str]:
    """Names of facts that the show's catalogs add to those of every product."""
    names: set[str] = set()
    for file in (root / "assets").glob("catalog*.yaml"):
        try:
            catalog = load_yaml(file, Catalog, root)
        except ShowError:
            continue  # told where the catalog is checked
        names.update(name for product in catalog.products for name in product.extra)
    return names


def _problem(fault: Fault) -> Problem:
    line, column = read_yaml(fault.file).place(fault.place)
    bare = fault.found.strip("{}<>'")
    near = difflib.get_close_matches(bare, fault.choices, n=1, cutoff=0.6)
    remedy = f"Did you mean {fault.found.replace(bare, near[0])}?" if near else ""
    where = ".".join(map(str, fault.place))
    return Problem(fault.file, line, column, where, fault.found, fault.expected, remedy)
