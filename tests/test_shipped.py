"""What ships with the app: the study's records, whole and in step with what README says of them."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.cli.readme import read_between
from core.comparison.findings import selection_findings
from core.comparison.methods import as_methods, in_study_order
from core.comparison.norms_alone import plain_of
from core.comparison.report import FINDINGS, findings_report
from core.comparison.study_findings import declared_family, study_findings, study_methods
from core.config import races
from core.data import datasets as data
from core.experiments.two_curves_seen import STUDY as OF_THE_STUDY
from core.lesson.choice import norms_alone
from core.records import network
from core.records.answers import probabilities
from core.records.record import RunRecord
from core.records.store import SHIPPED, RunFolder

ROOT = Path(__file__).parents[1]
MEGABYTE = 1_000_000
STUDY = [config for race in races() for config in race]


@pytest.fixture(scope="module")
def shipped() -> list[RunRecord]:
    """Every record, whole and checked against its network."""
    return [network.verify(SHIPPED / record.run_id) for record in in_study_order(RunFolder(SHIPPED).summaries()[0])]


def test_the_study_is_there_to_the_last_run(shipped):
    # the precision is that of the processor it was made on; all the rest is the study's
    found = {replace(record.config, precision="fp32") for record in shipped}
    assert found == set(STUDY)
    assert len(shipped) == len(STUDY)
    assert len({record.config.precision for record in shipped}) == 1
    for record in shipped:
        assert record.status == "complete"
        assert [row.epoch for row in record.epochs] == list(range(1, 21))
        assert len(record.predictions.true) == 10_000
    assert len({record.predictions.fingerprint for record in shipped}) == 1


def test_a_run_of_mnist_can_be_compared_with_the_study(shipped, mnist_root):
    """Both were tested on the same images, and say so."""
    assert data.load("mnist", mnist_root).fingerprint == shipped[0].predictions.fingerprint


def test_the_weights_give_the_probabilities_that_were_recorded(shipped):
    for record in shipped[:3]:
        found = probabilities(network.trained_model(record), record.predictions.wrong_image, record.config.dataset)
        # recorded on another processor, perhaps, and in another batch
        np.testing.assert_allclose(found, record.predictions.wrong_probabilities, atol=1e-3)


def test_nothing_else_lies_there_and_it_is_small():
    files = [path for path in SHIPPED.rglob("*") if path.is_file()]
    assert len(files) == 3 * len(STUDY)
    assert sum(path.stat().st_size for path in files) < 8 * MEGABYTE


def test_readme_says_what_the_records_say(shipped):
    assert read_between(ROOT / "README.md", FINDINGS) == findings_report(as_methods(shipped)) + "\n"


def test_readmes_comparison_with_the_first_recipe_is_what_the_findings_say():
    """What held, what is new, what did not hold: the findings of recipe 2 behind each of the three sentences."""
    said = read_between(ROOT / "README.md", FINDINGS)
    held = ["**GN (4) or LN?** Not distinguishable", "BN + L1, GN (4) and LN agree within 0.15 points."]
    held += ["Yes: BN + L1 fluctuates more than GN (4) and LN."]
    held += [f"**What does L1 0.0001 cost under {norm}?** Nothing beyond chance" for norm in ("BN", "GN (4)")]
    new = ["**BN + L1 or GN (4)?** GN (4) ends", "**BN + L1 or LN?** LN ends"]
    new += ["No: GN (4) and LN start higher than BN + L1."]
    gone = ["**GN (4) + L1 or LN + L2?** Not distinguishable"]
    assert [sentence for sentence in (*held, *new, *gone) if sentence not in said] == []
    shares = [int(share) for share in re.findall(r"weights to (\d+) % of their size", said)]
    assert len(shares) == 2
    assert all(40 <= share <= 60 for share in shares)  # half


def test_readme_says_of_the_norms_alone_what_the_app_says(shipped):
    methods = as_methods(shipped)
    plain = plain_of(declared_family(methods), methods)
    said = norms_alone(plain, selection_findings(plain))
    assert said.startswith("Without penalties the tests put none of BN, GN (4) and LN above another; all agree within")
    assert said in " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())


def test_the_lab_says_of_the_study_what_its_findings_say():
    assert "BN + L1 fluctuates more there in its first epochs than GN and LN." in OF_THE_STUDY
    assert "Yes: BN + L1 fluctuates more than GN (4) and LN." in read_between(ROOT / "README.md", FINDINGS)


def test_the_study_needs_no_other_records_for_its_findings(shipped):
    every = as_methods(shipped)
    needed = study_methods(every)
    # nothing of IN, and nothing of a network without a norm
    assert sum(len(method.records) for method in needed) == sum(config.norm not in ("in", "none") for config in STUDY)
    assert study_findings(needed) == study_findings(every)


def test_the_figures_of_readme_are_there():
    folder = ROOT / "assets" / "figures"
    first = [record.run_id for record in (RunFolder(SHIPPED).load(c.run_id) for c in _first_race())]
    grids = [next(folder.glob(f"misclassified_*_{run_id}.png")).name for run_id in first]
    names = {"graph1_test_loss.png", "graph2_test_accuracy.png", *grids}
    # those of the lab have a test of their own
    assert {path.name for path in folder.iterdir() if not path.name.startswith("lab_")} == names
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert all(f"assets/figures/{name}" in readme for name in names)


def _first_race():
    precision = RunFolder(SHIPPED).summaries()[0][0].config.precision
    return races(precision=precision)[0]


def test_the_notebook_trained_the_same_networks(shipped):
    """Same configuration, processor and torch: the notebook's printed accuracies are those of the study's seed 0."""
    printed = (ROOT / "assets" / "train_all.ipynb").read_text(encoding="utf-8")
    for record in shipped[:3]:
        last = record.epochs[-1]
        assert f"{record.label}: test accuracy {last.test_accuracy:.2f} % (" in printed
        assert f"test loss {last.test_loss:.4f}, best epoch {record.best_epoch.epoch} with " in printed
