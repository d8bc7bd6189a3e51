"""The cards of a race: one a variant, each with its norm, groups and penalties, all of it in the URL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

import streamlit as st

from core.catalogue import NORMS, NormName
from core.config import PRESETS, PresetName, RunConfig, preset
from core.jobs.limits import limits
from core.model import layer_shapes
from pages.parts.shared.address import current, turn
from pages.parts.train.address import GROUPS, L1_STEPS, L2_STEPS, Card, Penalty, Values, card, variants

PRESET_TITLES: dict[PresetName, str] = {
    "assignment": "BN + L1, GN, LN",
    "session6": "GN + L1, LN + L2, BN + L1 + L2",
    "all": "All five, no penalty",
}
HELP_ON_GROUPS = (
    "Divisors of the {few} channels. 1 group is LayerNorm over (C, H, W) in every layer; {few} groups are InstanceNorm "
    "in the layers that have {few} channels, and {per} channels a group in those that have {many}."
)


class Variant(TypedDict):
    """What a card chooses, its penalties as they were typed."""

    norm: NormName
    groups: int
    l1: str
    l2: str


PENALTY_HELP = "Type any number from 0 to 1, or take one of the list."


def fill_cards(configs: Sequence[RunConfig]) -> None:
    """Make the cards those of ``configs``, as many as this server allows; in a callback."""
    configs = configs[: limits().max_variants]
    turn(variants(), len(configs))
    for number, config in enumerate(configs):
        row, values = card(number), Values.of(config)
        for field in ("norm", "groups", "l1", "l2"):
            turn(getattr(row, field), getattr(values, field))


def preset_buttons() -> None:
    """One button a preset; each fills the cards."""
    with st.container(horizontal=True, gap="small"):
        for name in PRESETS:
            st.button(PRESET_TITLES[name], key=f"train_preset_{name}", on_click=_fill, args=(name,))


def _fill(name: PresetName) -> None:
    fill_cards(preset(name))


def variant_cards() -> list[Variant]:
    """Draw the cards and return what each chooses."""
    # every widget gets its own default at every run: the address leaves out what equals it
    count, most = 1, limits().max_variants
    if most > 1:
        count = st.slider(
            "Variants",
            1,
            most,
            variants().default,
            help="How many networks race. Each gets a thread of its own.",
            **variants().widget(),
        )
    chosen = []
    with st.grid(count if count <= 3 else 3, min_column_width=250, border=True) as grid:
        for number in range(count):
            with grid.cell():
                chosen.append(_card(number, card(number)))
    return chosen


def untouched_cards() -> list[Variant]:
    """What ``variant_cards`` returns where nobody has chosen anything."""
    rows = [card(number) for number in range(variants().default)]
    return [
        {"norm": row.norm.default, "groups": row.groups.default, "l1": row.l1.default, "l2": row.l2.default}
        for row in rows
    ]


def _card(number: int, row: Card) -> Variant:
    norm: NormName = st.selectbox(
        f"Norm {number + 1}",
        list(NORMS),
        list(NORMS).index(row.norm.default),
        format_func=lambda n: NORMS[n].title,
        **row.norm.widget(),
    )
    groups = row.groups.default
    if NORMS[norm].grouping == "chosen":
        most = max(channels for channels, _, _ in layer_shapes(RunConfig(norm="none")))
        groups = st.select_slider(
            "Groups",
            GROUPS,
            row.groups.default,
            help=HELP_ON_GROUPS.format(few=GROUPS[-1], many=most, per=most // GROUPS[-1]),
            **row.groups.widget(),
        )
    left, right = st.columns(2)
    with left:
        l1 = _penalty(
            "L1", row.l1, L1_STEPS, "The loss gets l1 times the sum of |w| over convolution and linear weights."
        )
    with right:
        l2 = _penalty(
            "L2",
            row.l2,
            L2_STEPS,
            "The loss gets l2 times the sum of w squared. A weight decay of 5e-4 is an l2 of 2.5e-4.",
        )
    return {"norm": norm, "groups": groups, "l1": l1, "l2": l2}


def _penalty(label: str, row: Penalty, steps: Sequence[str], explained: str) -> str:
    # what was typed is one of the options from then on, so that it is found again in the list
    typed = current(row)
    text: str | None = st.selectbox(
        label,
        [*steps, *([] if typed in steps else [typed])],
        list(steps).index(row.default),
        accept_new_options=True,
        help=f"{explained} {PENALTY_HELP}",
        **row.widget(),
    )
    return text or row.default
