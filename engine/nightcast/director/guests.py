"""Viewers who agreed to be shown: their photo tries a product on, is shown, and is deleted.

The mirror runs as a process of its own. What it made lies in the night's own folder, and is gone after the showing, at
the latest when the night ends; a photo that was sent is deleted as soon as the product was put on, and one that is the
operator's own file is never copied.
"""

from __future__ import annotations

import asyncio
import itertools
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from nightcast.show.fields import Text

__all__ = ["GuestError", "Guests"]

_MIRROR_S = 180.0  #: the first use makes the tracker's environment


class GuestError(Exception):
    """This guest cannot be shown."""

    def __init__(self, reason: Text) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return self.told.en

    @property
    def told(self) -> Text:
        return Text(en=f"The guest cannot be shown: {self.reason.en}", zh=f"嘉宾无法展示：{self.reason.zh}")


@dataclass
class Guests:
    """Guests of one night. `folder` is emptied when it is opened and when it is closed."""

    folder: Path
    catalog_file: Path
    mirror: tuple[str, ...] = (sys.executable, "-m", "nightcast", "mirror")
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        self.close()

    async def try_on(self, photo: Path, product: str, *, consent: bool) -> Path:
        """The photo with the product on, as a file of `folder`. Raises GuestError."""
        if not consent:
            raise GuestError(Text(en="they have not agreed to be shown", zh="本人没有同意出镜"))
        if not photo.is_file():
            raise GuestError(Text(en=f"there is no photo {photo.name}", zh=f"没有照片 {photo.name}"))
        self._open()
        target = self.folder / f"guest-{next(self._numbers)}.png"
        process = await asyncio.create_subprocess_exec(
            *self.mirror, "--camera", str(photo), "--product", product, "--catalog", str(self.catalog_file),
            "-o", str(target), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        try:
            said, _ = await asyncio.wait_for(process.communicate(), _MIRROR_S)
        except TimeoutError:
            process.kill()
            await process.wait()
            self.forget(target)
            raise GuestError(Text(en="trying it on took too long", zh="试戴花的时间太长")) from None
        if process.returncode:
            self.forget(target)
            lines = said.decode(errors="replace").strip().splitlines()
            raise GuestError(
                Text.model_validate(lines[-1]) if lines else Text(en="the mirror failed", zh="试戴程序出错")
            )
        return target

    @contextmanager
    def holding(self, photo: bytes) -> Iterator[Path]:
        """A photo that was sent, as a file for as long as it is needed."""
        self._open()
        file = self.folder / f"photo-{next(self._numbers)}.jpg"  # what it is in truth, its first bytes say
        file.touch(mode=0o600)
        file.write_bytes(photo)
        try:
            yield file
        finally:
            self.forget(file)

    def _open(self) -> None:
        """A viewer's picture is for this night alone to read."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def forget(self, picture: Path) -> None:
        """Delete a picture."""
        picture.unlink(missing_ok=True)

    def close(self) -> None:
        """Delete everything."""
        shutil.rmtree(self.folder, ignore_errors=True)
