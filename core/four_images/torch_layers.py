"""Each norm as one writes it in PyTorch, as text: a small network, its two modes, and the trap in them."""

from __future__ import annotations

from core.catalogue import NORMS, SetNorm
from core.normalization import Shape

NETWORK = """import torch
from torch import nn

{definition}net = nn.Sequential(
    {why}nn.Conv2d(1, {c}, 3, padding=1{bias}),
    {comment}{layer},
    nn.ReLU(),
)
x = torch.randn({n}, 1, {h}, {w})

{train}
net.train()
y = net(x)
{eval}
net.eval()
y = net(x)
"""
TRAINS = "# mean and variance of this batch,\n# and the running estimates collect them"
INFERS = "# the running estimates; forget this, and\n# an answer depends on the rest of the batch"
SAME = "# this norm is the same in both modes"


def network_code(norm: SetNorm, shape: Shape, groups: int) -> str:
    """A few lines of torch that run as they are: a convolution, the norm, ReLU, in both modes.

    shape: (N, C, H, W) of what the norm receives.
    """
    row = NORMS[norm]
    n, c, h, w = shape
    layer, _, comment = row.torch_layer.format(c=c, h=h, w=w, g=groups).partition("  #")
    definition = row.own_code
    if row.own_layer:
        layer = row.own_layer.format(c=c)
    return NETWORK.format(
        definition=definition,
        n=n,
        c=c,
        h=h,
        w=w,
        bias=", bias=False" if row.shifts else "",
        why="# beta does what a bias would\n    " if row.shifts else "",
        layer=layer,
        comment=f"#{comment}\n    " if comment and not definition else "",
        train=TRAINS if row.running else SAME,
        eval=INFERS if row.running else SAME,
    )
