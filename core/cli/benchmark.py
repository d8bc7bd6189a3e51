"""How fast training is on this machine, measured within one run and compared as ratios of medians.

The yardstick is the *notebook way*, as published solutions of the same exercise train: a DataLoader without
workers, PIL transforms image by image, element dropout after every block, L1 by a Python loop over the
parameters, ``.item()`` after every batch. It trains the same network with the same optimizer.
"""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F
from torch.utils.data import DataLoader
from torch.utils.flop_counter import FlopCounterMode

from core.config import RunConfig, preset
from core.data import batches
from core.data import datasets as data_module
from core.data.datasets import Dataset
from core.jobs.race import Race
from core.model import POOL_AFTER, NormNet, fastest_precision, get_model
from core.training.events import BatchDone, RunCompleted
from core.training.loop import train
from core.training.optimizer import MOMENTUM

Report = Callable[[str], None]
"""Called with a line of progress."""

DROPOUT = 0.05
GEMM_SIZE = 2048
BATCH_SIZES = (16, 32, 64, 128, 256, 512, 1024)
WIDTHS = (8, 16, 32, 64)
TARGETS = {"seconds_to_99": 99.0, "seconds_to_994": 99.4}
TABLE = "benchmark"
"""Name of the part of the README."""

SCHEDULES = (1, 2, 3, 4, 5, 6, 8, 10, 15, 20)


class NotebookNet(NormNet):
    """``NormNet`` with element dropout after every block, in torch's default memory layout."""

    def __init__(self, config: RunConfig) -> None:
        super().__init__(config.norm, config.groups, config.width, config.seed)
        self.to(memory_format=torch.contiguous_format)

    def forward(self, x: Tensor) -> Tensor:
        """(N, 1, 28, 28) -> (N, 10) logits."""
        for i, (conv, norm) in enumerate(zip(self.convs, self.norms, strict=True)):
            x = conv(x)
            if i in POOL_AFTER:
                x = F.max_pool2d(x, 2)
            x = F.dropout(F.relu(norm(x)), DROPOUT, self.training)
        return self.head(x.amax(dim=(2, 3)))


def notebook_batches(config: RunConfig, root: Path | None) -> Iterator[tuple[Tensor, Tensor]]:
    """Endless batches as a notebook makes them: one PIL image at a time, in the training process."""
    data_module.torchvision_datasets()  # makes torchvision importable where its compiled library is not
    from torchvision import datasets, transforms

    degrees, amount = batches.ROTATION_DEGREES, batches.BRIGHTNESS
    images = datasets.MNIST(
        data_module.data_root(root),
        train=True,
        transform=transforms.Compose(
            [
                transforms.RandomRotation(degrees),
                transforms.ColorJitter(brightness=amount, contrast=batches.CONTRAST),
                transforms.ToTensor(),
                transforms.Normalize((0.1307,), (0.3081,)),
            ]
        ),
    )
    while True:
        yield from DataLoader(images, batch_size=config.batch_size, shuffle=True)


def notebook_rate(config: RunConfig, root: Path | None, seconds: float) -> float:
    """Training images a second of the notebook way, over about ``seconds``."""
    model = NotebookNet(config).train()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=MOMENTUM, nesterov=True)
    images, begin = 0, 0.0
    for step, (x, y) in enumerate(notebook_batches(config, root)):
        if step == 3:  # the first batches warm up caches and allocators
            images, begin = 0, time.perf_counter()
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y)
        if config.l1:
            penalty: Any = 0
            for parameter in model.parameters():
                penalty = penalty + parameter.abs().sum()
            loss = loss + config.l1 * penalty
        loss.backward()
        optimizer.step()
        loss.item()
        images += len(y)
        if step > 3 and time.perf_counter() - begin > seconds:
            break
    return images / (time.perf_counter() - begin)


def single_rate(config: RunConfig, data: Dataset, seconds: float) -> float:
    """Training images a second of one variant alone, with the calling thread's number of torch threads."""
    training = train(config, data)
    begin = images = 0.0
    for event in training:
        if not isinstance(event, BatchDone):
            continue
        if event.images <= 3 * config.batch_size:
            begin, images = time.perf_counter(), event.images
        elif time.perf_counter() - begin > seconds:
            images = event.images - images
            break
    elapsed = time.perf_counter() - begin
    training.close()
    return images / elapsed


def race_rate(configs: Sequence[RunConfig], data: Dataset, seconds: float) -> float:
    """Training images a second of a race, all variants together, each in a thread of its own."""
    counts = [0] * len(configs)

    def count(i: int, event: Any) -> None:
        if isinstance(event, BatchDone):
            counts[i] = event.images

    race = Race(configs, on_event=count)
    runner = threading.Thread(target=race.run, args=(lambda name, progress: (data, ""),))
    runner.start()
    while min(counts) < 3 * configs[0].batch_size and runner.is_alive():
        time.sleep(0.01)
    begin, before = time.perf_counter(), sum(counts)
    time.sleep(seconds)
    rate = (sum(counts) - before) / (time.perf_counter() - begin)
    race.cancel()
    runner.join()
    return rate


def gemm_peak(seconds: float) -> float:
    """Gigaflops of an fp32 matrix multiplication of 2048 x 2048, the best of those that fit in ``seconds``."""
    a, b = (torch.rand(GEMM_SIZE, GEMM_SIZE) for _ in range(2))
    best, end = float("inf"), time.perf_counter() + seconds
    while time.perf_counter() < end or best == float("inf"):
        begin = time.perf_counter()
        a @ b
        best = min(best, time.perf_counter() - begin)
    return 2 * GEMM_SIZE**3 / best / 1e9


def training_flops(config: RunConfig) -> float:
    """Floating-point operations of one training image, forward and backward, by torch's own counter."""
    model = get_model(replace(config, precision="fp32")).train()
    images = 8
    with FlopCounterMode(display=False) as counter:
        F.cross_entropy(model(torch.rand(images, 1, 28, 28)), torch.zeros(images, dtype=torch.long)).backward()
    return counter.get_total_flops() / images


def times_to(
    targets: dict[str, float], config: RunConfig, data: Dataset, seeds: Sequence[int], report: Report
) -> dict[str, dict[str, Any] | None]:
    """For each target, in percent: the shortest schedule whose median accuracy over ``seeds`` reaches it.

    With it the median of the schedule's seconds, from start to end, every epoch's evaluation included. None
    where no schedule of up to 20 epochs reaches the target.
    """
    found: dict[str, dict[str, Any] | None] = dict.fromkeys(targets)
    for epochs in SCHEDULES:
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
                found[name] = {"seconds": seconds, "epochs": epochs, "accuracies": accuracies, "times": times}
    return found


def _rounds(kinds: dict[str, Callable[[], float]], rounds: int, report: Report) -> dict[str, list[float]]:
    """Measure every kind in turn, ``rounds`` times over: A B C A B C, so that drift hits all alike."""
    found: dict[str, list[float]] = {name: [] for name in kinds}
    for i in range(rounds):
        for name, measure in kinds.items():
            found[name].append(measure())
            report(f"round {i + 1}: {name} {found[name][-1]:,.0f} images/s")
    return found


def benchmark(data: Dataset, root: Path | None, *, quick: bool, report: Report) -> dict[str, Any]:
    """All figures of the performance table; ``quick`` measures shorter, and leaves out time to accuracy and sizes."""
    configs = preset("assignment", precision=fastest_precision())
    seconds, rounds = (3.0, 3) if quick else (6.0, 3)
    kinds: dict[str, Callable[[], float]] = {}
    for config in configs:
        plain = replace(config, precision="fp32")
        kinds[f"notebook {config.norm}"] = lambda c=plain: notebook_rate(c, root, seconds)
        kinds[f"single {config.norm}"] = lambda c=config: single_rate(c, data, seconds)
    kinds["race"] = lambda: race_rate(configs, data, seconds)
    found = _rounds(kinds, rounds, report)
    median = {name: statistics.median(values) for name, values in found.items()}
    peak = gemm_peak(2.0 if quick else 5.0)
    notebook = statistics.mean(median[f"notebook {c.norm}"] for c in configs)
    flops = {c.norm: training_flops(c) for c in configs}
    result: dict[str, Any] = {
        "threads": torch.get_num_threads(),
        "torch": torch.__version__,
        "precision": configs[0].precision,
        "rounds": {name: [round(v, 1) for v in values] for name, values in found.items()},
        "race_images_per_second": median["race"],
        "race_ratio": median["race"] / notebook,
        "gemm_peak_gflops": peak,
        "training_mflop_per_image": {norm: value / 1e6 for norm, value in flops.items()},
        "achieved_gflops": median["race"] * statistics.mean(flops.values()) / 1e9,
        "assignment_20_epochs_minutes": 20 * 3 * len(data.train_images) / median["race"] / 60,
        "assignment_20_epochs_minutes_notebook": sum(
            20 * len(data.train_images) / median[f"notebook {c.norm}"] / 60 for c in configs
        ),
    }
    for config in configs:
        norm = config.norm
        result[norm] = {
            "notebook_images_per_second": median[f"notebook {norm}"],
            "single_images_per_second": median[f"single {norm}"],
            **dict.fromkeys(TARGETS),
        }
        if not quick:
            result[norm].update(times_to(TARGETS, config, data, (0, 1, 2), report))
    if not quick:
        result["images_per_second_by_batch_size"] = {
            size: single_rate(replace(configs[0], batch_size=size), data, 2.0) for size in BATCH_SIZES
        }
        result["images_per_second_by_width"] = {
            width: single_rate(replace(configs[0], width=width), data, 2.0) for width in WIDTHS
        }
    return result


def table(result: dict[str, Any]) -> str:
    """The figures as the Markdown text of the README."""
    norms = [norm for norm in ("bn", "gn", "ln") if norm in result]
    names = {"bn": "BN + L1", "gn": "GN (4)", "ln": "LN"}

    def row(title: str, *cells: str) -> str:
        return f"| {' | '.join([title, *cells])} |"

    def head(title: str, *cells: str) -> list[str]:
        return [row(title, *cells), "|" + "---|" * (len(cells) + 1)]

    def rate(value: float) -> str:
        return f"{value:,.0f}"

    def spread(kind: str, norm: str) -> str:
        values = result["rounds"][f"{kind} {norm}"]
        return f"{rate(result[norm][f'{kind}_images_per_second'])} ({rate(min(values))} to {rate(max(values))})"

    def reached(value: dict[str, Any] | None) -> str:
        if value is None:
            return "not within 20 epochs"
        return f"{value['seconds']:.0f} s ({value['epochs']} epoch{'s' if value['epochs'] > 1 else ''})"

    quick = "images_per_second_by_width" not in result
    lines = [
        *head("images a second", *(names[norm] for norm in norms)),
        row("the notebook way", *(spread("notebook", norm) for norm in norms)),
        row("one variant alone", *(spread("single", norm) for norm in norms)),
    ]
    if not quick:
        lines += [
            row("time to 99.0 %", *(reached(result[norm]["seconds_to_99"]) for norm in norms)),
            row("time to 99.4 %", *(reached(result[norm]["seconds_to_994"]) for norm in norms)),
        ]
    low, high = (rate(f(result["rounds"]["race"])) for f in (min, max))
    lines += [
        "",
        f"A race of the three trains {rate(result['race_images_per_second'])} ({low} to {high}) images a second in "
        f"all, {result['race_ratio']:.1f} times the mean of the notebook way ({result['threads']} threads, "
        f"{result['precision']}). The three for 20 epochs, tests left out: "
        f"{result['assignment_20_epochs_minutes']:.1f} minutes, the notebook way "
        f"{result['assignment_20_epochs_minutes_notebook']:.1f}. Arithmetic: {result['achieved_gflops']:.0f} Gflop/s, "
        f"where a matrix multiplication in fp32 reaches {result['gemm_peak_gflops']:.0f}.",
    ]
    for key, title in (("batch_size", "batch size"), ("width", "channels")) if not quick else ():
        rates = result[f"images_per_second_by_{key}"]
        cells = (rate(value) for value in rates.values())
        lines += ["", *head(f"{title} (BN + L1)", *map(str, rates)), row("images a second", *cells)]
    return "\n".join(lines)
