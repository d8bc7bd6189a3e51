"""A record as one .zip, to hand on, and back from a stranger's.

    <run_id>/run.json, <run_id>/weights.safetensors, <run_id>/predictions.npz

Nothing of an archive is written to disk and no name in it is used as a path: the three files are read into
memory under limits, and then checked as any record is (``core.records.files.decode``).
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
from collections.abc import Sequence

from core.labels import listed
from core.quoting import quoted
from core.records.arrays import COMPRESSIONS, MOST_OF_A_NAME, PREDICTIONS_FILE
from core.records.files import MAX_BYTES, RUN_FILE, decode, decode_summary, encode
from core.records.network import check_network
from core.records.record import RecordError, Run

MAX_ZIP_BYTES = 8_000_000
"""Largest archive: a network that gets all 10,000 test images wrong leaves about 5 MB, a trained one 0.13."""
MAX_ENTRIES = 16
"""Three files, their folder, and what an operating system adds on its own."""
MAX_DIRECTORY_BYTES = 8_000
"""Largest table of contents, which is parsed before any entry is looked at."""
MAX_PREDICTIONS_BYTES = 24_000_000
"""All arrays of predictions.npz together, unpacked: 10,000 wrong images are 8.6 MB."""

_END = struct.Struct("<4s4H2LH")  # the record that ends an archive, with an empty comment
_LOCATOR_BYTES = 20
_ENCRYPTED = 0x1
_FIRST_NAME_AT = 30
"""Where the name of an archive's first entry begins; its length stands four bytes before that."""
_FOLDER = re.compile(r"\w[\w .()-]{0,99}")
_ADDED_BY_SYSTEMS = ("__MACOSX", ".DS_Store")
PYTORCH_FILE = (
    "it is a file of PyTorch (torch.save), which can hold code and is not opened here; upload the record of the run "
    "as this app or python -m core leaves it: {files} in one .zip"
)
_STAMP = (1980, 1, 1, 0, 0, 0)


def zip_name(run: Run) -> str:
    """A file name that tells the run: normlens_<norm>_seed<seed>_<run_id>.zip."""
    return f"normlens_{run.config.norm}_seed{run.config.seed}_{run.run_id}.zip"


def to_zip(run: Run) -> bytes:
    """The files of a run in one archive; equal runs give equal bytes.

    Stored, not deflated: the arrays hardly shrink, and the bytes then do not depend on the zlib at hand.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in sorted(encode(run).items()):
            entry = zipfile.ZipInfo(f"{run.run_id}/{name}", date_time=_STAMP)
            entry.create_system, entry.external_attr = 3, 0o644 << 16  # the same on every system
            archive.writestr(entry, data)
    return buffer.getvalue()


def from_zip(data: bytes) -> Run:
    """The record in an archive, its weights checked against the network that its configuration names.

    Of a run that stopped before its first epoch ended it is the summary, since there is nothing else.

    Allowed are the three files, at the top or in one folder of any name, stored or deflated. Raises
    ``RecordError`` with one sentence for anything else: too large, too many entries, other or repeated names,
    paths, encryption, other compressions, damage, and whatever ``decode`` and ``check_network`` refuse.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(_checked_end(data))) as archive:
            files = {name: _read(archive, entry, name) for name, entry in _entries(archive.infolist()).items()}
    except RecordError:
        raise
    except Exception as error:  # zipfile and zlib fail in many ways on a stranger's bytes
        raise RecordError("the archive is damaged: it cannot be unpacked") from error
    if PREDICTIONS_FILE in files:
        _check_predictions_size(files[PREDICTIONS_FILE])
    summary = decode_summary(files)
    run = decode(files) if summary.epochs else summary
    check_network(run)
    return run


def _checked_end(data: bytes) -> bytes:
    """``data``, where it is of a modest size and ends as an archive does, with a short table of contents."""
    if _is_of_pytorch(data):
        raise RecordError(PYTORCH_FILE.format(files=listed(tuple(MAX_BYTES))))
    if len(data) > MAX_ZIP_BYTES:
        raise RecordError(f"the archive is larger than {MAX_ZIP_BYTES:,} bytes")
    end = data[-_END.size :]
    if len(end) < _END.size or not end.startswith(b"PK\x05\x06") or not end.endswith(b"\0\0"):
        raise RecordError("it is not a whole .zip archive: another kind of file, or truncated")
    _, _, _, _, entries, directory_bytes, _, _ = _END.unpack(end)
    if data[-_END.size - _LOCATOR_BYTES :].startswith(b"PK\x06\x07"):  # it keeps these numbers elsewhere
        raise RecordError("the archive is in the 64-bit format, which so small a one does not need")
    if entries > MAX_ENTRIES or directory_bytes > MAX_DIRECTORY_BYTES:
        raise RecordError(f"the archive lists more than the {len(MAX_BYTES)} files of a record")
    return data


def _is_of_pytorch(data: bytes) -> bool:
    """Whether the first entry is the one with which torch.save begins: data.pkl in a folder of any name."""
    length = int.from_bytes(data[_FIRST_NAME_AT - 4 : _FIRST_NAME_AT - 2], "little")
    return data.startswith(b"PK\x03\x04") and data[_FIRST_NAME_AT : _FIRST_NAME_AT + length].endswith(b"/data.pkl")


def _entries(infos: Sequence[zipfile.ZipInfo]) -> dict[str, zipfile.ZipInfo]:
    """The entries by the name of the record's file that they hold."""
    if len(infos) > MAX_ENTRIES:
        raise RecordError(f"the archive lists more than the {len(MAX_BYTES)} files of a record")
    found: dict[str, zipfile.ZipInfo] = {}
    folders = set()
    for info in infos:
        path = info.orig_filename  # ``filename`` has been tidied up
        folder, _, name = path.rpartition("/")
        if folder.split("/")[0] in _ADDED_BY_SYSTEMS or name in _ADDED_BY_SYSTEMS or (not name and info.is_dir()):
            continue  # never read
        if "/" in path and not _FOLDER.fullmatch(folder):
            raise RecordError(f"the entry {_shown(path)} is not at the top of the archive or in one plain folder")
        if name not in MAX_BYTES:
            raise RecordError(f"the entry {_shown(path)} is none of {', '.join(MAX_BYTES)}")
        if name in found:
            raise RecordError(f"the archive holds {name} more than once")
        folders.add(folder)
        found[name] = info
    if len(folders) > 1:
        raise RecordError("the files of the archive lie in different folders; one record an archive")
    if RUN_FILE not in found:
        raise RecordError(f"the archive holds no {RUN_FILE}, so it is no record of a run")
    return found


def _shown(path: str) -> str:
    return quoted(path, MOST_OF_A_NAME)


def _read(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str) -> bytes:
    if info.flag_bits & _ENCRYPTED:
        raise RecordError(f"{name}: is encrypted; make the archive without a password")
    if info.compress_type not in COMPRESSIONS:
        raise RecordError(f"{name}: is compressed by method {info.compress_type}; use deflate or none")
    limit = MAX_BYTES[name]
    if info.file_size <= limit:
        with archive.open(info) as stream:
            data = stream.read(limit + 1)  # whatever the archive declares, no more than this is unpacked
        if len(data) <= limit:
            return data
    raise RecordError(f"{name}: unpacks to more than {limit:,} bytes")


def _check_predictions_size(data: bytes) -> None:
    # an archive in the archive; its reader takes no more of an array than is declared here
    try:
        with zipfile.ZipFile(io.BytesIO(_checked_end(data))) as archive:
            size = sum(info.file_size for info in archive.infolist())
    except Exception as error:
        raise RecordError(f"{PREDICTIONS_FILE}: not a whole archive of arrays") from error
    if size > MAX_PREDICTIONS_BYTES:
        raise RecordError(f"{PREDICTIONS_FILE}: unpacks to more than {MAX_PREDICTIONS_BYTES:,} bytes")
