from __future__ import annotations

import numpy as np

from core.config import RunConfig
from core.four_images.answers import in_words, which_networks
from core.records.answers import Answer

CLASSES = tuple("0123456789")


def answer(name: str, predicted: int, confidence: float) -> Answer:
    row = np.full(10, (1 - confidence) / 9)
    row[predicted] = confidence
    return Answer(name, predicted, row)


def test_one_network_speaks_for_itself():
    assert in_words([answer("LN", 7, 0.8123)], CLASSES) == "LN takes it for **7** (81.2 %)."


def test_networks_that_agree_are_one_sentence_with_the_least_sure():
    said = in_words([answer("BN", 7, 0.99999), answer("GN (4)", 7, 0.93), answer("LN", 7, 0.99)], CLASSES)
    assert said == "Every network takes it for **7**; the least sure is GN (4) with 93.0 %."


def test_nothing_but_certainty_is_called_100_percent():
    said = in_words([answer("BN", 1, 0.99996), answer("LN", 1, 0.99999)], CLASSES)
    assert said == "Every network takes it for **1**; the least sure is BN with over 99.9 %."
    assert in_words([answer("BN", 1, 1.0)], CLASSES) == "BN takes it for **1** (100.0 %)."
    assert in_words([answer("BN", 1, 0.9994)], CLASSES) == "BN takes it for **1** (99.9 %)."


def test_where_they_differ_the_answer_of_most_comes_first_and_the_surest_in_it():
    said = in_words(
        [answer("BN", 1, 0.9), answer("GN (4)", 7, 0.5), answer("LN", 7, 0.75), answer("IN", 2, 0.95)], CLASSES
    )
    assert said == (
        "The networks do not agree: **7** is the answer of LN (75.0 %) and GN (4) (50.0 %); "
        "**2** is the answer of IN (95.0 %); **1** is the answer of BN (90.0 %)."
    )


def test_the_mode_of_bn_is_said_and_only_where_there_is_one():
    bn, ln = RunConfig(norm="bn", seed=3), RunConfig(norm="ln", seed=3)
    assert which_networks([bn, ln], ["BN", "LN"]) == (
        "Networks trained on MNIST with seed 3, in inference mode. BN goes by the running mean and variance of its "
        "training, so no other image matters here."
    )
    assert which_networks([bn, bn], ["BN", "BN + L1"]).endswith(
        "BN and BN + L1 go by the running means and variances of their training, so no other image matters here."
    )
    assert which_networks([ln], ["LN"]) == "Networks trained on MNIST with seed 3, in inference mode."
