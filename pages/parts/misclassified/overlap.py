"""Do the runs get the same images wrong? Combinations of runs with counts, and the images of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import pandas as pd
import streamlit as st

from core.catalogue import NormName
from core.comparison.captions import with_state
from core.misclassified import overlap
from core.misclassified.figures import MAX_COLUMNS, overlap_figure
from core.misclassified.grid import on_page
from core.misclassified.one_image import kept_image
from core.misclassified.overlap import Combination, Positions
from core.records.record import Predictions
from pages.parts.misclassified.address import COMBINATION, SETS, SETS_OF, image_code
from pages.parts.misclassified.state import Run, first_page, linked_page, open_image, run_settings
from pages.parts.misclassified.wrong_tiles import Tile, wrong_tiles
from pages.parts.shared.address import select, turn
from pages.parts.shared.charts import NO_TOOLBAR

CHART = "wrong_overlap"


@dataclass(frozen=True, eq=False)
class _Sets:
    """What is intersected: names, the norm that colours each, and its wrong images."""

    kind: Literal["runs", "methods"]
    names: list[str]
    norms: list[NormName]
    wrong: list[Positions]


def across_runs(runs: Sequence[tuple[Run, Predictions]]) -> None:
    """The picture, the choice of a combination, and its images; ``runs`` were tested on the same images."""
    names, groups = overlap.method_groups([run.summary for run, _ in runs])
    names = [with_state(name, runs[group[0]][0].summary.status) for name, group in zip(names, groups, strict=True)]
    wrong = [found.wrong_index for _, found in runs]
    sets = _sets(runs, names, groups, wrong)
    found = overlap.combinations(sets.wrong)
    if not any(combination.count for combination in found):
        st.success(f"No test image is wrong in any of these {sets.kind}.")
        return
    images = len(runs[0][1].true)
    st.caption(run_settings([run for run, _ in runs]))
    st.markdown(overlap.combinations_in_words(found, sets.names, kind=sets.kind, images=images))
    # other images for another seed, too: how much of what two runs get wrong is the same
    if shared := overlap.agreement_in_words(overlap.agreement(wrong, groups)):
        st.markdown(shared)
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
        turn(COMBINATION, str(points[0]["customdata"][0]))
        first_page()


def _images(runs: Sequence[tuple[Run, Predictions]], chosen: Combination, words: str) -> None:
    if not chosen.count:
        st.info(f"No test image is {words}.", icon=":material/info:")
        return
    page, _ = linked_page(chosen.count)
    every = [found for _, found in runs]
    classes = runs[0][0].classes
    tiles = []
    for index in on_page(chosen.index, page).tolist():
        image = kept_image(every, index)
        assert image is not None  # it is wrong in one of them
        true = classes[int(every[0].true[index])]
        said = overlap.what_they_said([(run.name, found) for run, found in runs], index)
        lines = (("true ", true), *(("", classes[one.answer], f": {_shares(one)}") for one in said))
        tiles.append(Tile(index, image, f"Test image {index}, {words}, true {true}", lines))
    wrong_tiles(tiles, key="wrong_across", on_open=lambda index: open_image(image_code(index)), beside=False)


def _shares(said: overlap.Said) -> str:
    shares = [100 * confidence for _, confidence in said.runs]
    if len(shares) > 3:
        return f"{len(shares)} runs, {min(shares):.1f} to {max(shares):.1f}\u00a0%"
    # no line break within a run's part
    return ", ".join(f"{run} {100 * confidence:.1f} %".replace(" ", "\u00a0") for run, confidence in said.runs)
