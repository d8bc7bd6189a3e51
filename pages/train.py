"""What happens when I change the norm, the groups, the penalty? Several variants race on the same batches."""

import streamlit as st

from core.config import ConfigError
from core.jobs.limits import limits
from core.jobs.words import clock, settings
from pages import only_by_the_app
from pages.parts.shared.address import read_address
from pages.parts.shared.mine import mine_controls, say_forgotten
from pages.parts.shared.query import rerun
from pages.parts.shared.race.bars import STYLE
from pages.parts.shared.race.curves import preview
from pages.parts.shared.runtime import registry, store
from pages.parts.train.address import table
from pages.parts.train.form import race_form
from pages.parts.train.own import offer_to_watch, other_races, say_refused
from pages.parts.train.race import race_lost, race_view
from pages.parts.train.shown import form_key, on_screen, show, start
from pages.parts.train.starts import one_click_starts

only_by_the_app()


@st.fragment
def _form(*, picture: bool) -> None:
    """The form, and below it the charts of its race: what is chosen in it draws nothing else of the page anew."""
    form = race_form()
    try:
        configs = form.configs()
        seconds, most = registry().estimate(configs), 60 * limits().race_minutes
        if seconds is not None:
            form.estimate_place.caption(f"About {clock(seconds)} at the rate of the last race on this server.")
        if seconds is not None and seconds > most:
            form.estimate_place.caption(
                f":material/warning: This server stops a race after {clock(most)}; finished epochs are kept."
            )
    except ConfigError as error:
        st.error(str(error), title="The race cannot start", icon=":material/error:")
        return
    if form.start:
        start(configs)
        rerun()  # what is on the screen now, or why it was refused, is said by the page
    if picture:
        with st.container(gap="xsmall"):
            preview(configs)


st.html(STYLE)
st.title("Race the norms")
read_address(table())
forgot = say_forgotten()
shown = on_screen()
if forgot and shown.snapshot() is None:  # it was this visitor's, who knows why it is gone
    shown = show()
offer_to_watch(shown, "train_watch_it")
if (snapshot := shown.snapshot()) is None:
    if shown:
        race_lost()
    st.markdown(
        "Each variant starts from the **same weights** and sees the **same batches**. "
        "Only the norm and the penalty differ."
    )
    place = st.container(gap="small")
else:
    # one line of settings, behind which the form is
    line = f"{settings(snapshot)} **Change, or start another**"
    place = st.expander(line, key=form_key(), icon=":material/tune:", on_change="rerun")

with place:
    one_click_starts()
    _form(picture=snapshot is None)

say_refused(shown)
other_races(shown)
if snapshot is not None:
    race_view(shown, snapshot)
else:
    if busy := registry().busy():
        st.caption(f"{busy} race{'s' if busy > 1 else ''} on this server right now; yours would wait for its turn.")

mine_controls()
st.caption(
    f"Finished runs are kept on this server, at most {store().keep} of them, oldest out first. Everyone who uses this "
    "server sees them. The address of this page finds a running race again, and whoever has the address can stop it."
)
