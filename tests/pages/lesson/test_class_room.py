"""For a class: reached from every step, with files that are made when asked for, and a way back."""

from __future__ import annotations

import json

import pytest
from openpyxl import load_workbook
from streamlit.testing.v1 import AppTest

from core.four_images.source import DEFAULT_CHANNELS, draw
from core.lesson.order import STEPS
from core.lesson.sheet import sheet
from core.lesson.sheet_notebook import exercises_notebook, solutions_notebook
from core.lesson.sheet_page import exercises_page, solutions_page
from pages.parts.lesson import class_room
from tests.pages.conftest import texts
from tests.pages.wrong_page import parameter

FILES = {
    "class_exercises_html": "Exercises 77 to print",
    "class_exercises_ipynb": "Exercises 77 as a notebook",
    "class_solutions_html": "Solutions 77 to print",
    "class_solutions_ipynb": "Solutions 77 as a notebook",
    "class_four_xlsx": "Spreadsheet of four images",
    "class_train_ipynb": "Notebook of the exercise",
}


def press(app: AppTest, key: str) -> AppTest:
    (button,) = [b for b in app.button if b.key == key]
    button.click().run()
    assert not app.exception
    return app


@pytest.fixture
def made(monkeypatch) -> dict[str, tuple[str, object]]:
    """What the download buttons of a page would hand out, by key: the name of the file and the function."""
    found: dict[str, tuple[str, object]] = {}
    real = class_room.st.download_button

    def button(label, data, name, mime, **named):
        found[named["key"]] = name, data
        assert named["on_click"] == "ignore"
        return real(label, data, name, mime, **named)

    monkeypatch.setattr(class_room.st, "download_button", button)
    return found


def test_it_is_reached_from_a_step_and_leads_back_to_it(open_page):
    app = open_page("lesson", step="4", said4="2")
    press(app, "lesson_class")
    assert [title.value for title in app.title] == ["For a class"]
    assert parameter(app, "class_room") == ["true"]
    for number, step in STEPS.items():
        assert f"[{step.question}](?step={number}) | {step.minutes:g} |" in texts(app)
    assert "[Ten questions](?step=8)" in texts(app)
    assert "about 15 minutes" in texts(app)
    press(app, "class_back")
    assert [title.value for title in app.title] == ["Who depends on whom?"]
    assert parameter(app, "class_room") == []
    assert parameter(app, "said4") == ["2"]
    app = press(open_page("lesson", step="8"), "lesson_class")  # and from the questions
    app.switch_page("pages/home.py").run()
    app.query_params.clear()  # as a browser does
    app.switch_page("pages/lesson.py").run()
    assert [title.value for title in app.title] == ["Ten questions"]  # the page's own link leads to the lesson


def test_the_files_are_those_of_the_seed_in_the_address(open_page, made):
    app = open_page("lesson", class_room="true", sheet_seed="77")
    assert [button.label for button in app.get("download_button")] == list(FILES.values())
    assert {key: name for key, (name, _) in made.items()} == {
        "class_exercises_html": "exercises_77.html",
        "class_exercises_ipynb": "exercises_77.ipynb",
        "class_solutions_html": "solutions_77.html",
        "class_solutions_ipynb": "solutions_77.ipynb",
        "class_four_xlsx": "four_images.xlsx",
        "class_train_ipynb": "train_all.ipynb",
    }
    files = {key: data() for key, (_, data) in made.items()}  # nothing was made before
    assert files["class_exercises_html"] == exercises_page(sheet(77))
    assert files["class_solutions_html"] == solutions_page(sheet(77))
    assert files["class_exercises_ipynb"] == exercises_notebook(sheet(77))
    assert files["class_solutions_ipynb"] == solutions_notebook(sheet(77))
    assert json.loads(files["class_train_ipynb"])["nbformat"] == 4


def test_the_spreadsheet_holds_the_images_of_the_seed(open_page, made, tmp_path):
    open_page("lesson", class_room="true", sheet_seed="77")
    path = tmp_path / "four.xlsx"
    path.write_bytes(made["class_four_xlsx"][1]())
    rows = load_workbook(path)["numbers"].iter_rows(min_row=4, max_row=7, min_col=2, values_only=True)
    assert [list(row) for row in rows] == draw(77, DEFAULT_CHANNELS, 2).reshape(4, -1).tolist()


def test_another_seed_is_another_sheet_and_what_is_no_seed_is_said(open_page, made):
    app = open_page("lesson", class_room="true")
    app.number_input(key="sheet_seed").set_value(5).run()
    assert not app.exception
    assert made["class_exercises_html"][0] == "exercises_5.html"
    for wrong in ("-1", "10000", "x", ""):
        app = open_page("lesson", class_room="true", sheet_seed=wrong)
        assert f"The link asks for sheet_seed = '{wrong}', which is not possible here." in texts(app)
        assert app.number_input(key="sheet_seed").value == 1
    app = open_page("lesson", step="4", class_room="perhaps")
    assert "The link asks for class_room = 'perhaps', which is not possible here." in texts(app)
    assert [title.value for title in app.title] == ["Who depends on whom?"]


def chart(app: AppTest) -> tuple[str, dict]:
    """The figure's title, and what its camera saves."""
    (found,) = app.get("plotly_chart")
    figure = json.loads(found.proto.spec)
    return figure["layout"]["title"]["text"], json.loads(found.proto.config)["toImageButtonOptions"]


def test_a_picture_is_drawn_when_chosen_and_its_camera_saves_svg(open_page, shipped):
    app = open_page("lesson", class_room="true")
    assert not app.get("plotly_chart")
    app.selectbox(key="class_figure_choice").select("graph1").run()
    assert not app.exception
    assert parameter(app, "class_figure") == ["graph1"]
    title, options = chart(app)
    assert title.startswith("Graph 1. Test loss")
    assert options == {"format": "svg", "filename": "normlens_graph1"}
    assert chart(open_page("lesson", class_room="true", class_figure="graph2"))[0].startswith("Graph 2. Test accuracy")
    lab = open_page("lesson", class_room="true", class_figure="set-size")
    assert chart(lab)[1]["filename"] == "normlens_set-size"
    wrong = open_page("lesson", class_room="true", class_figure="graph3")
    assert "The link asks for class_figure = 'graph3', which is not possible here." in texts(wrong)
    assert not wrong.get("plotly_chart")


def test_every_chart_of_the_lesson_is_offered_and_named(open_page):
    app = open_page("lesson", class_room="true", class_figure="step4")
    assert "Both graphs of the study, the charts of steps 1, 4, 5 and 7, and every picture of the lab." in texts(app)
    (found,) = app.get("plotly_chart")
    assert json.loads(found.proto.config)["toImageButtonOptions"] == {"format": "svg", "filename": "normlens_step4"}
    drawn = json.loads(found.proto.spec)["data"]
    # BN 1.44, LN 0 and GN 0: what another image 4 does to image 1
    assert sorted(round(value, 2) for bar in drawn for value in bar["x"]) == [0, 0, 1.44]
    layers = open_page("lesson", class_room="true", class_figure="step1-before")
    assert chart(layers) == (
        "Numbers after each ReLU, before training",
        {"format": "svg", "filename": "normlens_step1-before"},
    )


@pytest.mark.parametrize("figure", ["graph1", "step5", "step7"])
def test_where_no_study_ships_what_it_draws_is_missing_in_words(open_page, nothing_ships, figure):
    app = open_page("lesson", class_room="true", class_figure=figure)
    assert "its runs or its table do not come with this server" in texts(app)


def test_what_is_mine_can_be_forgotten_here_too(open_page):
    app = open_page("lesson", class_room="true")
    press(app, "mine_forget")
    assert "This server holds nothing of this session." in texts(app)
    press(app, "mine_keep")
    assert [title.value for title in app.title] == ["For a class"]
