"""What a live part measures on: images and networks that lie ready, or a sentence that says what is missing."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import streamlit as st

from core.catalogue import DATASETS, QUICK
from core.config import ConfigError
from core.data.datasets import on_disk
from core.data.download import DataError, reason_for_visitors
from core.records.record import RecordError

T = TypeVar("T")
NOT_HERE = (
    "This part measures on images of {title}, which are not on this server: a race on {title}, on Train, fetches them."
)
NO_NETWORK = "This part measures with networks of the study, and not all of them come with this server."


def ready(make: Callable[[], T]) -> T | None:
    """What ``make`` gives; where images or networks are missing, None and a sentence. Nothing is downloaded for it."""
    if not on_disk(QUICK):
        st.info(NOT_HERE.format(title=DATASETS[QUICK].title), icon=":material/image_not_supported:")
        return None
    try:
        return make()
    except (DataError, ConfigError) as error:
        st.warning(reason_for_visitors(error), icon=":material/image_not_supported:")
    except RecordError:
        st.warning(NO_NETWORK, icon=":material/hub:")
    return None
