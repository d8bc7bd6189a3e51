"""A real server process, for the tests in a browser and for the benchmarks."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).parents[2]
ON_PATH = ("chromium", "google-chrome", "msedge")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage"]
RESTING = """
import sys, time
from core.jobs import feed
from streamlit.web.cli import main

made = feed.run_batches

def resting(*arguments):
    for batch in made(*arguments):
        time.sleep(0.05)
        yield batch

feed.run_batches = resting
main(prog_name="streamlit")
"""
"""Streamlit, with a pause before each batch of a race: it then leaves the processor to who looks at it.

Three variants at full speed take all that a small machine has, and a page that is loaded meanwhile takes half a minute.
"""
READY = '[data-testid="stApp"][data-test-script-state="notRunning"]'


def free_port() -> int:
    """A port at which nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


class Server:
    """One ``streamlit run`` on a free port, its output in a file; returns from the constructor once it answers.

    shipped: a folder in the place of the records that come with the app.  most_epochs: what a race may have, 50 by
    default: one of a thousand outlasts every test, however fast the machine.  resting: whether races pause at each
    batch, see ``RESTING``.  port: a free one of ``free_port``, where a browser is to know the server's files already.
    copy: a copy of the project, which the server looks after: a change in its files is a change of the app.
    """

    def __init__(
        self,
        folder: Path,
        shipped: Path | None = None,
        most_epochs: int | None = None,
        *,
        resting: bool = False,
        port: int | None = None,
        copy: Path | None = None,
    ) -> None:
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder / "server.log"
        self.runs = folder / "runs"
        program = ("-c", RESTING) if resting else ("-m", "streamlit")
        with self.log.open("w") as output:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, *program, "run", "streamlit_app.py", "--server.headless=true"),
                    *(
                        f"--server.port={self.port}",
                        "--server.address=127.0.0.1",
                        f"--server.fileWatcherType={'auto' if copy else 'none'}",
                    ),
                ],
                cwd=copy or ROOT,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, "NORMLENS_RUNS": str(self.runs), "NORMLENS_DATA": str(folder / "no-data")}
                | ({"NORMLENS_DATA": os.environ["NORMLENS_DATA"]} if "NORMLENS_DATA" in os.environ else {})
                | ({} if shipped is None else {"NORMLENS_SHIPPED": str(shipped)})
                | ({} if most_epochs is None else {"NORMLENS_MAX_EPOCHS": str(most_epochs)}),
            )
        end = time.monotonic() + 120
        while not self._healthy():
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < end, f"no answer from the server:\n{self.log.read_text()}"
            time.sleep(0.05)

    def _healthy(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=2) as answer:
                return answer.status == 200
        except OSError:
            return False

    def stop(self, how: signal.Signals = signal.SIGTERM, seconds: float = 60) -> int:
        """End the server, within so many seconds, and return its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        return self.process.wait(timeout=seconds)
