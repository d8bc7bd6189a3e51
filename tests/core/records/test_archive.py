"""Records as archives: there and back, what is no whole small archive refused in one sentence, and whatever comes."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.records.archive import from_zip, to_zip, zip_name
from core.records.files import PREDICTIONS_FILE, encode
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
