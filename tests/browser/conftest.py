"""A real server process and a real browser.

The browser is chromium, google-chrome or msedge from the PATH, else playwright's own. Where there is none,
these tests skip with one line that says how to get one; with NORMLENS_REQUIRE_BROWSER set that is an error.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Error, Page, sync_playwright

from tests.browser.server import FLAGS, ON_PATH, READY, Server


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[Server]:
    """A server of the module's own, with an empty store and without the records that come with the app."""
    running = Server(tmp_path_factory.mktemp("server"), shipped=tmp_path_factory.mktemp("shipped"))
    yield running
    running.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The browser for all tests."""
    path = next((found for name in ON_PATH if (found := shutil.which(name))), None)
    with sync_playwright() as playwright:
        try:
            started = playwright.chromium.launch(executable_path=path, args=FLAGS)
        except Error as error:
            line = "no browser: install chromium (apt-get install chromium) or run `playwright install chromium`"
            if os.environ.get("NORMLENS_REQUIRE_BROWSER"):
                raise RuntimeError(line) from error
            pytest.skip(line)
        yield started
        started.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A new window; the test fails if the browser reports an error of a script."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    opened = context.new_page()
    opened.set_default_timeout(30_000)
    errors: list[str] = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    yield opened
    context.close()
    assert not errors


def settle(page: Page) -> None:
    """Wait until the server has finished a run of the page and nothing on it is an exception."""
    page.wait_for_selector(READY)
    assert page.locator('[data-testid="stException"]').count() == 0
