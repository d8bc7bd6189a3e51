"""``python -m core``: see ``core.cli.parser``."""

import io
import os
import sys

from core.cli.parser import main

if __name__ == "__main__":
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a path may hold what the terminal's encoding does not
    status = main()
    try:
        sys.stdout.flush()
    except OSError as error:
        # the interpreter's own attempt at its end must not change the status
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):  # a reader that went away knows what it did not read
            print(f"core: error: the output could not be written: {error.strerror}", file=sys.stderr)
            status = status or 1
    sys.exit(status)
