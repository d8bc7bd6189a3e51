"""Downloads from a mirror on this machine: what is missing comes once, and progress is told."""

from __future__ import annotations

import hashlib
import time
from pathlib import Path

import pytest

from core.data import datasets as data
from tests.core.mirror import Server

FILES = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")


def test_missing_files_are_downloaded_once(name, kind, mirror, raw_files, tmp_path):
    root = tmp_path / "new" / "root"
    found = data.load(name, root)
    assert found.test_images.numpy().tobytes() == raw_files[FILES[2]][16:]
    raw = root / kind / "raw"
    assert sorted(p.name for p in raw.iterdir()) == sorted(FILES)
    assert [p.name for p in root.iterdir()] == [kind]
    mirror.files = {}  # the second time nothing is asked for
    assert data.load(name, root).fingerprint == found.fingerprint


def test_one_missing_file_is_fetched_again(mirror, raw_files, put, tmp_path):
    raw = put(tmp_path, {k: v for k, v in raw_files.items() if k != FILES[1]})
    data.load("mnist", tmp_path)
    assert (raw / FILES[1]).read_bytes() == raw_files[FILES[1]]


def test_progress_is_told_in_growing_bytes(mirror, raw_files, tmp_path):
    body = mirror.files[f"{FILES[0]}.gz"]
    seen: list[int] = []

    def slowly(handler, name):
        if name != f"{FILES[0]}.gz":
            return False
        handler.send(body[:-1000], len(body))
        handler.wfile.flush()
        # go on once a part was reported
        end = time.monotonic() + 20
        while not any(seen) and time.monotonic() < end:
            time.sleep(0.01)
        early.extend(seen)
        handler.wfile.write(body[-1000:])
        return True

    early: list[int] = []
    mirror.answer = slowly
    data.load("mnist", tmp_path, progress=seen.append)
    assert 0 < early[-1] <= len(body) - 1000  # told while the file still came
    assert seen == sorted(seen)
    assert seen[-1] == sum(len(file) for file in mirror.files.values())
    assert mirror.asked == list(mirror.files)  # each once, in torchvision's order


def test_what_progress_raises_ends_the_download(mirror, tmp_path):
    class Stopped(Exception):
        pass

    def stop(_):
        raise Stopped

    with pytest.raises(Stopped):
        data.load("mnist", tmp_path / "root", progress=stop)
    assert mirror.asked == [f"{FILES[0]}.gz"]
    assert not (tmp_path / "root").exists()


def test_without_progress_a_bar_is_drawn_on_stderr(mirror, tmp_path, capsys):
    data.load("mnist", tmp_path / "one")
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("\rMNIST: ")
    data.load("mnist", tmp_path / "two", progress=lambda _: None)
    assert capsys.readouterr() == ("", "")


DEBIAN = Path("/usr/share/datasets/fashion-mnist")


@pytest.mark.skipif(not DEBIAN.is_dir(), reason="no Fashion-MNIST here: apt-get install dataset-fashion-mnist")
def test_the_real_fashion_mnist_comes_the_same_way(monkeypatch, tmp_path):
    """From Debian's package, which has packed the same images anew, served by a mirror on this machine."""
    packed = {path.name: path.read_bytes() for path in DEBIAN.glob("*.gz")}
    server = Server(packed)
    cls = data.torchvision_datasets().FashionMNIST
    monkeypatch.setattr(cls, "mirrors", [server.url])
    monkeypatch.setattr(cls, "resources", [(file, hashlib.md5(packed[file]).hexdigest()) for file, _ in cls.resources])
    try:
        found = data.load("fashion-mnist", tmp_path)
    finally:
        server.close()
    assert (len(found.train_images), len(found.test_images)) == (60_000, 10_000)
    assert found.test_labels.bincount().tolist() == [1000] * 10
    assert found.mean == pytest.approx(0.2860, abs=5e-5)
    assert found.std == pytest.approx(0.3530, abs=5e-5)
    assert [found.classes[i] for i in found.test_labels[:3]] == ["ankle boot", "pullover", "trouser"]
