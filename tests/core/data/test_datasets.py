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
from core.data.batches import augment, standardize, to_float, training_batches
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


@pytest.mark.parametrize("augmented", [True, False])
def test_the_generator_alone_decides_the_order(digits, augmented):
    for seed in (0, 1):
        labels = torch.cat([y for _, y in training_batches(digits, 1438, generator(seed), augmented=augmented)])
        order = torch.randperm(1438, generator=generator(seed))
        assert torch.equal(labels, digits.train_labels[order])


def test_the_generator_decides_the_augmentation_after_the_order(digits):
    drawn = generator(3)
    order = torch.randperm(1438, generator=drawn)
    expected = standardize(augment(to_float(digits.train_images[order]), drawn), digits)
    ((x, _),) = training_batches(digits, 1438, generator(3), augmented=True)
    assert torch.equal(x, expected)


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


def test_contrast_is_about_the_mean_of_what_brightness_left(monkeypatch):
    x = torch.full((1, 1, 28, 28), 0.4)
    x[..., 14:] = 1.0
    draws(monkeypatch, [0.0, 0.0, 0.0, 1.0, 1.0])
    out = augment(x.clone(), generator())
    # brighter: 0.44 and 1, which 1.1 is cut to; their mean is 0.72
    assert float(out[0, 0, 14, 5]) == pytest.approx(0.72 + 1.1 * (0.44 - 0.72), abs=1e-4)
    assert float(out[0, 0, 14, 20]) == 1


def test_what_comes_in_from_outside_is_paper(monkeypatch):
    x = torch.ones(1, 1, 28, 28)
    draws(monkeypatch, [0.0, 1.0, -1.0, 0.0, 0.0])
    moved = augment(x.clone(), generator())[0, 0]
    # two pixels to the left and down: columns come in from the right, rows from the top
    torch.testing.assert_close(moved[2:, :-2], torch.ones(26, 26), rtol=0, atol=1e-4)
    assert float(moved[:2].abs().max()) == pytest.approx(0, abs=1e-4)
    assert float(moved[:, -2:].abs().max()) == pytest.approx(0, abs=1e-4)


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
    with pytest.raises(DataError, match="cannot be read"):
        data.load("mnist", tmp_path)
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
