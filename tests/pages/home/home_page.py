"""The first page as its tests see it: what the browser draws its pieces from, and what it says."""

from __future__ import annotations

import json
from urllib.parse import parse_qs, urlsplit

from tests.pages.conftest import texts


def piece(app, key: str) -> dict:
    """What the browser draws a piece of the page from."""
    [[found]] = [json.loads(c.proto.json) for c in app.get("bidi_component") if c.key == key]
    return found


def tiles(app) -> dict:
    """What the tiles are drawn from."""
    return piece(app, "home_sets")


def answer(app) -> list[dict]:
    """The rows of the table of the decision."""
    return piece(app, "home_situations")["rows"]


def said_by(app) -> str:
    """All that the page says, the table of the decision included."""
    lines = ([row["when"], row["take"], row["why"], *(words for words, *_ in row["numbers"])] for row in answer(app))
    return "\n".join([texts(app), *(" ".join(line) for line in lines)])


def links(app) -> dict[str, dict[str, list[str]]]:
    """What the links to other pages ask for, by what they are called."""
    alone = {link.proto.label: link.proto.query_string for link in app.get("page_link")}
    of_the_table = {link["label"]: urlsplit(link["address"]).query for row in answer(app) for link in row["links"]}
    return {label: parse_qs(query) for label, query in (alone | of_the_table).items()}
