"""The batches of a race: made once, the same for all, and nobody far ahead."""

from __future__ import annotations

import threading

import pytest
import torch

from core.config import RunConfig, preset
from core.data.batches import run_batches
from core.data.datasets import hold_out
from core.jobs.feed import IMAGES_AHEAD, Feed, feeds
from core.jobs.race import Race
from core.training.events import BatchDone
from tests.core.mirror import PATIENCE


def config(norm="bn", **values) -> RunConfig:
    return RunConfig(**{"norm": norm, "dataset": "digits", "epochs": 2, "batch_size": 50, **values})


def same(one, other) -> bool:
    return all(torch.equal(a, b) for a, b in zip(one, other, strict=True))


def never() -> bool:
    return False


@pytest.mark.parametrize("turns", [[0, 1] * 6, [0] * 6 + [1] * 6, [0, 0, 1, 1, 1, 0, 1, 0, 0, 0, 1, 1]], ids=str)
def test_every_reader_gets_what_it_would_get_alone(few, turns):
    made = []

    def stream():
        for batch in run_batches(config(), few):
            made.append(batch)
            yield batch

    feed = Feed(stream(), [0, 1], ahead=100)
    readers = [feed.reader(0), feed.reader(1)]
    got = [[], []]
    for i in turns:
        got[i].append(next(readers[i]))
    alone = list(run_batches(config(), few))
    assert len(alone) == len(made) == 6
    for batches in got:
        assert all(same(a, b) for a, b in zip(batches, alone, strict=True))
    assert all(a[0] is b[0] for a, b in zip(*got, strict=True))  # the one that was made
    assert [next(reader, None) for reader in readers] == [None, None]


def test_readers_in_threads_get_the_same(few):
    runs = [config(norm) for norm in ("bn", "gn", "ln")]
    got = {i: [] for i in range(3)}
    shared = feeds(runs, few)

    def read(i):
        for batch in shared[i].reader(i):
            got[i].append(batch)
            shared[i].pace(i, never)

    threads = [threading.Thread(target=read, args=(i,)) for i in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    alone = list(run_batches(config(), few))
    assert all(len(batches) == 6 for batches in got.values())
    assert all(same(a, b) for batches in got.values() for a, b in zip(batches, alone, strict=True))


def waits(feed: Feed, i: int, stopped=never) -> threading.Thread:
    """A thread in which reader ``i`` waits for the others."""
    thread = threading.Thread(target=feed.pace, args=(i, stopped), daemon=True)
    thread.start()
    thread.join(0.05)  # time to go on, if it were to: a thread that waits is alive after any time
    return thread


def test_a_stream_that_breaks_breaks_for_every_reader(few):
    """It must not look like an end: a run would be complete with fewer batches."""

    def stream():
        yield from list(run_batches(config(), few))[:1]
        raise MemoryError

    feed = Feed(stream(), [0, 1], ahead=100)
    first, second = feed.reader(0), feed.reader(1)
    next(first)
    with pytest.raises(MemoryError):
        next(first)
    next(second)  # the one that was made
    with pytest.raises(RuntimeError, match="a batch could not be made"):
        next(second)


@pytest.fixture
def ahead(few):
    """A feed of two readers, the first of which is two batches ahead, and may not be more."""
    feed = Feed(run_batches(config(), few), [0, 1], ahead=2)
    first, second = feed.reader(0), feed.reader(1)
    next(first)
    next(first)
    return feed, second


def test_who_is_ahead_waits_for_the_slowest(ahead):
    feed, second = ahead
    thread = waits(feed, 0)
    assert thread.is_alive()
    feed.pace(1, never)  # the slowest waits for nobody
    next(second)
    thread.join(PATIENCE)
    assert not thread.is_alive()


def test_who_has_left_keeps_nobody_waiting(ahead):
    feed, _ = ahead
    thread = waits(feed, 0)
    assert thread.is_alive()
    feed.leave(1)
    thread.join(PATIENCE)
    assert not thread.is_alive()


def test_who_is_stopped_does_not_wait(ahead):
    feed, _ = ahead
    stopped = threading.Event()
    thread = waits(feed, 0, stopped.is_set)
    assert thread.is_alive()
    stopped.set()
    thread.join(PATIENCE)
    assert not thread.is_alive()


def test_one_feed_for_all_that_train_on_the_same_batches(few):
    runs = [
        config("bn", l1=1e-4),
        config("gn", groups=2, precision="bf16"),
        config("ln", width=8, l2=1e-3),
        config("ln", seed=1),
        config("bn", seed=1),
        config(batch_size=25),
        config(augment=False),
        config(epochs=3),
        config(validation=True),
    ]
    given = feeds(runs, few)
    assert given[0] is given[1] is given[2]
    assert given[3] is given[4]
    assert len({id(feed) for feed in given}) == 6
    for i, run in enumerate(runs):
        data = hold_out(few) if run.validation else few
        assert all(same(a, b) for a, b in zip(given[i].reader(i), run_batches(run, data), strict=True))


def test_a_race_goes_in_step(digits):
    """One variant is held back by its consumer: the other does not run away from it."""
    runs = [config(norm, batch_size=64, epochs=4, width=4) for norm in ("bn", "ln")]
    counts, far, gaps = [0, 0], threading.Event(), []

    def on_event(i, event):
        if not isinstance(event, BatchDone):
            return
        counts[i] += 1
        if counts[1] - counts[0] >= IMAGES_AHEAD // 64:
            far.set()
        if i == 0 and counts[0] == 1:
            assert far.wait(PATIENCE)
            far.clear()
            far.wait(0.5)  # time to run away
            gaps.append(counts[1] - counts[0])

    race = Race(runs, threads=1, on_event=on_event)
    assert race.run(lambda name, progress: (digits, "")).status == "complete"
    assert gaps == [IMAGES_AHEAD // 64]
    assert counts == [4 * 23] * 2


def test_a_variant_that_is_stopped_lets_the_others_go_on(digits):
    runs = preset("assignment", dataset="digits", epochs=4, batch_size=64, width=4)
    assert runs[1].epochs * len(digits.train_images) > IMAGES_AHEAD + 3 * 64  # further than the one that is stopped

    def on_event(i, event):
        if i == 0 and isinstance(event, BatchDone) and event.batch == 3:
            race.cancel(0)

    race = Race(runs, threads=1, on_event=on_event)
    last = race.run(lambda name, progress: (digits, ""))
    assert [v.status for v in last.variants] == ["interrupted", "complete", "complete"]
