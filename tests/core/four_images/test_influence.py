import numpy as np
import pytest
import torch
from torch import nn

from core.catalogue import SET_NORMS
from core.four_images.activations import LAYERS, LayerImages, Network, activations, layer_title, network_for
from core.four_images.influence import movements, one_image_alone, place_name, running_estimates, settled
from core.four_images.source import Integers
from core.four_images.two_layers import KERNELS, MIX, PICTURES, TwoLayers, forward
from core.model import NormNet
from tests.torch_norms import torch_norm


@pytest.fixture
def layer_images(digits):
    def networks(norm, groups):
        return Network(NormNet(norm, groups).eval(), "untrained", trained=False)

    return LayerImages(digits.test_images[:4].numpy(), 2, networks, digits)


@pytest.fixture(params=["integers", "first", "second", "images"])
def source(request, layer_images):
    return {"integers": Integers(), "first": TwoLayers(0), "second": TwoLayers(1), "images": layer_images}[
        request.param
    ]


def test_in_training_only_bn_moves_image_1(source):
    found = {m.norm: m for m in movements(source, 2, 1, training=True, norms=SET_NORMS)}
    assert tuple(found) == SET_NORMS
    assert found["bn"].largest > 0.05
    assert [found[norm].largest for norm in SET_NORMS if norm != "bn"] == [0] * 5
    assert found["bn"].largest >= found["bn"].mean > 0


def test_in_inference_nothing_moves_image_1(source):
    assert [m.largest for m in movements(source, 2, 1, training=False)] == [0, 0, 0, 0]


def test_alone_only_bn_has_a_gap(source):
    found = {a.norm: a for a in one_image_alone(source, 2, settled(source), SET_NORMS)}
    assert found["bn"].gap > 0.05
    # a layer in float32 gives an image a last digit that depends on the batch
    assert all(found[norm].gap < 1e-6 for norm in SET_NORMS if norm != "bn")


def test_without_a_choice_the_basic_norms_are_compared(source):
    assert [m.norm for m in movements(source, 2, 1, training=True)] == ["bn", "ln", "gn", "in"]
    assert [a.norm for a in one_image_alone(source, 2, settled(source))] == ["bn", "ln", "gn", "in"]


def test_the_largest_number_names_its_cell(source):
    movement = movements(source, 2, 1, training=True)[0]
    assert abs(movement.after - movement.before)[movement.largest_at] == movement.largest
    alone = one_image_alone(source, 2, settled(source))[0]
    assert abs(alone.together - alone.alone)[alone.gap_at] == alone.gap


def test_place_names_count_from_1():
    assert place_name((2, 0, 1), (2, 2)) == "channel 3, row 1, column 2"
    assert place_name((2, 0, 0), (1, 1)) == "channel 3"


def test_running_estimates_are_those_of_torch():
    source = Integers(4, 2, seed=3)
    layer = nn.BatchNorm2d(4, momentum=0.3).double()
    estimates = running_estimates(source, 5, momentum=0.3)
    for x in source.stream("bn", 1, 5):
        layer(torch.from_numpy(x))
    assert [e.batches for e in estimates] == [0, 1, 2, 3, 4, 5]
    np.testing.assert_allclose(estimates[-1].mean, layer.running_mean.numpy(), atol=1e-12)
    np.testing.assert_allclose(estimates[-1].var, layer.running_var.numpy(), atol=1e-12)


def test_no_batch_is_mean_0_and_variance_1():
    (start,) = running_estimates(Integers(3, 1), 0)
    assert start.mean.tolist() == [0, 0, 0]
    assert start.var.tolist() == [1, 1, 1]


@pytest.mark.parametrize("norm", SET_NORMS)
def test_two_layers_are_those_of_torch(norm):
    def layer():
        return torch_norm(norm, (4, 4, 2, 2), 2)

    first = nn.functional.conv2d(torch.from_numpy(PICTURES), torch.from_numpy(KERNELS)[:, None])
    one = layer()(first)
    second = nn.functional.conv2d(one.relu(), torch.from_numpy(MIX)[:, :, None, None])
    done = forward(PICTURES, norm, 2)
    for own, theirs in zip((*done.before, *done.after), (first, second, one, layer()(second)), strict=True):
        np.testing.assert_allclose(own, theirs.detach().numpy(), atol=1e-9)


def test_each_layer_has_its_own_statistics():
    assert TwoLayers(0).channels == TwoLayers(1).channels == 4
    assert not np.allclose(TwoLayers(0).batch("gn", 2), TwoLayers(1).batch("gn", 2))


def test_activations_leave_the_network_as_it_was(digits):
    model = NormNet("bn").eval()
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    found = activations(model, digits.test_images[:4].numpy(), digits, training=True)
    assert [x.shape for x in found] == [*[(4, 16, 14, 14)] * 2, (4, 16, 7, 7), *[(4, 32, 7, 7)] * 2]
    assert [layer_title(i) for i in range(LAYERS)][4] == "5: 32 × 7 × 7"
    assert all(torch.equal(before[name], tensor) for name, tensor in model.state_dict().items())
    assert not model.training


def test_running_values_of_the_network_itself(layer_images):
    assert layer_images.running("ln", 1) is None
    untouched = layer_images.running("bn", 1)
    assert untouched.batches == 0
    assert untouched.mean.tolist() == [0] * 16
    assert settled(layer_images).batches == 40


def test_without_records_the_network_is_untrained_and_says_so(store):
    network = network_for("gn", 8, store, "digits")
    assert not network.trained
    assert "not trained yet" in network.origin
    assert "GN (8)" in network.origin
    # groups of a layer with 32 channels that the first layers cannot have
    assert "GN (4)" in network_for("gn", 32, store, "digits").origin


def test_a_kept_network_is_used(store, record):
    store.save(record)
    network = network_for("bn", 1, store, "digits")
    assert network.trained
    assert "trained on digits" in network.origin
    assert "2 epochs" in network.origin
    weight = next(iter(network.model.state_dict().items()))
    np.testing.assert_array_equal(weight[1].numpy(), record.weights[weight[0]])
    assert not network_for("ln", 1, store, "digits").trained
