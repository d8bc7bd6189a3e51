"""The scripts in ``pages``: each begins by making sure that the app runs it."""

import ast
from pathlib import Path

import pytest

SCRIPTS = [path for path in (Path(__file__).parents[2] / "pages").glob("*.py") if path.name != "__init__.py"]


def test_the_scripts_are_found():
    assert {path.stem for path in SCRIPTS} >= {"home", "statistics", "train", "lab", "compare", "misclassified"}


def test_text_is_read_as_what_it_is_wherever_the_server_runs():
    """Without an encoding it would be the machine's own, and the front end's Greek letters another text."""
    root = Path(__file__).parents[2]
    unspecified = [
        f"{path.relative_to(root)}:{node.lineno}"
        for folder in ("core", "pages")
        for path in (root / folder).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("read_text", "write_text")
        and "encoding" not in {keyword.arg for keyword in node.keywords}
    ]
    assert unspecified == []


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_a_script_first_asks_who_runs_it(path):
    doc, *rest = ast.parse(path.read_text(encoding="utf-8")).body
    assert isinstance(doc, ast.Expr)
    first = next(node for node in rest if not isinstance(node, ast.Import | ast.ImportFrom))
    assert ast.unparse(first) == "only_by_the_app()"
