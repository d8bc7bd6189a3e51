"""What a visitor may ask of a server: every limit in one place, each raised or lowered by a variable."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, fields

from core.config import ConfigError, RunConfig


@dataclass(frozen=True, kw_only=True)
class Limits:
    """The limits of one server; the environment variable NORMLENS_<NAME> overrides a field.

    max_epochs: of one race.  max_variants: in one race.  max_waiting: races in the queue.
    max_waiting_each: of one session among them.  data_minutes: that a race waits for its data, before it goes on
    with those that need no download.
    race_minutes: after which a race is stopped, its finished epochs kept, so that a visitor who never
    comes back does not hold the queue.  keep_races: ended races that can still be looked at live.
    keep_runs: records on disk.
    """

    max_epochs: int = 50
    max_variants: int = 5
    max_waiting: int = 8
    max_waiting_each: int = 2
    data_minutes: int = 10
    race_minutes: int = 60
    keep_races: int = 20
    keep_runs: int = 60

    def check(self, configs: Sequence[RunConfig]) -> None:
        """Raise ``ConfigError`` where a race asks for more than this server gives."""
        if not 1 <= len(configs) <= self.max_variants:
            raise ConfigError(f"{len(configs)} variants; a race has from 1 to {self.max_variants}")
        for config in configs:
            if config.epochs > self.max_epochs:
                raise ConfigError(f"epochs={config.epochs} is more than this server allows; use {self.max_epochs}")


def limits() -> Limits:
    """The limits in force: the defaults, and what the environment sets to a whole number above 0."""
    found = {}
    for field in fields(Limits):
        text = os.environ.get(f"NORMLENS_{field.name.upper()}", "")
        if re.fullmatch("[0-9]{1,9}", text) and int(text) > 0:
            found[field.name] = int(text)
    return Limits(**found)
