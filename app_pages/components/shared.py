"""What several pages share: the one registry of races, the kept records, and what a URL may not say."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from core.config import RunConfig, distinct_labels
from core.jobs import RaceRegistry
from core.record import RecordError, RunRecord
from core.runs import RunStore


@st.cache_resource(show_spinner=False, on_release=lambda registry: registry.close())
def registry() -> RaceRegistry:
    """The races of this server process, shared by all its visitors."""
    return RaceRegistry(RunStore())


def store() -> RunStore:
    """Where finished runs are kept: the store that the races of this process write to."""
    kept = registry().store
    assert kept is not None  # registry() made it
    return kept


def kept_runs() -> list[RunRecord]:
    """All readable records with at least one epoch, newest first, without their arrays."""
    runs = store()
    return [record for record in _read_all(str(runs.root), runs.signature()) if record.epochs]


@st.cache_resource(show_spinner=False, max_entries=2)
def _read_all(root: str, signature: object) -> list[RunRecord]:
    # records are immutable, so all visitors may share one list; the signature changes with the folder
    return store().records()[0]


@st.cache_resource(show_spinner=False, max_entries=8)
def _read_one(root: str, run_id: str, modified: int) -> RunRecord:
    return store().load(run_id)


def full_record(run_id: str) -> RunRecord | None:
    """One record with its arrays; None where it is gone or cannot be trusted."""
    runs = store()
    modified = dict(runs.signature()).get(run_id)
    if modified is None:
        return None
    try:
        return _read_one(str(runs.root), run_id, modified)
    except RecordError:
        return None


def run_names(records: Sequence[RunRecord]) -> dict[str, str]:
    """A name for every run, by id, that tells it from all others in the list."""
    configs: list[RunConfig] = [record.config for record in records]
    names = distinct_labels(configs)
    return {record.run_id: name for record, name in zip(records, names, strict=True)}


def newest_race(records: Sequence[RunRecord]) -> list[str]:
    """Ids of the runs that belong with the newest one: the same settings, other norms and penalties."""
    if not records:
        return []
    own = ("norm", "groups", "l1", "l2")

    def setting(config: RunConfig) -> tuple[object, ...]:
        return tuple(value for name, value in config.to_dict().items() if name not in own)

    first = setting(records[0].config)
    return [record.run_id for record in records if setting(record.config) == first][:3][::-1]


def rejected_parameters(rules: Mapping[str, Callable[[str], bool]]) -> list[str]:
    """One sentence for every URL parameter whose value its rule does not allow.

    Call it before the first bound widget: the widget drops such a value without a word.
    """
    sentences = []
    for name, allowed in rules.items():
        for value in st.query_params.get_all(name):
            if not allowed(value):
                shown = value if len(value) <= 40 else value[:40] + "..."
                sentences.append(f"The link asks for {name} = {shown!r}, which is not possible here.")
                break
    return sentences


def show_rejected(sentences: Sequence[str]) -> None:
    """Say what was rejected and that the default stands in for it."""
    if sentences:
        text = " ".join(sentences)
        st.warning(f"{text} The default is used instead.", icon=":material/link_off:")


def is_number(low: float, high: float) -> Callable[[str], bool]:
    """A rule for ``rejected_parameters``: a number from ``low`` to ``high``."""

    def rule(text: str) -> bool:
        try:
            return low <= float(text) <= high
        except ValueError:
            return False

    return rule


def is_whole(low: int, high: int) -> Callable[[str], bool]:
    """A rule for ``rejected_parameters``: a whole number from ``low`` to ``high``."""
    return lambda text: text.isascii() and text.isdigit() and is_number(low, high)(text)


def is_one_of(options: Sequence[object]) -> Callable[[str], bool]:
    """A rule for ``rejected_parameters``: one of ``options``, as text."""
    texts = {str(option) for option in options}
    return lambda text: text in texts


def nothing_trained() -> None:
    """What a page of results says before there are any, with the way to get some."""
    st.info(
        "Train the variants first. On the small digits set a race is over in seconds.",
        title="No finished runs yet",
        icon=":material/info:",
    )
    st.page_link("app_pages/train.py", label="Start a race", icon=":material/play_arrow:")
