"""What every measurement of the app needs: how often and how long, the figures, a fresh server and its memory."""

from __future__ import annotations

import os
import re
import shutil
import statistics
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.browser.server import Server


@dataclass(frozen=True)
class Plan:
    """How often and how long; ``--quick`` takes less of each."""

    starts: int = 3
    reruns: int = 15
    openings: int = 10
    phase_seconds: float = 40.0
    races: tuple[int, int] = (2, 10)
    dataset: str = "MNIST" if os.environ.get("NORMLENS_DATA") else "digits"
    short_races_on: str = dataset


QUICK = Plan(starts=1, reruns=5, openings=5, phase_seconds=7.0, races=(2, 4), short_races_on="digits")


@dataclass
class Figures:
    """What was measured: printed line by line as it comes, unless everything comes out as JSON at the end."""

    quiet: bool
    values: dict[str, object] = field(default_factory=dict)

    def add(self, name: str, values: Sequence[float], unit: str, digits: int = 0) -> None:
        """A median with its spread."""
        median, low, high = statistics.median(values), min(values), max(values)
        self.values[name] = {"median": median, "low": low, "high": high, "n": len(values), "unit": unit}
        text = f"{median:,.{digits}f} {unit}"
        if len(values) > 1:
            text += f" ({low:,.{digits}f} to {high:,.{digits}f}, {len(values)} times)"
        self.say(f"{name}: {text}")

    def say(self, line: str) -> None:
        """A line for whoever waits."""
        print(line, file=sys.stderr if self.quiet else sys.stdout, flush=True)


@contextmanager
def served(store: Path | None = None) -> Iterator[Server]:
    """A fresh server, its store a copy of ``store``; stopped afterwards, and its log without a traceback."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if store is not None:
            shutil.copytree(store, folder / "runs")
        server = Server(folder)
        try:
            yield server
        finally:
            server.stop()
            log = server.log.read_text()
            if "Traceback" in log:
                print(log, file=sys.stderr)


def memory(server: Server, name: str) -> float:
    """Megabytes of the server's process, by their name in Linux's ``/proc``."""
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    found = re.search(rf"{name}:\s+(\d+) kB", status)
    assert found is not None, status
    return int(found[1]) / 1000
