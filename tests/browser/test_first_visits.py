"""A link to any page works on a server that nobody has visited before: for one visitor, the next, and two at once.

Streamlit's own search for pages, which a folder named ``pages`` sets off until the first ``st.navigation`` of a
process, would show a bare script there, or the page under a modal "Page not found".
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import count, cycle
from urllib.parse import parse_qsl, urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from core.experiments.listed import EXPERIMENTS
from core.records import store as runs
from tests.browser.conftest import PATIENCE, settle
from tests.browser.server import Server, free_port
from tests.browser.steady import addressed
from tests.wrong_records import config, predictions, record

LINKS = {
    "?from=course": "Which numbers share a mean?",
    "lesson?step=4": "Who depends on whom?",
    "statistics?stats_norm=LayerNorm": "Who shares a mean?",
    "train?train_seed=5": "Race the norms",
    "lab?lab_said=shown": EXPERIMENTS[0].question,
    "compare?compare_zoom=all": "Compare the runs",
    "misclassified?wrong_order=first": "What they get wrong",
}
"""From a link with a query to the heading of its page."""
HOME, LESSON, STATISTICS, TRAIN, LAB_SHOWN, COMPARE, MISCLASSIFIED = LINKS
AT_ONCE = (LAB_SHOWN, HOME, STATISTICS, COMPARE, TRAIN, MISCLASSIFIED, LESSON, LAB_SHOWN)
"""Every page is one of the first visits; two of a kind, too."""
NEXT = (COMPARE, LESSON)
"""Who comes after them: to a page that does without torch, and to one that needs it."""
ALONE = (HOME, LESSON)
"""What nobody disturbs: a page at the root, which does without torch, and one that needs it."""
SERVERS = len(ALONE) + 1
"""One for each of them, and one for all at once."""


@pytest.fixture(scope="module")
def next_server(tmp_path_factory) -> Iterator[Callable[[], Server]]:
    """A function that gives a new server and starts the one after it, for the test after this one.

    They take turns at two ports, so that a browser that has fetched and compiled the front end needs not do so again.
    """
    shipped = tmp_path_factory.mktemp("shipped")
    runs.save(record(config("bn"), predictions({4: 9})), shipped)
    ports = cycle((free_port(), free_port()))
    with ThreadPoolExecutor(max_workers=1) as starter:

        def start() -> Future[Server]:
            return starter.submit(Server, tmp_path_factory.mktemp("new"), shipped, port=next(ports))

        coming = deque([start()])
        wanted = count(1)

        def take() -> Server:
            server = coming.popleft().result()
            if next(wanted) < SERVERS:
                coming.append(start())
            return server

        yield take
        for left in coming:  # where not all tests of this file run
            left.result().stop()


@pytest.fixture
def new_server(next_server: Callable[[], Server]) -> Iterator[Server]:
    """A server that nobody has visited yet."""
    server = next_server()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def visitors(browser: Browser) -> Iterator[BrowserContext]:
    """What all visitors have in common: the files of the front end."""
    context = browser.new_context()
    context.set_default_timeout(PATIENCE)
    yield context
    context.close()


@pytest.fixture
def visitor(visitors: BrowserContext) -> Iterator[Callable[[], Page]]:
    """A function that gives the window of a visitor who was never here."""
    yield visitors.new_page
    for page in visitors.pages:
        page.evaluate("() => { localStorage.clear(); sessionStorage.clear() }")
        page.close()
    visitors.clear_cookies()


def check(page: Page, link: str) -> None:
    """The linked page is there, in the app's frame, with nothing over it and with its query: pages only add to it."""
    expect(page.get_by_role("heading", name=LINKS[link])).to_be_visible()
    settle(page)
    expect(page.get_by_test_id("stTopNav").get_by_role("link", name="Misclassified", exact=True)).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)
    for name, value in parse_qsl(urlsplit(link).query):
        addressed(page, name, value)


@pytest.mark.parametrize("link", ALONE)
def test_the_first_visit_and_the_second(new_server, visitor, link):
    for _ in range(2):
        page = visitor()
        page.goto(f"{new_server.url}/{link}")
        check(page, link)


def test_the_first_visits_at_once_and_the_next(new_server, visitor):
    visits = [(visitor(), link) for link in AT_ONCE]
    for page, link in visits:
        page.goto(f"{new_server.url}/{link}", wait_until="commit")
    for page, link in visits:
        check(page, link)
    for link in NEXT:
        page = visitor()
        page.goto(f"{new_server.url}/{link}")
        check(page, link)
