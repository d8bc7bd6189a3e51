"""What a race shows beyond its start: crosses, the window of the curves, the weights."""

from __future__ import annotations

import json
from urllib.parse import parse_qs

import pandas as pd
import pytest
import torch

from core.catalogue import NORMS
from core.comparison.sparsity import histogram, sparsity
from core.jobs.words import settings
from core.records.store import RunStore
from core.training.events import EpochDone
from pages.parts.shared.runtime import registry
from pages.parts.train import weights as race_weights
from tests.acting import after_events
from tests.pages.conftest import texts, wait


def _race(open_page, epochs=1, **parameters):
    app = open_page("train", train_dataset="digits", train_epochs=str(epochs), **parameters)
    app = next(b for b in app.button if b.label == "Start the race").click().run()
    assert not app.exception
    return app


def _finished(open_page, epochs=1, **parameters):
    return wait(_race(open_page, epochs, **parameters), lambda a: "**Finished**" in texts(a))


def _snapshot(app):
    value = app.query_params["race"]
    return registry().snapshot(value if isinstance(value, str) else value[0])


def _chart(app, key):
    (chart,) = (c for c in app.get("bidi_component") if c.key == key)
    return json.loads(chart.proto.json)


@pytest.fixture
def poisoned():
    """Networks without a norm lose a weight to NaN after their first epoch."""

    def poison(training, event):
        if training.config.norm == "none" and isinstance(event, EpochDone):
            with torch.no_grad():
                training.model.head.bias.fill_(float("nan"))

    registry().start = after_events(poison)


def test_a_cross_marks_where_a_variant_diverged_and_says_why(open_page, poisoned):
    app = _finished(
        open_page, 2, train_variants="2", train_1_norm="No normalization", train_2_norm="BatchNorm", train_1_l1="off"
    )
    race = _snapshot(app)
    gone = race.variants[0]
    assert (gone.status, len(gone.rows)) == ("diverged", 1)
    assert gone.message.startswith("the loss became nan in epoch 2, batch 1; ")
    loss, accuracy = _chart(app, "train_loss_chart"), _chart(app, "train_accuracy_chart")
    for variant in race.variants:
        lines = [line for line in loss["lines"] if line["label"].startswith(variant.label)]
        assert [row.test_loss for row in variant.rows] in [line["y"] for line in lines]
        assert [point.train_loss for point in variant.curve] in [line["y"] for line in lines]
        [line] = [line for line in accuracy["lines"] if line["label"].startswith(variant.label)]
        assert line["y"] == [row.test_accuracy for row in variant.rows]
    (cross,) = loss["crosses"]
    assert (cross["label"], cross["color"], cross["reason"]) == (gone.label, "#7F7F7F", gone.message)
    assert cross["x"] == 1.0  # all batches of the first epoch were fine
    assert cross["y"] == gone.curve[-1].train_loss
    assert accuracy["crosses"] == [{**cross, "y": gone.rows[0].test_accuracy}]
    for chart in (loss, accuracy):
        assert f"{gone.label} diverged, marked by a cross: {gone.message}" in chart["alt"]
    # its weights are those of its last finished epoch, so they can still be counted
    app.session_state[race_weights.OPEN_KEY] = True
    app.run()
    assert not app.exception
    assert list(app.dataframe[-1].value.index) == [v.label for v in race.variants]


def test_the_standing_the_words_and_the_links_are_those_of_the_last_epoch(open_page):
    app = _finished(open_page, 2, train_variants="2", train_1_norm="LayerNorm", train_2_norm="GroupNorm")
    variants = _snapshot(app).variants
    rows = {variant.label: variant.rows[-1] for variant in variants}
    assert {row.epoch for row in rows.values()} == {2}
    table = app.dataframe[0].value.set_index("Variant")
    for label, row in rows.items():
        standing = table.loc[label]
        assert standing["Epoch"] == 2
        assert standing["Test accuracy (%)"] == row.test_accuracy
        assert standing["Test loss"] == row.test_loss
        assert standing["Training accuracy (%)"] == row.train_accuracy
        assert standing["Gap (points)"] == row.train_accuracy - row.test_accuracy != 0
    assert table["Images a second"].to_dict() == {variant.label: variant.images_per_second for variant in variants}
    said = settings(_snapshot(app))
    assert said.startswith("digits: 2 epochs, batch 128, lr 0.1, seed 0")
    for key, name, field in (
        ("train_loss_chart", "test loss", "test_loss"),
        ("train_accuracy_chart", "test accuracy in percent", "test_accuracy"),
    ):
        values = "; ".join(f"{label} {getattr(row, field):.4g} after epoch 2" for label, row in rows.items())
        assert _chart(app, key)["alt"] == f"Line chart of {name} over epochs. {said} {values}"
    loss, accuracy = _chart(app, "train_loss_chart"), _chart(app, "train_accuracy_chart")
    assert [(chart["logY"], chart["unit"]) for chart in (loss, accuracy)] == [(True, ""), (False, "%")]
    lines = {line["label"]: line for line in [*loss["lines"], *accuracy["lines"]]}
    for variant in variants:
        row = NORMS[variant.config.norm]
        training, tested, right = (lines[variant.label + kind] for kind in (", training", ", test", ""))
        assert training["x"] == [point.epoch for point in variant.curve]
        assert tested["x"] == right["x"] == [1, 2]
        assert {(line["color"], line["dash"]) for line in (training, tested, right)} == {(row.color, row.strokes)}
    links = {k.proto.label: parse_qs(k.proto.query_string) for k in app.get("page_link")}
    ids = [variant.run_id for variant in variants]
    assert links["Compare these runs"] == {"compare_runs": ids}
    assert links["See what they got wrong"] == {"wrong_runs": ids}


def test_after_the_largest_seed_comes_0(open_page):
    app = _finished(open_page, train_variants="1", train_seed=str(2**32 - 1))
    app.button(key="train_again").click().run()
    assert not app.exception
    assert [v.config.seed for v in _snapshot(app).variants] == [0]
    assert app.number_input(key="train_seed").value == 0


def test_the_second_of_a_norm_has_hollow_dots(open_page):
    app = _finished(open_page, train_variants="2", train_1_norm="BatchNorm", train_2_norm="BatchNorm", train_2_l1="off")
    assert [line["hollow"] for line in _chart(app, "train_accuracy_chart")["lines"]] == [False, True]


def test_no_cross_where_nothing_diverged(open_page):
    app = _finished(open_page, train_variants="1")
    assert _chart(app, "train_loss_chart")["crosses"] == _chart(app, "train_accuracy_chart")["crosses"] == []


def test_the_window_in_epochs_survives_updates_and_the_end_of_the_race(open_page):
    app = _race(open_page, epochs=5, train_variants="1")
    wait(app, lambda a: bool(a.segmented_control))
    assert _chart(app, "train_loss_chart")["xRange"] == [0, 5]
    app.segmented_control(key="train_epochs_window").set_value("last 3 epochs").run()
    app.segmented_control(key="train_window").set_value("from 90 %").run()
    low, high = _chart(app, "train_loss_chart")["xRange"]
    assert 3 <= high <= 5
    assert high - low == 3
    wait(app, lambda a: "**Finished**" in texts(a))
    assert app.segmented_control(key="train_epochs_window").value == "last 3 epochs"
    assert _chart(app, "train_loss_chart")["xRange"] == _chart(app, "train_accuracy_chart")["xRange"] == [2, 5]
    assert _chart(app, "train_accuracy_chart")["yRange"] == [90, 100]
    app.segmented_control(key="train_window").set_value("from 98 %").run()
    assert _chart(app, "train_accuracy_chart")["yRange"] == [98, 100]
    assert _chart(app, "train_loss_chart")["yRange"] is None
    app.segmented_control(key="train_epochs_window").set_value("all epochs").run()
    assert _chart(app, "train_accuracy_chart")["xRange"] == [0, 5]


def test_a_short_race_has_no_epochs_to_cut(open_page):
    app = _finished(open_page, epochs=2, train_variants="1")
    app.segmented_control(key="train_epochs_window").set_value("last 3 epochs").run()
    assert _chart(app, "train_loss_chart")["xRange"] == [0, 2]


def test_the_weights_are_read_only_when_somebody_opens_the_section(open_page, monkeypatch):
    read = []
    real = race_weights.full_record
    monkeypatch.setattr(race_weights, "full_record", lambda run_id: read.append(run_id) or real(run_id))
    app = _finished(open_page, train_1_l1="1e-2")
    assert [e.label for e in app.expander][-1] == "What L1 did to the weights"
    assert read == []
    assert not app.get("plotly_chart")

    app.session_state[race_weights.OPEN_KEY] = True
    app.run()
    assert not app.exception
    variants = _snapshot(app).variants
    assert read == [v.run_id for v in variants]
    records = [RunStore().load(v.run_id) for v in variants]
    shares, sizes = (table.value for table in app.dataframe[-2:])
    columns = ["All", "Conv 1", "Conv 2", "Conv 3", "Conv 4", "Conv 5", "Linear"]
    for table, field in ((shares, "share"), (sizes, "rms")):
        found = [sparsity(record.weights) for record in records]
        expected = [[getattr(part, field) for part in (s, *s.layers)] for s in found]
        index = pd.Index(["BN + L1", "GN (4)", "LN"], name="Variant")
        pd.testing.assert_frame_equal(table, pd.DataFrame(expected, columns=columns, index=index))
    # the strong penalty is seen: the same network otherwise
    assert shares["All"].iloc[0] > 2 * shares["All"].iloc[1]

    (chart,) = app.get("plotly_chart")
    lines = json.loads(chart.proto.spec)["data"]
    assert [line["line"]["color"] for line in lines] == ["#0072B2", "#009E73", "#D55E00"]
    assert [line["line"]["dash"] for line in lines] == ["solid", "dashdot", "dash"]
    middle = histogram(records[0].weights).percent[40]
    assert lines[0]["name"] == f"BN + L1: {middle:.1f} % near zero"
    assert f"Near zero: BN + L1 {shares['All'].iloc[0]:.1f} %; GN (4)" in chart.proto.alt
    said = texts(app)
    assert "L1 covers **18,896 weights**" in said
    assert "Biases and a norm's γ and β stay free" in said
    assert "Absolute size does not count before a norm" in said


def test_weights_that_are_gone_are_explained(open_page):
    app = _finished(open_page, train_variants="1")
    store = RunStore()
    for record in store.summaries()[0]:
        (store.root / record.run_id / "weights.safetensors").unlink()
        (store.root / record.run_id / "run.json").unlink()
    app.session_state[race_weights.OPEN_KEY] = True
    app.run()
    assert not app.exception
    assert "The records of these runs are gone" in texts(app)
