"""What a race says of itself, sentence by sentence."""

from __future__ import annotations

import pytest

from core.config import RunConfig
from core.jobs.snapshots import RaceSnapshot, VariantSnapshot
from core.jobs.words import clock, headline, progress_text
from core.records.record import EpochRow

ROW = EpochRow(epoch=1, train_loss=0.3, train_accuracy=90.0, test_loss=0.2, test_accuracy=93.456, seconds=1.0)


def variant(**values) -> VariantSnapshot:
    return VariantSnapshot(config=RunConfig(norm="gn", groups=4, epochs=3), label="GN (4)", **values)


@pytest.mark.parametrize(
    ("seconds", "text"), [(45, "45 s"), (59.6, "1 min 00 s"), (185, "3 min 05 s"), (3600, "60 min 00 s"), (-1, "0 s")]
)
def test_the_clock(seconds, text):
    assert clock(seconds) == text


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"status": "queued"}, "**Waiting.** 0 races ahead. This page follows by itself."),
        ({"status": "queued", "position": 1}, "**Waiting.** 1 race ahead. This page follows by itself."),
        (
            {"status": "queued", "position": 2, "expected_wait": 75.0},
            "**Waiting.** 2 races ahead. About 1 min 15 s to go. This page follows by itself.",
        ),
        ({"status": "preparing"}, "**Getting the data ready.**"),
        ({"status": "preparing", "downloaded": 12_345_678}, "**Getting the data ready.** 12.3 MB so far."),
        ({"status": "preparing", "stopping": True}, "**Stopping.** The download has to end first."),
        ({"status": "running", "stopping": True}, "**Stopping.**"),
        ({"status": "running"}, "**Racing.**"),
        (
            {
                "status": "running",
                "variants": (
                    variant(status="training", remaining=30.0, images_per_second=1000.0),
                    variant(status="testing", remaining=65.0, images_per_second=2345.0),
                    variant(status="complete", images_per_second=9000.0),  # it takes no part any more
                ),
            },
            "**Racing.** About 1 min 05 s left. 3,345 images a second in all.",
        ),
        ({"status": "complete", "elapsed": 5.0, "message": ""}, "**Finished** after 5 s."),
        ({"status": "interrupted", "elapsed": 5.0, "stopping": True}, "**Stopped** after 5 s."),
        (
            {"status": "interrupted", "elapsed": 61.0, "message": "stopped at the time limit of 60 seconds"},
            "**Stopped** after 1 min 01 s. The race was stopped at the time limit of 60 seconds.",
        ),
        ({"status": "failed", "elapsed": 5.0, "message": "said elsewhere"}, "**Ended early** after 5 s."),
    ],
)
def test_the_headline_of_a_race(values, text):
    assert headline(RaceSnapshot(**{"race_id": "0" * 16, "variants": (), **values})) == text


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({}, "**GN (4)** waits"),
        (
            {"status": "training", "epoch": 2, "batch": 7, "batches": 23},
            "**GN (4)** epoch 2 of 3, batch 7 of 23",
        ),
        (
            {"status": "training", "epoch": 2, "batch": 7, "batches": 23, "remaining": 0.0},
            "**GN (4)** epoch 2 of 3, batch 7 of 23, 0 s left",
        ),
        ({"status": "testing", "epoch": 2}, "**GN (4)** epoch 2 of 3, testing"),
        ({"status": "testing", "epoch": 2, "remaining": 61.0}, "**GN (4)** epoch 2 of 3, testing, 1 min 01 s left"),
        ({"status": "interrupted"}, "**GN (4)** interrupted after 0 of 3 epochs"),
        ({"status": "failed", "rows": (ROW,)}, "**GN (4)** failed after 1 of 3 epochs, test accuracy 93.46 %"),
        ({"status": "diverged", "rows": (ROW,)}, "**GN (4)** diverged after 1 of 3 epochs, test accuracy 93.46 %"),
        ({"status": "complete", "rows": (ROW,) * 3}, "**GN (4)** complete after 3 of 3 epochs, test accuracy 93.46 %"),
    ],
)
def test_the_text_beside_a_bar(values, text):
    assert progress_text(variant(**values)) == text
