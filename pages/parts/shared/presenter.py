"""The presenter's view of every page: larger type, nothing around the page, and keys for next and back.

Type and spaces of Streamlit and of the components are in rem, and what these draw themselves asks ``typeSize()``: a
larger root font enlarges them all.
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from pages.parts.shared.address import PRESENT, asked, keep, kept, refuse, say
from pages.parts.shared.presenter_keys import Turn, presenter_keys

FOOTER, LEAVE, ENTER = "footer", "present_leave", "present_enter"
STEPS: dict[Turn, str] = {"next": "lesson_next", "back": "lesson_back"}
"""The buttons of the Lesson's steps, which turn before its page does."""
LINK = ".st-key-page_row > :nth-child({place} of :has(a)) a"
"""The link to a page, counted from 1, in the row of links that narrow windows show."""

FOOT = f"""<style>
.st-key-{FOOTER} button {{ min-height: 1.5rem; padding: 0; }}
.st-key-{FOOTER} button p {{ font-size: 0.875rem; }}
</style>"""
STYLE = f"""<style>
html {{ font-size: clamp(112.5%, min(1.8vw, 2.4vh), 150%); }}
[data-testid="stHeader"], [data-testid="stSidebar"], [data-testid="stExpandSidebarButton"],
:has(> .st-key-page_row), .st-key-{FOOTER} [data-testid="stCaptionContainer"],
.st-key-lesson_bar > .st-key-lesson_steps, .st-key-lesson_foot, .st-key-lesson_in_pytorch,
:has(> .st-key-lesson_wide_only_links), :has(> .st-key-lesson_wide_only_numbers),
:has(> [class*="st-key-lesson_wide_only_asked"]) {{
  display: none;
}}
.st-key-lesson_bar .st-key-lesson_where {{ display: flex; }}
.st-key-lesson_words [data-testid="stMarkdown"] p {{ line-height: 1.4; margin-bottom: 0.5rem; }}
.st-key-lesson_words [data-testid="stMarkdown"] [data-testid="stMarkdownContainer"] {{ margin-bottom: -0.5rem; }}
[data-testid="stMainBlockContainer"][data-testid="stMainBlockContainer"] {{
  padding-top: 0.5rem; padding-bottom: 0.5rem;
}}
/* an icon in the margin, and its words where somebody points at it or comes by keys */
.st-key-{FOOTER} {{ position: fixed; right: 0.5rem; bottom: 0.25rem; width: auto; gap: 0; z-index: 9; }}
.st-key-{FOOTER} button {{ padding: 0 0.25rem; background: var(--st-background-color, Canvas); }}
.st-key-{FOOTER} button:not(:hover, :focus-visible) p {{ position: absolute; clip-path: inset(50%); width: 1px; }}
</style>"""
"""The root font follows the window, from 18 pixels to 24, so that a screen holds as much on every projector."""


def present(pages: Sequence[StreamlitPage], page: StreamlitPage) -> bool:
    """Whether the visitor presents; then the keys turn the page. Before the page itself is drawn."""
    say(refuse(PRESENT))
    linked = asked(PRESENT)  # a link within the app leaves it out: then the visit goes on as it is
    keep(PRESENT, kept(PRESENT) if linked is None else linked)
    if not kept(PRESENT):
        return False
    st.html(STYLE)
    place = pages.index(page) + 1
    presenter_keys(
        buttons=STEPS,
        # links, and not st.switch_page: that raises where a widget of the page is bound to the address
        links={"next": LINK.format(place=place + 1), "back": LINK.format(place=place - 1)},
        leave=LEAVE,
        key="presenter_keys",
    )
    return True


def footer(version: str, *, presenting: bool) -> None:
    """The last line of a page: the version, and the way into the view; in it the way out alone."""
    with st.container(key=FOOTER, horizontal=True, vertical_alignment="center", gap="medium"):
        st.html(FOOT)
        if presenting:
            st.button(
                "Leave presenter's view",
                key=LEAVE,
                type="tertiary",
                icon=":material/close_fullscreen:",
                on_click=keep,
                args=(PRESENT, False),
            )
        else:
            st.button(
                "Presenter's view",
                key=ENTER,
                type="tertiary",
                icon=":material/present_to_all:",
                on_click=keep,
                args=(PRESENT, True),
            )
        st.caption(version, width="content")
