"""``python -m core``: see ``core.cli.parser``."""

import io
import sys

from core.cli.parser import main
from core.cli.streams import flushed, open_streams

if __name__ == "__main__":
    open_streams()
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a path may hold what the terminal's encoding does not
    sys.exit(flushed(main()))
