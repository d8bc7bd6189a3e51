"""Tables and files to take away hold what the records hold."""

from __future__ import annotations

import io
from dataclasses import replace

import pandas as pd
import pytest

from core.comparison import graphs
from core.comparison.methods import as_methods
from core.comparison.tables import (
    csv_bytes,
    curves_table,
    html_bytes,
    latex_bytes,
    markdown_bytes,
    results_table,
    shown_columns,
    table_row,
)
from tests.core.comparison.test_findings import run, seeds_of
from tests.wrong_records import predictions


@pytest.fixture
def pair():
    return as_methods([*seeds_of([10, 14], "ln"), run(range(4), "bn", 7)])


def test_the_best_method_stands_first(pair):
    table = results_table(pair)
    assert table["Method"].tolist() == ["BN", "LN"]
    assert table["Test accuracy (%)"].tolist() == pytest.approx([99.8, 99.4])
    assert table["Seeds"].tolist() == [1, 2]


def test_how_far_a_run_is_stands_beside_its_name(pair):
    table = results_table(pair)
    assert table.columns.tolist()[:4] == ["Method", "Seeds", "Status", "Data set"]
    assert table["Status"].tolist() == ["complete", "complete"]
    assert table["Data set"].tolist() == ["MNIST", "MNIST"]
    [best] = [method.records[0] for method in pair if method.label == "BN"]
    for status, words in (
        ("running", "running, 3 of 20 epochs done"),
        ("interrupted", "stopped after 3 of 20 epochs"),
        ("diverged", "diverged after 3 of 20 epochs"),
    ):
        unfinished = best.changed(status=status, config=replace(best.config, epochs=20))
        table = results_table(as_methods([unfinished, *pair[0].records]))
        # however high it stands, it has not finished
        assert table["Method"].tolist() == ["LN", "BN"]
        assert table["Status"].tolist() == ["complete", words]


def test_chance_is_named_in_the_table(pair):
    lost = predictions(dict.fromkeys(range(60), 3))
    ln = next(method for method in pair if method.label == "LN")
    alone = replace(ln.records[0], predictions=lost)
    assert table_row(as_methods([alone])[0])["Status"] == "complete; at chance level"
    both = as_methods([alone, ln.records[1]])
    assert table_row(both[0])["Status"] == "complete; 1 of 2 at chance level"


def test_curves_have_a_row_for_every_run_and_epoch(pair):
    table = pd.read_csv(io.BytesIO(csv_bytes(curves_table(pair))))
    assert len(table) == 9
    assert table["seed"].tolist() == [0, 0, 0, 1, 1, 1, 7, 7, 7]
    assert table["epoch"].tolist() == [1, 2, 3] * 3
    assert table["test_loss"].tolist() == [0.3, 0.2, 0.1] * 3
    assert set(table["run_id"]) == {record.run_id for method in pair for record in method.records}
    assert table.columns.tolist()[3:] == [
        "epoch",
        "train_loss",
        "train_accuracy",
        "test_loss",
        "test_accuracy",
        "seconds",
    ]


def test_a_page_of_a_figure_needs_no_network(pair):
    page = html_bytes(graphs.loss_figure(pair)).decode()
    assert "Graph 1. Test loss" in page
    assert 'src="http' not in page
    assert len(page) > 3_000_000  # plotly's library is inside


def test_the_best_epoch_is_named_with_what_it_was_chosen_on():
    [method] = as_methods([run(range(20), "bn", 0), run(range(10), "bn", 1)])
    rows = [
        tuple(replace(row, test_accuracy=value) for row, value in zip(record.epochs, values, strict=True))
        for record, values in zip(method.records, ([98.0, 99.6, 99.0], [98.0, 99.2, 99.5]), strict=True)
    ]
    [method] = as_methods([r.changed(epochs=row) for r, row in zip(method.records, rows, strict=True)])
    row = table_row(method)
    assert row["Best epoch, chosen on the test set"] == 2  # means 98.0, 99.4, 99.25
    assert row["Accuracy in it (%)"] == pytest.approx(99.4)


def test_columns_for_few_are_in_the_file_alone(pair):
    table = results_table(pair)
    shown = shown_columns(table)
    assert "Seeds" in shown
    assert not {"Parameters", "Settings", "Status", "Data set", "Near zero (%)"} & set(shown)
    markdown = markdown_bytes(table).decode().splitlines()
    assert markdown[0].replace(" ", "").startswith("|Method|Seeds|Testaccuracy(%)|")
    assert [cell.strip() for cell in markdown[2].split("|")[1:4]] == ["BN", "1", "99.80"]
    latex = latex_bytes(table).decode()
    assert "\\begin{tabular}" in latex
    assert "\\toprule" in latex
    assert "95 \\% low" in latex
    assert "99.80" in latex
