"""axe-core finds no serious or critical violation on any page, light or dark, with and without runs."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from core.records import store as runs
from tests.browser.conftest import settle

PAGES = ("", "train", "train?race=0123456789abcdef", "compare", "misclassified")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("with_runs", [False, True], ids=["empty", "with runs"])
def test_pages(browser: Browser, server, record, scheme, with_runs):
    if with_runs:
        runs.save(record, server.runs)
    context = browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    found = {}
    for name in PAGES:
        page.goto(f"{server.url}/{name}")
        settle(page)
        if with_runs and name == "compare":
            page.locator(".gtitle").nth(1).wait_for()
        page.wait_for_timeout(500)  # texts fade in
        violations = Axe().run(page).response["violations"]
        found[name] = [
            (v["id"], v["nodes"][0]["html"][:120], v["nodes"][0]["failureSummary"][:230])
            for v in violations
            if v["impact"] in ("serious", "critical")
        ]
    context.close()
    assert not any(found.values()), found
