"""A Dask scheduler and workers as processes of this machine, each ended by its own process id."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.core.jobs.units import wait_for

ROOT = Path(__file__).parents[3]


class DaskProcesses:
    """A scheduler at ``address``, started in ``cwd``, and the workers that a test wants of it.

    Their ports are free ones, and what they print goes to files in ``folder``.
    """

    def __init__(self, folder: Path, cwd: Path = ROOT) -> None:
        folder.mkdir()
        self._folder = folder
        self._processes: list[subprocess.Popen] = []
        file = folder / "scheduler.json"
        where = ["--host", "127.0.0.1", "--port", "0", "--dashboard-address", "127.0.0.1:0"]
        self.scheduler = self._start(["scheduler", *where, "--no-dashboard", "--scheduler-file", str(file)], cwd)
        try:
            self.address: str = json.loads(wait_for(file, until=_whole))["address"]
        except BaseException:
            self.close()
            raise

    def worker(self, cwd: Path = ROOT) -> subprocess.Popen:
        """One more worker, which runs one unit at a time. Its process is the one that runs units: it has no nanny."""
        rest = ["--nthreads", "1", "--no-nanny", "--no-dashboard", "--local-directory", str(self._folder)]
        return self._start(["worker", self.address, "--host", "127.0.0.1", *rest], cwd)

    def workers(self, count: int) -> list[subprocess.Popen]:
        """So many workers that run: those of before as far as they do, and new ones."""
        alive = [process for process in self._processes if process != self.scheduler and process.poll() is None]
        for process in alive[count:]:
            process.kill()
            process.wait()
        return alive[:count] + [self.worker() for _ in range(count - len(alive))]

    def close(self) -> None:
        """End them all."""
        for process in self._processes:
            process.kill()
        for process in self._processes:
            process.wait()

    def _start(self, arguments: list[str], cwd: Path) -> subprocess.Popen:
        with (self._folder / f"{len(self._processes)}.log").open("wb") as log:
            command = [sys.executable, "-m", "dask", *arguments]
            process = subprocess.Popen(command, cwd=cwd, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self._processes.append(process)
        return process


def _whole(text: str) -> bool:
    """Whether a scheduler's file has been written to its end: Dask makes the file first and fills it then."""
    return text.rstrip().endswith("}")
