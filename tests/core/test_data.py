"""Data sets: what they hold, how batches and augmentation behave, and what is said when they cannot be had."""

from __future__ import annotations

import builtins
import errno
import gc
import gzip
import hashlib
import http.server
import os
import socket
import struct
import threading
import time
import warnings
from pathlib import Path

import pytest
import torch

from core import data
from core.config import ConfigError
from core.data import DataError, augment, standardize, to_float, training_batches
from core.jobs import load_or_digits

FILES = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")
KINDS = {"mnist": "MNIST", "fashion-mnist": "FashionMNIST"}


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def idx_images(images: torch.Tensor) -> bytes:
    return struct.pack(">4i", 0x803, *images.shape) + images.numpy().tobytes()


def idx_labels(labels: torch.Tensor) -> bytes:
    return struct.pack(">2i", 0x801, len(labels)) + labels.to(torch.uint8).numpy().tobytes()


@pytest.fixture(scope="session")
def raw_files() -> dict[str, bytes]:
    """A valid data set of 50 training and 20 test images in MNIST's own format."""
    files = {}
    for part, count, names in (("train", 50, FILES[:2]), ("test", 20, FILES[2:])):
        g = generator(len(part))
        files[names[0]] = idx_images(torch.randint(0, 256, (count, 28, 28), dtype=torch.uint8, generator=g))
        files[names[1]] = idx_labels(torch.arange(count) % 10)
    return files


def put(root: Path, files: dict[str, bytes], kind: str = "MNIST") -> Path:
    raw = root / kind / "raw"
    raw.mkdir(parents=True)
    for name, content in files.items():
        (raw / name).write_bytes(content)
    return raw


class Server:
    """A mirror on this machine: serves ``files``, or whatever ``answer`` makes of a request."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files = files
        self.answer = None
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                name = self.path.rsplit("/", 1)[-1]
                if outer.answer is not None and outer.answer(self, name):
                    return
                if name not in outer.files:
                    self.send_error(404)
                    return
                self.send(outer.files[name])

            def send(self, body: bytes, length: int | None = None) -> None:
                self.send_response(200)
                self.send_header("Content-Length", str(len(body) if length is None else length))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/"

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture(params=["mnist", "fashion-mnist"])
def name(request) -> str:
    return request.param


@pytest.fixture
def mirror(raw_files, monkeypatch):
    """torchvision's classes look for their files, small and valid, on this machine alone."""
    packed = {f"{file}.gz": gzip.compress(content) for file, content in raw_files.items()}
    server = Server(packed)
    datasets = data._torchvision_datasets()
    for kind in KINDS.values():
        cls = getattr(datasets, kind)
        monkeypatch.setattr(cls, "mirrors", [server.url])
        monkeypatch.setattr(
            cls, "resources", [(file, hashlib.md5(content).hexdigest()) for file, content in packed.items()]
        )
    for proxy in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(proxy, raising=False)
    yield server
    server.close()
    with warnings.catch_warnings():
        # torchvision leaves the answers 404 and 503 open: they are closed here, not in the middle of another test
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


def left_behind(root: Path) -> list[Path]:
    return sorted(root.rglob("*")) if root.exists() else []


# what the data sets hold


def test_mnist_is_the_real_one(mnist_root):
    mnist = data.load("mnist", mnist_root)
    assert mnist.train_images.shape == (60_000, 28, 28)
    assert mnist.test_images.shape == (10_000, 28, 28)
    assert mnist.train_images.dtype == torch.uint8
    assert mnist.mean == pytest.approx(0.1307, abs=5e-5)
    assert mnist.std == pytest.approx(0.3081, abs=5e-5)
    assert mnist.train_labels[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert mnist.test_labels[:10].tolist() == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]
    # 980 zeros, 1135 ones, ... as published
    assert mnist.test_labels.bincount().tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert mnist.fingerprint == data.load("mnist", mnist_root).fingerprint
    assert mnist.classes == tuple("0123456789")


def test_digits_hold_all_classes_in_both_parts(digits):
    assert digits.train_images.shape == (1438, 28, 28)
    assert digits.test_images.shape == (359, 28, 28)
    assert digits.train_images.dtype == digits.test_images.dtype == torch.uint8
    assert digits.train_labels.dtype == torch.int64
    for labels in (digits.train_labels, digits.test_labels):
        assert labels.bincount(minlength=10).min() >= 20
    assert digits.train_images.max() == 255
    # two pixels of paper around 24 x 24
    assert digits.train_images[:, :2].max() == digits.train_images[:, :, -2:].max() == 0
    values = digits.train_images.double() / 255
    assert digits.mean == pytest.approx(float(values.mean()), abs=1e-12)
    assert digits.std == pytest.approx(float(values.std(unbiased=False)), abs=1e-12)


def test_the_fingerprint_is_of_the_test_set(digits):
    assert data.load("digits").fingerprint == digits.fingerprint
    digest = hashlib.sha256(digits.test_images.numpy().tobytes() + digits.test_labels.numpy().tobytes())
    assert digits.fingerprint == digest.hexdigest()


def test_files_in_place_are_read_without_a_network(name, raw_files, tmp_path):
    put(tmp_path, raw_files, KINDS[name])
    found = data.load(name, tmp_path)
    assert found.name == name
    assert found.classes == data.CLASS_NAMES[name]
    assert idx_images(found.train_images) == raw_files[FILES[0]]
    assert idx_labels(found.test_labels) == raw_files[FILES[3]]


def test_a_batch_larger_than_the_data_is_refused(digits):
    digits.check_batch_size(1438)
    with pytest.raises(
        ConfigError,
        match=r"batch_size=1439 is larger than the 1438 training images of digits.*; use 1438 or fewer",
    ):
        digits.check_batch_size(1439)


# batches and augmentation


def test_floats_and_standardization(digits):
    x = to_float(digits.train_images[:5])
    assert x.shape == (5, 1, 28, 28)
    assert x.dtype == torch.float32
    torch.testing.assert_close(x[:, 0], digits.train_images[:5] / 255)
    every = standardize(to_float(digits.train_images), digits)
    assert float(every.mean()) == pytest.approx(0, abs=1e-5)
    assert float(every.std(unbiased=False)) == pytest.approx(1, abs=1e-5)


def test_batches_cover_every_image_once(digits):
    batches = list(training_batches(digits, 100, generator(), augmented=False))
    assert [len(x) for x, _ in batches] == [100] * 14 + [38]
    x = torch.cat([x for x, _ in batches])
    back = (x[:, 0] * digits.std + digits.mean).mul(255).round().to(torch.uint8)
    assert sorted(image.numpy().tobytes() for image in back) == sorted(
        image.numpy().tobytes() for image in digits.train_images
    )
    labels = torch.cat([y for _, y in batches])
    assert torch.equal(labels.bincount(), digits.train_labels.bincount())
    assert not torch.equal(labels, digits.train_labels)
    # each image keeps its label
    pairs = {image.numpy().tobytes(): int(y) for image, y in zip(digits.train_images, digits.train_labels, strict=True)}
    assert all(pairs[image.numpy().tobytes()] == int(y) for image, y in zip(back, labels, strict=True))


@pytest.mark.parametrize("augmented", [True, False])
def test_equal_generators_give_equal_epochs_and_the_next_epoch_differs(digits, augmented):
    def epoch(g):
        return [(x.clone(), y.clone()) for x, y in training_batches(digits, 500, g, augmented=augmented)]

    first, again = generator(5), generator(5)
    one, two = epoch(first), epoch(again)
    for (x, y), (x2, y2) in zip(one, two, strict=True):
        assert torch.equal(x, x2)
        assert torch.equal(y, y2)
    assert not torch.equal(one[0][1], epoch(first)[0][1])
    assert not torch.equal(one[0][1], epoch(generator(6))[0][1])


def test_augmentation_with_nothing_drawn_is_the_identity(digits, monkeypatch):
    # the middle of the range draws angle 0, shift 0 and factors of 1
    monkeypatch.setattr(torch, "rand", lambda *shape, generator: torch.full(shape, 0.5))
    x = to_float(digits.train_images[:16])
    torch.testing.assert_close(augment(x.clone(), generator()), x, rtol=0, atol=1e-5)


def draws(monkeypatch, values):
    """Let ``augment`` draw these five numbers from -1 to 1: angle, two shifts, brightness, contrast."""
    column = (torch.tensor(values)[:, None] + 1) / 2
    monkeypatch.setattr(torch, "rand", lambda n, b, generator: column.expand(n, b).clone())


def test_a_full_shift_is_two_pixels(monkeypatch):
    x = torch.zeros(1, 1, 28, 28)
    x[0, 0, 10, 12] = 1
    draws(monkeypatch, [0.0, 1.0, -1.0, 0.0, 0.0])
    moved = augment(x.clone(), generator())
    row, column = divmod(int(moved[0, 0].argmax()), 28)
    # the grid says where each pixel comes from: + 2 columns moves the ink left, - 2 rows moves it down
    assert (row, column) == (12, 10)
    assert float(moved[0, 0, 12, 10]) == pytest.approx(1, abs=1e-4)


def test_a_full_turn_is_ten_degrees(monkeypatch):
    x = torch.zeros(1, 1, 28, 28)
    x[0, 0, 3:5, 13:15] = 1  # 10 pixels above the middle
    draws(monkeypatch, [1.0, 0.0, 0.0, 0.0, 0.0])
    turned = augment(x.clone(), generator())[0, 0]
    rows, columns = torch.meshgrid(torch.arange(28.0), torch.arange(28.0), indexing="ij")
    down = float((turned * rows).sum() / turned.sum()) - 13.5
    right = float((turned * columns).sum() / turned.sum()) - 13.5
    angle = torch.rad2deg(torch.atan2(torch.tensor(abs(right)), torch.tensor(-down)))
    assert float(angle) == pytest.approx(10, abs=0.5)


def test_brightness_and_contrast_by_hand(monkeypatch):
    x = torch.full((1, 1, 28, 28), 0.4)
    x[..., 14:] = 0.6
    draws(monkeypatch, [0.0, 0.0, 0.0, 1.0, 0.0])
    brighter = augment(x.clone(), generator())
    assert float(brighter[0, 0, 14, 5]) == pytest.approx(0.44, abs=1e-4)
    draws(monkeypatch, [0.0, 0.0, 0.0, 0.0, 1.0])
    stronger = augment(x.clone(), generator())
    # about the image's mean, 0.5
    assert float(stronger[0, 0, 14, 5]) == pytest.approx(0.39, abs=1e-4)
    assert float(stronger[0, 0, 14, 20]) == pytest.approx(0.61, abs=1e-4)


def test_every_image_is_changed_in_its_own_way_and_stays_in_range(digits):
    x = to_float(digits.train_images[:1]).expand(64, 1, 28, 28).contiguous()
    out = augment(x.clone(), generator(1))
    assert out.shape == x.shape
    assert float(out.min()) >= 0
    assert float(out.max()) <= 1
    assert len({image.numpy().tobytes() for image in out}) == 64
    assert torch.equal(out, augment(x.clone(), generator(1)))
    assert not torch.equal(out, augment(x.clone(), generator(2)))


def test_white_noise_stays_in_range():
    out = augment(torch.rand(32, 1, 28, 28, generator=generator()).round(), generator())
    assert 0 <= float(out.min()) <= float(out.max()) <= 1


# downloads


def test_missing_files_are_downloaded_once(name, mirror, raw_files, tmp_path):
    root = tmp_path / "new" / "root"
    found = data.load(name, root)
    assert idx_images(found.test_images) == raw_files[FILES[2]]
    raw = root / KINDS[name] / "raw"
    assert sorted(p.name for p in raw.iterdir()) == sorted(FILES)
    assert [p.name for p in root.iterdir()] == [KINDS[name]]
    mirror.files = {}  # the second time nothing is asked for
    assert data.load(name, root).fingerprint == found.fingerprint


def test_one_missing_file_is_fetched_again(mirror, raw_files, tmp_path):
    raw = put(tmp_path, {k: v for k, v in raw_files.items() if k != FILES[1]})
    data.load("mnist", tmp_path)
    assert (raw / FILES[1]).read_bytes() == raw_files[FILES[1]]


def test_progress_is_told_in_growing_bytes(mirror, raw_files, tmp_path):
    body = mirror.files[f"{FILES[0]}.gz"]
    seen: list[int] = []

    def slowly(handler, name):
        if name != f"{FILES[0]}.gz":
            return False
        first.append(name)
        handler.send(body[:-1000], len(body))
        handler.wfile.flush()
        # go on once a part was reported; torchvision asks for each address twice and reads the second answer
        end = time.monotonic() + 20
        while len(first) == 2 and not any(seen) and time.monotonic() < end:
            time.sleep(0.01)
        handler.wfile.write(body[-1000:])
        return True

    first: list[str] = []
    mirror.answer = slowly
    data.load("mnist", tmp_path, progress=seen.append)
    assert seen
    assert seen == sorted(seen)
    assert 0 < seen[-1] <= sum(len(f) for f in (*mirror.files.values(), *raw_files.values()))


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


@pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")
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


def test_a_refused_connection_is_one_sentence(mirror, name, tmp_path, monkeypatch):
    with socket.socket() as s:  # a port that nobody listens on
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    monkeypatch.setattr(getattr(data._torchvision_datasets(), KINDS[name]), "mirrors", [f"http://127.0.0.1:{port}/"])
    with pytest.raises(DataError, match=UNANSWERED) as caught:
        data.load(name, tmp_path / "root")
    assert str(tmp_path / "root") in str(caught.value)
    assert left_behind(tmp_path / "root") == []


def test_a_silent_server_is_given_up(mirror, tmp_path, monkeypatch):
    monkeypatch.setattr(data, "DOWNLOAD_TIMEOUT", 0.2)
    quiet = threading.Event()
    mirror.answer = lambda handler, _: quiet.wait(20)
    try:
        with pytest.raises(DataError, match=UNANSWERED):
            data.load("mnist", tmp_path / "root")
    finally:
        quiet.set()
    assert left_behind(tmp_path / "root") == []
    assert socket.getdefaulttimeout() is None


def test_a_full_disk_is_named(mirror, tmp_path, monkeypatch):
    class Full:
        """A file on a full disk."""

        def __init__(self, file):
            self.file = file

        def __enter__(self):
            return self

        def __exit__(self, *_):
            self.file.close()

        def write(self, _):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    real = builtins.open

    def full_open(file, mode="r", *rest, **named):
        opened = real(file, mode, *rest, **named)
        return Full(opened) if "w" in mode and str(file).endswith(".gz") else opened

    monkeypatch.setattr(builtins, "open", full_open)
    with pytest.raises(DataError, match=f"the disk that holds {tmp_path / 'root'} is full"):
        data.load("mnist", tmp_path / "root")
    assert left_behind(tmp_path / "root") == []


@pytest.mark.parametrize("code", [errno.EACCES, errno.EROFS])
def test_a_folder_that_cannot_be_written_is_named(mirror, tmp_path, monkeypatch, code):
    def refuse(*_, **__):
        raise OSError(code, os.strerror(code), str(tmp_path))

    monkeypatch.setattr(data.tempfile, "mkdtemp", refuse)
    with pytest.raises(DataError, match=f"MNIST is not in {tmp_path} .* that folder cannot be written"):
        data.load("mnist", tmp_path)


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


# the data root


def test_a_data_root_that_is_a_file_is_refused(tmp_path):
    file = tmp_path / "file"
    file.write_text("")
    with pytest.raises(ConfigError, match=f"the data root {file} is a file; use a folder"):
        data.data_root(file)
    with pytest.raises(ConfigError, match=f"lies below {file}, which is a file; use a folder"):
        data.load("mnist", file / "below" / "it")


def test_a_home_that_does_not_exist_is_refused():
    with pytest.raises(ConfigError, match="names a user that is not known; use a folder"):
        data.data_root("~nobody-of-this-name/data")


def test_the_data_root_is_the_argument_then_the_variable_then_a_cache_folder(tmp_path, monkeypatch):
    monkeypatch.setenv(data.DATA_ENV, str(tmp_path / "variable"))
    assert data.data_root(tmp_path / "argument") == tmp_path / "argument"
    assert data.data_root() == tmp_path / "variable"
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv(data.DATA_ENV)
    assert data.data_root().name == "data"
    assert data.data_root().is_relative_to(tmp_path)
    assert not (tmp_path / "cache").exists()


# files that are not what they should be


def replaced(name, content):
    return lambda files: {**files, name: content(files[name])}


DAMAGE = {
    "empty": replaced(FILES[0], lambda _: b""),
    "cut short": replaced(FILES[0], lambda b: b[:-1000]),
    "cut in the header": replaced(FILES[2], lambda b: b[:7]),
    "another magic number": replaced(FILES[2], lambda b: b"\xff" * 8 + b[8:]),
    "labels as images": lambda files: {**files, FILES[2]: files[FILES[3]]},
    "fewer labels than images": replaced(FILES[1], lambda _: idx_labels(torch.arange(7))),
    "a label of 200": replaced(FILES[3], lambda b: b[:-1] + b"\xc8"),
    "other image size": replaced(FILES[2], lambda _: idx_images(torch.zeros(20, 27, 28, dtype=torch.uint8))),
    "no image": replaced(FILES[2], lambda _: struct.pack(">4i", 0x803, 0, 28, 28)),
    "a huge count": replaced(FILES[2], lambda b: b[:4] + b"\x7f\xff\xff\xff" + b[8:]),
    "text": replaced(FILES[1], lambda _: b"<html>not found</html>"),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE.keys())
def test_corrupt_files_are_refused_with_their_folder(raw_files, tmp_path, damage):
    raw = put(tmp_path, damage(raw_files))
    with pytest.raises(DataError, match=f"^MNIST in {raw} cannot be read ") as caught:
        data.load("mnist", tmp_path)
    assert str(caught.value).endswith("; remove that folder and it is downloaded again.")
    assert "\n" not in str(caught.value)
    assert sorted(p.name for p in raw.iterdir()) == sorted(FILES)  # what a person put there stays


def test_a_legacy_pickle_beside_the_files_is_not_executed(raw_files, tmp_path):
    put(tmp_path, raw_files)
    legacy = tmp_path / "MNIST" / "processed"
    legacy.mkdir()
    marker = tmp_path / "executed"
    for file in ("training.pt", "test.pt"):
        # a pickle that would create the marker
        (legacy / file).write_bytes(b"cbuiltins\nopen\n(V" + str(marker).encode() + b"\nVw\ntR.")
    with pytest.raises(DataError, match="cannot be read"):
        data.load("mnist", tmp_path)
    assert not marker.exists()


# the app's loader


@pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")
def test_the_app_goes_on_with_digits_and_says_why(mirror, tmp_path):
    mirror.answer = absent
    found, note = load_or_digits("mnist", None, tmp_path / "root")
    assert found.name == "digits"
    assert note == (
        f"MNIST is not in {tmp_path / 'root'} and could not be downloaded: the network or the server did not "
        "answer. The race goes on with digits, which come with the app."
    )


def test_the_app_goes_on_with_digits_where_the_root_is_a_file(tmp_path):
    (tmp_path / "file").write_text("")
    found, note = load_or_digits("fashion-mnist", None, tmp_path / "file")
    assert found.name == "digits"
    assert note.startswith(f"the data root {tmp_path / 'file'} is a file; use a folder")


def test_the_app_takes_what_there_is(raw_files, tmp_path):
    put(tmp_path, raw_files)
    found, note = load_or_digits("mnist", None, tmp_path)
    assert (found.name, len(found.train_images), note) == ("mnist", 50, "")
