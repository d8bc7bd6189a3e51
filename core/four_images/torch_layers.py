"""Each norm as one writes it in PyTorch, as text: a small network, its two modes, and the trap in them."""

from __future__ import annotations

from core.catalogue import NORMS, SetNorm
from core.normalization import Shape, torch_refusal

NETWORK = """import torch
from torch import nn

{definition}model = nn.Sequential(
    {why}nn.Conv2d(1, {c}, 3, padding=1{bias}),
    {comment}{layer},
    nn.ReLU(),
)
x = torch.randn({n}, 1, {h}, {w})

{train}
model.train()
{trained}
{eval}
model.eval()
{inferred}
"""
CALL = "y = model(x)"
REFUSED = """try:
    y = model(x)
except ValueError as refused:
    # a set of one number has variance 0
    print(refused)"""
"""In the place of ``CALL`` where torch's layer raises."""
OWN = {
    "RMSNorm": """class RMSNorm(nn.Module):  # over (C, H, W), gamma per channel
    def __init__(self, channels, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(channels))

    def forward(self, x):
        square = x.square().mean(dim=(1, 2, 3), keepdim=True)
        return x * torch.rsqrt(square + self.eps) * self.weight[:, None, None]


""",
    "PositionLayerNorm": """class PositionLayerNorm(nn.LayerNorm):  # over C at each position
    def forward(self, x):
        return super().forward(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


""",
}
"""The layers that torch does not have on (N, C, H, W), by the name of the class."""
TRAINS = (
    "# mean and variance of this batch: an answer\n# depends on the rest of it; and the running\n"
    "# estimates collect them"
)
INFERS = "# the running estimates: an answer depends\n# on its image alone"
SAME = "# this norm is the same in both modes"


def layer_code(norm: SetNorm, shape: Shape, groups: int) -> str:
    """Torch's own layer as one writes it for (N, C, H, W), without the remark behind it."""
    _, c, h, w = shape
    return NORMS[norm].torch_layer.format(c=c, h=h, w=w, g=groups).partition("  #")[0]


def network_code(norm: SetNorm, shape: Shape, groups: int) -> str:
    """A few lines of torch that run as they are: a convolution, the norm, ReLU, in both modes.

    Where torch refuses a batch of this shape, the code prints its words.

    shape: (N, C, H, W) of what the norm receives.
    """
    row = NORMS[norm]
    n, c, h, w = shape
    layer = layer_code(norm, shape, groups)
    comment = row.torch_layer.partition("  #")[2]
    train = REFUSED if torch_refusal(norm, shape, groups) else CALL
    definition = OWN[row.own_layer.partition("(")[0]] if row.own_layer else ""
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
        trained=train,
        eval=INFERS if row.running else "",
        inferred=CALL if row.running else train,
    )
