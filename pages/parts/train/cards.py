"""The cards of a race: one a variant, each with its norm, groups and penalties, all of it in the URL."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.catalogue import NORM_TITLES, NORMS, NormName
from core.config import DEFAULT_GROUPS, PRESETS, PresetName, RunConfig, divisors, preset
from core.jobs.limits import limits
from pages.parts.shared.links import binding, is_one_of, is_whole

OFF = "off"
L1_STEPS = (OFF, "1e-6", "1e-5", "3e-5", "1e-4", "3e-4", "1e-3", "1e-2")
L2_STEPS = (OFF, "1e-5", "1e-4", "2.5e-4", "5e-4", "1e-3", "1e-2")
GROUPS = divisors(RunConfig(norm="bn").width)

PRESET_TITLES: dict[PresetName, str] = {
    "assignment": "BN + L1, GN, LN",
    "session6": "GN + L1, LN + L2, BN + L1 + L2",
    "all": "All five, no penalty",
}
_DEFAULTS = (*preset("assignment"), RunConfig(norm="in"), RunConfig(norm="none"))
"""What the cards hold before anyone touches them: the assignment, and the two norms that it lacks."""

COUNT_KEY = "train_variants"


def _key(card: int, name: str) -> str:
    return f"train_{card + 1}_{name}"


def _step(value: float, steps: tuple[str, ...]) -> str:
    return next((step for step in steps if step != OFF and float(step) == value), OFF)


def _values(config: RunConfig) -> dict[str, Any]:
    return {
        "norm": config.norm,
        "groups": config.groups if config.norm == "gn" else DEFAULT_GROUPS,
        "l1": _step(config.l1, L1_STEPS),
        "l2": _step(config.l2, L2_STEPS),
    }


def url_rules() -> dict[str, Any]:
    """What the URL may say about the cards, for ``rejected_parameters``."""
    rules: dict[str, Any] = {COUNT_KEY: is_whole(1, limits().max_variants)}
    for card in range(limits().max_variants):
        rules |= {
            # a bound selectbox puts its labels in the URL
            _key(card, "norm"): is_one_of(tuple(NORM_TITLES.values())),
            _key(card, "groups"): is_one_of(GROUPS),
            _key(card, "l1"): is_one_of(L1_STEPS),
            _key(card, "l2"): is_one_of(L2_STEPS),
        }
    return rules


def _fill(name: PresetName) -> None:
    configs = preset(name)[: limits().max_variants]
    st.session_state[COUNT_KEY] = len(configs)
    for card, config in enumerate(configs):
        for field, value in _values(config).items():
            st.session_state[_key(card, field)] = value


def preset_buttons() -> None:
    """One button a preset; each fills the cards."""
    with st.container(horizontal=True, gap="small"):
        for name in PRESETS:
            st.button(PRESET_TITLES[name], key=f"train_preset_{name}", on_click=_fill, args=(name,))


def variant_cards() -> list[dict[str, Any]]:
    """Draw the cards and return norm, groups, l1 and l2 of each."""
    # every widget gets its own default at every run: the address leaves out what equals it
    most = limits().max_variants
    count = 1
    if most > 1:
        count = st.slider(
            "Variants",
            1,
            most,
            min(3, most),
            key=COUNT_KEY,
            bind=binding(COUNT_KEY, is_whole(1, most)),
            help="How many networks race. Each gets a thread of its own.",
        )
    variants = []
    with st.grid(count if count <= 3 else 3, min_column_width=250, border=True) as grid:
        for card in range(count):
            with grid.cell():
                variants.append(_card(card))
    return variants


def _card(card: int) -> dict[str, Any]:
    default = _values(_DEFAULTS[card % len(_DEFAULTS)])
    norm: NormName = st.selectbox(
        f"Norm {card + 1}",
        NORMS,
        NORMS.index(default["norm"]),
        format_func=lambda n: NORM_TITLES[n],
        key=_key(card, "norm"),
        bind="query-params",
    )
    groups = DEFAULT_GROUPS
    if norm == "gn":
        groups = st.select_slider(
            "Groups",
            GROUPS,
            DEFAULT_GROUPS,
            key=_key(card, "groups"),
            bind="query-params",
            help="Divisors of the 16 channels. 1 group is LayerNorm over (C, H, W) in every layer; 16 groups are "
            "InstanceNorm in the three layers that have 16 channels, and two channels a group in the two that have 32.",
        )
    l1 = st.select_slider(
        "L1 strength",
        L1_STEPS,
        default["l1"],
        key=_key(card, "l1"),
        bind="query-params",
        help="The loss gets l1 times the sum of |w| over convolution and linear weights.",
    )
    l2 = st.select_slider(
        "L2 strength",
        L2_STEPS,
        default["l2"],
        key=_key(card, "l2"),
        bind="query-params",
        help="The loss gets l2 times the sum of w squared. A weight decay of 5e-4 is an l2 of 2.5e-4.",
    )
    return {
        "norm": norm,
        "groups": int(groups),
        "l1": 0.0 if l1 == OFF else float(l1),
        "l2": 0.0 if l2 == OFF else float(l2),
    }
