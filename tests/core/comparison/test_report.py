"""Findings as Markdown, and the parts of a file that commands write."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.cli.parser import main
from core.cli.readme import marks, read_between, write_between
from core.comparison.intervals import t_interval, wilson
from core.comparison.methods import as_methods
from core.comparison.report import FINDINGS, findings_report
from core.config import ConfigError
from core.model import get_model
from core.records.record import RunRecord
from core.records.store import load, save
from tests.core.comparison.test_findings import run, seeds_of


def of_a_network(record: RunRecord) -> RunRecord:
    """``record`` with the untrained weights of its seed, without which a command does not take it."""
    weights = {name: tensor.numpy() for name, tensor in get_model(record.config).state_dict().items()}
    return replace(record, weights=weights)


def table(text: str) -> list[list[str]]:
    """The cells of the report's table, its head first."""
    head, ruler, *rows = [line.strip("|").split("|") for line in text.splitlines() if line.startswith("|")]
    assert all(set(cell) == {"-"} for cell in ruler)
    assert {len(cells) for cells in (head, ruler, *rows)} == {5}
    return [[cell.strip() for cell in cells] for cells in (head, *rows)]


def test_the_report_has_the_means_and_the_findings():
    text = findings_report(as_methods([*seeds_of([10, 12, 11], "ln"), *seeds_of([50, 52, 54], "bn")]))
    head, ln, bn = table(text)
    assert head == ["", "seeds", "mean test accuracy", "95 % interval", "each seed"]
    interval = t_interval([99.5, 99.4, 99.45])
    assert ln == ["LN", "3", "99.45 %", f"{interval.low:.2f} to {interval.high:.2f}", "99.50, 99.40, 99.45"]
    assert bn[0] == "BN"
    assert "On MNIST, 3 epochs, value after the last one. Intervals: t over the seeds.\n" in text
    lead, answer, agreement = text.splitlines()[0], *text.splitlines()[-2:]
    assert lead.startswith(
        "Of LN and BN, **LN** has the highest mean final test accuracy: **99.45 %** over 3 seeds (95 "
    )
    assert agreement.startswith("- **Do LN and BN agree within 0.15 points?** That is not shown: ")
    assert lead.endswith("The test puts LN 2.05 points above BN.")
    assert answer.startswith("- **LN or BN?** LN ends 2.05 points above BN.<br><sub>Final test accuracy, LN minus BN, ")
    assert answer.endswith(".</sub>")


@pytest.mark.parametrize(
    ("epochs", "said"),
    [
        ([1], "On MNIST, value after 1 epoch. "),
        ([3], "On MNIST, 3 epochs, value after the last one. "),
        ([1, 3], "On MNIST, 1 and 3 epochs, value after the last one. "),
        ([5, 1, 3], "On MNIST, 1, 3 and 5 epochs, value after the last one. "),
    ],
)
def test_the_table_says_after_how_many_epochs(epochs, said):
    text = findings_report(as_methods([run(range(4), losses=[0.1] * count) for count in epochs]))
    assert f"\n{said}Intervals: " in text


def test_the_first_sentence_is_about_the_assignment():
    bn = seeds_of([50, 52], "bn", l1=1e-4)
    family = [*bn, *seeds_of([9, 13], "gn", groups=4), *seeds_of([14, 10], "ln", first=5)]
    text = findings_report(as_methods([*seeds_of([1, 3], "none"), *family]))
    # of those alone: a method that it does not name is higher in the table
    assert text.startswith(
        "Of BN + L1, GN (4) and LN, **GN (4)** has the highest mean final test accuracy: **99.45 %** over 2 seeds ("
    )
    assert ["no norm", "2", "99.90 %"] in [row[:3] for row in table(text)]


def test_the_command_prints_and_writes_it(tmp_path, capsys):
    folders = [save(of_a_network(record), tmp_path / "runs") for record in seeds_of([10, 12], "ln")]
    readme = tmp_path / "README.md"
    begin, end = marks(FINDINGS)
    readme.write_text(f"before\n{begin}\nold\n{end}\nafter\n")
    assert main(["findings", *map(str, folders), "--readme", str(readme)]) == 0
    printed = capsys.readouterr().out
    assert readme.read_text() == f"before\n{begin}\n{printed}{end}\nafter\n"
    assert printed == findings_report(as_methods([load(folder) for folder in folders])) + "\n"


def test_the_command_puts_the_study_in_its_order(tmp_path, capsys):
    family = [*seeds_of([14, 10], "ln"), *seeds_of([9, 14], "gn", groups=4), *seeds_of([50, 52], "bn", l1=1e-4)]
    folders = [save(of_a_network(record), tmp_path / "runs") for record in family]
    assert main(["findings", *map(str, folders)]) == 0
    assert [row[0] for row in table(capsys.readouterr().out)[1:]] == ["BN + L1", "GN (4)", "LN"]


def test_a_run_without_an_epoch_is_refused_in_one_line(tmp_path, capsys):
    empty = run([1], "ln").summary.changed(epochs=(), status="interrupted")
    folder = save(empty, tmp_path)
    assert main(["findings", str(folder)]) == 1
    expected = "core: error: LN stopped before its first epoch ended: there is nothing to say of it\n"
    assert capsys.readouterr() == ("", expected)


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
    text = findings_report(as_methods([run(range(4), "bn", 7)]))
    interval = wilson(1996, 2000)
    span = f"{interval.low:.2f} to {interval.high:.2f}"
    assert table(text)[1:] == [["BN", "1", "99.80 %", span, "99.80"]]
    assert "Intervals: t over the seeds, Wilson's for a single run.\n" in text
    assert "- **" not in text


def test_a_readme_that_cannot_be_written_is_told_first(tmp_path, capsys):
    folder = str(save(run(range(4), "bn", 7), tmp_path))
    picture, without = tmp_path / "picture.png", tmp_path / "LICENSE"
    picture.write_bytes(b"\x89PNG\xff")
    without.write_text("MIT")
    for readme, message in ((picture, "is not a text in UTF-8"), (without, "has no place for the part")):
        assert main(["findings", folder, "--readme", str(readme)]) == 2
        out, err = capsys.readouterr()
        assert out == ""
        assert message in err
