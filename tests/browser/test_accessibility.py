"""axe-core finds no serious or critical violation on any page, light or dark, with and without runs."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from core.records import store as runs
from tests.browser.axe import SCHEMES, serious, to_scheme
from tests.browser.conftest import as_new, settle

ALONE = ("lab", "lab?lab_said=shown", "lesson?said1=shown", "lesson?class_room=true")
PAGES = ("", "train", "train?race=0123456789abcdef", "compare", "misclassified")
SHOWN = [("empty", name) for name in (*PAGES, *ALONE)] + [("with runs", name) for name in PAGES]
"""Lab and lesson show no runs of one's own."""


@pytest.fixture(scope="module")
def shown(request, worker_server, worker_page, record) -> Iterator[Page]:
    """A page with or without runs, loaded once for both themes."""
    kind, name = request.param
    if kind == "with runs":
        runs.save(record, worker_server.runs)
    with as_new(worker_page) as page:
        page.goto(f"{worker_server.url}/{name}")
        settle(page)
        if kind == "with runs" and name == "compare":
            page.locator(".gtitle").nth(1).wait_for()
        yield page
    if kind == "with runs":
        shutil.rmtree(worker_server.runs / record.run_id)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("shown", SHOWN, ids="-".join, indirect=True)
def test_pages(shown, scheme):
    to_scheme(shown, scheme)
    assert not serious(shown)
