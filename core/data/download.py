"""torchvision's data sets behind one door: imported where they can be, fetched whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import http.client
import importlib
import socket
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import torch

DOWNLOAD_TIMEOUT = 20.0
"""Seconds without a byte after which a download has failed."""


Progress = Callable[[int], None]
"""Called with the bytes on disk so far while a data set is downloaded."""


class DataError(RuntimeError):
    """A data set that cannot be had. The message is one sentence for the person who asked."""


def torchvision_datasets() -> ModuleType:
    """torchvision.datasets, also where torchvision's compiled library does not load.

    A CPU build of torch with the torchvision of another index cannot load that library, and importing
    the package then fails on two operators that it only wants to describe. Data sets need neither, so
    they are declared and the import is tried once more.
    """
    try:
        return importlib.import_module("torchvision.datasets")
    except RuntimeError as error:
        if "torchvision::" not in str(error):
            raise
    for operator in ("nms", "qnms"):
        with contextlib.suppress(RuntimeError):  # declared by an earlier attempt
            _OPERATORS.define(f"{operator}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    return importlib.import_module("torchvision.datasets")


_OPERATORS = torch.library.Library("torchvision", "FRAGMENT")  # declarations live as long as this does


def download(kind: type, title: str, folder: Path, names: list[str], progress: Progress | None) -> None:
    """Fetch into a temporary folder beside the target, check, and move in place: all or nothing."""
    was_there = folder.exists()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".download-", dir=folder) as temporary:
            with _timeout(DOWNLOAD_TIMEOUT), _watch(Path(temporary), progress):
                kind(temporary, download=True)  # fetches all four files, checks their MD5 and unpacks them
            raw = folder / kind.__name__ / "raw"
            raw.mkdir(parents=True, exist_ok=True)
            for name in names:
                (Path(temporary) / kind.__name__ / "raw" / name).replace(raw / name)
    except (OSError, RuntimeError, EOFError, ValueError, http.client.HTTPException) as error:
        if not was_there:
            with contextlib.suppress(OSError):  # not empty: another download has filled it meanwhile
                folder.rmdir()
        raise DataError(_why(title, folder, error)) from error


def _why(title: str, folder: Path, error: Exception) -> str:
    code = getattr(error, "errno", None)
    if code in (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)):
        return f"{title} could not be downloaded: the disk that holds {folder} is full."
    if code in (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST, errno.ENAMETOOLONG):
        return f"{title} is not in {folder} and could not be downloaded: that folder cannot be written."
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        return f"{title} could not be downloaded: the server's certificate could not be checked on this machine."
    if "corrupted" in str(error) or isinstance(error, EOFError):
        return f"{title} could not be downloaded: a file arrived incomplete or altered. Try again later."
    return f"{title} is not in {folder} and could not be downloaded: the network or the server did not answer."


@contextlib.contextmanager
def _timeout(seconds: float) -> Iterator[None]:
    # torchvision opens its addresses without a limit: a silent server would hold the race for ever
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(seconds)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)


@contextlib.contextmanager
def _watch(folder: Path, progress: Progress | None) -> Iterator[None]:
    """Report the bytes under ``folder`` five times a second while the block runs."""
    if progress is None:
        yield
        return
    done = threading.Event()

    def report() -> None:
        while not done.wait(0.2):
            with contextlib.suppress(OSError):  # a file may vanish between the listing and the look
                progress(sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()))

    watcher = threading.Thread(target=report, daemon=True, name="normlens-download")
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()
