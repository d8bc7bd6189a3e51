"""axe-core finds no serious or critical violation on any page, light or dark, with and without runs.

Lab and lesson show no runs of one's own. Lab and Misclassified are asked for it where their tests open them.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from core.records import store as runs
from tests.browser.axe import SCHEMES, serious
from tests.browser.conftest import settle

HEADINGS = {
    "Train": "Race the norms",
    "Compare": "Compare the runs",
    "Misclassified": "What they get wrong",
    "NormLens": "Which numbers share a mean?",
}


def goes_to(page: Page, name: str) -> None:
    """By the navigation: nothing is loaded anew."""
    page.get_by_test_id("stTopNavLinkContainer").get_by_text(name, exact=True).click()
    expect(page.get_by_role("heading", name=HEADINGS[name])).to_be_visible()
    settle(page)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_page_without_runs_and_with_runs(page, server, record, scheme):
    page.emulate_media(color_scheme=scheme)
    page.goto(server.url)
    settle(page)
    found = {}
    for kind in ("empty", "with runs"):
        if kind == "with runs":
            runs.save(record, server.runs)
        for name in HEADINGS:
            goes_to(page, name)
            if kind == "with runs" and name == "Compare":
                page.locator(".gtitle").nth(1).wait_for()
            found[kind, name] = serious(page)
    assert not {where: what for where, what in found.items() if what}


@pytest.mark.parametrize("scheme", SCHEMES)
def test_what_the_navigation_does_not_lead_to(page, server, scheme):
    page.emulate_media(color_scheme=scheme)
    page.goto(f"{server.url}/train?race=0123456789abcdef")
    settle(page)
    found = {"no such race": serious(page)}
    page.goto(f"{server.url}/lesson?said1=shown")
    settle(page)
    found["a step that is shown"] = serious(page)
    page.get_by_role("button", name="For a class").click()
    expect(page.get_by_role("heading", name="For a class")).to_be_visible()
    settle(page)
    found["for a class"] = serious(page)
    assert not {where: what for where, what in found.items() if what}
