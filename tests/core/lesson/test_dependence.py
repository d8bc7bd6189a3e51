"""What another image 4 does to the others, beside what torch's layers do."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.four_images.figures import movement_rows
from core.four_images.source import Integers
from core.lesson.dependence import change
from tests.torch_norms import torch_norm

GROUPS = 2


@pytest.mark.parametrize("norm", ["bn", "ln", "gn"])
@pytest.mark.parametrize("replaced", [1, 2, 20])
def test_the_change_is_what_torchs_layer_in_training_mode_shows(norm, replaced):
    source = Integers()
    found = change(source, norm, GROUPS, replaced)
    old, new = (torch.from_numpy(x) for x in (found.old, found.new))
    assert torch.equal(old[:3], new[:3])
    assert not torch.equal(old[3], new[3])
    layer = torch_norm(norm, found.old.shape, GROUPS)
    expected = (layer(new) - layer(old)).detach().numpy()
    np.testing.assert_allclose(found.x_hat, expected, atol=1e-9)
    assert found.largest == pytest.approx(np.abs(expected[0]).max(), abs=1e-9)


def test_under_bn_every_other_cell_changes_and_under_ln_and_gn_none():
    found = {norm: change(Integers(), norm, GROUPS, 1) for norm in ("bn", "ln", "gn")}
    assert {norm: one.others for norm, one in found.items()} == {"bn": 72, "ln": 0, "gn": 0}
    assert {norm: round(one.largest, 4) for norm, one in found.items()} == {"bn": 1.4416, "ln": 0, "gn": 0}
    assert all(np.count_nonzero(one.x_hat[3]) == 24 for one in found.values())


def test_the_small_bars_have_room_for_the_number_behind_the_longest():
    figure = movement_rows({"bn": 1.4416, "ln": 0.0})
    assert [(bar.x, bar.text) for bar in figure.data] == [((1.4416,), ("1.44",)), ((0.0,), ("0",))]
    assert figure.layout.xaxis.range == (0, pytest.approx(1.802))
    assert movement_rows({"ln": 0.0}).layout.xaxis.range[1] > 0
