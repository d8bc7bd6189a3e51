"""Words for settings."""

from __future__ import annotations

import pytest

from core.config import RunConfig
from core.labels import settings


@pytest.mark.parametrize(
    ("seeds", "said"),
    [
        ((3,), "seed 0"),
        ((0, 1), "seeds 0, 1"),
        ((0, 1, 2), "seeds 0 to 2"),
        (range(8), "seeds 0 to 7"),
        ((0, 2, 3), "seeds 0, 2, 3"),
        ((2, 1, 0), "seeds 2, 1, 0"),
        ((4, 5, 6), "seeds 4 to 6"),
    ],
)
def test_seeds_that_follow_each_other_are_said_in_short(seeds, said):
    assert said in settings(RunConfig(norm="ln"), seeds)
