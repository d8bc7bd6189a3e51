"""The network: size, shapes, recipes, equal weights over norms, and the tap on its layers."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from core.catalogue import NORMS
from core.config import RECIPES, RunConfig, divisors
from core.model import (
    GEOMETRIES,
    LayerTap,
    NormNet,
    fastest_precision,
    get_model,
    layer_shapes,
    parameter_count,
)
from core.normalization import normalize, statistics
from core.records.network import trained_model
from tests.wrong_records import predictions
from tests.wrong_records import record as made

OF_BATCH_NORM = ("weight", "bias", "running_mean", "running_var")

# conv kernels 9 * (16 + 2 * 16 * 16 + 16 * 32 + 32 * 32), linear 330, gamma and beta 2 * (3 * 16 + 2 * 32)
KERNELS, HEAD, GAMMA_BETA = 9 * (16 + 2 * 256 + 512 + 1024), 330, 2 * 112

# by recipe: whether the border of the data set is cut off, and the padding of the first convolution
STEMS = {1: (False, 1), 2: (True, 0)}
# without a crop and padded 28, pooled 14; 28 - 2, pooled 13; cropped 24 - 2, pooled 11; then pooled once more
SIDES = [
    (1, "mnist", (14, 14, 7, 7, 7)),
    (1, "fashion-mnist", (14, 14, 7, 7, 7)),
    (2, "mnist", (11, 11, 5, 5, 5)),
    (2, "digits", (11, 11, 5, 5, 5)),
    (2, "fashion-mnist", (13, 13, 6, 6, 6)),
]
CONFIGS = [RunConfig(norm="ln", recipe=recipe, dataset=dataset) for recipe, dataset, _ in SIDES]


@pytest.mark.parametrize(
    ("norm", "parameters"),
    [
        *((n, KERNELS + HEAD + GAMMA_BETA) for n in ("bn", "ln", "gn", "in", "ln-position")),
        ("rms", KERNELS + HEAD + 112 + 112),  # a gamma and, in the place of beta, the convolution's bias
        ("none", KERNELS + HEAD + 112),
    ],
)
def test_parameters(norm, parameters):
    count = parameter_count(get_model(RunConfig(norm=norm)))
    assert count == parameters < 20_000
    if norm == "bn":
        assert count == 19_130


@pytest.mark.parametrize("norm", NORMS)
def test_one_seed_gives_every_norm_the_same_weights(norm):
    mine, reference = get_model(RunConfig(norm=norm, seed=3)), get_model(RunConfig(norm="bn", seed=3))
    for a, b in zip(mine.convs, reference.convs, strict=True):
        assert torch.equal(a.weight, b.weight)
    assert torch.equal(mine.head.weight, reference.head.weight)
    other = get_model(RunConfig(norm=norm, seed=4))
    assert not any(torch.equal(a.weight, b.weight) for a, b in zip(mine.convs, other.convs, strict=True))


def test_weights_do_not_depend_on_the_global_generator():
    states = []
    for seed in (1, 2):
        torch.manual_seed(seed)
        states.append(get_model(RunConfig(norm="bn", seed=3)).state_dict())
    assert all(torch.equal(states[0][name], states[1][name]) for name in states[0])


def test_initial_weights_lie_within_one_over_the_root_of_fan_in():
    for conv in get_model(RunConfig(norm="bn")).convs:
        bound = (9 * conv.in_channels) ** -0.5
        assert 0.8 * bound < conv.weight.abs().max() <= bound


@pytest.mark.parametrize(("recipe", "dataset", "sides"), SIDES)
@pytest.mark.parametrize(("norm", "width"), [*((norm, 16) for norm in NORMS), ("gn", 4)])
def test_shapes_through_the_network(recipe, dataset, sides, norm, width):
    config = RunConfig(norm=norm, groups=4, width=width, recipe=recipe, dataset=dataset)
    model = get_model(config)
    with LayerTap(model) as tap:
        logits = model(torch.rand(3, 1, 28, 28))
    assert logits.shape == (3, 10)
    channels = [width, width, width, 2 * width, 2 * width]
    shapes = [(c, side, side) for c, side in zip(channels, sides, strict=True)]
    assert [tuple(tap.before[i].shape) for i in range(5)] == [(3, *shape) for shape in shapes]
    assert [tuple(tap.after[i].shape) for i in range(5)] == [(3, *shape) for shape in shapes]
    assert layer_shapes(config) == tuple(shapes)


def test_every_recipe_that_can_be_read_has_a_geometry():
    assert set(GEOMETRIES) == set(RECIPES) == set(STEMS)


def test_an_untrained_network_finds_every_class_equally_likely():
    logits = get_model(RunConfig(norm="ln"))(torch.rand(2, 1, 28, 28))
    assert torch.equal(logits, torch.zeros(2, 10))


@pytest.mark.parametrize("groups", divisors(16))
def test_groups_reach_every_layer(groups):
    model = get_model(RunConfig(norm="gn", groups=groups))
    assert [layer.num_groups for layer in model.norms] == [groups] * 5


def test_a_bias_only_where_no_norm_follows():
    assert all(conv.bias is None for conv in get_model(RunConfig(norm="bn")).convs)
    assert all(conv.bias is not None for conv in get_model(RunConfig(norm="none")).convs)


def with_answers(config):
    """The network of ``config`` in inference mode, with a head that is not zero."""
    model = get_model(config).eval()
    nn.init.normal_(model.head.weight, generator=torch.Generator().manual_seed(0))
    return model


def forward_by_hand(model, x, config):
    """The module's table, layer by layer."""
    crops, padding = STEMS[config.recipe]
    if crops and config.dataset != "fashion-mnist":
        x = x[:, :, 2:26, 2:26]
    tapped = []
    for i in range(5):
        conv = model.convs[i]
        before = torch.conv2d(x, conv.weight, conv.bias, padding=1 if i else padding)
        if i in (0, 2):
            before = torch.max_pool2d(before, 2)
        after = model.norms[i](before)
        tapped.append((before, after))
        x = after.clamp(min=0)
    return tapped, x.flatten(2).max(dim=2).values @ model.head.weight.T + model.head.bias


@pytest.mark.parametrize(("recipe", "dataset"), [(recipe, dataset) for recipe, dataset, _ in SIDES])
@pytest.mark.parametrize("norm", NORMS)
def test_the_tap_shows_what_goes_in_and_out_of_each_norm(norm, recipe, dataset):
    config = RunConfig(norm=norm, groups=4, seed=1, recipe=recipe, dataset=dataset)
    model = with_answers(config)
    x = torch.rand(4, 1, 28, 28, generator=torch.Generator().manual_seed(1))
    with LayerTap(model) as tap:
        logits = model(x)
    tapped, expected = forward_by_hand(model, x, config)
    torch.testing.assert_close(logits, expected, rtol=1e-4, atol=1e-5)
    for i, (before, after) in enumerate(tapped):
        torch.testing.assert_close(tap.before[i], before.detach(), rtol=1e-4, atol=1e-5)
        torch.testing.assert_close(tap.after[i], after.detach(), rtol=1e-4, atol=1e-5)
        assert tap.before[i].is_contiguous()
        assert not tap.before[i].requires_grad


@pytest.mark.parametrize("config", CONFIGS, ids=lambda c: f"{c.recipe} {c.dataset}")
def test_the_last_step_is_the_maximum_over_the_image(config):
    model = with_answers(config)
    received = []
    model.head.register_forward_hook(lambda head, inputs, output: received.append(inputs[0]))
    with torch.inference_mode(), LayerTap(model) as tap:
        model(torch.rand(4, 1, 28, 28, generator=torch.Generator().manual_seed(1)))
    assert torch.equal(received[0], tap.after[4].clamp(min=0).amax(dim=(2, 3)))


@pytest.mark.parametrize("config", CONFIGS, ids=lambda c: f"{c.recipe} {c.dataset}")
def test_what_is_cut_off_changes_nothing_and_what_lies_inside_does(config):
    model = with_answers(config)
    x = torch.rand(4, 1, 28, 28, generator=torch.Generator().manual_seed(1))
    outside = torch.ones(28, 28, dtype=torch.bool)
    outside[2:26, 2:26] = False
    rim = torch.zeros(28, 28, dtype=torch.bool)
    rim[2:26, 2:26] = True
    rim[3:25, 3:25] = False  # the first pixels inside
    cut = config.recipe == 2 and config.dataset != "fashion-mnist"
    with torch.inference_mode():
        assert torch.equal(model(x), model(x + 9 * outside)) is cut
        assert not torch.allclose(model(x), model(x + 9 * rim))


def test_a_record_of_recipe_1_has_the_network_of_recipe_1():
    """Its weights have the names and shapes that its first records have; only the configuration tells the recipes."""
    now = RunConfig(norm="bn", dataset="digits")
    then = replace(now, recipe=1)
    kept = made(then, predictions({}))
    norms = {f"norms.{i}.{name}": (c,) for i, c in enumerate((16, 16, 16, 32, 32)) for name in OF_BATCH_NORM}
    convs = {f"convs.{i}.weight": shape for i, shape in enumerate([(16, 1), (16, 16), (16, 16), (32, 16), (32, 32)])}
    assert {name: array.shape for name, array in kept.weights.items()} == {
        **{name: (*shape, 3, 3) for name, shape in convs.items()},
        **norms,
        **{f"norms.{i}.num_batches_tracked": () for i in range(5)},
        "head.weight": (10, 32),
        "head.bias": (10,),
    }
    head = np.random.default_rng(0).normal(size=(10, 32)).astype(np.float32)
    kept = replace(kept, weights={**kept.weights, "head.weight": head})
    model = trained_model(kept)
    x = torch.rand(4, 1, 28, 28, generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        logits = model(x)
        torch.testing.assert_close(logits, forward_by_hand(model, x, then)[1], rtol=1e-4, atol=1e-5)
        assert (logits - forward_by_hand(model, x, now)[1]).abs().max() > 0.01


@pytest.mark.parametrize(
    ("norm", "groups"), [("bn", 1), ("ln", 1), ("gn", 4), ("in", 1), ("ln-position", 1), ("rms", 1)]
)
def test_the_tapped_values_obey_the_formula(norm, groups):
    model = NormNet(norm, groups, seed=2).train()
    with LayerTap(model) as tap:
        model(torch.rand(4, 1, 28, 28, generator=torch.Generator().manual_seed(2)))
    for i in range(5):
        before = tap.before[i].double().numpy()
        expected = normalize(before, statistics(before, norm, groups))
        np.testing.assert_allclose(tap.after[i].numpy(), expected, atol=2e-4)


def test_the_tap_lets_go():
    model = get_model(RunConfig(norm="bn"))
    with LayerTap(model) as tap:
        pass
    model(torch.rand(2, 1, 28, 28))
    assert tap.before == tap.after == {}
    with pytest.raises(RuntimeError), tap:
        model(torch.rand(2, 3, 28, 28))
    model(torch.rand(2, 1, 28, 28))
    assert tap.before == tap.after == {}


def test_only_batch_norm_depends_on_the_other_images_and_only_in_training_mode():
    x = torch.rand(4, 1, 28, 28, generator=torch.Generator().manual_seed(3))
    for norm in NORMS:
        model = NormNet(norm, groups=4 if norm == "gn" else 1)
        nn.init.normal_(model.head.weight, generator=torch.Generator().manual_seed(0))
        for training in (True, False):
            model.train(training)
            alone, together = model(x[:1]), model(x)[:1]
            same = torch.allclose(alone, together, atol=1e-4)
            assert same is not (norm == "bn" and training), (norm, training)


def test_mixed_precision_acts_in_training_only():
    x = torch.rand(8, 1, 28, 28, generator=torch.Generator().manual_seed(5))
    full, mixed = (NormNet("ln", precision=p) for p in ("fp32", "bf16"))
    for model in (full, mixed):
        nn.init.normal_(model.head.weight, generator=torch.Generator().manual_seed(0))
    assert all(p.dtype == torch.float32 for p in mixed.parameters())
    assert torch.equal(full.eval()(x), mixed.eval()(x))
    a, b = full.train()(x), mixed.train()(x)
    assert b.dtype == torch.float32
    assert not torch.equal(a, b)
    torch.testing.assert_close(a, b, rtol=0.05, atol=0.05 * float(a.detach().abs().max()))


@pytest.mark.parametrize(("native", "expected"), [(True, "bf16"), (False, "fp32")])
def test_the_fastest_precision_is_what_the_processor_multiplies_itself(monkeypatch, native, expected):
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: native, raising=False)
    assert fastest_precision() == expected


def test_a_torch_that_does_not_tell_trains_in_float32(monkeypatch):
    monkeypatch.delattr(torch.cpu, "_is_avx512_bf16_supported", raising=False)
    assert fastest_precision() == "fp32"
