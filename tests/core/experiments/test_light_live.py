"""One position of the sliders against plain torch, and networks that stay as they are."""

from __future__ import annotations

import copy
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch

from core.experiments import light_live
from core.experiments.light_live import (
    LightTable,
    errors,
    light_table,
    picture,
    predicted,
    predicted_anew,
    said,
    strip,
    where_from,
    words,
)
from core.experiments.shifts import Shift
from core.experiments.trained import shipped_network
from core.model import NormNet
from core.records.record import RecordError
from core.records.store import SHIPPED_ENV
from tests.core.experiments.study import as_mnist

MEAN, STD = 0.13066047627384287, 0.30810780385646264
NAMES = ["BN + L1", "BN + L1, re-estimated", "GN (4)", "LN", "IN", "no norm"]
NUMBERS = dict(zip(NAMES, (83.0, 0.6, 1.5, 3.3, 0.8, 35.0), strict=True))


@pytest.fixture(scope="module")
def lit(digits) -> LightTable:
    """200 judged images, of digits, with all networks."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(light_live, "TESTS", 200)
        return light_table(as_mnist(digits))


def states(table: LightTable) -> dict[str, dict[str, torch.Tensor]]:
    return {name: {k: v.clone() for k, v in model.state_dict().items()} for name, model in table.networks.items()}


def same(before: dict[str, dict[str, torch.Tensor]], after: dict[str, dict[str, torch.Tensor]]) -> bool:
    return all(torch.equal(before[name][key], after[name][key]) for name in before for key in before[name])


def test_answers_are_those_of_plain_torch(lit, digits):
    data = as_mnist(digits, 200)
    order = torch.randperm(359, generator=torch.Generator().manual_seed(0))
    dim, others = (0.3 * part[:, None].float() / 255 for part in (data.test_images, data.train_images[order]))
    found = predicted(lit, Shift(contrast=0.3))
    assert list(found) == [name for name in NAMES if name != "BN + L1, re-estimated"]
    for name, (norm, l1) in zip(found, (("bn", 1e-4), ("gn", 0), ("ln", 0), ("in", 0), ("none", 0)), strict=True):
        with torch.no_grad():
            expected = shipped_network(norm, 0, l1=l1)((dim - MEAN) / STD).argmax(1)
        assert np.array_equal(found[name], expected.numpy()), name
    for count in (1, 32):
        again = copy.deepcopy(lit.networks["BN + L1"]).train()
        for layer in again.norms:
            layer.momentum = 1.0
        with torch.no_grad():
            again((others[:count] - MEAN) / STD)
            expected = again.eval()((dim - MEAN) / STD).argmax(1)
        assert np.array_equal(predicted_anew(lit, Shift(contrast=0.3), count), expected.numpy())


def test_no_network_is_changed_by_a_measurement(lit):
    before = states(lit)
    predicted(lit, Shift(noise=0.2))
    predicted_anew(lit, Shift(noise=0.2), 16)
    assert same(before, states(lit))
    assert not any(model.training for model in lit.networks.values())


def test_nor_by_one_that_is_interrupted(lit, monkeypatch):
    before = states(lit)
    forward = NormNet.forward

    def interrupted(self, x):
        forward(self, x)
        raise KeyboardInterrupt

    monkeypatch.setattr(NormNet, "forward", interrupted)
    for measure in (lambda: predicted(lit, Shift()), lambda: predicted_anew(lit, Shift(), 16)):
        with pytest.raises(KeyboardInterrupt):
            measure()
    monkeypatch.undo()
    assert same(before, states(lit))
    assert not any(model.training for model in lit.networks.values())


def test_visitors_at_the_same_time_get_the_numbers_of_one_alone(lit):
    before = states(lit)
    positions = [(Shift(contrast=contrast), count) for contrast in (0.1, 0.5) for count in (2, 64)] * 3
    alone = [predicted_anew(lit, *position) for position in positions]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda position: predicted_anew(lit, *position), positions))
        of_all = list(pool.map(lambda position: predicted(lit, position[0]), positions))
    assert all(np.array_equal(a, b) for a, b in zip(alone, together, strict=True))
    assert all(np.array_equal(of_all[0][name], of_all[1][name]) for name in of_all[0])
    assert same(before, states(lit))


def test_errors_are_percent_of_the_judged_images():
    labels = np.array([1, 2, 3, 4])
    right, half = np.array([1, 2, 3, 4], dtype=np.int8), np.array([1, 2, 0, 0], dtype=np.int8)
    found = errors({**dict.fromkeys(NAMES, right), "LN": half}, labels)
    assert found == {**dict.fromkeys(NAMES, 0.0), "LN": 50.0}
    assert list(found) == NAMES


def test_the_strip_shows_what_the_networks_get(lit, digits):
    picture_of = strip(lit, Shift(contrast=0.5, brightness=0.1), factor=2)
    assert picture_of.shape == (48, 8 * 48 + 7 * 4)
    assert picture_of.dtype == np.uint8
    ink = digits.train_images[3].numpy()[2:-2, 2:-2] / 255  # the networks cut two pixels off on each side
    fourth = picture_of[::2, 3 * 52 : 3 * 52 + 48 : 2]
    assert np.abs(fourth - 255 * (1 - (0.5 * ink + 0.1))).max() <= 0.51
    assert (picture_of[:, 48:52] == 255).all()


def test_a_bar_has_the_error_of_its_network():
    (bars,) = picture(NUMBERS).data
    assert dict(zip(bars.y, bars.x, strict=True)) == NUMBERS
    assert list(bars.text[:2]) == ["83.0 %", "0.6 %"]
    assert words(NUMBERS) == (
        "Test error. BN + L1: 83.0 %; BN + L1, re-estimated: 0.6 %; GN (4): 1.5 %; LN: 3.3 %; IN: 0.8 %; "
        "no norm: 35.0 %."
    )


def test_the_sentence_says_what_was_changed_and_what_new_statistics_do():
    assert said(NUMBERS, Shift(contrast=0.2, noise=0.1), 500, 500) == (
        "The images are changed: contrast 0.2, noise of standard deviation 0.1. Seed 0 of BN + L1 is wrong on "
        "83.0 % of 500 images with its stored means and variances, and on 0.6 % with those of 500 other images, "
        "changed in the same way: the weights are the same. All seeds on all test images: below."
    )
    assert "brightness +0.35." in said(NUMBERS, Shift(brightness=0.35), 2, 500)
    clean = said(NUMBERS, Shift(), 1, 500)
    assert clean.startswith("The images are those of the test set, unchanged. Seed 0 of BN + L1 is wrong")
    assert "with those of one other image, changed in the same way" in clean


def test_what_is_measured_on_is_said(lit):
    assert where_from(lit) == (
        "Networks of the study with seed 0, the first 200 test images of MNIST: one image is 0.5 points. New "
        "statistics are taken from training images, which are not judged."
    )


def test_without_the_study_there_is_no_table(digits, monkeypatch, tmp_path):
    monkeypatch.setenv(SHIPPED_ENV, str(tmp_path))
    with pytest.raises(RecordError, match="no run of BatchNorm with seed 0 comes with the app"):
        light_table(as_mnist(digits, 10))
