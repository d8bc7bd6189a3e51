"""What a race shows beyond its start: crosses, the window of the curves, the weights."""

from __future__ import annotations

import json
import math
from urllib.parse import parse_qs

import pandas as pd
import pytest
import torch

from core.catalogue import NORMS
from core.comparison.sparsity import histogram, sparsity
from core.config import RunConfig
from core.data.datasets import load
from core.jobs.snapshots import RaceSnapshot, VariantSnapshot
from core.jobs.words import settings
from core.records.store import RunStore
from core.training.events import EpochDone
from core.training.loop import train
from pages.parts.shared.race.curves import epochs_shown
from pages.parts.shared.runtime import registry
from pages.parts.train import weights as race_weights
from tests.acting import after_events
from tests.pages.conftest import finished, texts, wait
from tests.pages.train.test_train import bars


def _race(open_page, epochs=1, **parameters):
    app = open_page("train", train_dataset="digits", train_epochs=str(epochs), **parameters)
    app = next(b for b in app.button if b.label == "Start the race").click().run()
    assert not app.exception
    return app


def _finished(open_page, epochs=1, **parameters):
    return finished(_race(open_page, epochs, **parameters))


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
    cards = {"train_1_norm": "No normalization", "train_2_norm": "BatchNorm", "train_1_l1": "off", "train_2_l1": "1e-4"}
    app = _finished(open_page, 2, train_variants="2", **cards)
    race = _snapshot(app)
    gone = race.variants[0]
    assert (gone.status, len(gone.rows)) == ("diverged", 1)
    assert gone.message.startswith("the loss became nan in epoch 2, batch 1; ")
    loss, accuracy = _chart(app, "train_loss_chart"), _chart(app, "train_accuracy_chart")
    for variant in race.variants:
        lines = [line for line in loss["lines"] if line["label"].startswith(variant.label)]
        assert [row.test_loss for row in variant.rows] in [line["y"] for line in lines]
        assert [point.train_loss for point in variant.curve] in [line["y"] for line in lines]
        [line] = [line for line in accuracy["lines"] if line["label"] == variant.label]
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
    _, standing, _ = bars(app)
    assert {cells[0]: cells[3:5] for cells in standing} == {
        label: [f"{row.test_accuracy:.2f}", f"{row.test_loss:.4f}"] for label, row in rows.items()
    }
    assert {cells[0]: cells[7] for cells in standing} == {v.label: f"{v.images_per_second:,.0f}" for v in variants}
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
    lines = [line for line in _chart(app, "train_accuracy_chart")["lines"] if line["named"]]
    assert [(line["shape"], line["hollow"]) for line in lines] == [("circle", False), ("circle", True)]
    _, _, found = bars(app)
    assert [bar["style"].partition("background: ")[2] for bar in found] == [
        "#0072B2",
        "repeating-linear-gradient(90deg, #0072B2 0 6px, transparent 6px 9px)",
    ]


def test_five_of_one_norm_can_be_told_apart(open_page):
    penalties = {f"train_{i}_l1": value for i, value in enumerate(("off", "1e-6", "1e-5", "3e-5", "1e-4"), start=1)}
    norms = {f"train_{i}_norm": "BatchNorm" for i in range(1, 6)}
    app = open_page("train", train_variants="5", **norms, **penalties)
    lines = _chart(app, "train_accuracy_preview")["lines"]
    assert len({(line["shape"], line["hollow"]) for line in lines}) == len(lines) == 5
    assert {(line["color"], line["dash"]) for line in lines} == {("#0072B2", "")}


def test_no_cross_where_nothing_diverged(open_page):
    app = _finished(open_page, train_variants="1")
    assert _chart(app, "train_loss_chart")["crosses"] == _chart(app, "train_accuracy_chart")["crosses"] == []


def test_the_window_in_epochs_survives_updates_and_the_end_of_the_race(open_page):
    app = _race(open_page, epochs=5, train_variants="1")
    wait(app, lambda a: bool(a.segmented_control))
    app.segmented_control(key="train_epochs_window").set_value("all epochs").run()
    assert _chart(app, "train_loss_chart")["xRange"] == [0, 5]
    assert _chart(app, "train_accuracy_chart")["yRange"] == [0, 100]
    app.segmented_control(key="train_epochs_window").set_value("last 3 epochs").run()
    app.segmented_control(key="train_window").set_value("from 90 %").run()
    low, high = _chart(app, "train_loss_chart")["xRange"]
    assert 3 <= high <= 5
    assert high - low == 3
    finished(app)
    assert app.segmented_control(key="train_epochs_window").value == "last 3 epochs"
    assert _chart(app, "train_loss_chart")["xRange"] == _chart(app, "train_accuracy_chart")["xRange"] == [2, 5]
    assert _chart(app, "train_accuracy_chart")["yRange"] == [90, 100]
    app.segmented_control(key="train_window").set_value("from 98 %").run()
    assert _chart(app, "train_accuracy_chart")["yRange"] == [98, 100]
    assert _chart(app, "train_loss_chart")["yRange"] is None
    app.segmented_control(key="train_epochs_window").set_value("all epochs").run()
    assert _chart(app, "train_accuracy_chart")["xRange"] == [0, 5]
    app.segmented_control(key="train_epochs_window").set_value("so far").run()
    assert _chart(app, "train_accuracy_chart")["xRange"] == [0, 5]


@pytest.mark.parametrize(
    ("batch", "epochs", "end"),
    [(0, 3, 1 / 16), (2, 3, 1 / 16), (3, 3, 1 / 8), (12, 3, 1 / 2), (24, 3, 1), (47, 1, 1), (47, 3, 1), (48, 3, 2)],
)
def test_the_axis_of_epochs_grows_with_the_race(batch, epochs, end):
    epoch, within = (1, batch) if batch <= 47 else (2, batch - 47)
    variant = VariantSnapshot(
        config=RunConfig(norm="bn", epochs=epochs), label="BN", epoch=epoch, batch=within, batches=47
    )
    race = RaceSnapshot(race_id="0" * 16, status="running", variants=(variant,))
    assert epochs_shown(race, "so far") == (0, end)
    assert epochs_shown(race, "all epochs") == (0, epochs)


def test_the_first_looks_are_thin_named_and_apart_from_the_epochs(open_page):
    app = _finished(open_page, 1, train_variants="1", train_batch_size="32")
    (variant,) = _snapshot(app).variants
    thin, line = _chart(app, "train_accuracy_chart")["lines"]
    assert [point.epoch for point in variant.early] == thin["x"] == [8 / 45, 16 / 45, 32 / 45, 1]
    assert thin["y"] == [point.test_accuracy for point in variant.early]
    assert (thin["label"], thin["named"], thin["width"]) == ("BN + L1, on 359 images", False, 1.0)
    assert (line["x"], line["width"]) == ([1], 2.5)
    assert _chart(app, "train_accuracy_chart")["note"] == "thin, in the first epoch: all 359 test images"
    (run,) = RunStore().summaries()[0]
    assert [row.epoch for row in run.epochs] == [1]


def test_a_log_axis_says_so(open_page):
    app = open_page("train")
    assert _chart(app, "train_loss_preview")["title"] == "Loss on small MNIST, log axis: training (thin), test (dots)"
    app = _finished(open_page, train_variants="1")
    loss, accuracy = _chart(app, "train_loss_chart"), _chart(app, "train_accuracy_chart")
    assert (loss["logY"], loss["title"]) == (True, "Loss on digits, log axis: training (thin), test (dots)")
    assert (accuracy["logY"], accuracy["title"]) == (False, "Test accuracy on digits (%)")


def test_before_a_race_the_charts_show_where_every_network_starts(open_page):
    app = open_page("train", train_dataset="digits", train_epochs="7")
    loss, accuracy = _chart(app, "train_loss_preview"), _chart(app, "train_accuracy_preview")
    assert [line["label"] for line in loss["lines"]] == ["BN + L1", "GN (4)", "LN"]
    assert {(*line["x"], *line["y"]) for line in loss["lines"]} == {(0.0, math.log(10))}
    assert {(*line["x"], *line["y"]) for line in accuracy["lines"]} == {(0.0, 10.0)}
    assert loss["xRange"] == accuracy["xRange"] == [0, 7]
    first = next(
        event for event in train(RunConfig(norm="bn", dataset="digits"), load("digits")) if event.name == "batch_done"
    )
    assert first.loss == pytest.approx(math.log(10), abs=1e-6)


def test_a_short_race_has_no_epochs_to_cut(open_page):
    app = _finished(open_page, epochs=2, train_variants="1", train_1_l1="off")
    assert "What L1 did to the weights" not in [e.label for e in app.expander]  # no variant has L1
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
    for frame, field in ((shares, "share"), (sizes, "rms")):
        found = [sparsity(record.weights) for record in records]
        expected = [[getattr(part, field) for part in (s, *s.layers)] for s in found]
        index = pd.Index(["BN + L1", "GN (4)", "LN"], name="Variant")
        pd.testing.assert_frame_equal(frame, pd.DataFrame(expected, columns=columns, index=index))
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
