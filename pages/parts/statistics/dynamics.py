"""What other images and the mode do to image 1: replacement, running statistics, inference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import numpy as np
import pandas as pd
import streamlit as st

from core.catalogue import NORMS
from core.four_images.figures import ROUNDING, movement_bars, running_lines
from core.four_images.influence import (
    SETTLED_BATCHES,
    Movement,
    TrainingBatch,
    gradient,
    learned,
    movements,
    one_image_alone,
    place_name,
    running_estimates,
    settled,
    training_batches,
)
from core.four_images.source import Cell
from core.labels import listed
from core.normalization import RunningStatistics, statistics
from pages.parts.shared.address import kept, take_link
from pages.parts.shared.charts import NO_TOOLBAR
from pages.parts.shared.shown import Shown, by_running
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
from pages.parts.statistics.counts import refusal
from pages.parts.statistics.sentences import (
    AFTER_ONE,
    AFTER_SETTLING,
    AFTER_SEVERAL,
    ALONE,
    BN_MOVES,
    BN_STAYS,
    COMES_ALONE,
    EARLIER_NORMS,
    GRADIENT,
    HOW_FAR,
    IN_FRONT_OF_BN,
    IN_THE_PICTURE,
    KERAS,
    LARGEST_GAP,
    LAST_IN_PICTURE,
    LEARNED,
    NOBODY_ELSE,
    NOT_RUNNING,
    NOTHING_COLLECTED,
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
"""The running estimates: attribute and name."""


def influence(setting: Setting, pinned: Cell) -> Shown:
    """Replace the last image and see which norm lets image 1 notice."""
    number, last = kept(REPLACED), len(setting.x)
    with st.container(horizontal=True, vertical_alignment="center"):
        mode = _mode()
        st.button(
            f"Replace image {last}",
            icon=":material/swap_horiz:",
            type="primary",
            disabled=last == 1,
            on_click=lambda: st.session_state.update({REPLACED.name: number % MOST_REPLACED + 1}),
        )
    if last == 1:
        st.info(NOBODY_ELSE, icon=":material/info:")
        return _with_gradient(setting, pinned, Shown(setting.x, setting.stats))
    training = mode == "training"
    found = movements(setting.source, setting.groups, number, training=training, norms=setting.norms)
    st.markdown(HOW_FAR.format(last=last, number=number))
    st.plotly_chart(
        movement_bars(found),
        key="stats_movement",
        config=NO_TOOLBAR,
        alt="; ".join(f"{NORMS[m.norm].title}: image 1 moved by {m.largest:.4f}" for m in found),
    )
    _what_moved(setting, mode, found[0])
    if setting.networks:
        st.caption(setting.networks)
    st.caption(IN_THE_PICTURE.format(last=last))
    return _with_gradient(setting, pinned, _replaced(setting, number, training=training))


def _mode() -> str:
    chosen: str = st.segmented_control(
        "Mode", MODES, default=MODE.default, required=True, label_visibility="collapsed", **MODE.widget()
    )
    return chosen


def _replaced(setting: Setting, number: int, *, training: bool) -> Shown:
    """The batch with another last image, normalized as the mode has it."""
    norm, groups = setting.norm, setting.groups
    old = setting.source.batch(norm, groups, training=training)
    x = setting.source.batch(norm, groups, replaced=number, training=training)
    shown = Shown(x, statistics(x, norm, groups), old=old)
    return by_running(shown, settled(setting.source)) if NORMS[norm].running and not training else shown


def _with_gradient(setting: Setting, pinned: Cell, shown: Shown) -> Shown:
    tint = gradient(shown.x, shown.stats, pinned, running=shown.running)
    return replace(shown, tint=tint, tint_name=GRADIENT)


def _what_moved(setting: Setting, mode: str, bn: Movement) -> None:
    within = listed([NORMS[norm].title for norm in setting.norms if not NORMS[norm].crosses_images])
    if mode == "training":
        st.markdown(BN_MOVES.format(largest=bn.largest, place=place_name(bn.largest_at, setting.x.shape[2:])))
        st.markdown(OTHERS_STAY.format(others=within, last=len(setting.x)))
        if _norms_before(setting):
            st.caption(EARLIER_NORMS)
    else:
        st.markdown(BN_STAYS)
        st.caption(AFTER_SETTLING.format(batches=SETTLED_BATCHES) if learned(setting.source) is None else LEARNED)
        st.markdown(SAME_IN_BOTH_MODES.format(others=within))


def _norms_before(setting: Setting) -> bool:
    """Whether the images have passed another norm on their way to the one that is shown."""
    return bool(getattr(setting.source, "layer", 0))


def training_and_inference(setting: Setting, pinned: Cell) -> Shown | None:
    """BN's running estimates step by step, and what they do to one image alone."""
    if not_taken := refusal("bn", setting.x.shape, setting.groups):
        # for BatchNorm itself it stands above the picture already
        st.info(NOTHING_COLLECTED if setting.norm == "bn" else not_taken, icon=":material/block:")
        return None
    count, channel = kept(BATCHES), pinned[1]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        mode = _mode()
        st.button("One more batch", icon=":material/skip_next:", type="primary", on_click=_step, args=(1,))
        st.button("Ten more", on_click=_step, args=(10,))
        st.button("Start again", icon=":material/restart_alt:", on_click=_step, args=(None,))
    st.caption(_which_batches(setting, count, mode))
    momentum = _momentum()
    seen = training_batches(setting.source, count, momentum)
    estimates = running_estimates(setting.source, 0, momentum) + [batch.running for batch in seen]
    for which, name in RUNNING:
        values = [getattr(e, which)[channel] for e in estimates]
        st.markdown(_in_words(which, name, channel, values, seen, momentum))
    if seen:
        # beside the picture's σ², which is the other one
        cells, new = setting.x.size // setting.x.shape[1], seen[-1].var[channel]
        biased = f"{new * (cells - 1) / cells:.4f}"
        st.markdown(UNBIASED.format(cells=cells, less=cells - 1, biased=biased, new=f"{new:.4f}"))
    st.plotly_chart(
        running_lines(estimates, channel),
        key="stats_running",
        config=NO_TOOLBAR,
        alt=f"Running mean and variance of channel {channel + 1} over {count} batches, now "
        f"{estimates[-1].mean[channel]:.4f} and {estimates[-1].var[channel]:.4f}",
    )
    _alone(setting, estimates, pinned)
    with st.expander("Why running estimates, and whose momentum is this?", icon=":material/help:"):
        st.markdown(WHY_RUNNING.format(momentum=momentum))
        st.markdown(KERAS.format(momentum=momentum, keras=1 - momentum))
    _batches(setting, seen, channel)
    if setting.networks:
        st.caption(setting.networks)
    if not NORMS[setting.norm].running:
        st.caption(NOT_RUNNING.format(title=NORMS[setting.norm].title))
        return None
    return _in_mode(setting, seen, estimates[-1], mode)


def _which_batches(setting: Setting, count: int, mode: str) -> str:
    """Which batches training sees, and which one stands in the picture."""
    which = WHICH_BATCHES[setting.kind].format(second=setting.source.batch_name(2))
    if NORMS[setting.norm].running and mode == "training" and count > 1:
        return f"{which} {LAST_IN_PICTURE.format(count=count)}"
    return which


def _in_mode(setting: Setting, seen: Sequence[TrainingBatch], estimates: RunningStatistics, mode: str) -> Shown:
    """In training the last batch that was seen, in inference the images by the running estimates."""
    if mode == "inference":
        return by_running(Shown(setting.x, setting.stats), estimates)
    if len(seen) < 2:  # the first batch is the one that is there anyway
        return Shown(setting.x, setting.stats)
    *_, x = setting.source.stream(setting.norm, setting.groups, len(seen))
    return Shown(x, statistics(x, setting.norm, setting.groups))


def _momentum() -> float:
    take_link(MOMENTUM)
    chosen: float = st.select_slider(
        "Momentum m: the weight of the new batch",
        MOMENTA,
        value=MOMENTUM.default,
        format_func=MOMENTUM.text,
        width=300,
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
    """What each batch brought for one channel."""
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
            alt=f"Mean and unbiased variance of channel {channel + 1} in every batch, and its running estimates after",
        )


def _alone(setting: Setting, estimates: list[RunningStatistics], pinned: Cell) -> None:
    found = one_image_alone(setting.source, setting.groups, estimates[-1], setting.norms)
    st.markdown(COMES_ALONE)
    cell, plane = pinned[1:], setting.x.shape[2:]
    frame = pd.DataFrame(
        {
            "norm": [NORMS[a.norm].title for a in found],
            "training": [a.together[cell] for a in found],
            "inference": [a.alone[cell] for a in found],
            "largest gap": [a.gap for a in found],
        }
    )
    number = st.column_config.NumberColumn(format="%.4f", width=80)
    st.dataframe(
        frame,
        hide_index=True,
        column_config={"norm": st.column_config.TextColumn(width=105)} | dict.fromkeys(frame.columns[1:], number),
        alt="Image 1 in training among the others and in inference alone, for each norm",
    )
    bn = found[0]
    place = place_name(cell, plane)
    if bn.gap > ROUNDING:
        st.markdown(LARGEST_GAP.format(gap=bn.gap, place=place_name(bn.gap_at, plane)))
    st.markdown(ALONE.format(alone=bn.alone[cell], by_batch=bn.alone_by_batch[cell], place=place))
    if len(estimates) == 1:
        st.caption(NOTHING_SEEN)


def _step(by: int | None) -> None:
    seen: int = st.session_state[BATCHES.name]
    st.session_state[BATCHES.name] = 0 if by is None else min(seen + by, MOST_BATCHES)
