"""A sheet of exercises as a notebook: with room for one's own code, or with the solutions and their checks.

The notebook of solutions runs from top to bottom with torch and numpy alone.
"""

from __future__ import annotations

from collections.abc import Sequence

from core.lesson.sheet import SHEET, SOLUTIONS, TITLE, Sheet
from core.lesson.writing import Block
from core.standalone.cells import Cell, code, markdown, notebook_file

PACKAGES = "torch numpy"
IMPORTS = """import math

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F"""
ABOUT = "{sheet}. To run it: `pip install {packages} notebook`."
CHECKED = "Every number below was computed by NormLens; the cells compute it anew with torch and compare."


def exercises_notebook(sheet: Sheet) -> str:
    """The text of exercises.ipynb: what is given as text and as code, and an empty cell each."""
    cells = _head(TITLE, sheet)
    for number, exercise in enumerate(sheet.exercises, start=1):
        asked = markdown(_written(f"## {number}. {exercise.title}", [*exercise.text, *exercise.task]))
        cells += [asked, code(exercise.given_code()), code()]
    return notebook_file(cells)


def solutions_notebook(sheet: Sheet) -> str:
    """The text of solutions.ipynb: the exercises once more, their solutions, and cells that check them."""
    cells = [*_head(SOLUTIONS, sheet), markdown(CHECKED)]
    for number, exercise in enumerate(sheet.exercises, start=1):
        cells += [
            markdown(_written(f"## {number}. {exercise.title}", [*exercise.text, *exercise.task])),
            markdown(_written("**Solution**", exercise.solution)),
            code(f"{exercise.given_code()}\n\n{exercise.check_code()}"),
        ]
    return notebook_file(cells)


def _head(title: str, sheet: Sheet) -> list[Cell]:
    about = ABOUT.format(sheet=SHEET.format(seed=sheet.seed), packages=PACKAGES)
    return [markdown(f"# {title}\n\n{about}"), code(IMPORTS)]


def _written(first: str, blocks: Sequence[Block]) -> str:
    return "\n\n".join([first, *(block.markdown() for block in blocks)])
