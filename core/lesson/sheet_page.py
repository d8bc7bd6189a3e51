"""A sheet of exercises as a page to print: one HTML file on A4 that needs nothing else; formulas are MathML."""

from __future__ import annotations

import html
from collections.abc import Sequence

from core.lesson.exercise import Exercise
from core.lesson.sheet import SHEET, SOLUTIONS, TITLE, Sheet
from core.lesson.writing import Block

LINE_MM = 8
"""Height of a line of handwriting."""
STYLE = """
:root { color-scheme: light; }
@page { size: A4; margin: 18mm 16mm; }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1rem; max-width: 178mm; background: #fff; color: #111;
  font: 11pt/1.4 Georgia, "Times New Roman", serif; }
h1 { font-size: 17pt; margin: 0; }
h2 { font-size: 12.5pt; margin: 0 0 1.5mm; break-after: avoid; }
p { margin: 0 0 2mm; }
header { border-bottom: 0.4mm solid #111; padding-bottom: 3mm; margin-bottom: 5mm; }
header p { display: flex; flex-wrap: wrap; gap: 2mm 8mm; margin: 2mm 0 0; }
.blank { flex: 1; min-width: 40mm; border-bottom: 0.2mm solid #555; }
section { margin-bottom: 6mm; break-inside: avoid; }
table { border-collapse: collapse; margin: 0 0 2.5mm; font-size: 10.5pt; break-inside: avoid; }
th, td { border: 0.2mm solid #777; padding: 1mm 2.5mm; text-align: right; font-variant-numeric: tabular-nums; }
thead th { text-align: center; }
th[scope="row"] { text-align: left; font-weight: normal; white-space: nowrap; }
td:empty { min-width: 24mm; width: 30mm; }
ol.letters { list-style: lower-alpha; margin: 0 0 2mm; padding-left: 6mm; }
code, pre { font-family: ui-monospace, Consolas, "DejaVu Sans Mono", monospace; font-size: 9.5pt; }
pre { white-space: pre-wrap; overflow-wrap: anywhere;
  border-left: 0.6mm solid #999; padding-left: 3mm; margin: 0 0 2mm; }
math { font-size: 11.5pt; }
math[display="block"] { margin: 2mm 0; overflow-x: auto; }
.room {
  background: repeating-linear-gradient(#fff 0 calc(var(--line) - 0.2mm), #ccc calc(var(--line) - 0.2mm) var(--line));
  print-color-adjust: exact; -webkit-print-color-adjust: exact; }
footer { font-size: 9pt; color: #555; }
@media print { body { padding: 0; max-width: none; } }
@media screen and (max-width: 600px) { table { display: block; overflow-x: auto; } }
"""
PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}, {sheet}</title>
<style>{style}</style>
</head>
<body>
<header><h1>{title}</h1><p>{under}</p></header>
<main>
{body}
</main>
<footer>{sheet}. Made by NormLens; the same number gives the same sheet.</footer>
</body>
</html>
"""
NAME_AND_DATE = (
    '<span>{sheet}</span><span>Name</span><span class="blank"></span><span>Date</span><span class="blank"></span>'
)


def exercises_page(sheet: Sheet) -> str:
    """The text of exercises.html: the exercises, with room to write."""
    under = NAME_AND_DATE.format(sheet=SHEET.format(seed=sheet.seed))
    body = [
        _section(number, exercise, [*exercise.text, *exercise.task], _room(exercise.lines))
        for number, exercise in enumerate(sheet.exercises, start=1)
    ]
    return _page(TITLE, sheet, under, body)


def solutions_page(sheet: Sheet) -> str:
    """The text of solutions.html: the solutions alone, by the numbers of the exercises."""
    body = [
        _section(number, exercise, exercise.solution, "") for number, exercise in enumerate(sheet.exercises, start=1)
    ]
    return _page(SOLUTIONS, sheet, f"<span>{SHEET.format(seed=sheet.seed)}</span>", body)


def _page(title: str, sheet: Sheet, under: str, body: Sequence[str]) -> str:
    name = SHEET.format(seed=sheet.seed)
    return PAGE.format(title=title, sheet=name, style=STYLE, under=under, body="\n".join(body))


def _section(number: int, exercise: Exercise, blocks: Sequence[Block], after: str) -> str:
    inside = "\n".join(block.html() for block in blocks)
    return f"<section>\n<h2>{number}. {html.escape(exercise.title)}</h2>\n{inside}{after}\n</section>"


def _room(lines: int) -> str:
    return f'\n<div class="room" style="--line: {LINE_MM}mm; height: {lines * LINE_MM}mm"></div>'
