import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from core.catalogue import DATASETS, SET_NORMS
from core.config import RunConfig
from core.data.batches import standardize, to_float
from core.four_images.activations import LayerImages, Network, activations, layer_title
from core.four_images.influence import (
    gradient,
    learned,
    movements,
    one_image_alone,
    place_name,
    running_estimates,
    settled,
    training_batches,
)
from core.four_images.networks import trained_network, untrained_network
from core.four_images.source import SHOWN, Integers
from core.four_images.two_layers import KERNELS, MIX, PICTURES, TwoLayers, forward
from core.model import get_model, layer_shapes
from core.normalization import EPS, RunningStatistics, Statistics, statistics
from tests.torch_norms import torch_norm


@pytest.fixture
def layer_images(digits):
    like = RunConfig(norm="none", dataset="digits")
    channels, _, _ = layer_shapes(like)[2]

    def networks(norm, groups):
        return untrained_network(norm, groups, like)

    return LayerImages(digits.test_images[:4].numpy(), 2, channels, networks, digits)


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


def torch_running(batches, momentum):
    """torch's own layer after these training batches, in inference mode."""
    layer = nn.BatchNorm2d(batches[0].shape[1], momentum=momentum).double()
    for x in batches:
        layer(torch.tensor(x))
    return layer.eval()


def batches_of(source, count):
    """The training batches of a source as its names describe them, made without its ``stream``."""
    first = source.batch("bn", 1)
    if isinstance(source, Integers):
        return [first, *(Integers(source.channels, source.side, source.seed + i).numbers for i in range(1, count))]
    return [first, *list(source.stream("bn", 1, count))[1:]]


def test_one_batch_of_the_default_page_is_the_one_on_the_screen():
    """Channel 1 of seed 0 has mean 4.875 and biased variance 5.609375: 16 / 15 of it is 5.9833."""
    (seen,) = training_batches(Integers(), 1, momentum=0.1)
    assert seen.name == SHOWN
    assert seen.mean[0] == 4.875
    assert seen.var[0] == pytest.approx(5.609375 * 16 / 15, rel=1e-12)
    assert seen.running.mean[0] == pytest.approx(0.4875, rel=1e-12)
    assert seen.running.var[0] == pytest.approx(0.9 + 0.1 * 5.609375 * 16 / 15, rel=1e-12)
    assert f"{seen.running.var[0]:.4f}" == "1.4983"


@pytest.mark.parametrize("edits", [(), ((0, 100.0), (17, -2.5))])
@pytest.mark.parametrize("momentum", [0.0, 0.01, 0.3, 1.0])
def test_running_estimates_are_those_of_torch(edits, momentum):
    """The batch on the screen first, edits included, and then the next seeds without them."""
    source = Integers(4, 2, 3, edits)
    estimates = running_estimates(source, 5, momentum)
    layer = torch_running(batches_of(source, 5), momentum)
    assert [e.batches for e in estimates] == [0, 1, 2, 3, 4, 5]
    np.testing.assert_allclose(estimates[-1].mean, layer.running_mean.numpy(), atol=1e-12)
    np.testing.assert_allclose(estimates[-1].var, layer.running_var.numpy(), rtol=1e-12)


def test_what_a_batch_brings_is_its_mean_and_unbiased_variance(source):
    seen = training_batches(source, 3)
    for batch, x in zip(seen, source.stream("bn", 1, 3), strict=True):
        np.testing.assert_allclose(batch.mean, x.mean(axis=(0, 2, 3)), atol=1e-12)
        np.testing.assert_allclose(batch.var, x.swapaxes(0, 1).reshape(x.shape[1], -1).var(axis=1, ddof=1))


def test_the_first_batch_is_the_one_shown(source):
    np.testing.assert_array_equal(next(source.stream("bn", 1, 1)), source.batch("bn", 1))
    assert source.batch_name(1) == SHOWN


def test_later_batches_are_what_their_names_say(layer_images, digits):
    assert [Integers(seed=9997).batch_name(number) for number in (2, 3, 4)] == ["seed 9998", "seed 9999", "seed 0"]
    *_, last = Integers(seed=9997, edits=((0, 50.0),)).stream("bn", 1, 4)
    np.testing.assert_array_equal(last, Integers(seed=0).numbers)

    assert TwoLayers(0).batch_name(3) == "random pictures, seed 1002"
    pictures = np.random.default_rng(1002).integers(0, 10, (4, 1, 3, 3)).astype(np.float64)
    *_, third = TwoLayers(1).stream("bn", 1, 3)
    np.testing.assert_array_equal(third, forward(pictures, "bn").before[1])

    assert [layer_images.batch_name(number) for number in (2, 3)] == [
        "training images 0 to 3",
        "training images 4 to 7",
    ]
    *_, third = layer_images.stream("bn", 1, 3)
    model = layer_images.networks("bn", 1).model
    expected = activations(model, digits.train_images[4:8].numpy(), digits, training=True)[2]
    np.testing.assert_array_equal(third, expected)


def test_alone_bn_goes_by_the_running_values_and_not_by_its_own_batch(source):
    estimates = running_estimates(source, 3, momentum=0.4)[-1]
    layer = torch_running(batches_of(source, 3), 0.4)
    x = torch.from_numpy(source.batch("bn", 1))
    with torch.no_grad():
        alone = layer(x[:1])[0].numpy()
        by_batch = F.batch_norm(x[:1], None, None, training=True)[0].numpy()
        together = F.batch_norm(x, None, None, training=True)[0].numpy()
    found = one_image_alone(source, 2, estimates)[0]
    np.testing.assert_allclose(found.alone, alone, atol=1e-6)
    np.testing.assert_allclose(found.alone_by_batch, by_batch, atol=1e-6)
    np.testing.assert_allclose(found.together, together, atol=1e-6)
    assert abs(alone - by_batch).max() > 0.1


def test_the_second_of_two_layers_in_inference_is_torchs():
    """The first norm by its running estimates, ReLU, and the mixing convolution; with a companion in image 4, too."""
    first = torch_running(list(TwoLayers(0).stream("bn", 1, 40)), 0.1)
    for replaced in (0, 1):
        pictures = PICTURES.copy()
        if replaced:
            pictures[3] = 3 * np.random.default_rng(replaced).integers(0, 10, (4, 1, 3, 3))[0]
        with torch.no_grad():
            x = F.conv2d(torch.from_numpy(pictures), torch.from_numpy(KERNELS)[:, None])
            expected = F.conv2d(first(x).relu(), torch.from_numpy(MIX)[:, :, None, None]).numpy()
        got = TwoLayers(1).batch("bn", 1, replaced=replaced, training=False)
        np.testing.assert_allclose(got, expected, atol=1e-9)


@pytest.mark.parametrize("training", [True, False])
def test_layers_are_passed_in_the_mode_that_is_asked_for(digits, record, training):
    """By hand, with the weights of a trained run: in training mode the norms before go by this batch."""
    model = trained_network(record).model
    channels = model.convs[2].out_channels
    source = LayerImages(
        digits.test_images[:4].numpy(), 2, channels, lambda norm, groups: Network(model, "", True), digits
    )
    border = DATASETS["digits"].border
    x = F.pad(standardize(to_float(digits.test_images[:4]), digits), [-border] * 4)
    with torch.no_grad():
        for i in range(2):
            x = model.convs[i](x)
            x = F.max_pool2d(x, 2) if i == 0 else x
            norm = model.norms[i]
            running = (norm.running_mean.clone(), norm.running_var.clone())
            x = F.batch_norm(x, *running, norm.weight, norm.bias, training=training).relu()
        expected = F.max_pool2d(model.convs[2](x), 2).numpy()
    np.testing.assert_allclose(source.batch("bn", 1, training=training), expected, atol=1e-4)
    other = source.batch("bn", 1, training=not training)
    assert abs(other - expected).max() > 0.1
    if training:
        np.testing.assert_allclose(next(source.stream("bn", 1, 1)), expected, atol=1e-4)


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
    config = RunConfig(norm="bn", dataset="digits")
    model = get_model(config).eval()
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    found = activations(model, digits.test_images[:4].numpy(), digits, training=True)
    assert [x.shape[1:] for x in found] == list(layer_shapes(config))
    assert {len(x) for x in found} == {4}
    assert all(torch.equal(before[name], tensor) for name, tensor in model.state_dict().items())
    assert not model.training


def test_a_layers_title_has_its_number_and_its_shape():
    assert layer_title(4, (32, 6, 5)) == "5: 32 × 6 × 5"


def test_running_values_of_the_network_itself(layer_images):
    assert layer_images.running("ln", 1) is None
    untouched = layer_images.running("bn", 1)
    assert untouched.batches == 0
    assert untouched.mean.tolist() == [0] * layer_images.channels
    assert learned(layer_images) is None
    assert settled(layer_images).batches == 40


def test_a_trained_network_goes_by_what_it_learned(digits, record):
    network = trained_network(record)
    channels = network.model.convs[2].out_channels
    source = LayerImages(digits.test_images[:4].numpy(), 2, channels, lambda norm, groups: network, digits)
    assert settled(source).batches == 2 * 23  # 1,438 images by 64, twice
    np.testing.assert_array_equal(settled(source).mean, record.weights["norms.2.running_mean"])
    np.testing.assert_array_equal(settled(source).var, record.weights["norms.2.running_var"])
    assert learned(Integers()) is None


@pytest.mark.parametrize("eps", [EPS, 0.5])
@pytest.mark.parametrize("norm", SET_NORMS)
def test_the_gradient_is_that_of_autograd(norm, eps):
    x = Integers(6, 2, seed=3).batch("bn", 1)
    cell = (1, 4, 1, 0)
    given = torch.from_numpy(x.copy()).requires_grad_()
    torch_norm(norm, x.shape, 3, eps=eps)(given)[cell].backward()
    found = gradient(x, statistics(x, norm, 3), cell, eps=eps)
    np.testing.assert_allclose(found, given.grad.numpy(), atol=1e-9)
    own = statistics(x, norm, 3).index
    assert not found[own != own[cell]].any()


def test_by_running_estimates_only_the_cell_itself_counts():
    x = Integers(3, 2).batch("bn", 1)
    cell = (2, 1, 0, 1)
    running = RunningStatistics.start(3).update(x)
    layer = nn.BatchNorm2d(3).double()
    given = torch.from_numpy(x.copy())
    layer(given)
    given.requires_grad_()
    layer.eval()(given)[cell].backward()
    own = statistics(x, "bn")
    stats = Statistics("bn", own.groups, running.mean, running.var, own.index, own.cells)
    found = gradient(x, stats, cell, running=True)
    np.testing.assert_allclose(found, given.grad.numpy(), atol=1e-12)
    assert np.count_nonzero(found) == 1
    assert found[cell] == pytest.approx(1 / np.sqrt(running.var[1] + EPS))
