from __future__ import annotations

import pytest

from core.config import ConfigError, RunConfig, preset
from core.jobs.limits import Limits, limits


def test_defaults_and_the_environment(monkeypatch):
    assert limits() == Limits()
    monkeypatch.setenv("NORMLENS_MAX_EPOCHS", "40")
    monkeypatch.setenv("NORMLENS_MAX_VARIANTS", "-1")
    monkeypatch.setenv("NORMLENS_RACE_MINUTES", "soon")
    assert limits() == Limits(max_epochs=40)


@pytest.mark.parametrize(
    ("text", "limit"), [("7", 7), ("0", 60), ("-3", 60), ("many", 60), ("²", 60), ("", 60)], ids=repr
)
def test_only_a_whole_number_above_0_sets_a_limit(monkeypatch, text, limit):
    monkeypatch.setenv("NORMLENS_KEEP_RUNS", text)
    assert limits().keep_runs == limit


@pytest.mark.parametrize(
    ("configs", "message"),
    [
        ([], "0 variants; a race has from 1 to 5"),
        ([RunConfig(norm="ln", seed=i) for i in range(6)], "6 variants; a race has from 1 to 5"),
        ([RunConfig(norm="ln", epochs=51)], "epochs=51 is more than this server allows; use 50"),
    ],
)
def test_more_than_the_server_allows_is_refused(configs, message):
    with pytest.raises(ConfigError, match=message):
        Limits().check(configs)


def test_the_presets_are_allowed():
    for name in ("assignment", "session6", "all"):
        Limits().check(preset(name, epochs=50))
