"""The page of errors as its tests see it: records with known errors, and what is shown of them."""

from __future__ import annotations

import json

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


def tiles(app: AppTest) -> list[str]:
    """The test images that are shown, by the buttons that open them."""
    return [b.label.removeprefix("Image ") for b in app.button if (b.key or "").startswith("wrong_open_")]


def chart(app: AppTest, number: int = 0) -> dict:
    return json.loads(app.get("plotly_chart")[number].proto.spec)


def select_labels(app: AppTest) -> set[str]:
    return {s.label for s in app.selectbox}
