"""The commands that train: ``train``, ``race`` and ``study``. torch comes once all arguments are known to be right."""

from __future__ import annotations

import argparse
import tempfile
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from core.cli.common import DONE, Failure, check_out, no_threads_left, until_done
from core.cli.results import result
from core.cli.streams import json_line, put, quiet_stderr
from core.config import PRECISIONS, ConfigError, RunConfig, preset
from core.config import races as study_races
from core.quoting import quoted, shortened
from core.training.events import BatchDone, EpochDone, Event, RunCompleted, RunStarted

if TYPE_CHECKING:  # torch comes with these
    from core.jobs.race import Race
    from core.jobs.snapshots import RaceSnapshot
    from core.records.store import RunStore


def _shared_fields(options: argparse.Namespace) -> dict[str, Any]:
    names = ("epochs", "batch_size", "lr", "seed", "dataset", "augment", "validation")
    fields = {name: getattr(options, name) for name in names}
    # "auto" asks the processor, by way of torch: _run does that once all else is known to be right
    if options.precision not in ("auto", *PRECISIONS):
        raise ConfigError(f"precision={quoted(options.precision)} is unknown; use one of auto, {', '.join(PRECISIONS)}")
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
    if options.dask is not None:
        return _study_on_cluster([config for race in study_races(**fields) for config in race], options)
    every = study_races(**fields)
    for variants in every:
        _run(variants, options, again=False, side_by_side=max(map(len, every)))
    return DONE


def _study_on_cluster(configs: Sequence[RunConfig], options: argparse.Namespace) -> int:
    """The study's runs one by one, where Dask has workers; what is finished is left alone as well."""
    from core.jobs.cluster import check_address

    _check(options)
    check_address(options.dask)

    from core.cli.cluster import train_there

    return train_there(_with_precision(configs, options), _store(options), options)


def _check(options: argparse.Namespace) -> None:
    if options.threads is not None and not 1 <= options.threads <= 256:
        raise ConfigError(f"threads={options.threads} is out of range; use a whole number from 1 to 256")
    check_out(options.out)


def _with_precision(configs: Sequence[RunConfig], options: argparse.Namespace) -> Sequence[RunConfig]:
    from core.model import fastest_precision

    if options.precision != "auto":
        return configs
    return [replace(config, precision=fastest_precision()) for config in configs]


def _run(
    configs: Sequence[RunConfig], options: argparse.Namespace, *, again: bool = True, side_by_side: int = 0
) -> int:
    """Train ``configs`` as one race. side_by_side: share out the cores as for so many variants, if there are fewer."""
    _check(options)

    from core.data import datasets as data
    from core.jobs.cores import threads_each
    from core.jobs.race import Race

    configs = _with_precision(configs, options)
    data.data_root(options.data_root)  # a file is a bad argument, told before anything is loaded
    store = _store(options)
    # of all variants, also where some are there already: another number of threads is as another seed
    threads = options.threads or threads_each(max(len(configs), side_by_side))
    if not again:
        configs = [config for config in configs if not store.has_complete(config.run_id)]
        if not configs:
            return DONE
    progress = _JsonLines(configs) if options.json else _Bars(configs)
    race = Race(configs, store=store, threads=threads, on_event=progress.see)
    with no_threads_left():
        images = data.load(configs[0].dataset, options.data_root)
    progress.stop, progress.snapshot = race.cancel, race.snapshot
    with progress:
        ended = until_done(lambda: race.run(lambda name, report: (images, "")), race.cancel)
    if race.error is not None and isinstance(race.error, ConfigError):
        raise race.error
    if not options.json:
        _put_results(race, store)
    _check_end(race, store, interrupted=ended.interrupted, lost=progress.lost)
    return DONE


def _store(options: argparse.Namespace) -> RunStore:
    from core.jobs.limits import limits
    from core.records.store import RunStore

    # a folder that someone names is theirs: nothing in it is dropped
    store = RunStore(options.out, keep=None if options.out is not None else limits().keep_runs)
    store.root.mkdir(parents=True, exist_ok=True)  # a folder that cannot be had is told before an epoch is spent
    with tempfile.TemporaryDirectory(prefix=".probe-", dir=store.root):
        pass  # and one that cannot be written
    return store


def _put_results(race: Race, store: RunStore) -> None:
    """Say how each variant of a race that has ended did, on a line each; nothing where it failed."""
    if race.snapshot().status == "failed":  # then its records may be missing
        return
    for variant in race.snapshot().variants:
        if not variant.rows:
            continue
        row = variant.rows[-1]
        folder = store.root / variant.run_id
        put(result(variant.label, row, chance=variant.chance, rate=variant.images_per_second, folder=folder))


def _check_end(race: Race, store: RunStore, *, interrupted: bool, lost: OSError | None) -> None:
    """Raise ``Failure`` unless all variants are complete and nothing came in between.

    interrupted: whether a signal came, be it after the last event.  lost: why an event could not be printed.
    """
    end = race.snapshot()
    if end.status == "failed":
        raise Failure(end.message)
    short = [v for v in end.variants if v.status != "complete"]
    kept = f"; finished epochs are kept in {shortened(store.root)}" if any(v.rows for v in end.variants) else ""
    if isinstance(lost, BrokenPipeError):
        raise Failure(f"stopped, since nobody reads the output any more{kept}")
    if lost is not None:
        raise Failure(f"the output could not be written: {lost.strerror}{kept}")
    if short:
        raise Failure("; ".join(f"{v.label}: {v.message or 'stopped before it began'}" for v in short) + kept)
    if interrupted:
        raise Failure(f"stopped{kept}")


class _Bars:
    """A progress bar a variant on stderr, with the last epoch's test accuracy."""

    only_on_a_terminal = False

    def __init__(self, configs: Sequence[RunConfig]) -> None:
        self.lost: OSError | None = None
        """Why an event could not be printed; the race is stopped then."""
        self.stop: Callable[[], None] = lambda: None
        self.snapshot: Callable[[], RaceSnapshot] | None = None
        """Gives the race as it stands."""
        width = max(len(config.label) for config in configs)
        self._names = [f"{config.label:<{width}}" for config in configs]
        self._bars: dict[int, Any] = {}

    def __enter__(self) -> None: ...

    def __exit__(self, *_: object) -> None:
        with quiet_stderr():
            for bar in self._bars.values():
                bar.close()

    def see(self, variant: int, event: Event) -> None:
        """Show one event of a variant."""
        with quiet_stderr():  # a bar that nobody sees is no reason to stop
            self._show(variant, event)

    def _show(self, variant: int, event: Event) -> None:
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
        bar = self._bars.get(variant)
        if bar is None:  # it could not even be begun
            return
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
        """Print one event of a variant."""
        line = json_line({**event.to_json(), **self._added(variant, event)})
        with self._lock:  # the variants of a race speak at once
            try:
                if self.lost is None:
                    print(line, flush=True)
            except OSError as error:
                self.lost = error
                self.stop()
        super().see(variant, event)

    def _added(self, variant: int, event: Event) -> dict[str, bool]:
        """What the event of a run's end does not tell: whether its network answers at chance level."""
        if not isinstance(event, RunCompleted) or self.snapshot is None:
            return {}
        return {"at_chance": bool(self.snapshot().variants[variant].chance)}
