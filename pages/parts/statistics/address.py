"""What the address of the Statistics page may say."""

from __future__ import annotations

import math
from collections.abc import Sequence

from core.catalogue import DATASETS, NORMS, SET_NORMS, DatasetName, SetNorm
from core.config import RECIPES, RunConfig
from core.four_images.figures import Split
from core.four_images.source import (
    BATCH_SIZES,
    CHANNELS,
    DEFAULT_CHANNELS,
    IMAGES,
    MAX_SEED,
    SIDES,
    Cell,
    cell_from_text,
    cell_to_text,
)
from core.model import layer_shapes
from core.normalization import EPS
from pages.parts.shared.address import RUN_ID, Parameter, Table
from pages.parts.shared.rules import Rule, flag, number, one_of, pattern, whole

SOURCES = {"Small integers": "integers", "Two layers": "layers", "Real images": "images"}
NORM_BY_TITLE: dict[str, SetNorm] = {NORMS[norm].title: norm for norm in SET_NORMS}
LAYER_CHOICES = ("first norm", "second norm")
_SHAPES = [layer_shapes(RunConfig(norm="none", recipe=recipe)) for recipe in RECIPES]
LAYERS = tuple(str(i + 1) for i in range(max(map(len, _SHAPES))))
"""The norms of a network by number: their sizes depend on its recipe and its data set."""
MOST_CHANNELS = max(channels for shapes in _SHAPES for channels, _, _ in shapes)
TABS = (
    "How many means?",
    "Arithmetic",
    "Who influences whom?",
    "Training and inference",
    "Accumulated gradients",
    "Before and after",
    "The cube",
    "Write it in PyTorch",
    "Check yourself",
    "Take it with you",
)
MODES = ("training", "inference")
SPLITS: dict[str, Split] = {"each set": "set", "each image": "image", "each channel": "channel"}
MOST_BATCHES, MOST_REPLACED = 200, 50
EPSILONS = tuple(10.0**power for power in range(-8, 1))
"""The choice of epsilon, in the units of the variance."""
CALCULATOR = {"N": (8, 4096), "C": (12, 4096), "H": (5, 1024), "W": (5, 1024), "G": (3, 4096)}
"""What the calculator of counts starts from, and the most that it takes."""
_ANY_SHAPE = (BATCH_SIZES[-1], 9999, 9999, 9999)


def power_of_ten(value: float) -> str:
    """A power of ten as people write it.

    >>> [power_of_ten(value) for value in (1e-8, 0.001, 1.0)]
    ['1e-8', '1e-3', '1']
    """
    return f"{value:.0e}".replace("e-0", "e-").replace("e+00", "")


def nearly(options: Sequence[float]) -> Rule[float]:
    """One of ``options``, however it is written: "0.1", "0.10", "1e-1"."""
    within = number(min(options), max(options))

    def rule(text: str) -> float | None:
        value = within(text)
        return (
            None
            if value is None
            else next((o for o in options if math.isclose(o, value, rel_tol=1e-6, abs_tol=1e-12)), None)
        )

    return rule


NORM = Parameter("stats_norm", one_of(NORM_BY_TITLE), NORMS["bn"].title, bound=True)
MORE = Parameter("stats_more", flag(), False, bound=True)
SOURCE = Parameter("stats_source", one_of(SOURCES), "Small integers", bound=True)
GROUPS = Parameter("stats_groups", whole(1, max(CHANNELS[-1], MOST_CHANNELS)), 2, bound=True)
CHANNELS_C = Parameter("stats_channels", one_of(CHANNELS), DEFAULT_CHANNELS, bound=True)
BATCH = Parameter("stats_images", one_of(BATCH_SIZES), IMAGES, bound=True)
SIDE = Parameter("stats_side", one_of(SIDES), 2, bound=True)
SEED = Parameter("stats_seed", whole(0, MAX_SEED), 0, bound=True)
EDITS = Parameter("stats_edit", pattern(".+"), "")
WHICH = Parameter("stats_which", one_of(LAYER_CHOICES), LAYER_CHOICES[0], bound=True)
LAYER = Parameter("stats_layer", one_of(LAYERS), LAYERS[1])
IMAGE = tuple(Parameter(f"stats_image{i + 1}", whole(0, 9999), 0, bound=True) for i in range(IMAGES))
RUNS = Parameter("stats_run", pattern(RUN_ID), "", many=True)
DATA = Parameter[DatasetName | None]("stats_data", one_of(DATASETS), None)
CELL = Parameter[Cell](
    "stats_cell", lambda text: cell_from_text(text, _ANY_SHAPE), (0, 0, 0, 0), text=lambda cell: cell_to_text(cell)
)
TAB = Parameter("stats_tab", one_of(TABS), TABS[0], bound=True)
GAMMA = Parameter("stats_gamma", number(-3, 3), 1.0, bound=True)
BETA = Parameter("stats_beta", number(-3, 3), 0.0, bound=True)
EPSILON = Parameter[float]("stats_eps", nearly(EPSILONS), EPS, bound=True, text=power_of_ten)
COUNTED = tuple(
    Parameter(f"stats_count_{name.lower()}", whole(1, most), start, bound=True)
    for name, (start, most) in CALCULATOR.items()
)
MODE = Parameter("stats_mode", one_of(MODES), "training", bound=True)
REPLACED = Parameter("stats_replaced", whole(1, MOST_REPLACED), 1)
BATCHES = Parameter("stats_batches", whole(0, MOST_BATCHES), 10)
MOMENTA = (0.0, 0.01, *(percent / 100 for percent in range(5, 101, 5)))
MOMENTUM = Parameter[float]("stats_momentum", nearly(MOMENTA), 0.1, bound=True, text=lambda value: f"{value:g}")
SPLIT = Parameter("stats_split", one_of(SPLITS), "each set", bound=True)

TABLE: Table = (
    NORM,
    MORE,
    SOURCE,
    GROUPS,
    BATCH,
    CHANNELS_C,
    SIDE,
    SEED,
    EDITS,
    WHICH,
    LAYER,
    *IMAGE,
    RUNS,
    DATA,
    CELL,
    TAB,
    GAMMA,
    BETA,
    EPSILON,
    *COUNTED,
    MODE,
    REPLACED,
    BATCHES,
    MOMENTUM,
    SPLIT,
)
