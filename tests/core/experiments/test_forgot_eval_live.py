"""Curves of one network by size and by share, the batch that is shown, and what is said of them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch

from core.experiments import forgot_eval_live as live
from core.experiments.companies import SHARES, SIZES, companies
from core.experiments.forgot_eval_live import Company, EvalTable, eval_table
from core.experiments.trained import shipped_network
from core.model import NormNet
from tests.core.experiments.study import as_mnist

MEAN, STD = 0.13066047627384287, 0.30810780385646264


@pytest.fixture(scope="module")
def ready(digits) -> EvalTable:
    """700 images of digits, of which each class has 64."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(live, "TESTS", 700)
        return eval_table(as_mnist(digits))


@pytest.fixture(scope="module")
def company() -> Company:
    """A batch of 58 images of one class and 6 others, the first and the last with a wrong answer."""
    wrong = np.zeros(64, dtype=bool)
    wrong[[0, 63]] = True
    return Company(41.25, 1.5, np.arange(64), wrong)


def in_training_mode(model: NormNet, x: torch.Tensor) -> torch.Tensor:
    for layer in model.norms:
        layer.momentum = 0.0
    with torch.no_grad():
        return model.train()(x)


def test_curves_are_those_of_torchs_training_mode(ready, digits):
    data = as_mnist(digits, 700)
    x, labels = (data.test_images[:, None].float() / 255 - MEAN) / STD, data.test_labels
    model = shipped_network("bn", 0, l1=1e-4)
    with torch.no_grad():
        inference = 100 * float((model(x).argmax(1) != labels).double().mean())
    assert ready.inference["BN + L1"] == pytest.approx(inference)
    assert list(ready.inference) == ["BN + L1", "GN (4)", "LN", "IN"]
    sizes = live.by_size(ready)
    assert tuple(sizes) == SIZES
    generator = torch.Generator().manual_seed(0)
    orders = [torch.randperm(700, generator=generator) for _ in SIZES]
    for size, order in list(zip(SIZES, orders, strict=True))[5:9]:
        wrong = sum(int((in_training_mode(model, x[i]).argmax(1) != labels[i]).sum()) for i in order.split(size))
        assert sizes[size] == pytest.approx(100 * wrong / 700)
    shares = live.by_share(ready, 7)
    assert tuple(shares) == SHARES
    drawn = companies(labels, 7, 10, live.DRAWN, torch.Generator().manual_seed(0))
    wrong = torch.stack([in_training_mode(model, x[row]).argmax(1) != labels[row] for row in drawn]).double()
    assert shares[10].its == pytest.approx(100 * float(wrong[:, :6].mean()))
    assert shares[10].others == pytest.approx(100 * float(wrong[:, 6:].mean()))
    assert shares[100].others is None
    assert np.array_equal(shares[10].images, drawn[0].numpy())
    assert np.array_equal(shares[10].wrong, wrong[0].numpy().astype(bool))
    assert (labels[shares[100].images] == 7).all()


def test_the_network_is_not_changed_however_many_look_at_it(ready, monkeypatch):
    before = {name: value.clone() for name, value in ready.model.state_dict().items()}
    alone = [live.by_share(ready, digit) for digit in (1, 2)]
    with ThreadPoolExecutor(2) as pool:
        together = list(pool.map(lambda digit: live.by_share(ready, digit), (1, 2)))
    for one, other in zip(alone, together, strict=True):
        assert [(c.its, c.others) for c in one.values()] == [(c.its, c.others) for c in other.values()]

    def interrupted(self, x):
        raise KeyboardInterrupt

    monkeypatch.setattr(NormNet, "forward", interrupted)
    with pytest.raises(KeyboardInterrupt):
        live.by_size(ready)
    assert all(torch.equal(value, before[name]) for name, value in ready.model.state_dict().items())
    assert not ready.model.training


def test_pictures_hold_the_curves_and_a_ring_at_the_sliders(ready):
    sizes = {size: 100.0 / size for size in SIZES}
    figure = live.size_picture(ready, sizes, 4)
    assert dict(zip(figure.data[0].x, figure.data[0].y, strict=True)) == sizes
    assert set(figure.data[2].y) == {ready.inference["LN"]}
    assert (figure.data[-1].x, figure.data[-1].y) == ((4,), (25.0,))
    assert live.size_words(ready, sizes).startswith("Test error (%) over images in a batch. BN + L1: 100 at 1, 50 at 2")
    shares = {
        share: Company(float(share), None if share == 100 else 2.0, np.arange(64), np.zeros(64, dtype=bool))
        for share in SHARES
    }
    figure = live.share_picture(ready, shares, 90)
    assert list(figure.data[0].y) == list(SHARES)
    assert list(figure.data[1].y) == [2.0] * 9
    assert (figure.data[-1].x, figure.data[-1].y) == ((90, 90), (90.0, 2.0))
    assert live.share_picture(ready, shares, 100).data[-1].y == (100.0,)
    assert "BN + L1, the others: 2 at 10" in live.share_words(ready, shares)


def test_the_batch_is_drawn_with_frames_where_answers_are_wrong(ready, company, digits):
    sheet = live.batch_picture(ready, company)
    assert sheet.shape == (4 * 30, 16 * 30, 3)
    tiles = sheet.reshape(4, 30, 16, 30, 3).transpose(0, 2, 1, 3, 4).reshape(64, 30, 30, 3)
    framed = [i for i in range(64) if tuple(tiles[i, 1, 1]) == live.WRONG]
    assert framed == [0, 63]
    ink = digits.train_images[5].numpy()[2:-2, 2:-2]
    assert np.abs(tiles[5, 3:-3, 3:-3, 0].astype(int) - (255 - ink.astype(int))).max() <= 1


def test_sentences_hold_the_numbers_of_the_position(ready, company):
    flat = EvalTable(ready.model, ready.ink, ready.x, ready.labels, {**ready.inference, "BN + L1": 0.5}, "small MNIST")
    assert live.size_said(flat, {2: 14.4}, 2) == (
        "In random batches of 2 seed 0 of BN + L1 is wrong on **14.4 %** of 700 images; in inference mode on 0.5 %."
    )
    assert live.size_said(flat, {1: 55.0}, 1) == (
        "With each image alone in its batch seed 0 of BN + L1 is wrong on **55.0 %** of 700 images; in inference mode "
        "on 0.5 %. A batch of one image works here, since a channel of the last norm still has 25 numbers. Of one "
        "number torch says: “Expected more than 1 value per channel when training, got input size torch.Size([1, 32, "
        "1, 1])”"
    )
    assert live.share_said(company, 90, "8") == (
        "58 of 64 images are of class 8: seed 0 of BN + L1 is wrong on **41.2 %** of them and on **1.5 %** of the "
        "others, over 8 such batches."
    )
    alone = Company(60.0, None, company.images, company.wrong)
    assert live.share_said(alone, 100, "8") == (
        "All 64 images are of class 8: seed 0 of BN + L1 is wrong on **60.0 %**, over 8 such batches."
    )
    assert live.batch_words(company, 90, "8") == (
        "A batch of 64: 58 images of class 8 and then the others; a frame marks 2 wrong answers."
    )
    assert live.where_from(flat) == (
        "Networks of the study with seed 0, the first 700 test images of small MNIST. GN (4), LN and IN are drawn "
        "flat: their answers depend on no other image."
    )
