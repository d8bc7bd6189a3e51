"""What the table of ``depth`` says: which networks still learn, and how BN's gradients grow towards the input."""

from __future__ import annotations

import math
import statistics

from core.experiments.by_seed import minus
from core.experiments.depth_start import NETS, gradient_ratio
from core.experiments.depth_start_shown import gradients_in_words
from core.experiments.depth_trained import DEEPEST, STEPS, TRAINED
from core.experiments.final_loss import CHANCE
from core.experiments.losses_by_rate import best_loss
from core.experiments.nets import BN, Net
from core.experiments.said import in_two
from core.experiments.table import Table
from core.labels import listed

NEAR = 0.1
"""A loss within this of chance is that of a network that has not begun to learn."""

STUCK = "After {steps} steps networks of {depth} convolutions still only guess {nets}."
ALL_BEGAN = "After {steps} steps at {depth} convolutions every network has begun to learn."
LOWEST = "The lowest loss is {loss}."
OTHERS = "The others reach {losses}."
OF_NET = "{loss:.2f} {net}"
OPTIONS = ("Much larger", "About the same", "Much smaller")


def above_bn(net: Net, table: Table) -> dict[int, float]:
    """How far the best loss of ``net`` is above BN's, nats."""
    return minus(best_loss(table, net), best_loss(table, BN))


def explosion(table: Table) -> dict[int, float]:
    """log10 of BN's first gradient over its last, in the deepest network."""
    return {seed: math.log10(ratio) for seed, ratio in gradient_ratio(table, BN, DEEPEST).items()}


def seen(table: Table) -> str:
    """Which networks have not begun to learn, the best losses, and the gradients of the deepest network."""
    best = {net: best_loss(table, net) for net in NETS}
    stuck = [net.phrase for net in NETS if all(abs(loss - CHANCE) < NEAR for loss in best[net].values())]
    losses = {net: statistics.fmean(best[net].values()) for net in NETS}
    lowest = min(NETS, key=losses.__getitem__)
    said = {net: OF_NET.format(net=net.phrase, loss=loss) for net, loss in losses.items()}
    began = STUCK.format(steps=STEPS, depth=TRAINED, nets=listed(stuck)) if stuck else ""
    others = [sentence for net, sentence in said.items() if net is not lowest]
    return in_two(
        [began or ALL_BEGAN.format(steps=STEPS, depth=TRAINED), LOWEST.format(loss=said[lowest])],
        [OTHERS.format(losses=listed(others)), gradients_in_words(table, DEEPEST)],
    )


def right(powers: float, table: Table) -> str:
    """The option that fits the mean over the seeds.  powers: of ten, from which on a gradient is much larger."""
    by_seed = explosion(table).values()
    mean = statistics.fmean(by_seed)
    return OPTIONS[0] if mean > powers else OPTIONS[2] if mean < -powers else OPTIONS[1]
