"""Findings say what the records hold: verdicts at known differences, and the numbers in their sentences."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.comparison import findings, tables
from core.comparison.headline import headline
from core.comparison.intervals import t_interval
from core.comparison.methods import Method, as_methods, single_runs
from core.config import RunConfig
from core.records.record import EpochRow, Predictions, RunRecord, RunSummary

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
    summary = RunSummary(config=config, status="complete", epochs=rows, parameters=19_130)
    return RunRecord(summary, weights, predictions)


def seeds_of(counts, norm, first=0, **config) -> list[RunRecord]:
    """One run a seed with so many images wrong, from ``first`` on."""
    return [run(range(first, first + count), norm, seed, **config) for seed, count in enumerate(counts)]


def test_a_clear_difference_is_distinguishable():
    pair = as_methods(seeds_of([10, 11, 12, 10, 11], "ln") + seeds_of([50, 52, 51, 50, 53], "bn"))
    [finding] = findings.selection_findings(pair)
    assert finding.verdict == "distinguishable"
    # 10.8 and 51.2 of 2,000 images wrong
    assert finding.answer == "LN ends 2.02 points above BN."
    assert "5 seeds (0, 1, 2, 3, 4)" in finding.evidence
    differences = [(b - a) / IMAGES * 100 for a, b in zip([10, 11, 12, 10, 11], [50, 52, 51, 50, 53], strict=True)]
    interval = t_interval(differences)
    assert (
        f"95 % t interval +{interval.low:.2f} to +{interval.high:.2f} points, p < 0.001; 95 % bootstrap"
        in finding.evidence
    )
    assert "Holm" not in finding.evidence  # one test


def test_noise_is_not():
    pair = as_methods(seeds_of([10, 14, 9, 12, 11], "ln") + seeds_of([12, 10, 11, 13, 9], "bn", first=5))
    [finding] = findings.selection_findings(pair)
    assert finding.verdict == "not distinguishable"
    assert finding.answer == "Not distinguishable: BN is 0.01 points higher on average (5 seeds)."


def test_seeds_that_agree_do_not_make_up_for_few_images():
    """All seeds differ by the same two images: that is not certainty."""
    pair = as_methods(seeds_of([2, 2, 2, 2, 2], "ln") + seeds_of([4, 4, 4, 4, 4], "bn"))
    [comparison] = findings.compare([(pair[0], pair[1])])
    assert comparison.p == 1 / 16  # five equal signs of five
    assert comparison.images.low == 0
    assert not comparison.distinguishable


def test_why_a_small_p_is_not_enough_is_said():
    """Nearly the same two images with every seed: now the t test is sure, the bootstrap over images is not."""
    pair = as_methods(seeds_of([2, 2, 2, 2, 3], "ln") + seeds_of([4, 4, 4, 4, 4], "bn"))
    [comparison] = findings.compare([(pair[0], pair[1])])
    assert comparison.p < 0.05
    assert comparison.images.low == 0
    finding = findings.accuracy_finding(comparison)
    assert finding.verdict == "not distinguishable"
    assert finding.evidence.endswith(", which includes zero: with other test images the difference could vanish.")


def test_a_family_is_corrected_together():
    three = as_methods(
        seeds_of([10, 14, 9], "ln") + seeds_of([12, 11, 11], "bn", first=5) + seeds_of([13, 10, 12], "gn", first=9)
    )
    found = findings.selection_findings(three)
    assert len(found) == 3
    assert all("(Holm-adjusted for 3 tests; the intervals are not adjusted)" in finding.evidence for finding in found)


def test_the_smaller_p_of_two_is_doubled():
    three = as_methods(seeds_of([10, 11, 12], "ln") + seeds_of([12, 15, 14], "bn") + seeds_of([16, 18, 21], "gn"))
    pairs = [(three[0], three[1]), (three[0], three[2])]
    near, far = (findings.compare([pair])[0].p for pair in pairs)
    assert far < near < 0.5
    assert [c.p for c in findings.compare(pairs)] == pytest.approx([max(near, 2 * far), 2 * far])


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


def test_a_network_that_trained_for_less_is_named():
    short = run(range(30), norm="bn", losses=(0.3, 0.2, 0.1)).changed(status="interrupted")
    short = short.changed(epochs=short.epochs[:2])
    [finding] = findings.selection_findings(single_runs([run(range(20, 60)), short]))
    assert finding.evidence.endswith(" LN was trained for 3 epochs, BN for 2.")


def test_a_single_run_and_a_method_say_nothing_about_each_other():
    mixed = as_methods([*seeds_of([10, 11], "ln"), run(range(5), norm="bn")])
    assert findings.selection_findings(mixed) == []
    assert "these runs cannot say" in headline(mixed, [])


def test_unequal_lengths_are_not_compared():
    pair = as_methods(seeds_of([10, 11], "ln") + seeds_of([12, 13], "bn", losses=(0.2, 0.1)))
    assert not findings.comparable(*pair)


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
