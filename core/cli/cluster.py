"""``study --dask``: the runs of a study on the workers of a Dask scheduler, their records in a folder here."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from functools import partial

from core.cli.common import DONE, Failure
from core.cli.results import result
from core.cli.streams import json_line, put, tell
from core.config import ConfigError, RunConfig
from core.jobs.executors import as_completed, open_executor
from core.jobs.failures import ExecutorError
from core.jobs.one_run import received, run_one
from core.quoting import shortened
from core.records.chance import at_chance
from core.records.record import Run, RunRecord
from core.records.store import RunStore
from core.training.events import RunCompleted

NAME = "{label}, seed {seed}"
PROGRESS = "{done} of {total} runs are done"
KEPT = "{error}; finished runs are kept in {folder}"
STOPPED = "stopped; finished runs are kept in {folder}"
UNREAD = "stopped, since nobody reads the output any more; finished runs are kept in {folder}"
UNWRITTEN = "the output could not be written: {reason}; finished runs are kept in {folder}"
UNFINISHED = "{name}: {message}"
THREADS = 1
"""torch threads of a run where none are named: a worker runs as many at once as it has threads of its own."""


def train_there(configs: Sequence[RunConfig], store: RunStore, options: argparse.Namespace) -> int:
    """Train those of ``configs`` that ``store`` does not have complete, wherever there are workers.

    Each run is kept as it comes. One that diverges is kept as such and named at the end; the others go on.
    """
    left = [config for config in configs if not store.has_complete(config.run_id)]
    if not left:
        return DONE
    show = _Shown(total=len(configs), done=len(configs) - len(left), store=store, json=options.json)
    folder = shortened(store.root)
    root = None if options.data_root is None else str(options.data_root)
    unit = partial(run_one, threads=options.threads or THREADS, data_root=root)
    try:
        with open_executor(options.dask, tell=tell) as executor:
            show.progress()
            try:
                for config, files in as_completed(executor, unit, left, name=_name):
                    run = received(files, config)
                    store.save(run)
                    show.run(run)
            except ExecutorError as error:
                if isinstance(error.__cause__, ConfigError):  # a bad argument, as where it is trained here
                    raise error.__cause__ from error
                raise Failure(KEPT.format(error=error, folder=folder)) from error
    except KeyboardInterrupt:
        raise Failure(STOPPED.format(folder=folder)) from None
    if show.unfinished:
        raise Failure(KEPT.format(error="; ".join(show.unfinished), folder=folder))
    return DONE


def _name(config: RunConfig) -> str:
    return NAME.format(label=config.label, seed=config.seed)


class _Shown:
    """What is said of runs as they come: a line each on stdout, and on stderr how many there are.

    unfinished: a sentence for each run that has come and is not complete.
    """

    def __init__(self, *, total: int, done: int, store: RunStore, json: bool) -> None:
        self.unfinished: list[str] = []
        self._total = total
        self._done = done
        self._store = store
        self._json = json

    def progress(self) -> None:
        """Say how many runs are done; with --json to a person only: a script's stderr gets nothing but errors."""
        if not self._json or sys.stderr.isatty():
            tell(PROGRESS.format(done=self._done, total=self._total))

    def run(self, run: Run) -> None:
        """Say what a run came to."""
        if run.status == "complete" and isinstance(run, RunRecord):
            self._done += 1
            self._put(run)
        else:
            self.unfinished.append(UNFINISHED.format(name=_name(run.config), message=run.message))
        self.progress()

    def _put(self, run: RunRecord) -> None:
        row, chance = run.epochs[-1], at_chance(run.predictions)
        folder = self._store.root / run.run_id
        if not self._json:
            put(result(_name(run.config), row, chance=chance, rate=run.images_per_second, folder=folder))
            return
        event = RunCompleted(
            run_id=run.run_id,
            label=run.label,
            test_accuracy=row.test_accuracy,
            test_loss=row.test_loss,
            train_seconds=sum(row.seconds for row in run.epochs),
            images_per_second=run.images_per_second,
            parameters=run.parameters,
        )
        kept = shortened(self._store.root)
        try:
            print(json_line({**event.to_json(), "at_chance": bool(chance)}), flush=True)
        except BrokenPipeError:
            raise Failure(UNREAD.format(folder=kept)) from None
        except OSError as error:
            raise Failure(UNWRITTEN.format(reason=error.strerror, folder=kept)) from error
