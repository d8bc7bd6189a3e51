"""Runs of recipe 1 on Compare: uploaded or of this server's own, named as such and apart from the study."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.comparison.methods import method_id
from core.config import RunConfig
from core.records import store as runs
from core.records.archive import to_zip
from tests.former_recipe import IDS, former_runs
from tests.pages.compare.test_compare import figures, lines
from tests.pages.compare.test_uploads import errors, send
from tests.pages.conftest import texts
from tests.pages.wrong_page import save

ABOUT = (
    "Recipe 1 is the network and the training of versions up to 0.3. Its runs are shown and evaluated as they are, and "
    "never tested against those of recipe 2."
)


def test_an_uploaded_run_stands_beside_the_study_named_and_untested(open_page, shipped):
    app = open_page("compare")
    assert ABOUT not in texts(app)
    former = former_runs()[0]
    app = send(app, ("mine.zip", to_zip(former)))
    assert errors(app) == []
    said = texts(app)
    assert ABOUT in said
    assert (
        "- **BN + L1 (recipe 1)** on MNIST: 99.50 % after epoch 20 (20 epochs, batch 128, lr 0.1, seed 0, L1 0.0001, "
        "bf16, recipe 1)" in said
    )
    assert app.multiselect[0].value[-1] == former.run_id
    assert "BN + L1 (recipe 1)" in app.multiselect[0].options
    assert app.dataframe[0].value["Method"].tolist()[-1] == "BN + L1 (recipe 1)"
    names = [line["name"].split(":")[0] for line in lines(figures(app)[0])]
    assert names == ["BN + L1", "GN (4)", "LN", "BN + L1 (recipe 1)"]
    assert "these differ in epochs, batch size, data set, precision and recipe." in said
    assert not [m.value for m in app.markdown if "(recipe 1)" in m.value and "?**" in m.value]


def test_equal_but_for_the_recipe_is_not_equal(open_page, shipped):
    """The study's own runs as a former recipe would have them: as methods over seeds, and as single runs."""
    former = [one.changed(config=replace(one.config, recipe=1)) for one in shipped]
    save(*former)
    methods = [method_id(shipped[2].config), method_id(former[2].config)]
    app = open_page("compare", compare_runs=methods)
    assert app.multiselect[0].value == methods
    assert app.dataframe[0].value["Method"].tolist() == ["LN", "LN (recipe 1)"]
    assert app.dataframe[0].value["Seeds"].tolist() == [2, 2]
    assert "Whether that is more than chance, these runs cannot say:" in texts(app)
    assert "these differ in recipe." in texts(app)
    pair = open_page("compare", compare_runs=[shipped[0].run_id, former[0].run_id])
    assert "these differ in recipe." in texts(pair)
    # of the former recipe alone they are tested
    both = open_page("compare", compare_runs=[former[0].run_id, former[1].run_id])
    assert "**BN + L1 (recipe 1) or GN (4) (recipe 1), these two networks?**" in texts(both)
    assert "these differ in" not in texts(both)


def test_the_study_stays_the_default_beside_runs_of_an_earlier_version(open_page, shipped):
    study = [shipped[0].run_id, shipped[1].run_id, method_id(shipped[2].config)]
    assert ABOUT not in open_page("compare", compare_runs=study).multiselect[0].help
    save(*former_runs())
    save(*(one.changed(config=replace(one.config, recipe=1)) for one in shipped))
    app = open_page("compare")
    assert app.multiselect[0].value == study
    assert ABOUT not in texts(app)
    # the list has some: whoever wonders asks there
    assert app.multiselect[0].help.endswith(ABOUT)
    assert ABOUT not in texts(open_page("misclassified"))
    assert "was trained on this server as well" not in texts(app)


def test_a_folder_of_former_runs_is_no_study(open_page, nothing_ships):
    for run in former_runs():
        runs.save(run, nothing_ships)
    app = open_page("compare")
    assert {row["Method"] for row in app.dataframe[0].value.to_dict("records")} == {
        "BN + L1 (recipe 1)",
        "GN (4) (recipe 1)",
        "LN (recipe 1)",
    }
    assert ABOUT in texts(app)


@pytest.mark.parametrize(
    ("page", "name"), [("compare", "compare_runs"), ("misclassified", "wrong_runs"), ("statistics", "stats_run")]
)
def test_a_run_that_left_is_told_as_any_unknown_one(open_page, shipped, page, name):
    extra = {"stats_source": "Real images"} if page == "statistics" else {}
    said = [texts(open_page(page, **{name: run_id}, **extra)) for run_id in (IDS[0], "0123456789abcdef")]
    for run_id, text in zip((IDS[0], "0123456789abcdef"), said, strict=True):
        assert f"The link asks for {name} = '{run_id}', which is not possible here." in text
    assert said[0].replace(IDS[0], "") == said[1].replace("0123456789abcdef", "")


def test_a_former_method_that_left_is_told_as_well(open_page, shipped):
    entry = method_id(RunConfig(norm="ln", precision="bf16", recipe=1))
    app = open_page("compare", compare_runs=entry)
    assert f"The link asks for compare_runs = '{entry}', which is not possible here." in texts(app)
