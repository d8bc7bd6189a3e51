"""You forgot ``model.eval()``, as its page runs it."""

from __future__ import annotations

import pytest

from core.experiments import forgot_eval_live as core
from pages.parts.lab import forgot_eval
from pages.parts.shared import eval_curves
from tests.pages.conftest import texts


@pytest.fixture
def table(small, monkeypatch) -> core.EvalTable:
    """What the page measures on."""
    return core.eval_table(small)


def test_it_starts_with_pairs_and_a_batch_full_of_sevens(open_part, table, monkeypatch):
    app = open_part("forgot_eval")
    assert [slider.value for slider in app.select_slider] == [2, 90]
    assert app.selectbox[0].value == "7"
    said = texts(app)
    assert core.size_said(table, core.by_size(table), 2) in said
    assert core.share_said(core.by_share(table, 7)[90], 90, "7") in said
    assert "The first of these batches: a frame marks a wrong answer." in said


def test_sliders_and_class_change_what_is_said(open_part, table):
    app = open_part("forgot_eval", lab_size="1", lab_share="100", lab_class="3")
    said = texts(app)
    assert core.size_said(table, core.by_size(table), 1) in said
    assert "Expected more than 1 value per channel when training" in said
    assert core.share_said(core.by_share(table, 3)[100], 100, "3") in said
    app.select_slider(key="lab_share").set_value(30).run()
    app.selectbox(key="lab_class").select("8").run()
    assert not app.exception
    assert core.share_said(core.by_share(table, 8)[30], 30, "8") in texts(app)


@pytest.mark.parametrize(("name", "value"), [("size", "3"), ("share", "95"), ("class", "10"), ("class", "")])
def test_a_position_that_there_is_not_is_refused(open_part, name, value):
    app = open_part("forgot_eval", **{f"lab_{name}": value})
    assert f"The link asks for lab_{name} = '{value}', which is not possible here." in texts(app)
    assert [slider.value for slider in app.select_slider] == [2, 90]
    assert app.selectbox[0].value == "7"


def test_a_curve_is_measured_once_for_all_visitors(open_part, monkeypatch):
    measured: list[int | None] = []

    def counting(table, digit=None):
        measured.append(digit)
        return core.by_size(table) if digit is None else core.by_share(table, digit)

    monkeypatch.setattr(eval_curves, "by_size", counting)
    monkeypatch.setattr(forgot_eval, "by_share", counting)
    open_part("forgot_eval")
    app = open_part("forgot_eval")
    app.select_slider(key="lab_share").set_value(50).run()
    app.select_slider(key="lab_size").set_value(64).run()
    assert measured == [None, 7]
    app.selectbox(key="lab_class").select("8").run()
    assert measured == [None, 7, 8]
