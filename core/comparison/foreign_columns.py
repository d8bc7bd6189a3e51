"""What a column of a foreign log holds, by the names that the loggers of the field give it. Standard library only.

Keras' CSVLogger: epoch, loss, accuracy, val_loss, val_accuracy. Lightning's metrics.csv: epoch, step, train_loss,
train_loss_epoch, val_acc. TensorBoard's export: Wall time, Step, Value, its tag in the file's name. Weights & Biases'
export: Step, "run - val_loss", "run - val_loss__MIN".
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from core.comparison.methods import Metric

_TEST = {"val", "valid", "validation", "test", "testing", "eval", "evaluation", "dev"}
_TRAIN = {"train", "training"}
_ACCURACY = {"acc", "accuracy", "acc1", "top1"}
_LOSS = {"loss", "nll", "ce", "crossentropy"}
_QUALIFIERS = {"sparse", "categorical", "multiclass", "cross", "entropy", "epoch", "step", "avg", "mean", "top", "1"}
_TAG = re.compile(r"tag-(.+?)(?:\.csv)?$", re.IGNORECASE)
_OF_A_RUN = " - "


@dataclass(frozen=True)
class Column:
    """metric: what it holds.  run: whose, where the column says so.  rank: the lower, the rather it is taken."""

    metric: Metric
    run: str = ""
    rank: int = 0


def words(name: str) -> list[str]:
    """The words of a column's name in lower case: "trainLoss", "train/loss" and "train_loss" have the same."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return re.findall(r"[a-z]+1?|[0-9]+", apart.lower())


def axis_of(name: str) -> str:
    """ "epoch" or "step", where a column of this name counts one; else an empty text."""
    found = words(name.rsplit(_OF_A_RUN, 1)[-1])
    if found in (["epoch"], ["epochs"], ["trainer", "epoch"]):
        return "epoch"
    return "step" if found in (["step"], ["steps"], ["global", "step"], ["trainer", "global", "step"]) else ""


def column_of(name: str) -> Column | None:
    """What a column of this name holds; None where it is none of the four metrics.

    Without a word for the split it is of training, as Keras has it. Of several names for one metric the test set goes
    before a validation set, and the value of an epoch before that of a step.
    """
    run, _, metric = name.rpartition(_OF_A_RUN)
    if metric.endswith(("__MIN", "__MAX")):  # the bounds of a group of runs beside its mean
        return None
    found = words(metric)
    kinds = {word for word in found if word in _ACCURACY | _LOSS}
    if {"cross", "entropy"} <= set(found):
        kinds.add("loss")
    splits = {"test" if word in _TEST else "train" for word in found if word in _TEST | _TRAIN}
    known = _ACCURACY | _LOSS | _TEST | _TRAIN | _QUALIFIERS
    what = {"accuracy" if kind in _ACCURACY else "loss" for kind in kinds}
    if len(what) != 1 or len(splits) > 1 or not set(found) <= known:
        return None
    metrics: dict[tuple[str, str], Metric] = {
        ("test", "loss"): "test_loss",
        ("test", "accuracy"): "test_accuracy",
        ("train", "loss"): "train_loss",
        ("train", "accuracy"): "train_accuracy",
    }
    of_the_test_set = bool({"test", "testing"} & set(found))
    rank = 8 * ("step" in found) - 2 * ("epoch" in found) - 4 * of_the_test_set
    return Column(metrics[splits.pop() if splits else "train", what.pop()], run.strip(), rank)


def tag_of(file_name: str) -> Column | None:
    """What the values of TensorBoard's export are, by the name that it gives the file.

    "run-validation-tag-epoch_loss.csv": the split stands in the name of the run.
    """
    tag = _TAG.search(file_name)
    if not tag:
        return None
    found = column_of(tag[1])
    before = words(file_name[: tag.start()])
    if found and found.metric.startswith("train") and not _TRAIN & set(words(tag[1])) and _TEST & set(before):
        return column_of(f"val_{tag[1]}")
    return found
