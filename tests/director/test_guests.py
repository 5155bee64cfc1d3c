"""A viewer's photo tries something on only with their consent, and nothing of it stays."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from nightcast.director.guests import GuestError, Guests

#: Stands in for the mirror: notes what it was asked for in the picture it makes; it knows no hats.
MIRROR = """
import sys
asked = sys.argv[1:]
if "hat" in asked:
    print("hat cannot be worn")
    sys.exit(1)
open(asked[asked.index("-o") + 1], "w").write(" ".join(asked))
"""


@pytest.fixture
def guests(tmp_path: Path) -> Guests:
    folder = tmp_path / "guests"
    folder.mkdir()
    (folder / "left-over.png").write_text("from a night that was killed")
    (tmp_path / "photo.jpg").write_text("a face")
    return Guests(folder, tmp_path / "catalog.yaml", mirror=(sys.executable, "-c", MIRROR))


def test_what_a_killed_night_left_is_deleted(guests: Guests) -> None:
    assert not guests.folder.exists()


async def test_the_photo_tries_the_product_on_and_is_forgotten(guests: Guests, tmp_path: Path) -> None:
    picture = await guests.try_on(tmp_path / "photo.jpg", "sunglasses", consent=True)
    asked = picture.read_text()
    assert "--product sunglasses" in asked
    assert str(tmp_path / "photo.jpg") in asked
    assert [file.name for file in guests.folder.iterdir()] == [picture.name], "the photo itself was not copied"
    guests.forget(picture)
    assert not picture.exists()
    guests.close()
    assert not guests.folder.exists()


def test_a_photo_that_was_sent_is_held_only_while_it_is_needed(guests: Guests) -> None:
    with guests.holding(b"a face") as photo:
        assert photo.read_bytes() == b"a face"
        assert not (photo.stat().st_mode | guests.folder.stat().st_mode) & 0o077, "nobody else's to read"
    assert not list(guests.folder.iterdir())


async def test_without_consent_or_where_it_fails_there_is_no_picture(guests: Guests, tmp_path: Path) -> None:
    with pytest.raises(GuestError, match="agreed"):
        await guests.try_on(tmp_path / "photo.jpg", "sunglasses", consent=False)
    with pytest.raises(GuestError, match="hat cannot be worn"):
        await guests.try_on(tmp_path / "photo.jpg", "hat", consent=True)
    with pytest.raises(GuestError, match="no photo"):
        await guests.try_on(tmp_path / "missing.jpg", "sunglasses", consent=True)
    assert not list(guests.folder.glob("*"))
