"""A trained BN network in training mode, measured once for all visitors: the lab and the lesson show it."""

from __future__ import annotations

import streamlit as st

from core.catalogue import QUICK
from core.data.datasets import load
from core.experiments.forgot_eval_live import EvalTable, by_size, eval_table
from core.experiments.one_thread import in_one_thread


@st.cache_resource(show_spinner="Reading the images", max_entries=1)
def measured_on() -> EvalTable:
    """The network and the images; nobody changes them. ``DataError`` or ``RecordError`` where there are none."""
    data = load(QUICK)
    return in_one_thread(lambda: eval_table(data))


@st.cache_data(show_spinner="Testing the network in training mode", max_entries=1)
def errors_by_size() -> dict[int, float]:
    """Errors in percent, by the images in a random batch."""
    table = measured_on()
    return in_one_thread(lambda: by_size(table))
