"""The icon of the app in the browser's tab, inside the page's own words.

Of a file Streamlit gives the browser an address, which the server forgets between two runs of a session: an error in
the console of a browser that asks for it just then.
"""

from __future__ import annotations

import base64
from functools import cache
from pathlib import Path

ICON = Path(__file__).resolve().parents[3] / "assets" / "icon.png"


@cache
def icon() -> str:
    """It as a ``data:`` address, for ``st.set_page_config``."""
    return f"data:image/png;base64,{base64.b64encode(ICON.read_bytes()).decode()}"
