"""The examples in docstrings show what they say."""

from __future__ import annotations

import doctest
import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = sorted(
    ".".join(path.relative_to(ROOT).with_suffix("").parts)
    for path in (ROOT / "core").rglob("*.py")
    if path.stem not in ("__init__", "__main__") and ">>> " in path.read_text(encoding="utf-8")
)


def test_the_maths_has_examples():
    assert "core.normalization" in MODULES


@pytest.mark.parametrize("module", MODULES)
def test_the_examples_of_a_module_are_right(module):
    found = doctest.testmod(importlib.import_module(module), optionflags=doctest.NORMALIZE_WHITESPACE)
    assert found.attempted > 0
    assert found.failed == 0
