"""Runs of a former recipe beside those of the current one: named as such, in methods of their own, never tested."""

from __future__ import annotations

import io

import pandas as pd
import pytest

from core.comparison import graphs, sentences
from core.comparison.captions import settings_in_words
from core.comparison.curves import curves
from core.comparison.findings import accuracy_interval, selection_findings
from core.comparison.headline import headline
from core.comparison.methods import as_methods, in_first_race, in_study_order, single_runs
from core.comparison.pairs import comparable_networks, equal_terms
from core.comparison.report import findings_report
from core.comparison.study_findings import declared_family, study_findings, study_methods
from core.comparison.tables import csv_bytes, curves_table, results_table
from core.config import RunConfig, races, terms
from core.misclassified.overlap import method_groups
from tests.core.comparison.test_findings import run, seeds_of

ASSIGNMENT = (("bn", {"l1": 1e-4}), ("gn", {}), ("ln", {}))


def family(seeds: int, **config) -> list:
    """The assignment's three methods on so many seeds."""
    counts = [10 + 2 * seed for seed in range(seeds)]
    return [r for k, (norm, own) in enumerate(ASSIGNMENT) for r in seeds_of(counts, norm, 7 * k, **own, **config)]


@pytest.fixture
def mixed():
    """LN on two seeds of each recipe, and BN on two of the former one."""
    former = [*seeds_of([10, 14], "ln", recipe=1), *seeds_of([50, 51], "bn", recipe=1)]
    return as_methods([*seeds_of([9, 13], "ln"), *former])


def test_seeds_of_two_recipes_are_two_methods(mixed):
    assert [(m.label, m.seeds, m.config.recipe) for m in mixed] == [
        ("LN", (0, 1), 2),
        ("LN (recipe 1)", (0, 1), 1),
        ("BN (recipe 1)", (0, 1), 1),
    ]
    names, groups = method_groups([record for method in mixed for record in method.records])
    assert names == ["LN", "LN (recipe 1)", "BN (recipe 1)"]
    assert groups == [[0, 1], [2, 3], [4, 5]]


def test_only_runs_of_one_recipe_are_tested_against_each_other(mixed):
    ours, theirs, bn = mixed
    assert equal_terms(theirs, bn)
    assert not equal_terms(ours, theirs)
    found = selection_findings(mixed)
    assert [finding.question for finding in found] == [
        "LN (recipe 1) or BN (recipe 1)?",
        "Do LN (recipe 1) and BN (recipe 1) agree within 0.15 points?",
    ]
    assert selection_findings([ours, theirs]) == selection_findings([ours, bn]) == []
    networks = single_runs([run(range(10)), run(range(50), recipe=1)])
    assert not comparable_networks(*networks)
    assert selection_findings(networks) == []


def test_the_headline_names_what_they_differ_in(mixed):
    ours, theirs, _ = mixed
    assert headline([ours, theirs], []).endswith(
        " Whether that is more than chance, these runs cannot say: a test needs the same test images and equal "
        "settings, and either two seeds in common, all finished, or single runs of as many epochs. Only runs on equal "
        "terms are tested against each other: these differ in recipe."
    )
    assert headline(mixed, selection_findings(mixed)).endswith(
        " The test puts LN (recipe 1) 1.92 points above BN (recipe 1). 2 more pairs are not tested. Only "
        "runs on equal terms are tested against each other: these differ in recipe."
    )
    assert "equal terms" not in headline(mixed[1:], selection_findings(mixed[1:]))


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({"lr": 0.2}, "learning rate"),
        ({"batch_size": 64, "precision": "bf16"}, "batch size and precision"),
        ({"augment": False, "recipe": 1, "width": 8}, "augmentation, width and recipe"),
        ({"validation": True, "dataset": "digits", "losses": (0.2, 0.1)}, "epochs, data set and test images"),
    ],
)
def test_whatever_they_differ_in_is_named(other, words):
    pair = single_runs([run(range(10)), run(range(11), "bn", **other)])
    assert headline(pair, selection_findings(pair)).endswith(f"against each other: these differ in {words}.")


def test_every_term_has_a_name():
    assert set(sentences.TERMS) == set(terms(RunConfig(norm="bn")))


def test_settings_say_it_once_for_all_or_leave_it_to_the_names(mixed):
    assert settings_in_words(mixed[1:]) == "MNIST, 3 epochs, batch 128, lr 0.1, seeds 0, 1, recipe 1"
    assert settings_in_words(mixed) == "MNIST, 3 epochs, batch 128, lr 0.1, seeds 0, 1"
    pair = single_runs([run([1], "bn"), run([1], l1=1e-4, recipe=1)])
    assert settings_in_words(pair) == "MNIST, 3 epochs, batch 128, lr 0.1, seed 0; LN + L1 (recipe 1): L1 0.0001"


def test_graphs_name_it(mixed):
    assert [curve.label for curve in curves(mixed, "test_loss")] == ["LN", "LN (recipe 1)", "BN (recipe 1)"]
    figure = graphs.accuracy_figure(mixed)
    legend = [trace.name for trace in figure.data if trace.mode == "lines+markers"]
    assert [text.split(":")[0] for text in legend] == ["LN", "LN (recipe 1)", "BN (recipe 1)"]
    ends = {note.text for note in figure.layout.annotations}
    assert {"LN 99.45 %", "LN (recipe 1) 99.40 %", "BN (recipe 1) 97.47 %"} <= ends
    # ink of another dash tells the two LN apart, too
    assert len({trace.line.dash for trace in figure.data if trace.name and trace.name.startswith("LN")}) == 2
    assert "LN (recipe 1) 99.4 %" in graphs.in_words(mixed, "test_accuracy", "epochs")


def test_tables_name_it(mixed):
    table = results_table(mixed).set_index("Method")
    assert set(table.index) == {"LN", "LN (recipe 1)", "BN (recipe 1)"}
    assert table.loc["LN", "Settings"] == "3 epochs, batch 128, lr 0.1, seeds 0, 1"
    assert table.loc["LN (recipe 1)", "Settings"] == "3 epochs, batch 128, lr 0.1, seeds 0, 1, recipe 1"
    rows = pd.read_csv(io.BytesIO(csv_bytes(curves_table(mixed))))
    assert set(rows["method"]) == set(table.index)


def test_an_accuracy_of_a_former_recipe_is_not_ranked_among_the_others():
    three = single_runs([run(range(40)), run(range(5), recipe=1), run(range(60), "bn")])
    assert results_table(three)["Method"].tolist() == ["LN", "BN", "LN (recipe 1)"]
    # a figure's first line is its lowest
    marks = graphs.interval_figure(three, [accuracy_interval(method) for method in three]).data
    assert list(dict.fromkeys(trace.y[0] for trace in marks)) == ["LN (recipe 1)", "BN", "LN"]


def test_the_report_names_and_explains_it(mixed):
    said = "Recipe 1 is the network and the training of versions up to 0.3."
    text = findings_report(mixed)
    assert said in text
    assert "| LN (recipe 1) |" in text
    assert said not in findings_report(mixed[:1])


def test_the_study_is_of_the_current_recipe_however_many_seeds_a_former_one_has():
    both = as_methods([*family(4, recipe=1), *family(2)])
    assert {m.config.recipe for m in declared_family(both)} == {2}
    assert [m.label for m in declared_family(both)] == ["BN + L1", "GN (4)", "LN"]
    assert {m.config.recipe for m in study_methods(both)} == {2}
    assert not any("recipe" in f.question + f.answer + f.evidence for f in study_findings(both))
    # seeds of both do not make one family
    parts = as_methods([*family(2)[:4], *family(2, recipe=1)[4:]])
    assert declared_family(parts) == study_findings(parts) == []


def test_a_former_study_by_itself_still_says_what_it_said():
    losses = tuple(1 / (epoch + 1) for epoch in range(20))
    then, now = as_methods(family(2, recipe=1, losses=losses)), as_methods(family(2, losses=losses))
    assert [m.label for m in declared_family(then)] == ["BN + L1 (recipe 1)", "GN (4) (recipe 1)", "LN (recipe 1)"]
    found = study_findings(then)
    assert len(found) > 6
    for former, current in zip(found, study_findings(now), strict=True):
        assert former.answer.replace(" (recipe 1)", "") == current.answer
        assert former.verdict == current.verdict
    [published] = [finding for finding in found if "public solution" in finding.answer]
    assert "Here, means: BN + L1 (recipe 1) 99.45, GN (4) (recipe 1) 99.45, LN (recipe 1) 99.45:" in published.answer


def test_in_the_studys_order_the_current_recipe_comes_first():
    every = [config for race in races() for config in race]
    records = [run([1], c.norm, c.seed, l1=c.l1, l2=c.l2, recipe=r) for c in every[:7] for r in (1, 2)]
    ordered = in_study_order(records[::-1])
    assert [(r.config.recipe, r.config.norm, r.config.seed) for r in ordered] == [
        (recipe, c.norm, c.seed) for recipe in (2, 1) for c in every[:7]
    ]
    assert [(r.config.recipe, r.config.norm, r.config.seed) for r in in_first_race(records)] == [
        (2, "bn", 0),
        (2, "gn", 0),
        (2, "ln", 0),
    ]
    assert in_first_race([r for r in records if r.config.recipe == 1]) == []
