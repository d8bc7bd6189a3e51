"""Which runs may be tested against each other."""

from __future__ import annotations

import pytest

from core.comparison.findings import compare, network_findings, selection_findings
from core.comparison.methods import Method, as_methods, single_runs
from core.comparison.pairs import comparable, comparable_networks, equal_terms
from core.config import OF_THE_METHOD, RunConfig, terms
from tests.core.comparison.test_findings import run, seeds_of

OTHER_TERMS = {
    "epochs": 4,
    "batch_size": 64,
    "lr": 0.05,
    "dataset": "fashion-mnist",
    "augment": False,
    "width": 8,
    "precision": "bf16",
    "validation": True,
    "recipe": 1,
}


def test_every_field_is_the_methods_own_or_a_term():
    assert set(terms(RunConfig(norm="bn"))) == set(OTHER_TERMS)
    assert set(OF_THE_METHOD) == {"norm", "groups", "l1", "l2"}


@pytest.mark.parametrize(("name", "value"), OTHER_TERMS.items(), ids=OTHER_TERMS)
def test_what_was_trained_on_other_terms_is_not_tested(name, value):
    """As methods over seeds, and as networks."""
    ours, theirs = seeds_of([10, 11], "ln"), seeds_of([50, 51], "bn", **{name: value})
    pair = as_methods([*ours, *theirs])
    assert not equal_terms(*pair)
    assert not comparable(*pair)
    assert selection_findings(pair) == []
    with pytest.raises(ValueError, match="were not trained and tested on equal terms"):
        compare([tuple(pair)])
    networks = single_runs([ours[0], theirs[0]])
    assert not comparable_networks(*networks)
    assert network_findings([tuple(networks)]) == selection_findings(networks) == []


def test_what_makes_the_method_may_differ():
    pair = as_methods([*seeds_of([10, 11], "gn", groups=2, l1=1e-4), *seeds_of([50, 51], "gn", groups=8, l2=1e-4)])
    assert equal_terms(*pair)
    assert comparable(*pair)


def ended(norm, status, epochs) -> object:
    """A run that was to take three epochs."""
    record = run(range(10), norm).changed(status=status)
    return record.changed(epochs=record.epochs[:epochs])


@pytest.mark.parametrize(
    ("first", "second", "tested"),
    [
        (("complete", 3), ("complete", 3), True),
        (("complete", 3), ("running", 3), False),
        (("running", 2), ("running", 2), False),
        (("interrupted", 2), ("interrupted", 2), True),
        (("interrupted", 2), ("interrupted", 1), False),
        (("complete", 3), ("interrupted", 2), False),
        (("complete", 3), ("diverged", 2), False),
        (("diverged", 2), ("diverged", 2), False),
    ],
)
def test_only_networks_that_came_to_rest_after_as_many_epochs_are_tested(first, second, tested):
    pair = single_runs([ended("ln", *first), ended("bn", *second)])
    assert comparable_networks(*pair) == comparable_networks(*reversed(pair)) == tested
    assert len(network_findings([tuple(pair)])) == len(selection_findings(pair)) == tested


@pytest.mark.parametrize("status", ["running", "interrupted", "diverged"])
def test_a_method_with_a_run_that_is_not_complete_is_not_tested(status):
    ln, bn = as_methods([*seeds_of([10, 11], "ln"), *seeds_of([50, 51], "bn")])
    unfinished = Method(bn.label, (bn.records[0], bn.records[1].changed(status=status)))
    assert comparable(ln, bn)
    assert not equal_terms(ln, unfinished)
    assert not comparable(ln, unfinished)
    assert selection_findings([ln, unfinished]) == []


def test_networks_on_other_seeds_are_still_networks():
    assert comparable_networks(*single_runs([run(range(10), "ln", 0), run(range(10), "bn", 1)]))
    method, single = as_methods([*seeds_of([10, 11], "ln"), run(range(10), "bn")])
    assert not comparable_networks(method, single)
    assert not comparable(method, single)
