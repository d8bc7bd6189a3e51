"""One image under every run: what the weights say is what the record says."""

from __future__ import annotations

import gzip
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from core.catalogue import DATASETS
from core.config import RunConfig
from core.data import batches, datasets
from core.misclassified.one_image import (
    ImageView,
    image_view,
    in_words,
    kept_image,
    layer_moments,
)
from core.model import get_model, layer_shapes
from core.records import network
from core.records.answers import Answer, probabilities, standardized
from core.records.record import RunRecord
from core.records.store import load
from tests.wrong_records import config, predictions
from tests.wrong_records import record as made

FASHION = Path("/usr/share/datasets/fashion-mnist/train-images-idx3-ubyte.gz")
DIGITS = DATASETS["digits"].classes


def test_the_constants_of_digits_are_those_of_its_training_images(digits):
    assert (DATASETS["digits"].mean, DATASETS["digits"].std) == pytest.approx((digits.mean, digits.std), rel=1e-6)


@pytest.mark.parametrize("name", ["mnist", "mnist-small"])
def test_the_constants_of_mnist_are_those_of_its_training_images(mnist_root, name):
    mnist = datasets.load(name)
    assert (DATASETS[name].mean, DATASETS[name].std) == pytest.approx((mnist.mean, mnist.std), rel=1e-9)


def test_the_constants_of_fashion_mnist_are_those_of_its_training_images():
    if not FASHION.is_file():
        pytest.skip("Debian's package dataset-fashion-mnist is not installed")
    images = np.frombuffer(gzip.decompress(FASHION.read_bytes())[16:], dtype=np.uint8)
    counts = np.bincount(images, minlength=256) / len(images)
    values = np.arange(256) / 255
    mean = float((counts * values).sum())
    std = float((counts * (values - mean) ** 2).sum()) ** 0.5
    assert (DATASETS["fashion-mnist"].mean, DATASETS["fashion-mnist"].std) == pytest.approx((mean, std), rel=1e-9)


def test_the_input_is_that_of_training(digits):
    images = digits.test_images[:3]
    expected = batches.standardize(batches.to_float(images), digits)
    found = standardized(images.numpy(), "digits")
    torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-6)


def test_probabilities_from_the_weights_are_those_of_the_record(record, record_folder):
    kept = load(record_folder)
    found = probabilities(network.trained_model(kept), kept.predictions.wrong_image, "digits")
    assert len(found)
    np.testing.assert_allclose(found, kept.predictions.wrong_probabilities, atol=1e-4)
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-9)
    assert found.argmax(axis=1).tolist() == kept.predictions.predicted[kept.predictions.wrong_index].tolist()


def test_an_image_that_one_run_got_wrong_is_seen_by_another(record, digits):
    """The other run has no such image in its record: its answer comes from its weights alone."""
    index = int(record.predictions.wrong_index[3])
    other_model = get_model(RunConfig(norm="gn", dataset="digits", seed=5))
    with torch.no_grad():
        other_model.head.weight.normal_(generator=torch.Generator().manual_seed(1))
        images = batches.to_float(digits.test_images[index : index + 1])
        logits = other_model.eval()(batches.standardize(images, digits))
    expected = logits.softmax(dim=1)[0].numpy()
    weights = {name: tensor.numpy() for name, tensor in other_model.state_dict().items()}
    answers = replace(record.predictions, predicted=record.predictions.true, wrong_index=np.array([], dtype=np.int64))
    summary = record.summary.changed(config=RunConfig(norm="gn", dataset="digits", seed=5))
    other = RunRecord(summary, weights, answers)
    view = image_view([("other", other), ("own", record)], index)
    assert view.true == int(digits.test_labels[index])
    np.testing.assert_array_equal(view.image, digits.test_images[index].numpy())
    assert [answer.name for answer in view.answers] == ["other", "own"]
    np.testing.assert_allclose(view.answers[0].probabilities, expected, atol=1e-5)
    np.testing.assert_allclose(view.answers[1].probabilities, record.predictions.wrong_probabilities[3], atol=1e-4)
    assert view.answers[1].predicted == record.predictions.predicted[index]
    assert view.missing == ()


def test_an_image_that_nobody_gets_wrong_is_not_there():
    run = made(config("bn"), predictions({7: 1}))
    with pytest.raises(LookupError, match="test image 8 is not among the errors"):
        image_view([("BN", run)], 8)
    assert kept_image([run.predictions], 8) is None
    assert kept_image([run.predictions], 59) is None
    assert kept_image([predictions({}), run.predictions], 7)[0, 0] == 21


def test_untrained_weights_find_all_classes_equally_probable():
    run = made(config("ln"), predictions({7: 1}))
    view = image_view([("LN", run)], 7)
    np.testing.assert_allclose(view.answers[0].probabilities, 0.1, atol=1e-7)


def test_a_run_without_usable_weights_is_named():
    good = made(config("bn"), predictions({7: 1}))
    none = replace(good, weights={})
    foreign = good.changed(config=config("none"))
    large = {"norms.4.bias": (32,), "head.weight": (10, 32)}  # finite, but their product is not
    full = {name: np.full(shape, 1e30, dtype=np.float32) for name, shape in large.items()}
    huge = replace(good, weights={**good.weights, **full})
    view = image_view([("none", none), ("foreign", foreign), ("huge", huge), ("good", good)], 7)
    assert view.missing == ("none", "foreign", "huge")
    assert [answer.name for answer in view.answers] == ["good"]


def answer(name: str, **shares: float) -> Answer:
    row = np.zeros(10)
    for key, value in shares.items():
        row[int(key[1:])] = value
    return Answer(name, int(row.argmax()), row)


def test_the_words_begin_with_who_is_right():
    view = ImageView(
        3,
        np.zeros((28, 28), dtype=np.uint8),
        5,
        (
            answer("BN", c6=0.75, c5=0.25),
            answer("GN", c5=0.5, c6=0.3, c0=0.2),
            answer("LN", c5=0.875, c6=0.125),
            answer("IN", c6=0.9, c5=0.1),
        ),
        (),
    )
    assert in_words(view, DIGITS) == [
        "**5**, right: LN at 87.5 % and GN at 50.0 %.",
        "**6**: IN at 90.0 % and BN at 75.0 %; the true class 5 gets 10.0 % to 25.0 %.",
    ]


def test_the_wrong_answer_of_most_runs_comes_first_and_of_as_many_the_lower_class():
    answers = (
        answer("a", c0=1.0),
        answer("b", c7=1.0),
        answer("c", c6=0.75, c5=0.25),
        answer("d", c6=0.625, c5=0.25),
    )
    view = ImageView(3, np.zeros((28, 28), dtype=np.uint8), 5, answers, ())
    assert in_words(view, DIGITS) == [
        "**6**: c at 75.0 % and d at 62.5 %; the true class 5 gets 25.0 %.",
        "**0**: a at 100.0 %; the true class 5 gets 0.0 %.",
        "**7**: b at 100.0 %; the true class 5 gets 0.0 %.",
    ]


def test_of_many_runs_the_words_name_the_least_and_the_most_confident():
    answers = tuple(answer(f"BN, seed {i}", c6=0.5 + i / 10, c5=0.5 - i / 10) for i in (2, 1, 4, 3))
    view = ImageView(3, np.zeros((28, 28), dtype=np.uint8), 5, answers, ())
    assert in_words(view, DIGITS) == [
        "**6**: 4 runs, from 60.0 % (BN, seed 1) to 90.0 % (BN, seed 4); the true class 5 gets 10.0 % to 40.0 %."
    ]


def test_layers_of_an_untrained_layernorm_have_mean_0_and_variance_1(digits):
    config = RunConfig(norm="ln", dataset="digits")
    model = get_model(config)
    image = digits.test_images[0].numpy()
    rows = layer_moments(model, image, "digits")
    assert [row.layer for row in rows] == [1, 2, 3, 4, 5]
    assert [row.shape for row in rows] == list(layer_shapes(config))
    for row in rows:
        assert row.mean_after == pytest.approx(0, abs=1e-5)
        assert row.var_after == pytest.approx(row.var_before / (row.var_before + 1e-5), rel=1e-4)
    x = torch.nn.functional.pad(standardized(image[None], "digits"), [-DATASETS["digits"].border] * 4)
    with torch.no_grad():
        first = torch.nn.functional.max_pool2d(model.convs[0](x), 2)
    assert rows[0].mean_before == pytest.approx(float(first.mean()), abs=1e-6)
    assert rows[0].var_before == pytest.approx(float(first.var(correction=0)), rel=1e-5)


def test_without_a_norm_nothing_changes_at_its_place(digits):
    rows = layer_moments(get_model(RunConfig(norm="none", dataset="digits")), digits.test_images[0].numpy(), "digits")
    for row in rows:
        assert (row.mean_after, row.var_after) == (row.mean_before, row.var_before)
