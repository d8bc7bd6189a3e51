"""A link to any page works on a server that nobody has visited before: for one visitor, the next, and two at once.

Streamlit's own search for pages, which a folder named ``pages`` sets off until the first ``st.navigation`` of a
process, would show a bare script there, or the page under a modal "Page not found".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from urllib.parse import parse_qsl, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from core.experiments.listed import EXPERIMENTS
from core.records import store as runs
from tests.browser.conftest import settle
from tests.browser.server import Server
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
AT_ONCE = [(STATISTICS, TRAIN, STATISTICS), (HOME, COMPARE, MISCLASSIFIED), (LAB_SHOWN, LESSON)]
"""Every page is one of the first visits; two of a kind, too."""


@pytest.fixture(scope="module")
def started(tmp_path_factory) -> Iterator[list[Future[Server]]]:
    """A new server for each of the tests below, each started while the test before it is at work."""
    shipped = tmp_path_factory.mktemp("shipped")
    runs.save(record(config("bn"), predictions({4: 9})), shipped)
    with ThreadPoolExecutor(max_workers=1) as starter:
        coming = [starter.submit(Server, tmp_path_factory.mktemp("new"), shipped) for _ in (*LINKS, *AT_ONCE)]
        yield coming
        for one in coming:
            if not one.cancel() and one.exception() is None:
                one.result().stop()


@pytest.fixture
def new_server(started: list[Future[Server]]) -> Iterator[Server]:
    """A server that nobody has visited yet."""
    server = started.pop(0).result()
    yield server
    server.stop()


@pytest.fixture
def visitor(browser: Browser) -> Iterator[Callable[[], Page]]:
    """A function that gives the window of a visitor who was never here."""
    contexts = []

    def arrive() -> Page:
        contexts.append(browser.new_context())
        return contexts[-1].new_page()

    yield arrive
    for context in contexts:
        context.close()


def check(page: Page, link: str) -> None:
    """The linked page is there, in the app's frame, with nothing over it and with its query: pages only add to it."""
    expect(page.get_by_role("heading", name=LINKS[link])).to_be_visible()
    settle(page)
    expect(page.get_by_test_id("stTopNav").get_by_role("link", name="Misclassified", exact=True)).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert set(parse_qsl(urlsplit(link).query)) <= set(parse_qsl(urlsplit(page.url).query))


@pytest.mark.parametrize("link", LINKS)
def test_the_first_visit_and_the_second(new_server, visitor, link):
    for _ in range(2):
        page = visitor()
        page.goto(f"{new_server.url}/{link}")
        check(page, link)


@pytest.mark.parametrize("links", AT_ONCE, ids=" and ".join)
def test_the_first_visits_at_once(new_server, visitor, links):
    visits = [(visitor(), link) for link in links]
    for page, link in visits:
        page.goto(f"{new_server.url}/{link}", wait_until="commit")
    for page, link in visits:
        check(page, link)
