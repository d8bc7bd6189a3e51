"""Whether the records of a race can be kept: told when it begins, not after an epoch."""

from __future__ import annotations

import logging
import secrets
from pathlib import Path
from tempfile import TemporaryDirectory

PROBE_BYTES = 500_000
"""About what a record takes: on a full disk a folder can still be made, and an empty file."""

_log = logging.getLogger(__name__)


def can_keep(root: Path) -> bool:
    """Whether a record can be written below ``root``, tried with as many bytes; where not, the log says why."""
    try:
        root.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=".probe-", dir=root) as folder:
            Path(folder, "record").write_bytes(secrets.token_bytes(PROBE_BYTES))
    except OSError as error:
        _log.warning("runs cannot be kept in %s: %s", root, error)
        return False
    return True
