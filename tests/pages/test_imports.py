"""What a visit makes a server import: it holds that in memory from then on, and its first visitor waits for it.

Asked of a real server, without a browser: Streamlit's test driver takes other ways than a server does. What the server
imports by itself while nobody waits (``pages/parts/shared/warm_up.py``) is told apart by its thread.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.benchmarks.sessions import Session
from tests.browser.server import Server

HEAVY = {"torch", "torch._dynamo", "torchvision", "sympy", "scipy.stats", "statsmodels", "sklearn"}
LAST = {
    "": "Race them on MNIST",
    "lesson": "lesson_next",
    "statistics": "stats_count_g",
    "train": "train_epochs",
    "lab": "lab_next",
    "compare": "compare_record",
    "misclassified": "wrong_order",
}
"""A widget of each page that stands far down in it: where it is there, the page has been drawn."""
LISTENS = """
import os, sys, threading

class Listener:
    def find_spec(name, path=None, target=None):
        with open(os.environ["IMPORTED"], "a") as log:
            print(threading.current_thread().name, name, file=log)

sys.meta_path.insert(0, Listener)
"""
"""Python runs a module of the name ``sitecustomize`` first of all: this one writes down who imports what."""


class Visited:
    """A new server with its shipped runs."""

    def __init__(self, folder: Path) -> None:
        (folder / "sitecustomize.py").write_text(LISTENS)
        self._log = folder / "imported"
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("PYTHONPATH", str(folder))
            patch.setenv("IMPORTED", str(self._log))
            patch.delenv("NORMLENS_SHIPPED", raising=False)
            self.server = Server(folder)

    def open(self, *pages: str) -> None:
        for page in pages:
            visitor = Session(self.server.url, page)
            visitor.open()
            visitor.close()
            assert visitor.errors == []
            assert LAST[page] in visitor.widgets

    def imported(self, by: str = "") -> set[str]:
        """What has been looked for so far, in threads whose names begin with ``by``."""
        lines = [line.rsplit(" ", 1) for line in self._log.read_text().splitlines()]
        assert {"streamlit", "numpy"} <= {name for _, name in lines}
        return {name for thread, name in lines if thread.startswith(by)}


@pytest.fixture(scope="module")
def visited(tmp_path_factory) -> Iterator[Visited]:
    made = Visited(tmp_path_factory.mktemp("server"))
    yield made
    made.server.stop()


def test_the_first_page_and_compare_load_none_of_it_and_the_others_torch_alone(visited):
    visited.open("")
    assert not {"pandas", *HEAVY} & visited.imported(by="ScriptRunner")
    visited.open("compare")
    assert not HEAVY & visited.imported(by="ScriptRunner")
    visited.open("statistics", "train", "lab", "misclassified")
    assert HEAVY & visited.imported() == {"torch"}
