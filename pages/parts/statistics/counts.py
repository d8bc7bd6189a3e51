"""What stands below the tensor: how many sets there are, and what happened to each."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from core.catalogue import NORM_TITLES
from core.four_images.source import Cell
from core.normalization import SET_NORMS, normalize, set_count, set_name
from pages.parts.statistics.controls import Setting

FORMULAS = {"bn": "C = {c}", "ln": "N = {n}", "gn": "N × G = {n} × {g}", "in": "N × C = {n} × {c}"}
CELLS = {"bn": "N×H×W", "ln": "C×H×W", "gn": "(C/G)×H×W", "in": "H×W"}
REASONS = {
    "bn": "each channel has one mean, taken over all {n} images",
    "ln": "each image has one mean, taken over all its channels",
    "gn": "each image has one mean for each of its {g} groups of {per} channels",
    "in": "each channel of each image has its own mean",
}


def headline(setting: Setting) -> str:
    """The count in words, for the chosen norm: the page's answer in one line."""
    n, c = setting.x.shape[:2]
    g = setting.groups
    norm = setting.norm
    mode = " (training mode)" if norm == "bn" else ""
    reason = REASONS[norm].format(n=n, c=c, g=g, per=c // g)
    count = setting.stats.count
    cells = setting.stats.cells
    return (
        f"**{NORM_TITLES[norm]}**{mode}: {reason}. "
        f"That makes **{count} means** and {count} variances, each over {cells:,} cell{'s' * (cells > 1)}."
    )


def how_many(setting: Setting, columns: int) -> None:
    """The number of means of all four norms side by side."""
    n, c = setting.x.shape[:2]
    st.markdown("**How many means?** As many variances.")
    with st.grid(columns, min_column_width=130, gap="small"):
        for norm in SET_NORMS:
            count = set_count(norm, setting.x.shape, setting.groups)
            with st.container(border=True, gap=None, key=f"stats_count_{norm}"):
                st.metric(NORM_TITLES[norm], f"{count}")
                formula = FORMULAS[norm].format(n=n, c=c, g=setting.groups)
                cells = setting.x.size // count
                st.caption(f"{formula}, each over {CELLS[norm]} = {cells:,} cell{'s' * (cells > 1)}")


def table_of_sets(setting: Setting, pinned: Cell) -> None:
    """Mean and variance of every set, before and after; the pinned one is named."""
    stats = setting.stats
    x_hat = normalize(setting.x, stats)
    after = [x_hat[stats.index == s] for s in range(stats.count)]
    frame = pd.DataFrame(
        {
            "set": [str(s + 1) for s in range(stats.count)],
            "covers": [set_name(stats.norm, s, setting.x.shape[1], stats.groups) for s in range(stats.count)],
            "mean μ": stats.mean,
            "variance σ²": stats.var,
            "mean after": [np.round(a.mean(), 9) + 0.0 for a in after],
            "variance after": [a.var() for a in after],
        }
    )
    st.markdown(f"All **{stats.count} sets**. The pinned cell lies in set **{stats.index[pinned] + 1}**.")
    st.dataframe(
        frame,
        hide_index=True,
        height="content" if stats.count <= 8 else 320,
        alt="Mean and variance of every set, before and after normalization",
        column_config={name: st.column_config.NumberColumn(format="%.4f") for name in frame.columns[2:]},
    )
    if (stats.var < 1e-3).any():
        st.caption(
            "Where σ² is close to ε = 0.00001, the variance after is σ² / (σ² + ε), below 1; "
            "a set of equal numbers stays at 0."
        )
