"""Step 7: a case, its line of the table, and the study's seeds, where a study ships."""

from __future__ import annotations

import json

import pytest

from core.lesson.situations import SITUATIONS
from core.records import store as runs
from tests.pages.conftest import texts
from tests.wrong_records import config, predictions, record

WRONG = {"bn": (6, 5, 4), "ln": (5, 4, 5), "gn": (4, 6, 5)}
"""Of 60 test images, by seed."""
TERMS = {"bn": {"l1": 1e-4}, "ln": {}, "gn": {"groups": 4}}


@pytest.fixture
def study(nothing_ships):
    """The three methods of the assignment with three seeds each, and BN without L1."""
    for norm, counts in WRONG.items():
        for seed, count in enumerate(counts):
            found = predictions({i: (i + 1) % 10 for i in range(count)})
            runs.save(record(config(norm, seed, **TERMS[norm]), found), nothing_ships)
            if norm == "bn":
                runs.save(record(config(norm, seed), found), nothing_ships)


def control(app, key: str):
    return next(b for b in app.button_group if b.key == key)


def chart(app) -> dict:
    [found] = app.get("plotly_chart")
    return json.loads(found.proto.spec)


def test_without_a_study_it_says_so_and_asks_all_the_same(open_page):
    app = open_page("lesson", step="7", situation="two")
    assert [info.value for info in app.info] == [
        "The study's runs do not come with this server, so their intervals cannot be shown here."
    ]
    assert "You train a detector; 2 images fit on a GPU. Which norm do you take?" in texts(app)
    control(app, "lesson_options7").set_value(1).run()
    assert not app.exception
    assert app.query_params["said7"] in ("2", ["2"])
    said = texts(app)
    question = "You train a detector; 2 images fit on a GPU."
    assert f":small[{question}]\nYou said: BatchNorm. **The answer: GroupNorm or LayerNorm.**" in said.replace(
        ":material/cancel: ", ""
    )
    assert "**1 or 2 images a batch.** The mean of two images says little of the next two" in said
    assert "ImageNet error at 2 images: BN 34.7 %, GN 24.1 %" in said
    assert (
        "**In PyTorch**, for 16 channels: BN `nn.BatchNorm2d(16)`, GN `nn.GroupNorm(4, 16)` (groups first), "
        "LN `nn.GroupNorm(1, 16)`, or with γ and β for every number `nn.LayerNorm([16, H, W])`." in said
    )
    assert "nn.GroupNorm(1, 16)" in app.code[1].value
    assert not app.get("plotly_chart")
    assert {link.proto.label for link in app.get("page_link")} >= {
        "How many numbers are in a set?",
    }


def test_another_case_asks_anew_and_after_the_last_comes_the_first(open_page):
    app = open_page("lesson", step="7", said7="1", situation=SITUATIONS[-1].name)
    next(b for b in app.button if b.key == "lesson_case").click().run()
    assert not app.exception
    assert "said7" not in app.query_params
    assert "situation" not in app.query_params  # it is where one begins
    assert f"{SITUATIONS[0].case} Which norm do you take?" in texts(app)
    assert control(app, "lesson_options7").value in (None, [])


@pytest.mark.parametrize("row", SITUATIONS, ids=lambda row: row.name)
def test_each_case_has_its_line_and_its_evidence(open_page, row):
    right = row.options.index(row.take) + 1
    app = open_page("lesson", step="7", said7=str(right), situation=row.name)
    said = texts(app)
    assert f"**Right: {row.take}.**" in said
    assert f"**{row.when}.** {row.why}" in said
    assert row.published in said


def test_one_seed_before_the_prediction_and_all_of_them_after_it(open_page, study):
    app = open_page("lesson", step="7")
    assert "Seed 0 alone says: **GN (4) 93.33 > LN 91.67 > BN 90.00 = BN + L1 90.00**." in texts(app)
    assert [trace["x"][0] for trace in chart(app)["data"]] == pytest.approx([90, 91.667, 93.333, 90], abs=1e-3)
    assert control(app, "seed7_choice").options == ["All seeds", "0", "1", "2"]
    control(app, "lesson_options7").set_value(0).run()
    assert not app.exception
    said = texts(app)
    assert "Alone, these 3 seeds give **3 different orders**. The tests cannot tell any two of them apart." in said
    # of the norms alone first
    assert (
        "**Without penalties the tests put none of BN, GN (4) and LN above another. That does not show that the "
        "methods are equal.** Alone, these 3 seeds" in said
    )
    assert "**What does L1 do to the weights under BN?** It shrinks the convolutions' weights to 100 % of " in said
    assert len(chart(app)["data"]) == 8

    control(app, "seed7_choice").set_value("2").run()
    assert "Seed 2 alone says: **BN 93.33 = BN + L1 93.33 > GN (4) 91.67 = LN 91.67**." in texts(app)
    assert app.query_params["seed7"] in ("2", ["2"])
    again = open_page("lesson", step="7", said7="1", seed7="2")
    assert "Seed 2 alone says" in texts(again)


def test_wrong_values_are_said_and_left_out(open_page, study):
    app = open_page("lesson", step="7", said7="7", seed7="3", situation="three")
    said = "\n".join(w.value for w in app.warning)
    assert "seed7 = '3', which is not possible here." in said
    assert "situation = 'three', which is not possible here." in said
    assert app.query_params["said7"] in ("shown", ["shown"])
    assert "seed7" not in app.query_params
    assert "Alone, these 3 seeds" in texts(app)
