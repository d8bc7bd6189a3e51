"""What the pictures of the page of errors show and say: tiles, the words behind a chart, files, colours."""

from __future__ import annotations

import base64
import io
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import streamlit as st
from PIL import Image

from core.catalogue import NORMS
from pages.parts.misclassified import grids
from tests.pages.conftest import texts
from tests.pages.wrong_page import chart, parameter, said_of, save, select, shown_tiles, tiles
from tests.wrong_records import config, predictions, record


@pytest.fixture
def images(monkeypatch) -> list[tuple[str, np.ndarray]]:
    """Every image that the page shows from now on, with its words."""
    shown = []
    real = st.image

    def spy(image, *rest, **named):
        shown.append((named["alt"], np.asarray(image)))
        return real(image, *rest, **named)

    monkeypatch.setattr(st, "image", spy)
    return shown


@pytest.fixture
def files(monkeypatch) -> list[tuple[str, object]]:
    """Name and maker of every file that the page offers from now on."""
    offered = []
    monkeypatch.setattr(st, "download_button", lambda label, data, file_name, **_: offered.append((file_name, data)))
    return offered


def described(app, number: int = 0) -> str:
    """The words behind a chart."""
    return app.get("plotly_chart")[number].proto.alt


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({}, "Test image 4, true 4, predicted 9"),
        ({"wrong_view": "across runs"}, "Test image 4, wrong in all 3, true 4"),
        ({"wrong_view": "confusion", "wrong_pair": "4-9"}, "Test image 4, true 4, predicted 9"),
    ],
)
def test_an_image_is_dark_ink_on_light_paper_and_says_what_it_is(open_page, three, parameters, words):
    app = open_page("misclassified", wrong_runs=three, **parameters)
    shown = [tile["image"] for tile in shown_tiles(app) if tile["alt"] == words]
    assert shown, [tile["alt"] for tile in shown_tiles(app)]
    for image in shown:
        with Image.open(io.BytesIO(base64.b64decode(image.removeprefix("data:image/png;base64,")))) as read:
            # image i is all of one grey, 3 i of ink
            np.testing.assert_array_equal(np.asarray(read), np.full((28, 28), 255 - 12))


def test_so_is_the_image_that_is_opened(open_page, three, images):
    open_page("misclassified", wrong_runs=three, wrong_image="4")
    [shown] = [image for alt, image in images if alt == "Test image 4, true 4"]
    np.testing.assert_array_equal(shown, np.full((224, 224), 255 - 12))


def test_a_file_has_the_name_of_its_run(open_page, files):
    ids = save(*(record(config("bn", seed), predictions({seed: 9})) for seed in (0, 1)))
    open_page("misclassified", wrong_runs=ids)
    assert [name for name, _ in files] == [f"misclassified_bn_{run_id}.png" for run_id in ids]


@pytest.mark.parametrize(
    ("pair", "order", "detail", "count"),
    [("all", "pair", "", 6), ("4-9", "first", "true 4, predicted 9", 3)],
)
def test_the_png_of_a_kind_of_error_says_which_it_is(open_page, three, files, monkeypatch, pair, order, detail, count):
    drawn = []
    monkeypatch.setattr(grids, "grid_png", lambda *given, **named: drawn.append((given[1], named)) or b"png")
    open_page("misclassified", wrong_runs=three[:1], wrong_view="confusion", wrong_pair=pair)
    [(_, make)] = files
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(make).result() == b"png"
    [(positions, named)] = drawn
    assert len(positions) == count
    assert named == {"order": order, "name": "BN", "detail": detail}


def test_the_matrix_and_the_difference_have_words(open_page, three):
    app = open_page("misclassified", wrong_runs=three, wrong_view="confusion")
    assert described(app) == ("Confusion matrix of BN: 6 errors of 3 kinds, most often true 4, predicted 9 (3)")
    app = open_page("misclassified", wrong_runs=three, wrong_view="confusion", wrong_minus=three[2])
    # BN has 54 right, LN 57; 4 for 9, 5 for 3, 7 for 1 and 9 for 4 differ
    assert described(app) == "Confusion matrix of BN minus that of LN: 4 kinds of error differ, -3 images right"


def test_a_run_of_other_test_images_cannot_be_subtracted(open_page, three):
    [other] = save(record(config("in"), predictions({1: 2}, mark="cd")))
    app = open_page(
        "misclassified", wrong_runs=[*three, other], wrong_view="confusion", wrong_matrix=three[0], wrong_minus=other
    )
    assert f"wrong_minus = '{other}', which is not possible here" in texts(app)
    assert select(app, "Minus another run").options == ["none", "GN (4)", "LN"]
    app = open_page("misclassified", wrong_runs=[*three, other], wrong_view="confusion", wrong_matrix=other)
    assert "Minus another run" not in {box.label for box in app.selectbox}
    assert tiles(app) == ["1"]


def test_each_method_has_its_own_colour_and_form(open_page):
    ids = save(
        record(config("bn"), predictions({1: 2})),
        record(config("bn", 1), predictions({1: 2})),
        record(config("ln"), predictions({3: 4})),
    )
    app = open_page("misclassified", wrong_runs=ids, wrong_view="across runs", wrong_sets="methods, every seed")
    bars, *others = chart(app)["data"]
    held = [[custom[0][row] == "1" for custom in bars["customdata"]] for row in (0, 1)]
    dots = [trace for trace in others if trace["mode"] == "markers"]
    for trace, norm, holds in zip(dots, ("bn", "ln"), held, strict=True):
        row = NORMS[norm]
        assert [color == row.color for color in trace["marker"]["color"]] == holds
        assert [trace["marker"]["symbol"][i] for i, full in enumerate(holds) if full] == [row.marker] * sum(holds)
    assert described(app) == (
        "Bars of how many test images are wrong in which of them: wrong in both 0; wrong only in BN 1; "
        "wrong only in LN 1"
    )


def test_the_seeds_of_a_method_stand_side_by_side(open_page):
    ids = save(
        record(config("bn"), predictions({1: 2})),
        record(config("ln"), predictions({3: 4})),
        record(config("bn", 1), predictions({5: 6})),
    )
    app = open_page("misclassified", wrong_runs=ids, wrong_view="across runs")
    assert [option for option in select(app, "Show the images").options if "only" in option] == [
        "wrong only in BN, seed 0: 1",
        "wrong only in BN, seed 1: 1",
        "wrong only in LN: 1",
    ]


def test_of_many_runs_an_answer_has_the_range_of_their_confidences(open_page):
    ids = save(
        *(record(config("bn", seed), predictions({4: 9}, confidence={4: 0.5 + seed / 10})) for seed in (2, 0, 3, 1)),
        record(config("ln"), predictions({4: 7}, confidence={4: 0.75})),
    )
    app = open_page("misclassified", wrong_runs=ids, wrong_view="across runs")
    (said,) = map(said_of, shown_tiles(app))
    assert said.replace("\u00a0", " ") == "true **4**\n**9**: 4 runs, 50.0 to 80.0 %\n**7**: LN 75.0 %"


def test_what_is_not_drawn_of_many_combinations_is_counted(open_page):
    """Image i is wrong in those of five runs that the digits of i name: 31 combinations, of one image or of two."""
    members = {image: image if image < 32 else image - 31 for image in range(1, 60)}
    ids = save(
        *(
            record(
                config("bn", run),
                predictions({i: (i + 1) % 10 for i, digits in members.items() if digits >> run & 1}),
            )
            for run in range(5)
        )
    )
    app = open_page("misclassified", wrong_runs=ids, wrong_view="across runs")
    assert len(chart(app)["data"][0]["y"]) == 24
    # 29 and 30 have one image each, the five before them two
    assert "7 further combinations with 12 images in all are in that list." in texts(app)
    table = next(d.value for d in app.dataframe if "Count" in d.value)
    assert (len(table), table["Count"].sum()) == (31, 59)
    row = table.iloc[0]
    assert (row["Images"], row["Count"], row["Positions in the test set"]) == ("wrong in all 5", 1, "31")


def test_an_image_that_is_closed_takes_its_layers_out_of_the_address(open_page, three):
    app = open_page("misclassified", wrong_runs=three, wrong_image="4", wrong_layers=three[1])
    assert parameter(app, "wrong_layers") == [three[1]]
    app = open_page("misclassified", wrong_runs=three, wrong_image="8", wrong_layers=three[1])
    assert "Test image 8 is right under every chosen run" in texts(app)
    assert parameter(app, "wrong_image") == parameter(app, "wrong_layers") == []
