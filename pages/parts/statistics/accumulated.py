"""The lesson on accumulated gradients: the batch in two halves, whose statistics are their own."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from core.catalogue import NORMS
from core.four_images.micro_batches import micro_batch_names, micro_batches
from core.four_images.source import Cell
from core.normalization import statistics
from pages.parts.shared.shown import Shown
from pages.parts.statistics.controls import Setting

PARTS = 2
QUESTION = (
    "Where a batch of {n} does not fit into memory, one sends {half} and then {half}, adds up the gradients and takes "
    "one step. **Is that the same as {n} at once?**"
)
ODD = "{n} images do not make two equal halves: choose an even N under “Shape”."
MOVES = (
    "**Not for {title}.** Each half has means and variances of its own, over half as many cells: the gradients that "
    "are added up belong to another function. For channel {channel}:"
)
STAYS = "**For {title} it is**: no set reaches beyond an image, so every mean stays. The means of BatchNorm do not:"
CURE = "GroupNorm, LayerNorm and InstanceNorm need no cure; for BatchNorm one lets several devices share their sums."


def accumulated(setting: Setting, pinned: Cell) -> Shown | None:
    """BN's means of the halves beside those of the whole, and the picture in halves."""
    x, norm = setting.x, setting.norm
    n = len(x)
    if n % PARTS:
        st.info(ODD.format(n=n), icon=":material/info:")
        return None
    row = NORMS[norm]
    st.markdown(QUESTION.format(n=n, half=n // PARTS))
    st.markdown((MOVES if row.crosses_images else STAYS).format(title=row.title, channel=pinned[1] + 1))
    st.dataframe(
        _table(setting, pinned[1]),
        hide_index=True,
        alt=f"BatchNorm's mean and variance of channel {pinned[1] + 1}, of the whole batch and of each half",
        column_config=dict.fromkeys(("mean μ", "variance σ²"), st.column_config.NumberColumn(format="%.4f")),
    )
    st.caption(CURE)
    names = tuple(micro_batch_names(x, norm, setting.groups, PARTS))
    return Shown(x, micro_batches(x, norm, setting.groups, PARTS), names=names)


def _table(setting: Setting, channel: int) -> pd.DataFrame:
    x = setting.source.batch("bn", 1)
    half = len(x) // PARTS
    parts = {"all": x, **{f"{i * half + 1} to {(i + 1) * half}": p for i, p in enumerate(np.split(x, PARTS))}}
    found = [statistics(part, "bn") for part in parts.values()]
    return pd.DataFrame(
        {
            "images": list(parts),
            "cells": [s.cells for s in found],
            "mean μ": [s.mean[channel] for s in found],
            "variance σ²": [s.var[channel] for s in found],
        }
    )
