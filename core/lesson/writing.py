"""What a sheet of exercises is written in: text, formulas, tables and code, each as Markdown and as HTML.

A notebook renders Markdown and LaTeX; the printable page holds HTML and MathML, which browsers draw by themselves.
Both come from the same block, so that the two forms of a sheet say the same. Standard library only.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

DIGITS = 4
"""Behind the decimal point of what is computed."""
_LATEX = {
    "−": "-",
    "×": r"\times",
    "·": r"\cdot",
    "≈": r"\approx",
    "±": r"\pm",
    "μ": r"\mu",
    "σ": r"\sigma",
    "ε": r"\varepsilon",
    "γ": r"\gamma",
    "β": r"\beta",
    "λ": r"\lambda",
    "η": r"\eta",
    "Σ": r"\sum",
    "x̂": r"\hat{x}",
}
_OPERATORS = frozenset("+−×·=≈±()|,/Σ")
_NUMBER = re.compile(r"−?[0-9][0-9.,]*")


def shown(value: float, digits: int = DIGITS) -> str:
    """A number as people write it: rounded, no zeros at the end, a true minus.

    >>> [shown(value) for value in (2.0, -1.5, 0.333333, -0.00001)]
    ['2', '−1.5', '0.3333', '0']
    """
    text = f"{value:.{digits}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text.replace("-", "−")


def bracketed(value: float) -> str:
    """The same in brackets where it is negative, for use behind an operator."""
    return f"( {shown(value)} )" if round(value, DIGITS) < 0 else shown(value)


class Maths(Protocol):
    """A piece of a formula."""

    def latex(self) -> str:
        """For a notebook."""
        ...

    def mathml(self) -> str:
        """For a page: elements that stand inside of ``<math>``."""
        ...


@dataclass(frozen=True)
class Tokens:
    """Numbers, symbols, operators and words, with spaces between them."""

    text: str

    def latex(self) -> str:
        """As ``Maths`` has it."""
        return " ".join(self._latex(token) for token in self.text.split())

    def mathml(self) -> str:
        """As ``Maths`` has it."""
        return "".join(self._mathml(token) for token in self.text.split())

    @staticmethod
    def _latex(token: str) -> str:
        if token in _LATEX:
            return _LATEX[token]
        if _NUMBER.fullmatch(token):
            return token.replace("−", "-")
        return token if len(token) == 1 else rf"\text{{{token}}}"

    @staticmethod
    def _mathml(token: str) -> str:
        if token == "x̂":
            return "<mover><mi>x</mi><mo>^</mo></mover>"
        kind = "mn" if _NUMBER.fullmatch(token) else "mo" if token in _OPERATORS else "mi"
        return f"<{kind}>{html.escape(token)}</{kind}>"


@dataclass(frozen=True)
class Fraction:
    """One over the other."""

    top: Maths
    bottom: Maths

    def latex(self) -> str:
        """As ``Maths`` has it."""
        return rf"\frac{{{self.top.latex()}}}{{{self.bottom.latex()}}}"

    def mathml(self) -> str:
        """As ``Maths`` has it."""
        return f"<mfrac><mrow>{self.top.mathml()}</mrow><mrow>{self.bottom.mathml()}</mrow></mfrac>"


@dataclass(frozen=True)
class Root:
    """A square root."""

    inside: Maths

    def latex(self) -> str:
        """As ``Maths`` has it."""
        return rf"\sqrt{{{self.inside.latex()}}}"

    def mathml(self) -> str:
        """As ``Maths`` has it."""
        return f"<msqrt>{self.inside.mathml()}</msqrt>"


@dataclass(frozen=True)
class Squared:
    """To the power of two."""

    base: Maths

    def latex(self) -> str:
        """As ``Maths`` has it."""
        return rf"{{{self.base.latex()}}}^2"

    def mathml(self) -> str:
        """As ``Maths`` has it."""
        return f"<msup><mrow>{self.base.mathml()}</mrow><mn>2</mn></msup>"


@dataclass(frozen=True)
class Row:
    """Pieces beside each other."""

    pieces: tuple[Maths, ...]

    def latex(self) -> str:
        """As ``Maths`` has it."""
        return " ".join(piece.latex() for piece in self.pieces)

    def mathml(self) -> str:
        """As ``Maths`` has it."""
        return "".join(piece.mathml() for piece in self.pieces)


def row(*pieces: Maths | str) -> Row:
    """Pieces beside each other; a text stands for its tokens."""
    return Row(tuple(Tokens(piece) if isinstance(piece, str) else piece for piece in pieces))


class Block(Protocol):
    """A paragraph, a formula, a table or lines of code."""

    def markdown(self) -> str:
        """For a cell of a notebook."""
        ...

    def html(self) -> str:
        """For the page."""
        ...


@dataclass(frozen=True)
class Text:
    """A paragraph; ``**bold**`` and code between backticks are marked."""

    text: str

    def markdown(self) -> str:
        """As ``Block`` has it."""
        return self.text

    def html(self) -> str:
        """As ``Block`` has it."""
        return f"<p>{inline(self.text)}</p>"


@dataclass(frozen=True)
class Items:
    """A list whose lines are named a), b), c)."""

    items: tuple[str, ...]

    def markdown(self) -> str:
        """As ``Block`` has it."""
        # a line break each: Markdown has no lists of letters
        return "  \n".join(f"**{letter})** {item}" for letter, item in zip("abcdefgh", self.items, strict=False))

    def html(self) -> str:
        """As ``Block`` has it."""
        return '<ol class="letters">' + "".join(f"<li>{inline(item)}</li>" for item in self.items) + "</ol>"


@dataclass(frozen=True)
class Formula:
    """One line of mathematics, set apart."""

    maths: Maths

    def markdown(self) -> str:
        """As ``Block`` has it."""
        return f"$${self.maths.latex()}$$"

    def html(self) -> str:
        """As ``Block`` has it."""
        return f'<math display="block"><mrow>{self.maths.mathml()}</mrow></math>'


@dataclass(frozen=True)
class Grid:
    """A table: its header, and its rows, whose first cells are headers as well. Empty cells are to be filled in."""

    header: Sequence[str]
    rows: Sequence[Sequence[str]]

    def markdown(self) -> str:
        """As ``Block`` has it."""
        lines = [self.header, ["---"] * len(self.header), *self.rows]
        return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)

    def html(self) -> str:
        """As ``Block`` has it."""
        head = "".join(f'<th scope="col">{inline(cell)}</th>' for cell in self.header)
        body = "".join(
            f'<tr><th scope="row">{inline(first)}</th>{"".join(f"<td>{inline(cell)}</td>" for cell in rest)}</tr>'
            for first, *rest in self.rows
        )
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


@dataclass(frozen=True)
class Code:
    """Lines of Python."""

    code: str

    def markdown(self) -> str:
        """As ``Block`` has it."""
        return f"```python\n{self.code}\n```"

    def html(self) -> str:
        """As ``Block`` has it."""
        return f"<pre><code>{html.escape(self.code)}</code></pre>"


def inline(text: str) -> str:
    """A line of text as HTML: escaped, then bold and code."""
    parts = re.split(r"(`[^`]+`)", text)
    return "".join(
        f"<code>{html.escape(part[1:-1])}</code>"
        if part.startswith("`")
        else re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", html.escape(part))
        for part in parts
    )
