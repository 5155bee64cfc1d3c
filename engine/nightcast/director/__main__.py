"""`python -m nightcast.director RUN.json`: the director process, as the supervisor starts it."""

from __future__ import annotations

import asyncio
import logging
import sys
from pathlib import Path

from nightcast.director.process import direct
from nightcast.director.run import Run


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    asyncio.run(direct(Run.read(Path(sys.argv[1]))))


if __name__ == "__main__":
    main()
