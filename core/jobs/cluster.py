"""A cluster of Dask's as an executor. No other module loads the package ``distributed``.

Dask sends work and results by pickle, and whoever reaches a scheduler or a worker can have it run anything. So both
must be yours, on a network that you trust.

Of the units that a lost worker had, Dask gives each to another one, as often as the scheduler's setting
``allowed-failures`` has it (3). A unit that fails is not run again: it would fail the same way.
"""

from __future__ import annotations

import asyncio
import logging
import platform
import re
from collections.abc import Callable
from concurrent.futures import Executor, Future
from contextlib import suppress
from dataclasses import dataclass, fields
from functools import cache, partial
from hashlib import sha256
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec, TypeVar

import core
from core.config import ConfigError
from core.jobs.failures import ExecutorError, portable
from core.quoting import quoted, shortened

if TYPE_CHECKING:
    from distributed import Client

DISTRIBUTED = "distributed==2026.8.0"
"""What pip is to install for Dask: the version that the tests run with."""
CONNECT_SECONDS = 10
"""How long a scheduler may take to answer."""
CLOSE_SECONDS = 2
"""How long one that has stopped answering may delay the end."""

NOT_AN_ADDRESS = "dask={address} is no address of a scheduler; use tcp://HOST:PORT"
NOT_INSTALLED = "Dask needs the package distributed, which is not installed: pip install {package}"
NO_ANSWER = "no Dask scheduler answers at {address}: {reason}"
SILENT = "what listens at {address} does not answer within {seconds} seconds, as a Dask scheduler would"
LOST = "the connection to the Dask scheduler at {address} is lost"
NO_WORKERS = "waiting for workers: none is connected to {address}"
WORKERS = "workers connected to {address}: {workers}"
NO_CORE = (
    "the Dask scheduler at {address} or a worker of it cannot import this program; start both in the folder of this "
    "clone, with python -m dask"
)
OTHER_VERSION = (
    "the Dask worker on {host} has another version of {what} than this command, so its numbers could differ "
    "({there} there, {here} here); bring both to one version and start the worker again"
)

_ADDRESS = re.compile(r"tcp://(\[[0-9A-Fa-f:]+\]|[A-Za-z0-9._-]+):([0-9]{1,5})")
_GRAPH = "Error during deserialization of the task graph"
"""How a scheduler begins that could not import what a unit needs."""
P = ParamSpec("P")
T = TypeVar("T")


def check_address(address: str) -> None:
    """Raise ``ConfigError`` where ``address`` is not of the form tcp://HOST:PORT."""
    found = _ADDRESS.fullmatch(address)
    if found is None or not 1 <= int(found[2]) <= 65_535:
        raise ConfigError(NOT_AN_ADDRESS.format(address=quoted(address)))


@dataclass(frozen=True)
class Versions:
    """What numbers depend on, of one process.

    torch: its version, without the build.  core: a digest of the source of this package, since two states of it can
    call themselves by one version.
    """

    python: str
    torch: str
    core: str


@cache
def versions() -> Versions:
    """Those of this process; of a worker, as they are when it gets its first unit."""
    digest = sha256()
    folder = Path(core.__file__).parent
    for path in sorted(folder.rglob("*.py")):
        digest.update(path.relative_to(folder).as_posix().encode())
        digest.update(path.read_bytes().replace(b"\r\n", b"\n"))
    python = ".".join(platform.python_version_tuple()[:2])
    return Versions(python, metadata.version("torch").partition("+")[0], f"{core.__version__}-{digest.hexdigest()[:8]}")


def run_there(here: Versions, work: Callable[[], T]) -> T:
    """On a worker: what ``work`` gives, where the worker has the versions of who sent it. Raises ``ExecutorError``."""
    for field in fields(Versions):
        theirs, ours = getattr(versions(), field.name), getattr(here, field.name)
        if theirs != ours:
            raise ExecutorError(OTHER_VERSION.format(host=platform.node(), what=field.name, there=theirs, here=ours))
    try:
        return work()
    except Exception as error:
        raise portable(error) from None


class Cluster(Executor):
    """The workers of the scheduler at ``address``.

    tell: is given a line when no worker is connected, and when there are some again.
    Raises ``ConfigError`` for a malformed address, and ``ExecutorError`` where ``distributed`` is not installed or no
    scheduler answers.
    """

    def __init__(self, address: str, tell: Callable[[str], None]) -> None:
        check_address(address)
        self._address = address
        self._tell = tell
        self._alone = False
        self._client = _connected(address)
        self._executor = self._client.get_executor(pure=False)

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Run ``fn``, of a module, with these arguments on one of the workers."""
        # one object without arguments: Dask would look into those, for results of its own
        return self._executor.submit(partial(run_there, versions(), partial(fn, *args, **kwargs)))

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Take no more work; with ``wait`` return once all is done."""
        self._executor.shutdown(wait and not cancel_futures)

    def stop(self) -> None:
        """Leave the cluster, which drops all that is not done: nobody can interrupt what a worker has begun."""
        with suppress(Exception):
            self._client.close(timeout=CLOSE_SECONDS)

    def look(self) -> None:
        """Tell when there are no workers, and when there are some again.

        Raises ``ExecutorError`` where the scheduler is gone.
        """
        try:
            workers = len(self._client.nthreads())
        except Exception as error:
            raise self.lost() from error
        if self._alone != (not workers):
            self._alone = not workers
            self._tell((NO_WORKERS if self._alone else WORKERS).format(address=self._address, workers=workers))

    def lost(self) -> ExecutorError:
        """Says that the scheduler is gone."""
        return ExecutorError(LOST.format(address=self._address))

    def understood(self, error: BaseException) -> BaseException:
        """``error`` of a unit, or in its place what it says of the cluster."""
        missing = isinstance(error, ModuleNotFoundError) and (error.name or "").partition(".")[0] == core.__name__
        if missing or _GRAPH in str(error):
            return ExecutorError(NO_CORE.format(address=self._address))
        return error


def _connected(address: str) -> Client:
    try:
        from distributed import Client
    except ImportError as error:
        raise ExecutorError(NOT_INSTALLED.format(package=DISTRIBUTED)) from error

    # its logs have tracebacks of what is told here in a sentence
    for name in [name for name in logging.root.manager.loggerDict if name.partition(".")[0] == "distributed"]:
        logging.getLogger(name).handlers = [logging.NullHandler()]
    try:
        asyncio.run(_greet(address))
        return Client(address, timeout=CONNECT_SECONDS, set_as_default=False, name="normlens")
    except TimeoutError as error:
        raise ExecutorError(SILENT.format(address=address, seconds=CONNECT_SECONDS)) from error
    except Exception as error:  # of many kinds, where something else answers
        raise ExecutorError(NO_ANSWER.format(address=address, reason=shortened(error))) from error


async def _greet(address: str) -> None:
    """Exchange greetings: the client would wait for ever for those of somebody who is silent."""
    from distributed.comm.core import connect

    comm = await asyncio.wait_for(connect(address, timeout=CONNECT_SECONDS), 2 * CONNECT_SECONDS)
    await comm.close()
