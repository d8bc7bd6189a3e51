"""Predictions and weights from a stranger: refused by field, and never executed."""

from __future__ import annotations

import io
import json
import pickle
import zipfile

import numpy as np
import pytest
from safetensors.numpy import save as to_safetensors

from core.records.files import MAX_BYTES, PREDICTIONS_FILE, RUN_FILE, WEIGHTS_FILE, decode
from core.records.record import RecordError


def arrays_of(files) -> dict[str, np.ndarray]:
    with np.load(io.BytesIO(files[PREDICTIONS_FILE])) as archive:
        return dict(archive)


def with_arrays(files, sign, **changes) -> dict[str, bytes]:
    buffer = io.BytesIO()
    arrays = {k: v for k, v in {**arrays_of(files), **changes}.items() if v is not None}
    np.savez_compressed(buffer, allow_pickle=True, **arrays)
    return sign({**files, PREDICTIONS_FILE: buffer.getvalue()})


class Bomb:
    """Unpickling this leaves a mark."""

    executed = False

    def __reduce__(self):
        return (_explode, ())


def _explode():
    Bomb.executed = True
    return 0


@pytest.fixture
def bomb():
    Bomb.executed = False
    pickle.loads(pickle.dumps(Bomb()))
    assert Bomb.executed  # it works
    Bomb.executed = False


def test_a_pickle_in_the_archive_is_never_executed(files, sign, bomb):
    hostile = with_arrays(files, sign, confidence=np.array([Bomb()], dtype=object))
    with pytest.raises(RecordError, match=r"^predictions.npz: field 'confidence' cannot be read as an array of numbe"):
        decode(hostile)
    assert not Bomb.executed


@pytest.mark.parametrize("name", [RUN_FILE, WEIGHTS_FILE, PREDICTIONS_FILE])
def test_a_pickle_in_place_of_a_file_is_never_executed(files, sign, bomb, name):
    hostile = {**files, name: pickle.dumps(Bomb())}
    with pytest.raises(RecordError, match=f"^{name}: "):
        decode(sign(hostile) if name != RUN_FILE else hostile)
    assert not Bomb.executed


def archive_of(files, sign, member, content) -> dict[str, bytes]:
    """The predictions with one member replaced byte by byte."""
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(files[PREDICTIONS_FILE])) as old,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            new.writestr(name, content if name == member else old.read(name))
    return sign({**files, PREDICTIONS_FILE: buffer.getvalue()})


def npy(header: bytes, body: bytes = b"") -> bytes:
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + body


def test_an_archive_that_unpacks_to_too_much_is_refused_unread(files, sign):
    zeros = npy(b"{'descr': '|u1', 'fortran_order': False, 'shape': (70000000,)}\n", bytes(70_000_000))
    bomb = archive_of(files, sign, "wrong_image.npy", zeros)
    with pytest.raises(RecordError, match=r"field 'wrong_image.npy' unpacks to more than 64,000,000 bytes$"):
        decode(bomb)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not an array",
        npy(b"{'descr': '<i8', 'fortran_order': False, 'shape': (10000000000000,)}\n"),
        npy(b"{'descr': '<i8', 'fortran_order': False, 'shape': (-3,)}\n"),
        npy(b"{'descr': '<i8', 'fortran_order': False, 'shape': (359,)}\n", bytes(8)),
        npy(b"__import__('os').getcwd()\n"),
        npy(b"(" * 5000 + b"\n"),
        npy(b"{'descr': '|O', 'fortran_order': False, 'shape': (1,)}\n", b"."),
    ],
    ids=["empty", "text", "80 TB", "negative", "short", "code", "nested", "objects"],
)
def test_a_member_that_is_no_array_is_named(files, sign, content):
    with pytest.raises(RecordError, match=r"^predictions.npz: field 'true' cannot be read as an array of numbers$"):
        decode(archive_of(files, sign, "true.npy", content))


def packed(files, compression) -> bytearray:
    """The predictions in an archive of another compression."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as new:
        for name, array in arrays_of(files).items():
            with new.open(f"{name}.npy", "w") as member:
                np.lib.format.write_array(member, array, allow_pickle=False)
    return bytearray(buffer.getvalue())


def data_of(content: bytes, member: str) -> tuple[int, int]:
    """Where the bytes of a member begin in an archive, and how many there are: both by its table of contents."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        info = archive.getinfo(member)
    name, extra = (int.from_bytes(content[info.header_offset + at :][:2], "little") for at in (26, 28))
    return info.header_offset + 30 + name + extra, info.compress_size


MEMBERS = ["true", "predicted", "confidence", "wrong_index", "wrong_image", "wrong_probabilities", "fingerprint"]


@pytest.mark.parametrize("name", MEMBERS)
@pytest.mark.parametrize("part", [0.0, 0.3, 0.7, 1.0])
def test_broken_archives_are_refused_whatever_breaks(files, sign, name, part):
    """Any byte of what is stored: its checksum tells, wherever it lies."""
    content = packed(files, zipfile.ZIP_STORED)
    start, size = data_of(content, f"{name}.npy")
    content[start + round(part * (size - 1))] ^= 0xFF
    with pytest.raises(RecordError, match=rf"^predictions.npz: field '{name}' cannot be read as an array of numbers$"):
        decode(sign({**files, PREDICTIONS_FILE: bytes(content)}))


@pytest.mark.parametrize("name", MEMBERS)
def test_broken_compression_is_refused(files, sign, name):
    """Wherever the bytes lie and however many there are: they begin with a kind of block that there is not."""
    content = packed(files, zipfile.ZIP_DEFLATED)
    content[data_of(content, f"{name}.npy")[0]] = 0b111
    with pytest.raises(RecordError, match=rf"^predictions.npz: field '{name}' cannot be read as an array of numbers$"):
        decode(sign({**files, PREDICTIONS_FILE: bytes(content)}))


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_stored_and_deflated_arrays_are_read(files, sign, compression):
    back = decode(sign({**files, PREDICTIONS_FILE: bytes(packed(files, compression))}))
    np.testing.assert_array_equal(back.predictions.true, arrays_of(files)["true"])


@pytest.mark.parametrize(("compression", "method"), [(zipfile.ZIP_BZIP2, 12), (zipfile.ZIP_LZMA, 14)])
def test_arrays_of_other_compressions_are_refused(files, sign, compression, method):
    content = bytes(packed(files, compression))
    with pytest.raises(RecordError, match=rf"^predictions.npz: field 'true.npy' is compressed by method {method}; use"):
        decode(sign({**files, PREDICTIONS_FILE: content}))


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut"])
def test_what_is_no_archive_is_refused(files, sign, content):
    with pytest.raises(RecordError, match=r"^predictions.npz: cannot be read as an archive of arrays$"):
        decode(sign({**files, PREDICTIONS_FILE: content}))


def test_an_archive_of_nothing_is_refused(files, sign):
    with pytest.raises(RecordError, match=r"^predictions.npz: field 'confidence' is missing or unknown$"):
        decode(sign({**files, PREDICTIONS_FILE: b"PK\x05\x06" + bytes(18)}))


def probabilities(files, value):
    array = arrays_of(files)["confidence"].copy()
    array[3] = value
    return array


ARRAYS = {
    "missing": (lambda f: {"confidence": None}, "field 'confidence' is missing or unknown"),
    "unknown": (lambda f: {"extra": np.zeros(3)}, "field 'extra' is missing or unknown"),
    "shorter": (lambda f: {"predicted": arrays_of(f)["predicted"][:-1]}, r"field 'predicted' is int64 of shape \(358"),
    "type": (lambda f: {"confidence": arrays_of(f)["confidence"].astype(float)}, "field 'confidence' is float64"),
    "nan": (lambda f: {"confidence": probabilities(f, np.nan)}, "field 'confidence' holds a probability outside 0..1"),
    "above 1": (lambda f: {"confidence": probabilities(f, 1.5)}, "field 'confidence' holds a probability outside"),
    "class": (lambda f: {"true": arrays_of(f)["true"] + 1}, "field 'true' holds a class outside 0..9"),
    "table": (lambda f: {"true": arrays_of(f)["true"][:, None]}, r"field 'true' has shape \(359, 1\)"),
    "nothing": (lambda f: {"true": np.zeros(0, dtype=np.int64)}, r"field 'true' has shape \(0,\)"),
    "index": (lambda f: {"wrong_index": arrays_of(f)["wrong_index"] + 1}, "field 'wrong_index' does not list"),
    "image": (lambda f: {"wrong_image": arrays_of(f)["wrong_image"][:, :27]}, "field 'wrong_image' is uint8 of shape"),
    "classes": (lambda f: {"wrong_probabilities": arrays_of(f)["wrong_probabilities"][:, :9]}, "wrong_probabilities"),
    "fingerprint": (lambda f: {"fingerprint": np.array("../etc")}, "field 'fingerprint' is not 64 hexadecimal digits"),
    "bytes": (lambda f: {"fingerprint": np.array(b"a" * 64)}, "field 'fingerprint' is not 64 hexadecimal digits"),
}


@pytest.mark.parametrize(("change", "message"), ARRAYS.values(), ids=ARRAYS.keys())
def test_wrong_arrays_are_refused_by_field(files, sign, change, message):
    with pytest.raises(RecordError, match=f"^predictions.npz: .*{message}"):
        decode(with_arrays(files, sign, **change(files)))


def weights_file(files, sign, **changes):
    from safetensors.numpy import load

    return sign({**files, WEIGHTS_FILE: to_safetensors({**load(files[WEIGHTS_FILE]), **changes})})


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_weights_that_are_not_finite_are_refused(files, sign, value):
    with pytest.raises(RecordError, match=r"^weights.safetensors: tensor 'head.bias' holds values that are not fin"):
        decode(weights_file(files, sign, **{"head.bias": np.full(10, value, dtype=np.float32)}))


def safetensors_with(header: dict, body: bytes = b"") -> bytes:
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + body


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff" * 20,
        b"\xff" * 8 + b"{}",
        safetensors_with({"a": {"dtype": "F32", "shape": [1000], "data_offsets": [0, 4000]}}, bytes(4)),
        safetensors_with({"a": {"dtype": "O", "shape": [1], "data_offsets": [0, 4]}}, bytes(4)),
        safetensors_with({"a": {"dtype": "F8_E5M2", "shape": [4], "data_offsets": [0, 4]}}, bytes(4)),
    ],
    ids=["empty", "noise", "huge header", "short", "objects", "a type that numpy lacks"],
)
def test_a_file_that_is_no_safetensors_is_refused(files, sign, content):
    with pytest.raises(
        RecordError, match=r"^weights.safetensors: not a safetensors file (of numbers|with a short header)$"
    ):
        decode(sign({**files, WEIGHTS_FILE: content}))


def test_a_file_that_is_too_large_is_not_parsed(files, sign, monkeypatch):
    monkeypatch.setitem(MAX_BYTES, WEIGHTS_FILE, 1000)
    with pytest.raises(RecordError, match=r"^weights.safetensors: larger than 1,000 bytes$"):
        decode(files)
