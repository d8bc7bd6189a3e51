"""What the experiments make of tables of which only the first trials are done, as while they run or after a stop."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
import torch
from torch import Tensor

from core.data import datasets
from core.experiments.experiment import QUICK_SEEDS, Experiment
from core.experiments.listed import EXPERIMENTS
from core.experiments.partial import of_table
from core.experiments.settings import LabConfig
from core.experiments.table import Done, Table
from core.model import NormNet
from tests.tiny_tables import tiny_table

NO_NUMBER = re.compile(r"\b(nan|inf|None)\b|\{|\}")


@pytest.fixture(scope="module", params=EXPERIMENTS, ids=lambda found: found.name)
def whole(request) -> tuple[Experiment, Table]:
    """An experiment and the table of its quick form, from trainings of a few steps."""
    experiment, data = request.param, datasets.load("mnist-small")
    few = replace(
        data,
        train_images=data.train_images[:700],
        train_labels=data.train_labels[:700],
        test_images=data.test_images[:700],
        test_labels=data.test_labels[:700],
    )
    with pytest.MonkeyPatch.context() as patch:
        if not any(isinstance(trial.settings, LabConfig) for trial in experiment.units(QUICK_SEEDS, quick=True)):
            patch.setattr(NormNet, "forward", guessing)  # nothing is learned there: any answers make its rows
        return experiment, tiny_table(experiment, few, QUICK_SEEDS, quick=True)


def guessing(self: NormNet, x: Tensor) -> Tensor:
    """Logits that are told by the sum of an image."""
    return torch.sin(x.flatten(1).sum(dim=1, keepdim=True) * torch.arange(1, 11))


def first(table: Table, count: int) -> Table:
    return Table(table.experiment, table.quick, dict(list(table.done.items())[:count]))


def test_the_first_trials_are_told_or_passed_over(whole):
    experiment, table = whole
    for count in range(len(table.done) + 1):
        part = first(table, count)
        said = [of_table(function, part) for function in (experiment.seen, experiment.words)]
        for sentence in said:
            assert sentence is None or (sentence and not NO_NUMBER.search(sentence)), (count, sentence)
        assert of_table(experiment.prediction.right, part) in (None, *experiment.prediction.options)
        of_table(experiment.verdicts, part)
        figure = of_table(experiment.picture, part)
        assert count == 0 or figure is not None


def test_the_whole_table_is_told(whole):
    experiment, table = whole
    assert experiment.seen(table)
    assert experiment.words(table)
    assert experiment.prediction.right(table) in experiment.prediction.options
    assert experiment.verdicts(table)


def test_trials_that_came_to_nothing_are_passed_over(whole):
    experiment, table = whole
    empty = {"seed"}
    rows = {
        key: Done(
            tuple(
                {name: None if isinstance(value, float) and name not in empty else value for name, value in row.items()}
                for row in done.rows
            ),
            done.seconds,
        )
        for key, done in table.done.items()
    }
    blank = Table(table.experiment, table.quick, rows)
    for function in (experiment.seen, experiment.words, experiment.prediction.right, experiment.picture):
        of_table(function, blank)


@pytest.mark.parametrize("error", [LookupError, ValueError, TypeError, ZeroDivisionError])
def test_what_rows_are_missing_for_is_none(error):
    def asking(table: Table) -> str:
        raise error

    assert of_table(asking, Table("light", quick=True)) is None


@pytest.mark.parametrize(("said", "kept"), [("nan % of them", False), ("banana and nano", True)])
def test_a_sentence_with_a_number_that_is_none_is_none(said, kept):
    assert (of_table(lambda table: said, Table("light", quick=True)) == said) is kept


def test_a_mistake_of_another_kind_is_raised():
    def asking(table: Table) -> str:
        raise AttributeError

    with pytest.raises(AttributeError):
        of_table(asking, Table("light", quick=True))
