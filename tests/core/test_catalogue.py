"""The rows are complete, tell each other apart, and are the only place that knows some norms by name."""

from pathlib import Path
from typing import get_args

import pytest

from core.catalogue import BASIC_SET_NORMS, CLASSES, DATASETS, NORMS, SET_NORMS, VIEW, DatasetName, NormName
from core.config import preset
from core.data.vision import torchvision_datasets
from core.palette import contrast

ROOT = Path(__file__).parents[2]


def test_every_name_has_its_row():
    assert sorted(NORMS) == sorted(get_args(NormName))
    assert sorted(DATASETS) == sorted(get_args(DatasetName))
    assert all(row.name == name for name, row in (*NORMS.items(), *DATASETS.items()))


def test_the_first_view_and_the_presets_stay_with_the_basic_ones():
    assert BASIC_SET_NORMS == ("bn", "ln", "gn", "in")
    assert SET_NORMS[:4] == BASIC_SET_NORMS
    assert [config.norm for config in preset("all")] == ["bn", "ln", "gn", "in", "none"]


@pytest.mark.parametrize("cue", ["title", "short", "color", "dash", "marker", "strokes"])
def test_no_two_norms_look_alike(cue):
    assert len({getattr(row, cue) for row in NORMS.values()}) == len(NORMS)


@pytest.mark.parametrize("name", NORMS)
def test_a_line_can_be_seen_on_light_and_on_dark_paper(name):
    assert min(contrast(NORMS[name].color, paper) for paper in ("#ffffff", "#10151c")) >= 1.8


@pytest.mark.parametrize("name", SET_NORMS)
def test_a_norm_with_sets_has_all_its_texts(name):
    row = NORMS[name]
    assert set(row.shared) < set(VIEW)
    assert row.torch_layer.format(c=4, g=2, h=3, w=3).startswith("nn.")
    assert row.sets.format(images="all 4 images", c=6, groups="each of its 2 groups", channels="3 channels")
    assert row.in_short.format(g=2, per=3).endswith(".")
    assert len(row.paper) == len("1502.03167")


def test_the_classes_are_those_of_torchvision_in_its_order():
    theirs = torchvision_datasets()
    assert DATASETS["mnist"].classes == tuple(name.split(" - ")[0] for name in theirs.MNIST.classes)
    fashion = [name.lower() for name in DATASETS["fashion-mnist"].classes]
    assert fashion == [name.lower() for name in theirs.FashionMNIST.classes]
    assert all(len(row.classes) == CLASSES for row in DATASETS.values())


@pytest.mark.parametrize("name", ["ln-position", "rms"])
def test_a_norm_that_was_added_is_a_row_a_formula_and_a_layer(name):
    """Whoever adds the next one edits these three files, and no other."""
    named = {
        str(path.relative_to(ROOT))
        for folder in ("core", "pages")
        for path in (ROOT / folder).rglob("*.py")
        if f'"{name}"' in path.read_text(encoding="utf-8")
    }
    assert named <= {"core/catalogue.py", "core/model.py", "core/normalization.py"}
    assert "core/catalogue.py" in named
