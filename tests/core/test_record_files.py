"""Records as files: the way there and back, and every kind of damage refused by name."""

from __future__ import annotations

import hashlib
import io
import json
import pickle
import zipfile
from dataclasses import replace

import numpy as np
import pytest
from safetensors.numpy import save as to_safetensors

from core import record_files, runs
from core.config import RunConfig
from core.record import EpochRow, Predictions, RecordError, RunRecord
from core.record_files import PREDICTIONS_FILE, RUN_FILE, WEIGHTS_FILE, decode, encode


@pytest.fixture
def files(record) -> dict[str, bytes]:
    return encode(record)


def sign(files: dict[str, bytes], change=None) -> dict[str, bytes]:
    """The same files with checksums that fit, as a stranger with bad intentions would make them."""
    values = json.loads(files[RUN_FILE])
    values["files"] = {name: hashlib.sha256(data).hexdigest() for name, data in files.items() if name != RUN_FILE}
    if change is not None:
        change(values)
    del values["checksum"]
    canonical = json.dumps(values, sort_keys=True, separators=(",", ":")).encode()
    values["checksum"] = hashlib.sha256(canonical).hexdigest()
    return {**files, RUN_FILE: json.dumps(values).encode()}


def arrays_of(files) -> dict[str, np.ndarray]:
    with np.load(io.BytesIO(files[PREDICTIONS_FILE])) as archive:
        return dict(archive)


def with_arrays(files, **changes) -> dict[str, bytes]:
    buffer = io.BytesIO()
    arrays = {k: v for k, v in {**arrays_of(files), **changes}.items() if v is not None}
    np.savez_compressed(buffer, allow_pickle=True, **arrays)
    return sign({**files, PREDICTIONS_FILE: buffer.getvalue()})


def test_there_and_back(record, files):
    back = decode(files)
    assert set(files) == {RUN_FILE, WEIGHTS_FILE, PREDICTIONS_FILE}
    for field in ("config", "status", "epochs", "message", "images_per_second", "parameters", "environment"):
        assert getattr(back, field) == getattr(record, field), field
    assert back.weights.keys() == record.weights.keys()
    for name, array in record.weights.items():
        np.testing.assert_array_equal(back.weights[name], array)
        assert back.weights[name].dtype == array.dtype
    for field in ("true", "predicted", "confidence", "wrong_index", "wrong_image", "wrong_probabilities"):
        np.testing.assert_array_equal(getattr(back.predictions, field), getattr(record.predictions, field))
    assert back.predictions.fingerprint == record.predictions.fingerprint


def test_run_json_holds_what_is_documented(record, files):
    values = json.loads(files[RUN_FILE])
    assert values["schema_version"] == 1
    assert values["run_id"] == record.run_id
    assert values["config"] == record.config.to_dict()
    assert values["status"] == "complete"
    assert [set(row) for row in values["epochs"]] == [
        {"epoch", "train_loss", "train_accuracy", "test_loss", "test_accuracy", "seconds"}
    ] * 2
    assert values["parameters"] == 19_130
    assert values["environment"]["device"] == "cpu"


def test_the_text_alone_is_enough_for_a_list(record, files):
    back = decode({RUN_FILE: files[RUN_FILE]}, arrays=False)
    assert back.epochs == record.epochs
    assert back.weights is back.predictions is None


def test_a_run_without_an_epoch_has_its_text_only(record):
    empty = RunRecord(config=record.config, status="interrupted", message="stopped", parameters=19_130)
    files = encode(empty)
    assert set(files) == {RUN_FILE}
    assert decode(files).message == "stopped"


def test_predictions_from_probabilities():
    probabilities = np.full((3, 10), 0.01)
    probabilities[[0, 1, 2], [4, 5, 6]] = [0.91, 0.5, 0.7]
    images = np.arange(3, dtype=np.uint8)[:, None, None] * np.ones((3, 28, 28), dtype=np.uint8)
    made = Predictions.of(np.array([4, 0, 1]), probabilities, images, "f" * 64)
    assert made.predicted.tolist() == [4, 5, 6]
    assert made.confidence.tolist() == pytest.approx([0.91, 0.5, 0.7])
    assert made.wrong_index.tolist() == [1, 2]
    assert made.wrong_image[:, 0, 0].tolist() == [1, 2]
    assert made.wrong_probabilities[1, 6] == pytest.approx(0.7)
    assert made.accuracy == pytest.approx(100 / 3)


def test_the_best_epoch_is_the_first_of_the_highest_accuracy(record):
    rows = tuple(EpochRow(i, 1.0, 50.0, 1.0, accuracy, 1.0) for i, accuracy in enumerate((90.0, 95.0, 95.0), start=1))
    assert replace(record, epochs=rows).best_epoch.epoch == 2


# damage


@pytest.mark.parametrize("name", [RUN_FILE, WEIGHTS_FILE, PREDICTIONS_FILE])
def test_a_missing_file_is_named(files, name):
    del files[name]
    with pytest.raises(RecordError, match=f"^{name}: missing$"):
        decode(files)


@pytest.mark.parametrize("name", [WEIGHTS_FILE, PREDICTIONS_FILE])
@pytest.mark.parametrize("damage", [lambda b: b[:-1], lambda b: b[:100], lambda b: b"", lambda b: b + b"\0"])
def test_a_truncated_file_is_named(files, name, damage):
    files[name] = damage(files[name])
    with pytest.raises(RecordError, match=f"^{name}: does not match its checksum in run.json"):
        decode(files)


@pytest.mark.parametrize("name", [WEIGHTS_FILE, PREDICTIONS_FILE])
def test_any_changed_byte_is_noticed(files, name):
    content = files[name]
    for place in range(0, len(content), max(1, len(content) // 40)):
        changed = bytearray(content)
        changed[place] ^= 0x10
        with pytest.raises(RecordError, match=f"^{name}: does not match its checksum"):
            decode({**files, name: bytes(changed)})


@pytest.mark.parametrize(
    "text",
    [b"", b"{", b"[]", b"null", b"\xff\xfe", b"[" * 100_000, b'{"schema_version": ' + b"9" * 5000 + b"}"],
    ids=["empty", "cut", "list", "null", "bytes", "nested", "long number"],
)
def test_something_that_is_no_json_object_is_refused(files, text):
    with pytest.raises(RecordError, match=r"^run.json: not (valid JSON|a JSON object)$"):
        decode({**files, RUN_FILE: text})


def test_every_prefix_of_run_json_is_refused(files):
    content = files[RUN_FILE]
    for end in range(0, len(content) - 1, 97):
        with pytest.raises(RecordError, match=r"^run.json: "):
            decode({**files, RUN_FILE: content[:end]})


def test_a_changed_number_is_noticed(files):
    values = json.loads(files[RUN_FILE])
    values["epochs"][-1]["test_accuracy"] = 99.99
    with pytest.raises(RecordError, match=r"^run.json: field 'checksum' does not match the content; the file was alt"):
        decode({**files, RUN_FILE: json.dumps(values).encode()})


def changed(name, value):
    def change(values):
        values[name] = value

    return change


def config_with(**fields):
    def change(values):
        values["config"].update(fields)

    return change


def row_with(**fields):
    def change(values):
        values["epochs"][1].update(fields)

    return change


def consistent_other_config(values):
    other = RunConfig(norm="bn", dataset="digits", epochs=1)
    values["config"], values["run_id"] = other.to_dict(), other.run_id


FOREIGN = {
    "newer schema": (changed("schema_version", 2), "field 'schema_version' is 2; this version reads 1"),
    "schema as text": (changed("schema_version", "1"), "field 'schema_version' is '1'; this version reads 1"),
    "schema true": (changed("schema_version", True), "field 'schema_version' is of type bool"),
    "no config": (lambda v: v.pop("config"), "field 'config' is missing"),
    "epochs as text": (changed("epochs", "2"), "field 'epochs' is of type str"),
    "an extra field": (changed("script", "import os"), "field 'script' is unknown"),
    "an unknown norm": (config_with(norm="xn"), "field 'config' is invalid: norm='xn' is unknown"),
    "a huge lr": (config_with(lr=10**400), "field 'config' is invalid: lr=1000"),
    "a config field too many": (config_with(gpu=1), "field 'config' is invalid: unknown field 'gpu'"),
    "a config with another form": (config_with(groups=2), "field 'config' is not in its one form"),
    "another config": (config_with(seed=5), "field 'run_id' does not match the configuration"),
    "too many rows": (consistent_other_config, "field 'epochs' has 2 rows for 1 epochs"),
    "too few rows": (lambda v: v["epochs"].pop(), "field 'epochs' has 1 rows, but a complete run has 2"),
    "an unknown status": (changed("status", "won"), "field 'status' is 'won'; known are running, complete"),
    "a negative rate": (changed("images_per_second", -1), "field 'images_per_second' is not a finite rate"),
    "a rate beyond floats": (changed("images_per_second", 10**400), "field 'images_per_second' is not a finite rate"),
    "a rate that is nan": (changed("images_per_second", float("nan")), "field 'images_per_second' is not a finite"),
    "a nan elsewhere": (changed("environment", {"x": float("nan")}), "holds a number that is not finite"),
    "other files": (changed("files", {"evil.py": "0"}), "field 'files' names other files than the weights"),
    "no files": (changed("files", {}), "field 'files' is empty, but a complete run has weights"),
    "a row of text": (row_with(test_loss="0.1"), "field 'epochs[1].test_loss' is 0.1, not a finite number"),
    "a row of nan": (row_with(train_loss=float("nan")), "is not|holds a number that is not finite"),
    "a row beyond floats": (row_with(seconds=10**400), "field 'epochs[1].seconds' is 1000"),
    "a negative row": (row_with(seconds=-1.0), "field 'epochs[1].seconds' is -1.0, not a finite number of at least 0"),
    "more than all": (row_with(train_accuracy=100.5), "field 'epochs[1].train_accuracy' is 100.5, above 100 percent"),
    "rows out of order": (row_with(epoch=1), "field 'epochs[1].epoch' is 1, not 2"),
    "a row with more": (row_with(extra=1), "field 'epochs' row 2 does not have exactly epoch, train_loss"),
    "a row that is a list": (changed("epochs", [[], []]), "field 'epochs' row 1 does not have exactly"),
    "another accuracy": (row_with(test_accuracy=1.0), "the predictions are right for"),
}


@pytest.mark.parametrize(("change", "message"), FOREIGN.values(), ids=FOREIGN.keys())
def test_foreign_content_is_refused_by_field_even_where_checksums_fit(files, change, message):
    with pytest.raises(RecordError) as caught:
        decode(sign(files, change))
    assert any(part in str(caught.value) for part in message.split("|")), str(caught.value)
    assert str(caught.value).startswith((RUN_FILE, PREDICTIONS_FILE))


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


def test_a_pickle_in_the_archive_is_never_executed(files, bomb):
    hostile = with_arrays(files, confidence=np.array([Bomb()], dtype=object))
    with pytest.raises(RecordError, match=r"^predictions.npz: field 'confidence' cannot be read as an array of numbe"):
        decode(hostile)
    assert not Bomb.executed


@pytest.mark.parametrize("name", [RUN_FILE, WEIGHTS_FILE, PREDICTIONS_FILE])
def test_a_pickle_in_place_of_a_file_is_never_executed(files, bomb, name):
    hostile = {**files, name: pickle.dumps(Bomb())}
    with pytest.raises(RecordError, match=f"^{name}: "):
        decode(sign(hostile) if name != RUN_FILE else hostile)
    assert not Bomb.executed


def archive_of(files, member, content, **info) -> dict[str, bytes]:
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


def test_an_archive_that_unpacks_to_too_much_is_refused_unread(files):
    zeros = npy(b"{'descr': '|u1', 'fortran_order': False, 'shape': (70000000,)}\n", bytes(70_000_000))
    bomb = archive_of(files, "wrong_image.npy", zeros)
    assert len(bomb[PREDICTIONS_FILE]) < 1_000_000
    with pytest.raises(
        RecordError, match=r"field 'wrong_image.npy' unpacks to more than 64,000,000 bytes|'wrong_image'"
    ):
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
def test_a_member_that_is_no_array_is_named(files, content):
    with pytest.raises(RecordError, match=r"^predictions.npz: field 'true' cannot be read as an array of numbers$"):
        decode(archive_of(files, "true.npy", content))


@pytest.mark.parametrize("place", range(60, 4000, 251))
def test_broken_archives_are_refused_whatever_breaks(files, place):
    content = bytearray(files[PREDICTIONS_FILE])
    content[place : place + 16] = bytes(16)
    with pytest.raises(RecordError, match=r"^predictions.npz: field "):
        decode(sign({**files, PREDICTIONS_FILE: bytes(content)}))


@pytest.mark.parametrize("content", [b"", b"PK\x05\x06" + bytes(18), b"PK\x03\x04 cut"])
def test_an_archive_of_nothing_is_refused(files, content):
    with pytest.raises(RecordError, match=r"^predictions.npz: field '\w+' "):
        decode(sign({**files, PREDICTIONS_FILE: content}))


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
def test_wrong_arrays_are_refused_by_field(files, change, message):
    with pytest.raises(RecordError, match=f"^predictions.npz: .*{message}"):
        decode(with_arrays(files, **change(files)))


def weights_file(files, **changes):
    from safetensors.numpy import load

    return sign({**files, WEIGHTS_FILE: to_safetensors({**load(files[WEIGHTS_FILE]), **changes})})


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_weights_that_are_not_finite_are_refused(files, value):
    with pytest.raises(RecordError, match=r"^weights.safetensors: tensor 'head.bias' holds values that are not fin"):
        decode(weights_file(files, **{"head.bias": np.full(10, value, dtype=np.float32)}))


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
def test_a_file_that_is_no_safetensors_is_refused(files, content):
    with pytest.raises(RecordError, match=r"^weights.safetensors: not a safetensors file of numbers$"):
        decode(sign({**files, WEIGHTS_FILE: content}))


def test_a_file_that_is_too_large_is_not_parsed(files, monkeypatch):
    monkeypatch.setitem(record_files.MAX_BYTES, WEIGHTS_FILE, 1000)
    with pytest.raises(RecordError, match=r"^weights.safetensors: larger than 1,000 bytes$"):
        decode(files)


def test_weights_of_another_network_are_refused_by_tensor(files, record, tmp_path):
    folder = tmp_path / record.run_id
    folder.mkdir()

    def put(files):
        for name, content in files.items():
            (folder / name).write_bytes(content)

    put(weights_file(files, **{"head.bias": np.zeros(11, dtype=np.float32)}))
    with pytest.raises(RecordError, match=r"weights.safetensors: tensor 'head.bias' has shape \(11,\), not \(10,\)"):
        runs.verify(folder)
    with pytest.raises(RecordError, match=r"weights.safetensors: the tensors are not those of BN"):
        runs.trained_model(runs.load(folder))
    put(weights_file(files, extra=np.zeros(1, dtype=np.float32)))
    with pytest.raises(RecordError, match=r"tensor 'extra' has shape \(1,\), not None"):
        runs.verify(folder)
    put(sign(files, changed("parameters", 5)))
    with pytest.raises(RecordError, match=r"run.json: field 'parameters' is 5, not 19130"):
        runs.verify(folder)
    put(files)
    assert runs.verify(folder).run_id == record.run_id
