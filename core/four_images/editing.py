"""Numbers that a person types into the four images or a link brings: how they are read, and what is refused."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from core.config import ConfigError
from core.four_images.source import Edits, column_names
from core.normalization import Array

LARGEST = 1e6
"""The largest absolute value that an edited cell may hold."""
EXAMPLES = 3
"""So many of the refused cells or numbers are named."""

CELL_KEEPS = "Image {image}, {column}: {problem}. It keeps {kept}."
CELLS_KEEP = "{count} cells cannot be used and keep their numbers: {examples}."
MANY_CELLS_KEEP = "{count} cells cannot be used and keep their numbers, such as {examples}."
CELL = "image {image}, {column}: {problem}"
EDIT_LEFT_OUT = "The edited number {part!r} in the link was left out: {problem}."
EDITS_LEFT_OUT = "{count} edited numbers in the link were left out: {examples}."
MANY_EDITS_LEFT_OUT = "{count} edited numbers in the link were left out, such as {examples}."
EDIT = "{part!r}: {problem}"
NOT_A_NUMBER = "{text!r} is not a number"
AMBIGUOUS = "{text!r} can be read as {thousands} or as {decimal}; write one of these"

_MINUS = str.maketrans("\N{MINUS SIGN}\N{EN DASH}", "--")
"""The typographic minus, which the page itself prints, and the dash that stands in for it."""
_SPACE = "[ \N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{THIN SPACE}]"
_SPACED = re.compile(rf"[+-]?\d{{1,3}}(?:{_SPACE}\d{{3}})+(?:[.,]\d*)?", re.ASCII)
_COMMAS_IN_THOUSANDS = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+\.\d*|[+-]?\d{1,3}(?:,\d{3}){2,}", re.ASCII)
_POINTS_IN_THOUSANDS = re.compile(r"[+-]?\d{1,3}(?:\.\d{3})+,\d*|[+-]?\d{1,3}(?:\.\d{3}){2,}", re.ASCII)
_EITHER = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}", re.ASCII)
_PLAIN = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|[+-]?(?:inf|infinity|nan)", re.ASCII | re.IGNORECASE)


def read_number(text: str) -> float:
    """A number as people write it; ``ConfigError`` where it is none, or could be two.

    A point or a comma before the decimals; the typographic minus; thousands set apart by spaces, or by the one of point
    and comma that is not before the decimals. One comma before exactly three digits could be either and is refused; a
    point there stands before decimals, as everywhere on the page.

    >>> [read_number(text) for text in ("2,5", "\N{MINUS SIGN}1.5", "1 000", "1,234.5", "1.234,5", "0,125", "1.000")]
    [2.5, -1.5, 1000.0, 1234.5, 1234.5, 0.125, 1.0]
    """
    number = text.strip().translate(_MINUS)
    if _SPACED.fullmatch(number):
        number = re.sub(_SPACE, "", number)
    if _EITHER.fullmatch(number):
        raise ConfigError(
            AMBIGUOUS.format(text=text.strip(), thousands=number.replace(",", ""), decimal=number.replace(",", "."))
        )
    if _COMMAS_IN_THOUSANDS.fullmatch(number):
        number = number.replace(",", "")
    elif _POINTS_IN_THOUSANDS.fullmatch(number):
        number = number.replace(".", "")
    number = number.replace(",", ".")
    if not _PLAIN.fullmatch(number):
        raise ConfigError(NOT_A_NUMBER.format(text=text[:20]))
    return float(number)


def check_number(raw: object) -> float:
    """``raw`` as a finite number within ±1,000,000; ``ConfigError`` says what is wrong with it."""
    if raw is None or (isinstance(raw, str) and not raw.strip()):
        raise ConfigError("the cell is empty")
    if isinstance(raw, str):
        value = read_number(raw)
    elif isinstance(raw, int | float):
        value = float(raw)
    else:
        raise ConfigError(NOT_A_NUMBER.format(text=str(raw)[:20]))
    if math.isnan(value):
        raise ConfigError("the cell is empty or not a number")
    if math.isinf(value):
        raise ConfigError("infinity has no mean")
    if abs(value) > LARGEST:
        raise ConfigError(f"{value:.3g} is too large; stay within ±1,000,000")
    return value


def from_table(rows: Sequence[Sequence[object]], good: Array) -> tuple[Array, str]:
    """The inverse of ``to_table``, and one sentence on all the cells that cannot be used; "" where all can.

    A refused cell keeps its value in ``good``, the last usable tensor.
    """
    x = good.copy()
    names = column_names(good.shape[1], good.shape[2])
    flat = x.reshape(len(x), -1)
    refused: list[dict[str, object]] = []
    for image, row in enumerate(rows):
        for column, raw in enumerate(row):
            try:
                flat[image, column] = check_number(raw)
            except ConfigError as error:
                kept = format_number(float(flat[image, column]))
                refused.append({"image": image + 1, "column": names[column], "problem": error, "kept": kept})
    return x, _told(refused, CELL, (CELL_KEEPS, CELLS_KEEP, MANY_CELLS_KEEP))


def _told(refused: Sequence[dict[str, object]], example: str, templates: tuple[str, str, str]) -> str:
    """One sentence for one, a few or many; "" for none."""
    one, few, many = templates
    if not refused:
        return ""
    if len(refused) == 1:
        return one.format(**refused[0])
    examples = "; ".join(example.format(**places) for places in refused[:EXAMPLES])
    return (few if len(refused) <= EXAMPLES else many).format(count=len(refused), examples=examples)


def format_number(value: float) -> str:
    """Shortest text that keeps what a reader needs: 3 stays 3, 0.333333 becomes 0.3333."""
    return f"{value:.0f}" if value == round(value) and abs(value) < 1e15 else f"{value:.4g}"


def edits_to_text(edits: Edits) -> str:
    """Edited numbers in compact form: "5_7~12_-2.5" puts 7 at position 5 and -2.5 at 12."""
    return "~".join(f"{position}_{value:.12g}" for position, value in edits)


def edits_from_text(text: str, cells: int) -> tuple[Edits, str]:
    """The inverse of ``edits_to_text`` for a tensor of ``cells`` numbers, and a sentence on what is left out or ""."""
    edits: dict[int, float] = {}
    refused: list[dict[str, object]] = []
    for part in text.split("~") if text else []:
        position, _, value = part.partition("_")
        try:
            if not (position.isascii() and position.isdigit() and len(position) < 7 and int(position) < cells):
                raise ConfigError(f"there is no cell {position[:12]!r} among {cells}")
            edits[int(position)] = check_number(value)
        except ConfigError as error:
            refused.append({"part": part[:24], "problem": error})
    return tuple(sorted(edits.items())), _told(refused, EDIT, (EDIT_LEFT_OUT, EDITS_LEFT_OUT, MANY_EDITS_LEFT_OUT))
