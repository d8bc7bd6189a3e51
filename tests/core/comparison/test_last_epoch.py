"""What is compared is the last epoch: the best one is chosen on the test set, and would flatter."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.comparison import findings
from core.comparison.intervals import paired_test
from core.comparison.methods import WholeMethod, as_methods
from core.records.record import RunRecord
from tests.core.comparison.test_findings import IMAGES, seeds_of


def with_a_better_start(record: RunRecord, accuracy: float) -> RunRecord:
    """``record`` with so high a test accuracy after its first epoch, and the last one as it was."""
    first, *rest = record.epochs
    return record.changed(epochs=(replace(first, test_accuracy=accuracy), *rest))


@pytest.fixture
def pair() -> tuple[WholeMethod, WholeMethod]:
    """LN and BN, with 10, 12, 11 and 50, 53, 52 of 2,000 images wrong at the end; BN was at 100 % once."""
    bn = [with_a_better_start(record, 100.0) for record in seeds_of([50, 53, 52], "bn")]
    first, second = as_methods([*seeds_of([10, 12, 11], "ln"), *bn])
    return first, second


def test_the_difference_is_that_of_the_last_epochs(pair):
    [comparison] = findings.compare([pair])
    finals = [[100 * (1 - wrong / IMAGES) for wrong in counts] for counts in ([10, 12, 11], [50, 53, 52])]
    expected = paired_test(*finals)
    assert comparison.test.difference.value == pytest.approx(expected.difference.value)
    assert comparison.test.difference.value == pytest.approx((40 + 41 + 41) / 3 / IMAGES * 100)
    assert comparison.test.p == pytest.approx(expected.p)
    of_the_pair, *_ = findings.selection_findings(pair)
    assert of_the_pair.answer == "LN ends 2.03 points above BN."


def test_the_intervals_are_those_of_the_last_epochs(pair):
    for method, counts in zip(pair, ([10, 12, 11], [50, 53, 52]), strict=True):
        assert method.accuracies == pytest.approx([100 * (1 - wrong / IMAGES) for wrong in counts])
        assert findings.accuracy_interval(method).value == pytest.approx(100 * (1 - sum(counts) / 3 / IMAGES))
