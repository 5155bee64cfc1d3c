"""`python -m nightcast.air RUN.json`: the air process, as the supervisor starts it."""

from __future__ import annotations

import logging
import sys
from pathlib import Path

from nightcast.air.process import AirRun, run


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    run(AirRun.model_validate_json(Path(sys.argv[1]).read_bytes()))


if __name__ == "__main__":
    main()
