from __future__ import annotations

import pytest

from core.misclassified.grid import choose
from core.records import store as runs
from core.records.store import RunStore
from tests.pages.conftest import texts
from tests.pages.wrong_page import said_of, shown_tiles, tiles


@pytest.mark.parametrize("page", ["compare", "misclassified"])
def test_before_any_run_the_page_says_what_to_do(open_page, page):
    app = open_page(page)
    assert "Train the variants first" in texts(app)
    assert not app.multiselect


def test_misclassified_shows_ten_with_label_prediction_and_confidence(open_page, trained, record):
    app = open_page("misclassified")
    predictions = record.predictions
    wrong = len(predictions.wrong_index)
    assert wrong > 10  # two epochs of digits: the fixture's run is far from perfect
    said = texts(app)
    assert f"{wrong:,} of 359 test images of digits wrong, {predictions.accuracy:.2f} % right." in said
    captions = [said_of(tile) for tile in shown_tiles(app)]
    assert len(captions) == 10
    expected = []
    for position in choose(predictions, "confident"):
        index = predictions.wrong_index[position]
        expected.append(
            f"true **{predictions.true[index]}**\npredicted **{predictions.predicted[index]}**\n"
            f"with {100 * predictions.confidence[index]:.1f} %"
        )
    assert captions == expected


def test_misclassified_orders(open_page, trained, record):
    app = open_page("misclassified", wrong_order="first")
    index = record.predictions.wrong_index
    assert tiles(app) == [str(one) for one in index[:10]]
    assert said_of(shown_tiles(app)[0]).startswith(f"true **{record.predictions.true[index[0]]}**\n")
    again = [tiles(open_page("misclassified", wrong_order="random", wrong_seed="5")) for _ in range(2)]
    assert again[0] == again[1]
    other = open_page("misclassified", wrong_order="random", wrong_seed="6")
    assert tiles(other) != again[0]


def test_misclassified_rejects_garbage(open_page, trained):
    app = open_page("misclassified", wrong_order="worst", wrong_seed="1e9", wrong_runs="<script>")
    said = " ".join(w.value for w in app.warning)
    for name in ("wrong_order", "wrong_seed", "wrong_runs"):
        assert name in said


def test_a_record_that_is_damaged_while_the_page_is_open_is_explained(open_page, trained, record):
    folder = trained.root / record.run_id
    (folder / "predictions.npz").write_bytes(b"not an archive")
    app = open_page("misclassified")
    assert "gone or damaged" in texts(app)


def test_a_foreign_folder_does_not_break_the_list(open_page, trained, record):
    bad = RunStore().root / ("0" * 16)
    bad.mkdir()
    (bad / runs.RUN_FILE).write_text("[]")
    app = open_page("compare")
    assert app.multiselect[0].value == [record.run_id]
