"""The layout shows the architecture: imports run one way, and docs/architecture.md says which."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "engine" / "nightcast"

#: Libraries that only one package may import.
RESERVED = {
    "moderngl": "stage",
    "langchain": "talk",
    "langchain_openai": "talk",
    "langchain_core": "talk",
    "edge_tts": "talk",
}


def rules() -> dict[str, set[str]]:
    """Package to what it may import, from the table in docs/architecture.md."""
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    table: dict[str, set[str]] = {}
    for row in re.findall(r"^\| `(\w+)` \| .* \| (.*) \|$", text, re.MULTILINE):
        name, allowed = row
        if allowed in ("all", "all above", "`director` and below"):
            table[name] = set(table) | {name, "director"}
        else:
            table[name] = set(re.findall(r"`(\w+)`", allowed))
    return table


def imports(file: Path) -> Iterator[tuple[int, str]]:
    """(line, module) of every import in a file, those inside functions and for type checkers included."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.lineno, node.module


def packages() -> list[str]:
    return sorted(folder.name for folder in PACKAGE.iterdir() if (folder / "__init__.py").exists())


def test_every_package_stands_in_the_table() -> None:
    assert set(packages()) == set(rules())


@pytest.mark.parametrize("package", packages())
def test_imports_run_one_way(package: str) -> None:
    allowed = rules()[package] | {package}
    wrong = [
        f"{file.relative_to(ROOT)}:{line} imports {module}"
        for file in (PACKAGE / package).rglob("*.py")
        for line, module in imports(file)
        if module.startswith("nightcast.") and module.split(".")[1] not in allowed
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("package", packages())
def test_heavy_libraries_have_one_home(package: str) -> None:
    wrong = [
        f"{file.relative_to(ROOT)}:{line} imports {module}"
        for file in (PACKAGE / package).rglob("*.py")
        for line, module in imports(file)
        if RESERVED.get(module.split(".")[0], package) != package
    ]
    assert not wrong, "\n".join(wrong)


def test_no_file_is_near_a_thousand_lines() -> None:
    long = {
        str(file.relative_to(ROOT)): lines
        for file in [
            *PACKAGE.rglob("*.py"),
            *PACKAGE.rglob("*.glsl"),
            *PACKAGE.rglob("*.js"),
            *(ROOT / "plugins").rglob("*.py"),
        ]
        if (lines := len(file.read_text(encoding="utf-8").splitlines())) > 700
    }
    assert not long
