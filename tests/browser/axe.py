"""axe-core on a page as it stands, in the light theme and in the dark one."""

from __future__ import annotations

import re
from contextlib import suppress

from axe_playwright_python.sync_playwright import DEFAULT_OPTIONS, Axe
from playwright.sync_api import Page, TimeoutError

from pages.parts.shared.contrast import DARK_TEXT
from tests.browser.conftest import drawn, settle

SERIOUS = ("serious", "critical")
OPTIONS = {**DEFAULT_OPTIONS, "preload": False}
"""Without fetching all style sheets and media anew for each look: that serves rules on sound and on turned screens."""
SCHEMES = ("light", "dark")


def serious(page: Page) -> list[str]:
    """What axe finds serious or critical: the rule, and the first nodes with what they lack."""
    drawn(page)
    if not page.evaluate("'axe' in window"):  # half a megabyte of script, once a document
        page.evaluate(Axe().axe_script)
    violations = page.evaluate("options => axe.run(options).then(found => found.violations)", OPTIONS)
    return [
        f"{v['id']}: {v['help']}\n  "
        + "\n  ".join(f"{node['html'][:160]}\n    {node['failureSummary'][:230]}" for node in v["nodes"][:4])
        for v in violations
        if v["impact"] in SERIOUS
    ]


def to_scheme(page: Page, scheme: str) -> None:
    """Give a page that is open a theme, and the server a run to hear of it: R is Streamlit's key for that."""
    if page.evaluate("scheme => matchMedia(`(prefers-color-scheme: ${scheme})`).matches", scheme):
        return
    assert scheme == "dark", "only a dark page says that the server knows"
    background = "getComputedStyle(document.querySelector('[data-testid=\"stApp\"]')).backgroundColor"
    before = page.evaluate(background)
    page.emulate_media(color_scheme=scheme)
    page.wait_for_function(f"before => {background} !== before", arg=before)
    page.evaluate("document.activeElement?.blur()")
    style = re.sub("</?style>", "", DARK_TEXT)
    for _ in range(30):  # a key that comes while the page takes in its theme is lost, or speaks of the one before
        page.keyboard.press("r")
        with suppress(TimeoutError):
            page.wait_for_function(
                "text => [...document.querySelectorAll('style')].some(style => style.textContent === text)",
                arg=style,
                timeout=1000,
            )
            settle(page)
            return
    raise AssertionError("the server was not told of the dark theme")
