"""Do the runs get the same images wrong? Combinations of runs with counts, and the images of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from core.catalogue import NormName
from core.labels import listed
from core.misclassified import grid as pictures
from core.misclassified import overlap
from core.misclassified.figures import MAX_COLUMNS, overlap_figure
from core.misclassified.one_image import kept_image
from core.misclassified.overlap import Combination, Positions
from core.records.record import Predictions
from pages.parts.misclassified.address import COMBINATION, SETS, SETS_OF
from pages.parts.misclassified.grids import look_closer
from pages.parts.misclassified.state import Run, first_page, linked_page
from pages.parts.shared.address import choice_key, select

TILE_FACTOR = 4
NAMED = 5
CHART = "wrong_overlap"
NO_TOOLBAR = {"displayModeBar": False}


@dataclass(frozen=True, eq=False)
class _Sets:
    """What is intersected: names, the norm that colours each, and its wrong images."""

    noun: str
    names: list[str]
    norms: list[NormName]
    wrong: list[Positions]


def across_runs(runs: Sequence[tuple[Run, Predictions]]) -> None:
    """The picture, the choice of a combination, and its images; ``runs`` were tested on the same images."""
    names, groups = overlap.methods([run.summary for run, _ in runs])
    wrong = [found.wrong_index for _, found in runs]
    sets = _sets(runs, names, groups, wrong)
    found = overlap.combinations(sets.wrong)
    if not any(combination.count for combination in found):
        st.success(f"No test image is wrong in any of these {sets.noun}.")
        return
    st.markdown(_summary(sets, found, len(runs[0][1].true)))
    _share(wrong, groups)
    masks = {combination.mask(len(sets.names)): combination for combination in found}
    picture = st.container()
    chosen = select(
        "Show the images",
        list(masks),
        COMBINATION,
        name=lambda mask: f"{overlap.describe(masks[mask].members, sets.names)}: {masks[mask].count}",
        on_change=first_page,
    )
    with picture:
        _picture(sets, found, chosen)
    _images(runs, masks[chosen], overlap.describe(masks[chosen].members, sets.names))


def _sets(
    runs: Sequence[tuple[Run, Predictions]], names: list[str], groups: list[list[int]], wrong: list[Positions]
) -> _Sets:
    each = _Sets("runs", [run.name for run, _ in runs], [run.summary.config.norm for run, _ in runs], wrong)
    if len(groups) == len(runs):
        return each
    way = st.segmented_control(
        "Compare",
        list(SETS),
        default=SETS_OF.default,
        required=True,
        help="A method's images: wrong with every one of its seeds, or wrong with at least one.",
        on_change=first_page,
        wrap=True,
        **SETS_OF.widget(),
    )
    if SETS[way] == "run":
        return each
    seeds: overlap.Seeds = "every" if SETS[way] == "every" else "any"
    norms = [runs[group[0]][0].summary.config.norm for group in groups]
    return _Sets("methods", names, norms, overlap.method_sets(wrong, groups, seeds))


def _summary(sets: _Sets, found: Sequence[Combination], images: int) -> str:
    union = sum(combination.count for combination in found)
    if len(sets.names) == 1:
        return f"**{union}** of {images:,} test images are wrong in {sets.names[0]}. Choose a second run to compare."
    in_all = found[0].count
    together = overlap.describe(found[0].members, sets.names)
    alone = [combination for combination in found if len(combination.members) == 1]
    only = listed([f"{c.count} only in {sets.names[c.members[0]]}" for c in alone])
    if len(alone) > NAMED:  # a list of twelve would not be read
        counts = [combination.count for combination in alone]
        only = f"{sum(counts)} in one of the {sets.noun} only ({min(counts)} to {max(counts)} each)"
    start = f"Of {union} test images that are wrong in at least one of {len(sets.names)} {sets.noun}, "
    return f"{start}**{in_all or 'none'} {'is' if in_all == 1 else 'are'} {together}**; {only}."


def _share(wrong: Sequence[Positions], groups: Sequence[Sequence[int]]) -> None:
    """Other images for another seed, too: how much of what two runs get wrong is the same."""
    found = overlap.agreement(wrong, groups)
    of_what = "of the images that either gets wrong"
    if found.within is not None and found.between is not None:
        st.markdown(
            f"Two seeds of one method share **{100 * found.within:.0f} %** {of_what}, two methods "
            f"**{100 * found.between:.0f} %** (means over {found.within_pairs} and {found.between_pairs} pairs)."
        )
    elif found.within is not None or found.between is not None:
        share = found.between if found.within is None else found.within
        count = found.within_pairs + found.between_pairs
        pairs = f" (mean over {count} pairs)" if count > 1 else ""
        who = "Two runs" if found.within is None else "Two seeds"
        alone = " Two seeds of one method may differ as much: choose some to see." if found.within is None else ""
        st.markdown(f"{who} share **{100 * (share or 0):.0f} %** {of_what}{pairs}.{alone}")


def _picture(sets: _Sets, found: Sequence[Combination], chosen: str) -> None:
    figure = overlap_figure(
        found,
        sets.names,
        sets.norms,
        [len(wrong) for wrong in sets.wrong],
        chosen=chosen,
        dark=st.context.theme.type == "dark",
    )
    shown = found[:MAX_COLUMNS]
    st.plotly_chart(
        figure,
        key=CHART,
        config=NO_TOOLBAR,
        on_select=_clicked,
        selection_mode="points",
        alt="Bars of how many test images are wrong in which of them: "
        + "; ".join(f"{overlap.describe(c.members, sets.names)} {c.count}" for c in shown),
    )
    rest = found[MAX_COLUMNS:]
    images = sum(combination.count for combination in rest)
    more = f" {len(rest)} further combinations with {images} images in all are in that list." if rest else ""
    st.caption(f"Click a bar, or choose from the list below, to see its images; the marked bar is shown.{more}")
    with st.expander("As a table"):
        st.dataframe(
            pd.DataFrame(
                [
                    {
                        "Images": overlap.describe(c.members, sets.names),
                        "Count": c.count,
                        "Positions in the test set": ", ".join(str(i) for i in c.index),
                    }
                    for c in found
                ]
            ),
            hide_index=True,
            alt="Every combination with its count and its images",
        )


def _clicked() -> None:
    points = st.session_state[CHART].selection.points
    if points and points[0].get("customdata"):
        st.session_state[choice_key(COMBINATION)] = str(points[0]["customdata"][0])
        first_page()


def _images(runs: Sequence[tuple[Run, Predictions]], chosen: Combination, words: str) -> None:
    if not chosen.count:
        st.info(f"No test image is {words}.", icon=":material/info:")
        return
    page, _ = linked_page(chosen.count)
    every = [found for _, found in runs]
    classes = runs[0][0].classes
    with st.grid(pictures.COLUMNS, min_column_width=150, border=True) as tiles:
        for index in pictures.on_page(chosen.index, page).tolist():
            image = kept_image(every, index)
            assert image is not None  # it is wrong in one of them
            true = classes[int(every[0].true[index])]
            said = overlap.what_they_said([(run.name, found) for run, found in runs], index)
            with tiles.cell():
                st.image(pictures.enlarge(255 - image, TILE_FACTOR), alt=f"Test image {index}, {words}, true {true}")
                st.markdown(f"true **{true}**  \n" + "  \n".join(_answer(s, classes) for s in said))
                look_closer(index, "", key=f"across_{index}")


def _answer(said: overlap.Said, classes: Sequence[str]) -> str:
    name = f"**{classes[said.answer]}**"
    shares = [100 * confidence for _, confidence in said.runs]
    if len(shares) > 3:
        return f"{name}: {len(shares)} runs, {min(shares):.0f} to {max(shares):.0f}\u00a0%"
    # no line break within a run's part
    parts = [f"{run} {100 * confidence:.0f} %".replace(" ", "\u00a0") for run, confidence in said.runs]
    return f"{name}: " + ", ".join(parts)
