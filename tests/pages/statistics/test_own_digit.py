"""One's own image on the Statistics page: taken or refused where the person looks, and answered."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import numpy as np
import pytest
import streamlit as st
from PIL import Image

from core.catalogue import DATASETS, SIDE
from core.config import RECIPE, RECIPES
from core.four_images.networks import WITHOUT_RUNS, inner_side, study_runs
from core.four_images.own_images import PALE, read_upload
from core.records import store as runs
from core.records.answers import probabilities
from core.records.network import trained_model
from pages.parts.statistics import own_digit
from pages.parts.statistics.own_digit import DRAWN, DRAWN_INSIDE, FRAME, SEEN, SEEN_INSIDE
from tests.pages.conftest import texts
from tests.pages.wrong_page import save
from tests.wrong_records import config, predictions
from tests.wrong_records import record as made

CASES = Path(__file__).parents[2] / "core" / "four_images" / "cases"
PHOTO = (CASES / "photo_shaded.jpg").read_bytes()


@pytest.fixture(autouse=True)
def without_mnist(monkeypatch, tmp_path):
    """Images that come with the app, whatever data sets this machine has."""
    monkeypatch.setenv("NORMLENS_DATA", str(tmp_path / "nothing"))


@pytest.fixture
def study(monkeypatch):
    """The records that come with the app."""
    monkeypatch.setenv(runs.SHIPPED_ENV, str(runs.SHIPPED))


def way(app, name):
    return next(e for e in app.segmented_control if e.key == "stats_own_way").set_value(name).run()


def place(app, number):
    return next(e for e in app.segmented_control if e.key == "stats_own_place").set_value(number - 1).run()


def upload(app, content, name="photo.jpg"):
    app.file_uploader[0].set_value((name, content, "image/jpeg")).run()
    assert not app.exception
    return app


def chooser(app):
    """The popover in which images are chosen."""
    found = [block for block in app.get("popover") if block.proto.popover.label == "Images"]
    assert len(found) == 1
    return found[0]


def of_the_study(captions):
    """The caption of the picture, ``captions`` for one of which networks get all and one of which they get a part."""
    inner = inner_side(study_runs(runs.RunFolder(runs.SHIPPED).summaries()[0])[0].config)
    return captions[inner < SIDE].format(side=inner)


def warnings(block):
    return [warning.value for warning in block.warning]


def pictures(block):
    return [image.proto.imgs[0].caption for image in block.get("image")]


def test_a_refusal_stands_by_the_uploader_and_goes_with_the_next_file(open_page, study):
    app = way(open_page("statistics", stats_source="Real images"), "upload")
    app = upload(app, b"no image at all", "bad.png")
    refusal = "The file is not an image that can be read; use PNG, JPEG, GIF, BMP, WEBP. The images stay as they were."
    assert warnings(chooser(app)) == [refusal]
    assert warnings(app) == [refusal]  # there, and nowhere else
    app.run()
    assert warnings(chooser(app)) == [refusal]  # as long as that file stands there
    app = upload(app, PHOTO)
    assert warnings(app) == []
    assert "1 of your own" in texts(app)
    app = upload(app, b"", "empty.png")
    assert warnings(chooser(app)) == [
        "The file is empty (0 bytes); choose an image file. The images stay as they were."
    ]
    assert "1 of your own" in texts(app)


def test_a_refusal_goes_with_its_file_and_with_another_way(open_page, study):
    app = way(open_page("statistics", stats_source="Real images"), "upload")
    app = upload(app, b"no image at all", "bad.png")
    app.file_uploader[0].clear().run()
    assert warnings(app) == []
    app = upload(app, b"no image either", "bad.png")
    assert len(warnings(app)) == 1
    assert warnings(way(app, "draw")) == []


def test_the_seven_is_answered_by_one_network_of_each_norm(open_page, study):
    app = way(open_page("statistics", stats_source="Real images"), "upload")
    app = upload(app, PHOTO)
    assert {"What you sent", of_the_study((SEEN, SEEN_INSIDE))} <= set(pictures(chooser(app)))
    answer = "Every network takes it for **7**; the least sure is"
    assert any(answer in element.value for element in chooser(app).markdown)
    [panel] = [block for block in app.expander if block.label.startswith("Image 1 is your own.")]
    assert answer in panel.label
    assert panel.proto.expanded
    table = panel.dataframe[0].value
    assert list(table["Network"]) == ["BN + L1", "GN (4)", "LN", "IN", "no norm"]
    folder = runs.RunFolder(runs.SHIPPED)
    picture = read_upload(PHOTO)
    of_seed_0 = {run.label: run.run_id for run in folder.summaries()[0] if run.config.seed == 0}
    for label, row in zip(table["Network"], table.drop(columns="Network").to_numpy(), strict=True):
        expected = 100 * probabilities(trained_model(folder.load(of_seed_0[label])), picture[None], "mnist")[0]
        np.testing.assert_allclose(row, expected, rtol=1e-5, atol=1e-7)
        assert row.sum() == pytest.approx(100)
        assert row.argmax() == 7
    assert "Networks trained on MNIST with seed 0, in inference mode. BN + L1 goes by the running mean" in texts(app)


def test_the_newest_of_several_is_open_and_each_has_its_own_original(open_page, study):
    app = way(open_page("statistics", stats_source="Real images"), "upload")
    app = upload(app, PHOTO)
    app = upload(place(app, 3), (CASES / "underexposed.png").read_bytes(), "dark.png")
    panels = [block for block in app.expander if "is your own" in block.label]
    assert [panel.label.split(".")[0] for panel in panels] == ["Image 1 is your own", "Image 3 is your own"]
    assert [panel.proto.expanded for panel in panels] == [False, True]
    app = place(app, 2)  # nothing of one's own there
    assert "What you sent" not in pictures(chooser(app))
    next(b for b in app.button if b.label == "Back to the test set").click().run()
    assert not [block for block in app.expander if "is your own" in block.label]


def test_without_a_trained_network_it_is_said(open_page):
    app = way(open_page("statistics", stats_source="Real images"), "upload")
    app = upload(app, PHOTO)
    sentence = "No trained network of digits is here to say what it is; a race on MNIST or digits makes some."
    assert [caption.value for caption in app.caption if sentence in caption.value] == [
        f"Image 1 is your own. {sentence}"
    ]
    assert SEEN_INSIDE.format(side=inner_side(WITHOUT_RUNS)) in pictures(chooser(app))


def test_where_no_study_ships_a_race_of_this_server_answers(open_page, trained, record):
    picture = Image.new("L", (60, 60), 255)
    picture.paste(0, (25, 5, 35, 55))
    file = io.BytesIO()
    picture.save(file, "PNG")
    app = way(open_page("statistics", stats_source="Real images"), "upload")
    app = upload(app, file.getvalue(), "one.png")
    expected = probabilities(trained_model(record), read_upload(file.getvalue())[None], "digits")[0]
    [panel] = [block for block in app.expander if "is your own" in block.label]
    assert f"BN takes it for **{expected.argmax()}** ({100 * expected.max():.1f} %)." in panel.label
    assert "Networks trained on digits with seed 0, in inference mode." in texts(app)


def test_a_drawing_is_answered_too(open_page, study, monkeypatch):
    drawn = read_upload(PHOTO)
    sent = iter([base64.b64encode(drawn.tobytes()).decode()])
    # the driver has no browser that would send one
    monkeypatch.setattr("pages.parts.statistics.own_digit.draw_image", lambda *, key, inner: next(sent, None))
    app = open_page("statistics", stats_source="Real images")
    assert of_the_study((DRAWN, DRAWN_INSIDE)) in pictures(chooser(app))
    assert "What you sent" not in pictures(chooser(app))
    assert "Every network takes it for **7**" in texts(app)


@pytest.mark.parametrize("recipe", RECIPES)
def test_it_is_shown_which_part_of_an_own_image_the_networks_get(open_page, monkeypatch, recipe):
    """Ink on the outermost pixels of a drawing: those that the network leaves out are pale in its picture."""
    save(made(config("ln", recipe=recipe), predictions({})))
    ink = np.full((SIDE, SIDE), 255, np.uint8)
    sent = iter([base64.b64encode(ink.tobytes()).decode()])
    framed, shown = [], []
    real = st.image

    def draw(*, key, inner):
        framed.append(inner)
        return next(sent, None)

    monkeypatch.setattr(own_digit, "draw_image", draw)
    monkeypatch.setattr(st, "image", lambda image, **named: shown.append((image, named)) or real(image, **named))
    app = open_page("statistics", stats_source="Real images")
    border = DATASETS["digits"].border if recipe == RECIPE else 0
    inner = SIDE - 2 * border
    assert set(framed) == {inner}
    assert (FRAME in texts(app)) == (recipe == RECIPE)
    pictures = [(image, named) for image, named in shown if "drawing" in named.get("caption", "")]
    assert len(pictures) == 2  # where it is chosen, and with its answer
    for image, named in pictures:
        assert named["caption"] == {1: DRAWN, RECIPE: DRAWN_INSIDE}[recipe].format(side=inner)
        assert (
            named["alt"]
            == {
                1: f"The {SIDE} by {SIDE} picture that the network gets",
                RECIPE: f"The picture of {SIDE} by {SIDE}, of which the network gets the inner {inner} by {inner}",
            }[recipe]
        )
        factor = len(image) // SIDE
        black = image[::factor, ::factor] == 0
        assert black.sum() == inner**2
        assert black[border : SIDE - border, border : SIDE - border].all()
        assert border == 0 or PALE / 2 < image[0, 0] < 255
