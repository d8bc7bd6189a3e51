"""What lies in an archive: a file of another name, kind, size or content is refused in one sentence."""

from __future__ import annotations

import io
import zipfile
import zlib

import numpy as np
import pytest
from safetensors.numpy import save as to_safetensors

from core.records.archive import to_zip
from core.records.files import PREDICTIONS_FILE, RUN_FILE, WEIGHTS_FILE, encode
from tests.core.records.test_archive import archive, patched, refusal
from tests.sizes import PARAMETERS


@pytest.mark.parametrize(
    "name",
    ["../run.json", "/run.json", "a/b/run.json", "./run.json", "..\\run.json/run.json", "C:/run.json", "-x/run.json"],
)
def test_paths(record, name):
    sentence = refusal(archive([(name, encode(record)[RUN_FILE])]))
    assert sentence == f"the entry {name!r} is not at the top of the archive or in one plain folder"


@pytest.mark.parametrize(
    "name", ["evil.py", "run.json.exe", "RUN.JSON", "..\\run.json", "weights.pkl", "a/notes.txt", "run.json "]
)
def test_other_names(record, name):
    sentence = refusal(archive([*encode(record).items(), (name, b"")]))
    assert sentence == f"the entry {name!r} is none of run.json, weights.safetensors, predictions.npz"


def test_a_name_that_ends_early(record):
    # the part after a NUL is cut off by whoever opens it: it counts here
    content = archive([("run.jsonXevil", encode(record)[RUN_FILE])]).replace(b"run.jsonX", b"run.json\0")
    assert refusal(content).startswith(r"the entry 'run.json\x00evil' is none of ")


def test_a_long_name_is_cut_in_the_sentence(record):
    assert refusal(archive([("x" * 300, b"")])) == (
        f"the entry '{'x' * 41}...{'x' * 14}' is none of run.json, weights.safetensors, predictions.npz"
    )


def test_the_same_file_twice(record):
    files = encode(record)
    with pytest.warns(UserWarning, match="Duplicate name"):
        twice = archive([*files.items(), (RUN_FILE, files[RUN_FILE])])
    assert refusal(twice) == "the archive holds run.json more than once"
    folders = archive([*((f"a/{n}", d) for n, d in files.items()), (f"b/{RUN_FILE}", files[RUN_FILE])])
    assert refusal(folders) == "the archive holds run.json more than once"


def test_files_in_different_folders(record):
    files = encode(record)
    entries = [(f"{i}/{name}", data) for i, (name, data) in enumerate(files.items())]
    assert refusal(archive(entries)) == "the files of the archive lie in different folders; one record an archive"


def test_no_run(record):
    files = encode(record)
    assert refusal(archive([])) == "the archive holds no run.json, so it is no record of a run"
    assert refusal(archive([(WEIGHTS_FILE, files[WEIGHTS_FILE])])) == (
        "the archive holds no run.json, so it is no record of a run"
    )


@pytest.mark.parametrize("name", [WEIGHTS_FILE, PREDICTIONS_FILE])
def test_a_missing_file(record, name):
    files = encode(record)
    del files[name]
    assert refusal(archive(files.items())) == f"{name}: missing"


def test_an_encrypted_archive(record):
    locked = archive([(RUN_FILE, encode(record)[RUN_FILE])])
    assert refusal(patched(locked, 8, b"\x01\x00")) == f"{RUN_FILE}: is encrypted; make the archive without a password"


@pytest.mark.parametrize(("compression", "method"), [(zipfile.ZIP_BZIP2, 12), (zipfile.ZIP_LZMA, 14)])
def test_other_compressions(record, compression, method):
    made = archive([(RUN_FILE, encode(record)[RUN_FILE])], compression)
    assert refusal(made) == f"{RUN_FILE}: is compressed by method {method}; use deflate or none"


@pytest.mark.parametrize(
    ("name", "limit"), [(RUN_FILE, 2_000_000), (WEIGHTS_FILE, 32_000_000), (PREDICTIONS_FILE, 32_000_000)]
)
def test_a_bomb_that_says_so(record, name, limit):
    files = {RUN_FILE: encode(record)[RUN_FILE], name: bytes(limit + 1)}
    bomb = archive(files.items())
    assert refusal(bomb) == f"{name}: unpacks to more than {limit:,} bytes"


def test_a_bomb_that_lies_is_unpacked_no_further_than_the_limit(record, monkeypatch):
    bomb = archive([(RUN_FILE, bytes(50_000_000))])
    lying = patched(bomb, 24, (1000).to_bytes(4, "little"))  # the unpacked size in the table of contents
    most = []
    inflate = zlib.decompressobj

    class Counting:
        def __init__(self, *arguments):
            self._real = inflate(*arguments)

        def __getattr__(self, name):
            return getattr(self._real, name)

        def decompress(self, *arguments):
            data = self._real.decompress(*arguments)
            most.append(len(data))
            return data

    monkeypatch.setattr(zipfile.zlib, "decompressobj", Counting)
    assert refusal(lying) == "the archive is damaged: it cannot be unpacked"
    assert most
    assert sum(most) <= 2_000_001


def test_a_bomb_inside_the_predictions(record, sign):
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **{f"a{i}": np.zeros(5_000_000, np.uint8) for i in range(5)})
    files = sign({**encode(record), PREDICTIONS_FILE: buffer.getvalue()})
    assert refusal(archive(files.items())) == "predictions.npz: unpacks to more than 24,000,000 bytes"


@pytest.mark.parametrize(("compression", "method"), [(zipfile.ZIP_BZIP2, 12), (zipfile.ZIP_LZMA, 14)])
def test_other_compressions_inside_the_predictions(record, sign, compression, method):
    files = encode(record)
    with zipfile.ZipFile(io.BytesIO(files[PREDICTIONS_FILE])) as inner:
        other = archive([(name, inner.read(name)) for name in inner.namelist()], compression)
    sentence = refusal(archive(sign({**files, PREDICTIONS_FILE: other}).items()))
    assert sentence == f"predictions.npz: field 'true.npy' is compressed by method {method}; use deflate or none"


def test_predictions_that_are_no_archive(record, sign):
    files = sign({**encode(record), PREDICTIONS_FILE: b"no archive"})
    assert refusal(archive(files.items())) == "predictions.npz: not a whole archive of arrays"


@pytest.mark.parametrize("name", [RUN_FILE, WEIGHTS_FILE, PREDICTIONS_FILE])
def test_an_altered_file(record, name):
    files = encode(record)
    content = bytearray(files[name])
    content[len(content) // 2] ^= 1
    sentence = refusal(archive({**files, name: bytes(content)}.items()))
    assert sentence.startswith(f"{name}: ")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda w: w[:1], "has shape (1, 10), not (10, 32)"),
        (lambda w: w.astype(np.float64), "holds float64, not float32"),
    ],
    ids=["shape", "type"],
)
def test_weights_of_another_network(record, sign, change, sentence):
    weights = {**record.weights}
    array = np.ascontiguousarray(change(weights["head.weight"].T if "(1" in sentence else weights["head.weight"]))
    files = sign({**encode(record), WEIGHTS_FILE: to_safetensors({**weights, "head.weight": array})})
    assert refusal(archive(files.items())) == f"weights.safetensors: tensor 'head.weight' {sentence}"


def test_a_wrong_number_of_parameters(record):
    assert refusal(to_zip(record.changed(parameters=5))) == f"run.json: field 'parameters' is 5, not {PARAMETERS}"
