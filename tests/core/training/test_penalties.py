"""L1 and L2 against their closed forms."""

import pytest
import torch

from core.catalogue import NORMS
from core.config import RunConfig
from core.model import get_model
from core.training import penalties


def test_values_and_gradients_by_hand():
    weights = [torch.tensor([[1.0, -2.0], [0.0, 3.0]], requires_grad=True), torch.tensor([[-0.5]], requires_grad=True)]
    assert penalties.l1(weights).item() == 6.5
    assert penalties.l2(weights).item() == 14.25
    penalties.l1(weights).backward()
    assert weights[0].grad.tolist() == [[1.0, -1.0], [0.0, 1.0]]
    assert weights[1].grad.tolist() == [[-1.0]]
    weights[0].grad = weights[1].grad = None
    penalties.l2(weights).backward()
    assert weights[0].grad.tolist() == [[2.0, -4.0], [0.0, 6.0]]
    assert weights[1].grad.tolist() == [[-1.0]]


@pytest.mark.parametrize("norm", NORMS)
def test_they_cover_kernels_and_the_linear_matrix_only(norm):
    names = [name for name, _ in penalties.penalized(get_model(RunConfig(norm=norm)))]
    assert names == [*(f"convs.{i}.weight" for i in range(5)), "head.weight"]
