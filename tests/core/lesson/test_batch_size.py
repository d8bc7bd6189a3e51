"""Step 6: what a guess may be, how far it is off, and what the curves say; figures counted from the rows by hand."""

from __future__ import annotations

import json
import statistics

import pytest

from core.experiments.set_size import SET_SIZE
from core.experiments.set_size_shown import PUBLISHED
from core.experiments.table import TABLES, Table, load
from core.lesson.batch_size import (
    PLACES,
    SIZES,
    Distance,
    MeasuredError,
    about_curves,
    about_guess,
    ahead_from,
    as_text,
    at_places,
    from_text,
    furthest,
    measured,
    whole,
)
from tests.toy_tables import set_size_table

RISES = {2: 50.0, 4: 3.5, 8: 2.2, 16: 2.1, 32: 2.0, 64: 2.0, 128: 2.0}
FLAT = dict.fromkeys(SIZES, 3.0)
LOW = dict.fromkeys(SIZES, 2.5)


@pytest.fixture
def curves():
    return measured(set_size_table(one=RISES, own=LOW, gn=FLAT))


@pytest.mark.parametrize("text", ["52_3.1_2.2_2_1_1_1", "100_-_-_-_-_-_-", "-_-_-_-_-_-_1", "9.9_10_11_12_99_2_2"])
def test_a_drawing_comes_back_from_its_text(text):
    assert as_text(from_text(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "shown",
        "1",
        "52_3_2_2_2",
        "52_3_2_2_2_2",
        "52_3_2_2_2_2_2_2",
        "101_3_2_2_2_2_2",
        "0_3_2_2_2_2_2",
        "0.9_3_2_2_2_2_2",
        "-_-_-_-_-_-_-",
        "1e1_3_2_2_2_2_2",
        "52_3_2_2_2_2_",
        "nan_3_2_2_2_2_2",
        " 52_3_2_2_2_2_2",
        "5.25_3_2_2_2_2_2",
        "٥_3_2_2_2_2_2",
    ],
)
def test_any_other_text_is_none(text):
    assert from_text(text) is None


def test_what_is_drawn_is_kept_within_the_axis_and_no_finer_than_it_shows():
    assert as_text((0.2, 250.0, 3.14159, 45.678, 9.96)) == "1_100_3.1_46_10"
    assert as_text((None,) * 7) == ""


def test_a_guess_lies_beside_what_is_measured_at_one_image_too():
    assert at_places((52.0, None, 2.0, 2.0, 1.0, 1.0, 1.5)) == (None, 52.0, None, 2.0, 2.0, 1.0, 1.0, 1.5)


def test_a_guess_has_an_error_at_every_size():
    assert whole((52.0, 3.0, 2.0, 2.0, 1.0, 1.0, 1.0)) == (52.0, 3.0, 2.0, 2.0, 1.0, 1.0, 1.0)
    assert whole((52.0, None, 2.0, 2.0, 1.0, 1.0, 1.0)) is None
    assert whole(()) is None


def test_the_furthest_is_the_largest_difference_in_points(curves):
    # |50 - 20|, |3.5 - 20|, ... : 30 at batch size 2
    assert furthest((20.0,) * 7, curves.one.mean) == Distance(2, 20.0, 50.0)
    # 2, 6.5, 3.8, 0.9, 0, 0, 0: 6.5 at batch size 4, though the guess at 8 is the larger multiple
    assert furthest((48.0, 10.0, 6.0, 3.0, 2.0, 2.0, 2.0), curves.one.mean) == Distance(4, 10.0, 3.5)
    assert Distance(4, 10.0, 3.5).points == 6.5


def test_the_sentence_about_a_guess(curves):
    assert about_guess((20.0,) * 7, curves).replace("\xa0", " ") == (
        "Furthest off: at batch size 2 you drew 20 %, not **50.0 %**."
    )
    assert (
        about_guess((51.0, 3.5, 2.2, 2.1, 2.0, 2.0, 2.0), curves)
        .replace("\xa0", " ")
        .startswith("Nowhere more than 1.0 points off: at batch size 2 you drew 51 %, measured is ")
    )


def test_the_sentences_about_the_curves(curves):
    said = about_curves(curves).replace("\xa0", " ")
    assert said == (
        "Where the maximum of each channel leaves one number per image, a set has 2 at batch size 2. BN turns them "
        "into −1 and +1, loses how large they were, and is wrong on **50.0 %** (GN: 3.0 %).\n\n"
        "Without that maximum, as is usual, an image gives 25 numbers, and batch size 2 costs BN little: 2.5 % "
        "wrong (GN: 2.5 %). Trained with batch size 1 (and tested in inference mode) BN is wrong on "
        "**11.6 %** (GN: 2.4 %); with the maximum torch refuses it.\n\n"
        "After this short training BN is better than GN from batch size 8 on with the maximum; on ImageNet from 16 on."
    )


def test_other_numbers_are_told_otherwise():
    broken = {**LOW, 2: 30.0}
    curves = measured(set_size_table(one=FLAT, own=broken, gn=FLAT))
    said = about_curves(curves).replace("\xa0", " ")
    assert "BN is wrong on **3.0 %**, GN on 3.0 %." in said
    assert "batch size 2 still does BN harm: 30.0 % wrong (GN: 30.0 %)." in said
    assert ahead_from(curves) is None
    assert "better" not in said


def test_both_networks_say_from_which_size_on_bn_is_ahead():
    usual = {2: 3.0, 4: 2.0, 8: 2.0, 16: 2.0, 32: 2.0, 64: 2.0, 128: 2.0}
    said = about_curves(measured(set_size_table(one=RISES, own=usual, gn=FLAT, gn_own=LOW)))
    assert said.endswith(
        "After this short training BN is better than GN from batch size 8 on with the maximum, from 4 on without; on "
        "ImageNet from 16 on."
    )


def test_what_gn_loses_without_knowing_a_batch_is_told_as_the_trainings():
    said = about_curves(measured(set_size_table(one=RISES, own=LOW, gn={**FLAT, 128: 5.5}))).replace("\xa0", " ")
    # 47 batches of 128 hold 6,000 images, three times
    assert said.endswith("GN's rise at 128 comes from few training steps (141 in all), with which BN learns more.")
    usual = set_size_table(one=RISES, own=LOW, gn=FLAT, gn_own={**FLAT, 128: 5.5})
    assert about_curves(measured(usual)).endswith("(141 in all), with which BN learns more.")
    assert "141" not in about_curves(measured(set_size_table(one=RISES, own=LOW, gn={**FLAT, 128: 4.9})))


def test_who_is_ahead_is_asked_from_the_largest_size_down():
    # behind again at 16: 32 and more count
    one = {2: 50.0, 4: 1.0, 8: 1.0, 16: 4.0, 32: 2.0, 64: 2.0, 128: 2.0}
    assert ahead_from(measured(set_size_table(one=one, own=LOW, gn=FLAT))) == 32


def test_a_table_that_lacks_a_size_is_refused():
    less = {size: error for size, error in RISES.items() if size != 8}
    with pytest.raises(MeasuredError, match="lacks some of the batch sizes 1 to 128"):
        measured(set_size_table(one=less, own=LOW, gn=FLAT))
    alone = set_size_table(one=RISES, own=LOW, gn=FLAT)
    only = {key: done for key, done in alone.done.items() if done.rows[0]["images"] > 1}
    with pytest.raises(MeasuredError, match="lacks some of the batch sizes"):
        measured(Table(SET_SIZE.name, False, only))
    with pytest.raises(MeasuredError, match="lacks some of the batch sizes"):
        measured(Table(SET_SIZE.name, False))


def test_the_shipped_table_gives_the_means_of_its_rows():
    path = TABLES / f"{SET_SIZE.name}.json"
    curves = measured(load(path))
    rows = [row for trial in json.loads(path.read_text("utf-8"))["trials"] for row in trial["rows"]]
    four = (curves.one, "bn", True), (curves.own, "bn", False), (curves.gn, "gn", True), (curves.gn_own, "gn", False)
    for found, norm, pooled in four:
        for size, mean in zip(SIZES if found is curves.one else PLACES, found.mean, strict=True):
            own = [
                row["error"]
                for row in rows
                if (row["norm"], row["pooled"], row["images"], row["kind"]) == (norm, pooled, size, "batches")
            ]
            assert len(own) == 5
            assert mean == pytest.approx(statistics.fmean(own), abs=1e-9)
    # the last convolution has 5 x 5 positions
    assert curves.numbers == 25
    assert (curves.one.label, curves.own.label) == ("BN, maximum (1 number)", "BN, usual (25 numbers)")
    assert curves.terms == "MNIST, 6,000 training images, 3 epochs: means and ranges of 5 seeds."


def test_the_published_curves_have_the_smaller_of_the_sizes():
    assert all(line.x == SIZES[:5] for line in PUBLISHED)
