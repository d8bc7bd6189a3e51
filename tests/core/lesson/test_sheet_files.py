"""The sheet as files: the notebook of solutions runs, the page needs nothing else, and both escape what they hold."""

from __future__ import annotations

import html.parser
import json
import re
import xml.etree.ElementTree as ET

import nbformat
import pytest

from core.four_images.source import MAX_SEED
from core.lesson.sheet import sheet
from core.lesson.sheet_notebook import exercises_notebook, solutions_notebook
from core.lesson.sheet_page import exercises_page, solutions_page
from core.lesson.writing import Code, Formula, Fraction, Grid, Items, Root, Squared, Text, Tokens, inline, row, shown

VOID = {"meta", "br", "hr", "img", "link", "input"}


def code_cells(notebook: str) -> list[str]:
    return [cell["source"] for cell in json.loads(notebook)["cells"] if cell["cell_type"] == "code"]


@pytest.mark.parametrize("seed", [0, 3, 7, 42, MAX_SEED])
def test_the_notebook_of_solutions_runs_and_its_checks_hold(seed):
    held: dict[str, object] = {}
    cells = code_cells(solutions_notebook(sheet(seed)))
    assert len(cells) == 11  # what is imported, and ten checks
    for cell in cells:
        exec(compile(cell, "cell", "exec"), held)
    imports = set(re.findall(r"^(?:import|from) (\w+)", "\n".join(cells), re.MULTILINE))
    assert imports == {"math", "numpy", "torch"}


def test_a_wrong_number_in_a_solution_is_noticed():
    cells = code_cells(solutions_notebook(sheet(7)))
    held: dict[str, object] = {}
    exec(cells[0], held)
    for cell in cells[1:]:
        start, found, rest = re.split(r"(answer = \{.*?\n\})", cell, maxsplit=1, flags=re.DOTALL)
        # the first number of the answer, or the first True, is another one
        wrong = re.sub(
            r"(?<=[ \[(])(-?\d[\d.e-]*(?=[,)\]])|True)(?!\)')",
            lambda m: str(not m[0].startswith("T") and 77),
            found,
            count=1,
        )
        assert wrong != found
        with pytest.raises(AssertionError):
            exec(f"{start}{wrong}{rest}", held)


def test_the_notebooks_are_valid_and_the_exercises_hold_no_solution():
    for text in (exercises_notebook(sheet(7)), solutions_notebook(sheet(7))):
        nbformat.validate(nbformat.reads(text, as_version=4))
    exercises = exercises_notebook(sheet(7))
    assert code_cells(exercises).count("") == 10  # room for each
    for word in ("Solution", "answer", "assert abs", "def group_norm"):
        assert word not in exercises
    held: dict[str, object] = {}
    for cell in code_cells(exercises):
        exec(cell, held)  # what is given can be run


class Elements(html.parser.HTMLParser):
    """The elements of a page, with a note where one is not closed in its place."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.wrong: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)


def test_a_page_is_whole_and_asks_for_nothing_from_elsewhere():
    for text in (exercises_page(sheet(7)), solutions_page(sheet(7))):
        page = Elements()
        page.feed(text)
        assert not page.wrong
        assert not page.open
        names = [tag for tag, _ in page.seen]
        assert names.count("section") == 10
        assert not {"script", "link", "img", "iframe"} & set(names)
        assert not any({"src", "href"} & attributes.keys() for _, attributes in page.seen)
        assert "url(" not in text
        assert "size: A4" in text
        assert "<title>" in text
        assert "Sheet 7" in text
        for formula in re.findall(r"<math.*?</math>", text, re.DOTALL):
            ET.fromstring(formula)
    assert "≈" not in exercises_page(sheet(7))
    assert '<div class="room"' in exercises_page(sheet(7))
    assert '<div class="room"' not in solutions_page(sheet(7))


def test_what_could_be_markup_is_escaped():
    assert inline("`a < b & c` and **x < y**") == "<code>a &lt; b &amp; c</code> and <strong>x &lt; y</strong>"
    assert inline("`**not bold**`") == "<code>**not bold**</code>"
    assert Text("1 < 2 & 3").html() == "<p>1 &lt; 2 &amp; 3</p>"
    assert Code("if a < b:\n    pass").html() == "<pre><code>if a &lt; b:\n    pass</code></pre>"
    assert Grid(["", "|w|"], [["a", "<b>"]]).html().count("&lt;b&gt;") == 1
    assert Grid(["", "|w|"], [["a", "b"]]).markdown() == "|  | \\|w\\| |\n| --- | --- |\n| a | b |"
    assert Items(("x < 1", "y")).html() == '<ol class="letters"><li>x &lt; 1</li><li>y</li></ol>'
    assert Items(("x", "y")).markdown() == "**a)** x  \n**b)** y"
    assert Tokens("a < b").mathml() == "<mi>a</mi><mi>&lt;</mi><mi>b</mi>"


def test_a_formula_in_both_forms():
    formula = Formula(row("x̂ =", Fraction(Tokens("3 − 1"), Root(row(Squared(Tokens("σ")), "+ ε"))), "≈ −0.5"))
    assert formula.markdown() == r"$$\hat{x} = \frac{3 - 1}{\sqrt{{\sigma}^2 + \varepsilon}} \approx -0.5$$"
    assert formula.html() == (
        '<math display="block"><mrow><mover><mi>x</mi><mo>^</mo></mover><mo>=</mo><mfrac><mrow><mn>3</mn><mo>−</mo>'
        "<mn>1</mn></mrow><mrow><msqrt><msup><mrow><mi>σ</mi></mrow><mn>2</mn></msup><mo>+</mo><mi>ε</mi></msqrt>"
        "</mrow></mfrac><mo>≈</mo><mn>−0.5</mn></mrow></math>"
    )
    assert [shown(value) for value in (10, 0.1, -0.00004, 2.0)] == ["10", "0.1", "0", "2"]
