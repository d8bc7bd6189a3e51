"""Real server processes and a real browser for all tests of a worker: a server without runs, and one as the app ships.

The browser is chromium, google-chrome or msedge from the PATH, else playwright's own. Where there is none,
these tests skip with one line that says how to get one; with NORMLENS_REQUIRE_BROWSER set that is an error.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, expect, sync_playwright

from tests.browser.server import FLAGS, ON_PATH, READY, Server

DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
TRAINED = "set-size"
"""An experiment of the lab that has no live part."""
PATIENCE = 60_000
"""Milliseconds after which a test gives up on what it waits for: long enough for a machine that does much else."""

SHORT_LIVED = "--js-flags=--no-opt --no-maglev --single-threaded-gc"
"""Without V8's optimizing compilers, whose work pays after seconds of a script: these pages live for one test.

A load takes a fifth less of the processor so. The benchmarks measure a browser as it is.
"""

expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="session")
def worker_server(tmp_path_factory) -> Iterator[Server]:
    """The server behind ``server``: starting one for every file would import everything again for each."""
    running = Server(tmp_path_factory.mktemp("server"), shipped=tmp_path_factory.mktemp("shipped"))
    yield running
    running.stop()


@pytest.fixture
def server(worker_server: Server) -> Iterator[Server]:
    """A server with an empty store and without the records that come with the app; what a test stores goes with it."""
    yield worker_server
    for record in worker_server.runs.glob("*"):
        shutil.rmtree(record)


@pytest.fixture(scope="session")
def worker_shipping(tmp_path_factory) -> Iterator[Server]:
    """The server behind ``shipping``."""
    running = Server(tmp_path_factory.mktemp("shipping"))
    yield running
    running.stop()


@pytest.fixture
def shipping(worker_shipping: Server) -> Iterator[Server]:
    """A server as the app ships, with all its runs and tables; what a test stores goes with it."""
    yield worker_shipping
    for record in worker_shipping.runs.glob("*"):
        shutil.rmtree(record)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The browser for all tests."""
    path = next((found for name in ON_PATH if (found := shutil.which(name))), None)
    with sync_playwright() as playwright:
        try:
            started = playwright.chromium.launch(executable_path=path, args=[*FLAGS, SHORT_LIVED])
        except Error as error:
            line = "no browser: install chromium (apt-get install chromium) or run `playwright install chromium`"
            if os.environ.get("NORMLENS_REQUIRE_BROWSER"):
                raise RuntimeError(line) from error
            pytest.skip(line)
        yield started
        started.close()


@pytest.fixture(scope="session")
def worker_page(browser: Browser) -> Iterator[Page]:
    """The window behind ``page``: it has fetched and compiled Streamlit's front end already."""
    context = browser.new_context(viewport=DESKTOP)
    opened = context.new_page()
    opened.set_default_timeout(PATIENCE)
    yield opened
    context.close()


@pytest.fixture(scope="session")
def worker_phone(browser: Browser) -> Iterator[Page]:
    """The window behind ``phone``."""
    context = browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True)
    opened = context.new_page()
    opened.set_default_timeout(PATIENCE)
    yield opened
    context.close()


@contextmanager
def as_new(page: Page, viewport: dict[str, int] = DESKTOP) -> Iterator[Page]:
    """An open window as a new one, and empty again afterwards; an error of a script in it is an error here."""
    errors: list[str] = []

    def report(error: Error) -> None:
        errors.append(str(error))

    page.emulate_media(color_scheme="light", reduced_motion="no-preference")
    page.set_viewport_size(viewport)
    page.on("pageerror", report)
    yield page
    for other in page.context.pages:
        if other is not page:
            other.close()
    if page.url.startswith("http"):
        page.evaluate("() => { localStorage.clear(); sessionStorage.clear() }")
    page.goto("about:blank")
    page.mouse.move(0, 0)
    page.context.clear_cookies()
    page.remove_listener("pageerror", report)
    assert not errors


@pytest.fixture
def page(worker_page: Page) -> Iterator[Page]:
    """An empty window; the test fails if the browser reports an error of a script in it."""
    with as_new(worker_page) as emptied:
        yield emptied


@pytest.fixture
def windows(page: Page) -> BrowserContext:
    """Where a test opens windows of its own: the browser has fetched and compiled the front end there already."""
    return page.context


@pytest.fixture
def phone(worker_phone: Page) -> Iterator[Page]:
    """An empty window of a telephone, which has touch and no mouse."""
    with as_new(worker_phone, PHONE) as emptied:
        yield emptied


def settle(page: Page) -> None:
    """Wait until the server has finished a run of the page and nothing on it is an exception."""
    page.wait_for_selector(READY)
    assert page.locator('[data-testid="stException"]').count() == 0


def drawn(page: Page) -> None:
    """Wait until every chart is there, the browser has painted it, and nothing fades or moves any more."""
    page.wait_for_function(
        """() => !document.querySelector('[data-testid="stSkeleton"]')
             && [...document.querySelectorAll('[data-testid="stPlotlyChart"]')]
               .every(chart => chart.querySelector('.main-svg'))"""
    )
    page.evaluate("() => new Promise(over => requestAnimationFrame(() => requestAnimationFrame(over)))")
    page.wait_for_function(
        """() => document.getAnimations().every(moving => moving.playState !== 'running'
             || moving.effect.getComputedTiming().endTime === Infinity)"""
    )
