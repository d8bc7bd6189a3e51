"""Findings as Markdown, and the parts of a file that commands write."""

from __future__ import annotations

import pytest

from core import cli, runs
from core.config import ConfigError
from core.methods import methods
from core.readme import marks, read_between, write_between
from core.report import FINDINGS, findings_report
from tests.core.test_findings import run, seeds_of


def test_the_report_has_the_means_and_the_findings():
    text = findings_report(methods([*seeds_of([10, 12], "ln"), *seeds_of([50, 52], "bn")]))
    assert "| LN | 2 | 99.45 % | " in text
    assert " | 99.50, 99.40 |" in text
    assert "On MNIST, 3 epochs, value after the last one." in text
    assert "- **LN or BN?** LN ends 2.00 points above BN. Final test accuracy, LN minus BN, paired by seed" in text


def test_the_command_prints_and_writes_it(tmp_path, capsys):
    folders = [runs.save(record, tmp_path / "runs") for record in seeds_of([10, 12], "ln")]
    readme = tmp_path / "README.md"
    begin, end = marks(FINDINGS)
    readme.write_text(f"before\n{begin}\nold\n{end}\nafter\n")
    assert cli.main(["findings", *map(str, folders), "--readme", str(readme)]) == 0
    printed = capsys.readouterr().out
    assert readme.read_text() == f"before\n{begin}\n{printed}{end}\nafter\n"
    assert printed == findings_report(methods([runs.load(folder) for folder in folders])) + "\n"


def test_a_part_is_replaced_again_and_again(tmp_path):
    readme = tmp_path / "README.md"
    readme.write_text("before\n<!-- x -->\n<!-- end of x -->\nafter\n")
    for text in ("| new |", "| newer |"):
        write_between(readme, "x", text)
        assert read_between(readme, "x") == f"{text}\n"
    assert readme.read_text() == "before\n<!-- x -->\n| newer |\n<!-- end of x -->\nafter\n"
    with pytest.raises(ConfigError, match="has no place for the part; put the lines <!-- y -->"):
        write_between(readme, "y", "| new |")


def test_one_run_is_described_without_a_test():
    text = findings_report(methods([run(range(4), "bn", 7)]))
    assert "| BN | 1 | 99.80 % | " in text
    assert "- **" not in text
