"""``python -m core``: see ``core.cli``."""

import os
import sys

from core.cli import main

if __name__ == "__main__":
    status = main()
    try:
        sys.stdout.flush()
    except OSError:
        # the reader of our output went away with some of it unread: the status says so, and the
        # interpreter's own attempt at its end must not change it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(status)
