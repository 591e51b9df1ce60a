"""`python -m magjax` is the program `magjax`."""

import sys

from magjax.cli import main

sys.exit(main())
