"""What the data do to a race: they come late, not at all, too few, or as another set."""

from __future__ import annotations

from core.config import ConfigError, preset
from core.data.download import DataError
from core.jobs.race import Race
from tests.core.jobs.test_race import config, given


def test_a_race_stopped_while_its_data_come_never_trains(few):
    race = Race([config()])

    def load(name, progress):
        progress(12_345)
        assert (race.snapshot().status, race.snapshot().downloaded) == ("preparing", 12_345)
        race.cancel()
        assert (race.snapshot().status, race.snapshot().message) == (
            "interrupted",
            "stopped before it began",
        )  # at once
        return few, ""

    last = race.run(load)
    assert (last.status, last.message, last.variants[0].epoch) == ("interrupted", "stopped before it began", 0)


def test_a_race_that_was_stopped_does_not_complain_of_its_data():
    race = Race([config()])

    def load(name, progress):
        race.cancel()
        raise DataError("MNIST is not there.")

    last = race.run(load)
    assert (last.status, last.message) == ("interrupted", "stopped before it began")


def test_data_that_cannot_be_had_fail_the_race_in_words():
    def load(name, progress):
        raise DataError("MNIST is not there.")

    race = Race([config()])
    last = race.run(load)
    assert (last.status, last.message) == ("failed", "MNIST is not there.")
    assert isinstance(race.error, DataError)
    assert last.variants[0].ended


def test_a_batch_larger_than_the_data_fails_before_anything_trains(few):
    race = Race([config(), config("ln", batch_size=129)])
    last = race.run(given(few))
    assert last.status == "failed"
    assert last.message == "batch_size=129 is larger than the 128 training images of digits; use 128 or fewer"
    assert isinstance(race.error, ConfigError)
    assert [v.epoch for v in last.variants] == [0, 0]


def test_other_data_than_asked_for_change_config_and_name(few, store):
    asked = preset("assignment", epochs=1, batch_size=64)
    race = Race(asked, store=store, threads=1)
    last = race.run(given(few, "MNIST is not there. The race goes on with digits."))
    assert last.note == "MNIST is not there. The race goes on with digits."
    assert [v.config.dataset for v in last.variants] == ["digits"] * 3
    assert [v.status for v in last.variants] == ["complete"] * 3
    kept = {r.run_id for r in store.summaries()[0]}
    assert kept == {v.run_id for v in last.variants}
    assert kept.isdisjoint(c.run_id for c in asked)  # nothing is kept under MNIST's name
