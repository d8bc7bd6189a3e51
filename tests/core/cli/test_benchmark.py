"""The benchmark measures what it says; how fast this machine is, is no test's business."""

from __future__ import annotations

import threading
import time
from dataclasses import replace

import pytest
import torch

from core.cli import benchmark
from core.config import RunConfig, preset
from core.model import get_model
from core.training.events import BatchDone


def test_flops_are_those_of_the_layers_table():
    # multiply-adds count as two; convolution: 2 * 9 * C_in * C_out * H * W, on the size before pooling
    layers = [(1, 16, 28), (16, 16, 14), (16, 16, 14), (16, 32, 7), (32, 32, 7)]
    forward = [2 * 9 * a * b * side**2 for a, b, side in layers]
    linear = 2 * 32 * 10
    # backward: once for the weights and once for the input, which the first layer does not need
    expected = 3 * (sum(forward) + linear) - forward[0]
    assert benchmark.training_flops(RunConfig(norm="ln", precision="bf16")) == expected


def test_the_notebook_network_is_the_same_network_with_dropout():
    config = RunConfig(norm="gn", groups=4)
    ours, theirs = get_model(config), benchmark.NotebookNet(config)
    torch.nn.init.normal_(ours.head.weight, generator=torch.Generator().manual_seed(0))
    theirs.load_state_dict(ours.state_dict())
    x = torch.rand(4, 1, 28, 28, generator=torch.Generator().manual_seed(1))
    torch.testing.assert_close(theirs.eval()(x), ours.eval()(x), rtol=1e-4, atol=1e-5)
    assert not torch.allclose(theirs.train()(x), ours.train()(x), atol=1e-3)


def test_rates_count_images(few):
    config = RunConfig(norm="ln", dataset="digits", batch_size=16, epochs=1000)
    assert benchmark.single_rate(config, few, 0.3) > 0
    assert benchmark.race_rate([config, replace(config, norm="bn")], few, 0.3) > 0


def test_a_rate_leaves_out_the_first_batches(monkeypatch):
    now = [0.0]

    class HalfASecondEach:
        def __iter__(self):
            for batch in range(1, 100):
                now[0] += 0.5
                yield BatchDone(run_id="", label="", epoch=1, batch=batch, batches=99, loss=1.0, images=10 * batch)

        def close(self):
            pass

    monkeypatch.setattr(benchmark, "train", lambda *_: HalfASecondEach())
    monkeypatch.setattr(benchmark.time, "perf_counter", lambda: now[0])
    assert benchmark.single_rate(RunConfig(norm="ln", batch_size=10), None, 1.2) == 20


def test_the_rate_of_a_race_is_that_of_all_variants(monkeypatch):
    now = [0.0]
    counted = threading.Event()

    class TwoVariants:
        def __init__(self, configs, on_event):
            self.tell = on_event

        def run(self, load):
            for images in (30, 90):  # 60 images more in two seconds, of each
                for i in range(2):
                    event = BatchDone(run_id="", label="", epoch=1, batch=1, batches=9, loss=1.0, images=images)
                    self.tell(i, event)
                if images == 30:
                    counted.wait(30)
            now[0] += 2

        def cancel(self):
            pass

    def sleep(seconds):
        if seconds == 5:  # the measurement itself: let the race go on, and wait for it
            counted.set()
            for _ in range(3000):
                if now[0]:
                    return
                real(0.01)

    real = time.sleep
    monkeypatch.setattr(benchmark, "Race", TwoVariants)
    monkeypatch.setattr(benchmark.time, "perf_counter", lambda: now[0])
    monkeypatch.setattr(benchmark.time, "sleep", sleep)
    assert benchmark.race_rate([RunConfig(norm="ln", batch_size=10)] * 2, None, 5) == 60


def test_the_notebook_way_runs_on_mnist(mnist_root):
    assert benchmark.notebook_rate(RunConfig(norm="bn", l1=1e-4), None, 0.3) > 0


def test_the_shortest_schedule_is_found(few, monkeypatch):
    monkeypatch.setattr(benchmark, "SCHEDULES", (1, 12))
    config = RunConfig(norm="bn", dataset="digits", batch_size=16)
    # accuracies of the schedules at one seed decide; the target is what the longer one reaches
    by_epochs = {}
    for epochs in (1, 12):
        *_, last = benchmark.train(replace(config, epochs=epochs), few)
        by_epochs[epochs] = last.test_accuracy
    assert by_epochs[1] < by_epochs[12]
    lines = []
    targets = {"low": by_epochs[1], "high": by_epochs[12], "never": 100.1}
    found = benchmark.times_to(targets, config, few, seeds=(0,), report=lines.append)
    assert (found["low"]["epochs"], found["high"]["epochs"]) == (1, 12)
    assert found["high"]["accuracies"] == [by_epochs[12]]
    assert found["high"]["seconds"] == found["high"]["times"][0] > 0
    assert found["never"] is None
    assert [line.split(":")[0] for line in lines] == ["BN, 1 epochs", "BN, 12 epochs"]  # each trained once


@pytest.fixture
def result() -> dict:
    """What a full benchmark returns."""
    norms = {
        config.norm: {
            "notebook_images_per_second": 2000.0,
            "single_images_per_second": 8000.0,
            "seconds_to_99": {"seconds": 7.4, "epochs": 1},
            "seconds_to_994": {"seconds": 41.0, "epochs": 5} if config.norm == "ln" else None,
        }
        for config in preset("assignment")
    }
    kinds = {"notebook": 2000.0, "single": 8000.0}
    rounds = {f"{kind} {norm}": [0.9 * rate, rate, 1.1 * rate] for kind, rate in kinds.items() for norm in norms}
    return {
        **norms,
        "rounds": {**rounds, "race": [12_900.0, 13_000.0, 13_300.0]},
        "race_images_per_second": 13_000.0,
        "race_ratio": 6.5,
        "threads": 2,
        "precision": "bf16",
        "assignment_20_epochs_minutes": 4.6,
        "assignment_20_epochs_minutes_notebook": 30.0,
        "achieved_gflops": 130.0,
        "gemm_peak_gflops": 260.0,
        "images_per_second_by_batch_size": {16: 3000.0, 128: 8000.0},
        "images_per_second_by_width": {8: 12_000.0, 16: 8000.0},
    }


def test_the_table_says_what_was_measured(result):
    text = benchmark.table(result)
    assert "| images a second | BN + L1 | GN (4) | LN |\n|---|---|---|---|\n" in text
    assert "| the notebook way | 2,000 (1,800 to 2,200) | 2,000 (1,800 to 2,200) |" in text
    assert "| time to 99.0 % | 7 s (1 epoch) | 7 s (1 epoch) | 7 s (1 epoch) |" in text
    assert "| time to 99.4 % | not within 20 epochs | not within 20 epochs | 41 s (5 epochs) |" in text
    assert "13,000 (12,900 to 13,300) images a second in all, 6.5 times" in text
    assert "| batch size (BN + L1) | 16 | 128 |\n|---|---|---|\n| images a second | 3,000 | 8,000 |" in text


def test_a_quick_table_leaves_out_what_was_not_measured(result):
    for key in ("images_per_second_by_batch_size", "images_per_second_by_width"):
        del result[key]
    for norm in ("bn", "gn", "ln"):
        result[norm].update(dict.fromkeys(benchmark.TARGETS))
    text = benchmark.table(result)
    assert "13,000 (12,900 to 13,300) images a second in all" in text
    assert "time to" not in text
    assert "batch size" not in text


@pytest.mark.parametrize("seconds", [0.05])
def test_the_peak_is_a_rate(seconds):
    assert benchmark.gemm_peak(seconds) > 1
