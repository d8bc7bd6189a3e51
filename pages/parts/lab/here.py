"""The quick form, trained on this server: the button, the queue, and the picture while it grows."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.experiments.experiment import QUICK_SEEDS, Experiment, Trial
from core.experiments.settings import LabConfig
from core.experiments.sweep import Sweep, SweepSnapshot, seconds_expected
from core.experiments.table import Table
from core.experiments.words import headline
from core.jobs.limits import limits
from core.jobs.queue import BusyError
from core.jobs.words import clock
from pages.parts.lab.address import HERE, RUN, VIEW, recalled, remember
from pages.parts.shared.lab_picture import draw_picture
from pages.parts.shared.lab_tables import quick_table
from pages.parts.shared.query import rerun
from pages.parts.shared.runtime import owner, registry

REFRESH_SECONDS = 1.0
GONE = "This server does not know that training any more: it was restarted, or many others came since."
_REFUSED = "lab refused"


def quick_units(experiment: Experiment) -> Sequence[Trial]:
    """The trials of the quick form; none where nothing is trained and the page measures live already."""
    units = experiment.units(QUICK_SEEDS, quick=True)
    trains = any(isinstance(unit.settings, LabConfig) for unit in units)
    return units if trains or not experiment.live else ()


def run_of(experiment: Experiment) -> str:
    """The training here that the address names; empty where it names none."""
    return recalled(RUN, experiment.name)


def sweep_of(experiment: Experiment, run_id: str) -> SweepSnapshot | None:
    """That training now; None where this server does not know it as one of this experiment."""
    found = registry().job(run_id)
    return found if isinstance(found, SweepSnapshot) and found.table.experiment == experiment.name else None


def train_button(experiment: Experiment, units: Sequence[Trial]) -> None:
    """Starts the quick form."""
    seconds = _expected(experiment, units)
    st.button(
        "Train it here" if seconds is None else f"Train it here (about {clock(seconds)})",
        icon=":material/play_arrow:",
        key="lab_train",
        help=experiment.reduced,
        on_click=_start,
        args=(experiment, units),
    )


def _last_here(experiment: Experiment) -> SweepSnapshot | None:
    """The last whole quick form on this server."""
    for job in reversed(registry().jobs()):
        if isinstance(job, SweepSnapshot) and job.status == "complete" and job.table.experiment == experiment.name:
            return job
    return None


def _expected(experiment: Experiment, units: Sequence[Trial]) -> float | None:
    """Seconds: what it took here the last time, else by the processor time of the table that comes with the app."""
    last = _last_here(experiment)
    return last.elapsed if last is not None else seconds_expected(units, quick_table(experiment))


def _start(experiment: Experiment, units: Sequence[Trial]) -> None:
    last = _last_here(experiment)
    sweep = Sweep(
        units,
        known=last.table if last is not None else quick_table(experiment),
        expected=_expected(experiment, units),
        deadline=60 * limits().race_minutes,
    )
    try:
        remember(RUN, experiment.name, registry().enter(sweep, owner()))
        remember(VIEW, experiment.name, HERE)
    except BusyError as error:
        st.session_state[_REFUSED] = str(error)


def say_refused() -> None:
    """Why no training could be started a moment ago; said once."""
    if reason := st.session_state.pop(_REFUSED, ""):
        st.error(reason, title="The training cannot start", icon=":material/error:")


def here_view(experiment: Experiment, run_id: str) -> Table | None:
    """Draw the training; its table once it has ended and there is something in it."""
    sweep = sweep_of(experiment, run_id)
    if sweep is None:
        st.info(GONE, icon=":material/history:")
        return None
    if not sweep.ended:
        _growing(experiment, run_id)
        return None
    _draw(experiment, sweep)
    return sweep.table if sweep.table.done else None


@st.fragment(run_every=REFRESH_SECONDS)
def _growing(experiment: Experiment, run_id: str) -> None:
    sweep = sweep_of(experiment, run_id)
    if sweep is None or sweep.ended:
        rerun()
    _draw(experiment, sweep)


def _draw(experiment: Experiment, sweep: SweepSnapshot) -> None:
    with st.container(horizontal=True, vertical_alignment="center", wrap=False):
        st.markdown(headline(sweep), width="stretch")
        if not sweep.ended:
            st.button(
                "Stop",
                icon=":material/stop:",
                key="lab_stop",
                help="Whoever has the address of this page can stop it.",
                on_click=registry().cancel,
                args=(sweep.sweep_id,),
            )
    if sweep.status == "failed":
        st.error(sweep.message, title="The training could not finish", icon=":material/error:")
    if not sweep.ended:
        st.progress(sweep.share, text=f"{100 * sweep.share:.0f} %")
    if sweep.table.done:
        draw_picture(experiment.shown[0], sweep.table, key="lab_picture_here")
