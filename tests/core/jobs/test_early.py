"""Looks at the test accuracy within the first epoch: when, on which images, and that they change nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from core.config import RunConfig
from core.data.datasets import load
from core.jobs import early
from core.jobs.early import EARLY_IMAGES, EarlyLook, early_part
from core.jobs.race import Race
from core.training.events import BatchDone
from core.training.loop import evaluate, train


def config(norm="bn", **values) -> RunConfig:
    return RunConfig(**{"norm": norm, "dataset": "digits", "epochs": 2, "batch_size": 32, "width": 4, **values})


def never() -> bool:
    return False


def test_the_part_has_as_many_of_each_class_and_is_the_same_every_time(digits):
    small = load("mnist-small")  # its classes take turns
    part = early_part(small)
    assert torch.bincount(part.test_labels).tolist() == [50] * 10
    assert len(part.test_images) == EARLY_IMAGES == 500
    # 500 images of the test set, each once
    own = {image.numpy().tobytes() for image in part.test_images}
    assert len(own) == 500
    assert own <= {image.numpy().tobytes() for image in small.test_images}
    assert torch.equal(early_part(small).test_images, part.test_images)
    assert part.train_images is small.train_images
    assert early_part(digits) is digits  # all of the 359
    one_class = replace(small, test_labels=torch.zeros_like(small.test_labels))
    assert early_part(one_class) is one_class


def looks(run, data):
    training = train(run, data)
    look, found = EarlyLook(training.data), []
    for event in training:
        point = look.point(event, training.model, never)
        if point is not None:
            found.append((event.epoch, event.images, point, 100 * _right(training, early_part(data))))
    return found


def _right(training, part):
    training.model.eval()
    with torch.no_grad():
        x = part.test_images[:, None].float().div(255).sub(part.mean).div(part.std)
        right = (training.model(x).argmax(1) == part.test_labels).double().mean()
    training.model.train()
    return float(right)


def test_after_256_images_and_each_doubling_and_at_the_end_of_the_first_epoch(digits):
    found = looks(config(), digits)
    assert [images for _, images, _, _ in found] == [256, 512, 1024, 1438]
    assert {epoch for epoch, _, _, _ in found} == {1}
    assert [point.epoch for _, _, point, _ in found] == [8 / 45, 16 / 45, 32 / 45, 1]
    assert {point.images for _, _, point, _ in found} == {359}
    assert [point.test_accuracy for _, _, point, _ in found] == pytest.approx([right for *_, right in found])


def test_one_look_where_a_batch_passes_several(digits):
    assert [images for _, images, _, _ in looks(config(batch_size=700), digits)] == [700, 1400, 1438]
    assert [images for _, images, _, _ in looks(config(batch_size=1438), digits)] == [1438]


def test_none_where_it_is_stopped_or_the_network_is_broken(digits):
    for broken in (False, True):
        training = train(config(), digits)
        look = EarlyLook(training.data)
        for event in training:
            if isinstance(event, BatchDone) and event.images == 256:
                if broken:
                    with torch.no_grad():
                        training.model.head.bias.fill_(float("nan"))
                assert look.point(event, training.model, (lambda: True) if not broken else never) is None
                break
        training.close()


@pytest.mark.parametrize("norm", ["bn", "gn", "none"])
def test_a_look_changes_no_number_of_a_run(digits, norm):
    run, ends = config(norm), []
    for looking in (True, False):
        now = [0.0]

        def clock(now=now):
            now[0] += 1.0
            return now[0]

        training = train(run, digits, clock=clock)
        look = EarlyLook(training.data)
        events = []
        for event in training:
            if looking:
                before = torch.get_rng_state()
                look.point(event, training.model, never)
                assert torch.equal(before, torch.get_rng_state())
            events.append(event)
        ends.append((events, training.model.state_dict(), evaluate(training.model, digits)))
    (first, weights, answers), (second, others, same) = ends
    assert first == second  # all losses and accuracies, and the seconds of the stopwatch
    assert all(torch.equal(weights[name], others[name]) for name in weights)  # BN's running statistics, too
    assert torch.equal(answers.probabilities, same.probabilities)


def test_visitors_of_a_race_see_them_and_no_record_has_them(digits, store):
    ends = {}
    for public in (True, False):
        race = Race([config(), config("gn")], store=store, threads=1, public=public)
        last = race.run(lambda name, progress: (digits, ""))
        ends[public] = last, [race.records[i] for i in range(2)]
        kept = [store.load(run.config.run_id) for run in ends[public][1]]
        assert [[row.epoch for row in run.epochs] for run in kept] == [[1, 2]] * 2
    assert [[point.epoch for point in v.early] for v in ends[True][0].variants] == [[8 / 45, 16 / 45, 32 / 45, 1]] * 2
    assert [v.early for v in ends[False][0].variants] == [(), ()]
    for seen, alone in zip(ends[True][1], ends[False][1], strict=True):
        assert [replace(row, seconds=0) for row in seen.epochs] == [replace(row, seconds=0) for row in alone.epochs]
        assert all((seen.weights[name] == alone.weights[name]).all() for name in alone.weights)
        assert (seen.predictions.confidence == alone.predictions.confidence).all()


def test_a_race_is_stopped_within_a_look(digits, monkeypatch):
    """Not only after all of its images."""
    chunks = []
    real = early.evaluation_steps

    def steps(model, data):
        for step in real(model, data):
            chunks.append(step)
            race.cancel()
            yield step

    monkeypatch.setattr(early, "evaluation_steps", steps)
    race = Race([config()], threads=1, public=True)
    last = race.run(lambda name, progress: (digits, ""))
    assert last.status == "interrupted"
    assert len(chunks) == 1
    assert last.variants[0].early == ()
