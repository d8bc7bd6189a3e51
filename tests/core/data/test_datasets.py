"""Data sets: what they hold, how batches and augmentation behave, and what is refused."""

from __future__ import annotations

import gc
import hashlib
import os
import struct
import weakref

import pytest
import torch

from core.config import ConfigError
from core.data import datasets as data
from core.data.download import DataError, reason_for_visitors

FILES = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


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


def test_small_mnist_is_a_balanced_part_of_mnist(mnist_root):
    whole, small = data.load("mnist", mnist_root), data.load("mnist-small")
    for part in ("train", "test"):
        images, labels = getattr(small, f"{part}_images"), getattr(small, f"{part}_labels")
        assert len(images) == getattr(data.DATASETS["mnist-small"], f"{part}_images")
        assert labels.tolist() == [i % 10 for i in range(len(images))]
        known = {
            image.tobytes(): label
            for image, label in zip(
                getattr(whole, f"{part}_images").numpy(), getattr(whole, f"{part}_labels").tolist(), strict=True
            )
        }
        assert [known[image.tobytes()] for image in images.numpy()] == labels.tolist()


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
    assert digits.std == pytest.approx(float(values.std(unbiased=False)), abs=1e-9)


def test_the_fingerprint_is_of_the_test_set(digits):
    assert data.load("digits").fingerprint == digits.fingerprint
    digest = hashlib.sha256(digits.test_images.numpy().tobytes() + digits.test_labels.numpy().tobytes())
    assert digits.fingerprint == digest.hexdigest()


def test_the_fingerprint_of_files_is_that_of_the_records_whose_labels_were_int64(raw_files, put, tmp_path):
    put(tmp_path, raw_files)
    found = data.load("mnist", tmp_path)
    digest = hashlib.sha256(found.test_images.numpy().tobytes() + found.test_labels.to(torch.int64).numpy().tobytes())
    assert found.fingerprint == digest.hexdigest()


def test_files_in_place_are_read_without_a_network(name, kind, raw_files, put, tmp_path):
    put(tmp_path, raw_files, kind)
    found = data.load(name, tmp_path)
    assert found.name == name
    assert found.classes == data.DATASETS[name].classes
    assert found.train_images.numpy().tobytes() == raw_files[FILES[0]][16:]
    assert bytes(found.test_labels.tolist()) == raw_files[FILES[3]][8:]


def test_who_asks_twice_shares_the_images_until_the_files_change(raw_files, put, tmp_path):
    put(tmp_path, raw_files)
    first = data.load("mnist", tmp_path)
    assert data.load("mnist", tmp_path) is first
    file = tmp_path / "MNIST" / "raw" / "t10k-labels-idx1-ubyte"
    os.utime(file, (1, 1))
    other = data.load("mnist", tmp_path)
    assert other is not first
    assert other.fingerprint == first.fingerprint
    there = weakref.ref(other)
    del other
    gc.collect()
    assert there() is None  # nobody keeps them


def test_a_batch_larger_than_the_data_is_refused(digits):
    digits.check_batch_size(1438)
    with pytest.raises(
        ConfigError,
        match=r"batch_size=1439 is larger than the 1438 training images of digits.*; use 1438 or fewer",
    ):
        digits.check_batch_size(1439)


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
    "fewer labels than images": replaced(FILES[1], lambda b: b[:7] + bytes([7]) + b[8:15]),
    "a label of 200": replaced(FILES[3], lambda b: b[:-1] + b"\xc8"),
    "other image size": replaced(FILES[2], lambda _: struct.pack(">4i", 0x803, 20, 27, 28) + bytes(20 * 27 * 28)),
    "no image": replaced(FILES[2], lambda _: struct.pack(">4i", 0x803, 0, 28, 28)),
    "a huge count": replaced(FILES[2], lambda b: b[:4] + b"\x7f\xff\xff\xff" + b[8:]),
    "text": replaced(FILES[1], lambda _: b"<html>not found</html>"),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE.keys())
def test_corrupt_files_are_refused_with_their_folder(raw_files, put, tmp_path, damage):
    raw = put(tmp_path, damage(raw_files))
    with pytest.raises(DataError, match=f"^MNIST in {raw} cannot be read ") as caught:
        data.load("mnist", tmp_path)
    assert str(caught.value).endswith("; remove that folder and it is downloaded again.")
    assert reason_for_visitors(caught.value) == "What this server has of MNIST cannot be read."
    assert "\n" not in str(caught.value)
    assert sorted(p.name for p in raw.iterdir()) == sorted(FILES)  # what a person put there stays


def test_a_legacy_pickle_beside_the_files_is_not_executed(raw_files, put, tmp_path):
    put(tmp_path, raw_files)
    legacy = tmp_path / "MNIST" / "processed"
    legacy.mkdir()
    marker = tmp_path / "executed"
    for file in ("training.pt", "test.pt"):
        # a pickle that would create the marker
        (legacy / file).write_bytes(b"cbuiltins\nopen\n(V" + str(marker).encode() + b"\nVw\ntR.")
    assert len(data.load("mnist", tmp_path).train_images) == 50
    assert not marker.exists()


# held out


def test_a_twelfth_of_the_training_images_is_held_out(digits):
    held = data.hold_out(digits)
    assert held.validation
    assert (len(held.train_images), len(held.test_images)) == (1438 - 119, 119)
    assert torch.equal(torch.cat([held.train_images, held.test_images]), digits.train_images)
    assert torch.equal(torch.cat([held.train_labels, held.test_labels]), digits.train_labels)
    assert held.fingerprint != digits.fingerprint
    assert (held.mean, held.std) == (digits.mean, digits.std)
    assert data.hold_out(held) is held


def test_five_thousand_of_mnist_are_held_out(mnist_root):
    held = data.hold_out(data.load("mnist", mnist_root))
    assert (len(held.train_images), len(held.test_images)) == (55_000, 5_000)
