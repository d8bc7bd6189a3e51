"""The answer above the picture, and the lesson on how many sets there are, of this tensor and of any other."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

import numpy as np
import pandas as pd
import streamlit as st

from core.catalogue import NORMS, SetNorm
from core.config import ConfigError, check_groups
from core.four_images.source import Cell
from core.four_images.torch_words import torch_says
from core.normalization import (
    Shape,
    normalize,
    product_in_words,
    product_of_numbers,
    set_count,
    set_name,
    torch_refusal,
)
from pages.parts.shared.address import plain
from pages.parts.shared.shown import Shown
from pages.parts.statistics.address import CALCULATOR, COUNTED, MORE
from pages.parts.statistics.controls import Setting

HEADLINE = "**{title}**{mode}: {reason}. That makes **{count} means** and {count} variances, each over {cells}."
HEADLINE_RUNNING = (
    "**{title}** (inference): each channel has its **running mean and variance** from training; other images do not "
    "matter."
)
REFUSED = "{reason} In its words: “{words}”."
HEADLINE_UNCENTRED = "**{title}**: {reason}. That makes **{count} root mean squares**, each over {cells}."
CLOSE_TO_EPS = (
    "Where σ² is close to ε = 0.00001, the variance after is σ² / (σ² + ε), below 1; a set of equal numbers stays at 0."
)
CLOSE_TO_EPS_UNCENTRED = "Where the mean square is close to ε = 0.00001, the mean square after is below 1."


CALCULATOR_WIDTH = 72
"""Pixels of each of its five fields: they stand in one row beside the picture."""
THIS_TENSOR = "**Of this tensor**, (N, C, H, W) = {shape} with G = {groups}:"
COUNT_LINE = "- **{norm}**: {symbols} = {numbers} = **{count:,}** {what}, each over {shared} = {cells}"
COUNT_LINE_OF_ONE = "- **{norm}**: {symbols} = **{count:,}** {what}, each over {shared} = {cells}"


def _cells(count: int) -> str:
    return "1 cell" if count == 1 else f"{count:,} cells"


def headline(setting: Setting, shown: Shown) -> str:
    """The count in words, for the chosen norm and what the picture shows: the page's answer in one line."""
    row, stats = NORMS[setting.norm], shown.stats
    if shown.running:
        return HEADLINE_RUNNING.format(title=row.title)
    n, c = setting.x.shape[:2]
    parts = stats.count // setting.stats.count
    images = f"all {n} images" if n > 1 else "the one image"
    if parts > 1:
        images = f"the {n // parts} images of a half" if n > parts else "the one image of a half"
        images += ", one for each half"
    text = HEADLINE if row.centred else HEADLINE_UNCENTRED
    return text.format(
        title=row.title,
        mode=" (training mode)" if row.running else "",
        reason=row.sets.format(images=images, c=c, **_in_words(c, setting.groups)),
        count=stats.count,
        cells=_cells(stats.cells),
    )


def _in_words(channels: int, groups: int) -> dict[str, str]:
    """The groups and the channels of each, as ``Norm.sets`` has them."""
    per = channels // groups
    return {
        "groups": "its one group" if groups == 1 else f"each of its {groups} groups",
        "channels": "1 channel" if per == 1 else f"{per} channels",
    }


def refusal(norm: SetNorm, shape: Shape, groups: int) -> str:
    """Why torch would not take the batch in training mode, with its own words; "" where it takes it."""
    reason = torch_refusal(norm, shape, groups)
    return REFUSED.format(reason=reason, words=plain(torch_says(norm, shape, groups))) if reason else ""


def how_many(setting: Setting, pinned: Cell) -> None:
    """The number of means of the norms side by side, all sets on demand, and the same for any other tensor."""
    shape = setting.x.shape
    st.markdown(THIS_TENSOR.format(shape=_in_brackets(shape), groups=setting.groups))
    _counts(setting.norms, shape, setting.groups, key="stats_counts")
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        with st.container(width="content"), st.popover("All sets in numbers", icon=":material/table:"):
            table_of_sets(setting, pinned)
        st.toggle(
            "More norms",
            MORE.default,
            help="LayerNorm over the channels of each position, as transformers and ConvNeXt have it, and RMSNorm.",
            **MORE.widget(),
        )
    st.markdown("**And of any other tensor?**")
    with st.container(horizontal=True, gap="xsmall"):
        n, c, h, w, g = (
            st.number_input(name, 1, most, parameter.default, width=CALCULATOR_WIDTH, **parameter.widget())
            for (name, (_, most)), parameter in zip(CALCULATOR.items(), COUNTED, strict=True)
        )
    if c % g:
        st.warning(str(_refusal(g, c)), icon=":material/warning:")
        return
    _counts(setting.norms, (n, c, h, w), g, key="stats_counted")


def _refusal(groups: int, channels: int) -> ConfigError | None:
    try:
        check_groups(groups, channels)
    except ConfigError as error:
        return error
    return None


def _in_brackets(shape: Shape) -> str:
    return f"({', '.join(map(str, shape))})"


def _counts(norms: Sequence[SetNorm], shape: Shape, groups: int, *, key: str) -> None:
    """A line for each norm: the formula of the count, the count, and how many cells share."""
    lines = []
    for norm in norms:
        row = NORMS[norm]
        count = set_count(norm, shape, groups)
        symbols = product_in_words(norm, row.numbering)
        numbers = product_of_numbers(norm, row.numbering, shape, groups)
        shared = product_in_words(norm, row.shared).replace(" ", "")
        what = "means" if row.centred else "root mean squares"
        template = COUNT_LINE if "×" in numbers else COUNT_LINE_OF_ONE
        lines.append(
            template.format(
                norm=row.title,
                symbols=symbols,
                numbers=numbers,
                count=count,
                what=what,
                shared=shared,
                cells=_cells(prod(shape) // count),
            )
        )
    with st.container(key=key):
        st.markdown("\n".join(lines))


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
