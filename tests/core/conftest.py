"""Fixtures of the tests of core: a data set in MNIST's own format, and records that a stranger has signed."""

from __future__ import annotations

import gzip
import hashlib
import json
import struct
from pathlib import Path

import pytest
import torch

from core.data import datasets as data
from core.records.files import RUN_FILE, encode
from tests.core.mirror import Server


@pytest.fixture(scope="session")
def raw_files() -> dict[str, bytes]:
    """A valid data set of 50 training and 20 test images, as the four unpacked files."""
    files = {}
    for seed, (part, count) in enumerate((("train", 50), ("t10k", 20))):
        generator = torch.Generator().manual_seed(seed)
        images = torch.randint(0, 256, (count, 28, 28), dtype=torch.uint8, generator=generator)
        labels = (torch.arange(count) % 10).to(torch.uint8)
        header = struct.pack(">4i", 0x803, count, 28, 28)
        files[f"{part}-images-idx3-ubyte"] = header + images.numpy().tobytes()
        files[f"{part}-labels-idx1-ubyte"] = struct.pack(">2i", 0x801, count) + labels.numpy().tobytes()
    return files


@pytest.fixture
def put():
    """A function that writes raw files where torchvision's class ``kind`` looks for them."""

    def write(root: Path, files: dict[str, bytes], kind: str = "MNIST") -> Path:
        raw = root / kind / "raw"
        raw.mkdir(parents=True)
        for name, content in files.items():
            (raw / name).write_bytes(content)
        return raw

    return write


@pytest.fixture(params=["mnist", "fashion-mnist"])
def name(request) -> str:
    """Both data sets that are downloaded."""
    return request.param


@pytest.fixture
def kind(name) -> str:
    """torchvision's class, and folder, of ``name``."""
    return {"mnist": "MNIST", "fashion-mnist": "FashionMNIST"}[name]


@pytest.fixture
def files(record) -> dict[str, bytes]:
    """The files of ``record``."""
    return encode(record)


@pytest.fixture
def sign():
    """A function that gives changed files checksums that fit, as a stranger with bad intentions would."""

    def signed(files: dict[str, bytes], change=None) -> dict[str, bytes]:
        values = json.loads(files[RUN_FILE])
        values["files"] = {name: hashlib.sha256(data).hexdigest() for name, data in files.items() if name != RUN_FILE}
        if change is not None:
            change(values)
        del values["checksum"]
        canonical = json.dumps(values, sort_keys=True, separators=(",", ":")).encode()
        values["checksum"] = hashlib.sha256(canonical).hexdigest()
        return {**files, RUN_FILE: json.dumps(values).encode()}

    return signed


@pytest.fixture
def mirror(raw_files, monkeypatch):
    """torchvision's classes look for their files, small and valid, on this machine alone."""
    packed = {f"{file}.gz": gzip.compress(content) for file, content in raw_files.items()}
    server = Server(packed)
    datasets = data.torchvision_datasets()
    for cls in (datasets.MNIST, datasets.FashionMNIST):
        monkeypatch.setattr(cls, "mirrors", [server.url])
        monkeypatch.setattr(
            cls, "resources", [(file, hashlib.md5(content).hexdigest()) for file, content in packed.items()]
        )
    for proxy in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(proxy, raising=False)
    yield server
    server.close()
