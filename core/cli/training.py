"""The commands that train: ``train``, ``race`` and ``study``. torch comes once all arguments are known to be right."""

from __future__ import annotations

import argparse
import json
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from core.cli.common import DONE, Failure, check_out, sigterm_interrupts, until_done
from core.config import ConfigError, RunConfig, preset
from core.config import races as study_races
from core.training.events import BatchDone, EpochDone, Event, RunStarted

if TYPE_CHECKING:  # torch comes with these
    from core.jobs.snapshots import RaceSnapshot
    from core.records.store import RunStore


def _shared_fields(options: argparse.Namespace) -> dict[str, Any]:
    names = ("epochs", "batch_size", "lr", "seed", "dataset", "augment", "validation")
    fields = {name: getattr(options, name) for name in names}
    # "auto" asks the processor, by way of torch: _run does that once all else is known to be right
    return fields if options.precision == "auto" else {**fields, "precision": options.precision}


def train(options: argparse.Namespace) -> int:
    """One variant."""
    config = RunConfig(
        norm=options.norm, groups=options.groups, l1=options.l1, l2=options.l2, **_shared_fields(options)
    )
    return _run([config], options)


def race(options: argparse.Namespace) -> int:
    """The variants of a preset side by side."""
    return _run(preset(options.preset, **_shared_fields(options)), options)


def study(options: argparse.Namespace) -> int:
    """Every method on all its seeds; what is finished in the folder already is left alone."""
    if options.seed:
        raise ConfigError(f"seed={options.seed} cannot be chosen here; the study has seeds of its own")
    fields = _shared_fields(options)
    del fields["seed"]
    for variants in study_races(**fields):
        _run(variants, options, again=False)
    return DONE


def _run(configs: Sequence[RunConfig], options: argparse.Namespace, *, again: bool = True) -> int:
    if options.threads is not None and not 1 <= options.threads <= 256:
        raise ConfigError(f"threads={options.threads} is out of range; use a whole number from 1 to 256")
    check_out(options.out)

    from core.data import datasets as data
    from core.jobs.race import Race, threads_each
    from core.model import fastest_precision

    if options.precision == "auto":
        configs = [replace(config, precision=fastest_precision()) for config in configs]

    data.data_root(options.data_root)  # a file is a bad argument, told before anything is loaded
    store = _store(options)
    # of all variants, also where some are there already: the number of threads changes the last digits
    threads = options.threads or threads_each(len(configs))
    if not again:
        configs = [config for config in configs if not store.has_complete(config.run_id)]
        if not configs:
            return DONE
    progress = _JsonLines(configs) if options.json else _Bars(configs)
    race = Race(configs, store=store, threads=threads, on_event=progress.see)
    with sigterm_interrupts():  # here, where a download can be interrupted
        images = data.load(configs[0].dataset, options.data_root)
    with progress:
        end = until_done(lambda: race.run(lambda name, report: (images, "")), race.cancel)
    if end.status == "failed" and isinstance(race.error, ConfigError):
        raise race.error
    return _report(end, store, aloud=not options.json)


def _store(options: argparse.Namespace) -> RunStore:
    from core.jobs.limits import limits
    from core.records.store import RunStore

    # a folder that someone names is theirs: nothing in it is dropped
    store = RunStore(options.out, keep=None if options.out is not None else limits().keep_runs)
    store.root.mkdir(parents=True, exist_ok=True)  # a folder that cannot be had is told before an epoch is spent
    with tempfile.TemporaryDirectory(prefix=".probe-", dir=store.root):
        pass  # and one that cannot be written
    return store


def _report(end: RaceSnapshot, store: RunStore, *, aloud: bool) -> int:
    """Say how a race ended, each variant on a line; the status of the command where all are complete."""
    if end.status == "failed":
        raise Failure(end.message)
    for variant in end.variants if aloud else ():
        if variant.rows:
            row = variant.rows[-1]
            print(
                f"{variant.label}: test accuracy {row.test_accuracy:.2f} %, test loss {row.test_loss:.4f} "
                f"after {row.epoch} epochs; {variant.images_per_second:,.0f} images/s; "
                f"record in {store.root / variant.run_id}"
            )
    short = [v for v in end.variants if v.status != "complete"]
    if short:
        kept = f"; finished epochs are kept in {store.root}" if any(v.rows for v in short) else ""
        raise Failure("; ".join(f"{v.label}: {v.message or 'stopped before it began'}" for v in short) + kept)
    return DONE


class _Bars:
    """A progress bar a variant on stderr, with the last epoch's test accuracy."""

    only_on_a_terminal = False

    def __init__(self, configs: Sequence[RunConfig]) -> None:
        width = max(len(config.label) for config in configs)
        self._names = [f"{config.label:<{width}}" for config in configs]
        self._bars: dict[int, Any] = {}

    def __enter__(self) -> None: ...

    def __exit__(self, *_: object) -> None:
        for bar in self._bars.values():
            bar.close()

    def see(self, variant: int, event: Event) -> None:
        if isinstance(event, RunStarted):  # not before: where there is no data, there is no bar
            from tqdm import tqdm

            name, total = self._names[variant], event.batches * event.epochs
            self._bars[variant] = tqdm(
                desc=name,
                total=total,
                unit="batch",
                position=variant,
                mininterval=0.2,
                dynamic_ncols=True,
                disable=None if self.only_on_a_terminal else False,  # None: tqdm looks itself
            )
        bar = self._bars[variant]
        if isinstance(event, BatchDone):
            bar.update()
        elif isinstance(event, EpochDone):
            bar.set_postfix_str(f"epoch {event.epoch}: test {event.test_accuracy:.2f} %")


class _JsonLines(_Bars):
    """One event a line on stdout, the last line of a run being its ``run_completed``.

    The bars show where stderr is a terminal; a script that reads stderr gets nothing but errors.
    """

    only_on_a_terminal = True

    def __init__(self, configs: Sequence[RunConfig]) -> None:
        super().__init__(configs)
        self._lock = threading.Lock()

    def see(self, variant: int, event: Event) -> None:
        with self._lock:  # the variants of a race speak at once
            print(json.dumps(event.to_json()), flush=True)
        super().see(variant, event)
