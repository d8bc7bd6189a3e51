"""What the page says around a table, sentence by sentence."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.experiments.experiment import Source, Verdict
from core.experiments.listed import EXPERIMENTS
from core.experiments.sweep import SweepSnapshot
from core.experiments.table import Done, Table
from core.experiments.words import cost, counted, headline, judged, not_borne_out, outcome, source_in_words


@pytest.mark.parametrize(
    ("said", "right", "sentence"),
    [
        ("Much larger", "Much larger", "You said: **Much larger**. And so it was."),
        ("In neither.", "In both.", "You said: **In neither**. It was: **In both**."),
        ("In neither.", "", "You said: **In neither**."),
        ("", "In both.", "It was: **In both**."),
        ("", "", ""),
    ],
)
def test_a_prediction_beside_what_was_measured(said, right, sentence):
    assert outcome(said, right) == sentence


@pytest.mark.parametrize(
    ("place", "published", "after"),
    [
        ("Table 2", "34.7 % at 2.", ", Table 2: 34.7 % at 2."),
        ("Table 2", "", ", Table 2."),
        ("", "34.7 % at 2.", ": 34.7 % at 2."),
        ("", "", "."),
    ],
)
def test_a_source(place, published, after):
    source = Source(paper="Wu and He 2018", arxiv="1803.08494", place=place, published=published)
    assert source_in_words(source) == f"[Wu and He 2018](https://arxiv.org/abs/1803.08494){after}"


def test_a_source_without_a_figure_says_so_and_names_the_claim_that_comes_closest():
    source = Source(paper="Ioffe 2017", arxiv="1702.03275", place="Abstract", closest="BN does worse.")
    assert source_in_words(source) == (
        "[Ioffe 2017](https://arxiv.org/abs/1702.03275), Abstract. No paper that we know of gives a figure for exactly "
        "this. BN does worse."
    )


@pytest.mark.parametrize("experiment", EXPERIMENTS, ids=lambda e: e.name)
def test_every_experiment_has_a_published_figure_or_says_that_there_is_none(experiment):
    source = experiment.source
    assert (source.published == "") != (source.closest == "")
    assert (source.published or source.closest).endswith(".")


def table(*trials: tuple[int, float]) -> Table:
    return Table("toy", False, {str(i): Done(({"seed": s},), t) for i, (s, t) in enumerate(trials)})


@pytest.mark.parametrize(
    ("trials", "sentence"),
    [
        ([(3, 70.0), (4, 0.4), (4, 10.0)], "3 trials on seeds 3 and 4: 1 min 20 s of processor time."),
        ([(3, 1.0), (3, 2.0)], "2 trials on seed 3: 3 s of processor time."),
        ([(0, 1.0)], "1 trial on seed 0: 1 s of processor time."),
    ],
)
def test_what_a_table_took(trials, sentence):
    assert cost(table(*trials)) == sentence


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"status": "queued"}, "**Waiting.** Next in line. This page follows by itself."),
        (
            {"status": "queued", "position": 2, "expected_wait": 70.0},
            "**Waiting.** 2 ahead in line. About 1 min 10 s to go. This page follows by itself.",
        ),
        ({"status": "preparing"}, "**Getting the data ready.**"),
        ({"status": "running"}, "**Training.** 2 of 5 trials done."),
        (
            {"status": "running", "share": 0.25, "elapsed": 10.0},
            "**Training.** 2 of 5 trials done. About 30 s left.",
        ),
        ({"status": "running", "expected": 12.0}, "**Training.** 2 of 5 trials done. About 12 s left."),
        ({"status": "running", "stopping": True}, "**Stopping.**"),
        ({"status": "complete", "elapsed": 21.0}, "**Trained here** in 21 s."),
        ({"status": "interrupted", "elapsed": 21.0}, "**Stopped** after 21 s: 2 of 5 trials done."),
        (
            {"status": "interrupted", "elapsed": 60.0, "message": "stopped at the time limit of 60 seconds"},
            "**Stopped** after 1 min 00 s: 2 of 5 trials done. It was stopped at the time limit of 60 seconds.",
        ),
        ({"status": "failed", "elapsed": 2.0, "message": "secret"}, "**Ended early** after 2 s: 2 of 5 trials done."),
    ],
)
def test_where_a_quick_form_is(values, sentence):
    made = {"sweep_id": "0" * 16, "table": table((0, 1.0), (0, 1.0)), "total": 5, **values}
    assert headline(SweepSnapshot(**made)) == sentence


RISES = Verdict(
    statement="It rises.",
    answer="not at this scale",
    rule="The rule.",
    evidence="By seed: +1 (seed 3), +3 (seed 4) points.",
    asked="Asked for: more than 2 points in every seed.",
    measured="Measured: from +1 to +3.",
)
FALLS = replace(RISES, statement="It falls.", measured="Measured: from -1 to +0.", evidence="By seed: -1 (seed 3).")
BORNE_OUT = replace(RISES, answer="reproduced")
CASES = tuple(replace(BORNE_OUT, statement=f"It rises: {case}.", evidence=f"Of {case}.") for case in ("BN", "LN"))


@pytest.mark.parametrize(
    ("verdicts", "sentence"),
    [
        ([BORNE_OUT] * 7, "7 statements tested: all reproduced"),
        ([RISES, FALLS], "2 statements tested: all not at this scale"),
        ([RISES], "1 statement tested: not at this scale"),
        ([RISES, BORNE_OUT, FALLS], "3 statements tested: 1 reproduced, 2 not at this scale"),
        (
            [replace(RISES, answer="contradicted"), FALLS, BORNE_OUT],
            "3 statements tested: 1 reproduced, 1 not at this scale, 1 contradicted",
        ),
    ],
)
def test_statements_are_counted_by_their_answers(verdicts, sentence):
    assert counted(verdicts) == sentence


def test_a_statement_that_was_not_borne_out_says_what_was_asked():
    assert not_borne_out([RISES, BORNE_OUT]) == [
        ":material/remove_circle_outline: **Not at this scale.** It rises. :small[Asked for: more than 2 points in "
        "every seed. Measured: from +1 to +3.]"
    ]
    assert not_borne_out([BORNE_OUT]) == []


def test_of_several_that_were_not_borne_out_it_is_said_once_what_was_asked():
    (both,) = not_borne_out([RISES, BORNE_OUT, FALLS])
    assert both == (
        ":material/remove_circle_outline: **Not at this scale.** :small[Asked for: more than 2 points in every seed.]\n"
        "- It rises. :small[Measured: from +1 to +3.]\n"
        "- It falls. :small[Measured: from -1 to +0.]"
    )
    assert len(not_borne_out([RISES, replace(FALLS, asked="Asked for: more than 3 points.")])) == 2
    assert len(not_borne_out([RISES, replace(FALLS, answer="contradicted")])) == 2


def test_every_statement_has_its_evidence_and_the_rule_of_several_stands_once():
    assert judged([BORNE_OUT, FALLS, replace(RISES, rule="Another rule.")]) == [
        ":material/check_circle: **Reproduced.** It rises. :small[By seed: +1 (seed 3), +3 (seed 4) points.]",
        ":material/remove_circle_outline: **Not at this scale.** It falls. :small[By seed: -1 (seed 3).]",
        ":small[The rule.]",
        ":material/remove_circle_outline: **Not at this scale.** It rises. :small[By seed: +1 (seed 3), +3 (seed 4) "
        "points.]",
        ":small[Another rule.]",
    ]


def test_what_the_statements_of_several_cases_share_stands_once():
    assert judged([*CASES, replace(CASES[0], answer="contradicted")]) == [
        ":material/check_circle: **Reproduced.** It rises:\n- BN. :small[Of BN.]\n- LN. :small[Of LN.]",
        ":material/cancel: **Contradicted.** It rises: BN. :small[Of BN.]",
        ":small[The rule.]",
    ]
