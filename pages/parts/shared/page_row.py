"""The pages as a row of links, where the window is too narrow for Streamlit's top navigation.

There Streamlit moves the navigation into a sidebar that covers three quarters of a phone and stays open after a page
is chosen. So the row takes its place, up to the width at which Streamlit changes over. The same style
gives wide windows less margin: what belongs together is to share a screen.
"""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st
from streamlit.navigation.page import StreamlitPage

WIDE = 768
"""The width in CSS pixels from which on Streamlit shows the top navigation; below it is in a sidebar."""
_KEY = "page_row"

STYLE = f"""<style>
@media (width >= {WIDE}px) {{
  :has(> .st-key-{_KEY}) {{ display: none; }}
  [data-testid="stMainBlockContainer"] {{ padding-left: 2.5rem; padding-right: 2.5rem; }}
}}
[data-testid="stMainBlockContainer"] {{ padding-bottom: 2rem; }}
[data-testid="stMainBlockContainer"] h1 {{ padding: 0.25rem 0; }}
@media (width < {WIDE}px) {{
  [data-testid="stSidebar"], [data-testid="stExpandSidebarButton"] {{ display: none; }}
  [data-testid="stHeader"] {{ height: 0; min-height: 0; }}
  [data-testid="stMainBlockContainer"] {{ padding-top: 0.5rem; }}
  :has(> .st-key-{_KEY}) {{ height: auto; flex: none; }}
  .st-key-{_KEY} {{ height: auto; padding-top: 0.375rem; row-gap: 0.75rem; overflow: visible; }}
  .st-key-{_KEY} a {{ min-height: 2.75rem; margin: 0; padding: 0.25rem 0.1875rem; }}
  .st-key-{_KEY} a p {{ font-size: 0.75rem; }}
}}
</style>"""


def page_row(pages: Iterable[StreamlitPage]) -> None:
    """The links, and the style that shows either them or the sidebar; call it first in a run, with all pages."""
    st.html(STYLE)
    # one pixel high until the browser has loaded what draws a style: else the row would flash up in wide windows
    with st.container(key=_KEY, horizontal=True, gap=None, height=1, border=False):
        for page in pages:
            st.page_link(page, label=page.title, icon="")
