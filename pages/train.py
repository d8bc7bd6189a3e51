"""What happens when I change the norm, the groups, the penalty? Several variants race on the same batches."""

import streamlit as st

from core.config import ConfigError
from core.jobs.words import clock
from pages import only_by_the_app
from pages.parts.shared.address import read_address
from pages.parts.shared.runtime import registry, store
from pages.parts.train.address import table
from pages.parts.train.form import race_form
from pages.parts.train.own import offer_to_watch, other_races, say_refused
from pages.parts.train.race import race_view
from pages.parts.train.shown import on_screen, start

only_by_the_app()

st.title("Race the norms")
st.markdown(
    "Each variant starts from the **same weights** and sees the **same batches**. Only the norm and the penalty differ."
)
read_address(table())
shown = on_screen()
offer_to_watch(shown, "train_watch_it")

form = race_form(variants_open=not shown)
try:
    configs = form.configs()
    seconds = registry().estimate(configs)
    if seconds is not None:
        form.estimate_place.caption(f"About {clock(seconds)} at the rate of the last race on this server.")
    if form.start and start(configs):
        st.rerun()
except ConfigError as error:
    st.error(str(error), title="The race cannot start", icon=":material/error:")
say_refused(shown)

other_races(shown)
if shown:
    race_view(shown)
elif busy := registry().busy():
    st.caption(f"{busy} race{'s' if busy > 1 else ''} on this server right now; yours would wait for its turn.")

st.caption(
    f"Finished runs are kept on this server, at most {store().keep} of them, oldest out first. Everyone who uses this "
    "server sees them. The address of this page finds a running race again, and whoever has the address can stop it."
)
