"""What other images and the mode do to image 1: replacement, running statistics, inference."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import pandas as pd
import streamlit as st

from core.catalogue import NORMS
from core.four_images.figures import ROUNDING, gap_bars, movement_bars, planes, running_lines
from core.four_images.influence import (
    SETTLED_BATCHES,
    Movement,
    TrainingBatch,
    learned,
    movements,
    one_image_alone,
    place_name,
    running_estimates,
    training_batches,
)
from core.four_images.source import Cell
from core.labels import listed
from core.normalization import RunningStatistics, torch_refusal
from pages.parts.shared.address import asked, kept
from pages.parts.shared.charts import NO_TOOLBAR
from pages.parts.statistics.address import (
    BATCHES,
    MODE,
    MODES,
    MOMENTA,
    MOMENTUM,
    MOST_BATCHES,
    MOST_REPLACED,
    REPLACED,
)
from pages.parts.statistics.controls import Setting
from pages.parts.statistics.sentences import (
    AFTER_ONE,
    AFTER_SETTLING,
    AFTER_SEVERAL,
    ALONE,
    BN_MOVES,
    BN_STAYS,
    EARLIER_NORMS,
    IN_FRONT_OF_BN,
    KERAS,
    LEARNED,
    NOTHING_SEEN,
    OTHERS_STAY,
    SAME_IN_BOTH_MODES,
    STARTS_AT,
    UNBIASED,
    WHICH_BATCHES,
    WHY_RUNNING,
)

Which = Literal["mean", "var"]
RUNNING: tuple[tuple[Which, str], ...] = (("mean", "mean"), ("var", "variance"))
"""The running values: attribute and name."""


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
        if setting.networks:
            st.caption(setting.networks)
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
    within = listed([NORMS[norm].title for norm in setting.norms if not NORMS[norm].crosses_images])
    if mode == "training":
        st.markdown(BN_MOVES.format(largest=bn.largest, place=place_name(bn.largest_at, setting.x.shape[2:])))
        st.markdown(OTHERS_STAY.format(others=within))
        if _norms_before(setting):
            st.caption(EARLIER_NORMS)
    else:
        st.markdown(BN_STAYS)
        st.caption(AFTER_SETTLING.format(batches=SETTLED_BATCHES) if learned(setting.source) is None else LEARNED)
        st.markdown(SAME_IN_BOTH_MODES.format(others=within))


def _norms_before(setting: Setting) -> bool:
    """Whether the images have passed another norm on their way to the one that is shown."""
    return bool(getattr(setting.source, "layer", 0))


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
        momentum = _momentum()
    st.markdown(WHY_RUNNING.format(momentum=momentum))
    st.caption(KERAS.format(momentum=momentum, keras=1 - momentum))
    seen = training_batches(setting.source, count, momentum)
    estimates = running_estimates(setting.source, 0, momentum) + [batch.running for batch in seen]
    channel = pinned[1]
    left, right = st.columns(2, gap="large")
    for column, (which, name) in zip((left, right), RUNNING, strict=True):
        with column:
            values = [getattr(e, which)[channel] for e in estimates]
            st.markdown(_in_words(which, name, channel, values, seen, momentum))
            st.plotly_chart(
                running_lines(estimates, which, channel),
                key=f"stats_running_{which}",
                config=NO_TOOLBAR,
                alt=f"Running {name} of channel {channel + 1} over {count} batches, now {values[-1]:.4f}",
            )
    cells = setting.x.size // setting.x.shape[1]
    st.caption(UNBIASED.format(cells=cells, less=cells - 1))
    _batches(setting, seen, channel)
    _alone(setting, estimates, pinned)
    if setting.networks:
        st.caption(setting.networks)


def _momentum() -> float:
    if MOMENTUM.name not in st.session_state and (linked := asked(MOMENTUM)) is not None:
        st.session_state[MOMENTUM.name] = linked  # the slider knows its own way of writing a number only
    chosen: float = st.select_slider(
        "Momentum m: the weight of the new batch",
        MOMENTA,
        value=MOMENTUM.default,
        format_func=MOMENTUM.text,
        width=320,
        **MOMENTUM.widget(),
    )
    return chosen


def _in_words(
    which: Which, name: str, channel: int, values: Sequence[float], seen: Sequence[TrainingBatch], momentum: float
) -> str:
    """A running value with the numbers of its last update."""
    places = {"name": name, "channel": channel + 1, "value": values[-1]}
    if not seen:
        return STARTS_AT.format(**places)
    before, new = (f"({v:.4f})" if v < 0 else f"{v:.4f}" for v in (values[-2], getattr(seen[-1], which)[channel]))
    template = AFTER_ONE if len(seen) == 1 else AFTER_SEVERAL
    return template.format(**places, count=len(seen), old=1 - momentum, momentum=momentum, before=before, new=new)


def _batches(setting: Setting, seen: Sequence[TrainingBatch], channel: int) -> None:
    """Which batches these are, and what each of them brought for one channel."""
    st.caption(WHICH_BATCHES[setting.kind].format(second=setting.source.batch_name(2)))
    if not np.array_equal(setting.source.batch("bn", 1), setting.x):
        st.caption(IN_FRONT_OF_BN.format(title=NORMS[setting.norm].title))
    if not seen:
        return
    with st.expander(f"The batches, for channel {channel + 1}"):
        frame = pd.DataFrame(
            {
                "batch": range(1, len(seen) + 1),
                "is": [batch.name for batch in seen],
                "mean": [batch.mean[channel] for batch in seen],
                "unbiased variance": [batch.var[channel] for batch in seen],
                "running mean after": [batch.running.mean[channel] for batch in seen],
                "running variance after": [batch.running.var[channel] for batch in seen],
            }
        )
        st.dataframe(
            frame,
            hide_index=True,
            height="content" if len(seen) <= 12 else 460,
            column_config=dict.fromkeys(frame.columns[2:], st.column_config.NumberColumn(format="%.4f")),
            alt=f"Mean and unbiased variance of channel {channel + 1} in every batch, and the running values after it",
        )


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
        place = place_name(cell, plane)
        st.markdown(ALONE.format(alone=bn.alone[cell], by_batch=bn.alone_by_batch[cell], place=place))
        if len(estimates) == 1:
            st.caption(NOTHING_SEEN)
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
