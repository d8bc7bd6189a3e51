"""Changed images, and a network's error on them, against plain torch."""

from __future__ import annotations

import copy

import pytest
import torch

from core.experiments import shifts
from core.experiments.shifts import COUNTS, Shift, Shiftable, measure_shifts, normal, shifted
from core.experiments.study_networks import StudyNetwork, judged_of
from core.experiments.trained import shipped_network
from tests.core.experiments.study import as_mnist, context

MEAN, STD = 0.13066047627384287, 0.30810780385646264


def one(value: float) -> torch.Tensor:
    return torch.full((1, 1, 1, 1), value)


@pytest.mark.parametrize(
    ("x", "shift", "z", "expected"),
    [
        (0.5, Shift(), 9, 0.5),
        (0.5, Shift(contrast=0.2), 9, 0.1),
        (0.5, Shift(brightness=0.3), 9, 0.8),
        (0.9, Shift(brightness=0.3), 9, 1),
        (0.5, Shift(noise=0.1), 2, 0.7),
        (0.5, Shift(noise=0.1), -6, 0),
        (0.25, Shift(inverted=True), 9, 0.75),
        (0.5, Shift(contrast=0.4, brightness=0.1, noise=0.05, inverted=True), 2, 0.6),
    ],
)
def test_an_image_is_changed_by_the_formula(x, shift, z, expected):
    given = one(x)
    assert float(shifted(given, shift, one(float(z)))) == pytest.approx(expected)
    assert float(given) == pytest.approx(x)  # as it was


def test_the_noise_is_standard_normal_and_the_same_at_every_strength(digits):
    images = Shiftable.of(judged_of(as_mnist(digits), 500, 0), 0)
    assert float(images.z.mean()) == pytest.approx(0, abs=0.01)
    assert float(images.z.std()) == pytest.approx(1, abs=0.01)
    assert torch.equal(images.z, normal(images.judged.images, 0))
    assert not torch.equal(images.z[:359], images.z_others)
    # an image and its noise stay together, however many are taken
    few, all_of_them = (images.others(Shift(noise=0.3), count) for count in (2, 300))
    assert torch.equal(few, all_of_them[:2])


def plain_error(model: torch.nn.Module, x: torch.Tensor, labels: torch.Tensor) -> float:
    with torch.no_grad():
        return 100 * float((model((x - MEAN) / STD).argmax(1) != labels).double().mean())


def plain_again(model: torch.nn.Module, x: torch.Tensor) -> torch.nn.Module:
    """``model`` in training mode over one batch, whose statistics it keeps alone."""
    model = copy.deepcopy(model).train()
    for layer in model.norms:
        layer.momentum = 1.0
    with torch.no_grad():
        model((x - MEAN) / STD)
    return model.eval()


@pytest.fixture(scope="module")
def rows_of(digits):
    """Rows of BN + L1 and of GN on 200 images, by network, kind and amount; and what was told of BN."""
    found, told = {}, []
    for norm, l1 in (("bn", 1e-4), ("gn", 0.0)):
        settings = StudyNetwork(norm=norm, l1=l1, seed=3, tests=200)
        rows = measure_shifts(settings, context(as_mnist(digits), told if norm == "bn" else None))
        assert {row["seed"] for row in rows} == {3}
        keys = [(row["network"], row["varied"], row["amount"]) for row in rows]
        assert len(keys) == len(set(keys))
        found |= dict(zip(keys, (row["error"] for row in rows), strict=True))
    return found, told


@pytest.fixture(scope="module")
def images(digits):
    """What plain torch gets: judged images on the scale 0..1, labels, and all others in the order of the seed."""
    data = as_mnist(digits)
    order = torch.randperm(359, generator=torch.Generator().manual_seed(3))
    to_float = [part[:, None].float() / 255 for part in (data.test_images[:200], data.train_images[order])]
    return to_float[0], data.test_labels[:200], to_float[1]


def test_errors_are_those_of_plain_torch(rows_of, images):
    rows, _ = rows_of
    x, labels, others = images
    bn, gn = shipped_network("bn", 3, l1=1e-4), shipped_network("gn", 3)
    again = plain_again(bn, 0.2 * others)
    near = pytest.approx
    assert rows["BN + L1", "contrast", 0.2] == near(plain_error(bn, 0.2 * x, labels), abs=1e-3)
    assert rows["GN (4)", "contrast", 0.2] == near(plain_error(gn, 0.2 * x, labels), abs=1e-3)
    assert rows["BN + L1, re-estimated", "contrast", 0.2] == near(plain_error(again, 0.2 * x, labels), abs=1e-3)
    pale = (x + 0.5).clamp(0, 1)
    assert rows["BN + L1", "brightness", 0.5] == near(plain_error(bn, pale, labels), abs=1e-3)
    noisy = (x + 0.3 * torch.randn(x.shape, generator=torch.Generator().manual_seed(3))).clamp(0, 1)
    assert rows["BN + L1", "noise", 0.3] == near(plain_error(bn, noisy, labels), abs=1e-3)
    assert rows["GN (4)", "inverted", 1.0] == near(plain_error(gn, 1 - x, labels), abs=1e-3)
    # dim images are harder for the stored statistics alone, on these images as well
    assert rows["BN + L1", "contrast", 0.2] > rows["BN + L1, re-estimated", "contrast", 0.2] + 10


def test_new_statistics_of_few_and_of_mixed_images_are_those_of_plain_torch(rows_of, images):
    rows, _ = rows_of
    x, labels, others = images
    bn = shipped_network("bn", 3, l1=1e-4)
    for count in (1, 4, 64):
        new = plain_again(bn, 0.2 * others[:count])
        expected = plain_error(new, 0.2 * x, labels)
        assert rows["BN + L1, re-estimated", "images", count] == pytest.approx(expected, abs=1e-3)
    mixed = plain_again(bn, torch.cat([others[:179], 0.2 * others[179:358]]))
    name = "BN + L1, re-estimated"
    assert rows[name, "clean half", 0.2] == pytest.approx(plain_error(mixed, x, labels), abs=1e-3)
    assert rows[name, "dim half", 0.2] == pytest.approx(plain_error(mixed, 0.2 * x, labels), abs=1e-3)


def test_the_share_that_is_told_grows_to_one(rows_of):
    rows, told = rows_of
    assert told == sorted(told)
    assert told[-1] == pytest.approx(1)
    assert len(told) == len([key for key in rows if key[0].startswith("BN")])
    assert {key[2] for key in rows if key[1] == "images"} == set(COUNTS)


def test_a_stop_ends_the_work_at_once(digits):
    class Stopped(Exception):
        pass

    def stop(share: float) -> None:
        raise Stopped

    stopping = shifts.Context(data=context(as_mnist(digits)).data, tell=stop)
    with pytest.raises(Stopped):
        measure_shifts(StudyNetwork(norm="in", seed=0, tests=20), stopping)
