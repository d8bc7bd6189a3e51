"""What several pages share: the one registry of races, the kept records, and what a URL may not say."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal, get_args

import streamlit as st

from core.catalogue import DatasetName
from core.comparison.methods import in_first_race, in_study_order
from core.config import RunConfig
from core.data.datasets import on_disk
from core.labels import distinct_labels
from core.records.record import RecordError, RunRecord
from core.records.store import RunFolder, load, shipped_root
from pages.parts.shared.runtime import store

Origin = Literal["uploaded", "own", "shipped"]
ORIGINS: tuple[Origin, ...] = get_args(Origin)
FULL_RECORDS = 64
"""Decoded records in memory at once, about 0.35 MB each: all that ship with the app, and some of the server's."""
_UPLOADED = "uploaded runs"


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


def nothing_trained() -> None:
    """What a page of results says before there are any, with the way to get some."""
    st.info(
        "Train the variants first. On the small digits set a race is over in seconds.",
        title="No finished runs yet",
        icon=":material/info:",
    )
    st.page_link("pages/train.py", label="Start a race", icon=":material/play_arrow:")


def newest_dataset() -> DatasetName:
    """Of the newest network trained here; else of the shipped ones, unless it would have to be downloaded first."""
    for record in own_runs():
        if record.status == "complete":
            return record.config.dataset
    shipped = (record.config.dataset for record in shipped_runs())
    return next((name for name in shipped if on_disk(name)), "digits")
