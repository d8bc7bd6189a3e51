"""The queue of races whose data are at hand: order, places, stopping, failures."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
import torch

from core.config import ConfigError, RunConfig
from core.data.download import DataError
from core.jobs import supply
from core.jobs.limits import Limits
from core.jobs.queue import BusyError, RaceRegistry
from core.training.events import EpochDone
from tests.acting import after_events

PATIENCE = 60.0


def config(norm="ln", **values) -> RunConfig:
    return RunConfig(**{"norm": norm, "dataset": "digits", "epochs": 1, "batch_size": 64, **values})


def ended(registry, race_id):
    """Wait for the end of a race and return its last snapshot."""
    return when(registry, race_id, lambda race: race.ended)


def when(registry, race_id, holds):
    """Wait until something holds for the snapshot of a race, and return it."""
    pause = threading.Event()
    for _ in range(int(PATIENCE / 0.02)):
        snapshot = registry.snapshot(race_id)
        if holds(snapshot):
            return snapshot
        pause.wait(0.02)
    raise AssertionError(f"the race is {snapshot}")


def lined_up(registry, count, first=0, **named):
    """Submit races with the seeds from ``first`` on, each once the data of the one before are there."""
    ids = []
    for seed in range(first, first + count):
        ids.append(registry.submit([config(seed=seed)], **named))
        when(registry, ids[-1], lambda race: race.status == "running" or race.position)
    return ids


def test_one_race_runs_and_the_others_wait_their_turn(registry, gate, store):
    ids = lined_up(registry, 3)
    gate.wait()
    assert [registry.snapshot(i).position for i in ids] == [0, 1, 2]
    assert [registry.snapshot(i).status for i in ids] == ["running", "queued", "queued"]
    assert registry.busy() == 3
    gate.go.release()
    assert ended(registry, ids[0]).status == "complete"
    gate.wait()  # the second has begun
    assert [registry.snapshot(i).position for i in ids] == [0, 0, 1]
    assert registry.busy() == 2
    gate.go.release()
    gate.go.release()
    assert [ended(registry, i).status for i in ids] == ["complete"] * 3
    order = sorted(store.summaries()[0], key=lambda r: (store.root / r.run_id / "run.json").stat().st_mtime_ns)
    assert [r.config.seed for r in order] == [0, 1, 2]


def test_ids_are_random_and_unknown_ones_give_none(registry, gate):
    one, other = registry.submit([config()]), registry.submit([config()])
    assert one != other
    assert len(one) == 16
    assert registry.snapshot("0" * 16) is None
    assert registry.snapshot("../x") is None
    registry.cancel("0" * 16)  # no error


def test_bad_variants_are_refused_at_once(registry):
    with pytest.raises(ConfigError, match="two variants are the same run"):
        registry.submit([config(), config()])
    assert registry.busy() == 0


def test_a_waiting_race_can_be_stopped_and_the_queue_closes_up(registry, gate):
    ids = lined_up(registry, 3)
    gate.wait()
    registry.cancel(ids[1])
    stopped = registry.snapshot(ids[1])
    assert (stopped.status, stopped.message, stopped.position) == ("interrupted", "stopped before it began", 0)
    assert registry.snapshot(ids[2]).position == 1
    gate.go.release()
    gate.go.release()
    assert [ended(registry, i).status for i in ids] == ["complete", "interrupted", "complete"]
    assert gate.came == [0, 2]


def test_the_servers_limits_reach_a_race(registry):
    with pytest.raises(ConfigError, match="epochs=51 is more than this server allows; use 50"):
        registry.submit([config(epochs=51)])
    assert registry.busy() == 0


def test_a_race_ends_at_the_servers_time_limit(store, few, monkeypatch):
    monkeypatch.setenv("NORMLENS_RACE_MINUTES", "7")
    now = [0.0]

    def seven_minutes_an_epoch(training, event):
        if isinstance(event, EpochDone):
            now[0] += 7 * 60

    registry = RaceRegistry(
        store,
        lambda name, progress: (few, ""),
        threads=1,
        start=after_events(seven_minutes_an_epoch),
        clock=lambda: now[0],
    )
    monkeypatch.setenv("NORMLENS_MAX_EPOCHS", "1000")
    try:
        last = ended(registry, registry.submit([config(epochs=1000)]))
    finally:
        registry.close()
    assert (last.status, last.message) == ("interrupted", "stopped at the time limit of 420 seconds")
    assert 0 < len(last.variants[0].rows) < 1000


def test_a_finished_race_gives_the_rate(registry, gate):
    race_id = registry.submit([config(), config("bn")])
    gate.go.release()
    gate.go.release()
    ended(registry, race_id)
    registry.close()  # joined, so it has measured
    elapsed = registry.snapshot(race_id).elapsed
    assert registry.estimate([config(epochs=3)]) == pytest.approx(3 / 2 * elapsed)
    assert registry.estimate([config(epochs=3, batch_size=2)]) is None  # which would take many times as long


def test_a_race_without_an_epoch_gives_no_rate(store, few):
    """All variants may diverge in their first epoch: then nothing was measured, and nothing is divided by it."""

    def broken(training, event):
        with torch.no_grad():
            training.model.head.bias.fill_(float("nan"))

    registry = RaceRegistry(store, lambda name, progress: (few, ""), threads=1, start=after_events(broken))
    try:
        last = ended(registry, registry.submit([config()]))
    finally:
        registry.close()
    assert (last.status, [v.status for v in last.variants]) == ("complete", ["diverged"])
    assert registry.estimate([config()]) is None


def test_a_running_race_can_be_stopped_whole_or_in_part(registry, gate, monkeypatch):
    monkeypatch.setenv("NORMLENS_MAX_EPOCHS", "1000")
    race_id = registry.submit([config(epochs=1000), config("bn", epochs=1000)])
    after = registry.submit([config()])
    for _ in range(3):  # two variants, and the race after them
        gate.go.release()
    registry.cancel(race_id, 1)
    seen = when(registry, race_id, lambda race: race.variants[1].ended)
    assert (seen.variants[1].status, seen.status) == ("interrupted", "running")
    registry.cancel(race_id)
    last = ended(registry, race_id)
    assert [v.status for v in last.variants] == ["interrupted"] * 2
    assert ended(registry, after).status == "complete"


def test_a_full_queue_says_so(registry, gate):
    registry.submit([config()])
    gate.wait()
    waiting = Limits().max_waiting
    ids = [registry.submit([config(seed=i)], owner=f"session {i}") for i in range(waiting)]
    with pytest.raises(BusyError, match=f"{waiting} others are waiting already; try again in a few minutes"):
        registry.submit([config()])
    for race_id in ids:
        registry.cancel(race_id)
    assert registry.submit([config()])


def test_a_loader_that_breaks_fails_its_race_and_the_queue_goes_on(store, few, caplog):
    answers = iter([RuntimeError("surprise"), (few, "")])

    def load(name, progress):
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    registry = RaceRegistry(store, load, threads=1)
    try:
        first = registry.submit([config()])
        last = ended(registry, first)
        second = registry.submit([config(seed=1)])
        assert (last.status, last.message) == (
            "failed",
            "it stopped on an error of the server; its log says more",
        )
        assert ended(registry, second).status == "complete"
        assert "surprise" in caplog.text  # the log says more
    finally:
        registry.close()


def test_the_apps_loader_is_the_default(store, monkeypatch, few):
    def missing(name, root=None, *, progress=None):
        if name == "mnist-small":
            return replace(few, name=name)
        raise DataError("MNIST is not there.")

    monkeypatch.setattr(supply.data, "load", missing)
    registry = RaceRegistry(store, threads=1)
    try:
        last = ended(registry, registry.submit([config(dataset="mnist")]))
    finally:
        registry.close()
    assert last.status == "complete"
    assert last.note == (
        "MNIST is not there. The race goes on with the data set small MNIST, which comes with the app."
    )
    assert last.variants[0].config.dataset == "mnist-small"


def test_ended_races_are_kept_up_to_a_limit(store, few, monkeypatch):
    monkeypatch.setenv("NORMLENS_KEEP_RACES", "2")
    registry = RaceRegistry(store, lambda name, progress: (few, ""), threads=1)
    try:
        ids = []
        for seed in range(4):
            ids.append(registry.submit([config(seed=seed)]))
            ended(registry, ids[-1])
        assert [registry.snapshot(i) is None for i in ids] == [True, True, False, False]
    finally:
        registry.close()


def test_the_wait_is_estimated_from_the_rate_of_the_last_race(registry, gate, monkeypatch):
    assert registry.estimate([config()]) is None
    first = registry.submit([config()])
    gate.wait()
    second = registry.submit([config(seed=1), config("gn", seed=1)])
    when(registry, second, lambda race: race.position == 1)
    third = registry.submit([config(seed=2)])
    when(registry, third, lambda race: race.position == 2)
    assert registry.snapshot(third).expected_wait is None  # nothing has been measured yet
    registry.rate, registry.rate_batch = 719.0, config().batch_size
    assert registry.estimate([config(), config("gn", epochs=3)]) == 8.0
    # 1,438 images an epoch at 719 a second
    assert [registry.snapshot(i).expected_wait for i in (first, second, third)] == [0, 2.0, 6.0]
    assert [registry.snapshot(i).position for i in (first, second, third)] == [0, 1, 2]


def test_a_full_disk_does_not_keep_a_server_from_starting(store, record, monkeypatch):
    store.save(record.changed(config=replace(record.config, epochs=9), status="running"))

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("core.records.store.save", full)
    RaceRegistry(store).close()
    assert [r.status for r in store.summaries()[0]] == ["running"]


def test_a_new_server_marks_the_runs_of_a_dead_one_as_interrupted(store, record):
    store.save(record.changed(config=replace(record.config, epochs=9), status="running"))
    store.save(record)
    registry = RaceRegistry(store)
    registry.close()
    records = {r.config.epochs: r for r in store.summaries()[0]}
    assert records[9].status == "interrupted"
    assert records[9].message == "the server ended after 2 of 9 epochs"
    assert records[9].epochs == record.epochs
    assert records[2].status == "complete"
