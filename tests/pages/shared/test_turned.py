"""What a bound widget was turned to, against what a browser says of it that has heard so and so much."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from pages.parts.shared.turned import HIDDEN


def page() -> None:
    import streamlit as st

    from pages.parts.shared.address import Parameter, read_address, turn
    from pages.parts.shared.query import rerun
    from pages.parts.shared.rules import one_of
    from pages.parts.shared.turned import acknowledge

    letter = Parameter("letter", one_of(list("abc")), "a", bound=True)
    read_address([letter])
    st.text(st.selectbox("Letter", list("abc"), **letter.widget()))
    acknowledge(letter.name)
    st.button("b", key="b", on_click=turn, args=(letter, "b"))
    st.button("c", key="c", on_click=turn, args=(letter, "c"))
    st.button("nothing", key="nothing")
    if st.button("run again", key="again"):
        rerun()


@pytest.fixture
def app() -> AppTest:
    """Run 1 is over, and run 2 has turned the widget from a to b."""
    return AppTest.from_function(page).run().button("b").click().run()


def shown(app: AppTest, letter: str, heard: int, press: str = "nothing") -> str:
    """The letter after a press in a browser that shows ``letter``, as of run ``heard``."""
    app.selectbox("letter").set_value(letter)
    app.slider(f"{HIDDEN}letter").set_value(heard)
    app.button(press).click().run()
    assert not app.exception
    assert app.selectbox("letter").value == app.text[0].value
    return app.text[0].value


def test_what_a_browser_merely_still_shows_is_no_choice(app):
    assert shown(app, "a", heard=1) == "b"
    assert app.query_params["letter"] == "b"


def test_the_same_value_is_a_choice_once_the_browser_has_heard(app):
    assert shown(app, "a", heard=2) == "a"


def test_a_browser_may_have_heard_of_the_first_of_two(app):
    assert shown(app, "a", heard=1, press="c") == "c"  # run 3
    assert shown(app, "b", heard=2) == "c"


def test_what_was_there_before_both_is_a_choice_where_the_first_is_shown(app):
    assert shown(app, "a", heard=1, press="c") == "c"
    assert shown(app, "a", heard=2) == "a"


def test_a_third_value_outlasts_what_the_browser_hears_next(app):
    assert shown(app, "c", heard=1) == "c"  # run 3
    assert shown(app, "b", heard=2) == "c"
    assert shown(app, "b", heard=4) == "b"


def test_a_run_that_the_server_asks_for_tells_nothing_of_the_browser(app):
    assert shown(app, "a", heard=1, press="again") == "b"
    assert shown(app, "a", heard=1) == "b"
