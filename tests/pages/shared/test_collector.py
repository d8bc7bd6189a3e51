"""What an interaction costs beside the page itself: the garbage collection after every run."""

from __future__ import annotations

import gc
import weakref

import pytest

from pages.parts.shared import collector


@pytest.fixture
def spared_once():
    """Nothing in the place of what the app does: here that is what is tested."""


@pytest.fixture(autouse=True)
def never_quiet(monkeypatch):
    """No thread tidies up while a test counts."""
    monkeypatch.setattr(collector.tidying, "seconds", 3600)


def test_the_collection_after_a_run_passes_over_what_the_imports_brought(open_page):
    """Tracked objects would be walked through with the interpreter's lock held, at every click."""
    gc.unfreeze()
    gc.collect()  # what earlier tests left behind would be counted, but is garbage and not frozen
    imported = len(gc.get_objects())
    assert imported > 100_000  # torch and streamlit at least
    app = open_page("train")
    assert gc.get_freeze_count() > 0.9 * imported
    assert len(gc.get_objects()) < 0.1 * imported
    app.run()
    assert len(gc.get_objects()) < 0.1 * imported


class Knot:
    """Holds itself: only a collection finds out that nobody else does."""

    def __init__(self) -> None:
        self.itself = self


def test_garbage_that_was_frozen_goes_when_nobody_waits():
    knot = Knot()
    seen = weakref.ref(knot)
    del knot
    collector.spare_the_collector()
    gc.collect()
    assert seen() is not None  # passed over
    frozen = gc.get_freeze_count()
    collector.tidy()
    assert seen() is None
    assert 0.9 * frozen < gc.get_freeze_count() < 1.1 * frozen
