"""Records as archives: there and back, and every kind of bad archive refused in one sentence."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.numpy import save as to_safetensors

from core.records.archive import from_zip, to_zip, zip_name
from core.records.files import PREDICTIONS_FILE, RUN_FILE, WEIGHTS_FILE, encode
from core.records.record import RecordError, RunSummary
from tests.sizes import PARAMETERS


@pytest.fixture(scope="module")
def good(record) -> bytes:
    return to_zip(record)


def archive(entries, compression=zipfile.ZIP_DEFLATED) -> bytes:
    """An archive of (name, bytes) pairs, names as they are given."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as made:
        for name, data in entries:
            made.writestr(name, data)
    return buffer.getvalue()


def patched(data: bytes, offset: int, change: bytes, *, central: bytes = b"PK\x01\x02") -> bytes:
    """``data`` with bytes changed at ``offset`` of the first entry of its table of contents."""
    at = data.index(central) + offset
    return data[:at] + change + data[at + len(change) :]


def refusal(data: bytes) -> str:
    with pytest.raises(RecordError) as caught:
        from_zip(data)
    return str(caught.value)


def test_there_and_back(record, good):
    back = from_zip(good)
    for field in ("config", "status", "epochs", "message", "images_per_second", "parameters", "environment"):
        assert getattr(back, field) == getattr(record, field), field
    assert back.weights.keys() == record.weights.keys()
    for name, array in record.weights.items():
        assert back.weights[name].dtype == array.dtype
        np.testing.assert_array_equal(back.weights[name], array)
    for field in ("true", "predicted", "confidence", "wrong_index", "wrong_image", "wrong_probabilities"):
        np.testing.assert_array_equal(getattr(back.predictions, field), getattr(record.predictions, field))
        assert getattr(back.predictions, field).dtype == getattr(record.predictions, field).dtype
    assert back.predictions.fingerprint == record.predictions.fingerprint


def test_equal_records_give_equal_bytes(record, good):
    assert to_zip(record) == good
    assert to_zip(from_zip(good)) == good
    with zipfile.ZipFile(io.BytesIO(good)) as made:
        assert made.namelist() == [
            f"{record.run_id}/{name}" for name in ("predictions.npz", "run.json", "weights.safetensors")
        ]
        assert {info.date_time for info in made.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert {info.compress_type for info in made.infolist()} == {zipfile.ZIP_STORED}  # equal with any zlib
        assert made.testzip() is None


def test_the_file_name_tells_the_run(record):
    assert zip_name(record) == f"normlens_bn_seed0_{record.run_id}.zip"
    assert zip_name(record.changed(config=replace(record.config, norm="gn", seed=7))).startswith("normlens_gn_seed7_")


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize("folder", ["", "normlens_bn (1)/", "a folder of any name/"])
def test_what_other_programs_make_of_it_is_read_too(record, folder, compression):
    entries = [(folder + name, data) for name, data in encode(record).items()]
    system = [("__MACOSX/" + folder + "._run.json", b"x"), (folder + ".DS_Store", b"y")]
    if folder:
        system.append((folder, b""))
    assert from_zip(archive(entries + system, compression)).epochs == record.epochs


def test_a_run_without_arrays_goes_there_and_back(record):
    empty = RunSummary(config=record.config, status="interrupted", message="stopped", parameters=PARAMETERS)
    back = from_zip(to_zip(empty))
    assert isinstance(back, RunSummary)
    assert back.message == "stopped"


# refusals, one sentence each


@pytest.mark.parametrize("cut", [0, 1, 21, 22, 100, 1000, -1, -22])
def test_a_truncated_archive(good, cut):
    assert refusal(good[:cut]) == "it is not a whole .zip archive: another kind of file, or truncated"


@pytest.mark.parametrize(
    "data", [b"", b"PK", b"\x89PNG\r\n" + bytes(500), b"{}" * 50], ids=["none", "PK", "png", "json"]
)
def test_another_kind_of_file(data):
    assert refusal(data) == "it is not a whole .zip archive: another kind of file, or truncated"


def test_an_archive_without_its_beginning(good):
    assert refusal(good[1000:]) == "the archive is damaged: it cannot be unpacked"


def test_a_large_archive_is_not_even_opened(good, monkeypatch):
    monkeypatch.setattr(zipfile, "ZipFile", None)
    assert refusal(bytes(8_000_001)) == "the archive is larger than 8,000,000 bytes"


def test_many_entries(record):
    files = list(encode(record).items())
    assert refusal(archive([*files, *((f"{i}/", b"") for i in range(14))])) == (
        "the archive lists more than the 3 files of a record"
    )
    assert from_zip(archive([*files, *((f"{i}/", b"") for i in range(13))])).run_id == record.run_id


def test_a_long_table_of_contents_is_not_parsed(monkeypatch, record):
    long = archive([(f"{i}/" + "x" * 900, b"") for i in range(10)])
    monkeypatch.setattr(zipfile, "ZipFile", None)
    assert refusal(long) == "the archive lists more than the 3 files of a record"


def test_the_64_bit_format(good):
    locator = b"PK\x06\x07" + bytes(16)
    assert refusal(good[:-22] + locator + good[-22:]) == (
        "the archive is in the 64-bit format, which so small a one does not need"
    )


@pytest.mark.parametrize("large", [False, True])
def test_a_file_of_pytorch_is_called_one(large):
    buffer = io.BytesIO()
    torch.save({"weight": torch.zeros(3_000_000 if large else 3)}, buffer)
    assert refusal(buffer.getvalue()) == (
        "it is a file of PyTorch (torch.save), which can hold code and is not opened here; upload the record of the "
        "run as this app or python -m core leaves it: run.json, weights.safetensors and predictions.npz in one .zip"
    )


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


# whatever comes: a record or a RecordError, never another exception

ONE_SENTENCE = re.compile(r"[^\n]{5,400}")


def read(data: bytes) -> None:
    sentence = "a record came out"
    try:
        from_zip(data)
    except RecordError as error:
        sentence = str(error)
    assert ONE_SENTENCE.fullmatch(sentence), sentence


@given(st.binary(max_size=400))
@settings(deadline=None)
def test_random_bytes(data):
    read(data)
    read(b"PK\x03\x04" + data + b"PK\x05\x06" + bytes(18))


@given(st.data())
@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_flipped_bits_and_cuts(good, data):
    # the headers are where a reader can be led astray: half of the flips go there
    changed = bytearray(good)
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.one_of(st.integers(-400, -1), st.integers(0, len(good) - 1)))
        changed[place] ^= 1 << data.draw(st.integers(0, 7))
    start = data.draw(st.sampled_from([0, 0, 0, 1, 37]))
    end = data.draw(st.sampled_from([0, 0, 0, 1, 22, 300]))
    read(bytes(changed[start : len(changed) - end]))


@given(st.integers(0, 60), st.integers(0, 255))
@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_byte_of_an_entry_in_the_table_of_contents(good, offset, value):
    read(patched(good, offset, bytes([value])))


@given(st.integers(0, 2**20), st.binary(min_size=1, max_size=8))
@settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_in_signed_predictions(record, sign, place, value):
    files = encode(record)
    content = bytearray(files[PREDICTIONS_FILE])
    place %= len(content)
    content[place : place + len(value)] = value
    read(archive(sign({**files, PREDICTIONS_FILE: bytes(content)}).items(), zipfile.ZIP_STORED))
