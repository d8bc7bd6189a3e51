"""The live part of "How deep can you go?": its slider, its address, its pictures and sentences."""

from __future__ import annotations

import json

import pytest
import torch
from streamlit.testing.v1 import AppTest

from core.catalogue import QUICK
from core.data.datasets import load
from core.data.download import DataError
from core.experiments import signals as measured
from core.experiments.depth_start import NETS, as_table, at_start, first_batch
from core.experiments.depth_start_shown import gradients_in_words
from pages.parts.lab import depth as part
from tests.pages.conftest import PATIENCE, texts


def page():
    from pages.parts.lab.depth import PARAMETERS, live
    from pages.parts.shared.address import read_address

    read_address(PARAMETERS)
    live()


@pytest.fixture
def open_live():
    """The live part alone."""

    def opened(**parameters):
        app = AppTest.from_function(page, default_timeout=PATIENCE)
        for name, value in parameters.items():
            app.query_params[name] = value
        app.run()
        assert not app.exception
        return app

    return opened


def charts(app):
    return [json.loads(chart.proto.spec) for chart in app.get("plotly_chart")]


def rows(depth):
    return at_start(depth, 0, QUICK, first_batch(load(QUICK)))


def test_it_draws_what_was_measured_at_the_depth_of_the_slider(open_live):
    app = open_live(lab_depth="7")
    assert app.slider[0].value == 7
    expected = rows(7)
    for chart, quantity in zip(charts(app), ("activation", "gradient"), strict=True):
        lines = {trace["name"]: trace for trace in chart["data"]}
        for net in NETS:
            assert lines[net.label]["x"] == list(range(1, 8))
            assert lines[net.label]["y"] == pytest.approx([row[quantity] for row in expected if row["net"] == net.name])
    assert gradients_in_words(as_table(expected), 7) in texts(app)
    assert "One batch of 64 images of small MNIST; the race's network with 8 and 16 channels" in texts(app)


def test_the_slider_moves_the_pictures_and_the_address(open_live):
    app = open_live()
    assert app.slider[0].value == 20
    assert "lab_depth" not in app.query_params
    app.slider[0].set_value(30).run()
    assert not app.exception
    assert len(charts(app)[0]["data"][0]["x"]) == 30
    assert "in the first of 30 convolutions" in texts(app)


@pytest.mark.parametrize("wrong", ["4", "41", "x", ""])
def test_a_depth_that_there_is_not_gets_a_sentence(open_live, wrong):
    app = open_live(lab_depth=wrong)
    assert app.slider[0].value == 20
    assert "The link asks for lab_depth" in app.warning[0].value


def test_a_position_is_measured_once(open_live, monkeypatch):
    built = []
    build = measured.build
    monkeypatch.setattr(measured, "build", lambda config: built.append(config) or build(config))
    app = open_live(lab_depth="6")
    app.slider[0].set_value(5).run()
    app.slider[0].set_value(6).run()
    assert [config.depth for config in built] == [6] * 5 + [5] * 5


def test_tiny_numbers_count_as_zero_while_it_measures_and_not_afterwards(open_live, monkeypatch):
    def noting(name, place, notes):
        wrapped = getattr(place, name)

        def noted(*given):
            notes.append((bool(torch.full((1,), 1e-39) * 1 > 0), torch.get_num_threads()))
            return wrapped(*given)

        monkeypatch.setattr(place, name, noted)

    during, after = [], []
    noting("build", measured, during)
    noting("start_figure", part, after)  # in the same thread, once the measure is over
    open_live(lab_depth="5")
    assert {tiny for tiny, _ in during} == {False}
    assert {tiny for tiny, _ in after} == {True}
    assert {threads for _, threads in during} == {1}


def test_images_that_cannot_be_read_are_said(open_live, monkeypatch):
    def damaged(name):
        raise DataError("/somewhere cannot be read.", for_visitors="Small MNIST cannot be read here.")

    monkeypatch.setattr(part, "load", damaged)
    app = open_live()
    assert [warning.value for warning in app.warning] == ["Small MNIST cannot be read here."]
    assert not charts(app)
