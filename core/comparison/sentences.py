"""The sentences of findings, each in one piece, and how numbers stand in them.

A name in braces is a place that whoever picks the sentence fills. What is plural has a sentence of its own.
"""

from __future__ import annotations

from collections.abc import Sequence

from core.comparison.intervals import FLIPS, Interval, PairedTest

# The first sentences: who is ahead, and whether that can be told from chance.  {methods}: a list of labels.
THE_ONE_RUN_WITHIN = (
    "Final test accuracy: **{method}** with **{accuracy:.2f} %** (95 % interval {low:.2f} to {high:.2f})."
)
THE_ONE_MEAN_WITHIN = (
    "Mean final test accuracy of {seeds} seeds: **{method}** with **{accuracy:.2f} %** "
    "(95 % interval {low:.2f} to {high:.2f})."
)
HIGHEST_OF_ONE_RUN_WITHIN = (
    "Of {methods}, **{method}** has the highest final test accuracy: **{accuracy:.2f} %** "
    "(95 % interval {low:.2f} to {high:.2f})."
)
HIGHEST_MEAN_WITHIN = (
    "Of {methods}, **{method}** has the highest mean final test accuracy: **{accuracy:.2f} %** over {seeds} seeds "
    "(95 % interval {low:.2f} to {high:.2f})."
)
ALL_ARE_EQUAL = "{methods} have the same final test accuracy: **{accuracy:.2f} %**."
SEVERAL_ARE_HIGHEST = "Of {methods}, {best} share the highest final test accuracy: **{accuracy:.2f} %**."
OTHER_IMAGES = "{methods} were tested on different images: which accuracy is the highest does not rank them."
SO_MANY = "these {count}"
STILL_RUNNING = "{method} is still running: it is drawn, not tested."
STOPPED = "{method} stopped after {epochs} of {asked} epochs."
DIVERGED = "{method} diverged after {epochs} of {asked} epochs: it is drawn, not tested."
CANNOT_BE_TESTED = (
    "Whether that is more than chance, these runs cannot say: a test needs the same test images and equal settings, "
    "and either two seeds in common, all finished, or single runs of as many epochs."
)
THE_TEST_PUTS = "The test puts {better} {points} points above {worse}."
THE_TESTS_PUT = "The tests put {better} {points} points above {worse}."
THE_TEST_PUTS_HERE = (
    "The test puts {better} {points} points above {worse} over other seeds on these test images, but not over other "
    "test images as well."
)
THE_TESTS_PUT_HERE = (
    "The tests put {better} {points} points above {worse} over other seeds on these test images, but not over other "
    "test images as well."
)
THE_TEST_CANNOT_TELL = "The test cannot tell {better} from {worse}."
THEY_CANNOT_TELL = "They cannot tell {better} from {worse}."
THE_TESTS_CANNOT_TELL_ANY = "The tests cannot tell any two of them apart."
IT_IS_SMALL = "Real or not, the difference is below {margin:.2f} points."
ALL_ARE_SMALL = "Real or not, all means agree within {margin:.2f} points."
SOME_ARE_SURE = "{sure} of {tested} pairwise differences can be distinguished from zero."
SOME_ARE_SURE_MORE_ON_THESE_IMAGES = (
    "{sure} of {tested} pairwise differences can be distinguished from zero over other seeds and other test images; "
    "over other seeds on these test images alone, {here} more can."
)
NONE_IS_SURE = "None of the {tested} pairwise differences can be distinguished from zero."
NONE_IS_SURE_SOME_ON_THESE_IMAGES = (
    "None of the {tested} pairwise differences can be distinguished from zero over other seeds and other test images; "
    "over other seeds on these test images alone, {here} can."
)
NOT_EQUAL = "That does not show that the methods are equal."
SOME_ARE_SMALL = "The tests show only {pairs} to be less than {margin:.2f} points apart."
ONE_MORE_PAIR = "1 more pair is not tested."
MORE_PAIRS = "{pairs} more pairs are not tested."
OTHER_TERMS = "Only runs on equal terms are tested against each other: these differ in {terms}."
TERMS = {
    "epochs": "epochs",
    "batch_size": "batch size",
    "lr": "learning rate",
    "dataset": "data set",
    "augment": "augmentation",
    "width": "width",
    "precision": "precision",
    "validation": "test images",
    "recipe": "recipe",
}
"""The names of ``core.config.terms`` as a sentence has them."""

# How many of many questions have an answer.
NO_ANSWER_SURVIVES = "Of {tested} questions that were tested, **none** has an answer that goes beyond chance."
ONE_ANSWER_SURVIVES = "Of {tested} questions that were tested, **1** has an answer that goes beyond chance."
ANSWERS_SURVIVE = "Of {tested} questions that were tested, **{sure}** have an answer that goes beyond chance."


# Two methods, by their seeds.
TWO_METHODS = "{first} or {second}?"
ENDS_ABOVE = "{better} ends {points:.2f} points above {worse}."
HIGHER_ON_AVERAGE = "Not distinguishable: {better} is {points:.2f} points higher on average ({pairs} seeds)."
HIGHER_ON_THESE_IMAGES = (
    "{better} is {points:.2f} points higher on average ({pairs} seeds): distinguishable over other seeds on these test "
    "images, but not over other test images as well."
)
EQUAL_ON_AVERAGE = (
    "Not distinguishable: {first} and {second} are equal to the second decimal on average ({pairs} seeds)."
)
ACCURACY_EVIDENCE = "Final test accuracy, {first} minus {second}, paired by seed, {seeds}: {tests}."
ACCURACY_TESTS = (
    "over other seeds on these test images, 95 % t interval {interval} points, {seeds_p}, {flip_p}; over other seeds "
    "and other test images, 95 % interval {images} points, {p}"
)
POWER = "With 80 % power the t test over {pairs} seeds finds a difference of {points:.2f} points."
POWER_IN_A_FAMILY = (
    "With 80 % power the t test over {pairs} seeds finds a difference of {points:.2f} points by itself, of "
    "{corrected:.2f} points where Holm's adjustment is at its strictest (standard deviation of the differences "
    "{deviation:.3f} points, pooled over the pairs)."
)
CLOSER_THAN_EXPECTED = (
    "A caution: the differences of these seeds lie closer together than is expected of any (their mean square is "
    "{ratio:.2f} of that of the interaction with the images); by that luck both intervals may be too short."
)

# Whether methods agree.  {methods}: a list of labels.  {pairs}: a list of AGREEING_PAIR or AGREEMENT_OF_A_PAIR.
DO_THEY_AGREE = "Do {methods} agree within {margin:.2f} points?"
AGREEING_PAIR = "{first} and {second}"
ALL_AGREE = "{methods} agree within {margin:.2f} points."
ALL_TESTED_AGREE = "Each of the {tested} pairs that were tested agrees within {margin:.2f} points."
ONE_AGREES = "Of {tested} pairs, 1 is shown to agree within {margin:.2f} points: {pairs}."
SOME_AGREE = "Of {tested} pairs, {agreeing} are shown to agree within {margin:.2f} points: {pairs}."
AGREEMENT_NOT_SHOWN = "That is not shown: a difference of {margin:.2f} points or more cannot be ruled out."
AGREEMENT_EVIDENCE = (
    "Two one-sided tests (TOST) of the mean final test accuracy against differences of -{margin:.2f} and +{margin:.2f} "
    "points, over other seeds and other test images: {pairs}. The margin was set before the test was computed."
)
AGREEMENT_OF_A_PAIR = "{pair} {p}"
PAIR_AGREES = "They agree within {margin:.2f} points, by TOST over other seeds and other test images: {p}."
PAIR_MAY_NOT_AGREE = (
    "That they agree within {margin:.2f} points is not shown, by TOST over other seeds and other test images: {p}."
)

# A pair without a test.
PAIR_NOT_TESTED = "They are not tested against each other."
NO_PAIRING = (
    "A test needs the same test images, and either two seeds in common, all finished, or two single runs of as many "
    "epochs."
)

# Two networks, by their images.
TWO_NETWORKS = "{first} or {second}, these two networks?"
MORE_IMAGES_RIGHT = "This network of {better} gets {images} images more right than that of {worse}."
IMAGES_NOT_SURE = "Not distinguishable: {differing} of {images:,} images between the two networks."
NETWORK_EVIDENCE = (
    "McNemar's exact test on the same {images:,} images: {only_first} that only {first} gets right, {only_second} that "
    "only {second} does, {p}. One seed each: this is about two networks, not about two methods."
)

# The losses of the first epochs.  {pairs}: a list of what follows below.
STARTS_HIGHER = "Does the test loss of {bn} start higher, as published solutions say?"
START_EVIDENCE = (
    "The test loss after the first epoch, paired by seed: {pairs}. Over seeds, on these test images. The t test takes "
    "the differences for normal, the sign-flip test only for symmetric."
)
FLUCTUATES = "Do the first epochs of {bn} fluctuate more, as published solutions say?"
ROUGHNESS_EVIDENCE = (
    "The sum of all rises of the test loss in the first five epochs, paired by seed: {pairs}. Over seeds, on these "
    "test images. The t test takes the differences for normal, the sign-flip test only for symmetric."
)
IS_IT_THE_NORM = "Is it the norm that fluctuates more, with equal penalties on both sides?"
ROUGHNESS_EVIDENCE_UNDECLARED = (
    "The sum of all rises of the test loss in the first five epochs, paired by seed: {pairs}. Over seeds, on these "
    "test images. The t test takes the differences for normal, the sign-flip test only for symmetric. This question "
    "was not declared in advance."
)
ALL_OF_THEM = "Yes: {pairs}."
NONE_OF_THEM = "No: {pairs}."
SOME_OF_THEM = "In part: {pairs}."
THE_OTHERS_NOT_SHOWN = "On average {pairs}, but chance may explain that."
NOT_SHOWN = "Not shown: on average {pairs}, but chance may explain that."
ONE_STARTS_HIGHER = "{more} starts higher than {less}"
SEVERAL_START_HIGHER = "{more} start higher than {less}"
ONE_FLUCTUATES_MORE = "{more} fluctuates more than {less}"
SEVERAL_FLUCTUATE_MORE = "{more} fluctuate more than {less}"
BOTH_ARE_EQUAL = "{first} is equal to {second}"
LOSS_PAIR = (
    "{first} {first_mean:.4f}, {second} {second_mean:.4f} nats ({seeds} seeds), 95 % t interval of the difference "
    "{interval}, {p}, {flip_p}"
)

# What L1 costs, and what it does.
COST_OF_L1 = "What does L1 {l1:g} cost under {norm}?"
L1_COSTS = "{points:.2f} points ({pairs} seeds)."
L1_GAINS = "Nothing: with L1 it ends {points:.2f} points higher ({pairs} seeds)."
L1_COST_NOT_SHOWN = "Nothing beyond chance: on average it ends {points:.2f} points lower with L1 ({pairs} seeds)."
L1_GAIN_NOT_SHOWN = "Nothing beyond chance: on average it ends {points:.2f} points higher with L1 ({pairs} seeds)."
EFFECT_OF_L1 = "What does L1 do to the weights under {norm}?"
L1_SHRINKS = (
    "It shrinks the convolutions' weights to {size:.0f} % of their size, which the norm behind them divides out again: "
    "that alone does not change its output. That it brings {near_zero:.1f} % of them near zero, below {threshold:g} % "
    "of their filter's RMS ({near_zero_without:.1f} % without L1), does."
)
L1_EVIDENCE = (
    "Root mean square {rms:.4f} against {rms_without:.4f}; near zero: below {threshold:g} % of the filter's own root "
    "mean square ({normal:.1f} % of normal weights are). Means over {seeds}."
)

# What others have published.  {published}, {here}: lists of METHOD_WITH_ACCURACY, the highest first.
AS_PUBLISHED = "Does this agree with what was published?"
METHOD_WITH_ACCURACY = "{method} {accuracy:.2f}"
SAME_ORDER_SURE = (
    "Yes: the order is the same. A published solution of the exercise that this app grew from, one seed: {published}. "
    "Here, means: {here}; at least two of them differ beyond chance."
)
SAME_ORDER_NOT_SURE = (
    "Yes: the order is the same. A published solution of the exercise that this app grew from, one seed: {published}. "
    "Here, means: {here}; no two of them differ beyond chance."
)
OTHER_ORDER_SURE = (
    "No: the order is another. A published solution of the exercise that this app grew from, one seed: {published}. "
    "Here, means: {here}; at least two of them differ beyond chance."
)
OTHER_ORDER_NOT_SURE = (
    "No: the order is another. A published solution of the exercise that this app grew from, one seed: {published}. "
    "Here, means: {here}; no two of them differ beyond chance."
)
SEEDS_SPAN_LESS = (
    "The published values span {published:.2f} points; the seeds of one method here span up to {here:.2f}."
)
SEEDS_SPAN_AS_MUCH = (
    "The published values span {published:.2f} points; the seeds of one method here span up to {here:.2f}, so one seed "
    "cannot order them."
)

# The report: what its table holds, and a line for each finding.
WHICH_VALUES = "On {datasets}, {epochs} epochs, value after the last one."
WHICH_VALUES_OF_ONE_EPOCH = "On {datasets}, value after 1 epoch."
INTERVALS_OVER_SEEDS = "Intervals: t over the seeds."
INTERVALS_OF_BOTH_KINDS = "Intervals: t over the seeds, Wilson's for a single run."
SEVERAL_DATASETS = "Values on different data sets do not compare."
FINDING = "- **{question}** {answer}<br><sub>{evidence}</sub>"

# A graph in a sentence, and what its marks mean.  {values}: a list of FINAL_LOSS or FINAL_ACCURACY.
GRAPH = "{metric} over {axis}, final values: {values}"
FINAL_LOSS = "{method} {value:.4g}"
FINAL_ACCURACY = "{method} {value:.4g} %"
RINGS = (
    "Rings mark the best epoch of each line. It is chosen on the test set, so it flatters: judge by the final value."
)
BANDS = "A line is the mean over the seeds, its band reaches from the lowest seed to the highest."
GREY_BAR = (
    "The grey bar is {points:.2f} points high: what 10 of {images:,} test images change; one of them is {one:.2g} "
    "points. One standard error of a single run at {accuracy:.2f} % is {error:.2f} points."
)
GREY_CROSSES = "Grey crosses: where two lines change their order for the last time."

# What stands in the places.
SEEDS = "{count} seeds ({seeds})"
BOUNDS = "{low} to {high}"
OF_A_FAMILY = "{results} (Holm-adjusted for {tests} tests)"
OF_A_FAMILY_WITH_INTERVALS = (
    "{results} (Holm-adjusted for {tests} tests; the intervals and the sign-flip p are not adjusted)"
)
FLIP = "exact sign-flip p = {p:.4g}"
FLIP_LEAST = "exact sign-flip p = {p:.4g}, the least that {pairs} pairs allow"
FLIP_AT_RANDOM = "sign-flip p = {p:.4g} of {flips:,} random flips"


def signed(value: float, digits: int = 2) -> str:
    """A difference with its sign, "+0.08"; none where it is zero as it is printed."""
    text = f"{abs(value):.{digits}f}"
    if float(text) == 0:
        return text
    return f"+{text}" if value > 0 else f"-{text}"


def interval_text(interval: Interval, digits: int = 2) -> str:
    """The bounds with their signs: "-0.12 to +0.08"."""
    return BOUNDS.format(low=signed(interval.low, digits), high=signed(interval.high, digits))


def probability_text(p: float) -> str:
    """A p value as it is printed: "p = 0.024", "p < 0.001"."""
    if p < 0.001:
        return "p < 0.001"
    return f"p = {p:.3f}" if p < 0.1 else f"p = {p:.2f}"


def flip_text(test: PairedTest) -> str:
    """The p of the sign-flip test, in full as a share of 2^n: "exact sign-flip p = 0.1875"."""
    if 2**test.pairs > FLIPS:
        return FLIP_AT_RANDOM.format(p=test.flip_p, flips=FLIPS)
    template = FLIP_LEAST if test.flip_p == 2.0 ** (1 - test.pairs) else FLIP
    return template.format(p=test.flip_p, pairs=test.pairs)


def seeds_text(seeds: Sequence[int]) -> str:
    """How many seeds, and which: "3 seeds (0, 1, 2)"."""
    return SEEDS.format(count=len(seeds), seeds=", ".join(map(str, seeds)))


def of_family(results: str, tests: int, template: str = OF_A_FAMILY_WITH_INTERVALS) -> str:
    """``results``, and how their p values were corrected where they are of a family of several tests."""
    return template.format(results=results, tests=tests) if tests > 1 else results
