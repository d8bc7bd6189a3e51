"""A visitor without a browser: one websocket session with the server, as the app's front end would hold it.

It opens a page, sets widgets, follows the fragments that ask to be run every second, and times what a
visitor waits for: from the request to the message that the run is over, on the server and over the wire.
Drawing is not in it, and neither is a browser's share of the processor.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect

OVER = (ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY)


class Session:
    """One visitor on one page.

    widgets: the page's widgets by key, or by label where they have none.  bars: texts of its progress bars, by
    place.  fragment_seconds: duration of every run of a fragment that asked to be run again and again.
    texts: its Markdown, in the order in which it came.
    errors: exceptions that a page showed, runs that did not compile, and a connection lost.
    """

    def __init__(self, url: str, page: str = "", query: str = "") -> None:
        self.widgets: dict[str, Any] = {}
        self.bars: dict[tuple[int, ...], str] = {}
        self.texts: list[str] = []
        self.errors: list[str] = []
        self.fragment_seconds: list[float] = []
        self.page = page
        self.batches = 0
        self.query = query
        self._states: dict[str, Any] = {}
        self._hash = ""
        self._every: dict[str, float] = {}
        self._due: dict[str, float] = {}
        self._over = threading.Condition()
        self._runs = 0
        self._closing = False
        self._connection = ExitStack()  # websockets wants its connections to be entered
        address = url.replace("http", "ws", 1) + "/_stcore/stream"
        self._socket = self._connection.enter_context(connect(address, subprotocols=["streamlit"], max_size=None))
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def open(self) -> float:
        """Run the page for the first time; seconds."""
        return self._run()

    def set(self, key: str, field: str, value: bool | str | Sequence[float] | Sequence[str]) -> float:
        """Set one widget, ``field`` being the name of its value in the protocol, and run the page; seconds."""
        self._states[self.widgets[key].id] = (field, value)
        try:
            return self._run()
        finally:
            if field == "trigger_value":
                del self._states[self.widgets[key].id]

    def click(self, key: str) -> float:
        """Press a button, by its key or label, and run the page; seconds."""
        return self.set(key, "trigger_value", True)

    def choose_next(self, key: str) -> float:
        """Take the next option of a segmented control and run the page; seconds."""
        control = self.widgets[key]
        options = [option.content for option in control.options]
        _, (now, *_) = self._states.get(control.id, ("", [options[control.default[0]]]))
        return self.set(key, "string_array_value", [options[(options.index(now) + 1) % len(options)]])

    def move_slider(self, key: str) -> float:
        """Put a slider one step away from where it is, back and forth, and run the page; seconds."""
        slider = self.widgets[key]
        _, (now, *_) = self._states.get(slider.id, ("", list(slider.default)))
        to = now + slider.step if now + slider.step <= slider.max else now - slider.step
        return self.set(key, "double_array_value", [to])

    def follow(self, seconds: float) -> None:
        """Sit on the page for a while, running the fragments that ask for it as a front end does."""
        end = time.monotonic() + seconds
        while (now := time.monotonic()) < end and not self.errors:
            for fragment, every in list(self._every.items()):
                if now >= self._due.get(fragment, 0):
                    self._due[fragment] = now + every
                    self.fragment_seconds.append(self._run(fragment))
            due = min((self._due.get(fragment, 0) for fragment in list(self._every)), default=end)
            time.sleep(max(0.01, min(due, end) - time.monotonic()))

    def close(self) -> None:
        """Leave, as a closed tab does."""
        self._closing = True
        self._connection.close()
        self._reader.join(10)

    @property
    def watching(self) -> bool:
        """Whether a part of the page asks to be run again and again."""
        return bool(self._every)

    def _run(self, fragment: str = "") -> float:
        message = BackMsg()
        state = message.rerun_script
        state.query_string = self.query
        state.page_script_hash = self._hash
        state.page_name = "" if self._hash else self.page
        state.fragment_id = fragment
        state.is_auto_rerun = bool(fragment)
        for identity, (field, value) in self._states.items():
            widget = state.widget_states.widgets.add(id=identity)
            if isinstance(value, (list, tuple)):
                getattr(widget, field).data.extend(value)
            else:
                setattr(widget, field, value)
        with self._over:
            before = self._runs
            start = time.perf_counter()
            self._socket.send(message.SerializeToString())
            if not self._over.wait_for(lambda: self._runs > before or self.errors, timeout=120):
                self.errors.append("no answer within two minutes")
            return time.perf_counter() - start

    def _read(self) -> None:
        try:
            for data in self._socket:
                message = ForwardMsg()
                message.ParseFromString(data)
                self._take(message)
        except Exception as error:  # in a thread of its own, nobody else would hear of it
            self._fail(f"{type(error).__name__}: {error}")
        else:
            self._fail("connection closed")

    def _fail(self, what: str) -> None:
        with self._over:
            if not self._closing:
                self.errors.append(what)
            self._over.notify_all()

    def _take(self, message: ForwardMsg) -> None:
        kind = message.WhichOneof("type")
        if kind == "new_session":
            if not message.metadata.run.fragment_ids:
                self.bars.clear()  # the whole page is drawn anew, and asks anew for what it wants again
                self._every.clear()
        elif kind == "navigation":
            self._hash = message.navigation.page_script_hash
        elif kind == "page_info_changed":
            self.query = message.page_info_changed.query_string
        elif kind == "page_not_found":
            self._fail(f"page not found: {message.page_not_found.page_name}")
        elif kind == "auto_rerun":
            self._every[message.auto_rerun.fragment_id] = message.auto_rerun.interval
            self._due[message.auto_rerun.fragment_id] = time.monotonic() + message.auto_rerun.interval
        elif kind == "stop_auto_rerun":
            self._every.pop(message.stop_auto_rerun.fragment_id, None)
        elif kind == "delta" and message.delta.WhichOneof("type") == "new_element":
            element = message.delta.new_element
            name = element.WhichOneof("type")
            proto = getattr(element, name)
            if name == "exception":
                self._fail(f"{proto.type}: {proto.message}")
            elif name == "markdown":
                self.texts.append(proto.body)
            elif name == "progress":
                self.bars[tuple(message.metadata.delta_path)] = proto.text
            elif name == "html":
                for i, text in enumerate(re.findall('role="progressbar".*?aria-valuetext="([^"]*)"', proto.body)):
                    self.bars[(*message.metadata.delta_path, i)] = text
            elif identity := getattr(proto, "id", ""):
                key = identity.split("-", 2)[-1]  # $$ID-<hash>-<key>
                self.widgets[getattr(proto, "label", "") if key == "None" else key] = proto
        elif kind == "script_finished":
            with self._over:
                if message.script_finished in OVER:
                    self._runs += 1
                elif message.script_finished == ForwardMsg.FINISHED_WITH_COMPILE_ERROR:
                    self.errors.append("the page does not compile")
                self._over.notify_all()
