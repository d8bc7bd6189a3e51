"""What the address of the Compare page may say."""

from __future__ import annotations

from core.comparison.curves import AXIS_TITLES
from core.comparison.interactive import SPLITS, ZOOMS, Split
from core.comparison.methods import Axis
from pages.parts.shared.address import MINE, RUN_ID, Parameter, Table
from pages.parts.shared.rules import flag, one_of, pattern

LOSS_AXES = ("linear", "log")
IMAGE_FORMATS = ("png", "svg")

RUNS = Parameter("compare_runs", pattern(f"m?{RUN_ID}"), "", many=True)
PAIR = Parameter("compare_pair", pattern(f"m?{RUN_ID}[.]m?{RUN_ID}"), "")
"""Two of those, whose evidence is open."""
LOSS = Parameter("compare_loss", one_of(LOSS_AXES), "linear", bound=True)
LOSSES = Parameter[Split]("compare_losses", one_of(SPLITS), "test", bound=True)
ACCURACY = Parameter[Split]("compare_accuracy", one_of(SPLITS), "test", bound=True)
ZOOM = Parameter("compare_zoom", one_of(ZOOMS), "auto", bound=True)
X = Parameter[Axis]("compare_x", one_of(AXIS_TITLES), "epochs", bound=True)
EACH_SEED = Parameter("compare_seeds", flag(), False, bound=True)
PUBLISHED = Parameter("compare_published", flag(), True, bound=True)
FORMAT = Parameter("compare_format", one_of(IMAGE_FORMATS), IMAGE_FORMATS[0], bound=True)

TABLE: Table = (RUNS, PAIR, LOSS, LOSSES, ACCURACY, ZOOM, X, EACH_SEED, PUBLISHED, FORMAT, MINE)
