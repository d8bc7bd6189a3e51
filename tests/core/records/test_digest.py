"""The digest of a record tells everything that a cache could confuse."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.records.files import decode


def test_the_digest_tells_what_a_record_holds(record, files):
    assert decode(files).digest == record.digest
    row = record.epochs[0]
    # of numbers that differ by a power of two, 61 of them, Python's hash is the same
    assert hash(row.test_loss) == hash(row.test_loss * 2.0**61)
    other = record.changed(epochs=(replace(row, test_loss=row.test_loss * 2.0**61), *record.epochs[1:]))
    name, array = next(iter(record.weights.items()))
    moved = replace(record, weights={**record.weights, name: array + np.float32(1)})
    renamed = replace(record, predictions=replace(record.predictions, fingerprint="0" * 64))
    assert len({r.digest for r in (record, other, moved, renamed, record.changed(status="running"))}) == 5


@pytest.mark.parametrize(
    "name", ["true", "predicted", "confidence", "wrong_index", "wrong_image", "wrong_probabilities", "fingerprint"]
)
def test_the_digest_tells_one_answer_from_another(record, name):
    if name == "fingerprint":
        value = "0" * 64
    else:
        value = getattr(record.predictions, name).copy()
        value.flat[-1] = 1 - value.flat[-1]
    answers = replace(record.predictions, **{name: value})
    assert replace(record, predictions=answers).digest != record.digest


def test_the_digest_tells_shape_type_and_name(record):
    name, array = next((name, array) for name, array in record.weights.items() if array.size == 32)
    others = [
        {**record.weights, name: array.reshape(2, -1)},
        {**record.weights, name: array.view(np.int32)},
        {f"{name}s" if key == name else key: value for key, value in record.weights.items()},
    ]
    digests = {replace(record, weights=weights).digest for weights in (record.weights, *others)}
    assert len(digests) == 4


def test_the_digest_tells_every_part_of_the_summary(record):
    changes = {
        "config": replace(record.config, seed=5),
        "status": "interrupted",
        "epochs": record.epochs[:1],
        "parameters": record.summary.parameters + 1,
    }
    digests = {record.changed(**{name: value}).digest for name, value in changes.items()}
    assert len(digests - {record.digest}) == 4
