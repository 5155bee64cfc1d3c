"""What all tests share: hypothesis without deadlines (machines are noisy), and where the sample files are."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("nightcast", deadline=None, max_examples=60, derandomize=True, print_blob=True)
settings.load_profile("nightcast")

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def samples() -> Path:
    """Files that nobody here made; tests that need one are skipped where they are absent."""
    folder = ROOT.parent / "shared" / "samples"
    if not folder.is_dir():
        pytest.skip(f"no sample files at {folder}")
    return folder


@pytest.fixture(scope="session")
def repository() -> Path:
    return ROOT


pytest_plugins = ["tests.clock", "tests.show_fixture"]
