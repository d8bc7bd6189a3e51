"""What several pages share: the one registry of races, the kept records, and what a URL may not say."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Literal, get_args

import streamlit as st
from streamlit.errors import StreamlitAPIException

from core.comparison.methods import in_first_race, in_study_order
from core.config import RunConfig
from core.jobs.queue import RaceRegistry
from core.labels import distinct_labels
from core.records.record import RecordError, RunRecord
from core.records.store import RunFolder, RunStore, load, shipped_root

Origin = Literal["uploaded", "own", "shipped"]
ORIGINS: tuple[Origin, ...] = get_args(Origin)
FULL_RECORDS = 64
"""Decoded records in memory at once, about 0.35 MB each: all that ship with the app, and some of the server's."""
_UPLOADED = "uploaded runs"


@st.cache_resource(show_spinner=False, on_release=lambda registry: registry.close())
def registry() -> RaceRegistry:
    """The races of this server process, shared by all its visitors."""
    return RaceRegistry(RunStore())


def store() -> RunStore:
    """Where finished runs are kept: the store that the races of this process write to."""
    kept = registry().store
    assert kept is not None  # registry() made it
    return kept


@st.cache_resource(show_spinner=False, max_entries=2)
def _shipped(root: str) -> dict[str, RunRecord]:
    # read once a process: the folder is a part of the app
    records = in_study_order(RunFolder(Path(root)).records()[0])
    return {record.run_id: record for record in records if record.epochs}


@st.cache_resource(show_spinner=False, max_entries=2)
def _own(root: str, signature: object) -> dict[str, RunRecord]:
    # records are immutable, so all visitors may share them; the signature changes with the folder
    return {record.run_id: record for record in store().records()[0] if record.epochs}


@st.cache_resource(show_spinner=False, max_entries=FULL_RECORDS)
def _own_summary(root: str, run_id: str, modified: int) -> RunRecord | None:
    try:
        record = load(Path(root) / run_id, arrays=False)
    except RecordError:
        return None
    return record if record.epochs else None


@st.cache_resource(show_spinner=False, max_entries=FULL_RECORDS)
def _read_full(root: str, run_id: str, modified: int) -> RunRecord:
    return RunFolder(Path(root)).load(run_id)


def uploaded_records() -> dict[str, RunRecord]:
    """The records that this visitor has uploaded, whole, by id: in the session's memory and nowhere else."""
    return st.session_state.setdefault(_UPLOADED, {})


def _first(places: Mapping[Origin, RunRecord | None]) -> Origin | None:
    """Which place counts for one run: the first that has it, but one that has all its epochs before the others."""
    having: list[Origin] = [name for name in ORIGINS if places.get(name) is not None]
    return next((name for name in having if places[name].status == "complete"), having[0] if having else None)


def _library() -> dict[str, tuple[Origin, RunRecord]]:
    """All runs that this visitor can see, by id and in order, without arrays, and where each comes from."""
    kept = store()
    by_place: dict[Origin, Mapping[str, RunRecord]] = {
        "uploaded": uploaded_records(),
        "own": _own(str(kept.root), kept.signature()),
        "shipped": _shipped(str(shipped_root())),
    }
    return {
        run_id: (place, replace(record, weights=None, predictions=None) if place == "uploaded" else record)
        for place, records in by_place.items()
        for run_id, record in records.items()
        if _first({name: other.get(run_id) for name, other in by_place.items()}) == place
    }


def kept_runs() -> list[RunRecord]:
    """All runs that this visitor can see and that have an epoch, without their arrays.

    First what this session has uploaded, then the server's own runs, newest first, then those that come with
    the app, in the order of the study. A run that lies in two places appears once, from the first of them that
    has all its epochs. A record that cannot be read is passed over.
    """
    return [record for _, record in _library().values()]


def own_runs() -> list[RunRecord]:
    """The part of ``kept_runs`` that was trained on this server, newest first."""
    return [record for place, record in _library().values() if place == "own"]


def shipped_runs() -> list[RunRecord]:
    """The part of ``kept_runs`` that comes with the app, in the order of the study."""
    return [record for place, record in _library().values() if place == "shipped"]


def origin(run_id: str) -> Origin:
    """Where a run comes from. One that is nowhere was the server's own: only its folder loses any."""
    kept = store()
    modified = kept.modified(run_id)
    places: dict[Origin, RunRecord | None] = {
        "uploaded": uploaded_records().get(run_id),
        "own": None if modified is None else _own_summary(str(kept.root), run_id, modified),
        "shipped": _shipped(str(shipped_root())).get(run_id),
    }
    return _first(places) or "own"


def full_record(run_id: str) -> RunRecord | None:
    """One run that this visitor can see, with its arrays; None where it is gone or cannot be trusted."""
    place = origin(run_id)
    if place == "uploaded":
        return uploaded_records()[run_id]
    folder = store() if place == "own" else RunFolder(shipped_root())
    modified = folder.modified(run_id)
    if modified is None:
        return None
    try:
        return _read_full(str(folder.root), run_id, modified)
    except RecordError:
        return None


def record_source(run_id: str) -> Callable[[], RunRecord]:
    """A function that reads the whole record when it is called, from any thread; it may raise ``RecordError``."""
    place = origin(run_id)
    if place == "uploaded":
        record = uploaded_records()[run_id]
        return lambda: record
    folder = RunFolder(store().root if place == "own" else shipped_root())
    return lambda: folder.load(run_id)


class Networks:
    """Where a network to look into may come from: the server's own runs, then the shipped ones.

    No uploads: what is made of these records is shared by all visitors.
    """

    def records(self) -> tuple[list[RunRecord], list[str]]:
        """As ``RunFolder.records``."""
        kept = store()
        own, shipped = _own(str(kept.root), kept.signature()), _shipped(str(shipped_root()))
        return [*own.values(), *(record for run_id, record in shipped.items() if run_id not in own)], []

    def load(self, run_id: str) -> RunRecord:
        """As ``RunFolder.load``."""
        kept = store()
        return kept.load(run_id) if kept.modified(run_id) is not None else RunFolder(shipped_root()).load(run_id)


def run_names(records: Sequence[RunRecord]) -> dict[str, str]:
    """A name for every run, by id, that tells it from all others in the list."""
    configs: list[RunConfig] = [record.config for record in records]
    names = distinct_labels(configs)
    return {record.run_id: name for record, name in zip(records, names, strict=True)}


def newest_race(records: Sequence[RunRecord]) -> list[str]:
    """Ids of the runs that a page shows at first, among ``records``.

    Those that belong with the server's newest own run: the same settings, other norms and penalties. Where
    there are none, the shipped ones of the assignment with the study's first seed; else the first uploads.
    """
    places = {run_id: place for run_id, (place, _) in _library().items()}

    def of(place: Origin) -> list[RunRecord]:
        return [record for record in records if places.get(record.run_id, "own") == place]

    if own := of("own"):
        return _race_of(own)
    if first := in_first_race(of("shipped")):
        return [record.run_id for record in first]
    return _race_of(records)


def _race_of(records: Sequence[RunRecord]) -> list[str]:
    if not records:
        return []
    differing = ("norm", "groups", "l1", "l2")

    def setting(config: RunConfig) -> tuple[object, ...]:
        return tuple(value for name, value in config.to_dict().items() if name not in differing)

    first = setting(records[0].config)
    return [record.run_id for record in records if setting(record.config) == first][:3][::-1]


def plain(text: str) -> str:
    """``text`` of a stranger, so that nothing of it acts as Markdown or keeps it from being sent."""
    escaped = re.sub(r"([\\`*_\[\]()<>#$|~/])", r"\\\1", text)
    return escaped.encode("utf-8", "replace").decode()


def rejected_parameters(rules: Mapping[str, Callable[[str], bool]]) -> list[str]:
    """One sentence for every URL parameter whose value its rule does not allow.

    Call it before the first bound widget: the widget drops such a value without a word.
    """
    sentences = []
    for name, allowed in rules.items():
        for value in st.query_params.get_all(name):
            if not allowed(value):
                shown = value if len(value) <= 40 else value[:40] + "..."
                sentences.append(f"The link asks for {name} = {plain(repr(shown))}, which is not possible here.")
                break
    return sentences


def show_rejected(sentences: Sequence[str]) -> None:
    """Say what was rejected and that the default stands in for it."""
    if sentences:
        text = " ".join(sentences)
        st.warning(f"{text} The default is used instead.", icon=":material/link_off:")


def set_parameter(name: str, value: str) -> None:
    """Put ``value`` into the address; an empty one takes the parameter away."""
    if value and st.query_params.get(name) != value:
        st.query_params[name] = value
    elif not value and name in st.query_params:
        del st.query_params[name]


def binding(name: str, allowed: Callable[[str], bool]) -> Literal["query-params"] | None:
    """For ``bind=``: not bound where the address holds a value that is not ``allowed``, which then leaves it.

    Streamlit raises on "inf" for a number input, and takes 2.5 for a slider over whole numbers as 2. The next run
    of the page is bound again.
    """
    if all(map(allowed, st.query_params.get_all(name))):
        return "query-params"
    with suppress(StreamlitAPIException):  # it was bound before: then not binding it clears it
        del st.query_params[name]
    return None


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
    # no more digits than a number may need: Python refuses to read thousands
    return lambda text: text.isascii() and text.isdigit() and len(text) <= 20 and is_number(low, high)(text)


def is_step(low: float, high: float, step: float) -> Callable[[str], bool]:
    """A rule for ``rejected_parameters``: one of ``low``, ``low + step`` and so on up to ``high``."""
    number = is_number(low, high)
    return lambda text: number(text) and math.isclose(round((float(text) - low) / step) * step + low, float(text))


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
    st.page_link("pages/train.py", label="Start a race", icon=":material/play_arrow:")
