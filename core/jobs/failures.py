"""What goes wrong with work that is handed out, as a sentence that names the unit."""

from __future__ import annotations

import pickle
import traceback

from core.config import ConfigError
from core.data.download import DataError
from core.quoting import shortened

PROCESS_ENDED = "{item}: the process that ran it ended with status {status}; was it killed, or short of memory?"
WORKERS_ENDED = "{item}: one Dask worker after the other ended while it ran it; were they killed, or short of memory?"
TOLD = "{item}: {error}"
BROKEN = "{item}: stopped on an error: {kind}: {error}"


class ExecutorError(RuntimeError):
    """Work could not be handed out, or is lost. The message is one sentence."""


class ItemError(ExecutorError):
    """A unit failed. The message names its item; ``__cause__`` is what the unit raised.

    item: what the unit was called with.
    """

    def __init__(self, message: str, item: object = None) -> None:
        super().__init__(message)
        self.item = item


class ProcessEnded(Exception):
    """The process that ran a unit is gone, and with it the unit. status: as ``multiprocessing`` has it."""

    def __init__(self, status: int | None) -> None:
        super().__init__(status)
        self.status = status


class NotSent(Exception):
    """Stands for an error of a unit that cannot travel. kind: the name of its class."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(kind, message)
        self.kind = kind

    def __str__(self) -> str:
        return str(self.args[1])


def portable(error: Exception) -> Exception:
    """``error``, or what stands for it where it cannot be sent to another process; its traceback as a note."""
    try:
        back = pickle.loads(pickle.dumps(error))
        sent = error if type(back) is type(error) and str(back) == str(error) else None
    except Exception:  # a class that needs other arguments, or holds what cannot be pickled
        sent = None
    result = sent or NotSent(type(error).__name__, shortened(error))
    result.add_note("".join(traceback.format_exception(error)))
    return result


def explained(error: BaseException, item: object, name: str) -> ExecutorError:
    """``error`` of the unit of an item, as a sentence; the error itself is its cause."""
    found: ExecutorError
    kind = error.kind if isinstance(error, NotSent) else type(error).__name__
    if isinstance(error, ExecutorError):
        return error
    if isinstance(error, ProcessEnded):
        found = ItemError(PROCESS_ENDED.format(item=name, status=error.status), item)
    elif kind == "KilledWorker":  # a class of distributed, which may not be there
        found = ItemError(WORKERS_ENDED.format(item=name), item)
    elif isinstance(error, ConfigError | DataError):  # these are sentences
        found = ItemError(TOLD.format(item=name, error=error), item)
    else:
        found = ItemError(BROKEN.format(item=name, kind=kind, error=shortened(error)), item)
    found.__cause__ = error
    return found
