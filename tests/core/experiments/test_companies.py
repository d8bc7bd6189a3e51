"""Batches of all kinds, and BN with their statistics, against torch's own training mode."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from core.experiments import companies
from core.experiments.companies import (
    measure_companies,
    of_the_class,
    random_batches_error,
    refusal,
    wrong_in_company,
)
from core.experiments.statistics import answers, in_batches_of, with_batch_statistics
from core.experiments.study_networks import StudyNetwork, standardized
from core.experiments.trained import shipped_network
from core.model import NormNet
from tests.core.experiments.study import as_mnist, context


@pytest.fixture(scope="module")
def bn() -> NormNet:
    return shipped_network("bn", 3, l1=1e-4)


@pytest.fixture(scope="module")
def images(digits):
    """300 images as the networks get them, and their labels."""
    data = as_mnist(digits, 300)
    return standardized(data.test_images[:, None].float() / 255), data.test_labels


def in_training_mode(model: NormNet, x: torch.Tensor) -> torch.Tensor:
    """What torch's own training mode gives for one batch, without a trace in the running statistics."""
    for layer in model.norms:
        layer.momentum = 0.0
    model.train()
    with torch.no_grad():
        found = model(x)
    model.eval()
    return found


@pytest.mark.parametrize("size", [1, 2, 7, 64, 300, 512])
def test_many_batches_in_one_pass_are_torchs_training_mode_batch_by_batch(bn, images, size):
    x, _ = images
    expected = torch.cat([in_training_mode(bn, part) for part in x.split(size)])
    with torch.inference_mode():
        found = in_batches_of(bn, size)(x)
        alone = torch.cat([with_batch_statistics(bn)(part) for part in x.split(size)])
    torch.testing.assert_close(found, expected, rtol=1e-3, atol=1e-3)
    torch.testing.assert_close(found, alone, rtol=1e-3, atol=1e-3)


def test_the_network_that_is_given_keeps_its_statistics(bn, images):
    before = {name: value.clone() for name, value in bn.state_dict().items()}
    answers(in_batches_of(bn, 2), images[0])
    assert all(torch.equal(value, before[name]) for name, value in bn.state_dict().items())
    assert all(isinstance(norm, nn.BatchNorm2d) for norm in bn.norms)


@pytest.mark.parametrize("norm", ["gn", "ln", "in"])
def test_where_no_set_crosses_images_the_batch_does_not_matter(images, norm):
    model, x = shipped_network(norm, 0), images[0][:60]
    with torch.inference_mode():
        inference = model(x)
        in_twos = torch.cat([model.train()(part) for part in x.split(2)])
        torch.testing.assert_close(in_twos, inference, rtol=1e-3, atol=1e-3)
        torch.testing.assert_close(in_batches_of(model.eval(), 2)(x), inference)


def test_every_image_is_in_one_random_batch(bn, images):
    x, labels = images
    order = torch.randperm(300, generator=torch.Generator().manual_seed(5))
    wrong = sum(int((in_training_mode(bn, x[i]).argmax(1) != labels[i]).sum()) for i in order.split(8))
    told: list[float] = []
    found = random_batches_error(bn, x, labels, 8, torch.Generator().manual_seed(5), told.append)
    assert found == pytest.approx(100 * wrong / 300)
    assert told == [1]


def test_a_pass_holds_whole_batches(bn, images, monkeypatch):
    x, labels = images
    expected = random_batches_error(bn, x, labels, 32, torch.Generator().manual_seed(1))
    monkeypatch.setattr(companies, "TOGETHER", 40)
    told: list[float] = []
    found = random_batches_error(bn, x, labels, 32, torch.Generator().manual_seed(1), told.append)
    assert found == expected
    assert told == pytest.approx([(i + 1) * 32 / 300 for i in range(9)] + [1])


def test_a_batch_has_its_share_of_the_class_and_no_image_twice(images):
    labels = as_labels(700)
    drawn = companies.companies(labels, 7, 90, 5, torch.Generator().manual_seed(0))
    assert drawn.shape == (5, 64)
    assert of_the_class(90) == 58
    assert (labels[drawn[:, :58]] == 7).all()
    assert (labels[drawn[:, 58:]] != 7).all()
    assert all(len(set(row.tolist())) == 64 for row in drawn)
    assert len({tuple(row.tolist()) for row in drawn}) == 5
    assert [of_the_class(share) for share in companies.SHARES] == [6, 13, 19, 26, 32, 38, 45, 51, 58, 64]


def as_labels(count: int) -> torch.Tensor:
    return torch.arange(count) % 10


def test_too_few_images_for_a_share_are_said():
    with pytest.raises(ValueError, match="30 images of class 7 and 270 others are too few for 90 %"):
        companies.companies(as_labels(300), 7, 90, 1, torch.Generator())
    with pytest.raises(ValueError, match="are too few for 10 %"):
        companies.companies(torch.full((100,), 3), 3, 10, 1, torch.Generator())


def test_wrong_answers_in_company_are_those_of_training_mode(bn, images):
    x, labels = images
    drawn = torch.stack([torch.randperm(300, generator=torch.Generator().manual_seed(i))[:64] for i in range(9)])
    expected = torch.stack([in_training_mode(bn, x[row]).argmax(1) != labels[row] for row in drawn])
    assert torch.equal(wrong_in_company(bn, x, labels, drawn), expected)


def test_rows_have_sizes_shares_and_classes(digits, monkeypatch):
    monkeypatch.setattr(companies, "SIZES", (1, 128))
    monkeypatch.setattr(companies, "SHARES", (20, 100))
    monkeypatch.setattr(companies, "DRAWN", 2)
    data, told = as_mnist(digits, 1000), []
    rows = measure_companies(StudyNetwork(norm="bn", l1=1e-4, seed=3, tests=1000), context(data, told))
    assert {(row["seed"], row["network"]) for row in rows} == {(3, "BN + L1")}
    found = {(row["varied"], row["amount"], row.get("class")): row["error"] for row in rows}
    assert len(found) == len(rows) == 1 + 2 + 11 + 22  # of one class alone there are no others
    x = standardized(data.test_images[:, None].float() / 255)
    model = shipped_network("bn", 3, l1=1e-4)
    with torch.inference_mode():
        wrong = float((model(x).argmax(1) != data.test_labels).double().mean())
    assert found["inference", 0, None] == pytest.approx(100 * wrong, abs=1e-3)
    # draws follow each other in one stream: the sizes first, then share by share, class by class
    generator = torch.Generator().manual_seed(3)
    sizes = [random_batches_error(model, x, data.test_labels, size, generator) for size in (1, 128)]
    assert [found["size", size, None] for size in (1, 128)] == pytest.approx(sizes, abs=1e-3)
    by_class = []
    for label in range(10):
        drawn = companies.companies(data.test_labels, label, 20, 2, generator)
        by_class.append(wrong_in_company(model, x, data.test_labels, drawn).double())
    its = [100 * float(part[:, :13].mean()) for part in by_class]
    others = [100 * float(part[:, 13:].mean()) for part in by_class]
    assert [found["its images", 20, str(c)] for c in range(10)] == pytest.approx(its, abs=1e-3)
    assert [found["the others", 20, str(c)] for c in range(10)] == pytest.approx(others, abs=1e-3)
    assert found["its images", 20, "all"] == pytest.approx(sum(its) / 10, abs=1e-3)
    assert found["the others", 20, "all"] == pytest.approx(sum(others) / 10, abs=1e-3)
    assert told == sorted(told)
    assert told[-1] == pytest.approx(1)


def test_a_norm_within_images_has_one_row(digits):
    (row,) = measure_companies(StudyNetwork(norm="gn", seed=3, tests=100), context(as_mnist(digits)))
    assert (row["network"], row["varied"], row["amount"]) == ("GN (4)", "inference", 0)


def test_the_refusal_is_torchs_own():
    with pytest.raises(ValueError, match="Expected more than 1 value per channel") as torchs:
        nn.BatchNorm2d(32).train()(torch.zeros(1, 32, 1, 1))
    assert refusal(32) == str(torchs.value)
