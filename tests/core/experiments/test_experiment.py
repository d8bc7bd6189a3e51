"""The judge's rule with each of its answers, the key that names a trial, and an experiment's verdicts."""

import json
import math
import pickle
from dataclasses import dataclass, replace

import plotly.graph_objects as go
import pytest

from core.experiments.experiment import (
    FULL_SEEDS,
    QUICK_SEEDS,
    RULE,
    Check,
    Context,
    Experiment,
    Prediction,
    Source,
    Trial,
    Verdict,
    judge,
)
from core.experiments.settings import LabConfig
from core.experiments.table import Done, Table

YES, NO, OPPOSITE = "reproduced", "not at this scale", "contradicted"


@pytest.mark.parametrize(
    ("differences", "margin", "answer"),
    [
        ({3: 10.1, 4: 50.0}, 10, YES),
        ({3: 10.0, 4: 50.0}, 10, NO),  # the margin itself is not above it
        ({3: math.nextafter(10, 11)}, 10, YES),
        ({3: 9.0, 4: 50.0}, 10, NO),  # one seed is enough to doubt
        ({3: -10.1, 4: -50.0}, 10, OPPOSITE),
        ({3: -10.0, 4: -50.0}, 10, NO),
        ({3: -50.0, 4: 50.0}, 10, NO),
        ({3: 0.0}, 0, NO),
        ({3: 1e-9}, 0, YES),
        ({3: -1e-9}, 0, OPPOSITE),
        ({3: math.nan, 4: 50.0}, 10, NO),
        ({3: math.nan}, 0, NO),
        ({3: math.inf, 4: 11.0}, 10, YES),
        ({3: -math.inf}, 10, OPPOSITE),
    ],
)
def test_the_rule(differences, margin, answer):
    assert judge(differences, margin) == answer


def test_without_a_seed_there_is_nothing_to_judge():
    with pytest.raises(ValueError, match="there is no seed to judge by"):
        judge({}, 1)


def test_another_margin_is_another_answer():
    differences = {3: 12.0, 4: 20.0}
    assert [judge(differences, margin) for margin in (11.9, 12.0, 25)] == [YES, NO, NO]


def test_the_key_of_a_trial_is_the_canonical_text_of_its_settings():
    @dataclass(frozen=True)
    class Small:
        seed: int
        lr: float
        name: str

    trial = Trial("light", Small(seed=3, lr=1e-4, name="a b"))
    assert trial.key == '{"lr":0.0001,"name":"a b","seed":3}'
    assert Trial("depth", Small(seed=3, lr=1e-4, name="a b")).key == trial.key  # within its experiment
    assert Trial("light", Small(seed=3, lr=2e-4, name="a b")).key != trial.key


def test_the_key_is_the_same_after_a_journey():
    trial = Trial("light", LabConfig(norm="gn", seed=5, lr=0.0125))
    there = pickle.loads(pickle.dumps(trial))  # as a process pool sends it
    assert there == trial
    assert there.key == trial.key
    assert json.dumps(json.loads(trial.key), sort_keys=True, separators=(",", ":")) == trial.key
    # a field that does not apply is brought to one form, and so is one trial
    assert Trial("light", LabConfig(norm="bn", groups=8)).key == Trial("light", LabConfig(norm="bn", groups=2)).key


def test_a_key_names_every_field():
    trial = Trial("light", LabConfig(norm="bn"))
    for change in ({"seed": 1}, {"lr": 0.02}, {"pooled": True}, {"order": "one class"}, {"norm": "ln"}):
        assert Trial("light", replace(trial.settings, **change)).key != trial.key, change


def rise(table: Table) -> dict[int, float]:
    return table.difference("error", {"on": True}, {"on": False})


EXPERIMENT = Experiment(
    name="small",
    title="Small",
    question="Is it?",
    claim="It is.",
    source=Source(paper="Wu and He, 2018", arxiv="1803.08494"),
    prediction=Prediction(question="Is it?", options=("yes", "no"), right=lambda table: "yes"),
    trials=lambda seeds, quick: [LabConfig(norm="bn", seed=seed, images=10 if quick else 20) for seed in seeds],
    measure=lambda settings, context: [{"seed": settings.seed}],
    picture=lambda table: go.Figure(),
    words=lambda table: "",
    seen=lambda table: "",
    checks=(Check(statement="It rises", margin=2, difference=rise),),
    terms="",
    reduced="",
)


def table(**rises: float) -> Table:
    rows = []
    for name, value in rises.items():
        seed = int(name[1:])
        rows += [{"seed": seed, "on": False, "error": 1.0}, {"seed": seed, "on": True, "error": 1.0 + value}]
    return Table("small", False, {"{}": Done(tuple(rows), 1.0)})


def test_units_are_the_trials_by_name():
    units = EXPERIMENT.units(FULL_SEEDS, quick=False)
    assert [(unit.experiment, unit.settings.seed, unit.settings.images) for unit in units] == [
        ("small", seed, 20) for seed in (3, 4, 5, 6, 7)
    ]
    assert [unit.settings.images for unit in EXPERIMENT.units(QUICK_SEEDS, quick=True)] == [10]


def test_settings_were_chosen_on_other_seeds_than_those_that_are_judged():
    assert set(FULL_SEEDS).isdisjoint(range(3))


@pytest.mark.parametrize(
    ("rises", "answer", "evidence", "measured"),
    [
        (
            {"s4": 12.3456, "s3": 2.5},
            YES,
            "By seed: +2.5 (seed 3), +12.3 (seed 4) points.",
            (" in every seed.", "Measured: from +2.5 to +12.3."),
        ),
        (
            {"s3": 2.0, "s4": 12.0},
            NO,
            "By seed: +2 (seed 3), +12 (seed 4) points.",
            (" in every seed.", "Measured: from +2 to +12."),
        ),
        ({"s3": -2.5}, OPPOSITE, "By seed: -2.5 (seed 3) points.", (".", "Measured: -2.5.")),
    ],
)
def test_a_verdict_has_its_rule_and_its_evidence(rises, answer, evidence, measured):
    assert EXPERIMENT.verdicts(table(**rises)) == (
        Verdict(
            statement="It rises.",
            answer=answer,
            rule=RULE.format(margin="2", unit="points"),
            evidence=evidence,
            asked=f"Asked for: more than 2 points{measured[0]}",
            measured=measured[1],
        ),
    )


def test_a_changed_margin_changes_the_verdict():
    (check,) = EXPERIMENT.checks
    other = replace(EXPERIMENT, checks=(replace(check, margin=3),))
    assert [e.verdicts(table(s3=2.5))[0].answer for e in (EXPERIMENT, other)] == [YES, NO]
    assert "above 3 points" in other.verdicts(table(s3=2.5))[0].rule


def test_a_source_has_a_page():
    assert EXPERIMENT.source.url == "https://arxiv.org/abs/1803.08494"


def test_a_context_needs_nobody_to_listen():
    assert Context(data=lambda name: None).tell(0.5) is None
