"""A file that is written whole or not at all. Standard library only."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import shutil
from pathlib import Path


def write_whole(path: Path, data: bytes) -> None:
    """Write ``data`` to ``path``: beside it first, then renamed, so that a full disk leaves what was there.

    Where ``path`` is a link, what it leads to is replaced, and the link stays. A file that is replaced hands on its
    permissions and, where that is allowed, its owner. Raises ``OSError``, which names ``path`` and no other file.
    """
    try:
        target = Path(os.path.realpath(path))  # unlike Path.resolve, also where a link leads to itself
        there = target.exists()
        if there and not os.access(target, os.W_OK):  # a rename would not ask
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        temporary = target.with_name(f".new-{secrets.token_hex(8)}")
        try:
            with temporary.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())  # a disk that is full, or far away, says so now
            if there:
                _hand_on(target, temporary)
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error


def _hand_on(old: Path, new: Path) -> None:
    """Give ``new`` the owner and the permissions of ``old``."""
    if hasattr(os, "chown"):
        with contextlib.suppress(OSError):  # only root gives files away
            os.chown(new, old.stat().st_uid, old.stat().st_gid)
    shutil.copymode(old, new)
