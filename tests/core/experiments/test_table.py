"""The table of an experiment: what is read from it, and its file, which may come from a stranger."""

import json
import math

import pytest

from core.config import RunConfig
from core.experiments import table as tables
from core.experiments.experiment import Trial
from core.experiments.settings import LabConfig
from core.experiments.table import Done, Table, TableError, decode, load, save

FIRST, SECOND = (Trial("light", LabConfig(norm="bn", lr=1e-4, seed=seed)) for seed in (3, 4))


def rows(seed: int, *errors: float | None):
    return tuple({"seed": seed, "norm": "bn", "share": 10 * i, "error": error} for i, error in enumerate(errors))


TABLE = Table(
    "light", False, {FIRST.key: Done(rows(3, 0.5, 2.5), 1.25), SECOND.key: Done(rows(4, 1.5, None, math.nan), 2.5)}
)


def test_what_all_trials_come_to():
    assert [(row["seed"], row["share"]) for row in TABLE.rows] == [(3, 0), (3, 10), (4, 0), (4, 10), (4, 20)]
    assert TABLE.seconds == 3.75
    assert TABLE.seeds == [3, 4]
    assert Table("light", True).rows == [] == Table("light", True).seeds


def test_one_value_a_seed():
    assert TABLE.by_seed("error", share=0) == {3: 0.5, 4: 1.5}
    assert TABLE.by_seed("error", share=10) == {3: 2.5}  # of seed 4 there is none
    assert TABLE.by_seed("error", share=10, norm="gn") == {}
    assert TABLE.by_seed("error", share=0, epoch=1) == {}  # a column that no row has
    assert TABLE.by_seed("loss", share=0) == {}
    assert TABLE.mean("error", share=0) == 1.0
    with pytest.raises(LookupError, match=r"no row has error where \{'share': 30\}"):
        TABLE.mean("error", share=30)
    with pytest.raises(LookupError, match=r"seed 3 has several rows where \{'norm': 'bn'\}"):
        TABLE.by_seed("error", norm="bn")


def test_a_difference_is_of_the_seeds_that_have_both():
    assert TABLE.difference("error", {"share": 10}, {"share": 0}) == {3: 2.0}
    assert TABLE.difference("error", {"share": 0}, {"share": 0}) == {3: 0.0, 4: 0.0}


def test_the_different_values_of_a_column():
    assert TABLE.distinct("share") == [0, 10, 20]
    assert TABLE.distinct("share", seed=3) == [0, 10]
    assert TABLE.distinct("epoch") == []


def test_what_is_not_done():
    others = [Trial("light", LabConfig(norm="bn", lr=1e-4, seed=seed)) for seed in (5, 4, 3)]
    assert [trial.settings.seed for trial in TABLE.missing(others)] == [5]
    assert TABLE.missing([FIRST, SECOND]) == []
    # one field more or less is another trial
    assert TABLE.missing([Trial("light", LabConfig(norm="bn", lr=2e-4, seed=3))]) != []


def test_round_trip(tmp_path):
    path = save(TABLE, tmp_path / "new" / "folder")
    assert path == tmp_path / "new" / "folder" / "light.json"
    found = load(path)
    assert (found.experiment, found.quick, list(found.done)) == ("light", False, [FIRST.key, SECOND.key])
    assert found.done[FIRST.key] == TABLE.done[FIRST.key]
    assert found.done[SECOND.key].rows == rows(4, 1.5, None, None)  # JSON has no nan
    assert found.done[SECOND.key].seconds == 2.5
    assert save(found, tmp_path).read_bytes() == path.read_bytes()
    assert [entry.name for entry in path.parent.iterdir()] == ["light.json"]  # nothing is left beside it


def test_an_interrupted_sweep_goes_on_where_it_stopped(tmp_path):
    kept = load(save(Table("light", False, {FIRST.key: TABLE.done[FIRST.key]}), tmp_path))
    assert kept.missing([FIRST, SECOND]) == [SECOND]
    whole = Table(kept.experiment, kept.quick, {**kept.done, SECOND.key: TABLE.done[SECOND.key]})
    assert load(save(whole, tmp_path)).missing([FIRST, SECOND]) == []


def test_an_empty_table_can_be_kept(tmp_path):
    assert load(save(Table("light", True), tmp_path)) == Table("light", True)


def test_a_settings_text_of_any_language_names_the_same_trial(tmp_path):
    key = json.dumps({"b": "ä\u2028", "a": [1.0, None]}, sort_keys=True, separators=(",", ":"))
    assert list(load(save(Table("light", True, {key: Done((), 0.0)}), tmp_path)).done) == [key]


def content(**changes) -> bytes:
    trial = {"settings": {"seed": 0}, "seconds": 1.5, "rows": [{"seed": 0, "error": 1, "norm": "bn", "on": True}]}
    whole = {"schema": 1, "experiment": "light", "quick": True, "trials": [trial]}
    for name, value in changes.items():
        target = trial if name in trial else whole
        if value is KeyError:
            del target[name]
        else:
            target[name] = value
    return json.dumps(whole).encode()


def test_the_hostile_ones_start_from_one_that_is_read():
    assert decode(content()).done['{"seed":0}'].rows == ({"seed": 0, "error": 1, "norm": "bn", "on": True},)


NO_SCHEMA, NO_HEAD = "field 'schema' is not 1", "fields 'experiment', 'quick' and 'trials' are not"
NO_ROWS, NO_SECONDS = "field 'rows' is not a list of rows of plain values", "field 'seconds' is "


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "this is no JSON"),
        (b"\xff\xfe\xfd", "this is no JSON"),
        (b"{'schema': 1}", "this is no JSON"),
        (b"[" * 100_000 + b"]" * 100_000, "this is no JSON"),
        (b"[1]", NO_SCHEMA),
        (b"null", NO_SCHEMA),
        (content(schema=KeyError), NO_SCHEMA),
        (content(schema=2), NO_SCHEMA),
        (content(schema="1"), NO_SCHEMA),
        (content(experiment=KeyError), NO_HEAD),
        (content(experiment=7), NO_HEAD),
        (content(quick=1), NO_HEAD),
        (content(quick=None), NO_HEAD),
        (content(trials={}), NO_HEAD),
        (content(trials=KeyError), NO_HEAD),
        (content(trials=[1]), "a trial has no settings"),
        (content(trials=[{}]), "a trial has no settings"),
        (content(settings=[1]), "a trial has no settings"),
        (content(settings={"lr": math.nan}), "the settings of a trial hold a number that is none"),
        (content(settings={"lr": [math.inf]}), "the settings of a trial hold a number that is none"),
        (content(seconds=KeyError), f"{NO_SECONDS}None"),
        (content(seconds="1"), f"{NO_SECONDS}'1'"),
        (content(seconds=True), f"{NO_SECONDS}True"),
        (content(seconds=-1), f"{NO_SECONDS}-1"),
        (content(seconds=math.nan), f"{NO_SECONDS}nan"),
        (content(seconds=1e9), f"{NO_SECONDS}1000000000.0"),
        (content(seconds=10**400), NO_SECONDS),
        (content(rows=KeyError), NO_ROWS),
        (content(rows={}), NO_ROWS),
        (content(rows=[[0]]), NO_ROWS),
        (content(rows=[{"error": 1}]), NO_ROWS),
        (content(rows=[{"seed": 0.0}]), NO_ROWS),
        (content(rows=[{"seed": "0"}]), NO_ROWS),
        (content(rows=[{"seed": None}]), NO_ROWS),
        (content(rows=[{"seed": True}]), NO_ROWS),
        (content(rows=[{"seed": 10**400}]), NO_ROWS),
        (content(rows=[{"seed": 0, "error": 10**400}]), NO_ROWS),
        (content(rows=[{"seed": 0, "error": math.nan}]), NO_ROWS),
        (content(rows=[{"seed": 0, "error": -math.inf}]), NO_ROWS),
        (content(rows=[{"seed": 0, "error": [1]}]), NO_ROWS),
        (content(rows=[{"seed": 0, "error": {}}]), NO_ROWS),
        (content().replace(b"1.5", b"1e999"), f"{NO_SECONDS}inf"),
        (content().replace(b'"error": 1', b'"error": 1e999'), NO_ROWS),
        (content().replace(b'"error": 1', b'"error": ' + b"9" * 5000), "this is no JSON"),
    ],
)
def test_a_table_of_a_stranger(tmp_path, data, message):
    """Each wrong field is named, with the file, on one line that a person can read."""
    path = tmp_path / "light.json"
    path.write_bytes(data)
    with pytest.raises(TableError) as caught:
        load(path)
    assert str(path) in str(caught.value)
    assert message in str(caught.value)
    assert len(str(caught.value)) < 500
    assert "\n" not in str(caught.value)


def test_nothing_that_is_read_breaks_what_asks_for_it():
    found = decode(content(rows=[{"seed": 0, "error": 10**299}]))
    assert found.by_seed("error") == {0: 1e299}


def test_limits(tmp_path, monkeypatch):
    path = save(TABLE, tmp_path)
    for name, most, message in (
        ("MOST_BYTES", path.stat().st_size, f"larger than {path.stat().st_size - 1:,} bytes"),
        ("MOST_TRIALS", 2, "more than 1 trials"),
        ("MOST_ROWS", 5, "more than 4 rows"),
    ):
        with monkeypatch.context() as limit:
            limit.setattr(tables, name, most)
            assert load(path).experiment == "light"
            limit.setattr(tables, name, most - 1)
            with pytest.raises(TableError, match=message):
                load(path)


def test_no_file_is_told_apart(tmp_path):
    with pytest.raises(FileNotFoundError):
        load(tmp_path / "light.json")


def test_settings_that_are_no_training_have_keys_too():
    run = RunConfig(norm="ln", seed=2)
    assert json.loads(Trial("x", run).key)["seed"] == 2
