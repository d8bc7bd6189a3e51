"""A balanced part of a data set: what is in it, in which order, and that it is the same everywhere."""

from __future__ import annotations

import pytest
import torch

from core.data.choice import balanced

LABELS = torch.arange(10).repeat_interleave(7)  # class k at 7k to 7k + 6


def test_the_classes_take_turns():
    chosen = balanced(LABELS, 3)
    assert LABELS[chosen].tolist() == list(range(10)) * 3
    assert len(set(chosen.tolist())) == 30


def test_all_of_each_class_are_all_images_once():
    assert sorted(balanced(LABELS, 7).tolist()) == list(range(70))


def test_fewer_of_each_are_the_first_of_more():
    assert balanced(LABELS, 2).tolist() == balanced(LABELS, 5)[:20].tolist()


def test_the_choice_is_the_same_on_every_machine():
    first = [3, 11, 20, 21, 32, 35, 48, 53, 59, 69]
    assert balanced(LABELS, 1).tolist() == first
    assert balanced(LABELS, 1, seed=1).tolist() != first


def test_a_class_with_too_few_images_is_refused():
    with pytest.raises(ValueError, match=r"^6 images of a class where 7 are chosen$"):
        balanced(LABELS[:-1], 7)
