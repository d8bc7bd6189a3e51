"""Findings say what the records hold: verdicts at known differences, and the numbers in their sentences."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from core.comparison import findings, sentences, tables
from core.comparison.crossed import mean_squares
from core.comparison.headline import headline
from core.comparison.intervals import detectable, holm, t_interval
from core.comparison.methods import Method, as_methods, single_runs
from core.config import RunConfig
from core.records.record import EpochRow, Predictions, RunRecord, RunSummary
from tests.sizes import PARAMETERS

IMAGES = 2000


def run(wrong, norm="ln", seed=0, losses=(0.3, 0.2, 0.1), scale=1.0, **config) -> RunRecord:
    """A finished run that gets the images in ``wrong`` wrong."""
    config = RunConfig(norm=norm, seed=seed, **{"epochs": len(losses), **config})
    true = np.arange(IMAGES, dtype=np.int64) % 10
    probabilities = np.eye(10, dtype=np.float32)[true]
    wrong = np.asarray(list(wrong), dtype=np.int64)
    probabilities[wrong] = np.eye(10, dtype=np.float32)[(true[wrong] + 1) % 10]
    predictions = Predictions.of(true, probabilities, np.zeros((IMAGES, 28, 28), dtype=np.uint8), "ab" * 32)
    rows = tuple(
        EpochRow(i, loss, 99.0, loss, 90.0 if i < len(losses) else predictions.accuracy, 2.0)
        for i, loss in enumerate(losses, start=1)
    )
    weights = {"conv.weight": scale * np.array([[[[1.0, -1.0, 0.01, 1.0]]]], dtype=np.float32)}
    summary = RunSummary(config=config, status="complete", epochs=rows, parameters=PARAMETERS)
    return RunRecord(summary, weights, predictions)


def seeds_of(counts, norm, first=0, **config) -> list[RunRecord]:
    """One run a seed with so many images wrong, from ``first`` on."""
    return [run(range(first, first + count), norm, seed, **config) for seed, count in enumerate(counts)]


def test_a_clear_difference_is_distinguishable():
    pair = as_methods(seeds_of([10, 11, 12, 10, 11], "ln") + seeds_of([50, 52, 51, 50, 53], "bn"))
    finding, agreement = findings.selection_findings(pair)
    assert finding.verdict == "distinguishable"
    assert agreement.verdict == "not shown equivalent"
    # 10.8 and 51.2 of 2,000 images wrong
    assert finding.answer == "LN ends 2.02 points above BN."
    assert "5 seeds (0, 1, 2, 3, 4)" in finding.evidence
    differences = [(b - a) / IMAGES * 100 for a, b in zip([10, 11, 12, 10, 11], [50, 52, 51, 50, 53], strict=True)]
    interval = t_interval(differences)
    assert (
        f"over other seeds on these test images, 95 % t interval +{interval.low:.2f} to +{interval.high:.2f} points, "
        "p < 0.001, exact sign-flip p = 0.0625, the least that 5 pairs allow; over other seeds and other test images, "
        "95 % interval " in finding.evidence
    )
    assert "power" not in finding.evidence
    assert "Holm" not in finding.evidence  # one test


def test_noise_is_not():
    pair = as_methods(seeds_of([10, 14, 9, 12, 11], "ln") + seeds_of([12, 10, 11, 13, 9], "bn", first=5))
    [finding, _] = findings.selection_findings(pair)
    assert finding.verdict == "not distinguishable"
    assert finding.answer == "Not distinguishable: BN is 0.01 points higher on average (5 seeds)."


def test_what_these_seeds_would_have_found_is_said():
    """Accuracies that differ by -2, 4, -2, -4, 3 images: a standard deviation of sqrt(48.8 / 4) images of 0.05."""
    left, right = seeds_of([10, 14, 9, 12, 11], "ln"), seeds_of([12, 10, 11, 16, 8], "bn", first=5)
    [finding, _] = findings.selection_findings(as_methods(left + right))
    deviation = 0.05 * np.std([2, -4, 2, 4, -3], ddof=1)
    assert finding.evidence.endswith(
        f"With 80 % power the t test over 5 seeds finds a difference of {1.682 * deviation:.2f} points."
    )
    # one more pair, with differences of 0, 1, -1, 2, -2: the root mean square of both, and the strictest level 0.05 / 3
    third = seeds_of([10, 15, 8, 14, 9], "gn", first=40)
    pairs = [tuple(as_methods(left + other)) for other in (right, third)]
    both = 0.05 * np.sqrt((np.var([2, -4, 2, 4, -3], ddof=1) + np.var([0, 1, -1, 2, -2], ddof=1)) / 2)
    for comparison in findings.compare(pairs):
        assert comparison.deviation == pytest.approx(both)
        assert (
            f"finds a difference of {detectable(comparison.deviation, 5):.2f} points by itself, of "
            f"{detectable(comparison.deviation, 5, level=0.025):.2f} points where Holm's adjustment is at its strictest"
        ) in findings.accuracy_finding(comparison).evidence


def test_seeds_that_agree_by_luck_would_not_find_more():
    """Differences of 0, 0 and 1 image, each seed's own: the images let expect a larger spread."""
    left = [run(range(20 * seed, 20 * seed + 5), "ln", seed) for seed in range(3)]
    right = [run(range(100 + 20 * seed, 105 + 20 * seed + (seed == 2)), "bn", seed) for seed in range(3)]
    [comparison] = findings.compare([tuple(as_methods(left + right))])
    interaction = mean_squares(findings.paired(comparison.first, comparison.second)[1]).interaction
    assert comparison.deviation == pytest.approx(100 * np.sqrt(interaction / IMAGES))
    assert comparison.deviation > 3 * 0.05 * np.std([0, 0, 1], ddof=1)


def test_networks_that_differ_in_nothing_leave_no_spread_to_go_by():
    pair = as_methods(seeds_of([2, 2], "ln") + seeds_of([2, 2], "bn"))
    [finding, agreement] = findings.selection_findings(pair)
    assert finding.answer == "Not distinguishable: LN and BN are equal to the second decimal on average (2 seeds)."
    assert "power" not in finding.evidence
    # two seeds that agree are one chance in two, not certainty
    assert agreement.verdict == "not shown equivalent"


def test_seeds_that_agree_do_not_make_up_for_few_images():
    """All seeds differ by the same two images: that is not certainty."""
    pair = as_methods(seeds_of([2, 2, 2, 2, 2], "ln") + seeds_of([4, 4, 4, 4, 4], "bn"))
    [comparison] = findings.compare([(pair[0], pair[1])])
    assert comparison.seeds_p == 1 / 16  # five equal signs of five
    assert comparison.images.interval.low < 0
    assert comparison.verdict == "not distinguishable"


def test_a_difference_on_these_images_alone_is_said_to_be_one():
    """Nearly the same two images with every seed: now the t test is sure, other images are not."""
    pair = as_methods(seeds_of([2, 2, 2, 2, 3], "ln") + seeds_of([4, 4, 4, 4, 4], "bn"))
    [comparison] = findings.compare([(pair[0], pair[1])])
    assert comparison.seeds_p < 0.05 < comparison.p
    assert comparison.images.interval.low < 0
    finding = findings.accuracy_finding(comparison)
    assert finding.verdict == "distinguishable on these images"
    assert finding.answer == (
        "LN is 0.09 points higher on average (5 seeds): distinguishable over other seeds on these test images, but not "
        "over other test images as well."
    )
    assert "power" not in finding.evidence


def test_a_verdict_that_leans_on_luck_says_so():
    """Ten more images right with each of three seeds, or eleven: each other ones."""
    left = [run(range(20 * seed, 20 * seed + 5), "ln", seed) for seed in range(3)]
    right = [run(range(100 + 20 * seed, 115 + 20 * seed + (seed == 2)), "bn", seed) for seed in range(3)]
    [comparison] = findings.compare([tuple(as_methods(left + right))])
    ratio = comparison.images.closeness
    assert ratio == pytest.approx((np.var([10, 10, 11], ddof=1) / IMAGES) / comparison.images.squares.interaction)
    finding = findings.accuracy_finding(comparison)
    assert finding.verdict == "distinguishable"
    assert finding.evidence.endswith(
        f"(their mean square is {ratio:.2f} of that of the interaction with the images); by that luck both intervals "
        "may be too short."
    )


def test_methods_that_agree_are_found_to():
    """Two images of 2,000, 0.1 points, would be seen; half a one is not."""
    counts = {"ln": [10, 11, 10, 11, 10], "bn": [11, 10, 11, 10, 11], "gn": [10, 10, 11, 11, 10]}
    three = as_methods([r for norm, wrong in counts.items() for r in seeds_of(wrong, norm)])
    *pairs, agreement = findings.selection_findings(three)
    assert len(pairs) == 3
    assert agreement.question == "Do LN, BN and GN (4) agree within 0.15 points?"
    assert agreement.answer == "LN, BN and GN (4) agree within 0.15 points."
    assert agreement.verdict == "equivalent"
    ps = holm([c.images.equivalence_p(0.15) for c in findings.compare([(a, b) for a, b in combinations(three, 2)])])
    said = [f"{name} {sentences.probability_text(p)}" for name, p in zip(PAIRS, ps, strict=True)]
    assert f"other test images: {'; '.join(said)} (Holm-adjusted for 3 tests)." in agreement.evidence


PAIRS = ("LN and BN", "LN and GN (4)", "BN and GN (4)")


def test_agreement_is_not_what_is_left_where_no_difference_is_found():
    counts = {"ln": [10, 11, 10, 11, 10], "bn": [11, 10, 11, 10, 11], "gn": [2, 30, 16, 1, 20]}
    three = as_methods([r for norm, wrong in counts.items() for r in seeds_of(wrong, norm)])
    *pairs, agreement = findings.selection_findings(three)
    assert {finding.verdict for finding in pairs} == {"not distinguishable"}
    assert agreement.verdict == "not shown equivalent"
    assert agreement.answer == "Of 3 pairs, 1 is shown to agree within 0.15 points: LN and BN."
    *_, none = findings.selection_findings(three[1:])
    assert none.answer == "That is not shown: a difference of 0.15 points or more cannot be ruled out."


def test_what_is_not_tested_does_not_count_as_agreeing():
    counts = {"ln": [10, 11, 10, 11, 10], "bn": [11, 10, 11, 10, 11], "gn": [10, 10, 11, 11, 10]}
    three = as_methods([r for norm, wrong in counts.items() for r in seeds_of(wrong, norm)])
    *_, agreement = findings.selection_findings(three, most=2)
    assert agreement.answer == "Each of the 2 pairs that were tested agrees within 0.15 points."


def test_the_margin_is_one_of_mnist():
    for other in ({"dataset": "digits"}, {"validation": True}):
        pair = as_methods([*seeds_of([10, 11], "ln", **other), *seeds_of([11, 10], "bn", **other)])
        [finding] = findings.selection_findings(pair)
        assert "agree" not in finding.question


def test_a_family_is_corrected_together():
    three = as_methods(
        seeds_of([10, 14, 9], "ln") + seeds_of([12, 11, 11], "bn", first=5) + seeds_of([13, 10, 12], "gn", first=9)
    )
    *found, _ = findings.selection_findings(three)
    assert len(found) == 3
    adjusted = "(Holm-adjusted for 3 tests; the intervals and the sign-flip p are not adjusted)"
    assert all(adjusted in finding.evidence for finding in found)


def test_the_smaller_p_of_two_is_doubled():
    three = as_methods(seeds_of([10, 11, 12], "ln") + seeds_of([12, 15, 14], "bn") + seeds_of([16, 18, 21], "gn"))
    pairs = [(three[0], three[1]), (three[0], three[2])]
    (near, near_alone), (far, far_alone) = ((c.p, c.seeds_p) for c in (findings.compare([pair])[0] for pair in pairs))
    assert far < near < 0.5
    found = findings.compare(pairs)
    assert [c.p for c in found] == pytest.approx([max(near, 2 * far), 2 * far])
    assert [c.seeds_p for c in found] == pytest.approx([max(near_alone, 2 * far_alone), 2 * far_alone])


def test_only_common_seeds_are_paired():
    left = as_methods(seeds_of([10, 11, 12], "ln"))[0]
    right = as_methods(seeds_of([20, 21, 22, 23], "bn"))[0]
    seeds, differences = findings.paired(left, right)
    assert seeds == (0, 1, 2)
    assert differences.shape == (3, IMAGES)
    assert differences.sum(axis=1).tolist() == [10, 10, 10]
    [comparison] = findings.compare([(left, right)])
    assert comparison.test.difference.value == pytest.approx(0.5)


def test_runs_on_other_images_are_not_paired():
    one, two = run(range(3)), run(range(5), norm="bn")
    other = replace(two, predictions=replace(two.predictions, fingerprint="cd" * 32))
    assert findings.network_findings([tuple(single_runs([one, other]))]) == []
    apart = [Method("a", (one,)), Method("b", (other,))]
    assert findings.paired(*apart)[1] is None
    assert findings.selection_findings(apart) == []


def test_methods_on_other_images_are_not_called_equal():
    left, right = seeds_of([10, 11], "ln"), seeds_of([50, 52], "bn")
    foreign = [replace(r, predictions=replace(r.predictions, fingerprint="cd" * 32)) for r in right]
    pair = as_methods([*left, *foreign])
    assert findings.selection_findings(pair) == []
    assert headline(pair, []).startswith("LN and BN were tested on different images: which accuracy is the highest ")
    assert "these runs cannot say: a test needs the same test images" in headline(pair, [])
    with pytest.raises(ValueError, match="LN and BN were not trained and tested on equal terms"):
        findings.compare([tuple(pair)])


def test_a_claimed_fingerprint_does_not_pair_other_images():
    """An uploaded record may name any test set: of another length, or with other labels, it is not that one."""
    one, two = run(range(3)), run(range(5), norm="bn")
    true = two.predictions.true
    fewer = replace(two.predictions, true=true[:100], predicted=two.predictions.predicted[:100])
    relabelled = replace(two.predictions, true=(true + 1) % 10)
    for predictions in (fewer, relabelled):
        pair = [Method("a", (one,)), Method("b", (replace(two, predictions=predictions),))]
        assert findings.paired(*pair)[1] is None
        assert findings.selection_findings(pair) == []


def test_two_single_runs_are_compared_as_networks():
    one, two = single_runs([run(range(0, 20)), run(range(18, 23), norm="bn")])
    [finding] = findings.selection_findings([one, two])
    # only LN right on 20, 21, 22; only BN right on 0 .. 17
    assert "3 that only LN gets right, 18 that only BN does" in finding.evidence
    assert finding.verdict == "distinguishable"
    assert finding.answer == "This network of BN gets 15 images more right than that of LN."
    assert "two networks, not about two methods" in finding.evidence


def test_networks_are_corrected_together():
    three = single_runs([run(range(0, 20)), run(range(18, 23), norm="bn"), run(range(18, 24), norm="in")])
    found = findings.selection_findings(three)
    # 3 against 18 twice (4 against 18 with IN), and 0 against 1: exact p 0.0015, 0.0043 and 1
    assert [finding.verdict for finding in found] == ["distinguishable", "distinguishable", "not distinguishable"]
    assert [finding.evidence.split("p = ")[1].split(".  ")[0][:5] for finding in found] == ["0.004", "0.009", "1.00 "]
    assert all("(Holm-adjusted for 3 tests)" in finding.evidence for finding in found)


def test_a_single_run_and_a_method_say_nothing_about_each_other():
    mixed = as_methods([*seeds_of([10, 11], "ln"), run(range(5), norm="bn")])
    assert findings.selection_findings(mixed) == []
    assert "these runs cannot say" in headline(mixed, [])


def test_pairs_that_cannot_be_tested_take_no_place_from_those_that_can():
    goes_on = run(range(4), "in").changed(status="running")
    chosen = as_methods([goes_on, *seeds_of([10, 12], "ln"), *seeds_of([50, 52], "bn"), *seeds_of([20, 22], "gn")])
    assert len(findings.selection_findings(chosen, most=3)) == 4  # three pairs, and whether they agree


def test_the_table_of_a_method_and_of_a_single_run():
    method = as_methods(seeds_of([10, 14], "ln", losses=(0.2, 0.5, 0.1)))[0]
    row = tables.table_row(method)
    assert row["Seeds"] == 2
    assert row["Test accuracy (%)"] == pytest.approx(99.4)
    interval = t_interval([99.5, 99.3])
    assert (row["95 % low"], row["95 % high"]) == (interval.low, interval.high)
    assert row["Roughness, epochs 1 to 5 (nats)"] == pytest.approx(0.3)
    assert row["Gap, training minus test (points)"] == pytest.approx(-0.4)
    assert row["Near zero (%)"] == 25  # 0.01 of four weights of about 1
    assert row["Seconds"] == 6
    assert row["Settings"].endswith("seeds 0, 1")
    single = tables.table_row(single_runs([run(range(10))])[0])
    assert single["95 % low"] == pytest.approx(99.0825, abs=1e-3)  # Wilson of 1,990 in 2,000
    assert single["95 % high"] == pytest.approx(99.7283, abs=1e-3)
