"""A slow connection: what the server says is held back, while what the browser says arrives."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs

from playwright.sync_api import BrowserContext, Page, WebSocketRoute
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from tests.browser.conftest import PATIENCE, settle
from tests.browser.steady import reads


def kind(said: str | bytes) -> str | None:
    """Of a message of the server, as Streamlit calls it."""
    return ForwardMsg.FromString(said).WhichOneof("type") if isinstance(said, bytes) else None


class LateAnswers:
    """What the server says to a browser, held back from ``late`` on until ``come`` is called.

    heard: which kinds of messages come all the same, as Streamlit calls them.
    """

    def __init__(self, page: Page, heard: Collection[str] = ()) -> None:
        self.page = page
        self.late = False
        self.ended = 0
        self.heard = heard
        self.waiting: list[tuple[WebSocketRoute, str | bytes]] = []
        page.route_web_socket(re.compile("/_stcore/stream"), self._between)

    def _between(self, browser: WebSocketRoute) -> None:
        server = browser.connect_to_server()
        browser.on_message(lambda said: server.send(said))

        def answer(said: str | bytes) -> None:
            self.ended += kind(said) == "script_finished"
            if self.late and kind(said) not in self.heard:
                self.waiting.append((browser, said))
            else:
                browser.send(said)

        server.on_message(answer)

    def come(self) -> None:
        """In their order: what the server says meanwhile comes after them."""
        while self.waiting:
            browser, said = self.waiting.pop(0)
            browser.send(said)
        self.late = False

    def runs_that_ended(self) -> int:
        """How many runs the server has ended whose answers are held back."""
        return [kind(said) for _, said in self.waiting].count("script_finished")

    def address(self) -> dict[str, list[str]]:
        """The last one that the server has written and the browser has not heard of."""
        written = [ForwardMsg.FromString(said) for _, said in self.waiting if kind(said) == "page_info_changed"]
        return parse_qs(written[-1].page_info_changed.query_string) if written else {}

    def after(self, act: Callable[[], object]) -> None:
        """Do it, and wait until the server has ended the run that it asks for, of which the browser hears nothing."""
        before = self.runs_that_ended()
        self.late = True
        act()
        reads(self.page, lambda: self.runs_that_ended() > before, True)


@contextmanager
def late_answers(
    windows: BrowserContext, address: str, heard: Collection[str] = ()
) -> Iterator[tuple[Page, LateAnswers]]:
    """A window of its own at ``address``, whose answers come late when the test says so.

    An error of a script in it is an error here.
    """
    page = windows.new_page()
    page.set_default_timeout(PATIENCE)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    answers = LateAnswers(page, heard)
    page.goto(address)
    # neither its first run is to be taken for what a test asks for, nor that of the piece that its address waits for
    page.wait_for_selector("h1")  # before that the browser may not even have heard that a run began
    settle(page)
    reads(page, lambda: answers.ended >= 1 + page.locator(".st-key-one_entry_answer").count(), True)
    settle(page)
    yield page, answers
    settle(page)
    page.evaluate("() => localStorage.clear()")
    page.close()
    assert not errors
