"""What other images and the mode do to image 1: replacement, running statistics, inference."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd
import streamlit as st

from core.catalogue import NORMS
from core.four_images.figures import ROUNDING, gap_bars, movement_bars, planes, running_lines
from core.four_images.influence import Movement, movements, one_image_alone, place_name, running_estimates
from core.four_images.source import Cell
from core.labels import listed
from core.normalization import RunningStatistics, torch_refusal
from pages.parts.shared.address import kept
from pages.parts.statistics.address import BATCHES, MODE, MODES, MOMENTUM, MOST_BATCHES, MOST_REPLACED, REPLACED
from pages.parts.statistics.controls import Setting

Which = Literal["mean", "var"]
RUNNING: tuple[tuple[Which, str, int], ...] = (("mean", "mean", 0), ("var", "variance", 1))
"""The running values: attribute, name, and what each starts at."""
NO_TOOLBAR = {"displayModeBar": False}
"""Plotly's toolbar would lie on the numbers of these small charts, always so on a touch screen."""


def influence(setting: Setting, pinned: Cell) -> None:
    """Replace image 4 and see which norm lets image 1 notice."""
    number = kept(REPLACED)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        mode = st.segmented_control("Mode", MODES, default=MODE.default, required=True, **MODE.widget())
        st.button(
            "Replace image 4",
            icon=":material/swap_horiz:",
            type="primary",
            on_click=lambda: st.session_state.update({REPLACED.name: number % MOST_REPLACED + 1}),
        )
    found = movements(setting.source, setting.groups, number, training=mode == "training", norms=setting.norms)
    left, right = st.columns([3, 2], gap="large")
    with left:
        st.markdown(
            f"**How far did the normalized image 1 move?** Image 4 is now companion {number}; image 1 is the same."
        )
        st.plotly_chart(
            movement_bars(found),
            key="stats_movement",
            config=NO_TOOLBAR,
            alt="; ".join(f"{NORMS[m.norm].title}: image 1 moved by {m.largest:.4f}" for m in found),
        )
    bn = found[0]
    with right:
        _what_moved(setting, mode, bn)
    c = pinned[1]
    st.markdown(
        f"Image 1, channel {c + 1} (that of the pinned cell), normalized by BatchNorm ({mode}): "
        "before and after the replacement."
    )
    st.plotly_chart(
        planes({"before": bn.before[c], "after": bn.after[c], "difference": bn.after[c] - bn.before[c]}),
        key="stats_moved_plane",
        config=NO_TOOLBAR,
        alt=f"Channel {c + 1} of image 1 normalized by BatchNorm, before and after image 4 was replaced",
    )


def _what_moved(setting: Setting, mode: str, bn: Movement) -> None:
    place = place_name(bn.largest_at, setting.x.shape[2:])
    within = listed([NORMS[norm].title for norm in setting.norms if not NORMS[norm].crosses_images])
    if mode == "training":
        st.markdown(
            f"**BatchNorm moves image 1** by up to {bn.largest:.4f} (largest: {place}): "
            "its mean of a channel is taken over all four images, so every companion has a part in it."
        )
        st.markdown(
            f"**{within}: 0.** Their sets end where the image ends. Nothing that happens in image 4 can reach image 1."
        )
    else:
        st.markdown(
            "**In inference BatchNorm does not move either.** It no longer looks at the batch: it takes the "
            "running mean and variance that training left behind, the same for every image."
        )
        st.markdown(f"{within} compute the same in both modes.")
    if setting.kind != "integers" and mode == "training":
        st.caption("For BatchNorm the earlier layers of the network take part in this too.")


def training_and_inference(setting: Setting, pinned: Cell) -> None:
    """BN's running estimates step by step, and what they do to one image alone."""
    refusal = torch_refusal("bn", setting.x.shape)
    if refusal:
        st.warning(refusal, icon=":material/block:")
        return
    count = kept(BATCHES)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.button("One more batch", icon=":material/skip_next:", type="primary", on_click=_step, args=(1,))
        st.button("Ten more", on_click=_step, args=(10,))
        st.button("Start again", icon=":material/restart_alt:", on_click=_step, args=(None,))
        momentum = st.slider(
            "Momentum: the weight of the new batch",
            0.0,
            1.0,
            MOMENTUM.default,
            0.05,
            width=320,
            **MOMENTUM.widget(),
        )
    st.markdown(
        "Inference cannot use the batch's own statistics: the same image would get another answer beside other images, "
        "and alone it is too small a sample. BatchNorm takes running values instead, which training collects: "
        f"**running ← (1 − m) · running + m · batch**, m = {momentum:.2f} being the momentum."
    )
    estimates = running_estimates(setting.source, count, momentum)
    now, channel = estimates[-1], pinned[1]
    left, right = st.columns(2, gap="large")
    for column, (which, name, start) in zip((left, right), RUNNING, strict=True):
        with column:
            value = getattr(now, which)[channel]
            formula = _update(estimates, which, channel) if count else f"it starts at **{start}**"
            st.markdown(f"Running {name} of channel {channel + 1}, {count} batch{'es' * (count != 1)} seen: {formula}")
            st.plotly_chart(
                running_lines(estimates, which, channel),
                key=f"stats_running_{which}",
                config=NO_TOOLBAR,
                alt=f"Running {name} of channel {channel + 1} over {count} batches, now {value:.4f}",
            )
    cells = setting.x.size // setting.x.shape[1]
    st.caption(
        f"The running variance collects the unbiased variance, {cells:,} / {cells - 1:,} times the one that normalizes."
    )
    _alone(setting, estimates, pinned)


def _update(estimates: list[RunningStatistics], which: Which, channel: int) -> str:
    """The last update of one running value with its numbers."""
    before, value = (getattr(e, which)[channel] for e in estimates[-2:])
    m = estimates[-1].momentum
    if not m:
        return f"momentum 0: it stays at **{value:.4f}**"
    batch = (value - (1 - m) * before) / m
    kept, new = (f"({v:.4f})" if v < 0 else f"{v:.4f}" for v in (before, batch))
    return f"{1 - m:.2f} · {kept} + {m:.2f} · {new} = **{value:.4f}**"


def _alone(setting: Setting, estimates: list[RunningStatistics], pinned: Cell) -> None:
    found = one_image_alone(setting.source, setting.groups, estimates[-1], setting.norms)
    st.markdown("**Then image 1 comes alone.** Its pinned cell, normalized at this layer:")
    cell, plane = pinned[1:], setting.x.shape[2:]
    frame = pd.DataFrame(
        {
            "norm": [NORMS[a.norm].title for a in found],
            "training, among four": [a.together[cell] for a in found],
            "inference, alone": [a.alone[cell] for a in found],
            "largest gap in image 1": [a.gap for a in found],
            "largest gap at": [place_name(a.gap_at, plane) if a.gap > ROUNDING else "no gap" for a in found],
        }
    )
    left, right = st.columns([3, 2], gap="large")
    with left:
        number = st.column_config.NumberColumn(format="%.4f")
        st.dataframe(
            frame,
            hide_index=True,
            column_config=dict.fromkeys(frame.columns[1:4], number),
            alt="Image 1 in training among four images and in inference alone, for each norm",
        )
        bn = found[0]
        st.markdown(
            f"BatchNorm by the **running** values gives {bn.alone[cell]:.4f}; by the statistics of a batch of this one "
            f"image it would give {bn.alone_by_batch[cell]:.4f}. All other norms compute the same alone as among four: "
            f"**no gap**. The cell shown is {place_name(cell, plane)} of image 1, where the pin is."
        )
        if np.isclose(estimates[-1].var, 1).all() and len(estimates) == 1:
            st.caption("No batch seen yet: the running mean is 0 and the running variance 1, so BN passes x through.")
    with right:
        st.plotly_chart(
            gap_bars(found),
            key="stats_gap",
            config=NO_TOOLBAR,
            alt="; ".join(f"{NORMS[a.norm].title}: gap {a.gap:.4f}" for a in found),
        )


def _step(by: int | None) -> None:
    seen: int = st.session_state[BATCHES.name]
    st.session_state[BATCHES.name] = 0 if by is None else min(seen + by, MOST_BATCHES)
