"""Networks without their smallest weights, against a plain computation, and the measure of one network."""

import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from core.catalogue import DATASETS
from core.comparison.sparsity import sparsity
from core.config import RunConfig
from core.experiments.experiment import Context
from core.experiments.pruned import PIECE, SHARES, Network, measure, pruned, study_input
from core.experiments.run import given
from core.experiments.trained import shipped_network
from core.model import get_model

MNIST = DATASETS["mnist"]
PENALIZED = [*(f"convs.{i}.weight" for i in range(5)), "head.weight"]


def state(model):
    return {name: tensor.clone() for name, tensor in model.state_dict().items()}


def by_hand(model, share):
    """The weights in question and which of them are kept, filter by filter."""
    sizes = []
    for name in PENALIZED:
        for number, row in enumerate(model.state_dict()[name].double()):
            rms = float(row.square().mean().sqrt())
            sizes += [(abs(float(w)) / rms, name, number, i) for i, w in enumerate(row.flatten())]
    return sizes, {place[1:] for place in sorted(sizes)[: round(share / 100 * len(sizes))]}


def plain_input(images):
    return (images[:, None].float() / 255 - MNIST.mean) / MNIST.std


def wrong(model, x, labels):
    with torch.no_grad():
        return 100 * float((model(x).argmax(1) != labels).double().mean())


@pytest.fixture(scope="module")
def bn():
    return shipped_network("bn", 0)


@pytest.fixture(scope="module")
def bn_l1():
    return shipped_network("bn", 0, l1=1e-4)


@pytest.mark.parametrize("share", [0, 12.5, 60, 100])
def test_the_smallest_beside_their_own_filter_go(bn, share):
    found = pruned(bn, share)
    sizes, gone = by_hand(bn, share)
    assert (found.weights, found.removed) == (len(sizes), len(gone))
    before, after = bn.state_dict(), found.model.state_dict()
    for name, tensor in before.items():
        if name not in PENALIZED:
            assert torch.equal(after[name], tensor), name
            continue
        for number, (was, now) in enumerate(zip(tensor, after[name], strict=True)):
            for i, (w, left) in enumerate(zip(was.flatten().tolist(), now.flatten().tolist(), strict=True)):
                assert left == (0.0 if (name, number, i) in gone else w)
    largest = max((size for size, *place in sizes if tuple(place) in gone), default=0.0)
    assert found.threshold == pytest.approx(largest, rel=1e-6)


def test_the_share_is_exact_and_that_of_the_study_s_near_zeros(bn_l1):
    share = sparsity({name: tensor.numpy() for name, tensor in bn_l1.state_dict().items()}).share
    count = round(share / 100 * pruned(bn_l1, 0).weights)
    below, beyond = (pruned(bn_l1, 100 * n / pruned(bn_l1, 0).weights) for n in (count, count + 1))
    assert (below.removed, beyond.removed) == (count, count + 1)
    assert below.threshold < 0.05 <= beyond.threshold
    zeros = sum(int((tensor == 0).sum()) for name, tensor in below.model.state_dict().items() if name in PENALIZED)
    assert zeros == count


def test_what_is_equal_goes_in_the_order_of_the_layers():
    model = get_model(RunConfig(norm="gn"))
    with torch.no_grad():
        for conv in model.convs:  # every third weight is smaller than the others, in each filter alike
            conv.weight.copy_(torch.tensor([0.5, 1.0, -1.0]).repeat(conv.weight.numel() // 3).view(conv.weight.shape))
        model.head.weight.fill_(1.0)
    found = pruned(model, 100 * 150 / pruned(model, 0).weights)
    zeros = {name: int((found.model.state_dict()[name] == 0).sum()) for name in PENALIZED}
    first = model.state_dict()["convs.0.weight"].numel() // 3
    assert zeros == dict.fromkeys(PENALIZED, 0) | {"convs.0.weight": first, "convs.1.weight": 150 - first}
    left = found.model.state_dict()["convs.1.weight"].reshape(-1)
    assert [i for i, w in enumerate(left.tolist()) if w == 0] == list(range(0, 3 * (150 - first), 3))
    assert found.threshold == pytest.approx(0.5 / math.sqrt((0.25 + 1 + 1) / 3))


def test_a_filter_of_zeros_is_the_first_to_go():
    model = get_model(RunConfig(norm="ln"))
    with torch.no_grad():
        model.convs[4].weight[3] = 0.0
    found = pruned(model, 0.1)
    assert found.threshold == 0.0
    assert torch.equal(found.model.convs[0].weight, model.convs[0].weight)


@pytest.mark.parametrize("share", [-1, 100.1, float("nan")])
def test_no_other_share(bn, share):
    with pytest.raises(ValueError, match="use 0 to 100 percent"):
        pruned(bn, share)


def test_the_network_keeps_its_own(bn):
    before = state(bn)
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda share: pruned(bn, share), [50, 90] * 4))
    assert [one.removed for one in found] == [round(0.5 * found[0].weights), round(0.9 * found[0].weights)] * 4
    for name, tensor in bn.state_dict().items():
        assert torch.equal(tensor, before[name]), name


def test_images_are_brought_to_the_scale_of_the_study_s_training(few):
    assert few.mean != MNIST.mean
    assert torch.allclose(study_input(few.test_images, few), plain_input(few.test_images), atol=1e-6)


def test_the_measure_of_a_network_without_running_statistics(few):
    settings = Network(norm="gn", l1=1e-4, seed=2, dataset="digits", tests=60)
    rows = measure(settings, Context(data=given(few)))
    assert [row["share"] for row in rows] == list(SHARES)
    assert {(row["seed"], row["method"], row["renewed"]) for row in rows} == {(2, "GN (4) + L1", False)}
    model = shipped_network("gn", 2, l1=1e-4)
    x, labels = plain_input(few.test_images[:60]), few.test_labels[:60]
    for row in rows:
        small = pruned(model, row["share"])
        assert row["error"] == pytest.approx(wrong(small.model, x, labels), abs=1e-4)
        assert row["threshold"] == pytest.approx(small.threshold, rel=1e-3)
    assert rows[0]["error"] == pytest.approx(wrong(model, x, labels), abs=1e-4)
    near_zero = sparsity({name: tensor.numpy() for name, tensor in model.state_dict().items()}).share
    assert rows[0]["near_zero"] == pytest.approx(near_zero, abs=0.006)
    assert not any("near_zero" in row for row in rows[1:])


def test_the_measure_of_bn_has_new_statistics_besides(few):
    rows = measure(Network(norm="bn", renewed=64, dataset="digits", tests=100), Context(data=given(few)))
    assert [(row["share"], row["renewed"]) for row in rows] == [(s, r) for s in SHARES for r in (False, True)]
    x, labels = plain_input(few.test_images), few.test_labels
    for share in (0, 60, 80):
        model = pruned(shipped_network("bn", 0), share).model
        stored = wrong(model, x, labels)
        for norm in model.norms:
            norm.momentum = 1.0  # one batch is all that it remembers
        model.train()
        with torch.no_grad():
            model(plain_input(few.train_images[:64]))
        model.eval()
        found = [row["error"] for row in rows if row["share"] == share]
        assert found == pytest.approx([stored, wrong(model, x, labels)], abs=1e-4)


def test_held_out_images_are_judged_where_settings_are_chosen(few):
    settings = Network(norm="ln", dataset="digits", tests=1000, validation=True)
    held = len(few.train_images) // 12
    error = measure(settings, Context(data=given(few)))[0]["error"]
    x, labels = plain_input(few.train_images[-held:]), few.train_labels[-held:]
    assert error == pytest.approx(wrong(shipped_network("ln", 0), x, labels), abs=1e-4)


def test_it_can_be_stopped_between_two_pieces(few):
    many = replace(
        few, test_images=few.test_images.repeat(50, 1, 1), test_labels=few.test_labels.repeat(50), fingerprint="cd" * 32
    )
    told = []

    def stop(share):
        told.append(share)
        if len(told) == 5:
            raise InterruptedError

    settings = Network(norm="ln", dataset="digits", tests=5000)
    with pytest.raises(InterruptedError):
        measure(settings, Context(data=given(many), tell=stop))
    pieces = 5000 / PIECE  # 2.5: three pieces a share
    assert pieces == 2.5
    assert told == [0.0] * 3 + [1 / len(SHARES)] * 2


def test_the_names_are_the_study_s():
    assert Network(norm="bn", l1=1e-4, l2=2.5e-4).method == "BN + L1 + L2"
    assert Network(norm="gn").method == "GN (4)"


def test_a_plain_pass_is_what_error_counts(bn, few):
    """The plain computation above is that of the model file, layer by layer."""
    x = plain_input(few.test_images[:4])[:, :, MNIST.border : -MNIST.border, MNIST.border : -MNIST.border]
    for i, (conv, norm) in enumerate(zip(bn.convs, bn.norms, strict=True)):
        x = F.conv2d(x, conv.weight, padding=conv.padding)
        if i in (0, 2):
            x = F.max_pool2d(x, 2)
        scale = norm.weight / torch.sqrt(norm.running_var + norm.eps)
        x = torch.relu((x - norm.running_mean[:, None, None]) * scale[:, None, None] + norm.bias[:, None, None])
    logits = x.amax((2, 3)) @ bn.head.weight.T + bn.head.bias
    assert np.allclose(logits.detach(), bn(plain_input(few.test_images[:4])).detach(), atol=1e-4)
