"""What counts as a run's own time."""

from __future__ import annotations

from core.training.events import EpochDone
from core.training.loop import train
from core.training.stopwatch import Stopwatch
from tests.core.training.test_loop import config


def test_a_stopwatch_counts_while_it_runs():
    now = [10.0]
    watch = Stopwatch(clock=lambda: now[0])
    now[0] = 20.0
    assert watch.seconds == 0  # not started yet
    watch.resume()
    now[0] = 22.0
    assert watch.seconds == 2
    watch.pause()
    now[0] = 60.0
    assert watch.seconds == 2
    watch.resume()
    now[0] = 61.0
    assert watch.seconds == 3


def test_the_clock_stands_still_while_the_consumer_is_busy(few):
    now = [0.0]
    events = []
    training = train(config(), few, clock=lambda: now[0])

    def one_second(*_):
        now[0] += 1  # each batch and each test takes one second of the training's own time

    training.model.register_forward_hook(one_second)
    for event in training:
        events.append(event)
        now[0] += 100  # the consumer's time
    assert [e.seconds for e in events if isinstance(e, EpochDone)] == [4.0, 4.0]
    assert events[-1].train_seconds == 8.0
    assert events[-1].images_per_second == 256 / 6
