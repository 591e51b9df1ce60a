"""`python -m magjax` is the program `magjax`."""

import sys

from magjax.cli import main

if __name__ == "__main__":
    sys.exit(main())
