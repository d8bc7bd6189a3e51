"""What the first run of a visit holds back, where the next one comes before the browser has answered."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest


def visit() -> None:
    import streamlit as st

    from pages.parts.shared import query

    page = st.session_state.get("page", "first")
    query.begin_run(page)
    if "written" not in st.session_state:
        st.session_state["written"] = True
        query.put("shown", ["1"])
    st.text(f"{query.values('shown')} {query.values('chosen')}")
    st.button("choose", on_click=query.put, args=("chosen", ["2"]))
    st.button("leave", on_click=st.session_state.update, args=({"page": "second"},))


@pytest.fixture
def app() -> AppTest:
    """The browser has not said yet that the piece is there which an address waits for."""
    app = AppTest.from_function(visit).run()
    assert not app.query_params
    return app


def test_what_a_callback_writes_stands_in_the_address(app):
    app.button[0].click().run()
    assert app.text[0].value == "['1'] ['2']"
    assert app.query_params == {"shown": "1", "chosen": "2"}


def test_what_a_page_held_back_stays_out_of_the_address_of_the_next(app):
    app.button[1].click().run()
    assert app.text[0].value == "[] []"
    assert not app.query_params
