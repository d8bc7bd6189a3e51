"""What an address may say, what is said of one that cannot be followed, and how it is written."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Literal

import streamlit as st
from streamlit.errors import StreamlitAPIException


def plain(text: str) -> str:
    """``text`` of a stranger, so that nothing of it acts as Markdown or keeps it from being sent."""
    escaped = re.sub(r"([\\`*_\[\]()<>#$|~/])", r"\\\1", text)
    return escaped.encode("utf-8", "replace").decode()


def rejected_parameters(rules: Mapping[str, Callable[[str], bool]]) -> list[str]:
    """One sentence for every URL parameter whose value its rule does not allow.

    Call it before the first bound widget: the widget drops such a value without a word.
    """
    sentences = []
    for name, allowed in rules.items():
        for value in st.query_params.get_all(name):
            if not allowed(value):
                shown = value if len(value) <= 40 else value[:40] + "..."
                sentences.append(f"The link asks for {name} = {plain(repr(shown))}, which is not possible here.")
                break
    return sentences


def show_rejected(sentences: Sequence[str]) -> None:
    """Say what was rejected and that the default stands in for it."""
    if sentences:
        text = " ".join(sentences)
        st.warning(f"{text} The default is used instead.", icon=":material/link_off:")


def set_parameter(name: str, value: str) -> None:
    """Put ``value`` into the address; an empty one takes the parameter away."""
    if value and st.query_params.get(name) != value:
        st.query_params[name] = value
    elif not value and name in st.query_params:
        del st.query_params[name]


def binding(name: str, allowed: Callable[[str], bool]) -> Literal["query-params"] | None:
    """For ``bind=``: not bound where the address holds a value that is not ``allowed``, which then leaves it.

    Streamlit raises on "inf" for a number input, and takes 2.5 for a slider over whole numbers as 2. The next run
    of the page is bound again.
    """
    if all(map(allowed, st.query_params.get_all(name))):
        return "query-params"
    with suppress(StreamlitAPIException):  # it was bound before: then not binding it clears it
        del st.query_params[name]
    return None


def is_number(low: float, high: float) -> Callable[[str], bool]:
    """A rule for ``rejected_parameters``: a number from ``low`` to ``high``."""

    def rule(text: str) -> bool:
        try:
            return low <= float(text) <= high
        except ValueError:
            return False

    return rule


def is_whole(low: int, high: int) -> Callable[[str], bool]:
    """A rule for ``rejected_parameters``: a whole number from ``low`` to ``high``."""
    # no more digits than a number may need: Python refuses to read thousands
    return lambda text: text.isascii() and text.isdigit() and len(text) <= 20 and is_number(low, high)(text)


def is_step(low: float, high: float, step: float) -> Callable[[str], bool]:
    """A rule for ``rejected_parameters``: one of ``low``, ``low + step`` and so on up to ``high``."""
    number = is_number(low, high)
    return lambda text: number(text) and math.isclose(round((float(text) - low) / step) * step + low, float(text))


def is_one_of(options: Sequence[object]) -> Callable[[str], bool]:
    """A rule for ``rejected_parameters``: one of ``options``, as text."""
    texts = {str(option) for option in options}
    return lambda text: text in texts
