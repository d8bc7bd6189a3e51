"""The page of errors as its tests see it: records with known errors, and what is shown of them."""

from __future__ import annotations

import json

from streamlit.components.v2.bidi_component.main import _make_trigger_id
from streamlit.testing.v1 import AppTest

from core.records import store as runs
from core.records.store import RunStore

BN = {4: 9, 14: 9, 24: 9, 5: 3, 15: 3, 9: 4}
GN = {4: 9, 14: 9, 6: 0}
LN = {4: 9, 5: 3, 7: 1}


def save(*records) -> list[str]:
    """Put records where the pages read them; their ids."""
    for kept in records:
        runs.save(kept, RunStore().root)
    return [kept.run_id for kept in records]


def select(app: AppTest, label: str):
    return next(s for s in app.selectbox if s.label == label)


def button(app: AppTest, key: str):
    return next(b for b in app.button if b.key == key)


def parameter(app: AppTest, name: str) -> list[str]:
    value = app.query_params.get(name, [])
    return [value] if isinstance(value, str) else list(value)


def grids(app: AppTest) -> dict[str, dict]:
    """What the browser draws each grid of images from, by its key."""
    pieces = {piece.key: piece.proto.json for piece in app.get("bidi_component")}
    return {key: json.loads(sent)[0] for key, sent in pieces.items() if key.startswith(("wrong_grid_", "wrong_across"))}


def shown_tiles(app: AppTest) -> list[dict]:
    """All images that are shown, with what is said of each."""
    return [tile for grid in grids(app).values() for tile in grid["tiles"]]


def tiles(app: AppTest) -> list[str]:
    """The test images that are shown, by the buttons that open them."""
    return [tile["name"].removeprefix("Image ") for tile in shown_tiles(app)]


def said_of(tile: dict) -> str:
    """The lines of an image, bold parts between asterisks."""
    return "\n".join("".join(f"**{part}**" if i % 2 else part for i, part in enumerate(line)) for line in tile["lines"])


def press(app: AppTest, key: str, sent: object) -> AppTest:
    """What the grid ``key`` tells the server where a button of it is pressed; the driver knows no such pieces."""
    (piece,) = (piece for piece in app.get("bidi_component") if piece.key == key)
    states = app._tree.get_widget_states()
    event = states.widgets.add(id=_make_trigger_id(piece.proto.id, "events"))
    event.json_trigger_value = json.dumps([{"event": "open", "value": sent}])
    app._run(states)
    assert not app.exception
    return app


def chart(app: AppTest, number: int = 0) -> dict:
    return json.loads(app.get("plotly_chart")[number].proto.spec)


def select_labels(app: AppTest) -> set[str]:
    return {s.label for s in app.selectbox}
