"""What a network says of an image outside a test set is what it says within one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from core.data.batches import standardize, to_float
from core.records.answers import answers, probabilities
from core.records.network import trained_model
from core.records.record import RunRecord
from core.training.loop import evaluate


def test_probabilities_are_those_of_an_evaluation(record, digits):
    model = trained_model(record)
    expected = evaluate(model, digits).probabilities.numpy()
    found = probabilities(model, digits.test_images.numpy(), "digits")
    np.testing.assert_allclose(found, expected, atol=1e-6)
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-12)
    assert found.min() >= 0


def test_the_answer_to_one_image_is_torchs_in_inference_mode_whatever_else_there_is(record, digits):
    """BN by its running statistics: alone in its batch as among others."""
    image = digits.test_images[7]
    model = trained_model(record)
    with torch.no_grad():
        logits = model.eval()(standardize(to_float(image[None]), digits))[0]
    exact = torch.exp(logits.double()) / torch.exp(logits.double()).sum()
    [found], missing = answers([("mine", record)], image.numpy())
    assert missing == []
    assert found.name == "mine"
    np.testing.assert_allclose(found.probabilities, exact.numpy(), rtol=1e-5)
    among = probabilities(model, digits.test_images[:20].numpy(), "digits")[7]
    np.testing.assert_allclose(found.probabilities, among, atol=1e-6)
    assert found.probabilities.sum() == pytest.approx(1, abs=1e-12)
    assert found.confidence == found.probabilities.max() == found.probabilities[found.predicted]


def with_weights(record: RunRecord, change) -> RunRecord:
    return replace(record, weights=change({name: np.array(array) for name, array in record.weights.items()}))


def test_a_run_without_usable_weights_is_named(record, digits):
    def another_shape(weights):
        name = next(iter(weights))
        return weights | {name: weights[name][:1]}

    def overflowing(weights):
        return {name: np.full_like(a, 3e38) if a.dtype == np.float32 else a for name, a in weights.items()}

    runs = [
        ("good", record),
        ("another's", with_weights(record, another_shape)),
        ("huge", with_weights(record, overflowing)),
    ]
    found, missing = answers(runs, digits.test_images[0].numpy())
    assert [answer.name for answer in found] == ["good"]
    assert missing == ["another's", "huge"]
