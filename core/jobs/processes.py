"""An executor whose workers are processes of this machine that can be ended in the middle of a unit.

``concurrent.futures.ProcessPoolExecutor`` waits for what runs; and where one of its processes is ended while it
writes a result, it waits for ever. Here each process has a pipe of its own, and a thread that waits for it.
"""

from __future__ import annotations

import os
import pickle
import signal
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from multiprocessing import get_context, parent_process, resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from typing import ParamSpec, TypeVar

from core.jobs.failures import ProcessEnded, portable

P = ParamSpec("P")
T = TypeVar("T")


class Processes(Executor):
    """``workers`` processes at most, each started when it is needed.

    They are started afresh ('spawn'): a process that is forked while torch has threads can hang. Ctrl-C reaches them
    as it reaches all that a terminal runs: they leave it to their parent, and end when it does, however that is.
    """

    def __init__(self, workers: int) -> None:
        self._threads = ThreadPoolExecutor(workers, "normlens-worker")
        self._own = threading.local()  # a thread's process
        self._lock = threading.Lock()
        self._workers: list[_Worker] = []
        self._stopped = False

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Run ``fn``, of a module, with these arguments in one of the processes."""
        return self._threads.submit(self._run, partial(fn, *args, **kwargs))

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Take no more work; with ``wait`` return once all is done."""
        self._threads.shutdown(wait, cancel_futures=cancel_futures)
        if wait:
            self.stop()

    def stop(self) -> None:
        """End all processes, whatever they are at; what they had begun ends with ``ProcessEnded``."""
        with self._lock:
            self._stopped = True
            for worker in self._workers:
                worker.process.kill()
        self._threads.shutdown(wait=True, cancel_futures=True)
        for worker in self._workers:
            worker.end()

    def _run(self, work: Callable[[], T]) -> T:
        worker: _Worker | None = getattr(self._own, "worker", None)
        if worker is None or not worker.process.is_alive():
            worker = self._own.worker = self._start()
        return worker.run(work)

    def _start(self) -> _Worker:
        with self._lock:
            if self._stopped:
                raise ProcessEnded(None)
            worker = _Worker()
            self._workers.append(worker)
        return worker


class _Worker:
    """A process, and this end of its pipe. Made in a thread that is no process's main one."""

    def __init__(self) -> None:
        context = get_context("spawn")
        self._connection, theirs = context.Pipe()
        self.process: SpawnProcess = context.Process(target=_serve, args=(theirs,), daemon=True)
        if hasattr(signal, "pthread_sigmask"):
            # a child inherits what is blocked: an interrupt while it imports would print a traceback
            resource_tracker.ensure_running()  # its start would lift the block
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        self.process.start()
        theirs.close()

    def run(self, work: Callable[[], T]) -> T:
        """What ``work`` gives in the process; raises what it raises, and ``ProcessEnded``."""
        call = pickle.dumps(work)
        try:
            self._connection.send_bytes(call)
            returned, outcome = pickle.loads(self._connection.recv_bytes())
        except (EOFError, OSError):
            self.process.join()
            raise ProcessEnded(self.process.exitcode) from None
        if not returned:
            raise outcome
        return outcome

    def end(self) -> None:
        """Wait for the end of a process that was killed, and close its pipe."""
        self.process.join()
        self._connection.close()


def _serve(connection: Connection) -> None:
    """In the process: one piece of work after the other, until the parent closes the pipe."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    with suppress(EOFError, OSError):
        while True:
            connection.send_bytes(_outcome(connection.recv_bytes()))


def _outcome(call: bytes) -> bytes:
    try:
        return pickle.dumps((True, pickle.loads(call)()))
    except Exception as error:
        return pickle.dumps((False, portable(error)))


def _end_with_parent() -> None:
    parent = parent_process()
    assert parent is not None  # this is not the first process
    wait([parent.sentinel])
    os._exit(1)  # also from the middle of torch: there is nobody left to give the result to
