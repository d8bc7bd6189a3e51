"""The commands that look: ``evaluate``, ``figures`` and ``findings`` at finished runs, ``benchmark`` at the machine."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from core.catalogue import DATASETS
from core.cli.common import DONE, FAILED, Failure, check_out, no_threads_left, until_done
from core.cli.drawing import png
from core.cli.readme import check_readme, write_between
from core.cli.streams import json_line, put, tell, tell_error
from core.records.whole_file import write_whole

if TYPE_CHECKING:
    from core.records.record import RunRecord


def evaluate(options: argparse.Namespace) -> int:
    """Test loss and accuracy of a saved run."""
    from core.data import datasets
    from core.records.chance import at_chance
    from core.records.network import trained_model, verify
    from core.records.record import Predictions
    from core.training.loop import evaluate as evaluate_model

    datasets.data_root(options.data_root)
    record = verify(options.run_dir)
    model = trained_model(record)
    images = datasets.load(record.config.dataset, options.data_root)
    if record.config.validation:
        images = datasets.hold_out(images)
    result = evaluate_model(model, images)
    labels, pictures = images.test_labels.numpy(), images.test_images.numpy()
    chance = at_chance(Predictions.of(labels, result.probabilities.numpy(), pictures, images.fingerprint))
    if options.json:
        run = {"event": "evaluated", "run_id": record.run_id, "label": record.label}
        found = {"test_accuracy": result.accuracy, "test_loss": result.loss, "at_chance": bool(chance)}
        put(json_line({**run, **found}))
    else:
        text = f"{record.label}: test accuracy {result.accuracy:.2f} %, test loss {result.loss:.4f}"
        put(f"{text}. {chance}" if chance else text)
    return DONE


def figures(options: argparse.Namespace) -> int:
    """Graph 1, Graph 2 and a 5x2 picture a run."""
    check_out(options.out)

    from core.comparison import graphs
    from core.comparison.methods import as_methods
    from core.comparison.study_findings import PUBLISHED
    from core.misclassified.grid import choose, grid_png

    records = _load(options.run_dirs, "to draw")
    options.out.mkdir(parents=True, exist_ok=True)
    written = []
    methods = as_methods(records)
    window = graphs.accuracy_range(methods, "test_accuracy")
    published = PUBLISHED if {record.config.dataset for record in records} == {"mnist"} else None
    for name, figure in (
        ("graph1_test_loss", graphs.loss_figure(methods)),
        ("graph2_test_accuracy", graphs.accuracy_figure(methods, zoom=window, published=published)),
    ):
        figure.update_layout(template="plotly_white")
        path = options.out / f"{name}.png"
        write_whole(path, png(figure, path))
        written.append(path)
    wanted = options.pictures_of_seed
    for record in records if wanted is None else [r for r in records if r.config.seed == wanted]:
        positions = choose(record.predictions, "confident")
        picture = grid_png(record, positions, DATASETS[record.config.dataset].classes, order="confident")
        path = options.out / f"misclassified_{record.config.norm}_{record.run_id}.png"
        write_whole(path, picture)
        written.append(path)
    put("\n".join(map(str, written)))
    return DONE


def findings(options: argparse.Namespace) -> int:
    """What runs of several seeds say, as Markdown."""
    from core.comparison import report
    from core.comparison.methods import as_methods, in_study_order

    check_readme(options.readme, report.FINDINGS)
    records = _load(options.run_dirs, "to say of it")
    # a shell gives the folders by name, which says nothing
    text = report.findings_report(as_methods(in_study_order(records)))
    _put_and_write(text, text, options.readme, report.FINDINGS)
    return DONE


def _put_and_write(text: str, part: str, readme: Path | None, name: str) -> None:
    """Print ``text``, and put ``part`` into the file; what fails of the two does not keep the other from it."""
    try:
        put(text)
    finally:
        if readme is not None:
            write_between(readme, name, part)


def _load(folders: Sequence[Path], aim: str) -> list[RunRecord]:
    from core.records.network import verify
    from core.records.store import load_summary

    for summary in map(load_summary, folders):
        if not summary.epochs:
            raise Failure(f"{summary.label} stopped before its first epoch ended: there is nothing {aim}")
    return [verify(folder) for folder in folders]


def _leave() -> None:
    # nothing of a measurement is worth keeping, and no thread may be left inside torch
    tell_error("stopped")
    os._exit(FAILED)


def benchmark(options: argparse.Namespace) -> int:
    """How fast training is on this machine."""
    from core.cli import benchmark as measure
    from core.cli.benchmark_result import table
    from core.data import datasets

    check_readme(options.readme, measure.TABLE)
    datasets.data_root(options.data_root)
    with no_threads_left():
        mnist = datasets.load("mnist", options.data_root)
    result = until_done(
        lambda: measure.benchmark(mnist, options.data_root, quick=options.quick, report=tell), _leave
    ).result
    _put_and_write(
        json_line(result.to_json()) if options.json else table(result), table(result), options.readme, measure.TABLE
    )
    return DONE
