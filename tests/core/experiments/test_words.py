"""What the page says around a table, sentence by sentence."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.experiments.experiment import Source, Verdict
from core.experiments.listed import EXPERIMENTS
from core.experiments.sweep import SweepSnapshot
from core.experiments.table import Done, Table
from core.experiments.words import cost, headline, judged, outcome, source_in_words


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


def test_a_statement_that_was_not_borne_out_says_what_was_asked():
    verdict = Verdict(
        statement="It rises.",
        answer="not at this scale",
        rule="",
        evidence="",
        asked="Asked for: more than 2 points in every seed. Measured: from +1 to +3.",
    )
    assert judged(verdict) == (
        ":material/remove_circle_outline: **Not at this scale.** It rises. :small[Asked for: more than 2 points in "
        "every seed. Measured: from +1 to +3.]"
    )
    assert judged(replace(verdict, answer="reproduced")) == ":material/check_circle: **Reproduced.** It rises."
