"""The runs that a visitor sees: the library over uploads, the server's own runs and the shipped ones."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from core.catalogue import DATASETS, NORMS, QUICK
from core.comparison.captions import with_state
from core.comparison.methods import in_first_race, in_study_order
from core.config import RunConfig, terms
from core.labels import distinct_labels
from core.records.library import InMemory, Library, Origin
from core.records.record import RecordError, Run, RunRecord, RunSummary
from core.records.store import RunFolder, shipped_root
from pages.parts.shared.runtime import store

if TYPE_CHECKING:
    from core.comparison.foreign_curves import ForeignCurve

FULL_RECORDS = 64
"""Whole records in memory at once, about 0.35 MB each: all that ship with the app, and some of the server's."""
SUMMARIES = 512
"""Summaries in memory at once, about 10 kB each: more than ship and than a server keeps."""
RACERS = 3
"""Runs that are shown together where no study ships: as many as the assignment has."""
_UPLOADED, _CURVES = "uploaded runs", "uploaded curves"
Signature = tuple[tuple[str, int], ...]


@st.cache_resource(show_spinner=False, max_entries=SUMMARIES)
def _summary(root: str, run_id: str, modified: int) -> RunSummary:
    return RunFolder(Path(root)).summary(run_id)


@st.cache_resource(show_spinner=False, max_entries=FULL_RECORDS)
def _whole(root: str, run_id: str, modified: int) -> RunRecord:
    return RunFolder(Path(root)).load(run_id)


@st.cache_resource(show_spinner=False, max_entries=2)
def _own(root: str, signature: Signature) -> list[RunSummary]:
    return _readable(root, signature)


@st.cache_resource(show_spinner=False, max_entries=2)
def _shipped(root: str) -> list[RunSummary]:
    # listed once a process: the folder is a part of the app
    return in_study_order(_readable(root, RunFolder(Path(root)).signature()))


def _readable(root: str, signature: Signature) -> list[RunSummary]:
    found = []
    for run_id, modified in signature:
        with suppress(RecordError):
            found.append(_summary(root, run_id, modified))
    return found


class ReadOnce:
    """A folder of records that decodes each once for all visitors, who may share them: a ``Place``.

    A record counts as another one once its file has another time. What cannot be read is passed over in lists.
    """

    def __init__(self, folder: RunFolder) -> None:
        self.folder = folder
        self.root = str(folder.root)

    def summaries(self) -> tuple[list[RunSummary], list[str]]:
        """As ``Place`` has it, newest first."""
        return _own(self.root, self.folder.signature()), []

    def summary(self, run_id: str) -> RunSummary:
        """As ``Place`` has it."""
        modified = self.folder.modified(run_id)
        return self.folder.summary(run_id) if modified is None else _summary(self.root, run_id, modified)

    def load(self, run_id: str) -> RunRecord:
        """As ``Place`` has it."""
        modified = self.folder.modified(run_id)
        return self.folder.load(run_id) if modified is None else _whole(self.root, run_id, modified)


class Shipped(ReadOnce):
    """The records that come with the app."""

    def __init__(self) -> None:
        super().__init__(RunFolder(shipped_root()))

    def summaries(self) -> tuple[list[RunSummary], list[str]]:
        """As ``Place`` has it, in the order of the study."""
        return _shipped(self.root), []


def uploaded_records() -> dict[str, RunRecord]:
    """The records that this visitor has uploaded, by id: in the session's memory and nowhere else."""
    return st.session_state.setdefault(_UPLOADED, {})


def uploaded_curves() -> dict[str, tuple[str, ForeignCurve]]:
    """The curves of other programs that this visitor has uploaded, by name, each with the name of its file."""
    return st.session_state.setdefault(_CURVES, {})


def library() -> Library:
    """All that this visitor can see: the uploads, the server's own runs, and the shipped ones."""
    return Library({"uploaded": InMemory(uploaded_records()), **kept_networks().places})


def kept_networks() -> Library:
    """Where a network to look into may come from: the server's own runs, and the shipped ones.

    No uploads: what is made of these records is shared by all visitors.
    """
    return Library({"own": ReadOnce(store()), "shipped": Shipped()})


def kept_runs() -> list[RunSummary]:
    """All runs that this visitor can see and that have an epoch, without their arrays.

    First what this session has uploaded, then the server's own runs, newest first, then those that come with
    the app, in the order of the study. A run that lies in two places appears once, and what comes with the app counts
    before the server's own (see ``Library.origin``). A record that cannot be read is passed over.
    """
    return library().summaries()[0]


def own_runs() -> list[RunSummary]:
    """The part of ``kept_runs`` that was trained on this server, newest first."""
    return library().by_origin()["own"]


def shipped_runs() -> list[RunSummary]:
    """The part of ``kept_runs`` that comes with the app, in the order of the study."""
    return library().by_origin()["shipped"]


def study_runs() -> list[RunSummary]:
    """What comes with the app, in the order of the study, whatever this server or this visitor has beside it."""
    return Shipped().summaries()[0]


def my_runs(written: Collection[str]) -> list[RunSummary]:
    """The part of ``kept_runs`` that is this visitor's, ``written`` by id or uploaded, and what comes with the app."""
    found = library().by_origin()
    return [*found["uploaded"], *(run for run in found["own"] if run.run_id in written), *found["shipped"]]


def drop_records(records: Mapping[str, int]) -> None:
    """Take out of the memory of this process what was read of deleted records, by id with their times."""
    root = ReadOnce(store()).root
    for run_id, modified in records.items():
        _summary.clear(root, run_id, modified)
        _whole.clear(root, run_id, modified)
    _own.clear()


def hidden_runs(run_ids: Collection[str]) -> list[str]:
    """Those of ``run_ids`` that this server has trained as well, while the shipped run of the same settings counts."""
    trained = {run.run_id for run in ReadOnce(store()).summaries()[0] if run.epochs}
    return [run_id for run_id in run_ids if run_id in trained and origin(run_id) == "shipped"]


def origin(run_id: str) -> Origin:
    """Where a run comes from. One that is nowhere was the server's own: only its folder loses any."""
    return library().origin(run_id) or "own"


def full_record(run_id: str) -> RunRecord | None:
    """One run that this visitor can see, with its arrays; None where it is gone or cannot be trusted."""
    try:
        return library().load(run_id)
    except RecordError:
        return None


def record_source(run_id: str) -> Callable[[], RunRecord]:
    """A function that reads the whole record when it is called, from any thread; it may raise ``RecordError``."""
    place = origin(run_id)
    if place == "uploaded":
        return partial(InMemory(dict(uploaded_records())).load, run_id)
    return partial(RunFolder(store().root if place == "own" else shipped_root()).load, run_id)


def run_names(records: Sequence[Run]) -> dict[str, str]:
    """A name for every run, by id, that tells it from all others in the list, and says so where it is not complete."""
    configs: list[RunConfig] = [record.config for record in records]
    names = distinct_labels(configs)
    return {record.run_id: with_state(name, record.status) for record, name in zip(records, names, strict=True)}


def shown_at_first(records: Sequence[Run]) -> list[str]:
    """Ids of the runs among ``records`` that a page shows where neither the address nor the visitor names any.

    The study's first race that comes with the app, whatever has been trained or uploaded since. Only where none does:
    what this visitor has uploaded, else the newest race.
    """
    listed = {record.run_id for record in records}
    if first := [record.run_id for record in in_first_race(study_runs()) if record.run_id in listed]:
        return first
    uploads = [record for record in records if record.run_id in uploaded_records()]
    return newest_race(uploads or records)


def newest_race(records: Sequence[Run]) -> list[str]:
    """Ids of the first of ``records``, which come newest first, and those that belong with it.

    That is the first that is complete, if any is: what still runs would be another picture a moment later. To it
    belong up to two others of the same settings, other norms and penalties, and as far as it is. By norm and penalty.
    """
    first = next((record for record in records if record.status == "complete"), next(iter(records), None))
    if first is None:
        return []
    found = [r for r in records if _setting(r) == _setting(first)][:RACERS]
    return [record.run_id for record in sorted(found, key=_place)]


def _setting(record: Run) -> tuple[object, ...]:
    return record.status == "complete", record.config.seed, terms(record.config)


def _place(record: Run) -> tuple[float, ...]:
    config = record.config
    return list(NORMS).index(config.norm), config.groups, config.l1, config.l2


def nothing_trained() -> None:
    """What a page of results says before there are any, with the way to get some."""
    st.info(
        f"Train the variants first. On {DATASETS[QUICK].title} a race is over in seconds.",
        title="No finished runs yet",
        icon=":material/info:",
    )
    st.page_link("pages/train.py", label="Start a race", icon=":material/play_arrow:")
