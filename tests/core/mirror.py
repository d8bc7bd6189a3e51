"""A mirror of torchvision's data sets on this machine: a real server, which also misbehaves where it is told to."""

from __future__ import annotations

import contextlib
import http.server
import threading
from collections.abc import Iterator

PATIENCE = 60.0


class Server:
    """A mirror on this machine: serves ``files``, or whatever ``answer`` makes of a request."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files = files
        self.answer = None
        self.asked: list[str] = []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                name = self.path.rsplit("/", 1)[-1]
                outer.asked.append(name)
                if outer.answer is not None and outer.answer(self, name):
                    return
                if name not in outer.files:
                    self.send_error(404)
                    return
                self.send(outer.files[name])

            def send(self, body: bytes, length: int | None = None) -> None:
                self.send_response(200)
                self.send_header("Content-Length", str(len(body) if length is None else length))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/"

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @contextlib.contextmanager
    def dripping(self) -> Iterator[threading.Event]:
        """Answers with a byte now and then, and never ends; set once the one who asked has hung up."""
        hung_up, over = threading.Event(), threading.Event()

        def drip(handler, name):
            handler.send(b"", 1_000_000)
            try:
                while not over.wait(0.01):
                    handler.wfile.write(b".")
            except OSError:
                hung_up.set()
            return True

        self.answer = drip
        try:
            yield hung_up
            assert hung_up.wait(PATIENCE)
        finally:
            self.answer = None
            over.set()

    @contextlib.contextmanager
    def silent(self) -> Iterator[None]:
        """Takes requests and does not answer any."""
        over = threading.Event()

        def wait(handler, name):
            handler.close_connection = True
            return over.wait(PATIENCE)

        self.answer = wait
        try:
            yield
        finally:
            self.answer = None
            over.set()
