"""A real server process and a real browser.

The browser is chromium, google-chrome or msedge from the PATH, else playwright's own. Where there is none,
these tests skip with one line that says how to get one; with NORMLENS_REQUIRE_BROWSER set that is an error.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, Page, sync_playwright

ROOT = Path(__file__).parents[2]
ON_PATH = ("chromium", "google-chrome", "msedge")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage"]
READY = '[data-testid="stApp"][data-test-script-state="notRunning"]'


class Server:
    """One ``streamlit run`` on a free port, its output in a file."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self.log = folder / "server.log"
        self.runs = folder / "runs"
        with self.log.open("w") as output:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "streamlit", "run", "streamlit_app.py", "--server.headless=true"),
                    *(f"--server.port={port}", "--server.address=127.0.0.1", "--server.fileWatcherType=none"),
                ],
                cwd=ROOT,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, "NORMLENS_RUNS": str(self.runs), "NORMLENS_DATA": str(folder / "no-data")}
                | ({"NORMLENS_DATA": os.environ["NORMLENS_DATA"]} if "NORMLENS_DATA" in os.environ else {}),
            )
        end = time.monotonic() + 60
        while not self._healthy():
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < end, f"no answer from the server:\n{self.log.read_text()}"
            time.sleep(0.2)

    def _healthy(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=2) as answer:
                return answer.status == 200
        except OSError:
            return False

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """End the server and return its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        return self.process.wait(timeout=60)


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[Server]:
    """A server of the module's own, with an empty store."""
    running = Server(tmp_path_factory.mktemp("server"))
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
