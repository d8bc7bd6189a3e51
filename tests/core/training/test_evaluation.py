"""Evaluation: what a network says of the whole test set."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch.nn import functional as F

from core.catalogue import NORMS
from core.data.batches import standardize, to_float
from core.model import get_model
from core.training.loop import EVALUATION_CHUNK, evaluate, evaluation_steps, train
from tests.core.training.test_loop import config


def plain_evaluation(model, data):
    """The same in an ordinary loop, one image at a time."""
    model.eval()
    loss, right = 0.0, 0
    with torch.no_grad():
        for image, label in zip(data.test_images, data.test_labels, strict=True):
            logits = model(((image / 255 - data.mean) / data.std)[None, None])
            loss += float(F.cross_entropy(logits, label[None]))
            right += int(logits.argmax() == label)
    return loss / len(data.test_labels), 100 * right / len(data.test_labels)


@pytest.mark.parametrize("norm", NORMS)
def test_evaluation_equals_a_plain_loop(few, norm):
    training = train(config(norm=norm, epochs=2), few)
    list(training)
    result = evaluate(training.model, few)
    loss, accuracy = plain_evaluation(training.model, few)
    assert result.loss == pytest.approx(loss, rel=1e-4)
    assert result.accuracy == pytest.approx(accuracy)
    assert (result.loss, result.accuracy) == (training.evaluation.loss, training.evaluation.accuracy)
    torch.testing.assert_close(result.probabilities.sum(dim=1), torch.ones(100))
    assert torch.equal(result.predicted, result.probabilities.argmax(dim=1))


def test_evaluation_uses_running_statistics_and_changes_nothing(few):
    training = train(config(epochs=1), few)
    list(training)
    model = training.model.train()
    before = {k: v.clone() for k, v in model.state_dict().items()}
    steps = evaluation_steps(model, few)
    next(steps)
    steps.close()
    whole = evaluate(model, few)
    assert model.training
    assert all(torch.equal(v, before[k]) for k, v in model.state_dict().items())
    # an image's answer does not depend on its neighbours
    one = replace(few, test_images=few.test_images[:1], test_labels=few.test_labels[:1])
    torch.testing.assert_close(evaluate(model, one).probabilities, whole.probabilities[:1], rtol=1e-4, atol=1e-6)
    # and it is not that of the batch's own statistics
    with torch.no_grad():
        batch = model(standardize(to_float(few.test_images), few)).softmax(dim=1)
    assert not torch.allclose(batch, whole.probabilities, atol=1e-3)


def test_evaluation_goes_in_chunks(digits):
    steps = list(evaluation_steps(get_model(config()), digits))
    assert [done for done, _ in steps] == [*range(EVALUATION_CHUNK, 359, EVALUATION_CHUNK), 359]
    assert [result is None for _, result in steps] == [True] * (len(steps) - 1) + [False]
