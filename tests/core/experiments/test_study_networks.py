"""Which networks of the study are units of work, and which images they get."""

from __future__ import annotations

import pytest
import torch

from core.experiments.experiment import FULL_SEEDS, QUICK_SEEDS
from core.experiments.forgot_eval import FORGOT_EVAL
from core.experiments.light import LIGHT
from core.experiments.study_networks import StudyNetwork, judged, judged_of, standardized
from tests.core.experiments.study import as_mnist, context


@pytest.mark.parametrize("experiment", [LIGHT, FORGOT_EVAL])
def test_the_full_form_has_every_seed_that_is_fresh(experiment):
    found = experiment.trials(FULL_SEEDS, False)
    seeds: dict[str, list[int]] = {}
    for settings in found:
        seeds.setdefault(settings.label, []).append(settings.seed)
        assert (settings.dataset, settings.tests, settings.validation) == ("mnist", 10_000, False)
    five = [3, 4, 5, 6, 7]
    expected = {"BN + L1": five, "GN (4)": five, "LN": five, "IN": [0, 1, 2], "no norm": [0, 1, 2], "BN": five}
    if experiment is FORGOT_EVAL:
        del expected["no norm"]
    assert seeds == expected
    assert len({trial.key for trial in experiment.units(FULL_SEEDS, quick=False)}) == len(found)


@pytest.mark.parametrize("experiment", [LIGHT, FORGOT_EVAL])
def test_the_quick_form_has_one_seed_and_small_mnist(experiment):
    found = experiment.trials(QUICK_SEEDS, True)
    assert {(s.seed, s.dataset, s.tests) for s in found} == {(0, "mnist-small", 1000)}
    assert len(found) == (6 if experiment is LIGHT else 5)
    assert {s.label: s.seed for s in experiment.trials((6,), True)}["IN"] == 0  # the study has no IN with seed 6


def test_no_image_is_judged_that_statistics_are_taken_from(digits):
    data = as_mnist(digits, 60)
    found = judged_of(data, 50, seed=1)
    assert torch.equal(found.images[:, 0] * 255, data.test_images[:50].float())
    assert torch.equal(found.labels, data.test_labels[:50])
    # all training images, in the order that the seed draws
    order = torch.randperm(359, generator=torch.Generator().manual_seed(1))
    assert torch.equal((found.others[:, 0] * 255).round().to(torch.uint8), data.train_images[order])
    assert not torch.equal(found.others, judged_of(data, 50, seed=2).others)


def test_with_validation_the_judged_images_are_held_out_of_the_training_set(digits):
    data = as_mnist(digits)
    settings = StudyNetwork(norm="bn", seed=0, tests=10, validation=True)
    found = judged(settings, context(data))
    assert torch.equal(found.labels, data.train_labels[359 - 359 // 12 :][:10])
    assert len(found.others) == 359 - 359 // 12


def test_the_networks_get_images_by_the_statistics_of_their_own_training():
    x = torch.tensor([0.0, 1.0]).view(2, 1, 1, 1)
    mean, std = 0.13066047627384287, 0.30810780385646264
    assert standardized(x).flatten().tolist() == pytest.approx([-mean / std, (1 - mean) / std])
