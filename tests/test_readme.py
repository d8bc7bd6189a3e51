"""README's numbers are those that the code computes, and its commands are there for CI to take."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from core.catalogue import DATASETS
from core.comparison.intervals import standard_error
from core.config import RECIPE, RunConfig
from core.data import batches
from core.four_images import two_layers
from core.jobs.limits import Limits
from core.model import get_model, parameter_count
from core.normalization import normalize, statistics

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def example() -> np.ndarray:
    """The 4 x 4 table as (N, C, 1, 1)."""
    rows = re.findall(r"^\| image \d \|(.*)\|$", README, re.MULTILINE)
    table = np.array([[float(cell) for cell in row.split("|")] for row in rows])
    assert table.shape == (4, 4)
    return table[:, :, None, None]


@pytest.mark.parametrize(
    ("norm", "groups", "means", "variance", "value"),
    [
        ("bn", 1, [3, 3, 4, 4], 10, "1.265"),
        ("ln", 1, [2.5, 4, 4.5, 3], 5.5, "1.706"),
        ("gn", 2, [3, 2, 3, 5, 3, 6, 3, 3], 9, "1.000"),
    ],
)
def test_the_example_is_computed_right(example, norm, groups, means, variance, value):
    stats = statistics(example, norm, groups)
    assert stats.mean.tolist() == means
    eight = (1, 2, 0, 0)
    assert example[eight] == 8
    assert stats.var[stats.index[eight]] == variance
    assert f"{normalize(example, stats)[eight]:.3f}" == value
    text = " ".join(README.split())
    listed = ", ".join(f"{m:g}" for m in means)
    if norm == "gn":
        listed = ", ".join(f"{a:g} and {b:g}" for a, b in zip(means[::2], means[1::2], strict=True))
    assert f"means: {listed}" in text
    assert f"variance {variance:g}" in text
    assert f"/ sqrt({variance:g}) = {value}" in text


def test_the_two_layer_example_is_computed_right():
    first_means = []
    for layer in (0, 1):
        for norm, groups in (("bn", 1), ("ln", 1), ("gn", 2)):
            before = two_layers.forward(two_layers.PICTURES, norm, groups).before[layer]
            first_means.append(f"{statistics(before, norm, groups).mean[0]:.3f}")
    bn, ln, gn, bn2, ln2, gn2 = first_means
    text = " ".join(README.split())
    assert f"{bn} (BatchNorm, channel 1), {ln} (LayerNorm, image 1) and {gn} (GroupNorm with G = 2" in text
    assert f"in the first layer, and {bn2}, {ln2} and {gn2} in the second" in text


def test_figures_in_prose():
    text = " ".join(README.split())
    for norm in ("bn", "ln", "gn", "in"):
        assert parameter_count(get_model(RunConfig(norm=norm))) == 19_130
    assert "19,130 parameters" in text
    assert f"(by up to {batches.ROTATION_DEGREES:g} degrees), shifted ({batches.SHIFT_PIXELS:g} pixels)" in text
    assert batches.STRETCH == batches.SHEAR == batches.BRIGHTNESS == batches.CONTRAST == 0.1  # a tenth
    assert f"This is recipe {RECIPE}." in text
    assert f"border of MNIST and digits, {DATASETS['mnist'].border} pixels on each side" in text
    assert DATASETS["digits"].border == DATASETS["mnist"].border
    assert DATASETS["fashion-mnist"].border == 0
    assert f"one standard error at 99.4 % is {standard_error(99.4, 10_000):.2f} points" in text
    assert f"The newest {Limits().keep_runs} are kept" in text


def test_every_file_that_readme_names_is_there():
    for name in re.findall(r"`((?:assets|tests|core|pages)/[\w./]+)`|\]\((assets/[\w./]+)\)", README):
        path = next(part for part in name if part)
        assert (ROOT / path).exists(), path


def layout() -> list[str]:
    """The paths in README's tree of rooms: a line is a path below the last one that is indented less."""
    block = README.split("## Layout", 1)[1].split("```")[1]
    paths: list[str] = []
    above: list[str] = []
    for line in block.strip("\n").splitlines():
        depth = (len(line) - len(line.lstrip())) // 2
        name, said = re.fullmatch(r" *(\S+) {2,}(\S.*)", line).groups()
        assert said
        above = [*above[:depth], name]
        paths.append("".join(above))
    return paths


def test_every_path_of_the_layout_is_there():
    for path in layout():
        assert (ROOT / path).exists(), path
        assert (ROOT / path).is_dir() is path.endswith("/"), path


@pytest.mark.parametrize("house", ["core", "pages/parts"])
def test_every_room_stands_in_the_layout(house):
    rooms = {f"{house}/{path.parent.name}/" for path in (ROOT / house).glob("*/__init__.py")}
    assert len(rooms) >= 6
    assert {path for path in layout() if re.fullmatch(rf"{house}/\w+/", path)} == rooms


def test_hooks_and_command_check_the_same():
    hooks = re.findall(r"^ +entry: (.+)$", (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"), re.MULTILINE)
    block = README.split("<!-- test command -->")[1].split("```")[1]
    _, *checks, tests = block.strip().splitlines()[1].split(" && ")
    assert hooks == checks
    assert tests.startswith("python -m pytest ")


def test_the_test_command_is_where_ci_looks_for_it():
    block = README.split("<!-- test command -->")[1].split("```")[1]
    assert block.strip().splitlines()[1].startswith("pip install -r tests/requirements.txt && ")
