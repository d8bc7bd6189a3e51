"""Networks trained at several learning rates: the row of each training, and what a table has of them."""

from __future__ import annotations

from collections.abc import Sequence

from core.experiments.by_seed import BySeed
from core.experiments.experiment import Context, Row, Scalar
from core.experiments.final_loss import final_loss
from core.experiments.nets import Net
from core.experiments.settings import LabConfig
from core.experiments.table import Table


def loss_row(config: LabConfig, nets: Sequence[Net], context: Context, **own: Scalar) -> Row:
    """Train one of ``nets``, and say how it ended.  own: further columns, behind the seed."""
    net = next(n for n in nets if (n.norm, n.initialization) == (config.norm, config.initialization))
    found = final_loss(config, context.data(config.dataset), context.tell)
    return {
        "seed": config.seed,
        **own,
        "net": net.name,
        "lr": config.lr,
        "loss": round(found.loss, 5),
        "diverged": found.diverged,
    }


def rates(table: Table) -> list[float]:
    """The learning rates, ascending."""
    return sorted(table.distinct("lr"))


def losses(table: Table, net: Net, rate: float) -> BySeed:
    """The final loss at one learning rate, by seed."""
    return table.by_seed("loss", net=net.name, lr=rate)


def best_loss(table: Table, net: Net) -> dict[int, float]:
    """By seed: the lowest loss over all learning rates; a seed that has none is left out."""
    by_rate = [losses(table, net, rate) for rate in rates(table)]
    seeds = sorted(set().union(*by_rate))
    return {seed: min(of[seed] for of in by_rate if seed in of) for seed in seeds}
