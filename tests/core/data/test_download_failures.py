"""Downloads that fail: one sentence, nothing left behind, the next mirror, and what the app goes on with."""

from __future__ import annotations

import contextlib
import errno
import re
import socket
import threading
from itertools import count
from pathlib import Path
from ssl import SSLCertVerificationError
from tempfile import TemporaryDirectory
from urllib.error import URLError

import pytest

from core.data import datasets as data
from core.data.download import DataError, download, reason_for_visitors
from core.jobs.supply import load_or_fallback
from tests.core.data.test_download import FILES
from tests.core.mirror import Server


@pytest.fixture
def mnist(mirror) -> type:
    """torchvision's class, with ``mirror`` as its only mirror."""
    return data.torchvision_datasets().MNIST


def left_behind(root: Path) -> list[Path]:
    return sorted(root.rglob("*")) if root.exists() else []


def truncated(handler, name):
    if name == f"{FILES[2]}.gz":
        body = b"\x1f\x8b" + bytes(1000)
        handler.send(body[:500], len(body))
        return True
    return False


def altered(handler, name):
    if name == f"{FILES[1]}.gz":
        handler.send(b"not what the checksum is of")
        return True
    return False


def absent(handler, _):
    handler.send_error(404)
    return True


def failing(handler, _):
    handler.send_error(503)
    return True


def hanging_up(handler, _):
    handler.connection.shutdown(socket.SHUT_RDWR)
    handler.close_connection = True
    return True


def gibberish(handler, _):
    handler.wfile.write(b"this is no HTTP\r\n\r\n")
    handler.close_connection = True
    return True


UNANSWERED = "the network or the server did not answer"
INCOMPLETE = "a file arrived incomplete or altered"


@pytest.mark.parametrize("existed", [True, False])
@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (truncated, INCOMPLETE),
        (altered, INCOMPLETE),
        (absent, UNANSWERED),
        (failing, UNANSWERED),
        (hanging_up, UNANSWERED),
        (gibberish, UNANSWERED),
    ],
)
def test_a_failed_download_is_one_sentence_and_leaves_nothing(mirror, tmp_path, answer, message, existed):
    mirror.answer = answer
    root = tmp_path / "root"
    if existed:
        root.mkdir()
    with pytest.raises(DataError, match=message) as caught:
        data.load("mnist", root)
    assert str(caught.value).startswith("MNIST ")
    assert "\n" not in str(caught.value)
    assert left_behind(root) == []
    assert root.exists() is existed


def test_a_refused_connection_is_one_sentence(mirror, name, kind, tmp_path, monkeypatch):
    with socket.socket() as s:  # a port that nobody listens on
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    monkeypatch.setattr(getattr(data.torchvision_datasets(), kind), "mirrors", [f"http://127.0.0.1:{port}/"])
    with pytest.raises(DataError, match=UNANSWERED) as caught:
        data.load(name, tmp_path / "root")
    assert str(tmp_path / "root") in str(caught.value)
    assert left_behind(tmp_path / "root") == []


def test_a_silent_server_is_given_up(mirror, mnist, tmp_path):
    quiet, asked = threading.Event(), threading.Event()
    limits = []

    def silent(*_):
        limits.append(socket.getdefaulttimeout())
        asked.set()
        return quiet.wait(60)

    mirror.answer = silent
    try:
        with pytest.raises(DataError, match=UNANSWERED):
            download(mnist, "MNIST", tmp_path / "root", timeout=0.2)
        assert asked.wait(60)  # a busy machine may come to it later than the caller has patience
    finally:
        quiet.set()
    assert left_behind(tmp_path / "root") == []
    assert limits == [None]  # other connections of the process keep theirs, also meanwhile


def test_a_server_that_drips_is_given_up(mirror, mnist, tmp_path):
    received = []
    second = count()  # on this clock every look takes one: the start, and then each piece that came

    with mirror.dripping() as hung_up, pytest.raises(DataError, match=UNANSWERED):
        download(mnist, "MNIST", tmp_path / "root", received.append, deadline=3, clock=lambda: next(second))
    assert hung_up.is_set()
    assert len(received) == 4  # the fourth came after the deadline
    assert left_behind(tmp_path / "root") == []


@pytest.mark.parametrize("answer", [truncated, altered, absent, failing, hanging_up, gibberish])
def test_the_next_mirror_is_asked_where_one_fails(mirror, mnist, raw_files, tmp_path, monkeypatch, answer):
    other = Server(mirror.files)
    monkeypatch.setattr(mnist, "mirrors", [mirror.url, other.url])
    mirror.answer = answer
    try:
        data.load("mnist", tmp_path)
    finally:
        other.close()
    assert {name: (tmp_path / "MNIST" / "raw" / name).read_bytes() for name in FILES} == raw_files
    assert mirror.asked == list(mirror.files)  # the first one is asked first, for every file
    wrong = {truncated: [FILES[2]], altered: [FILES[1]]}.get(answer, FILES)
    assert other.asked == [f"{name}.gz" for name in wrong]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_full_disk_is_named(mnist, tmp_path):
    @contextlib.contextmanager
    def on_a_full_disk(folder):
        with TemporaryDirectory(dir=folder) as place:
            Path(place, f"{FILES[0]}.gz").symlink_to("/dev/full")
            yield place

    with pytest.raises(DataError, match=f"the disk that holds {tmp_path / 'root'} is full"):
        download(mnist, "MNIST", tmp_path / "root", workspace=on_a_full_disk)
    assert left_behind(tmp_path / "root") == []


UNCHECKED = URLError(SSLCertVerificationError(1, "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed"))


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "the disk that holds ROOT is full"),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), "the disk that holds ROOT is full"),
        (OSError(errno.EACCES, "Permission denied"), "MNIST is not in ROOT .* that folder cannot be written"),
        (OSError(errno.EROFS, "Read-only file system"), "MNIST is not in ROOT .* that folder cannot be written"),
        (UNCHECKED, "certificate could not be checked"),
        (ExceptionGroup("of two mirrors", [UNCHECKED, OSError("unreachable")]), "certificate could not be checked"),
        (OSError("unreachable"), UNANSWERED),
    ],
)
def test_a_failure_is_told_by_its_cause(mnist, tmp_path, error, reason):
    def refuse(_):
        raise error

    with pytest.raises(DataError, match=reason.replace("ROOT", str(tmp_path))) as caught:
        download(mnist, "MNIST", tmp_path, workspace=refuse)
    for_visitors = reason_for_visitors(caught.value)
    assert re.search(reason.replace("ROOT", "this server's folder of data sets"), for_visitors)
    assert str(tmp_path) not in for_visitors


def test_a_file_where_the_folder_belongs_is_named(mirror, tmp_path):
    (tmp_path / "MNIST").write_text("in the way")
    with pytest.raises(DataError, match=f"MNIST is not in {tmp_path} .* that folder cannot be written"):
        data.load("mnist", tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["MNIST"]


def test_a_folder_that_cannot_be_read_is_named(tmp_path, monkeypatch):
    def refuse(path):
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(data.Path, "is_file", refuse)
    with pytest.raises(DataError, match=r"MNIST in .*raw cannot be read \(Permission denied\)"):
        data.load("mnist", tmp_path)


# the app's loader


def test_the_app_goes_on_with_small_mnist_and_says_why(mirror, tmp_path):
    mirror.answer = absent
    found, note = load_or_fallback("mnist", None, tmp_path / "root")
    assert found.name == "mnist-small"
    assert note == (
        "MNIST is not in this server's folder of data sets and could not be downloaded: the network or the server did "
        "not answer. The race goes on with the data set small MNIST, which comes with the app."
    )


def test_the_app_goes_on_with_small_mnist_where_the_root_is_a_file(tmp_path):
    (tmp_path / "file").write_text("")
    found, note = load_or_fallback("fashion-mnist", None, tmp_path / "file")
    assert found.name == "mnist-small"
    assert note == (
        "The place where this server is told to keep its data sets is not a folder. "
        "The race goes on with the data set small MNIST, which comes with the app."
    )


def test_the_app_takes_what_there_is(raw_files, put, tmp_path):
    put(tmp_path, raw_files)
    found, note = load_or_fallback("mnist", None, tmp_path)
    assert (found.name, len(found.train_images), note) == ("mnist", 50, "")
