"""Step 3: chosen cells beside the set of the marked one, found a second time by asking torch for gradients."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.lesson import sharing as step
from core.model import make_norm


def shares_by_torch(norm: str) -> np.ndarray:
    """The cells that the normalized value of the marked cell depends on."""
    x = torch.randn(step.SHAPE, dtype=torch.float64, generator=torch.Generator().manual_seed(0)).requires_grad_()
    make_norm(norm, step.SHAPE[1], step.GROUPS).double().train()(x)[step.MARKED].backward()
    return x.grad.numpy() != 0


@pytest.mark.parametrize(("norm", "cells"), [("bn", 16), ("ln", 24), ("gn", 12)])
def test_all_that_share_and_no_others_are_right(norm, cells):
    shares = shares_by_torch(norm)
    assert shares.sum() == cells
    found = step.compare(shares, norm)
    assert (found.right, found.missed, found.wrong, found.all_found) == (cells - 1, 0, 0, True)
    assert found.marks[step.MARKED] == step.NOTHING
    none = step.compare(np.zeros(step.SHAPE, dtype=bool), norm)
    assert (none.right, none.missed, none.wrong, none.all_found) == (0, cells - 1, 0, False)
    all_others = step.compare(~shares, norm)
    assert (all_others.right, all_others.missed, all_others.wrong) == (0, cells - 1, 96 - cells)


@pytest.mark.parametrize("norm", step.ASKED)
def test_each_cell_has_its_mark(norm):
    shares = shares_by_torch(norm)
    chosen = np.random.default_rng(1).random(step.SHAPE) < 0.5
    marks = step.compare(chosen, norm).marks
    expected = np.zeros(step.SHAPE, dtype=int)
    expected[shares & chosen] = step.RIGHT
    expected[shares & ~chosen] = step.MISSED
    expected[~shares & chosen] = step.WRONG
    expected[step.MARKED] = step.NOTHING
    np.testing.assert_array_equal(marks, expected)


@pytest.mark.parametrize(("norm", "means"), [("bn", 6), ("ln", 4), ("gn", 8)])
def test_the_number_of_means_is_that_of_the_values_torch_subtracts(norm, means):
    x = torch.randn(step.SHAPE, dtype=torch.float64, generator=torch.Generator().manual_seed(0)).requires_grad_()
    y = make_norm(norm, step.SHAPE[1], step.GROUPS).double().train()(x)
    sets = {
        tuple(torch.autograd.grad(y[tuple(cell)], x, retain_graph=True)[0].ne(0).flatten().tolist())
        for cell in np.argwhere(np.ones(step.SHAPE))
    }
    assert step.means(norm) == means == len(sets)
    assert means in step.options()


@pytest.mark.parametrize("answer", [{}, {"checked": True}, {"checked": True, "count": 24}])
def test_an_address_holds_the_answer(answer):
    chosen = np.random.default_rng(2).random(step.SHAPE) < 0.5
    chosen[step.MARKED] = False
    text = step.answer_to_text(step.Answer(chosen, **answer))
    assert len(text) <= 24 + len(".checked.24")
    found = step.answer_from_text(text)
    np.testing.assert_array_equal(found.chosen, chosen)
    assert (found.checked, found.count) == (answer.get("checked", False), answer.get("count"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0" * 23,
        "0" * 25,
        "0" * 23 + "G",
        "F" * 24,
        "f" * 24,  # the marked cell among them
        "0" * 24 + ".",
        "0" * 24 + ".6",
        "0" * 24 + ".checked.5",
        "0" * 24 + ".checked.6.6",
        "0" * 24 + ".checked.",
        " " + "0" * 23,
    ],
)
def test_what_is_no_answer_is_refused(text):
    assert step.answer_from_text(text) is None
