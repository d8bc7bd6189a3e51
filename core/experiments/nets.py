"""The networks that are compared where it matters how one without a norm begins: five norms, and none twice."""

from __future__ import annotations

from dataclasses import dataclass

from core.catalogue import NORMS, NormName
from core.config import DEFAULT_GROUPS
from core.experiments.figures import Line, line
from core.experiments.settings import Initialization
from core.experiments.table import Table


@dataclass(frozen=True, kw_only=True)
class Net:
    """One of them.

    name: in the column ``net`` of a table.  label: in a legend.  phrase: in a sentence, after what it does.
    twin: counts those of the same norm before.
    """

    name: str
    label: str
    phrase: str
    norm: NormName
    initialization: Initialization = "torch"
    twin: int = 0


def _normalized(norm: NormName) -> Net:
    label = NORMS[norm].label(DEFAULT_GROUPS)
    return Net(name=norm, label=label, phrase=f"with {label}", norm=norm)


BN, LN, GN, IN = (_normalized(norm) for norm in ("bn", "ln", "gn", "in"))
NONE = Net(
    name="none",
    label="no norm (torch)",
    phrase="without a norm (torch's initialization)",
    norm="none",
)
NONE_HE = Net(
    name="none, He",
    label="no norm (He)",
    phrase="without a norm (He initialization)",
    norm="none",
    initialization="he",
    twin=1,
)
"""Begins with the larger weights that are made for ReLU (arXiv 1502.01852): without them, no norm is a straw man."""


def net_line(table: Table, net: Net, x: str, y: str, **where: str | float) -> Line:
    """Column ``y`` over column ``x`` of one network."""
    return line(table, net.label, net.norm, x, y, twin=net.twin, net=net.name, **where)
