"""What came out: the picture on the left, and on the right what has been said, what is seen, and the verdicts."""

from __future__ import annotations

import streamlit as st

from core.experiments.experiment import Experiment, View
from core.experiments.partial import of_table
from core.experiments.table import Table
from core.experiments.words import ANSWERS, ONE_SEED, judged, source_in_words
from pages.parts.lab.address import ALL_SEEDS, HERE, PICTURE, VIEW, VIEWS, recalled, remember
from pages.parts.lab.here import here_view, quick_units, run_of, say_refused, sweep_of, train_button
from pages.parts.lab.prediction import say_outcome
from pages.parts.shared.address import choice_key, drop, say
from pages.parts.shared.lab_picture import draw_picture

NO_SUCH_PICTURE = "The link names a picture that this experiment does not have; choose one."
CLAIM = "**Claim.** {claim} :small[{source}]"


def claim_view(experiment: Experiment) -> None:
    """What has been said, by whom, and the published figure."""
    with st.container(key="lab_claim"):
        st.markdown(CLAIM.format(claim=experiment.claim, source=source_in_words(experiment.source)))


def results(experiment: Experiment, full: Table | None, problem: str, said: str) -> Table | None:
    """Draw picture and words; the table that they are of.

    said: the prediction, to be told beside what was measured; empty where that has been done.
    """
    left, right = st.columns([8, 5], gap="medium")
    with left:
        shown, view, drawn = _picture(experiment, full, problem)
    with right:
        if said:
            say_outcome(experiment, said, shown)
        if shown is not None and (seen := of_table(drawn.seen, shown)):
            with st.container(key="lab_seen"):
                st.markdown(seen)
        if view == HERE:
            st.markdown(f":small[{experiment.reduced} {ONE_SEED}]")
        claim_view(experiment)
        if view != HERE and shown is not None:
            verdicts(experiment, shown)
    return shown


def _picture(experiment: Experiment, full: Table | None, problem: str) -> tuple[Table | None, str, View]:
    """The table that is drawn, which one it is, and how it is drawn."""
    run_id, units = run_of(experiment), quick_units(experiment)
    sweep = sweep_of(experiment, run_id) if run_id else None
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", gap="small"):
        view = _choose_view(experiment) if run_id else ALL_SEEDS
        drawn = _choose_picture(experiment) if view == ALL_SEEDS else experiment.shown[0]
        if units and (sweep is None or sweep.ended):
            train_button(experiment, units)
    say_refused()
    if view == HERE:
        return here_view(experiment, run_id), view, drawn
    if full is None:
        st.info(problem, icon=":material/table_rows:")
    else:
        draw_picture(drawn, full, key="lab_picture")
    return full, view, drawn


def _choose_view(experiment: Experiment) -> str:
    key = choice_key(VIEW)
    st.session_state[key] = recalled(VIEW, experiment.name)
    chosen = st.segmented_control(
        "Which table",
        list(VIEWS),
        format_func=VIEWS.__getitem__,
        required=True,
        label_visibility="collapsed",
        key=key,
        on_change=_view,
        args=(experiment.name, key),
    )
    return chosen or HERE


def _view(name: str, key: str) -> None:
    remember(VIEW, name, st.session_state[key] or HERE)


def _choose_picture(experiment: Experiment) -> View:
    """Where there are several, by the visitor's choice."""
    views = {view.name: view for view in experiment.shown}
    said = recalled(PICTURE, experiment.name)
    if said and said not in views:
        drop(PICTURE)
        remember(PICTURE, experiment.name, "")
        say([NO_SUCH_PICTURE])
    first = next(iter(views))
    if len(views) == 1:
        return views[first]
    key = choice_key(PICTURE)
    st.session_state[key] = said if said in views else first
    chosen = st.segmented_control(
        "What is varied",
        list(views),
        format_func=lambda name: views[name].title,
        required=True,
        label_visibility="collapsed",
        key=key,
        on_change=_show,
        args=(experiment.name, key),
    )
    return views[chosen or first]


def _show(name: str, key: str) -> None:
    remember(PICTURE, name, st.session_state[key] or "")


def verdicts(experiment: Experiment, table: Table) -> None:
    """Each statement with its answer; the rule and the evidence on demand."""
    found = of_table(experiment.verdicts, table)
    if not found:
        return
    for verdict in found:
        st.markdown(judged(verdict))
    with st.popover("How that was judged", icon=":material/gavel:", type="tertiary"):
        for verdict in found:
            st.markdown(f"**{verdict.statement}** {ANSWERS[verdict.answer]}.  \n{verdict.evidence}  \n{verdict.rule}")
