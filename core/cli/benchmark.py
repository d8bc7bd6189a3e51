"""How fast training is on this machine, measured within one run and compared as ratios of medians.

The yardstick is the *notebook way* (see ``notebook_way``), on the same network with the same optimizer.
"""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch.nn import functional as F
from torch.utils.flop_counter import FlopCounterMode

from core.catalogue import SIDE
from core.cli.benchmark_result import TARGETS, NormFigures, Result, TimeTo
from core.cli.common import Failure
from core.cli.notebook_way import notebook_rate
from core.config import RunConfig, preset
from core.data.datasets import Dataset
from core.jobs.race import Race, Start
from core.model import fastest_precision, get_model
from core.training.events import BatchDone, Diverged, Event, RunCompleted
from core.training.loop import train
from core.training.stopwatch import Clock

Report = Callable[[str], None]
"""Called with a line of progress."""

WARM_UP = 3
"""Batches that are left out of a rate: they warm up caches and allocators."""

GEMM_SIZE = 2048
BATCH_SIZES = (16, 32, 64, 128, 256, 512, 1024)
WIDTHS = (8, 16, 32, 64)
TABLE = "benchmark"
"""Name of the part of the README."""

SCHEDULES = (1, 2, 3, 4, 5, 6, 8, 10, 15, 20)


def single_rate(config: RunConfig, data: Dataset, seconds: float, *, clock: Clock = time.perf_counter) -> float:
    """Training images a second of one variant alone, with the calling thread's number of torch threads.

    Raises ``Failure`` where the run ends before there is anything to measure.
    """
    begin = now = clock()
    before = images = 0
    reason = "the training ended too soon"
    training = train(config, data)
    for event in training:
        if isinstance(event, Diverged):
            reason = event.reason
        if not isinstance(event, BatchDone):
            continue
        now, images = clock(), event.images
        if images <= WARM_UP * config.batch_size:
            begin, before = now, images
        elif now - begin > seconds:
            break
    training.close()
    if images == before:
        raise Failure(f"the speed of {config.label} cannot be measured: {reason}")
    return (images - before) / (now - begin)


def race_rate(
    configs: Sequence[RunConfig],
    data: Dataset,
    seconds: float,
    *,
    start: Start | None = None,
    clock: Clock = time.perf_counter,
    sleep: Callable[[float], object] = time.sleep,
) -> float:
    """Training images a second of a race, all variants together, each in a thread of its own.

    start: starts a run, ``train`` by default.  sleep: lets so many seconds pass, in which the race goes on.
    Raises ``Failure`` where the race ends by itself meanwhile.
    """
    counts = [0] * len(configs)

    def count(i: int, event: Event) -> None:
        if isinstance(event, BatchDone):
            counts[i] = event.images

    race = Race(configs, on_event=count, start=start)
    runner = threading.Thread(target=race.run, args=(lambda name, progress: (data, ""),))
    runner.start()
    while min(counts) < WARM_UP * configs[0].batch_size and runner.is_alive():
        sleep(0.01)
    begin, before = clock(), sum(counts)
    sleep(seconds)
    images = sum(counts) - before
    elapsed = clock() - begin
    race.cancel()
    runner.join()
    end = race.snapshot()
    if end.status != "interrupted":
        reasons = [end.message, *(variant.message for variant in end.variants)]
        reason = next(filter(None, reasons), "the training ended too soon")
        raise Failure(f"the speed of a race cannot be measured: {reason}")
    return images / elapsed


def gemm_peak(seconds: float, *, clock: Clock = time.perf_counter) -> float:
    """Gigaflops of an fp32 matrix multiplication of 2048 x 2048, the best of those that fit in ``seconds``."""
    a, b = (torch.rand(GEMM_SIZE, GEMM_SIZE) for _ in range(2))
    best, end = float("inf"), clock() + seconds
    while clock() < end or best == float("inf"):
        begin = clock()
        a @ b
        best = min(best, clock() - begin)
    return 2 * GEMM_SIZE**3 / best / 1e9


def training_flops(config: RunConfig) -> float:
    """Floating-point operations of one training image, forward and backward, by torch's own counter."""
    model = get_model(replace(config, precision="fp32")).train()
    images = 8
    with FlopCounterMode(display=False) as counter:
        F.cross_entropy(model(torch.rand(images, 1, SIDE, SIDE)), torch.zeros(images, dtype=torch.long)).backward()
    return counter.get_total_flops() / images


def times_to(
    targets: Mapping[str, float],
    config: RunConfig,
    data: Dataset,
    seeds: Sequence[int],
    report: Report,
    schedules: Sequence[int] = SCHEDULES,
) -> dict[str, TimeTo | None]:
    """For each target, in percent: the shortest schedule whose median accuracy over ``seeds`` reaches it.

    With it the median of the schedule's seconds, from start to end, every epoch's evaluation included. None
    where no schedule of up to 20 epochs reaches the target.
    """
    found: dict[str, TimeTo | None] = dict.fromkeys(targets)
    for epochs in schedules:
        missing = [name for name in targets if found[name] is None]
        if not missing:
            break
        nearest = min(targets[name] for name in missing)
        accuracies, times = [], []
        for seed in seeds:
            *_, last = train(replace(config, epochs=epochs, seed=seed), data)
            if not isinstance(last, RunCompleted):
                break
            accuracies.append(last.test_accuracy)
            times.append(last.train_seconds)
            if sum(accuracy < nearest for accuracy in accuracies) > len(seeds) / 2:
                break  # the median cannot reach it any more
        report(f"{config.label}, {epochs} epochs: {accuracies} % in {[round(t, 1) for t in times]} s")
        for name in missing:
            if len(accuracies) == len(seeds) and statistics.median(accuracies) >= targets[name]:
                seconds = statistics.median(times)
                found[name] = TimeTo(seconds=seconds, epochs=epochs, accuracies=accuracies, times=times)
    return found


def _rounds(kinds: dict[str, Callable[[], float]], rounds: int, report: Report) -> dict[str, list[float]]:
    """Measure every kind in turn, ``rounds`` times over: A B C A B C, so that drift hits all alike."""
    found: dict[str, list[float]] = {name: [] for name in kinds}
    for i in range(rounds):
        for name, measure in kinds.items():
            found[name].append(measure())
            report(f"round {i + 1}: {name} {found[name][-1]:,.0f} images/s")
    return found


def benchmark(data: Dataset, root: Path | None, *, quick: bool, report: Report) -> Result:
    """All figures of the performance table; ``quick`` measures shorter, and leaves out time to accuracy and sizes."""
    configs = preset("assignment", precision=fastest_precision())
    seconds, rounds = (3.0, 3) if quick else (6.0, 3)
    kinds: dict[str, Callable[[], float]] = {}
    for config in configs:
        kinds[f"notebook {config.norm}"] = partial(notebook_rate, replace(config, precision="fp32"), root, seconds)
        kinds[f"single {config.norm}"] = partial(single_rate, config, data, seconds)
    kinds["race"] = partial(race_rate, configs, data, seconds)
    found = _rounds(kinds, rounds, report)
    median = {name: statistics.median(values) for name, values in found.items()}
    peak = gemm_peak(2.0 if quick else 5.0)
    flops = {c.norm: training_flops(c) for c in configs}
    notebook = {c.norm: median[f"notebook {c.norm}"] for c in configs}
    images = 20 * len(data.train_images)  # of each variant
    norms = {
        c.norm: NormFigures(
            notebook_images_per_second=notebook[c.norm],
            single_images_per_second=median[f"single {c.norm}"],
            **({} if quick else times_to(TARGETS, c, data, (0, 1, 2), report)),
        )
        for c in configs
    }
    return Result(
        threads=torch.get_num_threads(),
        torch=torch.__version__,
        precision=configs[0].precision,
        rounds={name: [round(v, 1) for v in values] for name, values in found.items()},
        race_images_per_second=median["race"],
        race_ratio=median["race"] / statistics.mean(notebook.values()),
        gemm_peak_gflops=peak,
        training_mflop_per_image={norm: value / 1e6 for norm, value in flops.items()},
        achieved_gflops=median["race"] * statistics.mean(flops.values()) / 1e9,
        assignment_20_epochs_minutes=3 * images / median["race"] / 60,
        assignment_20_epochs_minutes_notebook=sum(images / rate / 60 for rate in notebook.values()),
        norms=norms,
        images_per_second_by_batch_size=None if quick else _rates_by("batch_size", BATCH_SIZES, configs[0], data),
        images_per_second_by_width=None if quick else _rates_by("width", WIDTHS, configs[0], data),
    )


def _rates_by(field: str, values: Sequence[int], config: RunConfig, data: Dataset) -> dict[int, float]:
    changes: list[dict[str, Any]] = [{field: value} for value in values]
    return {value: single_rate(replace(config, **c), data, 2.0) for value, c in zip(values, changes, strict=True)}
