"""The table of the decision: each situation with its reason, its links, and the numbers behind it."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest

from core.config import RunConfig
from core.experiments.listed import experiment
from core.experiments.set_size_shown import PUBLISHED
from core.experiments.shifts import DIM, REESTIMATED
from core.experiments.study_networks import BN, MOST_OTHERS
from core.experiments.study_networks import label as study_label
from core.experiments.table import TABLES_ENV, Done, Table, save
from core.lesson import situations
from core.lesson.situations import SITUATIONS
from core.lesson.study_errors import study_in_words
from pages.parts.home.situation_table import lead
from pages.parts.shared.situations import EVIDENCE, LAB, Evidence
from tests.pages.conftest import texts
from tests.pages.home.home_page import answer, said_by


def table(name: str, *rows: dict) -> Table:
    return Table(name, False, {"{}": Done(tuple({"seed": seed, **row} for row in rows for seed in (3, 4)), 1.0)})


@pytest.fixture
def tables(monkeypatch, tmp_path):
    """Where the lab's tables are, of which there is none yet."""
    monkeypatch.setenv(TABLES_ENV, str(tmp_path))
    return tmp_path


def test_each_line_of_the_answer_has_what_was_measured_here(open_page, tables):
    def dim(network: str, error: float) -> dict:
        return {"network": network, "varied": "contrast", "amount": 0.2, "error": error}

    def size(images: int, error: float) -> dict:
        return {"network": "BN + L1", "varied": "size", "amount": images, "error": error}

    renewed = REESTIMATED.format(label=study_label(BN))
    save(
        table("light", dim("BN + L1", 88.6), dim(renewed, 0.5), dim("IN", 0.6), dim("GN (4)", 2.3), dim("LN", 9.3)),
        tables,
    )
    inference = {"network": "BN + L1", "varied": "inference", "amount": 0, "error": 0.54}
    save(table("forgot-eval", size(1, 58.8), size(2, 13.9), inference), tables)
    kinds = {"dataset": "mnist", "order": "one class"}
    errors = {"bn": 20.0, "gn": 4.8, "ln": 5.4}
    save(table("company", *({**kinds, "norm": norm, "inference": e} for norm, e in errors.items())), tables)
    sizes = {(2, "bn", True): 53.8, (2, "gn", True): 2.8, (2, "bn", False): 2.4, (2, "gn", False): 2.5}
    sizes |= {(1, "bn", False): 11.6, (1, "gn", False): 2.3}
    save(
        table(
            "set-size",
            *(
                {"images": images, "norm": norm, "pooled": pooled, "kind": "batches", "error": error}
                for (images, norm, pooled), error in sizes.items()
            ),
        ),
        tables,
    )
    said = said_by(open_page("home"))
    for sentence in (
        "Here, with a fifth of the contrast, BN + L1 is wrong on 88.6 % of the images with its stored statistics and "
        "on 0.5 % with statistics of 500 such images, IN on 0.6 %, GN (4) on 2.3 %, LN on 9.3 %.",
        "Here BN + L1, left in training mode, is wrong on 58.8 % of the images one at a time and on 13.9 % in pairs; "
        "in inference mode on 0.5 %, whatever the batch.",
        "Here, trained on batches of one class of MNIST, BN is wrong on 20.0 % of the test images, GN on 4.8 %, LN on "
        "5.4 %.",
        "On MNIST here, with one image a batch BN is wrong on 11.6 % of the test images and GN (4) on 2.3 %; at 2 "
        "images a batch: with one number per image in a set BN is wrong on 53.8 % and GN (4) on 2.8 %; with many, as "
        "is usual, on 2.4 % and 2.5 %.",
        "On MNIST here BN loses with 1 image and keeps up with 2, except in a network that leaves one number a channel "
        "of each image.",
    ):
        assert sentence in said
    assert "at 4 images a batch" not in said  # the table lacks those rows


def test_without_tables_or_with_damaged_ones_the_published_numbers_stand(open_page, tables):
    (tables / "light.json").write_text("{")
    save(replace(table("set-size"), quick=True), tables)
    app = open_page("home")
    assert not app.warning
    said = said_by(app)
    assert "Here" not in said
    for published in ("BN 34.7 %, GN 24.1 %", "BN 23.6 %, GN 24.1 %, LN 25.3 %, IN 28.4 %", "76.7 %", "2.1 million"):
        assert published in said


def test_the_table_has_every_situation_with_its_links_and_those_of_its_papers(open_page):
    app = open_page("home")
    for row, shown in zip(SITUATIONS, answer(app), strict=True):
        assert (shown["when"], shown["take"].lower()) == (row.when, row.take.lower())
        assert shown["why"].startswith(row.why)
        assert [(link["label"], link["address"]) for link in shown["links"]] == [
            (link.label, link.address) for link in EVIDENCE[row.name]
        ]
        assert [lead(link["number"]) for link in shown["links"]] == list(EVIDENCE[row.name])
        words = "".join(f"[{piece[0]}]({piece[1]})" if len(piece) > 1 else piece[0] for piece in shown["numbers"])
        assert words.startswith(row.published)
    assert Evidence(page=LAB, label="", query={"lab_experiment": "light"}).address == "lab?lab_experiment=light"
    assert Evidence(page="pages/compare.py", label="").address == "compare"


@pytest.mark.parametrize("sent", [None, -1, 1000, True, "0", 0.0, [0], {"number": 0}])
def test_what_no_link_of_the_table_says_leads_nowhere(sent):
    assert lead(sent) is None


def test_all_evidence_is_where_its_link_says(open_page):
    for row in SITUATIONS:
        for link in EVIDENCE[row.name]:
            app = open_page(link.page.removeprefix("pages/").removesuffix(".py"), **link.query)
            assert not any("The link asks" in warning.value for warning in app.warning)
            if link.page == LAB:
                assert link.label == experiment(link.query["lab_experiment"]).title
            if "stats_tab" in link.query:
                assert app.session_state["stats_tab"] == link.query["stats_tab"]
            if "stats_side" in link.query:
                assert "Expected more than 1 value per channel when training" in texts(app)


def test_the_answer_has_the_published_numbers_and_the_names_of_the_lab():
    bn, gn = ({size: value for size, (value,) in zip(line.x, line.values, strict=True)} for line in PUBLISHED)
    said = " ".join(row.published for row in SITUATIONS)
    assert f"error at 32 images: BN {bn[32]} %, GN {gn[32]} %" in said
    assert f"error at 8 images: BN {bn[8]} %, GN {gn[8]} %; at 4: {bn[4]} % and {gn[4]} %" in said
    assert f"error at 2 images: BN {bn[2]} %, GN {gn[2]} %" in said
    assert (study_label(BN), study_label(("gn", 0.0)), study_label(("ln", 0.0))) == (
        situations.BN,
        situations.GN,
        situations.LN,
    )
    assert REESTIMATED.format(label=study_label(BN)) == situations.RENEWED
    assert situations.DIM == DIM
    assert f"statistics of {MOST_OTHERS} such images" in situations.LIGHT


@pytest.mark.parametrize(
    ("accuracies", "said"),
    [
        (
            ((99.4, 99.6), (99.5, 99.62), (99.5, 99.5)),
            "The means lie 0.06 points apart, and seeds of one method by more",
        ),
        (((99.4, 99.5), (99.1, 99.2), (99.0, 99.1)), ""),
    ],
)
def test_what_decides_is_said_where_the_means_lie_closer_than_the_seeds(accuracies, said):
    family = [
        SimpleNamespace(config=RunConfig(norm=norm), accuracies=each)
        for norm, each in zip(("bn", "gn", "ln"), accuracies, strict=True)
    ]
    sentence = study_in_words(family)
    assert sentence.startswith("Here, after 20 epochs of MNIST, BN is wrong on ")
    assert ("The means lie" in sentence) == bool(said)
    assert said in sentence
