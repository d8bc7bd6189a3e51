import numpy as np
import pytest
import torch
from torch.nn import functional as F

from core.catalogue import BASIC_SET_NORMS
from core.four_images.two_layers import KERNELS, MIX, PICTURES
from core.four_images.way import way, way_figure
from tests.torch_norms import torch_norm


@pytest.mark.parametrize("norm", BASIC_SET_NORMS)
@pytest.mark.parametrize("image", range(4))
def test_every_tensor_on_the_way_is_torchs(norm, image):
    first = F.conv2d(torch.from_numpy(PICTURES), torch.from_numpy(KERNELS)[:, None])
    layer = torch_norm(norm, (4, 4, 2, 2), 2)
    with torch.no_grad():
        out = layer(first)
        second = F.conv2d(F.relu(out), torch.from_numpy(MIX)[:, :, None, None])
        last = torch_norm(norm, (4, 4, 2, 2), 2)(second)
    planes = {stop.name: stop.planes for stop in way(norm, 2, image)}
    assert list(planes) == ["kernels", "x, norm 1", "x̂, norm 1", "ReLU", "weights 1 × 1", "x, norm 2", "x̂, norm 2"]
    np.testing.assert_array_equal(planes["kernels"], KERNELS)
    np.testing.assert_array_equal(planes["weights 1 × 1"][:, 0], MIX)
    for name, tensor in (("x, norm 1", first), ("x̂, norm 1", out), ("x, norm 2", second), ("x̂, norm 2", last)):
        np.testing.assert_allclose(planes[name], tensor[image], atol=1e-9)
    np.testing.assert_array_equal(planes["ReLU"], np.maximum(planes["x̂, norm 1"], 0))


def test_the_picture_has_each_plane_upright_with_its_numbers():
    drawn = way_figure("bn", 1, 2).data
    stops = way("bn", 1, 2)
    assert len(drawn) == 4 * len(stops)
    for i, trace in enumerate(drawn):
        plane = stops[i // 4].planes[i % 4]
        np.testing.assert_array_equal(np.array(trace.z)[::-1], plane)
        shown = [[float(text) for text in row] for row in list(trace.text)[::-1]]
        np.testing.assert_allclose(shown, plane, atol=0.006)
        assert trace.zmin == -trace.zmax  # zero has the pale colour
