"""Pages as Streamlit's own test driver runs them: in this process, with real races in real threads."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pytest
import streamlit as st
from streamlit.components.v2 import manifest_scanner
from streamlit.runtime.pages_manager import PagesManager
from streamlit.testing.v1 import AppTest

from core.catalogue import DATASETS
from core.config import preset
from core.data import datasets as data
from core.jobs.race import Race
from core.records import store as runs
from core.records.record import RunRecord
from core.records.store import RunStore
from pages.parts.shared import collector
from pages.parts.shared.older_code import forget_older_code
from pages.parts.shared.query import HELD
from pages.parts.shared.runtime import registry
from tests.pages.wrong_page import BN, GN, LN, save
from tests.wrong_records import config, predictions
from tests.wrong_records import record as made

ROOT = Path(__file__).parents[2]
PAGES = "pages"
PATIENCE = 300.0
"""Seconds after which a test gives up on a page: no machine, however busy, is that slow."""

OpenPage = Callable[..., AppTest]


@pytest.fixture(scope="session", autouse=True)
def this_code():
    """The first run of a process forgets what older code left: it shall not be what a test has prepared."""
    forget_older_code()


@pytest.fixture(autouse=True)
def fresh_caches():
    """One cache serves all AppTests of a process; clearing it also cancels and joins the races of a test."""
    yield
    st.cache_resource.clear()
    st.cache_data.clear()


@pytest.fixture(scope="session")
def sparing() -> Callable[[], None]:
    """The app's sparing of the collector as a server has it: once for what is imported, for a server's life.

    ``fresh_caches`` makes the app forget, and each test's first run would walk through a million objects again.
    """
    spare = collector.spare_the_collector
    done: set[int] = set()

    def once() -> None:
        if len(sys.modules) not in done:
            done.add(len(sys.modules))
            spare()

    return once


@pytest.fixture(autouse=True)
def spared_once(monkeypatch, sparing):
    """The app spares the collector by ``sparing``."""
    monkeypatch.setattr(collector, "spare_the_collector", sparing)


@pytest.fixture(autouse=True)
def after_the_first_visit(monkeypatch):
    """The driver starts every run as a server's first one; there the guard in ``pages/__init__.py`` has acted already.

    Without this the driver, too, would run the scripts in ``pages`` by themselves. The browser tests visit new servers.
    """
    begin = PagesManager.__init__

    def begun(self, *given, **named):
        begin(self, *given, **named)
        PagesManager.uses_pages_directory = False

    monkeypatch.setattr(PagesManager, "__init__", begun)


@pytest.fixture(autouse=True, scope="session")
def one_look_for_packaged_components():
    """The driver reads the metadata of all installed packages for every app that it makes; once a session will do."""
    patch = pytest.MonkeyPatch()
    patch.setattr(manifest_scanner, "scan_component_manifests", cache(manifest_scanner.scan_component_manifests))
    yield
    patch.undo()


@pytest.fixture
def open_page() -> OpenPage:
    """Open a page by its file name, with URL parameters, and make sure that it shows no exception.

    state: what the session holds before the first run, by key.
    """

    def open_named(name: str, *, state: dict[str, object] | None = None, **parameters: str | list[str]) -> AppTest:
        app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=PATIENCE)
        for key, value in (state or {}).items():
            app.session_state[key] = value
        app.session_state[HELD] = None  # no browser is there to say that it takes what the first run writes
        app.switch_page(f"{PAGES}/{name}.py")
        for key, value in parameters.items():
            app.query_params[key] = value
        app.run()
        assert not app.exception
        return app

    return open_named


@pytest.fixture(autouse=True)
def nothing_ships(monkeypatch, own_folder) -> Path:
    """The folder of the records that come with the app: an empty one, so that a test starts without any run."""
    folder = own_folder("shipped")
    monkeypatch.setenv(runs.SHIPPED_ENV, str(folder))
    return folder


@pytest.fixture(scope="session")
def assignment(digits) -> list[RunRecord]:
    """The three runs of the assignment, seed 0, and its LN with seed 1: one epoch of digits each."""
    configs = [
        *preset("assignment", dataset="digits", epochs=1, batch_size=256),
        preset("assignment", dataset="digits", epochs=1, batch_size=256, seed=1)[2],
    ]
    race = Race(configs, threads=1)
    race.run(lambda name, progress: (digits, ""))
    return [race.records[i] for i in range(len(configs))]


@pytest.fixture
def shipped(nothing_ships, assignment) -> list[RunRecord]:
    """``assignment`` as the records that come with the app, written in another order than the study's."""
    for record in reversed(assignment):
        runs.save(record, nothing_ships)
    return assignment


@pytest.fixture
def trained(record, record_folder) -> RunStore:
    """The store that the pages read, with one finished run in it."""
    store = RunStore()
    runs.save(record, store.root)
    return store


@dataclass
class Decodes:
    """Ids of the runs whose files were decoded from a folder, once for each time."""

    summaries: list[str] = field(default_factory=list)
    whole: list[str] = field(default_factory=list)

    def clear(self) -> None:
        """Forget what was counted."""
        self.summaries.clear()
        self.whole.clear()


@pytest.fixture
def decodes(monkeypatch) -> Decodes:
    """Counts what is decoded from now on, as a summary and whole."""
    counted = Decodes()

    def counting(decoder, into):
        def decode(files):
            run = decoder(files)
            into.append(run.run_id)
            return run

        return decode

    monkeypatch.setattr(runs, "decode", counting(runs.decode, counted.whole))
    monkeypatch.setattr(runs, "decode_summary", counting(runs.decode_summary, counted.summaries))
    return counted


def texts(app: AppTest) -> str:
    """Everything that the page says in markdown, captions and alerts."""
    kinds = ("title", "subheader", "markdown", "caption", "info", "warning", "error", "success")
    return "\n".join(str(element.value) for kind in kinds for element in getattr(app, kind))


def wait(app: AppTest, condition: Callable[[AppTest], bool], seconds: float = PATIENCE) -> AppTest:
    """Run the page again and again until ``condition`` holds."""
    end = time.monotonic() + seconds
    while not condition(app):
        assert time.monotonic() < end, f"still waiting; the page says:\n{texts(app)}"
        time.sleep(0.3)
        app.run()
        assert not app.exception
    return app


def over(app: AppTest, seconds: float = PATIENCE) -> AppTest:
    """Wait until every race of this process has ended, and run the page then.

    A page that runs meanwhile holds the interpreter's lock, for which each step of a race would have to wait.
    """
    end = time.monotonic() + seconds
    while registry().busy():
        assert time.monotonic() < end, "a race that does not end"
        time.sleep(0.02)
    app.run()
    assert not app.exception
    return app


def finished(app: AppTest) -> AppTest:
    """The page of a race that has come to its end."""
    return wait(over(app), lambda a: "**Finished**" in texts(a))


@pytest.fixture
def three() -> list[str]:
    """BN, GN (4) and LN with known errors; 4 is wrong in all."""
    return save(
        made(config("bn"), predictions(BN, confidence={4: 0.5, 24: 0.99})),
        made(config("gn", groups=4), predictions(GN)),
        made(config("ln"), predictions(LN)),
    )


@pytest.fixture
def no_mnist(monkeypatch):
    """No data set can be had that would be downloaded."""

    real = data.load

    def load(name, root=None, *, progress=None):
        if not DATASETS[name].torchvision:
            return real(name, root, progress=progress)
        raise data.DataError("MNIST could not be downloaded: the network did not answer.")

    monkeypatch.setattr("pages.parts.statistics.images.load", load)
