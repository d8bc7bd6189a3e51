"""The command line: ``python -m core train | race | study | evaluate | benchmark | figures``.

Exit status: 0 done, 2 a bad argument, 1 anything else that keeps the command from finishing, explained
in one line on stderr. Ctrl-C and SIGTERM stop within a batch and keep the finished epochs.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from core.config import DATASETS, DEFAULT_GROUPS, NORMS, PRESETS, ConfigError, RunConfig, preset
from core.study import races as study_races

DONE, FAILED, BAD_ARGUMENT = 0, 1, 2


class Failure(Exception):
    """Ends the command with status 1 and this one line."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    try:
        options = _parser().parse_args(arguments)
    except SystemExit as end:  # argparse has printed its line
        return end.code if isinstance(end.code, int) else BAD_ARGUMENT
    # a worker's traceback belongs in a server's log; here one line says it
    logging.getLogger("core").addHandler(logging.NullHandler())
    try:
        return options.command(options)
    except ConfigError as error:
        return _say(error, BAD_ARGUMENT)
    except KeyboardInterrupt:
        return _say("stopped", FAILED)
    except OSError as error:
        return _say(f"{error.filename or 'file'}: {error.strerror or error}", FAILED)
    except _failures() as error:
        return _say(error, FAILED)


def _failures() -> tuple[type[Exception], ...]:
    # torch takes two seconds to import: asked for only when neither clause above has matched, so that
    # bad arguments are answered before that
    from core.data import DataError
    from core.record import RecordError

    return Failure, DataError, RecordError


def _say(error: object, status: int) -> int:
    print(f"core: error: {error}", file=sys.stderr)
    return status


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> Any:
        # one clear line instead of argparse's usage block
        self.exit(BAD_ARGUMENT, f"{self.prog}: error: {message}\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="python -m core", description="Train and compare normalization variants on MNIST.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--epochs", type=int, default=20)
    shared.add_argument("--batch-size", type=int, default=128)
    shared.add_argument("--lr", type=float, default=0.1, help="highest learning rate of the schedule")
    shared.add_argument("--seed", type=int, default=0)
    shared.add_argument("--dataset", default="mnist", help=", ".join(DATASETS))
    shared.add_argument(
        "--precision", default="auto", help="fp32, bf16, or auto: bf16 where the processor is faster with it"
    )
    shared.add_argument("--no-augment", dest="augment", action="store_false")
    shared.add_argument(
        "--validation",
        action="store_true",
        help="test on a twelfth of the training images, held out: for choosing a recipe",
    )
    shared.add_argument("--threads", type=int, help="torch threads a variant (default: the cores, shared out)")
    shared.add_argument("--out", type=Path, help="folder that keeps the records (default: see README)")
    shared.add_argument("--json", action="store_true", help="one event a line on stdout")
    _data_root(shared)

    train = commands.add_parser("train", parents=[shared], help="train one variant")
    train.add_argument("--norm", required=True, help=", ".join(NORMS))
    train.add_argument("--groups", type=int, default=DEFAULT_GROUPS, help="GroupNorm's G (gn only)")
    train.add_argument("--l1", type=float, default=0.0)
    train.add_argument("--l2", type=float, default=0.0)
    train.set_defaults(command=_train)

    race = commands.add_parser("race", parents=[shared], help="train the variants of a preset side by side")
    race.add_argument("--preset", default="assignment", help=", ".join(PRESETS))
    race.set_defaults(command=_race)

    study = commands.add_parser("study", parents=[shared], help="every method on all its seeds: the shipped records")
    study.set_defaults(command=_study)

    evaluate = commands.add_parser("evaluate", help="test loss and accuracy of a saved run")
    evaluate.add_argument("run_dir", type=Path)
    evaluate.add_argument("--json", action="store_true")
    _data_root(evaluate)
    evaluate.set_defaults(command=_evaluate)

    benchmark = commands.add_parser("benchmark", help="how fast training is here, against the notebook way")
    benchmark.add_argument("--quick", action="store_true", help="about a minute: no time to accuracy, no sizes")
    benchmark.add_argument("--json", action="store_true", help="one object on stdout")
    benchmark.add_argument("--readme", type=Path, help="file whose performance table is written anew, too")
    _data_root(benchmark)
    benchmark.set_defaults(command=_benchmark)

    figures = commands.add_parser("figures", help="Graph 1, Graph 2 and a 5x2 picture a run, as PNG")
    figures.add_argument("run_dirs", type=Path, nargs="+", metavar="RUN_DIR")
    figures.add_argument("--out", type=Path, required=True)
    figures.set_defaults(command=_figures)
    return parser


def _data_root(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--data-root", type=Path, help="folder of the data sets (default: NORMLENS_DATA, else a cache folder)"
    )


def _shared_fields(options: argparse.Namespace) -> dict[str, Any]:
    names = ("epochs", "batch_size", "lr", "seed", "dataset", "augment", "validation")
    fields = {name: getattr(options, name) for name in names}
    # "auto" asks the processor, by way of torch: _run does that once all else is known to be right
    return fields if options.precision == "auto" else {**fields, "precision": options.precision}


def _train(options: argparse.Namespace) -> int:
    config = RunConfig(
        norm=options.norm, groups=options.groups, l1=options.l1, l2=options.l2, **_shared_fields(options)
    )
    return _run([config], options)


def _race(options: argparse.Namespace) -> int:
    return _run(preset(options.preset, **_shared_fields(options)), options)


def _study(options: argparse.Namespace) -> int:
    if options.seed:
        raise ConfigError(f"seed={options.seed} cannot be chosen here; the study has seeds of its own")
    fields = _shared_fields(options)
    del fields["seed"]
    for race in study_races(**fields):
        _run(race, options, again=False)
    return DONE


def _run(configs: Sequence[RunConfig], options: argparse.Namespace, *, again: bool = True) -> int:
    if options.threads is not None and not 1 <= options.threads <= 256:
        raise ConfigError(f"threads={options.threads} is out of range; use a whole number from 1 to 256")
    _check_out(options.out)

    from core import data
    from core.model import fastest_precision
    from core.race import Race
    from core.runs import RunStore

    if options.precision == "auto":
        configs = [replace(config, precision=fastest_precision()) for config in configs]

    data.data_root(options.data_root)  # a file is a bad argument, told before anything is loaded
    store = RunStore(options.out)
    store.root.mkdir(parents=True, exist_ok=True)  # a folder that cannot be had is told before an epoch is spent
    if not again:
        configs = [config for config in configs if not store.has_complete(config.run_id)]
        if not configs:
            return DONE
    progress = _JsonLines(configs) if options.json else _Bars(configs)
    race = Race(configs, store=store, threads=options.threads, on_event=progress.take)

    def load(name: Any, report: data.Progress) -> tuple[data.Dataset, str]:
        return data.load(name, options.data_root, progress=report), ""

    with progress:
        end = _until_done(lambda: race.run(load), race.cancel)
    if end.status == "failed":
        if isinstance(race.error, ConfigError):
            raise race.error
        raise Failure(end.message)
    if not options.json:
        for variant in end.variants:
            if variant.rows:
                row = variant.rows[-1]
                where = store.root / variant.run_id
                print(
                    f"{variant.label}: test accuracy {row.test_accuracy:.2f} %, test loss {row.test_loss:.4f} "
                    f"after {row.epoch} epochs; {variant.images_per_second:,.0f} images/s; record in {where}"
                )
    short = [v for v in end.variants if v.status != "complete"]
    if short:
        kept = f"; finished epochs are kept in {store.root}" if any(v.rows for v in short) else ""
        raise Failure("; ".join(f"{v.label}: {v.message or 'stopped before it began'}" for v in short) + kept)
    return DONE


def _check_out(out: Path | None) -> None:
    for place in (out, *out.parents) if out is not None else ():
        if os.path.isfile(place):  # noqa: PTH113 - unlike Path.is_file, False where the folder cannot be read
            raise ConfigError(f"out={out} {'is' if place == out else 'lies below'} a file; use a folder")


def _until_done(work: Callable[[], Any], cancel: Callable[[], None]) -> Any:
    """Run ``work`` in a thread of its own; SIGINT and SIGTERM call ``cancel`` and wait for its end.

    A signal interrupts the main thread wherever it is. Were that inside torch, or were the process to
    end while a worker is, the interpreter would abort; so the main thread only waits.
    """
    result: list[Any] = []
    errors: list[BaseException] = []

    def target() -> None:
        try:
            result.append(work())
        except BaseException as error:
            errors.append(error)

    worker = threading.Thread(target=target, name="normlens-command")
    stops = (signal.SIGINT, signal.SIGTERM)
    in_main = threading.current_thread() is threading.main_thread()
    before = {s: signal.signal(s, lambda *_: cancel()) for s in stops} if in_main else {}
    try:
        worker.start()
        while worker.is_alive():
            worker.join(0.2)  # in steps, so that a signal's handler gets its turn
    finally:
        for s, handler in before.items():
            signal.signal(s, handler)
    if errors:
        raise errors[0]
    return result[0]


class _Bars:
    """A progress bar a variant on stderr, with the last epoch's test accuracy."""

    only_on_a_terminal = False

    def __init__(self, configs: Sequence[RunConfig]) -> None:
        width = max(len(config.label) for config in configs)
        self._names = [f"{config.label:<{width}}" for config in configs]
        self._bars: dict[int, Any] = {}

    def __enter__(self) -> None: ...

    def __exit__(self, *_: object) -> None:
        for bar in self._bars.values():
            bar.close()

    def take(self, variant: int, event: Any) -> None:
        if event.name == "run_started":  # not before: where there is no data, there is no bar
            from tqdm import tqdm

            name, total = self._names[variant], event.batches * event.epochs
            self._bars[variant] = tqdm(
                desc=name,
                total=total,
                unit="batch",
                position=variant,
                mininterval=0.2,
                dynamic_ncols=True,
                disable=None if self.only_on_a_terminal else False,  # None: tqdm looks itself
            )
        bar = self._bars[variant]
        if event.name == "batch_done":
            bar.update()
        elif event.name == "epoch_done":
            bar.set_postfix_str(f"epoch {event.epoch}: test {event.test_accuracy:.2f} %")


class _JsonLines(_Bars):
    """One event a line on stdout, the last line of a run being its ``run_completed``.

    The bars show where stderr is a terminal; a script that reads stderr gets nothing but errors.
    """

    only_on_a_terminal = True

    def __init__(self, configs: Sequence[RunConfig]) -> None:
        super().__init__(configs)
        self._lock = threading.Lock()

    def take(self, variant: int, event: Any) -> None:
        with self._lock:  # the variants of a race speak at once
            print(json.dumps(event.to_json()), flush=True)
        super().take(variant, event)


def _evaluate(options: argparse.Namespace) -> int:
    from core import data, runs
    from core.training import evaluate

    data.data_root(options.data_root)
    record = runs.verify(options.run_dir)
    model = runs.trained_model(record)
    images = data.load(record.config.dataset, options.data_root)
    result = evaluate(model, data.hold_out(images) if record.config.validation else images)
    if options.json:
        values = {"event": "evaluated", "run_id": record.run_id, "label": record.label}
        print(json.dumps({**values, "test_accuracy": result.accuracy, "test_loss": result.loss}))
    else:
        print(f"{record.label}: test accuracy {result.accuracy:.2f} %, test loss {result.loss:.4f}")
    return DONE


def _figures(options: argparse.Namespace) -> int:
    _check_out(options.out)

    from core import graphs, pictures, runs
    from core.data import CLASS_NAMES
    from core.methods import methods as as_methods

    records = [runs.load(folder) for folder in options.run_dirs]
    for record in records:
        if record.predictions is None:
            raise Failure(f"{record.label} stopped before its first epoch ended: there is nothing to draw")
    options.out.mkdir(parents=True, exist_ok=True)
    written = []
    methods = as_methods(records)
    for name, figure in (
        ("graph1_test_loss", graphs.loss_figure(methods)),
        ("graph2_test_accuracy", graphs.accuracy_figure(methods)),
    ):
        figure.update_layout(template="plotly_white")
        path = options.out / f"{name}.png"
        _write_png(figure, path)
        written.append(path)
    for record in records:
        assert record.predictions is not None  # checked above
        positions = pictures.choose(record.predictions, "confident")
        picture = pictures.grid_picture(record, positions, CLASS_NAMES[record.config.dataset], order="confident")
        path = options.out / f"misclassified_{record.config.norm}_{record.run_id}.png"
        picture.save(path)
        written.append(path)
    print(*written, sep="\n")
    return DONE


def _write_png(figure: Any, path: Path) -> None:
    try:
        import kaleido  # noqa: F401 - plotly calls it; only its absence is of interest here
    except ImportError as error:
        raise Failure("the graphs need the package kaleido: pip install kaleido==1.5.0") from error
    from kaleido.errors import ChromeNotFoundError, KaleidoError

    try:
        figure.write_image(path, width=1100, height=560, scale=2)
    except (ChromeNotFoundError, KaleidoError, RuntimeError, OSError) as error:
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise Failure(f"the graphs need Chromium or Chrome to be drawn: {reason}") from error
    if not path.stat().st_size:
        raise Failure(f"{path} came out empty")


def _benchmark(options: argparse.Namespace) -> int:
    from core import benchmark, data

    if options.readme is not None and not options.readme.is_file():
        raise ConfigError(f"readme={options.readme} is not a file")
    data.data_root(options.data_root)
    mnist = data.load("mnist", options.data_root)
    result = _until_done(
        lambda: benchmark.benchmark(
            mnist, options.data_root, quick=options.quick, report=lambda line: print(line, file=sys.stderr, flush=True)
        ),
        lambda: os._exit(FAILED),  # nothing of a measurement is worth keeping, and no thread may be left inside torch
    )
    print(json.dumps(result) if options.json else benchmark.table(result))
    if options.readme is not None:
        benchmark.write_into(options.readme, benchmark.table(result))
    return DONE
