"""Which class is taken for which? The matrix of a run, the images behind each cell, the difference of two."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from core.misclassified.confusion import Pair, changes, confusion, difference, difference_in_words, pairs, positions_of
from core.misclassified.grid import Order, on_page, ranked
from core.misclassified.matrix import confusion_figure, difference_figure
from core.misclassified.overlap import by_test_set
from core.records.record import Predictions
from pages.parts.misclassified.address import ALL, MATRIX, MINUS, NOTHING, PAIR
from pages.parts.misclassified.grids import grid, png_button
from pages.parts.misclassified.state import Run, first_page, linked_page, run_settings
from pages.parts.shared.address import select, turn
from pages.parts.shared.charts import NO_TOOLBAR

CHART = "wrong_confusion"


def confusion_view(runs: Sequence[tuple[Run, Predictions]], *, several_sets: bool) -> None:
    """The matrix on the left, what it says in words and as a table on the right, the images below."""
    by_id = {run.run_id: (run, found) for run, found in runs}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        picked = select("Run", list(by_id), MATRIX, name=lambda i: by_id[i][0].name, on_change=first_page, width=300)
        run, found = by_id[picked]
        others = [i for i, (_, other) in by_id.items() if i != picked and len(by_test_set([found, other])) == 1]
        minus = NOTHING
        if others:
            minus = select(
                "Minus another run",
                [NOTHING, *others],
                MINUS,
                name=lambda i: by_id[i][0].name if i in by_id else i,
                width=300,
            )
    kinds = pairs(found)
    st.caption(run_settings([run] if minus == NOTHING else [run, by_id[minus][0]]))
    if minus != NOTHING:
        _difference(run, found, *by_id[minus])
        return
    if not kinds:
        st.success(f"All {len(found.true):,} test images of {run.dataset} are right.")
        return
    left, right = st.columns([3, 2], gap="large")
    with right:
        chosen = select(
            "Show below",
            [ALL, *(kind.code for kind in kinds)],
            PAIR,
            name=lambda code: _kind_name(code, kinds, run.classes),
            on_change=first_page,
        )
        _table(run, kinds)
    with left:
        _picture(run, found, kinds, chosen)
    _images(run, found, kinds, chosen, several_sets)


def _kind_name(code: str, kinds: Sequence[Pair], classes: Sequence[str]) -> str:
    if code == ALL:
        return f"every kind of error: {sum(kind.count for kind in kinds)}"
    kind = next(kind for kind in kinds if kind.code == code)
    return f"true {classes[kind.true]}, predicted {classes[kind.predicted]}: {kind.count}"


def _picture(run: Run, found: Predictions, kinds: Sequence[Pair], chosen: str) -> None:
    first = kinds[0]
    st.plotly_chart(
        confusion_figure(confusion(found), run.classes, chosen=chosen, dark=st.context.theme.type == "dark"),
        key=CHART,
        config=NO_TOOLBAR,
        on_select=_clicked,
        selection_mode="points",
        alt=f"Confusion matrix of {run.name}: {sum(kind.count for kind in kinds)} errors of {len(kinds)} kinds, "
        f"most often true {run.classes[first.true]}, predicted {run.classes[first.predicted]} ({first.count})",
    )
    st.caption(
        "Click a cell, or choose from the list, to see its images. Colour counts the errors, on a logarithmic scale; "
        "grey cells hold how many are right."
    )


def _clicked() -> None:
    points = st.session_state[CHART].selection.points
    code = str(points[0]["customdata"][0]) if points and points[0].get("customdata") else ""
    if code:  # the diagonal and the empty cells have no images to show
        turn(PAIR, code)
        first_page()


def _table(run: Run, kinds: Sequence[Pair]) -> None:
    st.dataframe(
        pd.DataFrame(
            [
                {"True": run.classes[kind.true], "Predicted": run.classes[kind.predicted], "Count": kind.count}
                for kind in kinds
            ]
        ),
        hide_index=True,
        height=300,
        alt="Every kind of error with its count, the most frequent first",
    )


def _images(run: Run, found: Predictions, kinds: Sequence[Pair], chosen: str, several_sets: bool) -> None:
    detail = ""
    order: Order = "pair"
    positions = ranked(found, "pair")
    if chosen != ALL:
        kind = next(kind for kind in kinds if kind.code == chosen)
        positions = positions_of(found, kind.true, kind.predicted)
        detail, order = f"true {run.classes[kind.true]}, predicted {run.classes[kind.predicted]}", "first"
    st.subheader(f"{run.name}, {_kind_name(chosen, kinds, run.classes)}", anchor=False)
    page, pages = linked_page(len(positions))
    shown = on_page(positions, page)
    if pages > 1:
        detail = ", ".join([*([detail] if detail else []), f"page {page} of {pages}"])
    grid(run, found, shown, several_sets=several_sets)
    png_button(run, found, shown, order, detail)


def _difference(first: Run, found: Predictions, second: Run, other: Predictions) -> None:
    matrix = difference(found, other)
    changed = changes(matrix)
    left_side, right_side = st.columns([3, 2], gap="large")
    with right_side:
        st.markdown(difference_in_words(matrix, first.name, second.name))
        st.dataframe(
            pd.DataFrame(
                [
                    {
                        "True": first.classes[change.true],
                        "Predicted": first.classes[change.predicted],
                        "Difference": change.count,
                    }
                    for change in changed
                ],
                columns=["True", "Predicted", "Difference"],
            ),
            hide_index=True,
            height=300,
            alt="Every kind of error whose count differs, the largest difference first",
        )
    with left_side:
        st.plotly_chart(
            difference_figure(matrix, first.classes, dark=st.context.theme.type == "dark"),
            key="wrong_difference",
            config=NO_TOOLBAR,
            alt=f"Confusion matrix of {first.name} minus that of {second.name}: "
            f"{len(changed)} kinds of error differ, {matrix.trace():+d} images right",
        )
        st.caption("Coloured cells: errors made more (plus) or less often (minus). Grey cells: more or fewer right.")
