"""One share at once: errors against a plain computation, the bars, what is left of a layer, and what is said."""

import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
import torch

from core.experiments.pruned import Network, pruned, study_input
from core.experiments.pruned_live import (
    HATCHES,
    Judged,
    bars,
    filters,
    filters_figure,
    filters_in_words,
    judged,
    sentence,
)
from core.experiments.trained import shipped_network

BN = Network(norm="bn", renewed=2000)
WEIGHTS = pruned(shipped_network("bn", 0), 0).weights


@pytest.fixture(scope="module")
def images(few):
    return (
        study_input(few.test_images, few),
        few.test_labels,
        study_input(few.train_images[:64], few),
    )


def wrong(model, x, labels):
    with torch.no_grad():
        return 100 * float((model(x).argmax(1) != labels).double().mean())


def test_errors_are_those_of_a_plain_pass(images):
    x, labels, own = images
    model = shipped_network("bn", 0)
    stored, renewed = judged(BN, model, 60, x, labels, own)
    small = pruned(model, 60)
    assert stored == Judged(
        "BN", "bn", pytest.approx(wrong(small.model, x, labels)), WEIGHTS, small.removed, small.threshold
    )
    for norm in small.model.norms:
        norm.momentum = 1.0  # one batch is all that it remembers
    with torch.no_grad():
        small.model.train()(own)
    expected = wrong(small.model.eval(), x, labels)
    assert renewed == replace(stored, label="BN, re-estimated", error=pytest.approx(expected))
    assert stored.removed == round(0.6 * WEIGHTS)


def test_one_without_running_statistics_stands_alone(images):
    (found,) = judged(Network(norm="gn", l1=1e-4), shipped_network("gn", 0, l1=1e-4), 80, *images)
    assert (found.label, found.norm) == ("GN (4) + L1", "gn")


def test_two_visitors_at_once_get_what_one_gets(images):
    model = shipped_network("bn", 0)
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    alone = {share: judged(BN, model, share, *images) for share in (40, 80)}
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda share: judged(BN, model, share, *images), [40, 80] * 3))
    assert found == [alone[40], alone[80]] * 3
    for name, tensor in model.state_dict().items():
        assert torch.equal(tensor, before[name]), name
    assert not model.training


def test_statistics_stay_when_it_is_interrupted(images, monkeypatch):
    x, labels, own = images
    model = shipped_network("bn", 0)
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}

    def stop(*_):
        raise KeyboardInterrupt

    handle = torch.nn.modules.module.register_module_forward_hook(
        lambda layer, *_: stop() if isinstance(layer, torch.nn.BatchNorm2d) and layer.training else None
    )
    try:
        with pytest.raises(KeyboardInterrupt):
            judged(BN, model, 50, x, labels, own)
    finally:
        handle.remove()
    for name, tensor in model.state_dict().items():
        assert torch.equal(tensor, before[name]), name


def test_one_bar_each_that_two_cues_tell_apart():
    found = [
        Judged("BN", "bn", 86.0, 10, 8, 1.2),
        Judged("BN, re-estimated", "bn", 35.25, 10, 8, 1.2),
        Judged("LN", "ln", 0.0, 10, 8, 1.0),
    ]
    (drawn,) = bars(found).data
    assert list(drawn.y) == ["BN", "BN,<br>re-estimated", "LN"]
    assert list(drawn.x) == [86.0, 35.25, 0.0]
    assert list(drawn.text) == ["86.0 %", "35.2 %", "0.0 %"]
    assert list(drawn.marker.pattern.shape) == [HATCHES[0], HATCHES[1], HATCHES[0]]
    assert drawn.marker.color[0] == drawn.marker.color[1] != drawn.marker.color[2]


def test_what_is_left_of_a_layer_kernel_by_kernel():
    model = shipped_network("bn", 0, l1=1e-4)
    plane = filters(model, 80, 3)
    outputs, inputs, height, width = model.convs[3].weight.shape
    assert plane.shape == (outputs * height, inputs * width)
    left = pruned(model, 80).model.convs[3].weight.detach()
    for o, i in ((0, 0), (5, 11), (outputs - 1, inputs - 1)):
        kernel = plane[o * height : (o + 1) * height, i * width : (i + 1) * width]
        rms = model.convs[3].weight[o].detach().double().square().mean().sqrt()
        expected = np.where(left[o, i] == 0, np.nan, left[o, i].double() / rms)
        assert np.allclose(kernel, expected, rtol=1e-6, equal_nan=True)
    assert int(np.isnan(plane).sum()) == int((left == 0).sum())


def test_kernels_of_one_input_stand_in_a_square():
    model = shipped_network("bn", 0)
    plane = filters(model, 0, 0)
    weight = model.convs[0].weight.detach()
    side = math.isqrt(len(weight))
    assert side * side == len(weight)
    assert plane.shape == (3 * side, 3 * side)
    number = side + 2  # second row, third column
    rms = weight[number].double().square().mean().sqrt()
    assert np.allclose(plane[3:6, 6:9], weight[number, 0].double() / rms)
    assert not np.isnan(plane).any()


def test_removed_weights_are_not_drawn():
    plane = np.array([[1.234, np.nan], [-2.0, 0.5]])
    (drawn,) = filters_figure(plane).data
    assert np.array_equal(drawn.z, np.array([[1.23, np.nan], [-2.0, 0.5]], dtype=np.float32), equal_nan=True)
    assert (drawn.zmin, drawn.zmax) == (-3, 3)
    assert filters_in_words(plane, layer="Conv 2", method="BN") == "Conv 2 of BN: 1 of its 4 weights are removed, 25 %."


def test_what_is_said():
    bn, bn_l1 = (
        Judged(label, "bn", error, 18896, 15117, t) for label, error, t in (("BN", 86, 1.26), ("BN + L1", 0.8, 0.45))
    )
    assert sentence(bn, bn_l1, 0) == (
        "Of seed 0, without 15,117 of 18,896 weights, **BN is wrong on 86.0 %** of the images and **BN + L1 on "
        "0.8 %**. To lose as many, BN gives up every weight below 1.26 of the RMS of its filter, BN + L1 only "
        "those below 0.45."
    )
    assert sentence(replace(bn, removed=0), replace(bn_l1, removed=0), 3) == (
        "Of seed 3, with all 18,896 weights, BN is wrong on 86.0 % of the images and BN + L1 on 0.8 %."
    )
