"""Findings summed up in a sentence or two: the headline of a comparison, and what survives of many questions."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from core.comparison import sentences
from core.comparison.findings import Finding, accuracy_interval
from core.comparison.methods import WholeMethod


def headline(chosen: Sequence[WholeMethod], found: Sequence[Finding]) -> str:
    """The result in a sentence or two: who is ahead, by how sure an amount, and how many pairs can be told apart."""
    best = max(chosen, key=lambda method: statistics.mean(method.accuracies))
    said = [_highest(best)]
    if best.epochs < best.config.epochs:
        said.append(sentences.STOPPED.format(epochs=best.epochs, asked=best.config.epochs))
    pairs = len(chosen) * (len(chosen) - 1) // 2
    if pairs:
        said += _how_sure(pairs, found)
    return " ".join(said)


def _highest(best: WholeMethod) -> str:
    interval = accuracy_interval(best)
    accuracy = statistics.mean(best.accuracies)
    template = sentences.HIGHEST_OF_ONE_RUN_WITHIN if len(best.records) == 1 else sentences.HIGHEST_MEAN_WITHIN
    return template.format(
        seeds=len(best.records), method=best.label, accuracy=accuracy, low=interval.low, high=interval.high
    )


def _how_sure(pairs: int, found: Sequence[Finding]) -> list[str]:
    """How many of so many pairs are tested, and how many of those can be told apart."""
    tested, sure = _tested_and_sure(found)
    if not tested:
        return [sentences.CANNOT_BE_TESTED]
    if pairs == 1:
        return [sentences.THE_PAIR_IS_SURE if sure else sentences.THE_PAIR_IS_NOT_SURE]
    if len(tested) == 1:
        said = [sentences.THE_ONE_TESTED_IS_SURE if sure else sentences.THE_ONE_TESTED_IS_NOT_SURE]
    elif sure:
        said = [sentences.SOME_ARE_SURE.format(sure=len(sure), tested=len(tested))]
    else:
        said = [sentences.NONE_IS_SURE.format(tested=len(tested))]
    if not sure:
        said.append(sentences.NOT_EQUAL)
    left = pairs - len(tested)
    if left > 0:
        said.append(sentences.ONE_MORE_PAIR if left == 1 else sentences.MORE_PAIRS.format(pairs=left))
    return said


def _tested_and_sure(found: Sequence[Finding]) -> tuple[list[Finding], list[Finding]]:
    tested = [finding for finding in found if finding.verdict != "described"]
    return tested, [finding for finding in tested if finding.verdict == "distinguishable"]


def what_survives(found: Sequence[Finding]) -> str:
    """How many of the tested questions have an answer that survives, and which."""
    tested, sure = _tested_and_sure(found)
    if not sure:
        return sentences.NO_ANSWER_SURVIVES.format(tested=len(tested))
    template = sentences.ONE_ANSWER_SURVIVES if len(sure) == 1 else sentences.ANSWERS_SURVIVE
    return template.format(tested=len(tested), sure=len(sure), answers=" ".join(finding.answer for finding in sure))
