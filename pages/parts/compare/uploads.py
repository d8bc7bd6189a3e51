"""One's own results as files: records of runs and curves of other programs into this session, any run out of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from core.catalogue import DATASETS
from core.comparison.foreign_curves import MAX_BYTES, CurveError, ForeignCurve, read_curves
from core.labels import summary
from core.quoting import shortened
from core.records.archive import MAX_ZIP_BYTES, from_zip, to_zip, zip_name
from core.records.record import RecordError, Run, RunRecord, RunSummary
from pages.parts.compare.address import RUNS
from pages.parts.compare.picker import MAX_ENTRIES
from pages.parts.shared.address import choice_key, plain
from pages.parts.shared.choices import give
from pages.parts.shared.library import kept_runs, record_source, uploaded_curves, uploaded_records

MAX_UPLOADS = 12
MAX_SESSION_BYTES = 32_000_000
"""Arrays of one visitor's uploads in memory; a run of MNIST has 0.35 MB."""
MEGABYTE = 1_000_000
MAX_NAME = 80
"""Characters of a refused file's name."""
MAX_REASON = 400
"""Characters of why a file was refused: what it quotes comes from a stranger."""
MAX_CURVES = 6
"""Curves of other programs in one session: more than these no graph keeps apart."""
_REFUSED, _ROUND = "uploads refused", "uploads round"
CURVE = "**{name}** of {file}: {epochs} epochs, drawn and not tested; {notes}"
FORMATS = (
    "A record (.zip) is one downloaded here: it is drawn and tested. A .csv is drawn and not tested: a column of "
    "epochs and one or more of test or training loss or accuracy, as Keras' CSVLogger, Lightning's metrics.csv, "
    "TensorBoard and Weights & Biases write them."
)


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


def receive_curves(
    files: Sequence[tuple[str, bytes]], curves: dict[str, tuple[str, ForeignCurve]]
) -> tuple[list[str], list[str]]:
    """As ``receive``, for logs of other programs: into ``curves``, by name, each with the name of its file.

    The names that came in, and what was refused. A file comes in whole or not at all.
    """
    taken: list[str] = []
    refused: list[str] = []
    for name, data in files:
        try:
            found = {curve.name: (name, curve) for curve in read_curves(name, data)}
            if len(curves.keys() | found.keys()) > MAX_CURVES:
                raise CurveError(f"{MAX_CURVES} curves may be uploaded together; forget the uploads first")
        except CurveError as error:
            refused.append(f"{shortened(name, MAX_NAME)}: {shortened(error, MAX_REASON)}.")
            continue
        curves |= found
        taken += found
    return taken, refused


def foreign_curves() -> list[ForeignCurve]:
    """The curves that this visitor has uploaded: in the session's memory and nowhere else."""
    return [curve for _, curve in uploaded_curves().values()]


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
    """A place for records as .zip and logs as .csv, and what is uploaded already, with a way to forget it.

    Call it before ``kept_runs``. The runs that come in are added to what the page compares. They live in this
    session's memory alone and are read once, not at every run of the page.
    """
    # a new key empties the control: the files themselves are not kept, only the records read from them
    key = f"upload_runs_{st.session_state.get(_ROUND, 0)}"
    st.file_uploader(
        f"Up to {MAX_UPLOADS} records of runs (.zip), up to {MAX_CURVES} curves of other programs (.csv)",
        ["zip", "csv"],
        accept_multiple_files=True,
        max_upload_size=MAX_ZIP_BYTES // MEGABYTE,
        key=key,
        help=FORMATS,
        on_change=_take_uploads,
        args=(key,),
    )
    for sentence in st.session_state.get(_REFUSED, []):
        st.error(plain(sentence), icon=":material/block:")
    lines = [_line(record) for record in uploaded_records().values()]
    lines += [_curve_line(file, curve) for file, curve in uploaded_curves().values()]
    if lines:
        st.markdown("\n".join(f"- {line}" for line in lines))
        st.button("Forget the uploads", icon=":material/delete:", key="upload_forget", on_click=_forget)
    st.caption(
        "What you upload stays in this browser session: nobody else sees it, nothing is written to the server's disk, "
        "and a link to this page does not carry it."
    )


def _line(record: RunRecord) -> str:
    config, last = record.config, record.epochs[-1]
    accuracy = f"{last.test_accuracy:.2f} % after epoch {last.epoch}"
    return f"**{record.label}** on {DATASETS[config.dataset].title}: {accuracy} ({summary(config)})"


def _curve_line(file: str, curve: ForeignCurve) -> str:
    notes = plain("; ".join(curve.notes))
    return CURVE.format(
        name=plain(curve.name), file=plain(shortened(file, MAX_NAME)), epochs=len(curve.epochs), notes=notes
    )


def _take_uploads(key: str) -> None:
    files: list[UploadedFile] = st.session_state.get(key) or []
    logs = [file for file in files if file.name.lower().endswith(".csv")]
    records = [(file.name, file.getvalue()) for file in files if file not in logs]
    taken, refused = receive(records, uploaded_records())
    # of a file that is too long no more is read than shows that it is
    refused += receive_curves([(log.name, log.read(MAX_BYTES + 1)) for log in logs], uploaded_curves())[1]
    if len(refused) > MAX_UPLOADS:
        refused = [*refused[:MAX_UPLOADS], f"{len(refused) - MAX_UPLOADS} more files were refused."]
    st.session_state[_REFUSED] = refused
    st.session_state[_ROUND] = st.session_state.get(_ROUND, 0) + 1
    if taken:
        chosen = st.session_state.get(choice_key(RUNS), [])
        give(choice_key(RUNS), list(dict.fromkeys([*chosen, *taken]))[:MAX_ENTRIES])


def _forget() -> None:
    gone = set(uploaded_records())
    uploaded_records().clear()
    uploaded_curves().clear()
    st.session_state[_REFUSED] = []
    gone -= {record.run_id for record in kept_runs()}  # what is here from elsewhere, too, stays chosen
    choice = choice_key(RUNS)
    if choice in st.session_state:
        give(choice, [run_id for run_id in st.session_state[choice] if run_id not in gone])


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
