"""What the address of the first page may say."""

from __future__ import annotations

from core.catalogue import BASIC_SET_NORMS, NORMS
from pages.parts.shared.address import Parameter, Table
from pages.parts.shared.rules import one_of

TITLES = {NORMS[norm].title: norm for norm in BASIC_SET_NORMS}
CODE = Parameter[str | None]("home_code", one_of(TITLES), None)
"""The norm whose code is shown, by its title; at first none is. Not bound, or the buttons could not lead away."""
TABLE: Table = (CODE,)
