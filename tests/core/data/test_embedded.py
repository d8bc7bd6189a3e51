"""The picture that small MNIST comes in: what it holds and says of itself, and what is refused in its place."""

from __future__ import annotations

import errno
import hashlib
import os
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from core.catalogue import DATASETS
from core.data import datasets as data
from core.data import embedded
from core.data.download import DataError, reason_for_visitors

ROOT = Path(__file__).parents[3]
SIZE = (2800, 1960)


def pixels_of(images: torch.Tensor) -> str:
    return hashlib.sha256(images.numpy().tobytes()).hexdigest()


@pytest.fixture(scope="module")
def noise() -> embedded.Parts:
    """As many images as the picture holds, of random pixels, and their labels."""
    drawn = torch.randint(0, 256, (7000, 28, 28), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    return drawn[:6000], torch.arange(6000) % 10, drawn[6000:], torch.arange(1000) % 10


@pytest.fixture
def whole(tmp_path):
    """A copy of the picture, to damage at will."""
    copy = tmp_path / "small.png"
    copy.write_bytes(embedded.FILE.read_bytes())
    return copy


# what the app comes with


def test_the_picture_holds_the_images_it_held_when_it_was_made():
    """So that what was trained and tested on it can be compared; no MNIST is needed to know."""
    train_images, train_labels, test_images, test_labels = embedded.read()
    assert (train_images.shape, train_images.dtype) == ((6000, 28, 28), torch.uint8)
    assert (test_images.shape, test_images.dtype) == ((1000, 28, 28), torch.uint8)
    assert train_labels.tolist() == list(range(10)) * 600
    assert test_labels.tolist() == list(range(10)) * 100
    assert pixels_of(train_images) == "a1bcbaab554b8f2092de2f02b0512a3f9340a0f27d60e638ccec794a98a8c4dd"
    assert pixels_of(test_images) == "d86c162a4db50882d456fbc2c722ff2c776ec5ccdea6d690727f954457306c68"
    assert len({image.tobytes() for image in torch.cat([train_images, test_images]).numpy()}) == 7000  # none twice


def test_the_picture_is_the_choice_made_from_mnist(mnist_root):
    mnist = data.load("mnist", mnist_root)
    made = embedded.chosen(mnist.train_images, mnist.train_labels, mnist.test_images, mnist.test_labels)
    assert all(torch.equal(ours.long(), theirs.long()) for ours, theirs in zip(embedded.read(), made, strict=True))


def test_the_picture_can_be_made_again(mnist_root, tmp_path, monkeypatch):
    monkeypatch.setenv(data.DATA_ENV, mnist_root)
    embedded.make(tmp_path / "again.png")
    again = embedded.read(tmp_path / "again.png")
    assert all(torch.equal(ours, theirs) for ours, theirs in zip(embedded.read(), again, strict=True))


def test_the_command_says_in_a_line_why_it_cannot(tmp_path):
    blocked, picture = tmp_path / "file", tmp_path / "small.png"
    blocked.write_text("")
    done = subprocess.run(
        [sys.executable, "-m", "core.data.embedded", picture],
        env={**os.environ, data.DATA_ENV: str(blocked)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"the data root {blocked} is a file; use a folder\n"
    assert not picture.exists()


def test_the_picture_names_its_authors_its_licence_and_what_was_changed():
    with Image.open(embedded.FILE) as image:
        said = dict(image.text)
    assert said == embedded.ABOUT
    assert said["Author"] == "Yann LeCun, Corinna Cortes, Christopher J.C. Burges"
    assert said["Copyright"] == "CC BY-SA 3.0, https://creativecommons.org/licenses/by-sa/3.0/"
    assert "A balanced part of MNIST" in said["Description"]


def test_a_file_viewer_shows_the_digits_in_columns():
    """Image i stands in row i // 100 and column i % 100."""
    with Image.open(embedded.FILE) as image:
        assert (image.size, image.mode, image.format) == (SIZE, "L", "PNG")
        sheet = np.array(image)
    train_images, _, test_images, _ = embedded.read()
    for number, image in ((0, train_images[0]), (107, train_images[107]), (6999, test_images[999])):
        top, left = 28 * (number // 100), 28 * (number % 100)
        assert np.array_equal(sheet[top : top + 28, left : left + 28], image.numpy())


def test_small_mnist_needs_neither_mnist_nor_a_folder_nor_a_network(monkeypatch, tmp_path):
    monkeypatch.setenv(data.DATA_ENV, str(tmp_path / "nothing"))
    monkeypatch.setattr(data, "download", lambda *_: pytest.fail("nothing is downloaded"))
    assert data.on_disk("mnist-small")
    small = data.load("mnist-small")
    assert data.load("mnist-small") is small
    assert data.load("mnist-small", tmp_path / "elsewhere") is small
    assert list(tmp_path.iterdir()) == []
    assert (small.name, len(small.train_images), len(small.test_images)) == ("mnist-small", 6000, 1000)
    assert small.train_labels.dtype == torch.int64
    assert small.fingerprint == "8fc0b09f68b746cf2c20da2b60e5d905e18b366203d7aec78db3423fc01886c3"
    values = small.train_images.double() / 255
    assert small.mean == DATASETS["mnist-small"].mean == pytest.approx(float(values.mean()), abs=1e-12)
    assert small.std == DATASETS["mnist-small"].std == pytest.approx(float(values.std(unbiased=False)), abs=1e-9)
    assert data.hold_out(small).test_labels.bincount().tolist() == [50] * 10


# writing


def test_what_is_written_is_read(noise, tmp_path):
    picture = tmp_path / "new.png"
    embedded.write(picture, *noise)
    assert all(torch.equal(mine.long(), back.long()) for mine, back in zip(noise, embedded.read(picture), strict=True))
    assert [file.name for file in tmp_path.iterdir()] == ["new.png"]
    with Image.open(picture) as image:
        assert image.text == embedded.ABOUT


def test_a_full_disk_leaves_the_picture_that_was_there(noise, whole, monkeypatch):
    before = whole.read_bytes()

    def full(self, file, *_, **__):
        file.write_bytes(b"\x89PNG")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Image.Image, "save", full)
    with pytest.raises(OSError, match="No space left"):
        embedded.write(whole, *noise)
    assert whole.read_bytes() == before
    assert [file.name for file in whole.parent.iterdir()] == [whole.name]


def test_what_the_picture_cannot_hold_is_not_written(noise, tmp_path):
    train_images, train_labels, test_images, test_labels = noise
    with pytest.raises(ValueError, match=r"^images of shape \(5999, 28, 28\) and type torch\.uint8$"):
        embedded.write(tmp_path / "few.png", train_images[1:], train_labels, test_images, test_labels)
    with pytest.raises(ValueError, match=r"and type torch\.float32$"):
        embedded.write(tmp_path / "float.png", train_images, train_labels, test_images.float(), test_labels)
    with pytest.raises(ValueError, match=r"^the classes do not take turns$"):  # and the labels would be lost
        embedded.write(tmp_path / "order.png", train_images, train_labels.flip(0), test_images, test_labels)
    assert list(tmp_path.iterdir()) == []


def test_the_choice_takes_images_with_their_labels():
    labels = torch.arange(10).repeat(610)[torch.randperm(6100, generator=torch.Generator().manual_seed(1))]
    images = torch.arange(6100)[:, None, None].expand(-1, 28, 28)  # each full of its own number
    made = embedded.chosen(images, labels, images, labels)
    for chosen, count in ((made[:2], 6000), (made[2:], 1000)):
        numbers = chosen[0][:, 0, 0]
        assert len(set(numbers.tolist())) == count
        assert torch.equal(labels[numbers], chosen[1])
        assert chosen[1].tolist() == [i % 10 for i in range(count)]
    with pytest.raises(ValueError, match=r"^\d+ images of a class where 100 are chosen$"):
        embedded.chosen(images, labels, images[:990], labels[:990])


# damage


def saved(size=SIZE, mode="L", kind="PNG"):
    """A picture of one colour, in the place of the app's."""
    return lambda file: Image.new(mode, size).save(file, kind)


def changed(change):
    return lambda file: file.write_bytes(change(file.read_bytes()))


def huge(content: bytes) -> bytes:
    """The same with 100,000 x 100,000 pixels in its header, and the checksum of that."""
    header = b"IHDR" + struct.pack(">2I", 100_000, 100_000) + content[24:29]
    return content[:12] + header + struct.pack(">I", zlib.crc32(header)) + content[33:]


def turned(content: bytes) -> bytes:
    """The same with one bit of its pixels turned over."""
    place = len(content) // 2
    return content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]


DAMAGED = "it is damaged or no PNG"
WANTED = "instead of 2800 x 1960 pixels of mode L"
DAMAGE = {
    "smaller": (saved(size=(2800, 1932)), f"2800 x 1932 pixels of mode L {WANTED}"),
    "on its side": (saved(size=(1960, 2800)), f"1960 x 2800 pixels of mode L {WANTED}"),
    "in colour": (saved(mode="RGB"), f"2800 x 1960 pixels of mode RGB {WANTED}"),
    "black and white": (saved(mode="1"), f"2800 x 1960 pixels of mode 1 {WANTED}"),
    "with a palette": (saved(mode="P"), f"2800 x 1960 pixels of mode P {WANTED}"),
    "16 bits deep": (saved(mode="I;16"), f"2800 x 1960 pixels of mode I;16 {WANTED}"),
    "a BMP": (saved(kind="BMP"), DAMAGED),
    "text": (changed(lambda _: b"<html>not found</html>"), DAMAGED),
    "empty": (changed(lambda _: b""), DAMAGED),
    "cut in the header": (changed(lambda content: content[:20]), DAMAGED),
    "cut in the pixels": (changed(lambda content: content[:500_000]), DAMAGED),
    "a bit turned over": (changed(turned), DAMAGED),
    "huge": (changed(huge), DAMAGED),
    "not there": (lambda file: file.unlink(), "No such file or directory"),
    "a folder": (lambda file: (file.unlink(), file.mkdir()), "Is a directory"),
}


@pytest.mark.parametrize(("damage", "reason"), DAMAGE.values(), ids=DAMAGE.keys())
def test_another_picture_is_refused_in_one_sentence(whole, damage, reason):
    damage(whole)
    with pytest.raises(DataError) as caught:
        embedded.read(whole)
    assert (
        str(caught.value)
        == f"small MNIST in {whole} cannot be read ({reason}); put back the file that came with the app."
    )
    assert reason_for_visitors(caught.value) == "What this server has of small MNIST cannot be read."
