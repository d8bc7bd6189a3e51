"""The file of a notebook, made of its cells: the format .ipynb 4.5, which Jupyter, VS Code and Colab open."""

from __future__ import annotations

import json
from collections.abc import Sequence

NOTEBOOK_FORMAT = (4, 5)
Cell = dict[str, object]


def markdown(text: str) -> Cell:
    """A cell of text."""
    return {"cell_type": "markdown", "metadata": {}, "source": text}


def code(text: str = "") -> Cell:
    """A cell of Python that has not run yet; an empty one is for the reader to fill."""
    empty: list[object] = []
    return {
        "cell_type": "code",
        "metadata": {},
        "execution_count": None,
        "outputs": empty,
        "source": text.rstrip("\n"),
    }


def notebook_file(cells: Sequence[Cell]) -> str:
    """The text of the file; cells are numbered in their order."""
    major, minor = NOTEBOOK_FORMAT
    return json.dumps(
        {
            "cells": [{**cell, "id": f"cell-{number}"} for number, cell in enumerate(cells)],
            "metadata": {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}},
            "nbformat": major,
            "nbformat_minor": minor,
        },
        indent=1,
    )
