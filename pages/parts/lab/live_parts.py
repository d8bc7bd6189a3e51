"""The live parts of experiments: a module each, of the experiment's name, with ``live`` and ``PARAMETERS``."""

from __future__ import annotations

import importlib
from typing import Protocol, cast

from pages.parts.shared.address import Table


class LivePart(Protocol):
    """What such a module has."""

    PARAMETERS: Table

    def live(self) -> None:
        """Draw controls, picture and sentence."""
        ...


def live_part(name: str) -> LivePart:
    """The module of a live experiment that is listed: never of a name from an address."""
    return cast("LivePart", importlib.import_module(f"pages.parts.lab.{name.replace('-', '_')}"))


def live_parameters(name: str) -> Table:
    """What its module reads from the address."""
    return live_part(name).PARAMETERS
