"""The spreadsheets, recalculated by another engine, against torch."""

import csv
import io

import formulas
import numpy as np
import openpyxl
import pytest
import torch
from torch import nn

from core.catalogue import NORMS, SET_NORMS
from core.four_images.source import Integers
from core.four_images.two_layers import KERNELS, MIX, PICTURES
from core.four_images.workbook import batch_csv, batch_workbook, two_layer_workbook
from core.normalization import set_count
from tests.torch_norms import torch_norm

GROUPS = 2
ASSET = "assets/four_images.xlsx"


def layer(norm, channels):
    return torch_norm(norm, (4, channels, 2, 2), GROUPS)


def sheet_of(book, norm):
    row = NORMS[norm]
    return book[f"GN G={GROUPS}" if norm == "gn" else row.short]


def recalculated(path):
    """Every number of the workbook, computed again from its formulas; {(sheet, cell): value}."""
    solution = formulas.ExcelModel().loads(str(path)).finish().calculate()
    found = {}
    for name, ranges in solution.items():
        if ":" in name.rsplit("!", 1)[-1]:
            continue
        sheet, cell = name.rsplit("!", 1)
        found[sheet.rsplit("]", 1)[-1].strip("'").upper(), cell] = ranges.value[0, 0]
    return found


def after_heading(sheet, heading):
    """The row (from 1) of the first image below ``heading`` in column A."""
    rows = [row[0].row for row in sheet.iter_rows(max_col=1) if row[0].value == heading]
    assert len(rows) == 1
    return rows[0] + 2


def numbers_of(values, sheet, first, columns):
    return np.array(
        [
            [float(values[sheet.title.upper(), sheet.cell(first + i, 2 + j).coordinate]) for j in range(columns)]
            for i in range(4)
        ]
    )


# numpy warns inside the formula engine, not in what is tested
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::RuntimeWarning")
def test_every_sheet_of_a_batch_recalculates_to_torch(tmp_path):
    written = Integers(4, 2, seed=5, edits=((0, -2.5),)).batch("bn", 1)
    path = tmp_path / "batch.xlsx"
    path.write_bytes(batch_workbook(written, GROUPS))
    # another number in one cell, as a person would type it: what was stored with the formulas is now wrong
    book = openpyxl.load_workbook(path)
    assert book["numbers"]["C5"].value == written[1, 0, 0, 1]
    book["numbers"]["C5"].value = 1000.0
    book.save(path)
    x = written.copy()
    x[1, 0, 0, 1] = 1000.0
    values = recalculated(path)
    for norm in SET_NORMS:
        sheet = sheet_of(book, norm)
        got = numbers_of(values, sheet, after_heading(sheet, "normalized values"), 16)
        expected = layer(norm, 4)(torch.from_numpy(x)).detach().numpy().reshape(4, -1)
        np.testing.assert_allclose(got, expected, atol=1e-6, rtol=0)


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::RuntimeWarning")
def test_shipped_two_layer_example_recalculates_to_torch():
    values = recalculated(ASSET)
    book = openpyxl.load_workbook(ASSET)
    first = nn.functional.conv2d(torch.from_numpy(PICTURES), torch.from_numpy(KERNELS)[:, None])
    for norm in SET_NORMS:
        sheet = sheet_of(book, norm)
        one = layer(norm, 4)(first)
        second = nn.functional.conv2d(one.relu(), torch.from_numpy(MIX)[:, :, None, None])
        two = layer(norm, 4)(second)
        for heading, expected in (("layer 1: normalized", one), ("layer 2: normalized", two)):
            got = numbers_of(values, sheet, after_heading(sheet, heading), 16)
            np.testing.assert_allclose(got, expected.detach().numpy().reshape(4, -1), atol=1e-6, rtol=0)


def test_shipped_example_is_what_the_code_writes(tmp_path):
    path = tmp_path / "again.xlsx"
    path.write_bytes(two_layer_workbook())
    shipped, written = openpyxl.load_workbook(ASSET), openpyxl.load_workbook(path)
    assert shipped.sheetnames == written.sheetnames == ["numbers", "BN", "LN", "GN G=2", "IN", "LN per position", "RMS"]
    for name in shipped.sheetnames:
        assert list(shipped[name].values) == list(written[name].values)


@pytest.mark.parametrize("norm", SET_NORMS)
def test_every_statistic_is_a_formula_and_sets_have_colours(norm, tmp_path):
    x = Integers(4, 2).batch("bn", 1)
    path = tmp_path / "batch.xlsx"
    path.write_bytes(batch_workbook(x, GROUPS))
    sheet = sheet_of(openpyxl.load_workbook(path), norm)
    count = set_count(norm, x.shape, GROUPS)
    for row in range(4, 4 + count):
        if norm == "rms":
            assert sheet.cell(row, 2).value == 0
        else:
            assert sheet.cell(row, 2).value.startswith("=AVERAGE(")
        assert sheet.cell(row, 3).value.startswith("=SUMSQ(" if norm == "rms" else "=DEVSQ(")
    assert sheet.cell(4 + count, 2).value is None
    first = after_heading(sheet, "normalized values")
    block = [[sheet.cell(first + i, 2 + j) for j in range(16)] for i in range(4)]
    assert all(cell.value.startswith("=(") for row in block for cell in row)
    colours = {cell.fill.fgColor.rgb for row in block for cell in row}
    assert len(colours) == min(count, 8)


def test_csv_calls_a_mean_square_by_its_name():
    x = Integers(2, 2, seed=1).batch("bn", 1)
    last = list(csv.DictReader(io.StringIO(batch_csv(x, "rms", 1))))[-1]
    assert "variance" not in last
    assert float(last["subtracted"]) == 0
    assert float(last["mean_square"]) == pytest.approx((x[3] ** 2).mean(), abs=1e-12)


def test_csv_holds_every_cell_with_its_statistics():
    x = Integers(2, 2, seed=1).batch("bn", 1)
    rows = list(csv.DictReader(io.StringIO(batch_csv(x, "ln", 1))))
    assert len(rows) == 32
    last = rows[-1]
    assert [last[k] for k in ("image", "channel", "row", "column", "set")] == ["4", "2", "2", "2", "4"]
    assert float(last["x"]) == x[3, 1, 1, 1]
    assert float(last["mean"]) == pytest.approx(x[3].mean(), abs=1e-12)
    assert float(last["variance"]) == pytest.approx(x[3].var(), abs=1e-12)
    assert float(last["x_hat"]) == pytest.approx((x[3, 1, 1, 1] - x[3].mean()) / np.sqrt(x[3].var() + 1e-5), abs=1e-12)
