"""Tables and files to take away hold what the records hold."""

from __future__ import annotations

import io

import pandas as pd
import pytest

from core.comparison import graphs
from core.comparison.methods import as_methods
from core.comparison.tables import csv_bytes, curves_table, html_bytes, results_table
from tests.core.comparison.test_findings import run, seeds_of


@pytest.fixture
def pair():
    return as_methods([*seeds_of([10, 14], "ln"), run(range(4), "bn", 7)])


def test_the_best_method_stands_first(pair):
    table = results_table(pair)
    assert table["Method"].tolist() == ["BN", "LN"]
    assert table["Test accuracy (%)"].tolist() == pytest.approx([99.8, 99.4])
    assert table["Seeds"].tolist() == [1, 2]


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
