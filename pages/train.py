"""What happens when I change the norm, the groups, the penalty? Several variants race on the same batches."""

import streamlit as st

from core.config import ConfigError
from core.jobs.queue import BusyError
from core.jobs.words import clock
from pages import only_by_the_app
from pages.parts.shared.address import asked, current, keep, read_address
from pages.parts.shared.runtime import registry, store
from pages.parts.train.address import RACE, table
from pages.parts.train.form import race_form
from pages.parts.train.race import race_view

only_by_the_app()

st.title("Race the norms")
st.markdown(
    "Each variant starts from the **same weights** and sees the **same batches**. Only the norm and the penalty differ."
)
read_address(table())

# back from another page the URL names the race again; after a refresh the session learns it from the URL
race_id = asked(RACE) or current(RACE)
keep(RACE, race_id)

form = race_form(variants_open=not race_id)
try:
    configs = form.configs()
    seconds = registry().estimate(configs)
    if seconds is not None:
        form.estimate_place.caption(f"About {clock(seconds)} at the rate of the last race on this server.")
    if form.start:
        keep(RACE, registry().submit(configs))
        st.rerun()
except (ConfigError, BusyError) as error:
    st.error(str(error), title="The race cannot start", icon=":material/error:")

if race_id:
    race_view(race_id)
elif busy := registry().busy():
    st.caption(f"{busy} race{'s' if busy > 1 else ''} on this server right now; yours would wait for its turn.")

kept = store()
st.caption(
    f"Finished runs are kept on this server in `{kept.root}`, at most {kept.keep} of them, oldest out first. "
    "Everyone who uses this server sees them. The address of this page finds a running race again."
)
