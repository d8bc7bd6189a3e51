"""Findings summed up in a sentence or two: the headline of a comparison, and what survives of many questions."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from core.comparison import sentences
from core.comparison.captions import at_rest, state
from core.comparison.findings import MARGIN, accuracy_interval
from core.comparison.intervals import EQUAL
from core.comparison.methods import WholeMethod
from core.comparison.verdicts import Finding, Pair
from core.config import terms
from core.labels import listed

NAMED = 6
"""So many methods are named one by one: more are counted."""
PAIRS_NAMED = 3
"""So many pairs, which are those of three methods."""
SURE = ("distinguishable", "distinguishable on these images")
PUTS = {
    True: (sentences.THE_TEST_PUTS, sentences.THE_TEST_PUTS_HERE),
    False: (sentences.THE_TESTS_PUT, sentences.THE_TESTS_PUT_HERE),
}
"""By whether it is one test: what is said of a pair with each verdict of ``SURE``."""


def headline(chosen: Sequence[WholeMethod], found: Sequence[Finding]) -> str:
    """The result in a few sentences: who is ahead, by how sure an amount, and how many pairs can be told apart."""
    return " ".join(headline_parts(chosen, found))


def headline_parts(chosen: Sequence[WholeMethod], found: Sequence[Finding]) -> list[str]:
    """The sentences of ``headline``, the most important first.

    found: of the pairs of ``chosen``, and whether they agree. Runs that go on and runs that diverged are named, and are
    ahead of nobody; one that was stopped is, and is named as well.
    """
    ended = [method for method in chosen if at_rest(method)]
    said = [_highest(ended)] if ended else []
    said += [
        sentences.STOPPED.format(method=method.label, epochs=method.epochs, asked=method.config.epochs)
        for method in ended
        if state(method) == "interrupted"
    ]
    pairs = len(ended) * (len(ended) - 1) // 2
    if pairs:
        said += [*_how_sure(pairs, found), *other_terms(ended)]
    said += [_not_ended(method) for method in chosen if method not in ended]
    return said


def _not_ended(method: WholeMethod) -> str:
    template = sentences.STILL_RUNNING if state(method) == "running" else sentences.DIVERGED
    return template.format(method=method.label, epochs=method.epochs, asked=method.config.epochs)


def other_terms(methods: Sequence[WholeMethod]) -> list[str]:
    """Which of their terms keep some of these from being tested against others."""
    each = [terms(method.config) for method in methods]
    differing = [words for name, words in sentences.TERMS.items() if any(own[name] != each[0][name] for own in each)]
    return [sentences.OTHER_TERMS.format(terms=listed(differing))] if differing else []


def _highest(methods: Sequence[WholeMethod]) -> str:
    """Which of these is ahead; that nobody is, where they were tested on different images or are equal."""
    means = [statistics.mean(method.accuracies) for method in methods]
    highest = max(means)
    best = [method for method, mean in zip(methods, means, strict=True) if highest - mean < EQUAL]
    labels = [method.label for method in methods]
    several = listed(labels) if len(labels) <= NAMED else sentences.SO_MANY.format(count=len(labels))
    if len({record.predictions.test_set for method in methods for record in method.records}) > 1:
        return sentences.OTHER_IMAGES.format(methods=several)
    if len(methods) > 1 and len(best) == len(methods):
        return sentences.ALL_ARE_EQUAL.format(methods=several, accuracy=highest)
    if len(best) > 1:
        share = listed([f"**{method.label}**" for method in best])
        return sentences.SEVERAL_ARE_HIGHEST.format(methods=several, best=share, accuracy=highest)
    one_run = len(best[0].records) == 1
    if len(methods) == 1:
        template = sentences.THE_ONE_RUN_WITHIN if one_run else sentences.THE_ONE_MEAN_WITHIN
    else:
        template = sentences.HIGHEST_OF_ONE_RUN_WITHIN if one_run else sentences.HIGHEST_MEAN_WITHIN
    interval = accuracy_interval(best[0])
    return template.format(
        methods=several,
        seeds=len(best[0].records),
        method=best[0].label,
        accuracy=highest,
        low=interval.low,
        high=interval.high,
    )


def _how_sure(pairs: int, found: Sequence[Finding]) -> list[str]:
    """Which of so many pairs the tests tell apart, and whether they agree."""
    tested = tested_pairs(found)
    if not tested:
        return [sentences.CANNOT_BE_TESTED]
    said = [told_apart(tested) if len(tested) <= PAIRS_NAMED else _so_many(tested)]
    said += how_small(tested, found)
    left = pairs - len(tested)
    if left > 0:
        said.append(sentences.ONE_MORE_PAIR if left == 1 else sentences.MORE_PAIRS.format(pairs=left))
    return said


def tested_pairs(found: Sequence[Finding]) -> list[Finding]:
    """Those findings that are of the accuracies of two methods."""
    return [finding for finding in found if finding.pair is not None]


def told_apart(tested: Sequence[Finding]) -> str:
    """What the tests of a few pairs say: who is above whom, and who cannot be told from whom."""
    one = len(tested) == 1
    unsure = [finding.pair for finding in tested if finding.pair and finding.verdict not in SURE]
    if len(unsure) == len(tested) and not one:
        return sentences.THE_TESTS_CANNOT_TELL_ANY
    said = []
    for verdict, template in zip(SURE, PUTS[one], strict=True):
        above: dict[str, list[Pair]] = {}
        for finding in tested:
            if finding.pair and finding.verdict == verdict:
                above.setdefault(finding.pair.worse, []).append(finding.pair)
        said += [
            template.format(
                better=listed([pair.better for pair in those]),
                points=listed([f"{pair.points:.2f}" for pair in those]),
                worse=worse,
            )
            for worse, those in above.items()
        ]
    cannot = sentences.THE_TEST_CANNOT_TELL if one else sentences.THEY_CANNOT_TELL
    return " ".join([*said, *(cannot.format(better=pair.better, worse=pair.worse) for pair in unsure)])


def how_small(tested: Sequence[Finding], found: Sequence[Finding]) -> list[str]:
    """That the differences of the tested pairs are small; where none is sure, of which of them that is not shown."""
    if any(finding.verdict == "equivalent" for finding in found):
        template = sentences.IT_IS_SMALL if len(tested) == 1 else sentences.ALL_ARE_SMALL
        return [template.format(margin=MARGIN)]
    if any(finding.verdict in SURE for finding in tested):
        return []
    agreeing = [pair for finding in found for pair in finding.agreeing]
    if agreeing:
        return [sentences.SOME_ARE_SMALL.format(pairs="; ".join(agreeing), margin=MARGIN)]
    return [sentences.NOT_EQUAL]


def _so_many(tested: Sequence[Finding]) -> str:
    """How many of the pairs that were tested are sure, and how many on these images."""
    sure, here = (sum(finding.verdict == verdict for finding in tested) for verdict in SURE)
    if sure:
        template = sentences.SOME_ARE_SURE_MORE_ON_THESE_IMAGES if here else sentences.SOME_ARE_SURE
    else:
        template = sentences.NONE_IS_SURE_SOME_ON_THESE_IMAGES if here else sentences.NONE_IS_SURE
    return template.format(tested=len(tested), sure=sure, here=here)


def what_survives(found: Sequence[Finding]) -> str:
    """How many of the tested questions have an answer that survives."""
    tested = [finding for finding in found if finding.verdict != "described"]
    sure = [finding for finding in tested if finding.verdict in ("distinguishable", "equivalent")]
    if not sure:
        return sentences.NO_ANSWER_SURVIVES.format(tested=len(tested))
    template = sentences.ONE_ANSWER_SURVIVES if len(sure) == 1 else sentences.ANSWERS_SURVIVE
    return template.format(tested=len(tested), sure=len(sure))
