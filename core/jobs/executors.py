"""Work that is handed out, a unit at a time: to processes of this machine, or to a cluster of Dask's.

    with open_executor(address) as executor:
        for config, files in as_completed(executor, run_one, configs):
            ...

Both are a ``concurrent.futures.Executor``. A unit is a function of a module and one argument, so that it can travel;
what it gives does not depend on where it runs, as long as it sets its own number of torch threads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from contextlib import contextmanager
from typing import TypeVar

from core.jobs.cluster import Cluster
from core.jobs.failures import ExecutorError, explained
from core.jobs.processes import Processes
from core.quoting import shortened

AHEAD = 64
"""Units in flight at most: more than most clusters run at once, and few enough for all their results to be kept."""
LOOK_SECONDS = 1.0
"""How often one who waits for results of a cluster looks whether anyone works on them."""
T = TypeVar("T")
R = TypeVar("R")


@contextmanager
def open_executor(
    address: str | None, workers: int = 1, *, tell: Callable[[str], None] = lambda line: None
) -> Iterator[Executor]:
    """What runs units: ``workers`` processes of this machine, or the workers of the Dask scheduler at ``address``.

    One local worker is a process, too: nothing stops a unit half way, but a process can be ended. All work ends with
    the block: local processes in the middle of a unit; what a Dask worker has begun runs on there, since nobody can
    interrupt it, and its result is dropped. Dask sends by pickle: see ``core.jobs.cluster`` on whom to trust.

    tell: is given a line when no Dask worker is connected, and when there are some again.
    Raises ``ConfigError`` for an address that is not tcp://HOST:PORT, and ``ExecutorError`` where ``distributed`` is
    not installed or no scheduler answers.
    """
    executor = Processes(workers) if address is None else Cluster(address, tell)
    try:
        yield executor
    finally:
        executor.stop()


def as_completed(
    executor: Executor,
    function: Callable[[T], R],
    items: Sequence[T],
    ahead: int = AHEAD,
    *,
    name: Callable[[T], str] = str,
) -> Iterator[tuple[T, R]]:
    """Each item with what ``function`` gives for it, as they come; at most ``ahead`` of them are in flight.

    Where a unit fails, no other is begun; what the local processes are at still comes; then ``ItemError`` is raised
    with the item's ``name``. A cluster cannot tell what it has begun, so there the rest is dropped. Closing the
    iterator cancels what has not begun. Raises ``ExecutorError`` where the cluster itself is lost.
    """
    left = iter(items)
    flying: dict[Future[R], T] = {}
    failed: ExecutorError | None = None
    try:
        while True:
            while failed is None and len(flying) < max(1, ahead):
                try:
                    item = next(left)
                except StopIteration:
                    break
                flying[executor.submit(function, item)] = item
            if not flying:
                break
            done, _ = wait(flying, timeout=LOOK_SECONDS, return_when=FIRST_COMPLETED)
            if not done and isinstance(executor, Cluster):
                executor.look()
            for future in [future for future in flying if future in done]:
                if future not in flying:  # it was cancelled, as the others were
                    continue
                item = flying.pop(future)
                error = _error(executor, future)
                if error is None:
                    yield item, future.result()
                elif failed is None:  # what comes after it is cancelled
                    failed = explained(error, item, shortened(name(item)))
                    _cancel(flying)
    finally:
        _cancel(flying)
    if failed is not None:
        raise failed


def _cancel(flying: dict[Future[R], T]) -> None:
    """Leave only what runs and cannot be cancelled."""
    for future in list(flying):
        if future.cancel():
            del flying[future]


def _error(executor: Executor, future: Future[R]) -> BaseException | None:
    cluster = executor if isinstance(executor, Cluster) else None
    if future.cancelled():
        return cluster.lost() if cluster else ExecutorError("the work was cancelled")
    error = future.exception()
    return cluster.understood(error) if cluster and error else error
