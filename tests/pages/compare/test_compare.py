"""The Compare page: what can be chosen, what is drawn and said, and what a link may ask for."""

from __future__ import annotations

import json
from dataclasses import replace
from urllib.parse import parse_qs

import pytest
import streamlit as st

from core.comparison.findings import selection_findings
from core.comparison.intervals import wilson
from core.comparison.methods import method_id, single_runs
from core.records import store as runs
from core.records.archive import to_zip
from tests.pages.conftest import texts
from tests.sizes import PARAMETERS


def figures(app) -> list[dict]:
    """The page's plotly figures: Graph 1, Graph 2, and the intervals where any run has ended."""
    *intervals, graph1, graph2 = [json.loads(chart.proto.spec) for chart in app.get("plotly_chart")]
    return [graph1, graph2, *intervals]


def lines(figure: dict) -> list[dict]:
    """The traces in view that are runs or methods: neither bands nor rings."""
    return [t for t in figure["data"] if t.get("mode") == "lines+markers" and t.get("visible") is not False]


def test_one_run_is_drawn_and_tabled_with_its_values(open_page, trained, record):
    app = open_page("compare")
    graph1, graph2, intervals = figures(app)
    for figure, metric, title in (
        (graph1, "test_loss", "Graph 1. Test loss"),
        (graph2, "test_accuracy", "Graph 2. Test accuracy"),
    ):
        assert figure["layout"]["title"]["text"] == title
        assert figure["layout"]["xaxis"]["title"]["text"] == "Epoch"
        [line] = lines(figure)
        assert list(line["y"]) == [getattr(row, metric) for row in record.epochs]
        assert list(line["x"]) == [1, 2]
    [row] = app.dataframe[0].value.to_dict("records")
    last = record.epochs[-1]
    assert row["Method"] == "BN"
    assert row["Test accuracy (%)"] == last.test_accuracy
    assert row["Test loss"] == last.test_loss
    assert row["Parameters"] == PARAMETERS
    assert row["Settings"] == "2 epochs, batch 64, lr 0.1, seed 0"
    interval = wilson(round(last.test_accuracy * 3.59), 359)
    assert (row["95 % low"], row["95 % high"]) == (interval.low, interval.high)
    assert intervals["data"][-1]["x"] == [last.test_accuracy]
    assert f"**BN** with **{last.test_accuracy:.2f} %** (95 % interval {interval.low:.2f} to" in texts(app)
    # published values are for MNIST
    assert not [shape for shape in graph2["layout"].get("shapes", []) if shape["line"]["width"] == 1]


def test_shipped_runs_are_there_before_anything_is_trained(open_page, shipped):
    app = open_page("compare")
    by_label = {r.label: r for r in shipped}
    assert set(app.multiselect[0].value) == {
        by_label["BN + L1"].run_id,
        by_label["GN (4)"].run_id,
        method_id(by_label["LN"].config),
    }
    assert {row["Method"]: row["Seeds"] for row in app.dataframe[0].value.to_dict("records")} == {
        "BN + L1": 1,
        "GN (4)": 1,
        "LN": 2,
    }
    labels = {label: label for label in app.multiselect[0].options}
    assert "LN, 2 seeds" in labels
    assert "LN, seed 1" in labels


def test_a_method_with_a_run_that_stopped_has_clear_names(open_page, shipped, nothing_ships):
    stopped = shipped[2].changed(config=replace(shipped[2].config, seed=7), status="interrupted")
    runs.save(stopped, nothing_ships)
    app = open_page("compare")
    assert [label for label in app.multiselect[0].options if label.startswith("LN")] == [
        "LN, 2 seeds",
        "LN, seed 0",
        "LN, seed 1",
        "LN, seed 7, stopped",
    ]


def test_a_method_that_other_settings_tell_from_others_says_once_how_many_seeds(open_page, shipped, nothing_ships):
    for one in shipped[2:]:
        runs.save(one.changed(config=replace(one.config, lr=0.2)), nothing_ships)
    app = open_page("compare")
    assert [label for label in app.multiselect[0].options if "seeds" in label] == [
        "LN, lr 0.1, 2 seeds",
        "LN, lr 0.2, 2 seeds",
    ]


def test_a_run_that_the_address_names_twice_is_no_pair(open_page, shipped):
    app = open_page("compare", compare_runs=[shipped[0].run_id] * 2)
    assert app.multiselect[0].value == [shipped[0].run_id]
    assert len(app.dataframe[0].value) == 1


def test_the_address_sets_the_format_of_saved_graphs_at_once(open_page, shipped):
    for asked, saved in (("svg", "svg"), ("png", "png"), ("exe", "png")):
        app = open_page("compare", compare_format=asked)
        config = json.loads(app.get("plotly_chart")[0].proto.config)
        assert config["toImageButtonOptions"]["format"] == saved, asked


def test_a_forged_record_does_not_reach_other_visitors(open_page, shipped):
    """Its hash is that of the real one: losses that differ by 2 ** 61. Its curve must stay in its own session."""
    real = shipped[0]
    rows = tuple(replace(row, test_loss=row.test_loss * 2.0**61) for row in real.epochs)
    forger = open_page("compare")
    forger.file_uploader[0].set_value([("f.zip", to_zip(real.changed(epochs=rows)), "application/zip")]).run()
    assert not forger.exception
    forger.multiselect[0].set_value([real.run_id]).run()
    assert lines(figures(forger)[0])[0]["y"] == [row.test_loss for row in rows]
    visitor = open_page("compare", compare_runs=real.run_id)
    assert lines(figures(visitor)[0])[0]["y"] == [row.test_loss for row in real.epochs]
    assert visitor.dataframe[0].value["Test loss"].tolist() == [real.epochs[-1].test_loss]


def test_each_download_is_what_its_label_says(open_page, trained, monkeypatch):
    found = {}
    monkeypatch.setattr(st, "download_button", lambda label, data, **_: found.update({label: data}))
    open_page("compare")
    assert found["Table as CSV"]().startswith(b"Method,Seeds,")
    assert found["Curves as CSV"]().startswith(b"method,seed,run_id,epoch,")
    assert found["Table as Markdown"]().startswith(b"| Method")
    assert b"\\begin{tabular}" in found["Table as LaTeX"]()
    assert b"Test accuracy (\\%)" in found["Table as LaTeX"]()
    for number, name in ((1, b"Test loss"), (2, b"Test accuracy")):
        assert b"Graph %d. %s" % (number, name) in found[f"Graph {number} as a page"]()


def test_single_networks_are_compared_by_mcnemar(open_page, shipped):
    pair = single_runs(shipped[:2])
    app = open_page("compare", compare_runs=[record.run_id for record in shipped[:2]])
    [expected] = selection_findings(pair)
    said = texts(app)
    assert f"**{expected.question}** {expected.answer}" in said
    assert expected.evidence in said
    assert "McNemar" in said


def test_axes_zoom_and_seeds_come_from_the_address(open_page, shipped):
    method = method_id(shipped[2].config)
    app = open_page(
        "compare",
        compare_runs=method,
        compare_x="steps",
        compare_zoom="99 to 100 %",
        compare_loss="log",
        compare_seeds="true",
        compare_accuracy="training",
    )
    graph1, graph2, _ = figures(app)
    assert graph1["layout"]["yaxis"]["type"] == "log"
    assert list(lines(graph1)[0]["x"]) == [6]  # 1,438 images in batches of 256
    assert graph2["layout"]["title"]["text"] == "Graph 2. Training accuracy"
    assert list(graph2["layout"]["yaxis"]["range"]) == [99, 100]
    seeds = [trace for trace in graph2["data"] if trace.get("meta") == "seed" and trace["visible"]]
    assert [trace["opacity"] for trace in seeds] == [0.45]
    assert app.multiselect[0].value == [method]


@pytest.mark.parametrize(("zoom", "span"), [("all", [0, 100]), ("98 to 100 %", [98, 100]), ("99 to 100 %", [99, 100])])
def test_the_range_of_the_accuracies_is_what_its_name_says(open_page, trained, zoom, span):
    app = open_page("compare", compare_zoom=zoom)
    assert list(figures(app)[1]["layout"]["yaxis"]["range"]) == span


def test_the_words_behind_each_graph_are_of_its_own_values(open_page, trained, record):
    last = record.epochs[-1]
    loss, accuracy = (chart.proto.alt for chart in open_page("compare").get("plotly_chart")[-2:])
    assert f"{last.test_loss:.4f}" in loss
    assert f"{last.test_accuracy:.4g} %" in accuracy
    assert f"{last.test_accuracy:.2f}" not in loss
    training = open_page("compare", compare_accuracy="training").get("plotly_chart")[-1].proto.alt
    assert f"{last.train_accuracy:.4g} %" in training
    assert last.train_accuracy != last.test_accuracy


def published_lines(app) -> list[float]:
    """The published accuracies that Graph 2 shows."""
    shapes = figures(app)[1]["layout"].get("shapes", [])
    return [shape["y0"] for shape in shapes if shape["line"]["width"] == 1 and shape.get("visible", True)]


def test_published_values_stand_beside_runs_of_mnist_alone(open_page, trained, record):
    other = record.changed(config=replace(record.config, dataset="mnist"))
    runs.save(other, trained.root)
    app = open_page("compare", compare_runs=other.run_id)
    assert sorted(published_lines(app)) == [99.46, 99.48, 99.52]
    assert "a published solution of the exercise that this app grew from" in texts(app)
    assert published_lines(open_page("compare", compare_runs=other.run_id, compare_published="false")) == []
    assert published_lines(open_page("compare", compare_runs=[record.run_id, other.run_id])) == []


def test_the_link_to_the_mistakes_names_the_first_seed_of_each_method(open_page, shipped):
    app = open_page("compare", compare_runs=[shipped[0].run_id, method_id(shipped[2].config)])
    [link] = [k.proto for k in app.get("page_link") if k.proto.label == "See what these runs got wrong"]
    assert parse_qs(link.query_string) == {"wrong_runs": [shipped[0].run_id, shipped[2].run_id]}


def test_columns_that_few_need_stand_in_the_file_alone(open_page, shipped):
    table = open_page("compare").dataframe[0]
    assert table.proto.column_order == [
        "Method",
        "Seeds",
        "Status",
        "Test accuracy (%)",
        "95 % low",
        "95 % high",
        "Best epoch, chosen on the test set",
        "Accuracy in it (%)",
        "Test loss",
        "Gap, training minus test (points)",
        "Seconds",
    ]
    assert {"Settings", "Parameters", "Near zero (%)"} < set(table.value)


def test_the_address_names_the_selection(open_page, shipped):
    app = open_page("compare")
    chosen = [shipped[0].run_id, method_id(shipped[2].config)]
    app.multiselect[0].set_value(chosen).run()
    assert not app.exception
    assert app.query_params["compare_runs"] == chosen
    assert len(app.dataframe[0].value) == 2


def test_unknown_values_of_the_address_are_refused(open_page, trained, record):
    app = open_page("compare", compare_runs=["0123456789abcdef"], compare_zoom="0 to 1", compare_x="years")
    said = " ".join(w.value for w in app.warning)
    for name, value in (("runs", "0123456789abcdef"), ("zoom", "0 to 1"), ("x", "years")):
        assert f"compare_{name} = '{value}'" in said
    assert app.multiselect[0].value == [record.run_id]
    assert app.query_params["compare_runs"] in (record.run_id, [record.run_id])


def test_nothing_chosen_says_so(open_page, trained):
    app = open_page("compare")
    app.multiselect[0].set_value([]).run()
    assert "Choose at least one method or run" in texts(app)
    assert not app.get("plotly_chart")


def test_a_record_that_is_damaged_is_left_out(open_page, shipped, nothing_ships):
    (nothing_ships / shipped[0].run_id / "predictions.npz").write_bytes(b"not an archive")
    app = open_page("compare")
    assert "gone or damaged" in texts(app)
    assert {row["Method"] for row in app.dataframe[0].value.to_dict("records")} == {"GN (4)", "LN"}


def test_data_sets_are_not_mixed_silently(open_page, trained, record, shipped, monkeypatch):
    from dataclasses import replace

    from core.records import store as runs

    other = record.changed(config=replace(record.config, dataset="mnist"))
    runs.save(other, trained.root)
    app = open_page("compare", compare_runs=[record.run_id, other.run_id])
    assert "tested on different data sets (digits and MNIST)" in texts(app)


@pytest.mark.parametrize(
    "label",
    ["Graph 1 as a page", "Table as CSV", "Table as LaTeX", "Table as Markdown", "Curves as CSV", "Record (.zip)"],
)
def test_everything_can_be_taken_away(open_page, trained, label):
    app = open_page("compare")
    assert label in [button.proto.label for button in app.get("download_button")]
