"""What a race says of itself, sentence by sentence."""

from __future__ import annotations

import pytest

from core.config import RunConfig, preset
from core.jobs.race import Race
from core.jobs.snapshots import RaceSnapshot, VariantSnapshot
from core.jobs.words import clock, early_images, headline, in_short, notes, progress_text, settings
from core.records.record import EpochRow

ROW = EpochRow(epoch=1, train_loss=0.3, train_accuracy=90.0, test_loss=0.2, test_accuracy=93.456, seconds=1.0)


def variant(**values) -> VariantSnapshot:
    return VariantSnapshot(**{"config": RunConfig(norm="gn", groups=4, epochs=3), "label": "GN (4)", **values})


def race(**values) -> RaceSnapshot:
    return RaceSnapshot(**{"race_id": "0" * 16, "status": "running", "variants": (variant(),), **values})


@pytest.mark.parametrize(
    ("seconds", "text"), [(45, "45 s"), (59.6, "1 min 00 s"), (185, "3 min 05 s"), (3600, "60 min 00 s"), (-1, "0 s")]
)
def test_the_clock(seconds, text):
    assert clock(seconds) == text


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"status": "queued"}, "**Waiting.** Next in line. This page follows by itself."),
        ({"status": "queued", "position": 1}, "**Waiting.** 1 ahead in line. This page follows by itself."),
        (
            {"status": "queued", "position": 2, "expected_wait": 75.0},
            "**Waiting.** 2 ahead in line. About 1 min 15 s to go. This page follows by itself.",
        ),
        ({"status": "preparing"}, "**Getting the data ready.**"),
        ({"status": "preparing", "downloaded": 12_345_678}, "**Getting the data ready.** 12.3 MB so far."),
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
            {"status": "complete", "elapsed": 5.0, "variants": (variant(status="complete"),) * 2},
            "**Finished** after 5 s.",
        ),
        (
            {
                "status": "interrupted",
                "elapsed": 5.0,
                "variants": (
                    variant(status="complete"),
                    variant(status="interrupted", label="LN"),
                    variant(status="complete", label="BN"),
                ),
            },
            "**Ended** after 5 s. Completed: GN (4) and BN. Stopped: LN.",
        ),
        (
            {
                "status": "interrupted",
                "elapsed": 5.0,
                "variants": (variant(status="diverged", label="no norm"), variant(status="interrupted", label="LN")),
            },
            "**Stopped** after 5 s. Stopped: LN. Diverged: no norm.",
        ),
        (
            {
                "status": "complete",
                "elapsed": 5.0,
                "variants": (variant(status="diverged", label="no norm"), variant(status="complete")),
            },
            "**Finished** after 5 s. Completed: GN (4). Diverged: no norm.",
        ),
        (
            {
                "status": "failed",
                "elapsed": 5.0,
                "variants": (variant(status="failed", label="BN"), variant(status="complete")),
            },
            "**Ended early** after 5 s. Completed: GN (4). Failed: BN.",
        ),
        (
            {"status": "interrupted", "elapsed": 61.0, "message": "stopped at the time limit of 60 seconds"},
            "**Stopped** after 1 min 01 s. The race was stopped at the time limit of 60 seconds.",
        ),
        ({"status": "failed", "elapsed": 5.0, "message": "said elsewhere"}, "**Ended early** after 5 s."),
    ],
)
def test_the_headline_of_a_race(values, text):
    assert headline(race(**{"variants": (), **values})) == text


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({}, "waits"),
        (
            {"status": "training", "epoch": 2, "batch": 7, "batches": 23},
            "epoch 2 of 3, batch 7 of 23",
        ),
        (
            {"status": "training", "epoch": 2, "batch": 7, "batches": 23, "remaining": 0.0},
            "epoch 2 of 3, batch 7 of 23, 0 s left",
        ),
        ({"status": "testing", "epoch": 2}, "epoch 2 of 3, testing"),
        ({"status": "testing", "epoch": 2, "remaining": 61.0}, "epoch 2 of 3, testing, 1 min 01 s left"),
        ({"status": "interrupted"}, "interrupted after 0 of 3 epochs"),
        ({"status": "failed", "rows": (ROW,)}, "failed after 1 of 3 epochs"),
        ({"status": "diverged", "rows": (ROW,)}, "diverged after 1 of 3 epochs"),
        ({"status": "complete", "rows": (ROW,) * 3}, "complete after 3 of 3 epochs"),
    ],
)
def test_the_text_beside_a_bar(values, text):
    assert progress_text(variant(**values)) == text


def test_on_which_images_the_first_looks_are():
    assert early_images(500, "mnist") == "500 of the test images"
    assert early_images(359, "digits") == "all 359 test images"


@pytest.mark.parametrize(
    ("configs", "text"),
    [
        (
            preset("session6", dataset="digits", epochs=1, batch_size=64, lr=0.05, seed=3),
            "digits: 1 epoch, batch 64, lr 0.05, seed 3. GN (4) + L1: L1 0.0001. LN + L2: L2 0.00025. "
            "BN + L1 + L2: L1 0.0001, L2 0.00025.",
        ),
        (
            [RunConfig(norm="bn", dataset="fashion-mnist", augment=False)],
            "Fashion-MNIST: 20 epochs, batch 128, lr 0.1, seed 0, no augmentation.",
        ),
        (
            [RunConfig(norm="bn", l1=1e-4, precision="bf16")],
            "MNIST: 20 epochs, batch 128, lr 0.1, seed 0, convolutions in bf16 (16-bit numbers). BN + L1: L1 0.0001.",
        ),
    ],
)
def test_a_race_says_on_what_and_how_it_trains(configs, text):
    assert settings(Race(configs).snapshot()) == text


def test_the_notes_of_a_race():
    lost = [variant(kept=False), variant(label="LN"), variant(label="BN", kept=False)]
    note = "MNIST is not there. The race goes on with digits."
    not_kept = (
        "The server's folder of runs is full or cannot be written: what is trained here is shown on this page, "
        "but not kept (GN (4) and BN)."
    )
    assert notes(race()) == ""
    assert notes(race(note=note)) == note
    assert notes(race(variants=tuple(lost))) == not_kept
    assert notes(race(note=note, variants=tuple(lost))) == f"{note} {not_kept}"


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"status": "preparing"}, "getting the data ready"),
        ({"status": "queued"}, "next in line"),
        ({"status": "queued", "position": 1}, "waiting, 1 ahead in line"),
        ({"status": "queued", "position": 4}, "waiting, 4 ahead in line"),
        ({"status": "running"}, "racing"),
        ({"status": "running", "stopping": True}, "stopping"),
    ],
)
def test_a_race_in_a_line_of_a_list(values, text):
    variants = (variant(), variant(label="LN"))
    assert in_short(race(**values, variants=variants)) == f"**GN (4) and LN** on MNIST: {text}"
