"""Curves of other programs: each logger's own format, and files that are none."""

from __future__ import annotations

import pytest

from core.comparison.foreign_columns import axis_of, column_of
from core.comparison.foreign_curves import MAX_BYTES, MAX_COLUMNS, MAX_ROWS, CurveError, read_curves

KERAS = b"epoch,accuracy,loss,val_accuracy,val_loss\n0,0.9,0.3,0.95,0.2\n1,0.96,0.2,0.97,0.1\n"
LIGHTNING = b"""epoch,lr-SGD,step,train_loss_epoch,train_loss_step,val_acc,val_loss,test_acc
0,,49,,0.9,,,
0,,99,,0.7,,,
0,,117,,,0.91,0.3,
0,,117,0.75,,,,
1,,149,,0.6,,,
1,,235,,,0.94,0.2,
1,,235,0.5,,,,
2,,236,,,,,0.935
"""
TENSORBOARD = b"Wall time,Step,Value\n1700000000.1,0,0.5\n1700000001.1,1,0.3\n"
WANDB = b""""Step","mine - val_loss","mine - val_loss__MIN","mine - val_loss__MAX","yours - val_loss"
"0","0.5","0.4","0.6",""
"1","0.4","0.4","0.4","0.3"
"""


def test_keras():
    [curve] = read_curves("training.csv", KERAS)
    assert curve.name == "training"
    assert curve.points("train_accuracy") == ([1, 2], [90, 96])
    assert curve.points("train_loss") == ([1, 2], [0.3, 0.2])
    assert curve.points("test_accuracy") == ([1, 2], [95, 97])
    assert curve.points("test_loss") == ([1, 2], [0.2, 0.1])
    assert curve.notes == (
        "accuracy as training accuracy",
        "loss as training loss",
        "val_accuracy as test accuracy",
        "val_loss as test loss",
        "accuracies of 0 to 1 are shown in percent",
        "epochs counted from 0 are shown from 1",
    )


def test_lightning_with_its_gaps():
    [curve] = read_curves("metrics.csv", LIGHTNING)
    assert curve.points("train_loss") == ([1, 2], [0.75, 0.5])  # the epoch's own, not that of the steps
    assert curve.points("test_accuracy") == ([1, 2], [91, 94])  # not the one value of test_acc
    assert curve.points("test_loss") == ([1, 2], [0.3, 0.2])
    assert curve.points("train_accuracy") == ([], [])


def test_lightning_without_a_value_of_the_epoch_is_averaged():
    [curve] = read_curves("metrics.csv", b"epoch,step,train_loss\n0,1,0.9\n0,2,0.7\n1,3,0.5\n")
    assert curve.points("train_loss") == ([1, 2], [pytest.approx(0.8), 0.5])
    assert "several values of an epoch are averaged" in curve.notes


@pytest.mark.parametrize(
    ("name", "metric", "values"),
    [
        ("run-validation-tag-epoch_loss.csv", "test_loss", [0.5, 0.3]),
        ("run-train-tag-epoch_loss.csv", "train_loss", [0.5, 0.3]),
        ("run-.-tag-Accuracy_test.csv", "test_accuracy", [50, 30]),
        ("run-version_0-tag-val_acc.csv", "test_accuracy", [50, 30]),
    ],
)
def test_tensorboard_says_in_the_name_what_its_values_are(name, metric, values):
    [curve] = read_curves(name, TENSORBOARD)
    assert list(curve.values) == [metric]
    assert curve.points(metric) == ([1, 2], values)


def test_weights_and_biases_with_a_curve_a_run():
    mine, yours = read_curves("wandb_export.csv", WANDB)
    assert (mine.name, yours.name) == ("mine", "yours")
    assert mine.points("test_loss") == ([1, 2], [0.5, 0.4])
    assert yours.points("test_loss") == ([2], [0.3])


def test_percent_stay_percent_and_semicolons_part_decimal_commas():
    [curve] = read_curves("a.csv", "\ufeffEpoch;Test Accuracy;test_loss\n1;98,5;0,05\n3;99,25;0,03\n".encode())
    assert curve.points("test_accuracy") == ([1, 3], [98.5, 99.25])
    assert curve.points("test_loss") == ([1, 3], [0.05, 0.03])
    assert not [note for note in curve.notes if "percent" in note or "counted" in note]


def test_one_scale_for_all_accuracies_of_a_run():
    [curve] = read_curves("a.csv", b"epoch,acc,val_acc\n1,0.8,11\n2,12,30\n")
    assert curve.points("train_accuracy")[1] == [0.8, 12]


def test_what_is_not_a_number_is_a_gap():
    [curve] = read_curves("a.csv", b"epoch,loss,val_loss\n1,0.5,nan\n2,NaN,0.4\n3,inf,\n")
    assert curve.points("train_loss") == ([1], [0.5])
    assert curve.points("test_loss") == ([2], [0.4])


@pytest.mark.parametrize(
    ("name", "metric"),
    [
        ("loss", "train_loss"),
        ("val_sparse_categorical_accuracy", "test_accuracy"),
        ("Loss/train", "train_loss"),
        ("validation loss", "test_loss"),
        ("trainLoss", "train_loss"),
        ("eval/cross_entropy", "test_loss"),
        ("test_acc@1", "test_accuracy"),
        ("run - train/acc", "train_accuracy"),
        ("lr", None),
        ("grad_norm", None),
        ("loss_accuracy", None),
        ("train_val_loss", None),
        ("regularization_loss", None),
        ("run - val_loss__MAX", None),
    ],
)
def test_names_of_columns(name, metric):
    found = column_of(name)
    assert (found.metric if found else None) == metric


def test_names_of_axes():
    assert [axis_of(name) for name in ("Epoch", "epoch", "Step", "trainer/global_step", "Wall time", "my_epoch")] == [
        "epoch",
        "epoch",
        "step",
        "step",
        "",
        "",
    ]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "it has no row of values; a column of epochs is needed"),
        (b"epoch,loss\n", "it has no row of values"),
        (b"\xff\xfee\x00", "it is not text in UTF-8"),
        (b"\x89PNG\r\n\x1a\n", "it is not text in UTF-8"),
        (b"epoch,l\0ss\n1,2\n", "is a loss or an accuracy"),
        (b'epoch,loss\n1,"2\n', "it is no CSV"),
        (b"a,b\n1,2\n", "none of its columns ('a, b') counts epochs"),
        (b"epoch,lr\n1,2\n", "none of its columns ('epoch, lr') is a loss or an accuracy"),
        (b"epoch,loss\n1,-3\n", "row 2, 'loss': '-3' is no loss or accuracy"),
        (b"epoch,loss\n1,=cmd()\n", "row 2, 'loss': '=cmd()' is no loss or accuracy"),
        (b"epoch,loss\n1,1e999\n", "is no loss or accuracy"),
        (b"epoch,acc\n1,300\n", "an accuracy of 300 is no percentage"),
        (b"epoch,loss\n1.5,1\n", "row 2: '1.5' is no epoch; use whole numbers from 0 to 10,000"),
        (b"epoch,loss\n1e9,1\n", "'1e9' is no epoch"),
        (b"epoch,loss\n-1,1\n", "'-1' is no epoch"),
        (b"epoch,loss\n,1\n", "its column of epochs is empty"),
        (b"epoch,loss\n1,\n", "its columns hold no values"),
        (b"Step,loss\n49,1\n99,2\n", "its steps (49, 99, ...) do not count epochs; add a column named epoch"),
        (TENSORBOARD, "its name does not say what Value is"),
        (b"x" * (MAX_BYTES + 1), "a CSV of curves may have 2 MB"),
        (b"epoch,loss\n" + b"1,1\n" * (MAX_ROWS + 1), "it is too long"),
        (b"," * MAX_COLUMNS + b"\n1,2\n", "it is too long"),
        (b"epoch," + b",".join(b"r%d - loss" % i for i in range(7)) + b"\n1" + b",1" * 7 + b"\n", "more than 6 runs"),
    ],
)
def test_what_is_refused(data, said):
    with pytest.raises(CurveError) as error:
        read_curves("file.csv", data)
    assert said in str(error.value)


def test_names_of_a_stranger_are_short_and_plain():
    [curve] = read_curves('<a href="x">' + "y" * 90 + ".csv", b"epoch,loss\n1,2\n")
    assert len(curve.name) <= 24
    assert not set("<>&$") & set(curve.name)
    assert read_curves("<>.csv", b"epoch,loss\n1,2\n")[0].name == "unnamed"
