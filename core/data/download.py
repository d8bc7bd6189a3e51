"""Fetches the files of torchvision's data sets: all of them or none, and one sentence where that fails."""

from __future__ import annotations

import contextlib
import errno
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from http.client import HTTPException
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from tqdm import tqdm

from core.config import ConfigError

if TYPE_CHECKING:
    from torchvision.datasets import MNIST

Progress = Callable[[int], None]
"""Called with the bytes received so far, in the thread that downloads: what it raises ends the download."""

Clock = Callable[[], float]
"""Gives seconds, from any start."""

NO_FOLDER = "The place where this server is told to keep its data sets is not a folder."
THE_FOLDER = "this server's folder of data sets"
UNREADABLE = "What this server has of {title} cannot be read."

_FAILURES = (OSError, EOFError, RuntimeError, ValueError, HTTPException)


class DataError(RuntimeError):
    """A data set that cannot be had. The message is one sentence for the person who asked.

    for_visitors: the same for those of a server, whose folders are not theirs to know; by default the message.
    """

    def __init__(self, message: str, *, for_visitors: str = "") -> None:
        super().__init__(message)
        self.for_visitors = for_visitors or message


def reason_for_visitors(error: DataError | ConfigError) -> str:
    """Why ``load`` could not give a data set, in a sentence that names no folder of the server."""
    return error.for_visitors if isinstance(error, DataError) else NO_FOLDER


def download(
    kind: type[MNIST],
    title: str,
    folder: Path,
    progress: Progress | None = None,
    *,
    timeout: float = 20.0,
    deadline: float = 900.0,
    clock: Clock = time.monotonic,
    workspace: Callable[[Path], AbstractContextManager[str]] = lambda folder: TemporaryDirectory(
        prefix=".download-", dir=folder
    ),
) -> None:
    """Put the files of torchvision's class ``kind`` where it looks for them below ``folder``: all or nothing.

    Their list, checksums, mirrors and unpacking are torchvision's, whose own download waits for a silent server for
    ever. Raises ``DataError``, and leaves nothing behind then.  progress: without one, a bar on stderr.

    timeout: seconds of silence after which the next mirror is asked.  deadline: seconds for all files together, by
    ``clock``.
    workspace: makes a temporary folder inside ``folder``, so that the files can be moved into place.
    """
    from torchvision.datasets.utils import extract_archive

    end, is_new, received = clock() + deadline, not folder.exists(), 0
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with workspace(folder) as place, tqdm(desc=title, unit="B", unit_scale=True, disable=bool(progress)) as bar:
            for name, md5 in kind.resources:
                for size in _fetch(kind.mirrors, Path(place, name), md5, timeout):
                    received += size
                    bar.update(size)
                    if progress:
                        progress(received)
                    if clock() > end:
                        raise TimeoutError(f"not done within {deadline:g} seconds")
                extract_archive(Path(place, name))
            raw = folder / kind.__name__ / "raw"
            raw.mkdir(parents=True, exist_ok=True)
            for unpacked in (Path(place, name).with_suffix("") for name, _ in kind.resources):
                unpacked.replace(raw / unpacked.name)
    except (*_FAILURES, ExceptionGroup) as error:
        causes = getattr(error, "exceptions", (error,))
        raise DataError(_why(title, str(folder), causes), for_visitors=_why(title, THE_FOLDER, causes)) from error
    finally:
        if is_new:
            with contextlib.suppress(OSError):  # not empty: it has the files
                folder.rmdir()


def _fetch(mirrors: list[str], target: Path, md5: str, timeout: float) -> Iterator[int]:
    """Write ``target`` from the first mirror that gives what ``md5`` is of; yields the size of each piece."""
    from torchvision.datasets.utils import USER_AGENT, check_integrity

    failures: list[Exception] = []
    for mirror in mirrors:
        request = Request(mirror + target.name, headers={"User-Agent": USER_AGENT})
        try:
            with urlopen(request, timeout=timeout) as answer, target.open("wb") as file:
                while piece := answer.read1(1 << 16):
                    file.write(piece)
                    yield len(piece)
            if check_integrity(target, md5):
                return
            raise EOFError(f"{request.full_url} came incomplete or altered")
        except _FAILURES as error:
            failures.append(error)
            if isinstance(error, HTTPError):
                error.close()
    raise ExceptionGroup(f"no mirror gave {target.name}", failures)


def _why(title: str, folder: str, causes: tuple[Exception, ...]) -> str:
    codes = {getattr(cause, "errno", None) for cause in causes}
    if codes & {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}:
        return f"{title} could not be downloaded: the disk that holds {folder} is full."
    unusable = {errno.ENOENT, errno.ELOOP, errno.EINVAL, errno.ENOTDIR, errno.EEXIST, errno.ENAMETOOLONG}
    if codes & {errno.EACCES, errno.EPERM, errno.EROFS, *unusable}:
        return f"{title} is not in {folder} and could not be downloaded: that folder cannot be written."
    if any("CERTIFICATE_VERIFY_FAILED" in str(cause) for cause in causes):
        return f"{title} could not be downloaded: the server's certificate could not be checked on this machine."
    if any(isinstance(cause, EOFError) for cause in causes):
        return f"{title} could not be downloaded: a file arrived incomplete or altered. Try again later."
    return f"{title} is not in {folder} and could not be downloaded: the network or the server did not answer."
