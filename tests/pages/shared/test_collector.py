"""What an interaction costs beside the page itself: the garbage collection after every run."""

import gc

import pytest


@pytest.fixture
def spared_once():
    """Nothing in the place of what the app does: here that is what is tested."""


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
