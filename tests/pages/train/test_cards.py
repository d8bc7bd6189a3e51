"""What the cards of a race say of the network."""

from __future__ import annotations

from core.config import RunConfig
from core.model import get_model


def test_the_help_on_groups_counts_the_channels_of_the_network(open_page):
    app = open_page("train", train_1_norm="GroupNorm")
    few, many = sorted({norm.num_channels for norm in get_model(RunConfig(norm="gn")).norms})
    slider = app.select_slider(key="train_1_groups")
    assert slider.options[-1] == str(few)
    assert slider.help == (
        f"Divisors of the {few} channels. 1 group is LayerNorm over (C, H, W) in every layer; {few} groups are "
        f"InstanceNorm in the layers that have {few} channels, and {many // few} channels a group in those that have "
        f"{many}."
    )
