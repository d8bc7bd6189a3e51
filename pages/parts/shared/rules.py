"""What a value in an address may be: rules that turn a text into the value that it stands for, or into None."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

T = TypeVar("T")
Name = TypeVar("Name", bound=str)
Rule = Callable[[str], T | None]
"""The value that a text stands for; None where it stands for none."""


def number(low: float, high: float) -> Rule[float]:
    """A number from ``low`` to ``high``."""

    def rule(text: str) -> float | None:
        try:
            value = float(text)
        except ValueError:
            return None
        return value if low <= value <= high else None

    return rule


def step(low: float, high: float, size: float) -> Rule[float]:
    """One of ``low``, ``low + size`` and so on up to ``high``."""
    within = number(low, high)

    def rule(text: str) -> float | None:
        value = within(text)
        if value is None or not math.isclose(round((value - low) / size) * size + low, value):
            return None
        return value

    return rule


def whole(low: int, high: int) -> Rule[int]:
    """A whole number from ``low`` to ``high``."""

    def rule(text: str) -> int | None:
        # no more digits than a number may need: Python refuses to read thousands
        if not (text.isascii() and text.isdigit() and len(text) <= 20):
            return None
        return int(text) if low <= int(text) <= high else None

    return rule


def one_of(options: Iterable[T]) -> Rule[T]:
    """One of ``options``, as text."""
    return {str(option): option for option in options}.get


def titled(titles: Mapping[Name, str]) -> Rule[Name]:
    """A key of ``titles``, by its title: a bound widget writes what it shows."""
    return {title: key for key, title in titles.items()}.get


def flag() -> Rule[bool]:
    """True or false, as Python or a browser writes them."""
    return {"true": True, "True": True, "false": False, "False": False}.get


def flag_text(value: bool) -> str:
    """True or false, as a browser writes them."""
    return "true" if value else "false"


def pattern(expression: str) -> Rule[str]:
    """A text that ``expression`` matches as a whole: the page says what it knows under it."""
    compiled = re.compile(expression)
    return lambda text: text if compiled.fullmatch(text) else None
