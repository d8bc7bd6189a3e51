"""One run as a unit of work: a configuration goes out, the files of its record come back."""

from __future__ import annotations

from collections.abc import Mapping

import torch

from core.config import RunConfig
from core.data import datasets as data
from core.jobs.recorder import Recorder
from core.records.files import RUN_FILE, decode, decode_summary, encode
from core.records.network import check_network
from core.records.record import RecordError, Run
from core.training.loop import train


def run_one(config: RunConfig, *, threads: int = 1, data_root: str | None = None) -> dict[str, bytes]:
    """Train ``config`` to its end on the machine at hand; the files of its record by name, as ``encode`` gives them.

    The numbers are those that the run has in a race with as many threads, on the same kind of processor.
    threads: that torch uses.  data_root: folder of the data sets on that machine (see ``core.data.datasets``).
    Raises ``ConfigError`` and ``DataError`` where there are no fitting data.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        training = train(config, data.load(config.dataset, data_root))
        recorder = Recorder(training, None, threads)
        for event in training:
            recorder.note(event)
    finally:
        torch.set_num_threads(before)  # the thread is another's
    return encode(recorder.record)


def received(files: Mapping[str, bytes], config: RunConfig) -> Run:
    """The run in ``files``, which was asked for as ``config``: its summary alone where no epoch has ended.

    They come from another machine: what a stranger's record is checked for is checked here. Raises ``RecordError``.
    """
    summary = decode_summary(files)
    run = decode(files) if summary.epochs else summary
    check_network(run)
    if run.config != config:
        raise RecordError(f"{RUN_FILE}: is of the run {run.run_id}, but {config.run_id} was asked for")
    return run
