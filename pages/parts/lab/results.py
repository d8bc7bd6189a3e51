"""What came out: a picture, beside it the conclusion, the verdicts and the claim, and below what explains it."""

from __future__ import annotations

import streamlit as st

from core.experiments.experiment import Experiment, View
from core.experiments.partial import of_table
from core.experiments.said import conclusion_and_more
from core.experiments.table import Table
from core.experiments.words import ICONS, ONE_SEED, counted, judged, not_borne_out, source_in_words
from pages.parts.lab.address import ALL_SEEDS, HERE, PICTURE, VIEW, VIEWS, recalled, remember
from pages.parts.lab.evidence import explained
from pages.parts.lab.here import here_view, quick_units, run_of, say_refused, sweep_of, train_button
from pages.parts.lab.prediction import say_outcome
from pages.parts.shared.address import choice_key, drop, say
from pages.parts.shared.choices import chosen, give
from pages.parts.shared.lab_picture import draw_picture

NO_SUCH_PICTURE = "The link names a picture that this experiment does not have; choose one."
CLAIM = "**Claim.** {claim} {source}"
WIDTHS = (8, 5)
"""Of the picture, and of what stands beside it."""
STYLE = """<style>
.st-key-lab_words { gap: 0.75rem; }
.st-key-lab_outcome p, .st-key-lab_reduced p, .st-key-lab_claim p, .st-key-lab_done p, .st-key-lab_words li {
  font-size: 0.875rem; line-height: 1.45;
}
.st-key-lab_verdicts button p { text-align: left; }
</style>"""
"""Picture, conclusion, verdicts and claim share a window of 1024 x 768: all but the conclusion is in small lines."""


def claim_view(experiment: Experiment) -> None:
    """What others have said, by whom, and the published figure."""
    with st.container(key="lab_claim"):
        st.markdown(CLAIM.format(claim=experiment.claim, source=source_in_words(experiment.source)))


def results(experiment: Experiment, full: Table | None, problem: str, said: str) -> Table | None:
    """Draw picture and words; the table that they are of.

    said: the prediction, to be told beside what was measured; empty where that has been done.
    """
    st.html(STYLE)
    before = st.container()
    left, right = st.columns(WIDTHS, gap="medium")
    with left:
        shown, view, drawn = _picture(experiment, full, problem)
    if said:
        with before:
            say_outcome(experiment, said, shown)
    seen = of_table(drawn.seen, shown) if shown is not None else None
    conclusion, why = conclusion_and_more(seen or "")
    with right, st.container(key="lab_words"):
        if conclusion:
            with st.container(key="lab_seen"):
                st.markdown(conclusion)
        if view == HERE:
            with st.container(key="lab_reduced"):
                st.markdown(f"{experiment.reduced} {ONE_SEED}")
        elif shown is not None:
            verdicts(experiment, shown)
        claim_view(experiment)
    if shown is not None:
        explained(experiment, shown, why, WIDTHS)
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
    give(key, recalled(VIEW, experiment.name))
    view = st.segmented_control(
        "Which table",
        list(VIEWS),
        format_func=VIEWS.__getitem__,
        required=True,
        label_visibility="collapsed",
        key=key,
        on_change=_view,
        args=(experiment.name, key),
    )
    return view or HERE


def _view(name: str, key: str) -> None:
    if chosen(key):
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
    give(key, said if said in views else first)
    name = st.segmented_control(
        "What is varied",
        list(views),
        format_func=lambda name: views[name].title,
        required=True,
        label_visibility="collapsed",
        key=key,
        on_change=_show,
        args=(experiment.name, key),
    )
    return views[name or first]


def _show(name: str, key: str) -> None:
    if chosen(key):
        remember(PICTURE, name, st.session_state[key] or "")


def verdicts(experiment: Experiment, table: Table) -> None:
    """How many statements were borne out, and each that was not; all of them, rules and evidence on demand."""
    found = of_table(experiment.verdicts, table)
    if not found:
        return
    answers = {verdict.answer for verdict in found}
    icon = ICONS[answers.pop()] if len(answers) == 1 else ":material/gavel:"
    with st.popover(counted(found), icon=icon, type="tertiary", wrap=True, key="lab_verdicts"):
        st.markdown("\n\n".join(judged(found)))
    with st.container(key="lab_not_borne_out"):
        for sentence in not_borne_out(found):
            st.markdown(sentence)
