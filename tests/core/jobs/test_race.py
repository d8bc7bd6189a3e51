"""Variants side by side: snapshots, stopping one or all, failures, and what is refused at once."""

from __future__ import annotations

import logging
import os
import signal
import threading

import pytest
import torch

from core.config import ConfigError, RunConfig, preset
from core.jobs.cores import cores, threads_each
from core.jobs.race import Race
from core.model import get_model, parameter_count
from core.records.chance import kappa
from core.training.events import BatchDone, EpochDone
from core.training.loop import train
from tests.acting import after_events


def config(norm="bn", **values) -> RunConfig:
    return RunConfig(**{"norm": norm, "dataset": "digits", "epochs": 2, "batch_size": 50, **values})


def given(data, note=""):
    """A loader that always gives ``data``."""
    return lambda name, progress: (data, note)


def threads_left() -> list[str]:
    return [t.name for t in threading.enumerate() if t.name.startswith("normlens")]


def test_a_race_from_start_to_end(few, store):
    configs = [config("bn"), config("gn", groups=2), config("none")]
    events = []
    race = Race(configs, store=store, threads=1, on_event=lambda i, event: events.append((i, event)))
    first = race.snapshot()
    assert (first.status, first.ended, [v.status for v in first.variants]) == ("preparing", False, ["waiting"] * 3)
    assert [v.progress for v in first.variants] == [0.0] * 3
    last = race.run(given(few))
    assert (last.status, last.ended, last.message, last.note) == ("complete", True, "", "")
    assert [v.status for v in last.variants] == ["complete"] * 3
    assert [v.label for v in last.variants] == ["BN", "GN (2)", "no norm"]
    assert [v.progress for v in last.variants] == [1.0] * 3
    assert [len(v.rows) for v in last.variants] == [2, 2, 2]
    assert [v.parameters for v in last.variants] == [parameter_count(get_model(c)) for c in configs]
    assert [v.remaining for v in last.variants] == [None] * 3
    assert all(v.images_per_second > 0 for v in last.variants)
    assert last.elapsed > 0
    assert last.elapsed == race.snapshot().elapsed  # the clock stops with the race
    for i, one in enumerate(configs):
        assert store.load(one.run_id).status == "complete"
        assert [e.name for j, e in events if j == i][-1] == "run_completed"
        assert last.variants[i].rows == race.records[i].epochs
    assert threads_left() == []


def test_a_deadline_stops_the_race_and_keeps_its_epochs(few, store):
    now = [0.0]

    def on_event(i, event):
        if isinstance(event, EpochDone):
            now[0] += 1.0  # each epoch takes a second

    race = Race(
        [config("ln", epochs=900)], store=store, deadline=2.0, threads=1, on_event=on_event, clock=lambda: now[0]
    )
    last = race.run(given(few))
    assert last.status == "interrupted"
    assert last.message == "stopped at the time limit of 2 seconds"
    kept = store.load(race.configs[0].run_id)
    assert kept.status == "interrupted"
    assert 2 <= len(kept.epochs) == len(last.variants[0].rows) < 900
    assert last.elapsed == len(kept.epochs)
    assert threads_left() == []


def test_the_label_of_twins_tells_them_apart(few):
    race = Race([config(seed=0), config(seed=1)])
    assert [v.label for v in race.snapshot().variants] == ["BN, seed 0", "BN, seed 1"]


@pytest.mark.parametrize(
    ("configs", "message"),
    [
        ([], "a race needs at least one variant"),
        ([config(), config("ln"), config()], "two variants are the same run; change or remove one"),
        ([config("bn", groups=2), config("bn", groups=4)], "two variants are the same run"),
        ([config(), config("ln", dataset="mnist")], "the variants name different data sets; use one for all"),
    ],
)
def test_bad_variants_are_refused(configs, message):
    with pytest.raises(ConfigError, match=message):
        Race(configs)


def at(events, i, kind, count, action):
    """An ``on_event`` that acts once, when variant ``i`` has told ``count`` events of ``kind``."""

    def on_event(j, event):
        events.append((j, event))
        if j == i and isinstance(event, kind) and sum(k == i and isinstance(e, kind) for k, e in events) == count:
            action()

    return on_event


def test_one_variant_is_stopped_and_the_others_go_on(few, store):
    events = []
    race = Race(
        [config(), config("ln")], store=store, on_event=at(events, 1, BatchDone, 4, lambda: race.cancel(1)), threads=1
    )
    last = race.run(given(few))
    assert [v.status for v in last.variants] == ["complete", "interrupted"]
    assert last.status == "interrupted"
    assert last.variants[1].message == "stopped after 1 of 2 epochs"
    assert sum(i == 1 and isinstance(e, BatchDone) for i, e in events) == 4  # not one batch more
    kept = store.load(config("ln").run_id)
    assert (kept.status, kept.message, len(kept.epochs)) == ("interrupted", "stopped after 1 of 2 epochs", 1)
    assert store.load(config().run_id).status == "complete"


def test_all_are_stopped_within_a_batch(few, store):
    events = []
    race = Race(
        [config("ln", epochs=50)], store=store, on_event=at(events, 0, EpochDone, 2, lambda: race.cancel()), threads=1
    )
    last = race.run(given(few))
    assert (last.status, len(last.variants[0].rows)) == ("interrupted", 2)
    assert isinstance(events[-1][1], EpochDone)
    assert store.load(config("ln", epochs=50).run_id).message == "stopped after 2 of 50 epochs"
    assert threads_left() == []


def test_a_race_stopped_before_it_began_never_runs(few):
    race = Race([config()])
    race.cancel()
    assert (race.snapshot().status, race.snapshot().message) == ("interrupted", "stopped before it began")
    loads = []
    last = race.run(lambda *arguments: loads.append(arguments))
    assert last.status == "interrupted"
    assert loads == []
    assert [v.status for v in last.variants] == ["interrupted"]


def test_a_worker_that_breaks_fails_alone(few, store, caplog, capfd):
    def broken(i, event):
        if i == 0 and isinstance(event, BatchDone) and event.epoch == 2:
            raise RuntimeError("out of memory")

    race = Race([config(), config("ln")], store=store, threads=1, on_event=broken)
    with caplog.at_level(logging.ERROR, logger="core"):
        last = race.run(given(few))
    assert [v.status for v in last.variants] == ["failed", "complete"]
    assert last.status == "failed"
    assert last.message == last.variants[0].message == "training stopped on an error: RuntimeError: out of memory"
    assert "out of memory" in caplog.text  # the log has the traceback
    kept = store.load(config().run_id)
    assert (kept.status, len(kept.epochs)) == ("interrupted", 1)
    assert threads_left() == []


def test_what_broke_is_for_the_log_and_not_for_visitors(few, caplog):
    def broken(i, event):
        raise OSError(5, "Input/output error", "/srv/secret/place")

    last = Race([config()], threads=1, on_event=broken, public=True).run(given(few))
    assert last.message == last.variants[0].message == "training stopped on an error of the server; its log says more"
    assert "/srv/secret/place" in caplog.text


def frozen(training, event):
    """No image changes the answers: the linear layer is held at zero but for one class."""
    with torch.no_grad():
        training.model.head.weight.zero_()
        training.model.head.bias.copy_(torch.arange(10.0))


def test_a_variant_that_guesses_says_so_beside_its_full_bar(few):
    class Frozen:
        def __call__(self, run, data, **given):
            return after_events(frozen)(run, data, **given) if run.norm == "none" else train(run, data, **given)

    race = Race([config("none"), config("bn", epochs=8, batch_size=16)], threads=1, start=Frozen())
    guessing, learning = race.run(given(few)).variants
    assert (guessing.status, guessing.progress) == ("complete", 1.0)
    assert guessing.chance == "At chance level: it predicts one class for nearly every image."
    assert race.records[0].predictions.predicted.tolist() == [9] * 100
    assert kappa(race.records[1].predictions) > 0.2
    assert learning.chance == ""


def test_a_variant_stops_guessing(few):
    seen = []

    def thaw(training, event):
        if isinstance(event, EpochDone) or not seen:
            seen.append(race.snapshot().variants[0].chance)
        if not isinstance(event, EpochDone) and len(seen) < 2:
            frozen(training, event)

    race = Race([config("bn", epochs=8, batch_size=16)], threads=1, start=after_events(thaw))
    seen.append(race.run(given(few)).variants[0].chance)
    assert seen[0] == ""  # no epoch has ended
    assert seen[1].startswith("At chance level")
    assert seen[-1] == ""


def test_a_variant_that_diverges_does_not_end_the_race(few, store):
    def poison(training, event):
        if training.config.norm == "none" and isinstance(event, EpochDone):
            with torch.no_grad():
                training.model.head.bias.fill_(float("nan"))

    race = Race([config("none"), config()], store=store, threads=1, start=after_events(poison))
    last = race.run(given(few))
    assert [v.status for v in last.variants] == ["diverged", "complete"]
    assert last.status == "complete"
    assert last.variants[0].message.startswith("the loss became nan in epoch 2, batch 1; ")
    assert len(last.variants[0].rows) == 1
    assert store.load(config("none").run_id).status == "diverged"


def test_every_worker_sets_its_own_threads(few):
    seen = []
    before = torch.get_num_threads()
    race = Race([config()], threads=2, on_event=lambda i, event: seen.append(torch.get_num_threads()))
    race.run(given(few))
    assert set(seen) == {2}
    assert torch.get_num_threads() == before


def test_snapshots_are_of_one_moment(few):
    seen = []

    def on_event(i, event):
        seen.append(race.snapshot())

    race = Race([config(epochs=2)], on_event=on_event, threads=1)
    race.run(given(few))
    progress = [s.variants[0].progress for s in seen]
    assert progress == sorted(progress)
    assert progress[0] == 0
    assert progress[-1] == 1
    assert [s.variants[0].epoch for s in seen if s.variants[0].status == "training"][-1] == 2
    assert [len(s.variants[0].rows) for s in seen][-1] == 2
    assert {s.status for s in seen} == {"running"}
    assert sum(len(s.variants[0].rows) == 0 for s in seen) > 3  # earlier ones did not change afterwards
    with pytest.raises(AttributeError):
        seen[0].status = "complete"


@pytest.mark.parametrize(("available", "threads"), [(16, 5), (2, 1), (1, 1)])
def test_the_cores_are_shared_out(monkeypatch, available, threads):
    monkeypatch.delenv("OMP_NUM_THREADS")
    assert threads_each(3, available) == threads


@pytest.mark.parametrize(
    ("asked", "threads"), [("1", 1), ("3", 3), ("3,2", 3), ("9", 5), ("0", 5), ("-1", 5), ("many", 5), ("\u00b2", 5)]
)
def test_no_variant_has_more_threads_than_its_environment_allows(monkeypatch, asked, threads):
    monkeypatch.setenv("OMP_NUM_THREADS", asked)
    assert threads_each(3, 16) == threads


def test_a_race_shares_out_the_cores_at_hand():
    assert Race(preset("assignment")).threads == threads_each(3, cores())


def test_only_cores_that_may_be_used_count(monkeypatch):
    monkeypatch.setattr(os, "cpu_count", lambda: 64)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {3, 7}, raising=False)
    assert cores() == 2
    monkeypatch.delattr(os, "sched_getaffinity")
    assert cores() == 64


def test_an_interrupt_where_the_race_runs_stops_its_workers(few):
    """As in a notebook, whose kernel interrupts the main thread."""

    def on_event(i, event):
        if isinstance(event, BatchDone) and (event.epoch, event.batch) == (1, 3):
            signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)

    race = Race([config("ln", epochs=1000)], threads=1, on_event=on_event)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            race.run(given(few))
    finally:
        signal.signal(signal.SIGINT, before)
    assert threads_left() == []
    assert race.snapshot().variants[0].status == "interrupted"
