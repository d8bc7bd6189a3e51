"""A piece of a page that is made of HTML, CSS and JavaScript, from the files of its folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import streamlit as st

_SHARED = tuple(Path(__file__).parent / name for name in ("lasting.js", "make.js", "type_size.js"))
"""In every piece, before its own scripts: ``lasting``, ``make`` and ``typeSize``."""


@st.cache_resource
def front_end(folder: Path, *, scripts: Sequence[str] = ()) -> Any:
    """The component in ``folder``, named as it is; registered once a process.

    scripts: names of its JavaScript files in their order, where it has more than the one that is named as it is.
    """

    def own(ending: str) -> str | None:
        file = folder / f"{folder.name}.{ending}"
        return file.read_text(encoding="utf-8") if file.exists() else None

    # one module of several files: a component outside a package takes its code as text and cannot import
    files = [*_SHARED, *(folder / name for name in scripts or [f"{folder.name}.js"])]
    return st.components.v2.component(
        f"normlens_{folder.name}",
        html=own("html"),
        css=own("css"),
        js="\n".join(file.read_text(encoding="utf-8") for file in files),
    )
