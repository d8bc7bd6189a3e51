"""What the tables of batches in training mode say, on tables made by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.experiments.companies import SHARES, SIZES
from core.experiments.forgot_eval import FORGOT_EVAL
from core.experiments.forgot_eval_seen import OPTIONS, who_suffers
from core.experiments.forgot_eval_shown import share_lines, size_lines
from core.experiments.table import Table
from tests.core.experiments.study import table

FIVE = (3, 4, 5, 6, 7)
BATCHED, WITHIN = ("BN + L1", "BN"), ("GN (4)", "LN", "IN")


def made(seeds: tuple[int, ...] = FIVE, /, **changed: float) -> Table:
    """All errors 1 %, except those of ``changed``: "BN + L1 size 2", "BN + L1 its images 90 7" and the like."""
    places: list[dict[str, str | int]] = [
        {"network": name, "varied": "inference", "amount": 0} for name in (*BATCHED, *WITHIN)
    ]
    for name in BATCHED:
        places += [{"network": name, "varied": "size", "amount": size} for size in SIZES]
        for share in SHARES:
            for varied in ("its images", "the others")[: 1 if share == 100 else 2]:
                places += [
                    {"network": name, "varied": varied, "amount": share, "class": of}
                    for of in ("all", *map(str, range(10)))
                ]

    def error(place: dict[str, str | int]) -> float:
        return changed.get(" ".join(map(str, place.values())), 1.0)

    return table("forgot-eval", [{"seed": seed, **place, "error": error(place)} for seed in seeds for place in places])


def test_who_suffers_is_read_from_the_sevens():
    right = FORGOT_EVAL.prediction.right
    assert right(made(**{"BN + L1 its images 90 7": 40.0})) == OPTIONS[1]
    assert right(made(**{"BN + L1 the others 90 7": 40.0})) == OPTIONS[0]
    assert right(made(**{"BN + L1 its images 90 7": 40.0, "BN + L1 the others 90 7": 36.0})) == OPTIONS[2]
    assert right(made()) == OPTIONS[3]
    assert right(made(**{"BN + L1 its images 90 3": 40.0})) == OPTIONS[3]  # another class is none of it
    assert who_suffers(made(**{"BN + L1 its images 90 all": 40.0}), "all") == OPTIONS[1]
    assert FORGOT_EVAL.prediction.options == OPTIONS
    assert len(set(OPTIONS)) == 4


def test_what_was_seen_has_the_numbers_and_says_why_only_where_they_show_it():
    sizes = {"BN + L1 size 1": 55.0, "BN + L1 size 2": 14.0, "BN + L1 size 128": 0.5}
    said = FORGOT_EVAL.seen(made(**sizes, **{"BN + L1 its images 90 all": 41.25, "BN + L1 the others 90 all": 1.5}))
    assert said.startswith(
        "Where 90 % of a batch of 64 are of one class, BN + L1 in training mode is wrong on 41.2 % of them and on "
        "1.5 % of the others.\n\nWhat all have in common is subtracted as the mean of the channel"
    )
    assert (
        "In random batches BN + L1 is wrong on 55.0 % of the images one at a time, on 14.0 % in pairs and on 0.5 % "
        in said
    )
    assert "in inference mode on 1.0 %." in said
    assert said.endswith(
        "The answers of GN (4), LN and IN do not depend on the rest of the batch: their lines are flat."
    )
    nothing = FORGOT_EVAL.seen(made(**{"BN + L1 the others 90 all": 41.0}))
    assert "is wrong on 1.0 % of them and on 41.0 % of the others." in nothing
    assert "all have in common" not in nothing


PAIRS = [
    ("BN + L1 size 2", "BN + L1 size 128", 5),
    ("BN + L1 its images 90 all", "BN + L1 the others 90 all", 10),
    ("BN its images 90 all", "BN the others 90 all", 10),
    ("BN + L1 its images 100 all", "BN + L1 inference 0", 10),
]


@pytest.mark.parametrize(("number", "more", "less", "margin"), [(i, *pair) for i, pair in enumerate(PAIRS)])
def test_every_check_has_its_three_answers_and_its_declared_margin(number, more, less, margin):
    def answer(**changed: float) -> str:
        return FORGOT_EVAL.verdicts(made(**changed))[number].answer

    assert len(FORGOT_EVAL.checks) == len(PAIRS)
    assert answer(**{more: margin + 1.1}) == "reproduced"
    assert answer(**{more: margin + 0.9}) == "not at this scale"
    assert answer(**{less: margin + 0.9}) == "not at this scale"
    assert answer(**{less: margin + 1.1}) == "contradicted"
    other = replace(FORGOT_EVAL, checks=(replace(FORGOT_EVAL.checks[number], margin=margin + 0.5),))
    assert other.verdicts(made(**{more: margin + 1.3}))[0].answer == "not at this scale"


def test_a_check_says_what_it_compares():
    verdicts = FORGOT_EVAL.verdicts(made(**{"BN + L1 size 2": 14.0}))
    assert (
        verdicts[0].statement
        == "BN + L1 in training mode has a higher error on pairs of images than on batches of 128."
    )
    assert verdicts[2].statement == (
        "Where 90 % of a batch of 64 are of one class, BN in training mode has a higher error on that class than on "
        "the others."
    )
    assert verdicts[0].evidence.startswith("By seed: +13 (seed 3), +13 (seed 4)")


def test_lines_have_the_means_of_the_table_and_flat_ones_for_the_norms_within_images():
    rows = [{**row, "error": 10.0 * row["seed"] + float(row["amount"]) / 1000} for row in made((3, 5)).rows]
    found = table("forgot-eval", rows)
    sizes = {each.label: each for each in size_lines(found)}
    assert list(sizes) == ["BN + L1", "GN (4)", "LN", "IN"]
    assert sizes["BN + L1"].x == tuple(map(float, SIZES))
    assert sizes["BN + L1"].mean == pytest.approx([40 + size / 1000 for size in SIZES])
    assert sizes["LN"].mean == [40.0] * len(SIZES)
    assert sizes["LN"].values[0] == (30.0, 50.0)
    shares = {each.label: each for each in share_lines(found)}
    assert list(shares) == ["BN + L1, the class", "BN + L1, the others", "GN (4)", "LN", "IN"]
    assert shares["BN + L1, the class"].x[-1] == 100
    assert shares["BN + L1, the others"].x[-1] == 90  # of one class alone there are no others
    assert shares["BN + L1, the class"].mean == pytest.approx([40 + share / 1000 for share in SHARES])
    assert shares["IN"].mean == [40.0] * len(SHARES)


def test_the_picture_and_its_words_have_the_numbers_of_the_table():
    found = made(**{"BN + L1 its images 90 all": 41.0, "BN + L1 size 2": 14.0})
    traces = [trace for trace in FORGOT_EVAL.picture(found).data if trace.mode != "none"]
    by_name = {trace.name: trace for trace in traces if max(trace.x) == 100}
    its = dict(zip(by_name["BN + L1, the class"].x, by_name["BN + L1, the class"].y, strict=True))
    assert its == {**dict.fromkeys(SHARES, 1.0), 90: 41.0}
    (sizes,) = (trace for trace in traces if trace.name == "BN + L1")
    assert dict(zip(sizes.x, sizes.y, strict=True)) == {**dict.fromkeys(SIZES, 1.0), 2: 14.0}
    said = FORGOT_EVAL.words(found)
    assert said.startswith("Random batches: Test error (%) over images in a batch. BN + L1: 1 at 1, 14 at 2, 1 at 4")
    assert "One class in batches of 64: Test error (%) over share of the class (%). BN + L1, the class: 1 at 10" in said
    assert "41 at 90" in said
