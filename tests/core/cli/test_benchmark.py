"""The benchmark measures what it says; how fast this machine is, is no test's business."""

from __future__ import annotations

import itertools
import json
import threading
import time
from dataclasses import replace

import pytest
import torch

from core.catalogue import SIDE
from core.cli import benchmark
from core.cli.benchmark_result import TARGETS, NormFigures, Result, TimeTo, table
from core.cli.common import Failure
from core.cli.notebook_way import DROPOUT, NotebookNet, notebook_rate
from core.config import RunConfig, preset
from core.model import LayerTap, get_model
from core.training.events import BatchDone, RunCompleted
from core.training.loop import train
from tests.acting import after_events

# a border that is cut off, none, and the network of former records
NETWORKS = [{}, {"dataset": "fashion-mnist"}, {"recipe": 1}]


@pytest.mark.parametrize("terms", NETWORKS, ids=str)
def test_flops_are_those_of_the_network_as_it_is(terms):
    config = RunConfig(norm="ln", precision="bf16", **terms)
    model = get_model(config)
    forward = []

    def count(conv, inputs, output):
        # multiply-adds count as two, on the size before pooling
        forward.append(2 * conv.weight.numel() * output[0, 0].numel())

    for conv in model.convs:
        conv.register_forward_hook(count)
    model(torch.zeros(1, 1, SIDE, SIDE))
    linear = 2 * model.head.weight.numel()
    # backward: once for the weights and once for the input, which the first layer does not need
    expected = 3 * (sum(forward) + linear) - forward[0]
    assert benchmark.training_flops(config) == expected


@pytest.mark.parametrize("norm", ["bn", "gn"])
@pytest.mark.parametrize("terms", NETWORKS, ids=str)
def test_the_notebook_network_is_the_same_network_with_dropout(norm, terms):
    config = RunConfig(norm=norm, groups=4, **terms)
    ours, theirs = get_model(config), NotebookNet(config)
    torch.nn.init.normal_(ours.head.weight, generator=torch.Generator().manual_seed(0))
    theirs.load_state_dict(ours.state_dict())
    x = torch.rand(4, 1, SIDE, SIDE, generator=torch.Generator().manual_seed(1))
    torch.testing.assert_close(theirs.eval()(x), ours.eval()(x), rtol=1e-4, atol=1e-5)
    assert not torch.allclose(theirs.train()(x), ours.train()(x), atol=1e-3)


def test_the_notebook_network_drops_elements_behind_every_norm():
    """One in so many is 0, and the others are larger by as much; none in inference."""
    config = RunConfig(norm="ln")
    ours, theirs = get_model(config).train(), NotebookNet(config).train()
    x = torch.rand(64, 1, SIDE, SIDE, generator=torch.Generator().manual_seed(1))
    with torch.no_grad(), LayerTap(ours) as plain, LayerTap(theirs) as dropped:
        ours(x)
        theirs(x)
    for after in dropped.after.values():
        assert (after == 0).double().mean().item() == pytest.approx(DROPOUT, abs=0.005)
    kept = dropped.after[0] != 0
    torch.testing.assert_close(dropped.after[0][kept], plain.after[0][kept] / (1 - DROPOUT), rtol=1e-4, atol=1e-5)
    with torch.no_grad(), LayerTap(theirs.eval()) as whole:
        theirs(x)
    assert all((after != 0).all() for after in whole.after.values())


def test_rates_count_images(few):
    config = RunConfig(norm="ln", dataset="digits", batch_size=16, epochs=1000)
    assert benchmark.single_rate(config, few, 0.3) > 0


@pytest.fixture
def black(few):
    """Images without a spread, which no training survives: the first loss is not a number."""
    return replace(few, train_images=torch.zeros_like(few.train_images), mean=0.0, std=0.0)


def test_the_speed_of_a_run_that_diverges_is_told_as_none(black):
    config = RunConfig(norm="bn", dataset="digits", batch_size=16)
    message = r"^the speed of BN cannot be measured: the loss became nan in epoch 1, batch 1; a smaller learning rate"
    with pytest.raises(Failure, match=message):
        benchmark.single_rate(config, black, 60)


def test_the_speed_of_a_race_that_ends_by_itself_is_told_as_none(black):
    configs = [RunConfig(norm=norm, dataset="digits", batch_size=16) for norm in ("bn", "ln")]
    message = r"^the speed of a race cannot be measured: the loss became nan in epoch 1, batch 1; a smaller learning"
    with pytest.raises(Failure, match=message):
        benchmark.race_rate(configs, black, 60, sleep=lambda seconds: None)


def test_a_rate_leaves_out_the_first_batches(few):
    seconds = itertools.chain([0.0, 100.0, 200.0, 300.0], itertools.count(300.5, 0.5))  # half a second a batch, then
    config = RunConfig(norm="ln", dataset="digits", batch_size=16)
    assert benchmark.single_rate(config, few, 1.2, clock=lambda: next(seconds)) == 16 / 0.5


def test_the_rate_of_a_race_is_that_of_all_variants(few):
    """Real variants that hold still at 64 images each, and again at 96: 64 more in two seconds."""
    now = [0.0]
    measured, ended = threading.Event(), threading.Event()
    begun, held = threading.Semaphore(0), threading.Semaphore(0)

    def hold(training, event):
        if isinstance(event, BatchDone) and event.images == 64:
            begun.release()
            assert measured.wait(60)
        if isinstance(event, BatchDone) and event.images == 96:
            held.release()
            assert ended.wait(60)

    def sleep(seconds):
        if seconds != 5:  # until all have begun
            time.sleep(seconds)
            return
        measured.set()
        for _ in range(2):
            assert held.acquire(timeout=60)
        now[0] += 2

    def clock():
        if measured.is_set():
            ended.set()  # the images are counted: the race may end
        else:
            for _ in range(2):
                assert begun.acquire(timeout=60)
        return now[0]

    configs = [RunConfig(norm=norm, dataset="digits", batch_size=16) for norm in ("ln", "bn")]
    assert benchmark.race_rate(configs, few, 5, start=after_events(hold), clock=clock, sleep=sleep) == 2 * 32 / 2


def test_the_notebook_way_runs_on_mnist(mnist_root):
    assert notebook_rate(RunConfig(norm="bn", l1=1e-4), None, 0.3) > 0


def test_the_shortest_schedule_is_found(few):
    config = RunConfig(norm="bn", dataset="digits", batch_size=16)
    # accuracies of the schedules at one seed decide; the target is what the longer one reaches
    by_epochs = {}
    for epochs in (1, 12):
        *_, last = train(replace(config, epochs=epochs), few)
        by_epochs[epochs] = last.test_accuracy
    assert by_epochs[1] < by_epochs[12]
    lines = []
    targets = {"low": by_epochs[1], "high": by_epochs[12], "never": 100.1}
    found = benchmark.times_to(targets, config, few, seeds=(0,), report=lines.append, schedules=(1, 12))
    assert (found["low"].epochs, found["high"].epochs) == (1, 12)
    assert found["high"].accuracies == [by_epochs[12]]
    assert found["high"].seconds == found["high"].times[0] > 0
    assert found["never"] is None
    assert [line.split(":")[0] for line in lines] == ["BN, 1 epochs", "BN, 12 epochs"]  # each trained once


def test_the_median_decides_and_no_seed_is_trained_in_vain(monkeypatch, few):
    accuracies = {1: (98.0, 98.5, 99.5), 2: (99.0, 98.0, 99.0), 3: (100.0, 100.0, 100.0)}
    trained = []

    def completed(config, data):
        trained.append((config.epochs, config.seed))
        accuracy = accuracies[config.epochs][config.seed]
        seconds = 10.0 * config.epochs + config.seed
        numbers = {"train_seconds": seconds, "images_per_second": 1.0, "parameters": 1, "test_loss": 0.1}
        return iter([RunCompleted(run_id=config.run_id, label=config.label, test_accuracy=accuracy, **numbers)])

    monkeypatch.setattr(benchmark, "train", completed)
    config = RunConfig(norm="bn", dataset="digits")
    found = benchmark.times_to({"99": 99.0}, config, few, (0, 1, 2), lambda line: None, schedules=(1, 2, 3))
    # two of three below the target: the median cannot reach it; what reaches it exactly has reached it
    assert trained == [(1, 0), (1, 1), (2, 0), (2, 1), (2, 2)]
    assert found["99"] == TimeTo(seconds=21.0, epochs=2, accuracies=[99.0, 98.0, 99.0], times=[20.0, 21.0, 22.0])


@pytest.fixture
def result() -> Result:
    """What a full benchmark returns."""
    soon = TimeTo(seconds=7.4, epochs=1, accuracies=[99.1, 99.2, 98.9], times=[7.3, 7.4, 7.5])
    later = TimeTo(seconds=41.0, epochs=5, accuracies=[99.4, 99.5, 99.4], times=[40.0, 41.0, 42.0])
    norms = {
        config.norm: NormFigures(
            notebook_images_per_second=2000.0,
            single_images_per_second=8000.0,
            seconds_to_99=soon,
            seconds_to_994=later if config.norm == "ln" else None,
        )
        for config in preset("assignment")
    }
    kinds = {"notebook": 2000.0, "single": 8000.0}
    rounds = {f"{kind} {norm}": [0.9 * rate, rate, 1.1 * rate] for kind, rate in kinds.items() for norm in norms}
    return Result(
        threads=2,
        torch="2.9.0+cpu",
        precision="bf16",
        rounds={**rounds, "race": [12_900.0, 13_000.0, 13_300.0]},
        race_images_per_second=13_000.0,
        race_ratio=6.5,
        gemm_peak_gflops=260.0,
        training_mflop_per_image={"bn": 10.0, "gn": 10.0, "ln": 10.0},
        achieved_gflops=130.0,
        assignment_20_epochs_minutes=4.6,
        assignment_20_epochs_minutes_notebook=30.0,
        norms=norms,
        images_per_second_by_batch_size={16: 3000.0, 128: 8000.0},
        images_per_second_by_width={8: 12_000.0, 16: 8000.0},
    )


@pytest.fixture
def quick(result) -> Result:
    """What a quick benchmark returns."""
    norms = {norm: replace(figures, **dict.fromkeys(TARGETS, None)) for norm, figures in result.norms.items()}
    return replace(result, norms=norms, images_per_second_by_batch_size=None, images_per_second_by_width=None)


ALWAYS = [
    "threads",
    "torch",
    "precision",
    "rounds",
    "race_images_per_second",
    "race_ratio",
    "gemm_peak_gflops",
    "training_mflop_per_image",
    "achieved_gflops",
    "assignment_20_epochs_minutes",
    "assignment_20_epochs_minutes_notebook",
    "bn",
    "gn",
    "ln",
]


def test_the_json_of_a_full_benchmark(result):
    line = json.loads(json.dumps(result.to_json(), allow_nan=False))
    assert list(line) == [*ALWAYS, "images_per_second_by_batch_size", "images_per_second_by_width"]
    assert line["ln"] == {
        "notebook_images_per_second": 2000.0,
        "single_images_per_second": 8000.0,
        "seconds_to_99": {"seconds": 7.4, "epochs": 1, "accuracies": [99.1, 99.2, 98.9], "times": [7.3, 7.4, 7.5]},
        "seconds_to_994": {"seconds": 41.0, "epochs": 5, "accuracies": [99.4, 99.5, 99.4], "times": [40.0, 41.0, 42.0]},
    }
    assert line["bn"]["seconds_to_994"] is None
    assert line["rounds"]["race"] == [12_900.0, 13_000.0, 13_300.0]
    assert line["images_per_second_by_width"] == {"8": 12_000.0, "16": 8000.0}


def test_the_json_of_a_quick_benchmark_leaves_out_what_was_not_measured(quick):
    line = quick.to_json()
    assert list(line) == ALWAYS
    assert line["ln"] == {
        "notebook_images_per_second": 2000.0,
        "single_images_per_second": 8000.0,
        "seconds_to_99": None,
        "seconds_to_994": None,
    }


def cells(text: str) -> list[list[str]]:
    """The rows of all tables in a Markdown text, without the lines below their heads."""
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")]
    return [row for row in rows if not all(set(cell) <= {"-"} for cell in row)]


def test_the_table_says_what_was_measured(result):
    text = table(result)
    rate = "2,000 (1,800 to 2,200)"
    assert cells(text)[:2] == [["images a second", "BN + L1", "GN (4)", "LN"], ["the notebook way", rate, rate, rate]]
    assert ["time to 99.0 %", "7 s (1 epoch)", "7 s (1 epoch)", "7 s (1 epoch)"] in cells(text)
    assert ["time to 99.4 %", "not within 20 epochs", "not within 20 epochs", "41 s (5 epochs)"] in cells(text)
    assert "13,000 (12,900 to 13,300) images a second in all, 6.5 times" in text
    sizes = cells(text).index(["batch size (BN + L1)", "16", "128"])
    assert cells(text)[sizes + 1] == ["images a second", "3,000", "8,000"]
    assert text.count("\n|--") == 3  # a line below each head, or it is no table


def test_a_quick_table_leaves_out_what_was_not_measured(quick):
    text = table(quick)
    assert "13,000 (12,900 to 13,300) images a second in all" in text
    assert "time to" not in text
    assert "batch size" not in text


def test_the_peak_is_that_of_the_fastest_multiplication():
    # each asks before and after it, and once whether there is time for one more: 4, 2 and 8 seconds
    seconds = iter([0.0, *(1.0, 1.0, 5.0), *(5.0, 5.0, 7.0), *(7.0, 7.0, 15.0), 15.0])
    assert benchmark.gemm_peak(15, clock=lambda: next(seconds)) == 2 * 2048**3 / 2 / 1e9
