"""What the address of the Compare page may say."""

from __future__ import annotations

from core.comparison.curves import AXIS_TITLES
from core.comparison.methods import Axis, Metric
from pages.parts.shared.address import RUN_ID, Parameter, Table, flag, one_of, pattern

ZOOMS = {"auto": None, "all": (0.0, 100.0), "98 to 100 %": (98.0, 100.0), "99 to 100 %": (99.0, 100.0)}
LOSS_AXES = ("linear", "log")
ACCURACIES: dict[str, Metric] = {"test": "test_accuracy", "training": "train_accuracy"}
IMAGE_FORMATS = ("png", "svg")

RUNS = Parameter("compare_runs", pattern(f"m?{RUN_ID}"), "", many=True)
PAIR = Parameter("compare_pair", pattern(f"m?{RUN_ID}[.]m?{RUN_ID}"), "")
"""Two of those, whose evidence is open."""
LOSS = Parameter("compare_loss", one_of(LOSS_AXES), "linear", bound=True)
ACCURACY = Parameter("compare_accuracy", one_of(ACCURACIES), "test", bound=True)
ZOOM = Parameter("compare_zoom", one_of(ZOOMS), "auto", bound=True)
X = Parameter[Axis]("compare_x", one_of(AXIS_TITLES), "epochs", bound=True)
EACH_SEED = Parameter("compare_seeds", flag(), False, bound=True)
PUBLISHED = Parameter("compare_published", flag(), True, bound=True)
FORMAT = Parameter("compare_format", one_of(IMAGE_FORMATS), IMAGE_FORMATS[0], bound=True)

TABLE: Table = (RUNS, PAIR, LOSS, ACCURACY, ZOOM, X, EACH_SEED, PUBLISHED, FORMAT)
