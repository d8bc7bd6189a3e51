"""A convolution times a factor: a plain pass, the theorem without epsilon, and what is said of it."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
import torch
from torch.nn import functional as F

from core.experiments.pruned import study_input
from core.experiments.scaled import (
    CASES,
    FACTORS,
    Case,
    Change,
    Pass,
    change,
    once,
)
from core.experiments.scaled_shown import amount, figure, in_words, sentences
from core.experiments.trained import shipped_network
from core.model import NormNet

TRAINING, INFERENCE, GN, LN, IN, NONE = CASES


@pytest.fixture(scope="module")
def batch(few):
    return study_input(few.test_images[:64], few), few.test_labels[:64]


def plain(case, layer, factor, x, labels):
    """The same by hand on a network of its own."""
    model = shipped_network(case.norm, 0)
    if case.mode == "training":
        model.train()
    with torch.no_grad():
        model.convs[layer].weight *= factor
    logits = model(x)
    F.cross_entropy(logits, labels).backward()
    return logits.detach(), model.convs[layer].weight.grad


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.label)
@pytest.mark.parametrize(("layer", "factor"), [(0, 10.0), (3, 0.1)])
def test_a_pass_is_the_plain_one(case, layer, factor, batch):
    found = once(shipped_network(case.norm, 0), case.mode, layer, factor, *batch)
    logits, gradient = plain(case, layer, factor, *batch)
    assert torch.allclose(found.logits, logits, rtol=1e-4, atol=1e-4)
    assert torch.allclose(found.gradient, gradient, rtol=1e-3, atol=1e-3 * float(gradient.abs().max()) + 1e-12)


@pytest.mark.parametrize("case", [case for case in CASES if case.invariant], ids=lambda case: case.label)
@pytest.mark.parametrize("layer", [0, 2, 4])
@pytest.mark.parametrize("factor", [0.01, 100.0])
def test_without_epsilon_it_is_a_theorem(case, layer, factor, batch):
    x, labels = batch
    model = shipped_network(case.norm, 0).double()
    for norm in model.norms:
        norm.eps = 1e-30  # of BN torch wants one
    model.head.float()  # the network brings what the last layer gets to 32 bits
    # off zero: where a channel is blank without epsilon, its standard deviation is 0
    x = x.double() + torch.rand(x.shape, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    before, after = (once(model, case.mode, layer, f, x, labels) for f in (1.0, factor))
    found = change(before, after)
    assert found.largest < 1e-4
    assert found.changed == 0
    assert torch.allclose(
        after.gradient * factor, before.gradient, rtol=1e-4, atol=1e-5 * float(before.gradient.norm())
    )


def test_with_epsilon_no_answer_changes_and_without_a_norm_many_do(batch):
    found = {}
    for case in CASES:
        model = shipped_network(case.norm, 0)
        found[case] = change(*(once(model, case.mode, 0, factor, *batch) for factor in (1.0, 10.0)))
    for case in (TRAINING, GN, LN, IN):
        assert found[case].changed == 0
        assert found[case].gradient == pytest.approx(0.1, rel=0.01)
    for case in (INFERENCE, NONE):
        assert found[case].changed > 0
        assert found[case].largest > 10


def test_the_network_keeps_its_own_also_with_two_at_once(batch):
    for case in CASES:
        model = shipped_network(case.norm, 0)
        before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
        alone = once(model, case.mode, 1, 10.0, *batch)
        with ThreadPoolExecutor(2) as pool:
            both = list(pool.map(lambda _: once(model, case.mode, 1, 10.0, *batch), range(4)))  # noqa: B023 - done here
        assert all(torch.equal(one.logits, alone.logits) for one in both)
        for name, tensor in model.state_dict().items():
            assert torch.equal(tensor, before[name]), name
        assert all(p.requires_grad and p.grad is None for p in model.parameters())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.label)
def test_nor_is_it_changed_by_a_pass_that_is_interrupted(case, batch, monkeypatch):
    model = shipped_network(case.norm, 0)
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    forward = NormNet.forward

    def interrupted(self, x):
        forward(self, x)
        raise KeyboardInterrupt

    monkeypatch.setattr(NormNet, "forward", interrupted)
    with pytest.raises(KeyboardInterrupt):
        once(model, case.mode, 1, 10.0, *batch)
    for name, tensor in model.state_dict().items():
        assert torch.equal(tensor, before[name]), name
    assert not model.training
    assert all(p.requires_grad and p.grad is None for p in model.parameters())


def test_mixed_precision_is_left_out(batch):
    model = shipped_network("bn", 0)
    model.precision = "bf16"
    assert torch.equal(
        once(model, "training", 0, 1.0, *batch).logits,
        once(shipped_network("bn", 0), "training", 0, 1.0, *batch).logits,
    )


def test_a_change_by_hand():
    before = Pass(torch.tensor([[1.0, 2.0], [5.0, 3.0], [0.0, 1.0]]), torch.tensor([3.0, 4.0]))
    after = Pass(torch.tensor([[2.5, 2.0], [5.0, 1.0], [0.0, 1.0]]), torch.tensor([0.3, -0.4]))
    assert change(before, after) == Change(largest=2.0, changed=1, images=3, gradient=pytest.approx(0.1))
    blank = replace(before, gradient=torch.zeros(2))
    assert str(change(blank, after).gradient) == "nan"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.000058912, "0.000059"),
        (0.5, "0.5"),
        (0.0, "0"),
        (9.94, "9.9"),
        (1159.6, "1,160"),
        (104.8, "105"),
        (1e-5, "0.00001"),
    ],
)
def test_amounts_have_no_exponent(value, text):
    assert amount(value) == text


FOUND = (
    (TRAINING, Change(0.0012, 0, 256, 0.1001)),
    (INFERENCE, Change(103.5, 11, 256, 10.7)),
    (GN, Change(0.00002, 0, 256, 0.1)),
    (NONE, Change(117.7, 60, 256, 9.8)),
)


def test_what_is_said_where_no_answer_changes():
    assert sentences(FOUND, 10.0) == [
        "**BN in training and GN (4)**: none of 256 answers changes, and no logit moves by more than 0.0012: the "
        "standard deviation by which such a norm divides is 10 times as large, too; only ε = 0.00001 under the root "
        "stays. The gradient of these weights is 0.1 times what it was, to within 0.1 %.",
        "**BN in inference** divides by the stored standard deviation, which belongs to the weights as they were: a "
        "logit moves by 104, and 11 of 256 answers change.",
        "**Without a norm** a logit moves by 118, and 60 of 256 answers change.",
    ]


def test_what_is_said_where_epsilon_counts():
    found = [(TRAINING, Change(0.5, 2, 256, 108.0)), *FOUND[1:]]
    said = sentences([(case, replace(one, gradient=100.0) if case == GN else one) for case, one in found], 0.01)
    assert said[0].startswith("**BN in training and GN (4)**: at most 2 of 256 answers change")
    assert said[0].endswith("The gradient of these weights is 100 times what it was, to within 8 %.")


def test_the_picture_holds_the_numbers():
    (bars,) = figure([*FOUND, (LN, Change(0.0, 0, 256, 0.1))]).data
    assert list(bars.y) == ["BN in training", "BN in inference", "GN (4)", "no norm", "LN"]
    assert list(bars.x) == [0.0012, 103.5, 0.00002, 117.7, 1e-7]  # on a logarithmic scale there is no 0
    assert list(bars.text) == [f"{n} of 256 answers" for n in (0, 11, 0, 60, 0)]
    assert in_words(FOUND[:2]) == (
        "BN in training: a logit moves by up to 0.0012, 0 of 256 answers change; "
        "BN in inference: a logit moves by up to 104, 11 of 256 answers change."
    )


def test_cases_and_factors():
    assert [case.label for case in CASES] == ["BN in training", "BN in inference", "GN (4)", "LN", "IN", "no norm"]
    assert [case.invariant for case in CASES] == [True, False, True, True, True, False]
    assert Case("ln").mode == ""
    assert 1.0 not in FACTORS
    assert list(FACTORS) == sorted(FACTORS)
