"""The learning rate that goes with a batch size."""

from __future__ import annotations

import pytest

from core.jobs.scaling import scaled


@pytest.mark.parametrize(
    ("batch_size", "rate"), [(1, 0.00078125), (2, 0.0015625), (64, 0.05), (128, 0.1), (256, 0.2), (1024, 0.8)]
)
def test_in_proportion_to_the_batch(batch_size, rate):
    assert scaled(0.1, batch_size) == pytest.approx(rate, rel=1e-15)
