"""The lab's configuration: what it refuses, and its one form."""

import pytest

from core.config import ConfigError
from core.experiments.settings import LabConfig


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"norm": "batch"}, "norm='batch' is unknown; use one of bn"),
        ({"dataset": "cifar"}, "dataset='cifar' is unknown; use one of mnist"),
        ({"order": "sorted"}, "order='sorted' is unknown; use one of random, one class"),
        ({"decay": "linear"}, "decay='linear' is unknown; use one of none, cosine"),
        ({"initialization": "xavier"}, "initialization='xavier' is unknown; use one of torch, he"),
        ({"depth": 4}, "depth=4 is out of range; use 5 to 40"),
        ({"depth": 41}, "depth=41 is out of range; use 5 to 40"),
        ({"images": 9}, "images=9 is out of range; use 10 to 60000"),
        ({"lr": 0}, "lr=0 is out of range; use 1e-06 to 100"),
        ({"lr": float("nan")}, "lr=nan is out of range"),
        ({"momentum": 1.5}, "momentum=1.5 is out of range; use 0 to 1"),
        ({"batch_size": 0}, "batch_size=0 is out of range; use 1 to 1000"),
        ({"norm": "gn", "groups": 3}, "groups=3 does not divide 16 channels"),
        ({"norm": "ln", "ghost": 4}, "ghost=4 needs a norm whose sets cross images; use bn, or ghost=0"),
    ],
)
def test_refuses(values, message):
    with pytest.raises(ConfigError, match=message):
        LabConfig(**{"norm": "bn", **values})


def test_groups_have_one_form_where_they_do_not_apply():
    assert LabConfig(norm="ln", groups=8) == LabConfig(norm="ln", groups=2)
    assert LabConfig(norm="gn", groups=8) != LabConfig(norm="gn", groups=2)


def test_labels_are_those_of_legends():
    assert [LabConfig(norm=norm).label for norm in ("bn", "gn", "none")] == ["BN", "GN (4)", "no norm"]
