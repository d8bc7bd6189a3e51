"""Trials side by side in real threads: their table, their progress, and every way in which they end."""

from __future__ import annotations

import threading
import time

import pytest
import torch

from core.config import RunConfig
from core.data.download import DataError
from core.experiments.experiment import QUICK_SEEDS, Trial
from core.experiments.sweep import Sweep, seconds_expected, weights
from core.experiments.table import Done, Table
from core.jobs.queue import RaceRegistry
from tests.core.jobs.test_queue import PATIENCE, config
from tests.toy_experiment import SIZES, Toy, error, experiment, list_them


@pytest.fixture
def toy():
    return Toy()


@pytest.fixture
def trials(toy, monkeypatch):
    made = experiment(toy=toy)
    list_them(monkeypatch, made)
    return made.units(QUICK_SEEDS, quick=True)


def known(trials, *seconds) -> Table:
    """An earlier table of these trials, which took so long."""
    return Table("toy", True, {trial.key: Done((), s) for trial, s in zip(trials, seconds, strict=True)})


def when(holds):
    """Wait until something holds."""
    pause = threading.Event()
    for _ in range(int(PATIENCE / 0.01)):
        if holds():
            return
        pause.wait(0.01)
    raise AssertionError("it never held")


def test_every_trial_is_in_the_table_in_their_order_whatever_order_they_ended_in(toy, trials, few):
    first_waits = threading.Event()

    def act(settings, tell):
        if settings.batch_size == SIZES[0]:
            assert first_waits.wait(PATIENCE)
        elif settings.batch_size == SIZES[-1]:
            first_waits.set()

    toy.act = act
    sweep = Sweep(trials, at_once=2)
    assert sweep.snapshot().status == "preparing"  # its data are not there yet
    last = sweep.train({"digits": few})
    assert (last.status, last.message, last.share, last.done, last.total) == ("complete", "", 1.0, 3, 3)
    assert [row["size"] for row in last.table.rows] == list(SIZES)
    assert [row["error"] for row in last.table.rows] == [error(size, 0) for size in SIZES]
    assert last.table.quick
    assert list(last.table.done) == [trial.key for trial in trials]
    assert len(toy.threads) == 2
    assert sweep.snapshot() == last


def test_each_trial_has_one_torch_thread_and_denormals_off_as_on_the_command_line(toy, trials, few):
    seen = []
    toy.act = lambda settings, tell: seen.append((torch.get_num_threads(), float(torch.tensor(1e-39) * 1)))
    Sweep(trials, at_once=2).train({"digits": few})
    assert seen == [(1, 0.0)] * 3


def test_progress_counts_trials_by_the_seconds_that_they_took_before(toy, trials, few):
    told, go = threading.Semaphore(0), threading.Event()

    def act(settings, tell):
        tell(0.5)
        told.release()
        assert go.wait(PATIENCE)

    now = [100.0]
    toy.act = act
    sweep = Sweep(trials, known=known(trials, 6.0, 3.0, 1.0), at_once=1, clock=lambda: now[0])
    assert (sweep.snapshot().expected, sweep.snapshot().remaining) == (10.0, 10.0)
    thread = threading.Thread(target=sweep.train, args=({"digits": few},))
    thread.start()
    assert told.acquire(timeout=PATIENCE)
    now[0] = 104.0
    seen = sweep.snapshot()
    assert (seen.status, seen.done, seen.elapsed) == ("running", 0, 4.0)
    assert seen.share == pytest.approx(0.3)
    assert seen.remaining == pytest.approx(4.0 * 0.7 / 0.3)
    go.set()
    thread.join(PATIENCE)
    assert sweep.snapshot().remaining is None


def test_what_is_known_to_be_expected_counts_before_the_seconds_of_the_trials(trials):
    assert Sweep(trials, known=known(trials, 6.0, 3.0, 1.0), expected=40.0).snapshot().remaining == 40.0


def test_without_an_earlier_table_all_trials_count_alike_and_nothing_is_expected(trials):
    sweep = Sweep(trials, at_once=2)
    assert weights(trials, None) == {trial.key: 1 / 3 for trial in trials}
    assert (sweep.snapshot().expected, sweep.snapshot().remaining) == (None, None)
    other = Table("toy", True, {trials[0].key: Done((), 1.0)})
    assert seconds_expected(trials, other, 2) is None
    assert weights(trials, other) == weights(trials, None)


@pytest.mark.parametrize(("at_once", "seconds"), [(1, 10.0), (2, 6.0), (3, 6.0)])
def test_what_is_expected_is_no_less_than_the_longest_trial(trials, at_once, seconds):
    assert seconds_expected(trials, known(trials, 6.0, 3.0, 1.0), at_once) == seconds


def test_a_stop_ends_trials_in_the_middle_and_keeps_what_is_through(toy, trials, few):
    stopped = threading.Event()

    def act(settings, tell):
        if settings.batch_size == SIZES[1]:
            stopped.set()
            while True:  # only the telling ends it
                tell(0.1)
                time.sleep(0.001)

    toy.act = act
    sweep = Sweep(trials, at_once=1)
    thread = threading.Thread(target=sweep.train, args=({"digits": few},))
    thread.start()
    assert stopped.wait(PATIENCE)
    assert not sweep.snapshot().stopping
    sweep.cancel()
    thread.join(PATIENCE)
    last = sweep.snapshot()
    assert (last.status, last.message, last.done) == ("interrupted", "", 1)
    assert last.share == pytest.approx(1 / 3)
    assert toy.came == list(SIZES[:2])
    assert [t.name for t in threading.enumerate() if t.name.startswith(f"normlens-{sweep.sweep_id}")] == []


def test_a_stop_before_its_turn_ends_it_at_once(toy, trials, few):
    sweep = Sweep(trials)
    sweep.cancel()
    assert (sweep.snapshot().status, sweep.snapshot().message) == ("interrupted", "stopped before it began")
    assert sweep.prepare(lambda name, progress: (few, "")) is None
    assert sweep.train({"digits": few}).status == "interrupted"
    assert toy.came == []


def test_a_trial_that_breaks_fails_the_sweep_and_is_told_to_the_log_alone(toy, trials, few, caplog):
    def act(settings, tell):
        if settings.batch_size == SIZES[1]:
            raise RuntimeError("surprise in /opt/somebody")

    toy.act = act
    last = Sweep(trials, at_once=1).train({"digits": few})
    assert (last.status, last.message) == ("failed", "a trial stopped on an error of the server; its log says more")
    assert last.done >= 1
    assert "surprise" in caplog.text


def test_a_deadline_ends_it(toy, trials, few):
    now = [0.0]

    def act(settings, tell):
        now[0] += 60
        while settings.batch_size == SIZES[1]:
            tell(0.5)
            time.sleep(0.001)

    toy.act = act
    last = Sweep(trials, at_once=1, deadline=90, clock=lambda: now[0]).train({"digits": few})
    assert (last.status, last.message) == ("interrupted", "stopped at the time limit of 90 seconds")
    assert last.done == 1


def test_other_data_than_those_of_the_experiment_are_none(trials, few):
    sweep = Sweep(trials)
    assert sweep.prepare(lambda name, progress: (few, "")) == {"digits": few}
    assert sweep.snapshot().status == "queued"

    def missing(name, progress):
        raise DataError("The data are not there.")

    lost = Sweep(trials)
    assert lost.prepare(missing) is None
    assert (lost.snapshot().status, lost.snapshot().message) == ("failed", "The data are not there.")


def test_a_data_set_in_the_place_of_another_fails_it_with_the_reason(monkeypatch, few):
    made = experiment(trials=lambda seeds, quick: [RunConfig(norm="bn", dataset="mnist", seed=seed) for seed in seeds])
    list_them(monkeypatch, made)
    sweep = Sweep(made.units(QUICK_SEEDS, quick=True))
    assert sweep.prepare(lambda name, progress: (few, "MNIST is not there.")) is None
    assert (sweep.snapshot().status, sweep.snapshot().message) == ("failed", "MNIST is not there.")


def test_a_sweep_is_of_one_experiment(trials):
    with pytest.raises(ValueError, match="one experiment"):
        Sweep([])
    with pytest.raises(ValueError, match="one experiment"):
        Sweep([*trials, Trial("other", trials[0].settings)])


def test_the_queue_gives_a_sweep_its_turn_among_races_and_counts_it_for_its_owner(toy, trials, few, store):
    go, began = threading.Event(), threading.Event()

    def act(settings, tell):
        began.set()
        assert go.wait(PATIENCE)

    toy.act = act
    registry = RaceRegistry(store, lambda name, progress: (few, ""), threads=1)
    try:
        sweep = registry.enter(Sweep(trials, at_once=1), owner="me")
        assert began.wait(PATIENCE)
        race = registry.submit([config()], owner="me")
        when(lambda: registry.snapshot(race).position == 1)
        waiting = registry.enter(Sweep(trials, known=known(trials, 6.0, 3.0, 1.0), at_once=1), owner="me")
        when(lambda: registry.job(waiting).position == 2)
        assert registry.busy() == 3
        # what is asked for as a race is one
        assert registry.snapshot(sweep) is registry.watch("") is registry.watch(sweep) is None
        assert [job.race_id for job in registry.owned("me")] == [race]
        assert registry.running() == ""
        registry.cancel(waiting, 0)  # a sweep has no variants
        assert not registry.job(waiting).ended
        registry.cancel(waiting)
        assert registry.job(waiting).status == "interrupted"
        go.set()
        when(lambda: registry.job(sweep).ended)
        assert registry.job(sweep).status == "complete"
        assert registry.job(sweep).table.mean("error", size=32) == error(32, 0)
        when(lambda: registry.snapshot(race).ended)
        assert registry.rate is not None
        assert [type(job).__name__ for job in registry.jobs()] == ["SweepSnapshot", "RaceSnapshot", "SweepSnapshot"]
    finally:
        registry.close()


def test_the_wait_behind_a_sweep_is_told(toy, trials, few, store):
    go, began = threading.Event(), threading.Event()

    def act(settings, tell):
        began.set()
        assert go.wait(PATIENCE)

    toy.act = act
    registry = RaceRegistry(store, lambda name, progress: (few, ""), threads=1, clock=lambda: 0.0)
    try:
        registry.enter(Sweep(trials, known=known(trials, 6.0, 3.0, 1.0), at_once=1, clock=lambda: 0.0))
        assert began.wait(PATIENCE)
        race = registry.submit([config()])
        when(lambda: registry.snapshot(race).position == 1)
        assert registry.snapshot(race).expected_wait == 10.0
        go.set()
    finally:
        registry.close()


def test_closing_the_queue_ends_a_sweep_in_the_middle(toy, trials, few, store):
    began = threading.Event()

    def act(settings, tell):
        began.set()
        while True:
            tell(0.1)
            time.sleep(0.001)

    toy.act = act
    registry = RaceRegistry(store, lambda name, progress: (few, ""), threads=1)
    sweep = registry.enter(Sweep(trials, at_once=2))
    assert began.wait(PATIENCE)
    registry.close()
    assert registry.job(sweep).status == "interrupted"
    assert [t.name for t in threading.enumerate() if t.name.startswith("normlens")] == []
