"""Turn down the light, as its page runs it."""

from __future__ import annotations

import pytest

from core.data.download import DataError
from core.experiments import light_live as core
from core.experiments.light_shown import BATCH_NEW
from core.experiments.shifts import Shift
from core.records.store import SHIPPED_ENV
from pages.parts.lab import light
from tests.pages.conftest import texts


def expected(data, shift: Shift, count: int) -> str:
    """The sentence of a position, measured without the page."""
    table = core.light_table(data)
    found = {**core.predicted(table, shift), BATCH_NEW: core.predicted_anew(table, shift, count)}
    return core.said(core.errors(found, table.labels), shift, count, 500)


def moved(app):
    """Contrast, brightness and noise."""
    return [app.slider(key=f"lab_{name}").value for name in ("contrast", "brightness", "noise")]


def test_it_starts_where_the_networks_differ(open_part, small):
    app = open_part("light")
    assert moved(app) == [0.2, 0.0, 0.0]
    assert app.select_slider[0].value == 500
    said = texts(app)
    assert expected(small, Shift(contrast=0.2), 500) in said
    assert "the first 500 test images of small MNIST: one image is 0.2 points." in said


def test_a_slider_changes_images_errors_and_sentence(open_part, small):
    app = open_part("light")
    app.slider(key="lab_contrast").set_value(0.3).run()
    assert not app.exception
    assert expected(small, Shift(contrast=0.3), 500) in texts(app)
    app.select_slider(key="lab_count").set_value(4).run()
    assert expected(small, Shift(contrast=0.3), 4) in texts(app)
    app.slider(key="lab_noise").set_value(0.15).run()
    app.slider(key="lab_brightness").set_value(0.3).run()
    assert expected(small, Shift(contrast=0.3, brightness=0.3, noise=0.15), 4) in texts(app)
    app.button[0].click().run()
    assert moved(app) == [1.0, 0.0, 0.0]
    assert "The images are those of the test set, unchanged." in texts(app)


def test_the_address_has_the_position(open_part, small):
    app = open_part("light", lab_contrast="0.35", lab_count="2")
    assert app.slider(key="lab_contrast").value == 0.35
    assert expected(small, Shift(contrast=0.35), 2) in texts(app)


@pytest.mark.parametrize(
    ("name", "value"), [("contrast", "0"), ("contrast", "0.12"), ("brightness", "2"), ("noise", "x"), ("count", "3")]
)
def test_a_position_that_there_is_not_is_refused(open_part, name, value):
    app = open_part("light", **{f"lab_{name}": value})
    assert f"The link asks for lab_{name} = '{value}', which is not possible here." in texts(app)
    assert "The images are changed: contrast 0.2. " in texts(app)


def test_a_position_is_measured_once_for_all_visitors(open_part, monkeypatch):
    measured: list[tuple[Shift, int | None]] = []

    def counting(table, shift, count=None):
        measured.append((shift, count))
        return core.predicted(table, shift) if count is None else core.predicted_anew(table, shift, count)

    monkeypatch.setattr(light, "predicted", counting)
    monkeypatch.setattr(light, "predicted_anew", counting)
    open_part("light", lab_contrast="0.2")
    dim = Shift(contrast=0.2)
    assert measured == [(dim, None), (dim, 500)]
    app = open_part("light", lab_contrast="0.2")
    assert len(measured) == 2
    app.select_slider(key="lab_count").set_value(8).run()
    assert measured[2:] == [(dim, 8)]  # what has no new statistics is the same


def test_the_table_has_the_errors_and_the_answers_to_the_strip(open_part, small):
    app = open_part("light", lab_contrast="0.3")
    frame = app.dataframe[0].value
    table = core.light_table(small)
    found = core.predicted(table, Shift(contrast=0.3))
    assert list(frame["Network"]) == ["What they are", *(name for name, _ in core.NAMES)]
    assert list(frame.loc[0])[2:] == [str(int(label)) for label in small.test_labels[:8]]
    gn = frame[frame["Network"] == "GN (4)"].iloc[0]
    assert list(gn)[2:] == [str(int(answer)) for answer in found["GN (4)"][:8]]
    assert gn["Test error (%)"] == pytest.approx(100 * float((found["GN (4)"] != table.labels).mean()))


def test_images_that_cannot_be_read_are_said(open_part, monkeypatch):
    def damaged(name):
        raise DataError("MNIST in /somewhere cannot be read.", for_visitors="MNIST cannot be read here.")

    monkeypatch.setattr(light, "load", damaged)
    app = open_part("light")
    assert "MNIST cannot be read here." in texts(app)
    assert not app.slider


def test_without_the_study_it_says_so(open_part, monkeypatch, tmp_path):
    monkeypatch.setenv(SHIPPED_ENV, str(tmp_path))
    app = open_part("light")
    assert "This part measures with networks of the study, and not all of them come with this server." in texts(app)
    assert not app.slider
