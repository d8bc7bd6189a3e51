"""What a live part measures on: images and networks that lie ready, or a sentence that says what is missing."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import streamlit as st

from core.data.download import DataError, reason_for_visitors
from core.records.record import RecordError

T = TypeVar("T")
ABOUT = "What is measured here"
NO_NETWORK = "This part measures with networks of the study, and not all of them come with this server."


def ready(make: Callable[[], T]) -> T | None:
    """What ``make`` gives; where images or networks cannot be had, None and a sentence.

    The images are those that come with the app: nothing is downloaded for a live part.
    """
    try:
        return make()
    except DataError as error:
        st.warning(reason_for_visitors(error), icon=":material/image_not_supported:")
    except RecordError:
        st.warning(NO_NETWORK, icon=":material/hub:")
    return None


def about(text: str) -> None:
    """On demand: which networks and images these are, and how the picture is to be read."""
    with st.popover(ABOUT, icon=":material/info:", type="tertiary"):
        st.markdown(text)
