"""The Lab page: the choice of an experiment, predictions, verdicts, tables, and what the address holds of them."""

from __future__ import annotations

import os
import sys
import types

import pytest
import streamlit as st

from core.experiments.table import Table, save
from pages.parts.shared.address import Parameter
from pages.parts.shared.rules import whole
from tests.pages.conftest import texts
from tests.pages.wrong_page import chart, parameter
from tests.toy_experiment import LARGE, OPTIONS, experiment, full_table, list_them

RULE = "Reproduced where every seed shows a difference above 10 points"


@pytest.fixture
def tables(monkeypatch, tmp_path):
    """The folder of the tables that come with the app, an empty one."""
    monkeypatch.setenv("NORMLENS_TABLES", str(tmp_path))
    return tmp_path


@pytest.fixture
def three(monkeypatch, tables):
    """Three experiments, the first with its table."""
    made = [experiment(name) for name in ("first", "second", "third")]
    list_them(monkeypatch, *made)
    save(full_table(made[0]), tables)
    return made


def title(app):
    (found,) = app.title
    return found.value


def labels(app):
    return [button.label for button in app.button]


def test_the_first_experiment_asks_before_it_shows(open_page, three):
    app = open_page("lab")
    assert title(app) == "What is the question of first?"
    said = texts(app)
    assert "**Predict first.** With how many images is the error smallest?" in said
    assert "Claim" not in said
    assert "Wu and He" not in said
    assert not app.get("plotly_chart")
    assert "Reproduced" not in said
    assert app.get("button_group")[0].proto.options[0].content == OPTIONS[0]
    assert app.selectbox[0].options == ["1. The title of first", "2. The title of second", "3. The title of third"]


@pytest.mark.parametrize(
    ("option", "sentence"),
    [
        (0, f"You said: **{OPTIONS[0]}**. It was: **{LARGE}**."),
        (2, f"You said: **{LARGE}**. And so it was."),
    ],
)
def test_a_prediction_reveals_the_picture_and_is_told_beside_what_was_measured(open_page, three, option, sentence):
    app = open_page("lab")
    app.pills(key="lab_options_first").set_value(option).run()
    assert not app.exception
    assert parameter(app, "lab_said") == [str(option + 1)]
    said = texts(app)
    assert sentence in said
    assert "**Claim.** The error grows as the batch shrinks." in said
    assert "[Wu and He 2018](https://arxiv.org/abs/1803.08494), Table 2: 34.7 % at 2, 23.6 at 32." in said
    assert "Predict first" not in said
    assert chart(app)["data"][0]["y"] == [37.0, 13.0, 7.0]  # 64 / size, and the mean of the seeds 3 to 7
    # a refresh: another session with the address of this one
    again = open_page("lab", lab_said=str(option + 1))
    assert sentence in texts(again)
    app.button(key="lab_again").click().run()
    assert "Predict first" in texts(app)
    assert not app.get("plotly_chart")
    assert "lab_said" not in app.query_params


def test_show_me_reveals_it_without_a_prediction(open_page, three):
    app = open_page("lab")
    app.button(key="lab_show").click().run()
    said = texts(app)
    assert f"It was: **{LARGE}**." in said
    assert "You said" not in said
    assert parameter(app, "lab_said") == ["shown"]


def test_verdicts_are_counted_and_have_a_word_an_icon_a_rule_and_the_evidence(open_page, three):
    app = open_page("lab", lab_said="shown")
    said = texts(app)
    (popover,) = app.get("popover")
    assert popover.proto.popover.label == "3 statements tested: 1 reproduced, 1 not at this scale, 1 contradicted"
    (folded,) = popover.markdown
    assert ":material/check_circle: **Reproduced.** The error at 2 is above that at 32. :small[By seed: +30" in (
        folded.value
    )
    assert ":material/cancel: **Contradicted.** The error at 32 is above that at 8. :small[By seed:" in folded.value
    assert RULE in folded.value
    # without opening anything: what was not reproduced, with what was asked for
    open_to_all = said.replace(folded.value, "")
    assert ":material/cancel: **Contradicted.** The error at 32 is above that at 8. :small[Asked for:" in open_to_all
    assert "**Not at this scale.** The error at 8 is above that at 32 by much. :small[Asked for:" in open_to_all
    assert "**Reproduced.**" not in open_to_all
    assert "With 32 images the error is 7 %: the larger the batch, the smaller the error." in said
    assert "15 trials on seeds 3, 4, 5, 6 and 7: 30 s of processor time. Plain SGD without warm-up." in said


def test_every_row_is_there_on_demand(open_page, three):
    app = open_page("lab", lab_said="shown")
    assert not app.dataframe
    app.session_state["lab_rows"] = True
    app.run()
    (frame,) = app.dataframe
    assert len(frame.value) == 15
    assert set(frame.value["seed"]) == {3, 4, 5, 6, 7}
    assert frame.value.query("seed == 3 and size == 8")["error"].tolist() == [11.0]
    (button,) = app.get("download_button")
    assert button.proto.label == "As CSV"


def test_the_picker_and_its_neighbours(open_page, three):
    app = open_page("lab", lab_experiment="second")
    assert title(app) == "What is the question of second?"
    assert parameter(app, "lab_experiment") == ["second"]
    app.button(key="lab_next").click().run()
    assert title(app) == "What is the question of third?"
    assert app.button(key="lab_next").disabled
    app.button(key="lab_previous").click().run()
    app.button(key="lab_previous").click().run()
    assert title(app) == "What is the question of first?"
    assert app.button(key="lab_previous").disabled
    assert "lab_experiment" not in app.query_params  # the default stays out of the address
    app.selectbox[0].set_value("third").run()
    assert title(app) == "What is the question of third?"
    assert parameter(app, "lab_experiment") == ["third"]


def test_a_prediction_is_of_one_experiment_and_the_visit_remembers_it(open_page, three):
    app = open_page("lab", lab_said="1")
    app.button(key="lab_next").click().run()
    assert "Predict first" in texts(app)
    assert "lab_said" not in app.query_params
    app.button(key="lab_previous").click().run()
    assert f"You said: **{OPTIONS[0]}**" in texts(app)
    assert parameter(app, "lab_said") == ["1"]


def test_a_link_from_another_page_opens_its_experiment(open_page, three):
    app = open_page("lab", lab_said="1")
    app.switch_page("pages/home.py").run()
    app.switch_page("pages/lab.py")
    app.query_params.clear()  # as a browser does it
    app.query_params["lab_experiment"] = "third"
    app.run()
    assert not app.exception
    assert title(app) == "What is the question of third?"
    assert "Predict first" in texts(app)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("lab_experiment", "../../etc"),
        ("lab_experiment", ""),
        ("lab_experiment", ["first", "second"]),
        ("lab_said", "0"),
        ("lab_said", "<b>"),
        ("lab_run", "../x"),
        ("lab_view", "all"),
    ],
)
def test_what_the_address_cannot_have_is_said(open_page, three, name, value):
    app = open_page("lab", **{name: value})
    assert f"The link asks for {name} = " in texts(app)
    assert title(app) == "What is the question of first?"
    assert "Predict first" in texts(app)
    assert name not in app.query_params


def test_a_prediction_that_the_experiment_does_not_have_is_said(open_page, three):
    app = open_page("lab", lab_said="4")
    assert "a prediction that this experiment does not have" in texts(app)
    assert "Predict first" in texts(app)
    assert "lab_said" not in app.query_params


def test_without_its_table_the_page_says_so_and_goes_on(open_page, three):
    app = open_page("lab", lab_experiment="second", lab_said="1")
    said = texts(app)
    assert "The table of this experiment on all seeds does not come with this version of the app." in said
    assert "**Claim.**" in said
    assert f"You said: **{OPTIONS[0]}**." in said
    assert "It was" not in said
    assert not app.get("plotly_chart")
    assert "Train it here" in labels(app)


def test_a_damaged_table_is_one_sentence_without_a_path(open_page, three, tables):
    (tables / "first.json").write_text("{")
    app = open_page("lab", lab_said="1")
    assert "The table of this experiment cannot be read: first.json: this is no JSON." in texts(app)
    assert str(tables) not in texts(app)
    assert "Train it here" in labels(app)


@pytest.mark.parametrize("quick", [True, False])
def test_a_table_of_another_experiment_or_form_is_refused(open_page, three, tables, quick):
    other = full_table(three[1 if not quick else 0])
    path = save(Table(other.experiment, quick, other.done), tables)
    path.rename(tables / "first.json")
    assert "first.json: it is of another experiment or form" in texts(open_page("lab", lab_said="1"))


def test_a_table_that_lacks_rows_leaves_the_page_standing(open_page, three, tables):
    save(Table("first", False), tables)
    app = open_page("lab", lab_said="1")
    said = texts(app)
    assert "**Claim.**" in said
    assert f"You said: **{OPTIONS[0]}**." in said


def test_a_new_file_is_read_without_a_restart(open_page, three, tables):
    assert "the error is 7 %" in texts(open_page("lab", lab_said="1"))
    whole_table = full_table(three[0])
    key = next(iter(whole_table.done))
    path = save(Table("first", False, {k: d for k, d in whole_table.done.items() if k != key}), tables)
    os.utime(path, ns=(10**18, 10**18))
    assert "14 trials" in texts(open_page("lab", lab_said="1"))


def test_without_experiments_the_page_says_so(open_page, monkeypatch, tables):
    list_them(monkeypatch)
    assert "comes without experiments" in texts(open_page("lab"))


def test_a_live_part_comes_after_the_prediction_and_before_the_table(open_page, monkeypatch, tables):
    made = experiment("moving", live=True)
    list_them(monkeypatch, made)
    save(full_table(made), tables)
    row = Parameter("lab_moving_x", whole(0, 9), 3, bound=True)
    part = types.SimpleNamespace(
        PARAMETERS=(row,), live=lambda: st.markdown(f"x is {st.slider('x', 0, 9, 3, **row.widget())}")
    )
    monkeypatch.setitem(sys.modules, "pages.parts.lab.moving", part)
    app = open_page("lab")
    assert "x is" not in texts(app)
    app = open_page("lab", lab_said="3", lab_moving_x="7")
    values = [element.value for element in app.markdown]
    assert "x is 7" in values
    place = next(i for i, value in enumerate(values) if "And so it was" in value)
    seen = next(i for i, value in enumerate(values) if value.startswith("With 32 images"))
    assert place < values.index("x is 7") < seen
    assert sum("And so it was" in value for value in values) == 1
    assert "lab_moving_x = '10'" in texts(open_page("lab", lab_said="3", lab_moving_x="10"))
