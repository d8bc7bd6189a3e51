"""Fixtures that all tests share. No test touches the user's own records or cache."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable
from dataclasses import fields, replace
from itertools import count
from pathlib import Path

import pytest
import torch

from core.config import RunConfig
from core.data import datasets as data
from core.data.datasets import Dataset
from core.jobs.limits import Limits
from core.jobs.recorder import Recorder
from core.records import store as runs
from core.records.store import RunStore
from core.training.loop import train

LIMITS = [f"NORMLENS_{field.name.upper()}" for field in fields(Limits)]
MNIST_ROOT = os.environ.get(data.DATA_ENV)
"""The folder with the real MNIST, where there is one."""

os.environ.setdefault("OMP_NUM_THREADS", "1")
"""For races here and in every process that tests start, servers among them: who is not told otherwise shares out all
cores, and where those are busy the threads wait for each other. A variant alone then takes many times as long."""

LONGEST_FIRST = ("tests/browser/", "tests/test_notebook.py", "tests/pages/", "tests/core/training/", "tests/core/jobs/")
"""Where a file of tests takes long: several workers end together where what comes last is short."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files of tests in the order of ``LONGEST_FIRST``, and what it does not name after them."""

    def rank(item: pytest.Item) -> int:
        return next((i for i, start in enumerate(LONGEST_FIRST) if item.nodeid.startswith(start)), len(LONGEST_FIRST))

    items.sort(key=rank)


@pytest.fixture(scope="session")
def own_folder(tmp_path_factory) -> Callable[[str], Path]:
    """A function that makes an empty folder, by a count: pytest's own looks through all that there are for the next."""
    parent, numbers = tmp_path_factory.mktemp("own"), count()

    def make(name: str) -> Path:
        folder = parent / f"{name}{next(numbers)}"
        folder.mkdir()
        return folder

    return make


@pytest.fixture(autouse=True)
def own_folders(monkeypatch, own_folder):
    """Records go to a folder of the test's own; without NORMLENS_DATA, so does anything downloaded."""
    monkeypatch.setenv(runs.RUNS_ENV, str(own_folder("runs")))
    monkeypatch.delenv(runs.SHIPPED_ENV, raising=False)
    for name in LIMITS:
        monkeypatch.delenv(name, raising=False)
    if not MNIST_ROOT:
        monkeypatch.setenv(data.DATA_ENV, str(own_folder("data")))


@pytest.fixture(scope="session", autouse=True)
def usual_signals():
    """What a test starts can be interrupted, also where the shell that started the tests ignores SIGINT."""
    before = signal.getsignal(signal.SIGINT)
    if before == signal.SIG_IGN:  # a program that is started inherits this, and no other handler
        signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(scope="session", autouse=True)
def one_thread():
    """torch on one thread in the tests' own thread: several wait for each other where cores are busy."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def mnist_root() -> str:
    """The folder of the real MNIST; the test is skipped where NORMLENS_DATA does not name one."""
    if not MNIST_ROOT:
        pytest.skip(f"set {data.DATA_ENV} to a folder with MNIST to run this test")
    return MNIST_ROOT


@pytest.fixture(scope="session")
def digits() -> Dataset:
    """The data set that comes with the package: 1,438 training and 359 test images."""
    return data.load("digits")


@pytest.fixture(scope="session")
def few(digits) -> Dataset:
    """128 training and 100 test images of digits: an epoch takes milliseconds."""
    return replace(
        digits,
        train_images=digits.train_images[:128],
        train_labels=digits.train_labels[:128],
        test_images=digits.test_images[:100],
        test_labels=digits.test_labels[:100],
        fingerprint="ab" * 32,
    )


@pytest.fixture
def store(tmp_path) -> RunStore:
    """An empty store of records."""
    return RunStore(tmp_path / "store", keep=60)


@pytest.fixture(scope="session")
def _trained(tmp_path_factory, digits):
    store = RunStore(tmp_path_factory.mktemp("trained"), keep=60)
    training = train(RunConfig(norm="bn", dataset="digits", epochs=2, batch_size=64), digits)
    recorder = Recorder(training, store, torch.get_num_threads())
    for event in training:
        recorder.note(event)
    return recorder.record, store.root / recorder.record.run_id


@pytest.fixture(scope="session")
def record(_trained) -> runs.RunRecord:
    """A complete run: BN, two epochs of digits."""
    return _trained[0]


@pytest.fixture
def record_folder(_trained, tmp_path):
    """The folder of ``record``, a copy of the test's own to damage at will."""
    return shutil.copytree(_trained[1], tmp_path / _trained[1].name)
