"""`python -m nightcast` is the command line."""

import sys

from nightcast.cli import main

sys.exit(main())
