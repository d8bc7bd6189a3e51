"""``lab``: experiments by name, their trials handed out over processes or a cluster, their tables and verdicts."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from core.catalogue import FALLBACK, DatasetName
from core.cli.common import DONE, check_out
from core.cli.drawing import png
from core.cli.readme import check_readme, write_between
from core.cli.streams import json_line, put, quiet_stderr, tell
from core.config import ConfigError
from core.experiments.said import in_one
from core.records.whole_file import write_whole

if TYPE_CHECKING:  # torch comes with these
    from core.experiments.experiment import Experiment, Trial
    from core.experiments.table import Done, Table

MOST_SEEDS = 20
LISTED = "{name:<14} {question}"
OTHER_SETTINGS = (
    "{path} holds {number} of other settings or seeds than this command's; use another folder, or remove the file"
)
VERDICT = "{experiment}: {statement} {answer}. {evidence}"
FIGURE = "lab_{name}.png"
SEEN = "{experiment}: {seen}"


def lab(options: argparse.Namespace) -> int:
    """Run experiments, or list them where none is named."""
    if options.seeds is not None and not 1 <= options.seeds <= MOST_SEEDS:
        raise ConfigError(f"seeds={options.seeds} is out of range; use a whole number from 1 to {MOST_SEEDS}")
    check_out(options.out)
    check_out(options.figures)

    from core.experiments.listed import EXPERIMENTS, experiment
    from core.experiments.report import LAB

    check_readme(options.readme, LAB)

    if not options.names and options.out is None and options.figures is None and options.readme is None:
        for found in EXPERIMENTS:
            put(LISTED.format(name=found.name, question=found.question))
        return DONE
    # a folder without a name is for all of them: the command that makes the shipped tables
    chosen = [experiment(name) for name in dict.fromkeys(options.names)] or list(EXPERIMENTS)
    _run(chosen, options)
    return DONE


def _run(chosen: Sequence[Experiment], options: argparse.Namespace) -> None:
    from core.data import datasets
    from core.experiments.run import run_trial
    from core.jobs.cluster import check_address
    from core.jobs.cores import cores
    from core.jobs.executors import as_completed, open_executor

    if options.dask is not None:
        check_address(options.dask)
    datasets.data_root(options.data_root)  # a file is a bad argument, told before anything runs
    work = [(found, _units(found, options)) for found in chosen]
    tables = {found.name: _kept(found, units, options) for found, units in work}
    left = [trial for found, units in work for trial in tables[found.name].missing(units)]
    if left:
        _bring_data(left, options)
        unit = partial(run_trial, data_root=options.data_root)
        with open_executor(options.dask, cores(), tell=tell) as executor, _Bar(len(left), options.json) as bar:
            for trial, done in as_completed(executor, unit, left, name=lambda trial: trial.experiment):
                tables[trial.experiment] = _with(tables[trial.experiment], trial, done, options)
                bar.update()
    ordered = [(found, _in_order(tables[found.name], units)) for found, units in work]
    for found, table in ordered:
        _tell_verdicts(found, table, options)
        if options.figures is not None:
            _draw(found, table, options)
    if options.readme is not None:
        from core.experiments.report import LAB, lab_report

        write_between(options.readme, LAB, lab_report(ordered))


def _units(found: Experiment, options: argparse.Namespace) -> tuple[Trial, ...]:
    from core.experiments.experiment import FULL_SEEDS, QUICK_SEEDS

    usual = QUICK_SEEDS if options.quick else FULL_SEEDS
    seeds = tuple(range(usual[0], usual[0] + (options.seeds or len(usual))))
    return found.units(seeds, quick=options.quick)


def _kept(found: Experiment, units: Sequence[Trial], options: argparse.Namespace) -> Table:
    """What the folder has of these trials already: an interrupted sweep goes on where it stopped."""
    from core.experiments.table import Table, load

    if options.out is not None:
        path = options.out / f"{found.name}.json"
        if path.exists():
            table = load(path)
            others = len(table.done.keys() - {trial.key for trial in units})
            if others or table.quick != options.quick or table.experiment != found.name:
                number = "1 trial" if others == 1 else f"{others} trials" if others else "trials"
                raise ConfigError(OTHER_SETTINGS.format(path=path, number=number))
            return table
    return Table(found.name, options.quick)


def _bring_data(trials: Sequence[Trial], options: argparse.Namespace) -> None:
    # once, here, with one line where it cannot be had: not by every worker at once
    from core.data import datasets

    if options.dask is None:
        names: list[DatasetName] = [getattr(trial.settings, "dataset", FALLBACK) for trial in trials]
        for name in dict.fromkeys(names):
            datasets.load(name, options.data_root)


def _with(table: Table, trial: Trial, done: Done, options: argparse.Namespace) -> Table:
    from core.experiments.table import Table, save

    table = Table(table.experiment, table.quick, {**table.done, trial.key: done})
    if options.out is not None:
        save(table, options.out)
    if options.json:
        event = {"event": "trial_completed", "experiment": trial.experiment, "seconds": done.seconds}
        put(json_line({**event, "rows": [dict(row) for row in done.rows]}))
    return table


def _in_order(table: Table, units: Sequence[Trial]) -> Table:
    from core.experiments.table import Table

    return Table(table.experiment, table.quick, {trial.key: table.done[trial.key] for trial in units})


def _tell_verdicts(found: Experiment, table: Table, options: argparse.Namespace) -> None:
    from core.experiments.table import save

    if options.out is not None:
        save(table, options.out)  # in the order of the trials, however they came
    for verdict in found.verdicts(table):
        if options.json:
            values = {"statement": verdict.statement, "answer": verdict.answer, "evidence": verdict.evidence}
            put(json_line({"event": "verdict", "experiment": found.name, **values}))
        else:
            answer = verdict.answer[:1].upper() + verdict.answer[1:]
            put(
                VERDICT.format(
                    experiment=found.name, statement=verdict.statement, answer=answer, evidence=verdict.evidence
                )
            )
    if options.json:
        put(json_line({"event": "experiment_completed", "experiment": found.name, "seconds": table.seconds}))
    else:
        put(SEEN.format(experiment=found.name, seen=in_one(found.seen(table))))


def _draw(found: Experiment, table: Table, options: argparse.Namespace) -> None:
    options.figures.mkdir(parents=True, exist_ok=True)
    path = options.figures / FIGURE.format(name=found.name)
    figure = found.picture(table)
    figure.update_layout(template="plotly_white")
    write_whole(path, png(figure, path))
    if not options.json:
        put(str(path))


class _Bar:
    """A progress bar on stderr; with ``--json`` where that is a terminal only."""

    def __init__(self, total: int, json: bool) -> None:
        self._total, self._disable = total, None if json else False
        self._bar: Any = None

    def __enter__(self) -> _Bar:
        from tqdm import tqdm

        with quiet_stderr():
            self._bar = tqdm(total=self._total, unit="trial", dynamic_ncols=True, disable=self._disable)
        return self

    def __exit__(self, *_: object) -> None:
        with quiet_stderr():
            self._bar.close()

    def update(self) -> None:
        """One trial is done."""
        with quiet_stderr():
            self._bar.update()
