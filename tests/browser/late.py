"""A slow connection: what the server says is held back, while what the browser says arrives."""

from __future__ import annotations

import re
from collections.abc import Collection

from playwright.sync_api import Page, WebSocketRoute
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg


def kind(said: str | bytes) -> str | None:
    """Of a message of the server, as Streamlit calls it."""
    return ForwardMsg.FromString(said).WhichOneof("type") if isinstance(said, bytes) else None


class LateAnswers:
    """What the server says to a browser, held back from ``late`` on until ``come`` is called.

    heard: which kinds of messages come all the same, as Streamlit calls them.
    """

    def __init__(self, page: Page, heard: Collection[str] = ()) -> None:
        self.late = False
        self.heard = heard
        self.waiting: list[tuple[WebSocketRoute, str | bytes]] = []
        page.route_web_socket(re.compile("/_stcore/stream"), self._between)

    def _between(self, browser: WebSocketRoute) -> None:
        server = browser.connect_to_server()
        browser.on_message(lambda said: server.send(said))

        def answer(said: str | bytes) -> None:
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
