"""MNIST's files: read as torchvision reads them, but without it."""

from __future__ import annotations

import struct
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from core.data.idx import FILES, read_idx
from core.data.vision import torchvision_datasets

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("kind", ["MNIST", "FashionMNIST"])
def test_the_names_are_those_that_torchvision_downloads(kind):
    resources = getattr(torchvision_datasets(), kind).resources
    assert {Path(file).stem for file, _ in resources} == set(FILES)


def test_what_is_read_is_what_torchvision_reads(raw_files, put, tmp_path):
    raw = put(tmp_path, raw_files)
    mnist = torchvision_datasets().MNIST
    train, test = (mnist(tmp_path, train=part) for part in (True, False))
    theirs = (train.data, train.targets, test.data, test.targets)
    found = [read_idx(raw / name) for name in FILES]
    assert [x.dtype for x in found] == [torch.uint8] * 4
    assert [x.shape for x in found] == [x.shape for x in theirs]
    assert all(torch.equal(ours.long(), other.long()) for ours, other in zip(found, theirs, strict=True))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "no header"),
        (struct.pack(">2i", 0x801, 3)[:6], "no header"),
        (struct.pack(">2i", 0x901, 3) + b"abc", "no header"),
        (struct.pack(">i", 0x800) + b"a", "no header"),
        (struct.pack(">5i", 0x804, 1, 1, 1, 1) + b"a", "no header"),
        (struct.pack(">2i", 0x801, 3) + b"ab", "has 10 bytes, not the 11"),
        (struct.pack(">2i", 0x801, 3) + b"abcd", "has 12 bytes, not the 11"),
        (struct.pack(">4I", 0x803, 2**32 - 1, 2**32 - 1, 2**32 - 1), "has 16 bytes, not the 79,228,162,458,924,105"),
    ],
)
def test_what_is_no_such_file_is_refused_before_it_is_read(tmp_path, content, reason):
    (tmp_path / "file").write_bytes(content)
    with pytest.raises(ValueError, match=f"^file has.*{reason.removeprefix('has ')}"):
        read_idx(tmp_path / "file")


LOADS = """
import sys
from core.data.datasets import load
data = load("mnist", sys.argv[1])
print(len(data.train_images), [m for m in ("torchvision", "torch._dynamo", "sympy", "sklearn") if m in sys.modules])
"""


def test_reading_a_data_set_loads_neither_torchvision_nor_what_it_brings(raw_files, put, tmp_path):
    put(tmp_path, raw_files)
    done = subprocess.run([sys.executable, "-c", LOADS, str(tmp_path)], cwd=ROOT, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("50 []\n", "")
