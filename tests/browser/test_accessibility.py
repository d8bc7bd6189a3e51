"""axe-core finds no serious or critical violation on any page, light or dark, with and without runs.

Lab and lesson show no runs of one's own. Lab and Misclassified are asked for it where their tests open them.
"""

from __future__ import annotations

from playwright.sync_api import Page, expect

from core.records import store as runs
from tests.browser.axe import SCHEMES, serious
from tests.browser.conftest import settle
from tests.browser.server import Server

HEADINGS = {
    "Train": "Race the norms",
    "Compare": "Compare the runs",
    "Misclassified": "What they get wrong",
    "NormLens": "Which numbers share a mean?",
}
ALONE = ("train?race=0123456789abcdef", "lesson?said1=shown", "lesson?class_room=true")
"""What no link of another page leads to."""


def goes_to(page: Page, name: str) -> None:
    """By the navigation: nothing is loaded anew."""
    page.get_by_test_id("stTopNavLinkContainer").get_by_text(name, exact=True).click()
    expect(page.get_by_role("heading", name=HEADINGS[name])).to_be_visible()
    settle(page)


def open_home(page: Page, server: Server, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)
    page.goto(server.url)
    expect(page.get_by_role("heading", name=HEADINGS["NormLens"])).to_be_visible()
    settle(page)


def test_every_page_without_runs(page, server):
    found = {}
    for scheme in SCHEMES:
        open_home(page, server, scheme)
        found["NormLens", scheme] = serious(page)
        for name in ("Train", "Compare", "Misclassified"):
            goes_to(page, name)
            found[name, scheme] = serious(page)
    assert not {where: what for where, what in found.items() if what}


def test_every_page_with_runs(page, server, record):
    runs.save(record, server.runs)
    found = {}
    for scheme in SCHEMES:
        open_home(page, server, scheme)
        found["NormLens", scheme] = serious(page)
        for name in ("Train", "Compare", "Misclassified"):
            goes_to(page, name)
            if name == "Compare":
                page.locator(".gtitle").nth(1).wait_for()
            found[name, scheme] = serious(page)
    assert not {where: what for where, what in found.items() if what}


def test_what_only_an_address_opens(page, server):
    found = {}
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        for address in ALONE:
            page.goto(f"{server.url}/{address}")
            settle(page)
            found[address, scheme] = serious(page)
    assert not {where: what for where, what in found.items() if what}
