"""The notebook way: how published solutions of the same exercise train, on the same network with the same optimizer.

A DataLoader without workers, PIL transforms image by image, element dropout after every block, L1 by a Python loop
over the parameters, ``.item()`` after every batch.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.data import DataLoader

from core.catalogue import DATASETS
from core.config import RunConfig
from core.data import batches
from core.data.datasets import data_root
from core.data.vision import torchvision_datasets
from core.model import NormNet
from core.training.optimizer import MOMENTUM

DROPOUT = 0.05


class NotebookNet(NormNet):
    """``NormNet`` with element dropout after every block, in torch's default memory layout.

    The dropout stands between norm and ReLU, where it gives the numbers that it would give behind the ReLU.
    """

    def __init__(self, config: RunConfig) -> None:
        border = DATASETS[config.dataset].border
        super().__init__(config.norm, config.groups, config.width, config.seed, border=border, recipe=config.recipe)
        for norm in self.norms:
            norm.register_forward_hook(_dropped)
        self.to(memory_format=torch.contiguous_format)  # type: ignore[call-overload]  # torch takes it


def _dropped(norm: nn.Module, _: tuple[Tensor, ...], output: Tensor) -> Tensor:
    return F.dropout(output, DROPOUT, norm.training)


def notebook_batches(config: RunConfig, root: Path | None) -> Iterator[tuple[Tensor, Tensor]]:
    """Endless batches as a notebook makes them: one PIL image at a time, in the training process."""
    torchvision_datasets()  # makes torchvision importable where its compiled library is not
    from torchvision import datasets, transforms

    degrees, amount = batches.ROTATION_DEGREES, batches.BRIGHTNESS
    images = datasets.MNIST(
        data_root(root),
        train=True,
        transform=transforms.Compose(
            [
                transforms.RandomRotation(degrees),
                transforms.ColorJitter(brightness=amount, contrast=batches.CONTRAST),
                transforms.ToTensor(),
                transforms.Normalize((0.1307,), (0.3081,)),
            ]
        ),
    )
    while True:
        yield from DataLoader(images, batch_size=config.batch_size, shuffle=True)


def notebook_rate(config: RunConfig, root: Path | None, seconds: float) -> float:
    """Training images a second of the notebook way, over about ``seconds``."""
    model = NotebookNet(config).train()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=MOMENTUM, nesterov=True)
    images, begin = 0, 0.0
    for step, (x, y) in enumerate(notebook_batches(config, root)):
        if step == 3:  # the first batches warm up caches and allocators
            images, begin = 0, time.perf_counter()
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y)
        if config.l1:
            penalty: Any = 0
            for parameter in model.parameters():
                penalty = penalty + parameter.abs().sum()
            loss = loss + config.l1 * penalty
        loss.backward()
        optimizer.step()
        loss.item()
        images += len(y)
        if step > 3 and time.perf_counter() - begin > seconds:
            break
    return images / (time.perf_counter() - begin)
