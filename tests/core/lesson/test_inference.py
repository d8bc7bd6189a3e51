"""Step 5 of the lesson: right answers by the size of a batch, and running estimates against torch's own."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice

import pytest
import torch
from torch import nn

from core.config import RunConfig
from core.data.batches import run_batches
from core.experiments import forgot_eval_live as live
from core.experiments.forgot_eval_live import EvalTable
from core.lesson import inference
from core.lesson.inference import Answers, Estimates
from core.model import LayerTap
from tests.core.experiments.study import as_mnist


@pytest.fixture(scope="module")
def table(digits) -> EvalTable:
    """The study's network, and 300 images of digits."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(live, "TESTS", 300)
        return live.eval_table(as_mnist(digits))


ANSWERS = Answers(1000, dict(zip(inference.SIZES, (441, 864, 958, 985, 993, 991, 993, 994), strict=True)), 995)
ESTIMATES = Estimates(4, 10, (0.5, 0.7), (0.0, 0.05, 0.115), 0.557)


def test_right_answers_are_counted(table):
    errors = live.by_size(table)
    found = inference.answers(table, errors)
    with torch.no_grad():
        assert found.inference == int((table.model(table.x).argmax(1) == table.labels).sum())
        alone = torch.cat([in_training_mode(table, x[None]).argmax(1) for x in table.x])
    assert found.by_size[1] == int((alone == table.labels).sum())
    assert tuple(found.by_size) == (1, 2, 4, 8, 16, 32, 64, 128)
    assert found.total == 300
    assert {size: 300 - right for size, right in found.by_size.items()} == {
        size: pytest.approx(3 * errors[size]) for size in found.by_size
    }


def in_training_mode(table: EvalTable, x: torch.Tensor) -> torch.Tensor:
    """Logits by torch's training mode; the running estimates of the network stay."""
    model = table.model
    before = [norm.momentum for norm in model.norms]
    for norm in model.norms:
        norm.momentum = 0.0
    try:
        return model.train()(x)
    finally:
        model.eval()
        for norm, momentum in zip(model.norms, before, strict=True):
            norm.momentum = momentum


@pytest.mark.parametrize("size", [1, 16])
def test_running_means_are_those_that_torch_collects(table, digits, size):
    data = as_mnist(digits)
    found = inference.estimates(table, data, size)
    norm = nn.BatchNorm2d(16)
    means, running = [], [0.0]
    channel = found.channel - 1
    batches = run_batches(RunConfig(norm="bn", dataset="mnist-small", batch_size=size), data)
    for x, _ in islice(batches, 40):
        with torch.no_grad(), LayerTap(table.model) as tap:
            table.model(x)
            norm(tap.before[0])
        means.append(float(tap.before[0][:, channel].double().mean()))
        running.append(float(norm.running_mean[channel]))
    assert found.means == pytest.approx(means, rel=1e-4, abs=1e-5)
    assert found.running == pytest.approx(running, rel=1e-4, abs=1e-5)
    stored = table.model.norms[0].running_mean
    assert (found.stored, channel) == (float(stored.max()), int(stored.argmax()))
    assert found.scatter == pytest.approx(float(torch.tensor(means).std(correction=0)), rel=1e-3)


def test_means_of_larger_batches_scatter_less(table, digits):
    one, many = (inference.estimates(table, as_mnist(digits), size).scatter for size in (1, 64))
    assert one > 4 * many


def test_before_the_prediction_the_picture_keeps_training_mode_to_itself():
    before = inference.answers_figure(ANSWERS, None, 500)
    assert [trace.name for trace in before.data] == ["model.eval()", "your prediction"]
    assert (before.data[1].x, before.data[1].y) == ((1,), (500,))
    assert "training mode" not in inference.answers_alt(ANSWERS, None)
    after = inference.answers_figure(ANSWERS, 2, None)
    assert [trace.name for trace in after.data] == ["training mode", "model.eval()", None]
    assert dict(zip(after.data[0].x, after.data[0].y, strict=True)) == ANSWERS.by_size
    assert set(after.data[1].y) == {995}
    assert (after.data[2].x, after.data[2].y) == ((2,), (864,))
    assert "training mode: 441 at 1, 864 at 2" in inference.answers_alt(ANSWERS, 2)
    assert before.layout.yaxis.range == after.layout.yaxis.range


def test_the_estimates_are_drawn_on_one_scale_for_all_sizes():
    figure = inference.estimates_figure(ESTIMATES)
    dots, line, level = figure.data
    assert (tuple(dots.x), tuple(dots.y)) == ((1, 2), ESTIMATES.means)
    assert (tuple(line.x), tuple(line.y)) == ((0, 1, 2), ESTIMATES.running)
    assert tuple(level.y) == (0.557, 0.557)
    other = inference.estimates_figure(replace(ESTIMATES, size=1, means=(0.1, 1.2)))
    assert figure.layout.yaxis.range == other.layout.yaxis.range
    legend = figure.layout.legend  # at the picture's lower edge, where plotly keeps the axis title above it
    assert (legend.yref, legend.yanchor, legend.y) == ("container", "bottom", 0)
    assert figure.layout.title.text == "Means of training batches of 4, channel 10"
    assert other.layout.title.text == "Means of single training images, channel 10"
    assert inference.estimates_alt(ESTIMATES) == (
        "Means of training batches of 4, channel 10, batch after batch: they scatter by 0.100. The running mean goes "
        "from 0 to 0.115; stored is 0.557."
    )


def test_sentences_hold_the_numbers():
    assert inference.guess_said(ANSWERS, 900) == ":material/cancel: You said: 900. **The answer: 441.**"
    assert inference.guess_said(ANSWERS, 350) == ":material/check_circle: You said: 350. **Close: it is 441.**"
    assert inference.guess_said(ANSWERS, 550).startswith(":material/cancel:")
    assert inference.answers_said(ANSWERS, 1) == (
        "One at a time, **441 of 1,000** test images are right in training mode and **995** after `model.eval()`, with "
        "the same weights (one network, seed 0)."
    )
    assert inference.answers_said(ANSWERS, 8) == (
        "In batches of 8, **985 of 1,000** test images are right in training mode; after `model.eval()` **995** are, "
        "whatever the batch (one network, seed 0)."
    )
    stored, last = inference.estimates_said(ESTIMATES).split(" Means")
    assert stored == inference.COLLECTED
    ends = "scatter by 0.1; the running mean ends at 0.12 here, and at 0.56 in the whole training."
    assert last == f" of 4 images {ends}"
    assert inference.estimates_said(replace(ESTIMATES, size=1)).endswith(f"Means of single images {ends}")


def test_what_is_measured_names_the_network_and_why_other_pages_have_other_numbers():
    assert inference.about_network(ANSWERS).startswith(
        "The study's BN + L1 of seed 0, trained for 20 epochs on 60,000 images of MNIST. It is tested on 1,000 of the "
        "10,000 test images, in random batches of each size. Home and lab show means over several seeds and all test "
        "images, so their numbers differ a little."
    )
