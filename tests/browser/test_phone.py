"""On a phone, by touch: every page is one tap away, and what was tapped is not covered by a menu."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from core.experiments.listed import EXPERIMENTS
from core.lesson.order import STEPS
from tests.browser.conftest import DESKTOP, PATIENCE, settle
from tests.browser.one_screen import no_wider
from tests.browser.steady import reads

HEADINGS = {
    "Lesson": STEPS[1].question,
    "Statistics": "Who shares a mean?",
    "Train": "Race the norms",
    "Lab": EXPERIMENTS[0].question,
    "Compare": "Compare the runs",
    "Misclassified": "What they get wrong",
    "NormLens": "Which numbers share a mean?",
}


TOPS = "[...document.querySelectorAll('.st-key-page_row a')].map(a => a.getBoundingClientRect().y)"


def on_top(page: Page, selector: str) -> bool:
    """Whether the middle of each of the elements is seen, and not what lies over it."""
    return page.evaluate(
        """selector => [...document.querySelectorAll(selector)].every(element => {
            const box = element.getBoundingClientRect()
            const seen = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2)
            return box.width > 0 && (element.contains(seen) || seen.contains(element))
        })""",
        selector,
    )


def test_a_tap_opens_a_page_and_nothing_covers_it(phone, server):
    phone.goto(server.url)
    for name, heading in HEADINGS.items():
        phone.locator(".st-key-page_row").get_by_role("link", name=name, exact=True).tap()
        expect(phone.get_by_role("heading", name=heading)).to_be_visible()
        settle(phone)
        for selector in ("h1", ".st-key-page_row a"):
            reads(phone, lambda selector=selector: on_top(phone, selector), True)
        expect(phone.locator(".st-key-page_row a")).to_have_count(len(HEADINGS))
        expect(phone.get_by_test_id("stExpandSidebarButton")).to_be_hidden()
        no_wider(phone)
        reads(phone, lambda: len(set(phone.evaluate(TOPS))), 1)  # the links fit into one row


HEIGHTS = """
window.heights = []
const look = () => {
    const row = document.querySelector('.st-key-page_row')
    if (row) window.heights.push(row.getBoundingClientRect().height)
    requestAnimationFrame(look)
}
look()
"""
"""Notes how high the row is in every picture that the browser draws."""


def test_either_the_row_or_the_navigation_is_there_and_the_row_never_flashes_up(page, server):
    page = page.context.new_page()  # the script goes with it
    page.set_viewport_size(DESKTOP)
    page.add_init_script(HEIGHTS)
    page.goto(server.url)
    expect(page.locator(".st-key-page_row")).to_be_hidden(timeout=PATIENCE)
    settle(page)
    assert max(page.evaluate("heights")) <= 1
    for width, row in ((767, True), (768, False)):
        page.set_viewport_size({"width": width, "height": 900})
        row_or_navigation(page, row)


def row_or_navigation(page: Page, row: bool) -> None:
    expect(page.get_by_role("link", name="Misclassified", exact=True)).to_have_count(1)
    expect(page.locator(".st-key-page_row")).to_be_visible(visible=row)
    expect(page.get_by_test_id("stTopNavLink")).to_have_count(0 if row else len(HEADINGS))
