"""The scripts in ``pages``: each begins by making sure that the app runs it."""

import ast
from pathlib import Path

import pytest

SCRIPTS = [path for path in (Path(__file__).parents[2] / "pages").glob("*.py") if path.name != "__init__.py"]


def test_the_scripts_are_found():
    assert {path.stem for path in SCRIPTS} >= {"home", "statistics", "train", "compare", "misclassified"}


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_a_script_first_asks_who_runs_it(path):
    doc, *rest = ast.parse(path.read_text(encoding="utf-8")).body
    assert isinstance(doc, ast.Expr)
    first = next(node for node in rest if not isinstance(node, ast.Import | ast.ImportFrom))
    assert ast.unparse(first) == "only_by_the_app()"
