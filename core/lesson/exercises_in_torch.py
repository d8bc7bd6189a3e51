"""Exercises around training: what a layer learns, what L1 does, GroupNorm in one's own code.

Each is a function of a random generator; what its solution says is computed by ``core``.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from core.catalogue import NORMS, NormName
from core.lesson.exercise import Exercise
from core.lesson.writing import Block, Code, Grid, Items, Text, shown
from core.model import make_norm, parameter_count
from core.normalization import normalize, statistics
from core.training.penalties import l1, l2


def parameters(rng: np.random.Generator) -> Exercise:
    """How many numbers a norm learns."""
    c, side = int(rng.choice([8, 12, 16, 24, 32, 64])), int(rng.choice([6, 7, 8, 12, 14]))
    g = int(rng.choice([d for d in range(2, c) if c % d == 0]))

    def layer(norm: NormName) -> nn.Module:
        return make_norm(norm, c, g)

    batchnorm = layer("bn")
    estimates = sum(buffer.numel() for buffer in batchnorm.buffers() if buffer.is_floating_point())
    counts = {
        NORMS["bn"].torch_layer.format(c=c): parameter_count(batchnorm),
        NORMS["gn"].torch_layer.format(c=c, g=g): parameter_count(layer("gn")),
        f"nn.GroupNorm(1, {c})": parameter_count(layer("ln")),
        f"nn.LayerNorm([{c}, {side}, {side}])": parameter_count(nn.LayerNorm([c, side, side])),
    }
    return Exercise(
        title="What a norm learns",
        text=(Text(f"A convolution gives {c} channels of {side} × {side}. One of these layers follows it:"),),
        task=(
            Grid(["", "learned numbers"], [[f"`{name}`", ""] for name in counts]),
            Items(
                (
                    "How many numbers does each of them learn?",
                    "Which numbers does BatchNorm keep besides, and are they learned?",
                    "Does the convolution need a bias?",
                )
            ),
        ),
        solution=(
            Grid(["", "learned numbers"], [[f"`{name}`", f"{count:,}"] for name, count in counts.items()]),
            Text(
                f"a) One γ and one β a channel, 2 × {c}. Only `nn.LayerNorm` has them for every element, "
                f"2 × {c} × {side} × {side}; its mean and variance are those of `nn.GroupNorm(1, {c})`."
            ),
            Text(
                f"b) A running mean and a running variance a channel, {estimates} numbers: they are collected in "
                "training mode and get no gradient."
            ),
            Text(
                "c) No. BatchNorm subtracts it again with the mean of its channel, and β takes its place. LayerNorm "
                "and GroupNorm subtract the mean of several biases only, but there, too, β shifts each channel anew."
            ),
        ),
        given={"channels": c, "groups": g, "side": side},
        answer={"learned": list(counts.values()), "running estimates": estimates},
        check=PARAMETERS,
        lines=3,
    )


PARAMETERS = """
made = [
    nn.BatchNorm2d(channels),
    nn.GroupNorm(groups, channels),
    nn.GroupNorm(1, channels),
    nn.LayerNorm([channels, side, side]),
]
assert [sum(p.numel() for p in layer.parameters()) for layer in made] == answer["learned"]
kept = [made[0].running_mean, made[0].running_var]
assert sum(estimate.numel() for estimate in kept) == answer["running estimates"]
assert not any(estimate.requires_grad for estimate in kept)
"""


def l1_gradient(rng: np.random.Generator) -> Exercise:
    """The gradient of an L1 penalty, and a step by it."""
    w = rng.choice([-2.0, -1.5, -0.5, -0.1, 0.1, 0.4, 1.0, 3.0], 4, replace=False)
    w = np.insert(w, int(rng.integers(0, 5)), 0.0)
    loss_gradient = rng.choice([-0.4, -0.3, -0.2, 0.1, 0.2, 0.5], 5)
    strength, rate = float(rng.choice([0.01, 0.02, 0.05])), float(rng.choice([0.1, 0.5]))
    weights = torch.tensor(w, requires_grad=True)
    cost = strength * l1([weights])
    [gradient] = torch.autograd.grad(cost, weights)
    penalty = cost.item()
    [of_l2] = torch.autograd.grad(strength * l2([weights]), weights)
    step = w - rate * (loss_gradient + gradient.numpy())
    return Exercise(
        title="The gradient of L1",
        text=(
            Text(
                f"The loss gets the penalty λ Σ|w| with λ = {strength:g} over five weights. Without the penalty the "
                "gradient of the loss is g:"
            ),
            Grid(["", *(f"w{i + 1}" for i in range(5))], [["w", *map(shown, w)], ["g", *map(shown, loss_gradient)]]),
        ),
        task=(
            Items(
                (
                    "How large is the penalty, and what is its gradient?",
                    f"What are the weights after a step of plain SGD with the learning rate {rate:g}?",
                    "What is the gradient of an L2 penalty λ Σw² instead? Which penalty makes weights zero, and why?",
                )
            ),
        ),
        solution=_pulls(penalty, gradient.tolist(), step.tolist(), of_l2.tolist(), rate),
        given={"w": w, "g": loss_gradient, "strength": strength, "rate": rate},
        answer={
            "penalty": penalty,
            "gradient": gradient.tolist(),
            "step": step.tolist(),
            "gradient of L2": of_l2.tolist(),
        },
        check=L1_GRADIENT,
        lines=3,
    )


def _pulls(
    penalty: float, gradient: list[float], step: list[float], of_l2: list[float], rate: float
) -> tuple[Block, ...]:
    return (
        Grid(
            ["", *(f"w{i + 1}" for i in range(5))],
            [
                ["gradient of λ Σ|w|", *map(shown, gradient)],
                ["w after the step", *map(shown, step)],
                ["gradient of λ Σw²", *map(shown, of_l2)],
            ],
        ),
        Text(f"a) The penalty is {shown(penalty)}. Its gradient is λ sign(w), and 0 at w = 0."),
        Text(f"b) w − {rate:g} (g + λ sign(w)), the second line of the table."),
        Text(
            "c) The third line, 2 λ w. L1 pulls as hard on a small weight as on a large one, and takes small "
            "weights all the way to zero (SGD then steps to and fro across it). The pull of L2 fades with the "
            "weight."
        ),
    )


L1_GRADIENT = """
weights = w.clone().requires_grad_()
penalty = strength * weights.abs().sum()
((g * weights).sum() + penalty).backward()  # a loss whose gradient is g, and the penalty
assert abs(penalty.item() - answer["penalty"]) < 1e-12
assert torch.allclose(weights.grad - g, torch.tensor(answer["gradient"], dtype=torch.float64))
assert torch.allclose(w - rate * weights.grad, torch.tensor(answer["step"], dtype=torch.float64))
weights.grad = None
(strength * weights.square().sum()).backward()
assert torch.allclose(weights.grad, torch.tensor(answer["gradient of L2"], dtype=torch.float64))
"""

GROUP_NORM = """def group_norm(x, groups, eps=1e-5):
    n, c, h, w = x.shape
    sets = x.reshape(n * groups, c // groups * h * w)  # one set a row
    return F.layer_norm(sets, sets.shape[1:], eps=eps).reshape(n, c, h, w)"""


def own_group_norm(rng: np.random.Generator) -> Exercise:
    """GroupNorm written as a reshaping and LayerNorm."""
    n, c = int(rng.integers(2, 4)), int(rng.choice([4, 6]))
    x = rng.integers(0, 10, (n, c, 2, 2)).astype(np.float64)
    x_hat = normalize(x, statistics(x, "gn", 2))
    return Exercise(
        title="GroupNorm is LayerNorm on parts",
        text=(
            Text(
                f"`x` is a batch of the shape {x.shape}. In PyTorch `F.group_norm(x, groups)` normalizes it in groups "
                "of channels, and `F.layer_norm(y, y.shape[1:])` normalizes every row of a matrix `y`."
            ),
        ),
        task=(
            Text(
                "Write a function `group_norm(x, groups, eps=1e-5)` from `reshape` and `F.layer_norm` alone, without a "
                "loop. Check it against torch for G = 1, 2 and C:"
            ),
            Code("torch.testing.assert_close(group_norm(x, 2), F.group_norm(x, 2))"),
        ),
        solution=(
            Code(GROUP_NORM),
            Text(
                f"One row of `sets` is one image and one group. With G = 2 the first number of `x` becomes "
                f"{shown(float(x_hat.flat[0]))}. G = 1 is LayerNorm over (C, H, W), G = C is InstanceNorm."
            ),
        ),
        given={"x": x},
        answer={"first": float(x_hat.flat[0])},
        check=OWN_GROUP_NORM,
        lines=5,
    )


OWN_GROUP_NORM = f"""
{GROUP_NORM}


for groups in (1, 2, x.shape[1]):
    torch.testing.assert_close(group_norm(x, groups), F.group_norm(x, groups))
assert abs(group_norm(x, 2).flatten()[0].item() - answer["first"]) < 1e-9
torch.testing.assert_close(group_norm(x, x.shape[1]), F.instance_norm(x))
"""
