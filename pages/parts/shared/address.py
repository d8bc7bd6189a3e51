"""The address of a page: what may stand in it, what is said of what may not, and how it is read, bound and written.

Every page has one table of ``Parameter`` rows, in the ``address`` module of its room. Its script calls
``read_address`` with that table before it draws anything; from then on the address holds possible values only.
Nothing else in the pages touches ``bind``, and ``query`` alone what stands in the address.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Generic, Literal, TypedDict, TypeVar

import streamlit as st
from streamlit.errors import StreamlitAPIException

from core.labels import listed
from pages.parts.shared import query, turned
from pages.parts.shared.choices import chosen, give, heed
from pages.parts.shared.rules import Rule, flag, flag_text, one_of

T = TypeVar("T")
RUN_ID = "[0-9a-f]{16}"
"""How an address names a run."""
_REFUSED = "address refused"
_SHOWN_VALUES, _SHOWN_LENGTH = 3, 40


class Binding(TypedDict):
    """What a widget needs to stand in the address."""

    key: str
    bind: Literal["query-params"] | None


@dataclass(frozen=True)
class Parameter(Generic[T]):
    """One row of a page's table.

    name: in the address, and in the session the key of its widget or of what is kept.  rule: its possible values.
    default: what an absent value stands for; it stays out of the address. Where rule or default depend on what the
    page finds while it draws, the row holds the widest, and the page goes on with a ``replace`` of it.
    bound: to a widget, by ``widget``; else ``kept`` and ``write`` do it.  many: it may stand there several times.
    text: how a value is written.
    """

    name: str
    rule: Rule[T]
    default: T
    bound: bool = False
    many: bool = False
    text: Callable[[T], str] = str

    def widget(self) -> Binding:
        """Key and binding, for ``**`` in the call of the bound widget.

        Where the value was refused in this run, the widget is not bound until the next one and starts from the
        default: Streamlit would take the value from the address all the same, and raises on some.
        """
        refused: set[str] = st.session_state.setdefault(_REFUSED, set())
        turned.settle(self.name)  # also in a fragment, before which nobody reads the address
        if self.name not in refused:
            return {"key": self.name, "bind": "query-params"}
        refused.discard(self.name)
        if self.name in st.session_state:  # the browser's history brought it back to a value that is none
            st.session_state[self.name] = self.default
        return {"key": self.name, "bind": None}


Table = Sequence[Parameter[Any]]


def read_address(table: Table) -> None:
    """Begin a page: say what its address asks for and cannot have, and take that out of it.

    Before the first widget: a bound one drops such a value without a word.
    """
    st.session_state[_REFUSED] = set()
    if query.entered():
        for parameter in table:
            _forget(parameter)
    for parameter in table:
        turned.settle(parameter.name)
    say([sentence for parameter in table for sentence in refuse(parameter)])


def _forget(parameter: Parameter[Any]) -> None:
    """Where a page is entered, what its address says counts, and not what an earlier look at the page left behind.

    A link that says nothing leaves the page as it was; Back and Forward mean the default where nothing is said.
    """
    turned.forget(parameter.name)
    if not parameter.bound and (query.through_history() or query.values(parameter.name)):
        st.session_state.pop(parameter.name, None)


def refuse(parameter: Parameter[Any]) -> list[str]:
    """A sentence where the address holds a value that is empty, repeated or against the rule, and takes it out."""
    values = query.values(parameter.name)
    several = len(values) > 1 and not parameter.many
    wrong = [value for value in values if several or parameter.rule(value) is None]
    if not wrong:
        return []
    drop(parameter)
    start = f"The link asks for {parameter.name} = {_quoted(wrong)}, which is not possible here."
    if rest := [value for value in values if value not in wrong]:
        query.put(parameter.name, rest)
        return [f"{start} The rest is shown."]
    return [f"{start} The default is used instead."]


def drop(parameter: Parameter[Any]) -> None:
    """Take a value out of the address, so that the default stands in for it."""
    with suppress(StreamlitAPIException):  # one that is bound already goes where ``widget`` unbinds it
        query.put(parameter.name, [])
    if parameter.bound:
        st.session_state.setdefault(_REFUSED, set()).add(parameter.name)
    else:
        st.session_state.pop(parameter.name, None)


def say(sentences: Sequence[str]) -> None:
    """Show what was refused."""
    if sentences:
        st.warning(" ".join(sentences), icon=":material/link_off:")


def asked(parameter: Parameter[T]) -> T | None:
    """What the address asks for; None where it says nothing."""
    values = query.values(parameter.name)
    return parameter.rule(values[0]) if len(values) == 1 else None


def take_link(parameter: Parameter[T]) -> None:
    """Put what the address says into the state of a slider, which itself knows one way of writing a number only."""
    if parameter.name not in st.session_state and (linked := asked(parameter)) is not None:
        st.session_state[parameter.name] = linked


def current(parameter: Parameter[T]) -> T:
    """The value of this visit, also before its widget is drawn: else what the address asks for, else the default."""
    if parameter.name in st.session_state:
        value: T = st.session_state[parameter.name]
        return value
    found = asked(parameter)
    return parameter.default if found is None else found


def kept(parameter: Parameter[T]) -> T:
    """As ``current``, for one that is not bound: visit and address hold it from now on."""
    value = current(parameter)
    keep(parameter, value)
    return value


def keep(parameter: Parameter[T], value: T) -> None:
    """Give one that is not bound a value, in the visit and in the address."""
    st.session_state[parameter.name] = value
    write(parameter, value)


def take(
    parameter: Parameter[T], value: T, hold: Callable[[Parameter[T], T], None] = keep, *, key: str | None = None
) -> None:
    """In the callback of a widget that is not bound: ``hold`` what was chosen in it.

    And not what a browser says that has not heard yet that something else has turned the widget.
    key: of the widget, where that is not ``choice_key``.
    """
    if chosen(key or choice_key(parameter)):
        hold(parameter, value)


def write(parameter: Parameter[T], value: T) -> None:
    """Put ``value`` into the address; the default takes the parameter away."""
    query.put(parameter.name, _written(parameter, value))


def _written(parameter: Parameter[T], value: T) -> list[str]:
    return [] if value == parameter.default else [parameter.text(value)]


def write_all(parameter: Parameter[T], values: Sequence[T]) -> None:
    """Put ``values`` into the address, for a parameter that may have many."""
    query.put(parameter.name, [parameter.text(value) for value in values])


def choice_key(parameter: Parameter[Any]) -> str:
    """The key of a widget that is not bound and has a choice of things whose names may change meanwhile."""
    return f"{parameter.name}_choice"


def select(
    label: str,
    options: Sequence[str],
    parameter: Parameter[str],
    *,
    name: Callable[[str], str],
    on_change: Callable[[], None] | None = None,
    width: int | Literal["stretch"] = "stretch",
    label_visibility: Literal["visible", "collapsed"] = "visible",
) -> str:
    """A select box over ``options``, the first by default, that is not bound: the address holds the option itself."""
    here = replace(parameter, rule=one_of(options), default=options[0])
    key, state = choice_key(parameter), st.session_state
    if key not in state:
        say(refuse(here))
        state[key] = asked(here)
    # other options may be there meanwhile; set at every run, so that the browser, which sends names, learns of one
    # that has changed
    give(key, state[key] if state[key] in options else here.default)
    option = st.selectbox(
        label,
        options,
        format_func=name,
        key=key,
        on_change=heed,
        args=(key, on_change),
        width=width,
        label_visibility=label_visibility,
    )
    write(here, option)
    return option


def turn(parameter: Parameter[T], value: T) -> None:
    """In a callback: have a ``select``, or a bound widget that is acknowledged (see ``turned``), show another value."""
    if parameter.bound:
        turned.turn(parameter.name, value)
    else:
        give(choice_key(parameter), value)


def segments(
    label: str, options: Sequence[T], parameter: Parameter[T], *, shown: T | None = None, name: Callable[[T], str] = str
) -> T:
    """A row of ``options``, one of which is chosen, that is not bound: the address holds the option itself.

    shown: the one that is chosen, where that is not simply what the address says.
    """
    key = choice_key(parameter)
    value = kept(parameter) if shown is None else shown
    give(key, value)  # at every run: something else on the page may turn it, too
    st.segmented_control(
        label,
        options,
        format_func=name,
        required=True,
        key=key,
        label_visibility="collapsed",
        on_change=lambda: take(parameter, st.session_state[key]),
    )
    return value


def start_choice(
    parameter: Parameter[str], options: Collection[str], default: Callable[[], Sequence[str]], most: int
) -> str:
    """Before a widget that chooses several of ``options``: give it its value and return its key.

    Not bound, since a bound one writes its labels, and those depend on what else is there: ``write_all`` what it
    returns. Not as the widget's default, which may not be given together with a value that an upload has set. At every
    run, so that the browser, which sends labels, learns of a new one, and what is gone leaves the choice.
    default: asked for where neither visit nor address say anything.
    """
    key = choice_key(parameter)
    say(refuse(replace(parameter, rule=one_of(options))))
    wanted = dict.fromkeys(query.values(parameter.name))
    before = st.session_state[key] if key in st.session_state else (list(wanted) or default())[:most]
    give(key, [option for option in before if option in options])
    return key


def _quoted(values: Sequence[str]) -> str:
    shown = [value if len(value) <= _SHOWN_LENGTH else value[:_SHOWN_LENGTH] + "..." for value in values]
    words = [plain(repr(value)) for value in shown]
    if len(words) > _SHOWN_VALUES:
        words = [*words[: _SHOWN_VALUES - 1], f"{len(words) - _SHOWN_VALUES + 1} more"]
    return listed(words)


def plain(text: str) -> str:
    """``text`` of a stranger, so that nothing of it acts as Markdown or keeps it from being sent."""
    escaped = re.sub(r"([\\`*_\[\]()<>#$|~/])", r"\\\1", text)
    return escaped.encode("utf-8", "replace").decode()


PRESENT = Parameter("present", flag(), False, text=flag_text)
"""Whether the visitor presents: the one row that every page has."""
MINE = Parameter("mine", flag(), False, text=flag_text)
"""Of every page that lists runs or races: whether those of others are left out."""
