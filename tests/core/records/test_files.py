"""Records as files: the way there and back, and every kind of damage refused by name."""

from __future__ import annotations

import hashlib
import json

import numpy as np
import pytest
from safetensors.numpy import save as to_safetensors

from core.config import RunConfig
from core.records import network
from core.records.files import PREDICTIONS_FILE, RUN_FILE, WEIGHTS_FILE, decode, decode_summary, encode
from core.records.record import EpochRow, Predictions, RecordError, RunSummary
from core.records.store import load
from tests.sizes import PARAMETERS


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
    assert values["parameters"] == PARAMETERS
    assert values["environment"]["device"] == "cpu"


def test_the_text_alone_is_enough_for_a_list(record, files):
    back = decode_summary({RUN_FILE: files[RUN_FILE]})
    assert isinstance(back, RunSummary)
    assert vars(back) == vars(record.summary)


def test_a_run_without_an_epoch_has_its_text_only(record):
    empty = RunSummary(config=record.config, status="interrupted", message="stopped", parameters=PARAMETERS)
    files = encode(empty)
    assert set(files) == {RUN_FILE}
    assert decode_summary(files).message == "stopped"
    with pytest.raises(RecordError, match=r"^weights.safetensors: the run stopped before its first epoch ended, so "):
        decode(files)


def test_a_record_of_epochs_without_their_arrays_is_refused(record):
    with pytest.raises(RecordError, match=r"^run.json: field 'files' is empty, but a run with an epoch has weights"):
        decode(encode(record.summary.changed(status="interrupted")))


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
    assert record.changed(epochs=rows).best_epoch.epoch == 2


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


@pytest.mark.parametrize("field", ["schema_version", "config"])
def test_what_is_nested_deeply_is_refused_without_printing_it(files, field):
    values = json.loads(files[RUN_FILE])
    values[field] = {"norm": "deep"} if field == "config" else "deep"
    text = json.dumps(values).replace('"deep"', "[" * 800 + "]" * 800)
    with pytest.raises(RecordError, match=rf"^run.json: field '{field}' "):
        decode({**files, RUN_FILE: text.encode()})


def test_a_table_of_contents_of_many_tensors_is_refused_unread(files, sign):
    for weights in ({"a" * 30_000: np.zeros(1)}, {f"tensor {i}": np.zeros(0) for i in range(2_000)}):
        with pytest.raises(RecordError, match=r"^weights.safetensors: not a safetensors file with a short header$"):
            decode(sign({**files, WEIGHTS_FILE: to_safetensors(weights)}))


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


def test_a_record_that_is_older_than_a_field_is_read(record):
    files = encode(record)
    values = json.loads(files[RUN_FILE])
    del values["config"]["validation"], values["checksum"]
    values["checksum"] = hashlib.sha256(json.dumps(values, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
    older = decode({**files, RUN_FILE: json.dumps(values).encode()})
    assert older.config == record.config
    assert older.run_id == record.run_id


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
    "nested in the environment": (changed("environment", {"x": [[]]}), "field 'environment' holds more than texts"),
    "a long environment": (changed("environment", {str(i): i for i in range(41)}), "has 41 entries; 40 are allowed"),
    "a config of lists": (config_with(norm=[]), "field 'config' holds more than texts and numbers"),
    "a row of text": (row_with(test_loss="0.1"), "field 'epochs[1].test_loss' is '0.1', not a finite number"),
    "a row of lists": (row_with(test_loss=[[]]), "field 'epochs[1].test_loss' is of type list, not a finite number"),
    "half a character": (row_with(train_loss="\ud800"), "field 'epochs[1].train_loss' is '\\ud800', not a finite"),
    "a row of nan": (row_with(train_loss=float("nan")), "run.json: holds a number that is not finite"),
    "a row beyond floats": (row_with(seconds=10**400), "field 'epochs[1].seconds' is 1000"),
    "a negative row": (row_with(seconds=-1.0), "field 'epochs[1].seconds' is -1.0, not a finite number of at least 0"),
    "more than all": (row_with(train_accuracy=100.5), "field 'epochs[1].train_accuracy' is 100.5, above 100 percent"),
    "rows out of order": (row_with(epoch=1), "field 'epochs[1].epoch' is 1, not 2"),
    "a row with more": (row_with(extra=1), "field 'epochs' row 2 does not have exactly epoch, train_loss"),
    "a row that is a list": (changed("epochs", [[], []]), "field 'epochs' row 1 does not have exactly"),
    "another accuracy": (row_with(test_accuracy=1.0), "the predictions are right for"),
}


@pytest.mark.parametrize(("change", "message"), FOREIGN.values(), ids=FOREIGN.keys())
def test_foreign_content_is_refused_by_field_even_where_checksums_fit(files, sign, change, message):
    with pytest.raises(RecordError) as caught:
        decode(sign(files, change))
    assert message in str(caught.value)
    assert str(caught.value).startswith((RUN_FILE, PREDICTIONS_FILE))


def test_weights_of_another_network_are_refused_by_tensor(files, sign, record, tmp_path):
    folder = tmp_path / record.run_id
    folder.mkdir()

    def with_weights(**changes):
        return sign({**files, WEIGHTS_FILE: to_safetensors({**record.weights, **changes})})

    def put(files):
        for name, content in files.items():
            (folder / name).write_bytes(content)

    put(with_weights(**{"head.bias": np.zeros(11, dtype=np.float32)}))
    with pytest.raises(RecordError, match=r"weights.safetensors: tensor 'head.bias' has shape \(11,\), not \(10,\)"):
        network.verify(folder)
    with pytest.raises(RecordError, match=r"weights.safetensors: the tensors are not those of BN"):
        network.trained_model(load(folder))
    put(with_weights(extra=np.zeros(1, dtype=np.float32)))
    with pytest.raises(RecordError, match=r"tensor 'extra' has shape \(1,\), not None"):
        network.verify(folder)
    put(sign(files, changed("parameters", 5)))
    with pytest.raises(RecordError, match=rf"run.json: field 'parameters' is 5, not {PARAMETERS}"):
        network.verify(folder)
    put(files)
    assert network.verify(folder).run_id == record.run_id
