"""The command line: ``python -m core train | race | study | lab | evaluate | findings | figures | benchmark``.

Exit status: 0 done, 2 a bad argument, 1 anything else that keeps the command from finishing, explained
in one line on stderr. Ctrl-C and SIGTERM stop within a batch and keep the finished epochs.
"""

from __future__ import annotations

import argparse
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.catalogue import DATASETS, NORMS
from core.cli import lab as cli_lab
from core.cli import reports as cli_reports
from core.cli import training as cli_training
from core.cli.common import BAD_ARGUMENT, FAILED, Failure, sigterm_interrupts
from core.cli.streams import MOST_OF_A_LINE, tell_error
from core.config import DEFAULT_GROUPS, PRESETS, ConfigError
from core.quoting import quoted, shortened


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    try:
        options = _parser().parse_args(arguments)
    except SystemExit as end:  # argparse has printed its line
        return end.code if isinstance(end.code, int) else BAD_ARGUMENT
    # a worker's traceback belongs in a server's log; here one line says it
    logging.getLogger("core").addHandler(logging.NullHandler())
    try:
        with sigterm_interrupts():
            return options.command(options)
    except ConfigError as error:
        return _say(error, BAD_ARGUMENT)
    except KeyboardInterrupt:
        return _say("stopped", FAILED)
    except OSError as error:
        return _say(f"{error.filename or 'file'}: {error.strerror or error}", FAILED)
    except MemoryError:
        return _say("there is not enough memory", FAILED)
    except _failures() as error:
        return _say(error, FAILED)
    except Exception as error:  # never a traceback, whatever is wrong in here
        return _say(f"an error in this program: {type(error).__name__}: {error}", FAILED)


def _failures() -> tuple[type[Exception], ...]:
    # torch takes two seconds to import: asked for only when neither clause above has matched, so that
    # bad arguments are answered before that
    from core.data.download import DataError
    from core.experiments.table import TableError
    from core.jobs.failures import ExecutorError
    from core.records.record import RecordError

    return Failure, DataError, ExecutorError, RecordError, TableError


def _say(error: object, status: int) -> int:
    tell_error(error)
    return status


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> Any:
        # one clear line instead of argparse's usage block
        self.exit(BAD_ARGUMENT, shortened(f"{self.prog}: error: {message}", MOST_OF_A_LINE) + "\n")


def _parser() -> _Parser:
    parser = _Parser(prog="python -m core", description="Train and compare normalization variants on MNIST.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _training_commands(commands)
    _lab_command(commands)
    _report_commands(commands)
    return parser


def _training_options() -> _Parser:
    """What every command that trains understands."""
    shared = _Parser(add_help=False)
    shared.add_argument("--epochs", type=_whole_number, default=20)
    shared.add_argument("--batch-size", type=_whole_number, default=128)
    shared.add_argument("--lr", type=_number, default=0.1, help="highest learning rate of the schedule")
    shared.add_argument("--seed", type=_whole_number, default=0)
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
    shared.add_argument(
        "--threads",
        type=_whole_number,
        help="torch threads a variant (default: the cores, shared out; no more than OMP_NUM_THREADS)",
    )
    shared.add_argument("--out", type=_path, help="folder that keeps the records (default: see README)")
    shared.add_argument("--json", action="store_true", help="one event a line on stdout")
    _data_root(shared)
    return shared


def _training_commands(commands: argparse._SubParsersAction[_Parser]) -> None:
    shared = _training_options()
    train = commands.add_parser("train", parents=[shared], help="train one variant")
    train.add_argument("--norm", required=True, help=", ".join(NORMS))
    train.add_argument("--groups", type=_whole_number, default=DEFAULT_GROUPS, help="GroupNorm's G (gn only)")
    train.add_argument("--l1", type=_number, default=0.0)
    train.add_argument("--l2", type=_number, default=0.0)
    train.set_defaults(command=cli_training.train)

    race = commands.add_parser("race", parents=[shared], help="train the variants of a preset side by side")
    race.add_argument("--preset", default="assignment", help=", ".join(PRESETS))
    race.set_defaults(command=cli_training.race)

    study = commands.add_parser("study", parents=[shared], help="every method on all its seeds: the shipped records")
    _dask(study)
    study.set_defaults(command=cli_training.study)


def _lab_command(commands: argparse._SubParsersAction[_Parser]) -> None:
    lab = commands.add_parser("lab", help="experiments in which the norms part; without a name, the list of them")
    lab.add_argument("names", nargs="*", metavar="NAME", help="of an experiment; none, with a folder: all of them")
    lab.add_argument("--quick", action="store_true", help="the short forms, as the page runs them")
    lab.add_argument("--seeds", type=_whole_number, help="how many (default: 5 from seed 3 on; quick: seed 0)")
    lab.add_argument("--out", type=_path, help="folder that keeps the tables, and where a stopped sweep goes on")
    lab.add_argument("--figures", type=_path, metavar="DIR", help="folder for a PNG of each picture")
    lab.add_argument("--readme", type=_path, help="file whose part on the lab is written anew, too")
    _dask(lab)
    lab.add_argument("--json", action="store_true", help="one event a line on stdout")
    _data_root(lab)
    lab.set_defaults(command=cli_lab.lab)


def _report_commands(commands: argparse._SubParsersAction[_Parser]) -> None:
    evaluate = commands.add_parser("evaluate", help="test loss and accuracy of a saved run")
    evaluate.add_argument("run_dir", type=_path)
    evaluate.add_argument("--json", action="store_true")
    _data_root(evaluate)
    evaluate.set_defaults(command=cli_reports.evaluate)

    benchmark = commands.add_parser("benchmark", help="how fast training is here, against the notebook way")
    benchmark.add_argument("--quick", action="store_true", help="about a minute: no time to accuracy, no sizes")
    benchmark.add_argument("--json", action="store_true", help="one object on stdout")
    benchmark.add_argument("--readme", type=_path, help="file whose performance table is written anew, too")
    _data_root(benchmark)
    benchmark.set_defaults(command=cli_reports.benchmark)

    findings = commands.add_parser("findings", help="what runs of several seeds say, with tests, as Markdown")
    findings.add_argument("run_dirs", type=_path, nargs="+", metavar="RUN_DIR")
    findings.add_argument("--readme", type=_path, help="file whose findings are written anew, too")
    findings.set_defaults(command=cli_reports.findings)

    figures = commands.add_parser("figures", help="Graph 1, Graph 2 and a 5x2 picture a run, as PNG")
    figures.add_argument("run_dirs", type=_path, nargs="+", metavar="RUN_DIR")
    figures.add_argument("--out", type=_path, required=True)
    figures.add_argument(
        "--pictures-of-seed", type=_whole_number, metavar="S", help="5x2 pictures of runs with this seed only"
    )
    figures.set_defaults(command=cli_reports.figures)


def _whole_number(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{quoted(text)} is not a whole number") from None


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{quoted(text)} is not a number") from None


def _path(text: str) -> Path:
    if not text:  # Path("") is the folder that one is in, which nobody means
        raise argparse.ArgumentTypeError("is empty; use a path")
    return Path(text)


def _dask(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--dask",
        metavar="ADDRESS",
        help="let the workers of a Dask scheduler do it: tcp://HOST:PORT, yours and on a network that you trust",
    )


def _data_root(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--data-root", type=_path, help="folder of the data sets (default: NORMLENS_DATA, else a cache folder)"
    )
