"""Data sets as uint8 tensors, and float batches made from them one at a time.

MNIST and Fashion-MNIST come through torchvision's classes and are downloaded where they are missing.
``digits`` are scikit-learn's 1,797 scans of 8 x 8, enlarged to 28 x 28: they come with the package and
always work.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import http.client
import importlib
import math
import os
import socket
import tempfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from weakref import WeakValueDictionary

import torch
from platformdirs import user_cache_path
from torch import Tensor
from torch.nn import functional as F

from core.config import DATASET_TITLES, VALIDATION_PART, ConfigError, DatasetName

DATA_ENV = "NORMLENS_DATA"
SIDE = 28
DOWNLOAD_TIMEOUT = 20.0
"""Seconds without a byte after which a download has failed."""

Progress = Callable[[int], None]
"""Called with the bytes on disk so far while a data set is downloaded."""

CLASS_NAMES: dict[DatasetName, tuple[str, ...]] = {
    "mnist": tuple("0123456789"),
    "digits": tuple("0123456789"),
    "fashion-mnist": (
        "T-shirt/top",
        "trouser",
        "pullover",
        "dress",
        "coat",
        "sandal",
        "shirt",
        "sneaker",
        "bag",
        "ankle boot",
    ),
}

ROTATION_DEGREES = 10.0
SHIFT_PIXELS = 2.0
BRIGHTNESS = 0.1
CONTRAST = 0.1


class DataError(RuntimeError):
    """A data set that cannot be had. The message is one sentence for the person who asked."""


@dataclass(frozen=True)
class Dataset:
    """Images and labels of one data set, training and test.

    train_images, test_images: uint8 (N, 28, 28), 0 is paper and 255 is ink.
    train_labels, test_labels: int64 (N,), 0..9.
    mean, std: of the training images on the scale 0..1.  fingerprint: SHA-256 of the test set.
    validation: whether the test set is a part of the training images (see ``hold_out``).
    """

    name: DatasetName
    train_images: Tensor
    train_labels: Tensor
    test_images: Tensor
    test_labels: Tensor
    mean: float
    std: float
    fingerprint: str
    validation: bool = False

    @property
    def classes(self) -> tuple[str, ...]:
        """The ten class names, by label."""
        return CLASS_NAMES[self.name]

    def check_batch_size(self, batch_size: int) -> None:
        """Raise ``ConfigError`` where a batch would hold more images than there are."""
        if batch_size > len(self.train_images):
            raise ConfigError(
                f"batch_size={batch_size} is larger than the {len(self.train_images)} training images "
                f"of {DATASET_TITLES[self.name]}; use {len(self.train_images)} or fewer"
            )


def hold_out(data: Dataset) -> Dataset:
    """The last twelfth of the training images (5,000 of MNIST's 60,000) as the test set, the rest to train on.

    For choosing a recipe without a look at the test set. Mean and standard deviation stay those of all
    training images. A set that is held out already comes back as it is.
    """
    if data.validation:
        return data
    kept = len(data.train_images) - len(data.train_images) // VALIDATION_PART
    images, labels = data.train_images[kept:], data.train_labels[kept:]
    return replace(
        data,
        train_images=data.train_images[:kept],
        train_labels=data.train_labels[:kept],
        test_images=images,
        test_labels=labels,
        fingerprint=_fingerprint(images, labels),
        validation=True,
    )


def data_root(root: str | os.PathLike[str] | None = None) -> Path:
    """The folder of the data sets: ``root``, else the variable NORMLENS_DATA, else a user cache folder.

    Raises ``ConfigError`` where that is a file or lies below one, or names a home folder that there is not.
    """
    path = Path(root or os.environ.get(DATA_ENV) or user_cache_path("normlens") / "data")
    try:
        path = path.expanduser()
    except RuntimeError as error:
        raise ConfigError(f"the data root {path} names a user that is not known; use a folder") from error
    for place in (path, *path.parents):
        if os.path.isfile(place):  # noqa: PTH113 - unlike Path.is_file, False where the folder cannot be read
            what = "is a file" if place == path else f"lies below {place}, which is a file"
            raise ConfigError(f"the data root {path} {what}; use a folder")
    return path


def on_disk(name: DatasetName) -> bool:
    """Whether ``load(name)`` would find its files and so would not download any."""
    if name == "digits":
        return True
    try:
        folder = data_root() / {"mnist": "MNIST", "fashion-mnist": "FashionMNIST"}[name] / "raw"
        return all(
            (folder / f"{part}-{kind}").is_file()
            for part in ("train", "t10k")
            for kind in ("images-idx3-ubyte", "labels-idx1-ubyte")
        )
    except (OSError, ConfigError):  # a folder that may not be looked into, or no folder
        return False


_IN_USE: WeakValueDictionary[tuple[object, ...], Dataset] = WeakValueDictionary()
"""By folder and state of its files: a race and a page that look at MNIST share its 55 MB, and nobody keeps them."""


def load(
    name: DatasetName,
    root: str | os.PathLike[str] | None = None,
    *,
    progress: Progress | None = None,
) -> Dataset:
    """The data set ``name``, downloaded into ``root`` (see ``data_root``) if it is not there.

    The same object again while anyone holds it and the files are the same. Raises ``DataError`` with one sentence
    where it can neither be read nor downloaded; what was half written is removed. Raises ``ConfigError`` where
    ``root`` is a file.
    """
    if name == "digits":
        return _load_digits()
    folder = data_root(root)
    title = DATASET_TITLES[name]
    datasets = torchvision_datasets()
    kind = {"mnist": datasets.MNIST, "fashion-mnist": datasets.FashionMNIST}[name]
    raw = folder / kind.__name__ / "raw"
    names = [Path(file).stem for file, _ in kind.resources]
    try:
        there = all((raw / file).is_file() for file in names)
    except OSError as error:
        raise DataError(f"{title} in {raw} cannot be read ({_first_line(error)}).") from error
    if not there:
        _download(kind, title, folder, names, progress)
    try:
        files = [(raw / file).stat() for file in names]
        key = (str(raw), *((file.st_mtime_ns, file.st_size) for file in files))
        if (known := _IN_USE.get(key)) is not None:
            return known
        train, test = (kind(folder, train=part) for part in (True, False))
        data = _dataset(name, train.data, train.targets, test.data, test.targets)
        _IN_USE[key] = data
        return data
    except Exception as error:  # foreign bytes fail in many ways: in the reader, in torch, in the checks
        raise DataError(
            f"{title} in {raw} cannot be read ({_first_line(error)}); remove that folder and it is downloaded again."
        ) from error


def _first_line(error: BaseException) -> str:
    text = (error.strerror or "") if isinstance(error, OSError) else str(error)
    return (text.strip().splitlines() or [type(error).__name__])[0][:160]


def _dataset(
    name: DatasetName,
    train_images: Tensor,
    train_labels: Tensor,
    test_images: Tensor,
    test_labels: Tensor,
) -> Dataset:
    for images, labels in ((train_images, train_labels), (test_images, test_labels)):
        if images.ndim != 3 or images.shape[1:] != (SIDE, SIDE) or images.dtype != torch.uint8 or not len(images):
            raise ValueError(f"images of shape {tuple(images.shape)} and type {images.dtype}")
        if labels.shape != images.shape[:1] or labels.min() < 0 or labels.max() > 9:
            raise ValueError("labels do not match the images")
    mean, std = _mean_std(train_images)
    return Dataset(
        name=name,
        train_images=train_images.contiguous(),
        train_labels=train_labels.long(),
        test_images=test_images.contiguous(),
        test_labels=test_labels.long(),
        mean=mean,
        std=std,
        fingerprint=_fingerprint(test_images, test_labels),
    )


def _fingerprint(images: Tensor, labels: Tensor) -> str:
    digest = hashlib.sha256(images.numpy().tobytes())
    digest.update(labels.numpy().tobytes())
    return digest.hexdigest()


def _mean_std(images: Tensor) -> tuple[float, float]:
    # a histogram of 256 values is exact and needs no float copy of 47 million pixels
    counts = torch.zeros(256, dtype=torch.int64)
    for chunk in images.split(2000):
        counts += torch.bincount(chunk.flatten(), minlength=256)
    values = torch.arange(256, dtype=torch.float64) / 255
    weights = counts.double() / counts.sum()
    mean = (weights * values).sum()
    var = (weights * (values - mean).square()).sum()
    return float(mean), math.sqrt(float(var))


def _load_digits() -> Dataset:
    from sklearn.datasets import load_digits  # slow to import, needed for this data set only

    bunch = load_digits()
    images = torch.from_numpy(bunch.images).float() / 16  # (1797, 8, 8), 0..1
    large = F.interpolate(images[:, None], size=(24, 24), mode="bilinear", align_corners=False)
    large = F.pad(large, (2, 2, 2, 2))[:, 0].mul(255).round().to(torch.uint8)  # (1797, 28, 28)
    labels = torch.from_numpy(bunch.target).long()
    test = torch.arange(len(labels)) % 5 == 4  # 359 of 1,797, all ten classes
    return _dataset("digits", large[~test], labels[~test], large[test], labels[test])


def torchvision_datasets() -> ModuleType:
    """torchvision.datasets, also where torchvision's compiled library does not load.

    A CPU build of torch with the torchvision of another index cannot load that library, and importing
    the package then fails on two operators that it only wants to describe. Data sets need neither, so
    they are declared and the import is tried once more.
    """
    try:
        return importlib.import_module("torchvision.datasets")
    except RuntimeError as error:
        if "torchvision::" not in str(error):
            raise
    for operator in ("nms", "qnms"):
        with contextlib.suppress(RuntimeError):  # declared by an earlier attempt
            _OPERATORS.define(f"{operator}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    return importlib.import_module("torchvision.datasets")


_OPERATORS = torch.library.Library("torchvision", "FRAGMENT")  # declarations live as long as this does


def _download(kind: type, title: str, folder: Path, names: list[str], progress: Progress | None) -> None:
    """Fetch into a temporary folder beside the target, check, and move in place: all or nothing."""
    was_there = folder.exists()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".download-", dir=folder) as temporary:
            with _timeout(DOWNLOAD_TIMEOUT), _watch(Path(temporary), progress):
                kind(temporary, download=True)  # fetches all four files, checks their MD5 and unpacks them
            raw = folder / kind.__name__ / "raw"
            raw.mkdir(parents=True, exist_ok=True)
            for name in names:
                (Path(temporary) / kind.__name__ / "raw" / name).replace(raw / name)
    except (OSError, RuntimeError, EOFError, ValueError, http.client.HTTPException) as error:
        if not was_there:
            with contextlib.suppress(OSError):  # not empty: another download has filled it meanwhile
                folder.rmdir()
        raise DataError(_why(title, folder, error)) from error


def _why(title: str, folder: Path, error: Exception) -> str:
    code = getattr(error, "errno", None)
    if code in (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)):
        return f"{title} could not be downloaded: the disk that holds {folder} is full."
    if code in (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST, errno.ENAMETOOLONG):
        return f"{title} is not in {folder} and could not be downloaded: that folder cannot be written."
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        return f"{title} could not be downloaded: the server's certificate could not be checked on this machine."
    if "corrupted" in str(error) or isinstance(error, EOFError):
        return f"{title} could not be downloaded: a file arrived incomplete or altered. Try again later."
    return f"{title} is not in {folder} and could not be downloaded: the network or the server did not answer."


@contextlib.contextmanager
def _timeout(seconds: float) -> Iterator[None]:
    # torchvision opens its addresses without a limit: a silent server would hold the race for ever
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(seconds)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)


@contextlib.contextmanager
def _watch(folder: Path, progress: Progress | None) -> Iterator[None]:
    """Report the bytes under ``folder`` five times a second while the block runs."""
    if progress is None:
        yield
        return
    done = threading.Event()

    def report() -> None:
        while not done.wait(0.2):
            with contextlib.suppress(OSError):  # a file may vanish between the listing and the look
                progress(sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()))

    watcher = threading.Thread(target=report, daemon=True, name="normlens-download")
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()


def to_float(images: Tensor) -> Tensor:
    """uint8 (B, 28, 28) -> float32 (B, 1, 28, 28) on the scale 0..1."""
    return images[:, None].float().div_(255)


def standardize(x: Tensor, data: Dataset) -> Tensor:
    """(x - mean) / std with the training set's mean and std; in place."""
    return x.sub_(data.mean).div_(data.std)


def augment(x: Tensor, generator: torch.Generator) -> Tensor:
    """Rotate, shift and change brightness and contrast of every image of a batch at random.

    x: (B, 1, 28, 28) on the scale 0..1, and so is the result. Each image has its own angle (within
    10 degrees), shift (within 2 pixels, in both directions), brightness and contrast factor (within
    0.1 of 1, contrast about the image's mean, as torchvision's ColorJitter has it). One affine grid and one
    bilinear sampling move the whole batch; what comes in from outside is paper.
    """
    b = len(x)
    draw = torch.rand(5, b, generator=generator).mul_(2).sub_(1)  # (5, B), -1..1
    angle = draw[0] * math.radians(ROTATION_DEGREES)
    shift = draw[1:3] * (2 * SHIFT_PIXELS / SIDE)  # the grid spans -1..1
    cos, sin = angle.cos(), angle.sin()
    theta = torch.stack([cos, -sin, shift[0], sin, cos, shift[1]], dim=1).view(b, 2, 3)
    grid = F.affine_grid(theta, list(x.shape), align_corners=False)  # (B, 28, 28, 2)
    x = F.grid_sample(x, grid, mode="bilinear", padding_mode="zeros", align_corners=False)
    brightness = 1 + BRIGHTNESS * draw[3].view(b, 1, 1, 1)
    contrast = 1 + CONTRAST * draw[4].view(b, 1, 1, 1)
    x = x.mul_(brightness).clamp_(0, 1)
    grey = x.mean(dim=(1, 2, 3), keepdim=True)
    return x.sub_(grey).mul_(contrast).add_(grey).clamp_(0, 1)


def training_batches(
    data: Dataset, batch_size: int, generator: torch.Generator, *, augmented: bool
) -> Iterator[tuple[Tensor, Tensor]]:
    """One epoch in a new random order: (B, 1, 28, 28) float images and (B,) labels.

    The last batch holds what is left. ``generator`` decides order and augmentation, so that equal
    generators give equal epochs.
    """
    order = torch.randperm(len(data.train_images), generator=generator)
    for index in order.split(batch_size):
        x = to_float(data.train_images[index])
        if augmented:
            x = augment(x, generator)
        yield standardize(x, data), data.train_labels[index]
