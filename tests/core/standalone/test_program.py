"""A race's program: run by itself, it gives the losses and the accuracies of the race."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from itertools import islice

import nbformat
import pytest
import torch

from core.catalogue import NORMS
from core.config import ConfigError, RunConfig, preset
from core.standalone.program import notebook, program, script
from core.training.events import BatchDone
from core.training.loop import evaluate, train

FIRST = 20


def namespace(configs: tuple[RunConfig, ...], parts: int) -> dict:
    """What the first parts of a program define."""
    found: dict = {"__name__": "race"}
    for part in program(configs)[:parts]:
        exec(compile(part.code, part.title, "exec"), found)
    return found


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


EVERY = (
    *preset("assignment", dataset="digits", epochs=2),
    *preset("session6", dataset="digits", epochs=2),
    *(RunConfig(norm=norm, dataset="digits", epochs=2) for norm in NORMS),
)


@pytest.fixture(scope="module")
def defined() -> dict:
    return namespace(EVERY, 5)


@pytest.mark.parametrize("config", EVERY, ids=lambda c: c.label)
def test_its_first_losses_are_those_of_the_race(defined, digits, config):
    own = (e.loss for e in train(config, digits) if isinstance(e, BatchDone))
    variant = next(
        v
        for v in defined["VARIANTS"]
        if (v["norm"], v["groups"], v["l1"], v["l2"]) == (config.norm, config.groups, config.l1, config.l2)
    )
    theirs = [loss for _, _, loss, _ in islice(defined["train"](variant), FIRST)]
    assert len(theirs) == FIRST
    assert theirs == list(islice(own, FIRST))


def test_it_tests_as_the_race_does(defined, digits):
    config = EVERY[0]
    training = train(config, digits)
    list(training)
    model = defined["Net"]("bn", 1)
    model.load_state_dict(training.model.state_dict())
    expected = evaluate(training.model, digits)
    assert defined["evaluate"](model) == pytest.approx((expected.loss, expected.accuracy), abs=1e-5)


def test_without_augmentation_and_on_held_out_images(digits):
    config = RunConfig(norm="ln", dataset="digits", epochs=1, augment=False, validation=True, batch_size=64, seed=3)
    found = namespace((config,), 5)
    own = [e.loss for e in train(config, digits) if isinstance(e, BatchDone)]
    theirs = [loss for _, _, loss, _ in found["train"](found["VARIANTS"][0])]
    assert theirs == own


def test_as_a_process_of_its_own_it_ends_with_a_picture(tmp_path):
    configs = preset("assignment", dataset="digits", epochs=1)
    (tmp_path / "race.py").write_text(script(configs), encoding="utf-8")
    ended = subprocess.run([sys.executable, "race.py"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    lines = ended.stdout.splitlines()
    assert [line.split(":")[0] for line in lines] == ["BN + L1", "GN (4)", "LN"]
    assert "plotly" in (tmp_path / "race.html").read_text(encoding="utf-8")


def test_nothing_of_this_project_is_imported():
    for text in (script(EVERY), *(cell["source"] for cell in json.loads(notebook(EVERY))["cells"])):
        assert "from core" not in text
        assert "import core" not in text


def test_the_notebook_has_the_same_parts():
    found = nbformat.reads(notebook(EVERY[:3]), as_version=4)
    nbformat.validate(found)
    code = [cell.source for cell in found.cells if cell.cell_type == "code"]
    assert code == [part.code.rstrip("\n") for part in program(EVERY[:3])]


@pytest.mark.parametrize(
    ("dataset", "words"), [("mnist", "datasets.MNIST("), ("fashion-mnist", "datasets.FashionMNIST(")]
)
def test_other_data_sets_come_by_torchvision(dataset, words):
    configs = preset("assignment", dataset=dataset)
    assert words in program(configs)[1].code
    border = {"mnist": 2, "fashion-mnist": 0}[dataset]
    assert f"WIDTH, BORDER, PADDING, POOL_AFTER = 16, {border}, 0, (0, 2)" in program(configs)[3].code


def test_small_mnist_is_chosen_as_here():
    code = program(preset("assignment", dataset="mnist-small"))[1].code
    assert "balanced(train_labels, 600), balanced(test_labels, 100)" in code
    found: dict = {}
    exec(
        code[: code.index("from torchvision")].replace("CLASSES", "10").replace("Tensor", "object"),
        {"torch": torch},
        found,
    )


def test_variants_of_two_races_make_no_program():
    with pytest.raises(ConfigError, match="differ in more than norm"):
        program((EVERY[0], replace(EVERY[1], seed=1)))
    with pytest.raises(ConfigError, match="at least one variant"):
        program(())
