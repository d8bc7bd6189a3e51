"""Data sets as uint8 tensors, and float batches made from them one at a time.

MNIST and Fashion-MNIST lie where torchvision has them, and are downloaded by its classes where they are missing.
``mnist-small`` is a part of MNIST that comes with the app, see ``core.data.embedded``. ``digits`` are scikit-learn's
1,797 scans of 8 x 8, enlarged to 28 x 28, and come with that package. Those two always work.
"""

from __future__ import annotations

import hashlib
import math
import os
from dataclasses import dataclass, replace
from pathlib import Path
from weakref import WeakValueDictionary

import torch
from platformdirs import user_cache_path
from torch import Tensor
from torch.nn import functional as F

from core.catalogue import DATASETS, SIDE, DatasetName
from core.config import VALIDATION_PART, ConfigError
from core.data import embedded
from core.data.download import UNREADABLE, DataError, Progress, download
from core.data.idx import FILES, read_idx
from core.data.vision import torchvision_datasets

DATA_ENV = "NORMLENS_DATA"


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
        return DATASETS[self.name].classes

    def check_batch_size(self, batch_size: int) -> None:
        """Raise ``ConfigError`` where a batch would hold more images than there are."""
        if batch_size > len(self.train_images):
            raise ConfigError(
                f"batch_size={batch_size} is larger than the {len(self.train_images)} training images "
                f"of {DATASETS[self.name].title}; use {len(self.train_images)} or fewer"
            )


def hold_out(data: Dataset) -> Dataset:
    """The last twelfth of the training images (5,000 of MNIST's 60,000) as the test set, the rest to train on.

    For choosing a recipe without a look at the test set. Mean and standard deviation stay those of all
    training images. A set that is held out already comes back as it is. Raises ``ConfigError`` where that part is
    empty.
    """
    if data.validation:
        return data
    if len(data.train_images) < VALIDATION_PART:
        raise ConfigError(
            f"validation=True holds out one training image of {VALIDATION_PART}, and {DATASETS[data.name].title} has "
            f"only {len(data.train_images)}; leave it out"
        )
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
    kept_as = DATASETS[name].torchvision
    if not kept_as:
        return True
    try:
        return all((data_root() / kept_as / "raw" / file).is_file() for file in FILES)
    except (OSError, ConfigError):  # a folder that may not be looked into, or no folder
        return False


_IN_USE: WeakValueDictionary[tuple[object, ...], Dataset] = WeakValueDictionary()
"""By name, folder and state of its files: a race and a page on MNIST share its 55 MB, and nobody keeps them."""


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
    row = DATASETS[name]
    if name == embedded.NAME:
        return _load_embedded()
    if not row.torchvision:
        return _load_digits()
    folder, title = data_root(root), row.title
    raw = folder / row.torchvision / "raw"
    try:
        there = all((raw / file).is_file() for file in FILES)
    except OSError as error:
        raise DataError(
            f"{title} in {raw} cannot be read ({_first_line(error)}).", for_visitors=UNREADABLE.format(title=title)
        ) from error
    if not there:
        download(getattr(torchvision_datasets(), row.torchvision), title, folder, progress)
    try:
        files = [(raw / file).stat() for file in FILES]
        key = (name, str(raw), *((file.st_mtime_ns, file.st_size) for file in files))
        if (known := _IN_USE.get(key)) is not None:
            return known
        images, labels, test_images, test_labels = (read_idx(raw / file) for file in FILES)
        # as torchvision has labels, and as the fingerprint of every record of these files has them
        data = _IN_USE[key] = _dataset(name, images, labels.long(), test_images, test_labels.long())
        return data
    except Exception as error:  # foreign bytes fail in many ways: in the reader, in torch, in the checks
        raise DataError(
            f"{title} in {raw} cannot be read ({_first_line(error)}); remove that folder and it is downloaded again.",
            for_visitors=UNREADABLE.format(title=title),
        ) from error


class _Unfit(ValueError):
    """Tensors that are no images of 28 x 28, or not their labels. The message says what they are."""


def _first_line(error: BaseException) -> str:
    # what a reader says of damaged files is about their insides
    text = (error.strerror or "") if isinstance(error, OSError) else str(error) if isinstance(error, _Unfit) else ""
    return text or "the files are damaged"


def _dataset(
    name: DatasetName,
    train_images: Tensor,
    train_labels: Tensor,
    test_images: Tensor,
    test_labels: Tensor,
) -> Dataset:
    _check(train_images, train_labels)
    _check(test_images, test_labels)
    mean, std = _mean_std(train_images)
    if not std:
        raise _Unfit("all training images are of one grey")  # and nothing can be divided by their spread
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


def _check(images: Tensor, labels: Tensor) -> None:
    """Raise ``_Unfit`` where these are no images with their labels."""
    if images.ndim != 3 or images.shape[1:] != (SIDE, SIDE) or images.dtype != torch.uint8 or not len(images):
        raise _Unfit(f"images of shape {tuple(images.shape)} and type {images.dtype}")
    if labels.shape != images.shape[:1] or labels.min() < 0 or labels.max() > 9:
        raise _Unfit("labels do not match the images")


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


def _load_embedded() -> Dataset:
    key = (embedded.NAME,)  # whose file nobody changes
    if (known := _IN_USE.get(key)) is not None:
        return known
    data = _IN_USE[key] = _dataset(embedded.NAME, *embedded.read())
    return data


def _load_digits() -> Dataset:
    from sklearn.datasets import load_digits  # slow to import, needed for this data set only

    bunch = load_digits()
    images = torch.from_numpy(bunch.images).float() / 16  # (1797, 8, 8), 0..1
    large = F.interpolate(images[:, None], size=(24, 24), mode="bilinear", align_corners=False)
    large = F.pad(large, (2, 2, 2, 2))[:, 0].mul(255).round().to(torch.uint8)  # (1797, 28, 28)
    labels = torch.from_numpy(bunch.target).long()
    test = torch.arange(len(labels)) % 5 == 4  # 359 of 1,797, all ten classes
    return _dataset("digits", large[~test], labels[~test], large[test], labels[test])
