"""Networks at their start: what one visitor sees does not depend on another, nor on a measure that was cut short."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
import torch

from core.experiments.depth_start import at_start
from core.experiments.one_thread import in_one_thread
from core.experiments.training import no_denormals
from core.model import NormNet


@pytest.fixture(scope="module")
def batch():
    drawn = torch.Generator().manual_seed(0)
    return torch.randn(8, 1, 28, 28, generator=drawn), torch.arange(8)


def measure(depth: int, batch):
    def work():
        with no_denormals():
            return at_start(depth, 0, "mnist-small", batch)

    return in_one_thread(work)


def test_two_at_once_and_one_that_is_interrupted(batch, monkeypatch):
    images = batch[0].clone()
    alone = {depth: measure(depth, batch) for depth in (5, 7)}
    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(lambda depth: measure(depth, batch), [5, 7] * 2)) == [alone[5], alone[7]] * 2
    forward = NormNet.forward

    def interrupted(self, x):
        forward(self, x)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(NormNet, "forward", interrupted)
        with pytest.raises(KeyboardInterrupt):
            measure(5, batch)
    assert measure(5, batch) == alone[5]
    assert torch.equal(batch[0], images)
    assert float(torch.full((1,), 1e-39)) > 0  # tiny numbers still are numbers here
