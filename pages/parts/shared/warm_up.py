"""Imports what most pages need while nobody waits for one: the first page does without, so that it is there at once."""

from __future__ import annotations

import importlib
import sys

from pages.parts.shared import collector
from pages.parts.shared.when_quiet import WhenQuiet

NEEDED = ("torch", "pandas", "scipy.special")
"""What takes long to import, the longest first."""
QUIET_SECONDS = 3.0
"""How long no page must have been run before that: an import holds the interpreter, and would slow the page."""


def bring() -> None:
    """Import ``NEEDED``, and leave it out of garbage collections."""
    for name in NEEDED:
        importlib.import_module(name)
    collector.tidy()


warm_up = WhenQuiet(bring, QUIET_SECONDS, due=lambda: any(name not in sys.modules for name in NEEDED))
"""That of this process."""
