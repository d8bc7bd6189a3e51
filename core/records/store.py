"""Records on disk: one folder a run, ``<root>/<run_id>/``, written whole or not at all.

The files are those of ``core.records.files``; nothing in them is ever executed.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import shutil
import stat
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import copy
from pathlib import Path
from typing import TypeVar

from platformdirs import user_cache_path

from core.config import ConfigError
from core.quoting import shortened
from core.records.files import MAX_BYTES, RUN_FILE, decode, decode_summary, encode
from core.records.record import RecordError, Run, RunRecord, RunSummary

RUNS_ENV = "NORMLENS_RUNS"
SHIPPED_ENV = "NORMLENS_SHIPPED"
SHIPPED = Path(__file__).resolve().parents[2] / "assets" / "runs"
"""The records that come with the app, wherever it was started from."""
_RUN_ID = re.compile(r"[0-9a-f]{16}")
_UNFINISHED = re.compile(r"\.new-[0-9a-f]{16}-[0-9a-f]{8}")
_SWAP_ATTEMPTS = 100
Kind = TypeVar("Kind", RunSummary, RunRecord)
Note = Callable[[str, int], None]


def save(run: Run, root: Path) -> Path:
    """Write ``run`` to ``root/<run_id>`` and return that folder.

    The folder appears whole or not at all: everything is written under a temporary name and renamed. A
    run that is not complete never replaces one that is.
    """
    root.mkdir(parents=True, exist_ok=True)
    target = root / run.run_id
    if run.status != "complete" and _kept_status(target) == "complete":
        return target
    mark = secrets.token_hex(4)
    temporary = root / f".new-{run.run_id}-{mark}"
    temporary.mkdir()
    try:
        for name, data in encode(run).items():
            (temporary / name).write_bytes(data)
        _swap(temporary, target, f".old-{run.run_id}-{mark}")
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return target


def _swap(new: Path, target: Path, old: str) -> None:
    # a folder that holds files cannot be replaced in one step; if the process dies between the two,
    # recover() puts the old one back
    for attempt in range(_SWAP_ATTEMPTS):
        aside = target.with_name(f"{old}-{attempt}")
        with contextlib.suppress(FileNotFoundError):
            target.rename(aside)
        try:
            new.rename(target)
        except OSError:
            if not target.exists():
                with contextlib.suppress(OSError):
                    aside.rename(target)
                raise
            if attempt + 1 == _SWAP_ATTEMPTS:
                raise
            # another process has saved or recovered this very run in between: set that aside as well
        else:
            break
        finally:
            if target.exists():
                shutil.rmtree(aside, ignore_errors=True)


def recover(root: Path, *, older_than: float = 3600.0) -> None:
    """Put back what a process left behind when it died in the middle of ``save``.

    A record that was set aside and never replaced comes back; unfinished folders go once they are
    ``older_than`` seconds old, since a younger one may be another process that is writing right now.
    """
    for old in root.glob(".old-*"):
        target = root / old.name.split("-")[1]
        if not _RUN_ID.fullmatch(target.name):
            continue
        with contextlib.suppress(OSError):
            if target.exists():
                shutil.rmtree(old)
            else:
                old.rename(target)
    for new in root.glob(".new-*"):
        if not _UNFINISHED.fullmatch(new.name):  # someone else's
            continue
        with contextlib.suppress(OSError):
            if time.time() - new.stat().st_mtime >= older_than:
                shutil.rmtree(new)


def _kept_status(folder: Path) -> str | None:
    try:
        return load_summary(folder).status
    except RecordError:
        return None


def load(folder: Path) -> RunRecord:
    """Read and verify the record in ``folder``.

    Raises ``RecordError`` naming the file and the field that is missing, truncated, altered or foreign, and
    for a run that stopped before its first epoch ended: of that there is only ``load_summary``.
    """
    return _decoded(folder, tuple(MAX_BYTES), decode)


def load_summary(folder: Path) -> RunSummary:
    """Read and verify the run.json in ``folder``, and nothing else. Raises as ``load`` does."""
    return _decoded(folder, (RUN_FILE,), decode_summary)


def _decoded(folder: Path, names: Sequence[str], decoder: Callable[[Mapping[str, bytes]], Kind]) -> Kind:
    try:
        return decoder(dict(_read_files(folder, names)))
    except RecordError as error:
        raise RecordError(f"{shortened(folder)}: {error}") from error


def _read_files(folder: Path, names: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    for name in names:
        path = folder / name
        try:
            found = path.stat()
            if not (stat.S_ISREG(found.st_mode) or stat.S_ISDIR(found.st_mode)):
                raise RecordError(f"{name}: is no file, but a device or a pipe")  # which could be read for ever
            if found.st_size > MAX_BYTES[name]:
                raise RecordError(f"{name}: larger than {MAX_BYTES[name]:,} bytes")
            yield name, path.read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            continue  # the decoder says whether the record needs it
        except OSError as error:
            raise RecordError(f"{name}: cannot be read ({error.strerror})") from error


def runs_root() -> Path:
    """Where finished runs are kept: the variable NORMLENS_RUNS, else a user cache folder."""
    return _folder(RUNS_ENV, user_cache_path("normlens") / "runs")


def shipped_root() -> Path:
    """Where the records are that come with the app: the variable NORMLENS_SHIPPED, else its own assets/runs."""
    return _folder(SHIPPED_ENV, SHIPPED)


def _folder(variable: str, default: Path) -> Path:
    path = Path(os.environ.get(variable) or default)
    try:
        return path.expanduser()
    except RuntimeError as error:
        raise ConfigError(f"{variable}={shortened(path)} names the home folder of nobody here; use a folder") from error


class RunFolder:
    """The records of one folder, newest first, and nothing but reading: what it holds is never changed."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def load(self, run_id: str) -> RunRecord:
        """The whole record of ``run_id``; ``RecordError`` as ``core.records.store.load``, and for no run id."""
        return load(self._folder(run_id))

    def summary(self, run_id: str) -> RunSummary:
        """The record of ``run_id`` without its arrays; ``RecordError`` as for ``load``."""
        return load_summary(self._folder(run_id))

    def has_complete(self, run_id: str) -> bool:
        """Whether the run is here and finished."""
        return _kept_status(self.root / run_id) == "complete"

    def modified(self, run_id: str) -> int | None:
        """When the record was written, in nanoseconds; None where there is none. One record's ``signature``."""
        if _RUN_ID.fullmatch(run_id):
            with contextlib.suppress(OSError):
                return (self.root / run_id / RUN_FILE).stat().st_mtime_ns
        return None

    def summaries(self) -> tuple[list[RunSummary], list[str]]:
        """All readable records without their arrays, newest first, and one sentence a refused folder."""
        found, refused = [], []
        for folder in self._folders():
            try:
                found.append(load_summary(folder))
            except RecordError as error:
                refused.append(f"{folder.name}: {error}")
        return found, refused

    def signature(self) -> tuple[tuple[str, int], ...]:
        """Changes whenever a record appears, changes or goes: a key for caches."""
        # a folder is away for a moment while a race replaces it
        marks = ((folder.name, self.modified(folder.name)) for folder in self._folders())
        return tuple((name, mark) for name, mark in marks if mark is not None)

    def _folder(self, run_id: str) -> Path:
        if not _RUN_ID.fullmatch(run_id):
            raise RecordError("a run is named by sixteen hexadecimal digits")
        return self.root / run_id

    def _folders(self) -> list[Path]:
        def age(folder: Path) -> float:
            with contextlib.suppress(OSError):
                return -(folder / RUN_FILE).stat().st_mtime
            return 0.0

        if not self.root.is_dir():
            return []
        found = [f for f in self.root.iterdir() if _RUN_ID.fullmatch(f.name) and (f / RUN_FILE).is_file()]
        return sorted(found, key=lambda f: (age(f), f.name))


class RunStore(RunFolder):
    """The records of one folder, newest first; the oldest go when there are more than ``keep``, None for no limit.

    Opening it recovers what a process that died while saving left behind.
    """

    def __init__(self, root: Path | None = None, keep: int | None = None) -> None:
        super().__init__(root or runs_root())
        self.keep = keep
        self._note: Note | None = None
        recover(self.root)

    def noting(self, note: Note) -> RunStore:
        """The same store for one who writes: ``note`` gets the id and the ``modified`` of each record written by it."""
        other = copy(self)
        other._note = note
        return other

    def save(self, run: Run) -> Path:
        """Write ``run`` (see ``core.records.store.save``) and drop the oldest records above the limit."""
        before = self.modified(run.run_id)
        folder = save(run, self.root)
        written = self.modified(run.run_id)
        if self._note is not None and written is not None and written != before:
            self._note(run.run_id, written)
        for old in self._folders()[self.keep :] if self.keep is not None else ():
            if old != folder:
                shutil.rmtree(old, ignore_errors=True)
        return folder

    def delete(self, run_id: str) -> None:
        """Take a record away for good; ``RecordError`` for no run id, nothing where there is no such record."""
        folder = self._folder(run_id)
        (folder / RUN_FILE).unlink(missing_ok=True)  # first, so that nobody reads half of a record
        shutil.rmtree(folder, ignore_errors=True)

    def mark_interrupted(self) -> None:
        """Turn records that still say ``running`` into ``interrupted``: for a server that has just started.

        Its predecessor died without a word. A run of another process in the same folder corrects this at
        the end of its next epoch.
        """
        for summary in self.summaries()[0]:
            if summary.status == "running":
                message = f"the server ended after {len(summary.epochs)} of {summary.config.epochs} epochs"
                # one that cannot be read, or on a full disk written, stays as it is
                with contextlib.suppress(RecordError, OSError):
                    run: Run = self.load(summary.run_id) if summary.epochs else summary
                    self.save(run.changed(status="interrupted", message=message))
