"""The study: which runs it has, and that a second start trains only what is missing."""

from __future__ import annotations

import shutil

from core.cli import parser as cli
from core.cli import training as cli_training
from core.config import RunConfig
from core.config import races as study_races
from core.model import fastest_precision
from core.records import store as runs


def test_the_methods_and_their_seeds():
    races = study_races()
    assert [len(race) for race in races] == [3] * 16 + [1] * 5  # the last ones of BN alone
    assert all(len({config.seed for config in race}) == 1 for race in races)
    every = [config for race in races for config in race]
    assert len({config.run_id for config in every}) == 53
    seeds: dict[str, list[int]] = {}
    for config in every:
        seeds.setdefault(config.label, []).append(config.seed)
    eight, five, three = list(range(8)), list(range(5)), list(range(3))
    assert seeds == {
        "BN + L1": eight,
        "GN (4)": eight,
        "LN": eight,
        "GN (4) + L1": five,
        "LN + L2": five,
        "BN + L1 + L2": five,
        "BN": eight,
        "IN": three,
        "no norm": three,
    }
    assert {config.epochs for config in every} == {20}
    assert {(config.l1, config.l2) for config in every} == {(1e-4, 0), (0, 0), (0, 2.5e-4), (1e-4, 2.5e-4)}
    assert {config.dataset for race in study_races(dataset="digits") for config in race} == {"digits"}


def test_a_second_start_trains_what_is_missing(tmp_path, capsys, monkeypatch):
    config = {"dataset": "digits", "epochs": 1, "batch_size": 512, "precision": fastest_precision()}
    pair = (RunConfig(norm="ln", **config), RunConfig(norm="bn", **config))
    monkeypatch.setattr(cli_training, "study_races", lambda **_: [pair[:1], pair])
    assert cli.main(["study", "--threads", "1", "--out", str(tmp_path)]) == 0
    assert [line.split(":")[0] for line in capsys.readouterr().out.splitlines()] == ["LN", "BN"]
    assert {folder.name for folder in tmp_path.iterdir()} == {c.run_id for c in pair}
    assert all(runs.load(folder).status == "complete" for folder in tmp_path.iterdir())
    assert cli.main(["study", "--threads", "1", "--out", str(tmp_path)]) == 0
    assert capsys.readouterr().out == ""


def test_a_second_start_takes_the_threads_of_the_whole_race(tmp_path, capsys, monkeypatch):
    """Another number is as another seed: it must not depend on how many variants are there already."""
    config = {"dataset": "digits", "epochs": 1, "batch_size": 512, "precision": fastest_precision()}
    three = tuple(RunConfig(norm=norm, **config) for norm in ("ln", "bn", "in"))
    monkeypatch.delenv("OMP_NUM_THREADS")
    monkeypatch.setattr("core.jobs.cores.cores", lambda: 6)
    alone = RunConfig(norm="bn", seed=1, **config)  # and on whether the study has others with its seed
    monkeypatch.setattr(cli_training, "study_races", lambda **_: [three, (alone,)])
    assert cli.main(["study", "--out", str(tmp_path)]) == 0
    assert runs.load(tmp_path / alone.run_id).environment["threads"] == 2
    first = {c.norm: runs.load(tmp_path / c.run_id) for c in three}
    shutil.rmtree(tmp_path / three[0].run_id)
    assert cli.main(["study", "--out", str(tmp_path)]) == 0
    again = runs.load(tmp_path / three[0].run_id)
    assert again.environment["threads"] == first["ln"].environment["threads"] == 2
    assert [row.test_loss for row in again.epochs] == [row.test_loss for row in first["ln"].epochs]


def test_the_study_has_seeds_of_its_own(capsys):
    assert cli.main(["study", "--seed", "3"]) == 2
    assert "the study has seeds of its own" in capsys.readouterr().err
