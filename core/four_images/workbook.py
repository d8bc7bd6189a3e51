"""The batch of four images as a spreadsheet in which every statistic is a live formula.

    python -m core.four_images.workbook assets/four_images.xlsx     writes the two-layer example again

One sheet holds the numbers, one more each norm; change a number and every mean, variance and normalized
value follows. Cells carry the colour of their set.
"""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import xlsxwriter
from numpy.typing import NDArray
from xlsxwriter.utility import xl_range_abs, xl_rowcol_to_cell

from core.catalogue import NORMS, SET_NORMS, SetNorm
from core.four_images.source import IMAGES, column_names
from core.four_images.two_layers import CHANNELS, KERNEL_SIDE, KERNELS, MIX, PICTURE_SIDE, PICTURES, PLANE_SIDE, forward
from core.normalization import EPS, Array, normalize, set_index, set_name, statistics
from core.palette import HUES_PALE, hue_number
from core.records.whole_file import write_whole

NUMBERS = "numbers"
EPS_CELL = f"{NUMBERS}!$B$1"
TOP = 3  # the row of the first image on the numbers sheet, counted from 0
TOP_KERNELS = TOP + IMAGES + 2
TOP_MIX = TOP_KERNELS + CHANNELS + 2


class _Book:
    """A workbook in memory, with the formats that all sheets share."""

    def __init__(self) -> None:
        self.buffer = io.BytesIO()
        self.book = xlsxwriter.Workbook(self.buffer, {"in_memory": True})
        self.bold = self.book.add_format({"bold": True})
        self.title = self.book.add_format({"bold": True, "font_size": 14})
        self.wrapped = self.book.add_format({"text_wrap": True, "valign": "top"})
        self._fills: dict[tuple[int, str], Any] = {}

    def fill(self, number: int, digits: str = "0.0000") -> Any:
        """The format of a cell of set ``number``."""
        key = (hue_number(number), digits)
        if key not in self._fills:
            self._fills[key] = self.book.add_format({"bg_color": HUES_PALE[key[0]], "num_format": digits})
        return self._fills[key]

    def done(self) -> bytes:
        self.book.close()
        return self.buffer.getvalue()


def batch_workbook(x: Array, groups: int) -> bytes:
    """An .xlsx file for ``x`` (N, C, H, W): sheet "numbers", and a sheet with live formulas for each norm."""
    book = _Book()
    n, c, h, w = x.shape
    sheet = book.book.add_worksheet(NUMBERS)
    sheet.write(0, 0, "epsilon", book.bold)
    sheet.write(0, 1, EPS)
    sheet.write(
        1, 0, f"{n} images of {c} channels, {h} x {w}: one image a row. Change a number, and the sheets follow."
    )
    _header(sheet, TOP - 1, c, h, w, book)
    for row, values in enumerate(x.reshape(n, -1)):
        sheet.write(TOP + row, 0, f"image {row + 1}", book.bold)
        sheet.write_row(TOP + row, 1, values.tolist())
    sheet.set_column(0, 0, 12)
    sheet.freeze_panes(TOP, 1)
    for norm in SET_NORMS:
        sheet = book.book.add_worksheet(_sheet_name(norm, groups))
        sheet.write(0, 0, _title(norm, groups), book.title)
        sheet.set_column(0, 0, 22)
        _norm_block(book, sheet, 2, x, norm, groups, source=(NUMBERS, TOP), heading="normalized values")
    return book.done()


def _sheet_name(norm: SetNorm, groups: int) -> str:
    row = NORMS[norm]
    return f"{row.short} G={groups}" if row.grouping == "chosen" else row.short


def _title(norm: SetNorm, groups: int) -> str:
    row = NORMS[norm]
    return f"{row.title}, G = {groups}" if row.grouping == "chosen" else row.title


def _header(sheet: Any, row: int, c: int, h: int, w: int, book: _Book) -> None:
    names = column_names(c, h) if h == w else [f"{i + 1}" for i in range(c * h * w)]
    sheet.write_row(row, 1, names, book.bold)


def _norm_block(
    book: _Book,
    sheet: Any,
    top: int,
    x: Array,
    norm: SetNorm,
    groups: int,
    *,
    source: tuple[str | None, int],
    heading: str,
) -> int:
    """Write the sets with mean and variance, then the normalized values; the row of the first image of those.

    source: the sheet that holds x (None: this one) and the row of its first image.
    """
    n, c, h, w = x.shape
    stats = statistics(x, norm, groups)
    x_hat = normalize(x, stats).reshape(n, -1)
    flat = stats.index.reshape(n, -1)
    prefix, first = (f"'{source[0]}'!" if source[0] else ""), source[1]
    centred = NORMS[norm].centred
    heads = ["set", "mean", "variance", "cells"] if centred else ["set", "subtracted", "mean square", "cells"]
    sheet.write_row(top, 0, heads, book.bold)
    for s in range(stats.count):
        area = ",".join(prefix + xl_range_abs(*corners) for corners in _rectangles(flat == s, first))
        row = top + 1 + s
        sheet.write(row, 0, set_name(norm, s, x.shape, groups), book.fill(s))
        if centred:
            sheet.write_formula(row, 1, f"=AVERAGE({area})", book.fill(s), float(stats.mean[s]))
            # the mean squared distance from the mean: exact also where a set holds one cell or a large offset
            spread = f"=DEVSQ({area})/COUNT({area})"
        else:
            sheet.write_number(row, 1, 0, book.fill(s))
            spread = f"=SUMSQ({area})/COUNT({area})"
        sheet.write_formula(row, 2, spread, book.fill(s), float(stats.var[s]))
        sheet.write_formula(row, 3, f"=COUNT({area})", book.fill(s, "0"), stats.cells)
    start = top + stats.count + 4
    sheet.write(start - 2, 0, heading, book.bold)
    _header(sheet, start - 1, c, h, w, book)
    cells = _set_cells(top + 1, stats.count)
    for i in range(n):
        sheet.write(start + i, 0, f"image {i + 1}", book.bold)
        for j in range(flat.shape[1]):
            s = int(flat[i, j])
            value = prefix + xl_rowcol_to_cell(first + i, 1 + j)
            formula = f"=({value}-{cells[s][0]})/SQRT({cells[s][1]}+{EPS_CELL})"
            sheet.write_formula(start + i, 1 + j, formula, book.fill(s), float(x_hat[i, j]))
    return start


def _rectangles(held: NDArray[np.bool_], first: int) -> list[tuple[int, int, int, int]]:
    """The cells of a set as rectangles (first row, first column, last row, last column) of the sheet.

    held: (images, C*H*W). The same columns in every row that has any: the sets of all images do not cross, and those of
    all channels are columns. Neighbouring columns are one rectangle.
    """
    rows = np.flatnonzero(held.any(axis=1))
    columns = np.flatnonzero(held.any(axis=0))
    runs = np.split(columns, np.flatnonzero(np.diff(columns) > 1) + 1)
    return [(first + int(rows[0]), 1 + int(run[0]), first + int(rows[-1]), 1 + int(run[-1])) for run in runs]


def _set_cells(top: int, count: int) -> list[tuple[str, str]]:
    def absolute(row: int, column: int) -> str:
        return xl_rowcol_to_cell(row, column, row_abs=True, col_abs=True)

    return [(absolute(top + s, 1), absolute(top + s, 2)) for s in range(count)]


def two_layer_workbook(groups: int = 2) -> bytes:
    """The two-layer example of ``core.four_images.two_layers``: convolutions, norms and ReLU, all as live formulas."""
    book = _Book()
    sheet = book.book.add_worksheet(NUMBERS)
    sheet.write(0, 0, "epsilon", book.bold)
    sheet.write(0, 1, EPS)
    sheet.write(
        1, 0, f"Four images of {PICTURE_SIDE} x {PICTURE_SIDE}. Change any number here, and every other sheet follows."
    )
    sheet.write_row(
        TOP - 1, 1, [f"({y + 1},{x + 1})" for y in range(PICTURE_SIDE) for x in range(PICTURE_SIDE)], book.bold
    )
    for i, picture in enumerate(PICTURES[:, 0]):
        sheet.write(TOP + i, 0, f"image {i + 1}", book.bold)
        sheet.write_row(TOP + i, 1, picture.ravel().tolist())
    sheet.write(
        TOP_KERNELS - 1,
        0,
        f"layer 1: convolution {KERNEL_SIDE} x {KERNEL_SIDE}, one kernel for each channel",
        book.bold,
    )
    for o, kernel in enumerate(KERNELS):
        sheet.write(TOP_KERNELS + o, 0, f"channel {o + 1}", book.bold)
        sheet.write_row(TOP_KERNELS + o, 1, kernel.ravel().tolist())
    sheet.write(TOP_MIX - 1, 0, "layer 2: convolution 1 x 1, one row for each output channel", book.bold)
    for o, weights in enumerate(MIX):
        sheet.write(TOP_MIX + o, 0, f"channel {o + 1}", book.bold)
        sheet.write_row(TOP_MIX + o, 1, weights.tolist())
    sheet.set_column(0, 0, 16)
    for norm in SET_NORMS:
        _two_layer_sheet(book, norm, groups)
    return book.done()


def _two_layer_sheet(book: _Book, norm: SetNorm, groups: int) -> None:
    sheet = book.book.add_worksheet(_sheet_name(norm, groups))
    sheet.set_column(0, 0, 34)
    sheet.write(0, 0, f"{_title(norm, groups)}: each layer has its own statistics", book.title)
    done = forward(PICTURES, norm, groups)

    def block(top: int, heading: str, values: Array, formulas: Iterator[str]) -> None:
        n, c, h, w = values.shape
        index = set_index(norm, values.shape, groups).reshape(n, -1)
        sheet.write(top - 2, 0, heading, book.bold)
        _header(sheet, top - 1, c, h, w, book)
        for i, row in enumerate(values.reshape(n, -1)):
            sheet.write(top + i, 0, f"image {i + 1}", book.bold)
            for j, value in enumerate(row):
                sheet.write_formula(top + i, 1 + j, next(formulas), book.fill(int(index[i, j])), float(value))

    def normalized(top: int, heading: str, values: Array) -> int:
        below = top + len(values) + 1
        return _norm_block(book, sheet, below, values, norm, groups, source=(None, top), heading=heading)

    top = 4
    block(top, "layer 1: after the convolution", done.before[0], _convolution())
    first = normalized(top, "layer 1: normalized", done.before[0])
    top = first + IMAGES + 3
    block(top, "layer 2: after ReLU and the 1 x 1 convolution", done.before[1], _mixture(first))
    normalized(top, "layer 2: normalized", done.before[1])


def _convolution() -> Iterator[str]:
    """One formula for each image, channel and position: the products of a window with a kernel."""
    inside = range(KERNEL_SIDE)
    for i, o, y, x in np.ndindex(IMAGES, CHANNELS, PLANE_SIDE, PLANE_SIDE):
        pixels = [_fixed(TOP + i, 1 + PICTURE_SIDE * (y + a) + x + b) for a in inside for b in inside]
        weights = [_fixed(TOP_KERNELS + o, 1 + KERNEL_SIDE * a + b) for a in inside for b in inside]
        yield "=" + "+".join(f"{NUMBERS}!{p}*{NUMBERS}!{w}" for p, w in zip(pixels, weights, strict=True))


def _mixture(first: int) -> Iterator[str]:
    """One formula for each image, output channel and position: the input channels, rectified."""
    for i, o, position in np.ndindex(IMAGES, CHANNELS, PLANE_SIDE**2):
        products = [
            f"MAX({_fixed(first + i, 1 + PLANE_SIDE**2 * c + position)},0)*{NUMBERS}!{_fixed(TOP_MIX + o, 1 + c)}"
            for c in range(CHANNELS)
        ]
        yield "=" + "+".join(products)


def _fixed(row: int, column: int) -> str:
    return xl_rowcol_to_cell(row, column, row_abs=True, col_abs=True)


def batch_csv(x: Array, norm: SetNorm, groups: int) -> str:
    """One line a cell: image, channel, row and column from 1, x, the set, its mean and variance, x-hat.

    Of a norm that subtracts no mean: 0 and the mean square, under names that say so.
    """
    stats = statistics(x, norm, groups)
    x_hat = normalize(x, stats)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    names = ["mean", "variance"] if NORMS[norm].centred else ["subtracted", "mean_square"]
    writer.writerow(["image", "channel", "row", "column", "x", "set", *names, "x_hat"])
    for place in np.ndindex(*x.shape):
        s = stats.index[place]
        numbers = [x[place], stats.mean[s], stats.var[s], x_hat[place]]
        value, mean, var, normalized = (repr(float(number)) for number in numbers)
        writer.writerow([*(i + 1 for i in place), value, s + 1, mean, var, normalized])
    return text.getvalue()


if __name__ == "__main__":
    write_whole(Path(sys.argv[1] if len(sys.argv) > 1 else "assets/four_images.xlsx"), two_layer_workbook())
