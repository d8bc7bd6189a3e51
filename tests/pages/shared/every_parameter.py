"""Every parameter of every page: where its widget is, and two values that it may have."""

from __future__ import annotations

from pages.parts.compare.address import TABLE as COMPARE
from pages.parts.home.address import TABLE as HOME
from pages.parts.lab.address import experiments
from pages.parts.lab.address import table as lab_table
from pages.parts.lab.live_parts import live_part
from pages.parts.misclassified.address import TABLE as MISCLASSIFIED
from pages.parts.statistics.address import TABLE as STATISTICS
from pages.parts.train.address import table
from tests.wrong_records import config, predictions, record

LAB = lab_table()
TABLES = {
    "home": HOME,
    "statistics": STATISTICS,
    "train": table(),
    "lab": LAB,
    "compare": COMPARE,
    "misclassified": MISCLASSIFIED,
}
LIVE = {name: live_part(name) for name, found in experiments().items() if found.live}
"""The experiments whose live parts have parameters of their own."""

RUNS = [record(config("bn", seed), predictions({4: 9, 5: 3, seed: 8})) for seed in range(4)]
IDS = [kept.run_id for kept in RUNS]

REAL, LAYERS = {"stats_source": "Real images"}, {"stats_source": "Two layers"}
ARITHMETIC = {"stats_tab": "Arithmetic"}
INFERENCE, WHO = {"stats_tab": "Training and inference"}, {"stats_tab": "Who influences whom?"}
ACROSS, MATRIX = {"wrong_view": "across runs", "wrong_runs": tuple(IDS)}, {"wrong_view": "confusion"}
REVEALED = {"lab_experiment": "set-size", "lab_said": "shown"}
SCALED = {"lab_pruning": "Scale a convolution"}
GROUPED = {f"train_{card}_norm": "GroupNorm" for card in (1, 3)}
MORE_CARDS = {"train_variants": "5"}
MORE_GROUPED = MORE_CARDS | {f"train_{card}_norm": "GroupNorm" for card in (4, 5)}

# where the widget of a parameter is, if not on the page's first screen
WHERE: dict[str, dict[str, str | tuple[str, ...]]] = {
    "stats_which": LAYERS,
    "stats_layer": REAL,
    **{f"stats_image{i}": REAL for i in range(1, 5)},
    "stats_run": REAL,
    "stats_data": REAL,
    "stats_mode": WHO,
    "stats_replaced": WHO,
    "stats_batches": INFERENCE,
    "stats_momentum": INFERENCE,
    "stats_split": {"stats_tab": "Before and after"},
    **{f"stats_{name}": ARITHMETIC for name in ("gamma", "beta", "eps")},
    "wrong_seed": {"wrong_order": "random"},
    "wrong_combination": ACROSS,
    "wrong_sets": ACROSS,
    "wrong_matrix": MATRIX,
    "wrong_pair": MATRIX,
    "wrong_minus": MATRIX,
    "wrong_layers": {"wrong_image": "4"},
    "lab_view": REVEALED | {"lab_run": "0123456789abcdef"},
    "lab_run": REVEALED,
    "lab_shown": {"lab_experiment": "light", "lab_said": "shown"},
    **{
        row.name: {"lab_experiment": name, "lab_said": "shown"}
        for name, part in LIVE.items()
        for row in part.PARAMETERS
    },
    **{
        name: {"lab_experiment": "pruning", "lab_said": "shown", **SCALED}
        for name in ("lab_scaled_layer", "lab_scaled_factor")
    },
    **{f"train_{card}_{field}": MORE_CARDS for card in (4, 5) for field in ("norm", "l1", "l2")},
    **{f"train_{card}_groups": GROUPED for card in (1, 3)},
    **{f"train_{card}_groups": MORE_GROUPED for card in (4, 5)},
}

# two values that are possible and not the default
POSSIBLE: dict[str, tuple[str, str]] = {
    "home_code": ("LayerNorm", "GroupNorm"),
    "stats_norm": ("LayerNorm", "GroupNorm"),
    "stats_more": ("true", "false"),
    "stats_source": ("Two layers", "Real images"),
    "stats_groups": ("1", "3"),
    "stats_images": ("2", "8"),
    "stats_channels": ("3", "4"),
    "stats_side": ("1", "3"),
    "stats_seed": ("7", "8"),
    "stats_edit": ("0_5", "1_7"),
    "stats_which": ("second norm", "first norm"),
    "stats_layer": ("3", "5"),
    **{f"stats_image{i}": ("200", "201") for i in range(1, 5)},
    "stats_run": (IDS[0], IDS[1]),
    "stats_data": ("digits", "mnist"),
    "stats_cell": ("2.1.1.1", "3.1.1.1"),
    "stats_tab": ("The cube", "Check yourself"),
    "stats_gamma": ("2", "0.5"),
    "stats_beta": ("-1", "0.5"),
    "stats_eps": ("1e-3", "0.1"),
    **{f"stats_count_{name}": ("6", "4") for name in "nchw"},
    "stats_count_g": ("2", "4"),
    "stats_mode": ("inference", "training"),
    "stats_replaced": ("3", "4"),
    "stats_batches": ("3", "4"),
    "stats_momentum": ("0.5", "0.25"),
    "stats_split": ("each image", "each channel"),
    "race": ("0123456789abcdef", "fedcba9876543210"),
    "train_watch": ("0123456789abcdef", "fedcba9876543210"),
    "train_dataset": ("digits", "MNIST"),
    "train_epochs": ("2", "4"),
    "train_variants": ("2", "4"),
    "train_batch_size": ("64", "256"),
    "train_lr": ("0.05", "0.2"),
    "train_scale": ("true", "True"),
    "train_seed": ("1", "2"),
    "train_augment": ("false", "False"),
    **{f"train_{card}_norm": ("No normalization", "GroupNorm") for card in range(1, 6)},
    **{f"train_{card}_groups": ("8", "2") for card in range(1, 6)},
    **{f"train_{card}_l1": ("1e-3", "3e-4") for card in range(1, 6)},
    **{f"train_{card}_l2": ("1e-3", "5e-4") for card in range(1, 6)},
    "lab_experiment": ("forgot-eval", "set-size"),
    "lab_said": ("1", "2"),
    "lab_run": ("0123456789abcdef", "fedcba9876543210"),
    "lab_view": ("seeds", "here"),
    "lab_shown": ("brightness", "noise"),
    "lab_contrast": ("0.3", "0.35"),
    "lab_brightness": ("0.1", "0.55"),
    "lab_noise": ("0.1", "0.45"),
    "lab_count": ("1", "8"),
    "lab_size": ("4", "32"),
    "lab_share": ("10", "50"),
    "lab_class": ("3", "8"),
    "lab_depth": ("5", "12"),
    "lab_pruning": ("Scale a convolution", "Remove small weights"),
    "lab_pruning_share": ("50", "0"),
    "lab_pruning_network": ("BN", "LN"),
    "lab_pruning_layer": ("Conv 3", "Conv 1"),
    "lab_scaled_layer": ("Conv 2", "Conv 3"),
    "lab_scaled_factor": ("0.1", "2"),
    "mine": ("false", "true"),  # true leaves out the runs that the others of a visit need
    "compare_runs": (IDS[0], IDS[1]),
    "compare_pair": (f"{IDS[0]}.{IDS[1]}", f"{IDS[1]}.{IDS[2]}"),
    "compare_losses": ("training", "both"),
    "compare_loss": ("log", "linear"),
    "compare_accuracy": ("training", "test"),
    "compare_zoom": ("all", "98 to 100 %"),
    "compare_x": ("steps", "seconds"),
    "compare_seeds": ("true", "True"),
    "compare_published": ("false", "False"),
    "compare_format": ("svg", "png"),
    "wrong_runs": (IDS[0], IDS[1]),
    "wrong_view": ("across runs", "confusion"),
    "wrong_order": ("by class", "by pair"),
    "wrong_seed": ("5", "6"),
    "wrong_shown": (IDS[0], IDS[1]),
    "wrong_page": ("1", "2"),
    "wrong_sets": ("methods, every seed", "methods, any seed"),
    "wrong_combination": ("1000", "0100"),
    "wrong_matrix": (IDS[1], IDS[2]),
    "wrong_minus": (IDS[2], IDS[3]),
    "wrong_pair": ("4-9", "5-3"),
    "wrong_image": ("4", "5"),
    "wrong_layers": (IDS[1], IDS[2]),
}
GARBAGE = "]<nobody"
ALONE = ("stats_source", "stats_tab", "race", "train_watch", "wrong_view", "wrong_shown", "wrong_runs", "wrong_sets")


def visits() -> list[tuple[str, dict[str, str | tuple[str, ...]], tuple[str, ...]]]:
    """Page, address under which they are drawn, and parameters: each row of each table in exactly one."""
    found: dict[tuple[str, tuple[tuple[str, str | tuple[str, ...]], ...]], list[str]] = {}
    for page, rows in TABLES.items():
        for row in rows:
            found.setdefault((page, tuple(WHERE.get(row.name, {}).items())), []).append(row.name)
    return [(page, dict(where), tuple(names)) for (page, where), names in found.items()]


VISITS = visits()
EACH = [(page, WHERE.get(row.name, {}), row) for page, rows in TABLES.items() for row in rows]
NAMES = [row.name for _, _, row in EACH]
