"""What stands below the tensor: how many sets there are, and what happened to each."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from core.catalogue import NORMS
from core.four_images.source import Cell
from core.normalization import normalize, product_in_words, product_of_numbers, set_count, set_name
from pages.parts.statistics.address import MORE
from pages.parts.statistics.controls import Setting

HEADLINE = "**{title}**{mode}: {reason}. That makes **{count} means** and {count} variances, each over {cells}."
HEADLINE_UNCENTRED = "**{title}**: {reason}. That makes **{count} root mean squares**, each over {cells}."
CLOSE_TO_EPS = (
    "Where σ² is close to ε = 0.00001, the variance after is σ² / (σ² + ε), below 1; a set of equal numbers stays at 0."
)
CLOSE_TO_EPS_UNCENTRED = "Where the mean square is close to ε = 0.00001, the mean square after is below 1."


def _cells(count: int) -> str:
    return "1 cell" if count == 1 else f"{count:,} cells"


def headline(setting: Setting) -> str:
    """The count in words, for the chosen norm: the page's answer in one line."""
    row = NORMS[setting.norm]
    n, c = setting.x.shape[:2]
    text = HEADLINE if row.centred else HEADLINE_UNCENTRED
    return text.format(
        title=row.title,
        mode=" (training mode)" if row.running else "",
        reason=row.sets.format(n=n, c=c, g=setting.groups, per=c // setting.groups),
        count=setting.stats.count,
        cells=_cells(setting.stats.cells),
    )


def how_many(setting: Setting, columns: int) -> None:
    """The number of means of the norms side by side, and the switch that adds norms to all of the page."""
    shape, groups = setting.x.shape, setting.groups
    with st.container(horizontal=True, horizontal_alignment="distribute"):
        st.markdown("**How many means?** As many variances.", width="content")
        st.toggle(
            "More norms",
            MORE.default,
            help="LayerNorm over the channels of each position, as transformers and ConvNeXt have it, and RMSNorm.",
            **MORE.widget(),
        )
    with st.grid(columns, min_column_width=130, gap="small"):
        for norm in setting.norms:
            row = NORMS[norm]
            count = set_count(norm, shape, groups)
            with st.container(border=True, gap=None, key=f"stats_count_{norm}"):
                st.metric(row.title, f"{count}")
                formula = (
                    f"{product_in_words(norm, row.numbering)} = "
                    f"{product_of_numbers(norm, row.numbering, shape, groups)}"
                )
                shared = product_in_words(norm, row.shared).replace(" ", "")
                what = formula if row.centred else f"{formula} root mean squares"
                st.caption(f"{what}, each over {shared} = {_cells(setting.x.size // count)}")


def table_of_sets(setting: Setting, pinned: Cell) -> None:
    """Mean and variance of every set, before and after; the pinned one is named. Of RMSNorm: the mean squares."""
    stats = setting.stats
    centred = NORMS[stats.norm].centred
    x_hat = normalize(setting.x, stats)
    after = [x_hat[stats.index == s] for s in range(stats.count)]
    columns: dict[str, object] = {
        "set": [str(s + 1) for s in range(stats.count)],
        "covers": [set_name(stats.norm, s, setting.x.shape, stats.groups) for s in range(stats.count)],
    }
    if centred:
        columns |= {
            "mean μ": stats.mean,
            "variance σ²": stats.var,
            "mean after": [np.round(a.mean(), 9) + 0.0 for a in after],
            "variance after": [a.var() for a in after],
        }
    else:
        columns |= {"mean square": stats.var, "mean square after": [np.square(a).mean() for a in after]}
    frame = pd.DataFrame(columns)
    st.markdown(f"All **{stats.count} sets**. The pinned cell lies in set **{stats.index[pinned] + 1}**.")
    st.dataframe(
        frame,
        hide_index=True,
        height="content" if stats.count <= 8 else 320,
        alt="Mean and variance of every set, before and after normalization",
        column_config={name: st.column_config.NumberColumn(format="%.4f") for name in frame.columns[2:]},
    )
    if (stats.var < 1e-3).any():
        st.caption(CLOSE_TO_EPS if centred else CLOSE_TO_EPS_UNCENTRED)
