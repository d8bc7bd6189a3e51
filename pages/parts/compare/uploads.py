"""Records of runs as files: one's own into this session, any run out of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from core.catalogue import DATASETS
from core.labels import summary
from core.quoting import shortened
from core.records.archive import MAX_ZIP_BYTES, from_zip, to_zip, zip_name
from core.records.record import RecordError, Run, RunRecord, RunSummary
from pages.parts.compare.address import RUNS
from pages.parts.compare.picker import MAX_ENTRIES
from pages.parts.shared.address import choice_key, plain
from pages.parts.shared.library import kept_runs, record_source, uploaded_records

MAX_UPLOADS = 12
MAX_SESSION_BYTES = 32_000_000
"""Arrays of one visitor's uploads in memory; a run of MNIST has 0.35 MB."""
MEGABYTE = 1_000_000
MAX_NAME = 80
"""Characters of a refused file's name."""
MAX_REASON = 400
"""Characters of why a file was refused: what it quotes comes from a stranger."""
_REFUSED, _ROUND = "uploads refused", "uploads round"


def receive(files: Sequence[tuple[str, bytes]], records: dict[str, RunRecord]) -> tuple[list[str], list[str]]:
    """Read ``files``, pairs of a name and its bytes, into ``records``; the ids that came in, and what was refused.

    A bad file is refused with its name and the reason, and the others come in all the same. The same run again
    replaces the one before.
    """
    taken, refused = [], []
    for name, data in files:
        try:
            record = _checked(from_zip(data), records)
        except RecordError as error:
            refused.append(f"{shortened(name, MAX_NAME)}: {shortened(error, MAX_REASON)}.")
            continue
        records[record.run_id] = record
        taken.append(record.run_id)
    return taken, refused


def _checked(record: Run, records: dict[str, RunRecord]) -> RunRecord:
    if isinstance(record, RunSummary):
        raise RecordError("the run stopped before its first epoch ended, so there is nothing to show")
    others = [other for run_id, other in records.items() if run_id != record.run_id]
    if len(others) >= MAX_UPLOADS:
        raise RecordError(f"{MAX_UPLOADS} runs are uploaded already; forget some of them first")
    if sum(other.array_bytes for other in [*others, record]) > MAX_SESSION_BYTES:
        raise RecordError(
            f"the uploaded runs may hold {MAX_SESSION_BYTES // MEGABYTE} MB together; forget some of them first"
        )
    return record


def upload_control() -> None:
    """A place for records as .zip, and what is uploaded already, with a way to forget it.

    Call it before ``kept_runs``. The runs that come in are added to what the page compares. They live in this
    session's memory alone and are read once, not at every run of the page.
    """
    # a new key empties the control: the files themselves are not kept, only the records read from them
    key = f"upload_runs_{st.session_state.get(_ROUND, 0)}"
    st.file_uploader(
        f"Records of runs, up to {MAX_UPLOADS}, as downloaded here (.zip)",
        ["zip"],
        accept_multiple_files=True,
        max_upload_size=MAX_ZIP_BYTES // MEGABYTE,
        key=key,
        on_change=_take_uploads,
        args=(key,),
    )
    for sentence in st.session_state.get(_REFUSED, []):
        st.error(plain(sentence), icon=":material/block:")
    records = uploaded_records()
    if records:
        st.markdown("\n".join(f"- {_line(record)}" for record in records.values()))
        st.button("Forget the uploaded runs", icon=":material/delete:", key="upload_forget", on_click=_forget)
    st.caption(
        "What you upload stays in this browser session: nobody else sees it, nothing is written to the server's disk, "
        "and a link to this page does not carry it."
    )


def _line(record: RunRecord) -> str:
    config, last = record.config, record.epochs[-1]
    accuracy = f"{last.test_accuracy:.2f} % after epoch {last.epoch}"
    return f"**{record.label}** on {DATASETS[config.dataset].title}: {accuracy} ({summary(config)})"


def _take_uploads(key: str) -> None:
    files: list[UploadedFile] = st.session_state.get(key) or []
    taken, refused = receive([(file.name, file.getvalue()) for file in files], uploaded_records())
    if len(refused) > MAX_UPLOADS:
        refused = [*refused[:MAX_UPLOADS], f"{len(refused) - MAX_UPLOADS} more files were refused."]
    st.session_state[_REFUSED] = refused
    st.session_state[_ROUND] = st.session_state.get(_ROUND, 0) + 1
    if taken:
        chosen = st.session_state.get(choice_key(RUNS), [])
        st.session_state[choice_key(RUNS)] = list(dict.fromkeys([*chosen, *taken]))[:MAX_ENTRIES]


def _forget() -> None:
    gone = set(uploaded_records())
    uploaded_records().clear()
    st.session_state[_REFUSED] = []
    gone -= {record.run_id for record in kept_runs()}  # what is here from elsewhere, too, stays chosen
    choice = choice_key(RUNS)
    if choice in st.session_state:
        st.session_state[choice] = [run_id for run_id in st.session_state[choice] if run_id not in gone]


def record_download(record: Run, *, label: str = "Record (.zip)", key: str = "record_zip") -> None:
    """A button that hands out the whole record of a run; the archive is made when it is asked for."""
    st.download_button(
        label,
        partial(_zip_of, record_source(record.run_id)),
        file_name=zip_name(record),
        mime="application/zip",
        icon=":material/download:",
        key=f"{key}_{record.run_id}",
        on_click="ignore",
    )


def _zip_of(source: Callable[[], RunRecord]) -> bytes:
    return to_zip(source())
