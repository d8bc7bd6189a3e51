"""The lessons beside the picture of the tensor; only the chosen one is computed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from core.catalogue import NORMS
from core.four_images.arithmetic import CSV_NAME
from core.four_images.figures import ROUNDING, Split, before_after
from core.four_images.source import Cell
from core.four_images.workbook import batch_csv, batch_workbook, two_layer_workbook
from core.normalization import normalize, view_sizes
from pages.parts.shared.address import turn
from pages.parts.shared.shown import Shown
from pages.parts.shared.turned import acknowledge
from pages.parts.statistics.accumulated import accumulated
from pages.parts.statistics.address import SPLIT, SPLITS, TAB, TABS
from pages.parts.statistics.arithmetic import arithmetic
from pages.parts.statistics.controls import Setting
from pages.parts.statistics.counts import how_many
from pages.parts.statistics.cube_view import cube_view
from pages.parts.statistics.dynamics import influence, training_and_inference
from pages.parts.statistics.in_pytorch import in_pytorch
from pages.parts.statistics.quiz import check_yourself

MOST_BOXES = 32
SETS_AFTER = (
    "After normalization **every set has mean 0 and variance 1**: the dashed diamonds mark the mean and one standard "
    "deviation to each side."
)
SETS_AFTER_UNCENTRED = (
    "After normalization **every set has a mean square of 1** and keeps its mean, scaled: none is subtracted. The "
    "dashed diamonds mark the mean and one standard deviation to each side."
)
CLOSE_TO_EPS = "Where σ² is close to ε, the variance after is smaller: σ² / (σ² + ε)."
WHOLE_SETS = "Every {by} has mean 0 after {title} as well: it is made of whole sets."
MIXED_SETS = (
    "**Not every {by} has mean 0**: its cells are normalized together with others. The means after run from {low:.2f} "
    "to {high:.2f}."
)
MIXED_SETS_AT_ZERO = (
    "Every {by} happens to have mean 0 with these numbers, although its cells are normalized together with others."
)
NOTHING_SUBTRACTED = (
    "**Not every {by} has mean 0**: {title} subtracts no mean. The means after run from {low:.2f} to {high:.2f}."
)


def sections(setting: Setting, pinned: Cell) -> Shown:
    """The choice of a lesson, and the chosen one; what the picture shows for it."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        title = st.selectbox("Lesson", TABS, label_visibility="collapsed", filter_mode=None, **TAB.widget())
        place = TABS.index(title)
        if place + 1 < len(TABS):
            st.button(
                "Next",
                icon=":material/chevron_right:",
                icon_position="right",
                on_click=_open,
                args=(place + 1,),
                key="stats_lesson_next",
            )
    acknowledge(TAB.name)
    with st.container(key=f"stats_section_{place}"):
        return BODIES[place](setting, pinned) or Shown(setting.x, setting.stats)


def _open(place: int) -> None:
    turn(TAB, TABS[place])


def distributions(setting: Setting, pinned: Cell) -> None:
    """Box plots of every part before and after, and what becomes of their means."""
    stats, x = setting.stats, setting.x
    title = st.segmented_control("One box for", list(SPLITS), default=SPLIT.default, required=True, **SPLIT.widget())
    by = SPLITS[title]
    count = {"set": stats.count, "image": x.shape[0], "channel": x.shape[1]}[by]
    names = [str(part + 1) for part in range(min(count, MOST_BOXES))]
    x_hat = normalize(x, stats)
    st.plotly_chart(
        before_after(x, x_hat, stats, by, names),
        key="stats_boxes",
        alt=f"Distributions before and after {NORMS[setting.norm].title}, one box for {title}",
    )
    if by == "set":
        st.markdown(SETS_AFTER if NORMS[setting.norm].centred else SETS_AFTER_UNCENTRED)
        if NORMS[setting.norm].centred and (stats.var < 1e-3).any():
            st.markdown(CLOSE_TO_EPS)
    else:
        means = [float(x_hat[i].mean() if by == "image" else x_hat[:, i].mean()) for i in range(count)]
        st.markdown(_means_after(setting, by, means))
    if count > MOST_BOXES:
        st.caption(f"The first {MOST_BOXES} of {count}; the lesson “How many means?” has a table of all of them.")


def _means_after(setting: Setting, by: Split, means: Sequence[float]) -> str:
    """What became of the means of parts of the tensor that need not be sets."""
    row = NORMS[setting.norm]
    sizes = view_sizes(setting.norm, setting.x.shape, setting.groups)
    crosses_channels = "C/G" in row.shared and sizes["C/G"] > 1
    if not row.centred:
        template = NOTHING_SUBTRACTED
    elif not (row.crosses_images if by == "image" else crosses_channels):
        template = WHOLE_SETS
    else:
        template = MIXED_SETS if max(abs(mean) for mean in means) > ROUNDING else MIXED_SETS_AT_ZERO
    return template.format(by=by, title=row.title, low=min(means), high=max(means))


def cube(setting: Setting, pinned: Cell) -> None:
    """The blocks of the GN paper's Figure 2."""
    st.markdown(
        "One column of a block is one channel of one image, its height is H × W. "
        "**Solid: the set of the pinned cell.** Drag to turn all of them, or use the arrow keys."
    )
    drawn = cube_view(setting.x.shape, setting.groups, pinned, norms=setting.norms, key="stats_cube")
    if drawn < setting.x.shape[1]:
        st.caption(f"Drawn with {drawn} of the {setting.x.shape[1]} channels, evenly spaced.")
    st.caption("After Figure 2 of Wu and He, Group Normalization, arXiv:1803.08494.")


def take_away(setting: Setting, pinned: Cell) -> None:
    """Spreadsheet, CSV, and what the address of the page holds."""
    x, norm, groups = setting.x, setting.norm, setting.groups
    st.markdown(
        "**Spreadsheet**: one sheet a norm, every mean, variance and normalized value a live formula, cells coloured "
        "by set. Change a number on the sheet “numbers” and all of it follows."
    )
    with st.container(horizontal=True):
        st.download_button(
            "Spreadsheet (.xlsx)",
            lambda: batch_workbook(x, groups),
            "four_images.xlsx",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            icon=":material/table_view:",
            on_click="ignore",
        )
        st.download_button(
            f"CSV ({NORMS[norm].title})",
            lambda: batch_csv(x, norm, groups).encode(),
            CSV_NAME,
            "text/csv",
            icon=":material/csv:",
            on_click="ignore",
        )
        if setting.kind == "layers":
            st.download_button(
                "Both layers with their convolutions (.xlsx)",
                lambda: two_layer_workbook(groups),
                "two_layers.xlsx",
                "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                icon=":material/table_view:",
                on_click="ignore",
            )
    st.markdown(
        "**This page's address** brings back norm, source, shape, seed, edited numbers, groups, the pinned cell, which "
        "images of which data set, and the runs whose networks they pass where you chose any: copy it from the address "
        "bar. Uploaded and drawn images are not in it."
    )


BODIES: tuple[Callable[[Setting, Cell], Shown | None], ...] = (
    how_many,
    arithmetic,
    influence,
    training_and_inference,
    accumulated,
    distributions,
    cube,
    in_pytorch,
    check_yourself,
    take_away,
)
"""The lessons in the order of ``TABS``; each may give what the picture shows for it."""
