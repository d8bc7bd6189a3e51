import contextlib
import io

import numpy as np
import pytest

from core.catalogue import NORMS, SET_NORMS
from core.four_images.arithmetic import CSV_NAME, ROOM, own_output, per_channel, short, steps, torch_code, torch_output
from core.four_images.source import Integers
from core.four_images.workbook import batch_csv
from core.normalization import statistics


def test_numbers_are_substituted():
    x = np.array([[[[1.0]], [[3.0]]], [[[5.0]], [[-1.0]]]])
    written = steps(x, statistics(x, "ln"), (1, 1, 0, 0), gamma=2, beta=-0.5)
    mean, variance, normalized, output = (step.line for step in written)
    assert mean == r"$\displaystyle \mu = \frac{5 + (−1)}{2}$ $\displaystyle = 2$"
    assert r"\sigma^2 = \frac{(5 - 2)^2 + (−1 - 2)^2}{2}$ $\displaystyle = 9$" in variance
    assert r"\frac{−1 - 2}{\sqrt{9 + 0.00001}}$ $\displaystyle = −1$" in normalized
    assert r"\hat x + \beta$ $\displaystyle = 2 \cdot (−1) + (−0.5)$ $\displaystyle = −2.5$" in output
    assert [step.result for step in written] == ["2", "9", "−1", "−2.5"]
    assert [step.name for step in written] == ["Mean μ", "Variance σ²", "Normalized x̂", "Output y"]


@pytest.mark.parametrize("norm", SET_NORMS)
def test_every_cell_is_explained_by_its_own_set(norm):
    """Not by the first: by numbers of which no two sets have the same mean."""
    x = np.arange(96.0).reshape(4, 6, 2, 2) ** 1.5
    stats = statistics(x, norm, 3)
    first = "Mean μ" if NORMS[norm].centred else "Mean square"
    for cell in np.ndindex(x.shape):
        written = {step.name: step.result for step in steps(x, stats, cell)}
        own = x[stats.index == stats.index[cell]]
        assert written[first] == short(own.mean() if NORMS[norm].centred else np.square(own).mean())
        assert written["Normalized x̂"] == short(float(torch_output(x, norm, 3, *per_channel(6, 0, 1, 0))[cell]))
    assert len({float(m) for m in (stats.mean if NORMS[norm].centred else stats.var)}) == stats.count


def test_rms_has_no_mean_and_no_beta():
    x = np.array([[[[1.0]], [[-1.0]], [[5.0]], [[5.0]]]])
    written = steps(x, statistics(x, "rms"), (0, 1, 0, 0), gamma=2, beta=0.0)
    square, normalized, output = (step.line for step in written)
    assert square == r"$\displaystyle \overline{x^2} = \frac{1^2 + (−1)^2 + 5^2 + 5^2}{4}$ $\displaystyle = 13$"
    assert r"\frac{−1}{\sqrt{13 + 0.00001}}$ $\displaystyle = −0.27735$" in normalized
    assert (
        output == r"$\displaystyle y = \gamma\,\hat x$ $\displaystyle = 2 \cdot (−0.27735)$ $\displaystyle = −0.5547$"
    )


def test_a_substituted_mean_has_the_digits_of_the_mean():
    x = Integers(4).batch("bn", 1)
    written = steps(x, statistics(x, "bn"), (0, 0, 0, 0))
    assert written[0].result == "4.8125"
    assert r"(8 - 4.8125)^2" in written[1].line
    assert r"\frac{8 - 4.8125}" in written[2].line


def test_large_sets_are_shortened_but_counted():
    x = Integers(8, 4).batch("bn", 1)
    line = steps(x, statistics(x, "bn"), (0, 0, 0, 0))[0].line
    assert r"\dots" in line
    assert "}{64}" in line
    assert len(line) < 4 * ROOM


@pytest.mark.parametrize(
    ("value", "text"), [(3.0, "3"), (0.301511, "0.30151"), (-2.5, "−2.5"), (1234567.0, "1.2346e+6")]
)
def test_short(value, text):
    assert short(value) == text


@pytest.mark.parametrize("norm", SET_NORMS)
@pytest.mark.parametrize("shape", [(4, 2), (8, 4)])
def test_torch_agrees_and_the_code_prints_the_same(norm, shape, tmp_path, monkeypatch):
    x = Integers(*shape, seed=2).batch("bn", 1)
    cell = (2, 1, 1, 0)
    beta = -0.5 if NORMS[norm].shifts else 0.0
    gammas, betas = per_channel(shape[0], 1, 1.5, beta)
    stats = statistics(x, norm, 2)
    own = own_output(x, stats, gammas, betas)
    np.testing.assert_allclose(torch_output(x, norm, 2, gammas, betas), own, atol=1e-9)
    monkeypatch.chdir(tmp_path)
    (tmp_path / CSV_NAME).write_text(batch_csv(x, norm, 2))
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(torch_code(x, norm, 2, cell, 1.5, beta), {})
    assert float(printed.getvalue()) == pytest.approx(own[cell], abs=1e-9)


def test_where_torch_refuses_there_is_no_result():
    x = Integers(2, 1).batch("bn", 1)
    ones = per_channel(2, 0, 1, 0)
    assert torch_output(x, "in", 1, *ones) is None
    assert torch_output(x, "bn", 1, *ones) is not None


SMALL = np.array([0, 0.01, 0.02, 0.01]).reshape(4, 1, 1, 1)
"""A set whose variance, 5e-5, is as small as epsilon."""


@pytest.mark.parametrize(("eps", "x_hat"), [(1e-5, 1.291), (1e-3, 0.309), (1.0, 0.010), (1e-8, 1.414)])
def test_epsilon_goes_into_every_result(eps, x_hat):
    """0.01 / sqrt(5e-5 + eps): by the formulas, by torch, and by the code to copy."""
    cell = (2, 0, 0, 0)
    expected = 0.01 / np.sqrt(5e-5 + eps)
    assert expected == pytest.approx(x_hat, abs=5e-4)
    stats = statistics(SMALL, "bn")
    written = {step.name: step for step in steps(SMALL, stats, cell, eps=eps)}
    assert written["Normalized x̂"].result == short(expected)
    assert f"+ {eps:.8f}".rstrip("0").rstrip(".") + "}" in written["Normalized x̂"].line
    ones = per_channel(1, 0, 1.0, 0.0)
    assert torch_output(SMALL, "bn", 1, *ones, eps)[cell] == pytest.approx(expected, abs=1e-12)
    assert own_output(SMALL, stats, *ones, eps)[cell] == pytest.approx(expected, abs=1e-12)
    code = torch_code(SMALL, "bn", 1, cell, 1.0, 0.0, eps)
    assert ("layer.eps" in code) == (eps != 1e-5)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(code, {})
    assert float(printed.getvalue()) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("norm", SET_NORMS)
def test_epsilon_of_every_norm_is_that_of_torch(norm):
    x = Integers(4, 2, seed=2).batch("bn", 1) / 100
    ones = per_channel(4, 0, 1.0, 0.0)
    for eps in (1e-8, 1e-3, 1.0):
        own = own_output(x, statistics(x, norm, 2), *ones, eps)
        np.testing.assert_allclose(torch_output(x, norm, 2, *ones, eps), own, atol=1e-9)
