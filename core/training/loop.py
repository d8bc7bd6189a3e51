"""The training loop: an iterator of events. Whoever consumes it sets the pace and ends it by closing it.

    training = train(config, data)
    for event in training:
        ...
    training.model       # the weights, at any time
    training.evaluation  # what the last finished epoch predicted on the test set

Nothing here is global: each run has its own random generator. The number of threads that torch uses
belongs to the calling thread and is the caller's to set.
"""

from __future__ import annotations

import math
import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core.config import ConfigError, RunConfig
from core.data.batches import standardize, to_float, training_batches
from core.data.datasets import Dataset, hold_out
from core.model import NormNet, get_model, parameter_count
from core.training import penalties
from core.training.events import BatchDone, Diverged, EpochDone, EvaluationProgress, Event, RunCompleted, RunStarted

EVALUATION_CHUNK = 100
"""Test images in one forward pass: more would cost memory and delay a stop, without being faster."""

MOMENTUM = 0.9
MAX_GRADIENT_NORM = 1.0
"""Gradients are scaled down to this L2 norm: without it GN and LN can lose their first epoch at lr 0.1."""


@dataclass(frozen=True)
class Evaluation:
    """What a network says of a whole test set of M images.

    loss: mean cross-entropy, nats.  accuracy: percent.
    probabilities: (M, 10) float32.  predicted: (M,) int64, the most probable class.
    """

    loss: float
    accuracy: float
    probabilities: Tensor
    predicted: Tensor


def evaluation_steps(model: nn.Module, data: Dataset) -> Iterator[tuple[int, Evaluation | None]]:
    """Evaluate in chunks: yields (images so far, None) after each, and the result with the last.

    BN uses its running statistics: the model is in eval mode during each chunk, and back in the mode it
    was in between them, so that a consumer who stops half way leaves nothing changed.
    """
    logits: list[Tensor] = []
    done = 0
    total = len(data.test_images)
    for chunk in data.test_images.split(EVALUATION_CHUNK):
        was_training = model.training
        model.eval()
        try:
            with torch.inference_mode():
                logits.append(model(standardize(to_float(chunk), data)))
        finally:
            model.train(was_training)
        done += len(chunk)
        if done < total:
            yield done, None
    every = torch.cat(logits)  # (M, 10)
    predicted = every.argmax(dim=1)
    yield (
        done,
        Evaluation(
            loss=float(F.cross_entropy(every, data.test_labels)),
            accuracy=100 * int((predicted == data.test_labels).sum()) / total,
            probabilities=every.softmax(dim=1),
            predicted=predicted,
        ),
    )


def evaluate(model: nn.Module, data: Dataset) -> Evaluation:
    """Loss and accuracy on the whole test set, in inference mode (BN by its running statistics)."""
    *_, (_, result) = evaluation_steps(model, data)
    assert result is not None  # the last step carries it
    return result


class Training(Iterator[Event]):
    """One run in progress: an iterator of events that also holds the network.

    model: the network; its weights change with every batch.
    evaluation: the test set as the last finished epoch saw it, None before the first.
    """

    def __init__(self, config: RunConfig, data: Dataset) -> None:
        if data.name != config.dataset:
            raise ConfigError(f"dataset={config.dataset!r} names other data than the {data.name!r} at hand")
        if config.validation:
            data = hold_out(data)
        elif data.validation:
            raise ConfigError("the test set at hand is held out from the training images; set validation for it")
        data.check_batch_size(config.batch_size)
        self.config = config
        self.data = data
        self.model: NormNet = get_model(config)
        self.evaluation: Evaluation | None = None
        self._images = 0
        self._training_seconds = 0.0
        self._events: Generator[Event, None, None] = self._run()

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Event:
        return next(self._events)

    @property
    def images_per_second(self) -> float:
        """Training images over the seconds spent on training them (tests left out); 0 before the first batch."""
        return self._images / self._training_seconds if self._training_seconds else 0.0

    def close(self) -> None:
        """Stop here. Finished epochs stand; closing twice is fine."""
        self._events.close()

    def _diverged(self, what: str, epoch: int, batch: int) -> Diverged:
        return Diverged(
            run_id=self.config.run_id,
            label=self.config.label,
            epoch=epoch,
            batch=batch,
            reason=f"{what}; a smaller learning rate than {self.config.lr:g} or a normalization helps",
        )

    def _run(self) -> Generator[Event, None, None]:
        config, data, model = self.config, self.data, self.model
        who = {"run_id": config.run_id, "label": config.label}
        # its own stream, so that the batches do not depend on how many numbers the weights took
        generator = torch.Generator().manual_seed(config.seed)
        batches = math.ceil(len(data.train_images) / config.batch_size)
        weights = [weight for _, weight in penalties.penalized(model)]
        optimizer = torch.optim.SGD(model.parameters(), lr=config.lr, momentum=MOMENTUM, nesterov=True, fused=True)
        schedule = torch.optim.lr_scheduler.OneCycleLR(
            optimizer, max_lr=config.lr, total_steps=batches * config.epochs + 1, cycle_momentum=False
        )
        watch = _Stopwatch()
        yield RunStarted(
            **who,
            config=config.to_dict(),
            parameters=parameter_count(model),
            batches=batches,
            epochs=config.epochs,
            train_images=len(data.train_images),
            test_images=len(data.test_images),
        )
        watch.resume()
        for epoch in range(1, config.epochs + 1):
            epoch_start, trained_before = watch.seconds, self._training_seconds
            model.train()
            loss_sum, correct, penalty = 0.0, 0, 0.0
            epoch_batches = training_batches(data, config.batch_size, generator, augmented=config.augment)
            for batch, (x, y) in enumerate(epoch_batches, start=1):
                logits = model(x)  # (B, 10)
                cross_entropy = F.cross_entropy(logits, y)
                loss = cross_entropy
                if config.l1:
                    loss = loss + config.l1 * penalties.l1(weights)
                if config.l2:
                    loss = loss + config.l2 * penalties.l2(weights)
                value, whole = float(cross_entropy.detach()), float(loss.detach())
                if not math.isfinite(whole):
                    yield self._diverged(f"the loss became {whole} in epoch {epoch}, batch {batch}", epoch, batch)
                    return
                optimizer.zero_grad(set_to_none=True)
                loss.backward()
                nn.utils.clip_grad_norm_(model.parameters(), MAX_GRADIENT_NORM)
                optimizer.step()
                schedule.step()
                loss_sum += value * len(y)
                correct += int((logits.detach().argmax(dim=1) == y).sum())
                penalty = whole - value
                self._images += len(y)
                watch.pause()
                self._training_seconds = trained_before + watch.seconds - epoch_start
                yield BatchDone(**who, epoch=epoch, batch=batch, batches=batches, loss=value, images=self._images)
                watch.resume()
            for images, result in evaluation_steps(model, data):
                if result is not None and not math.isfinite(result.loss):  # the last step of the epoch did it
                    yield self._diverged(f"the test loss became {result.loss} after epoch {epoch}", epoch, batches)
                    return
                self.evaluation = result or self.evaluation
                watch.pause()
                yield EvaluationProgress(**who, epoch=epoch, images=images, total=len(data.test_images))
                watch.resume()
            assert self.evaluation is not None  # set with the last chunk
            watch.pause()
            yield EpochDone(
                **who,
                epoch=epoch,
                train_loss=loss_sum / len(data.train_images),
                train_accuracy=100 * correct / len(data.train_images),
                test_loss=self.evaluation.loss,
                test_accuracy=self.evaluation.accuracy,
                penalty=penalty,
                seconds=watch.seconds - epoch_start,
            )
            watch.resume()
        watch.pause()
        assert self.evaluation is not None  # a run has at least one epoch
        yield RunCompleted(
            **who,
            test_accuracy=self.evaluation.accuracy,
            test_loss=self.evaluation.loss,
            train_seconds=watch.seconds,
            images_per_second=self.images_per_second,
            parameters=parameter_count(model),
        )


def train(config: RunConfig, data: Dataset) -> Training:
    """Start a run: an iterator of events (see ``core.training.events``), closed to stop it.

    Where ``config`` says validation, a part of the training images is held out of ``data`` to test on.
    Raises ``ConfigError`` where the batch size exceeds the training set, or ``data`` is not the data set
    that ``config`` names.
    """
    return Training(config, data)


class _Stopwatch:
    """Counts only the time in which the generator itself ran, whatever its consumer did between events."""

    def __init__(self) -> None:
        self._total = 0.0
        self._since: float | None = None

    @property
    def seconds(self) -> float:
        running = time.perf_counter() - self._since if self._since is not None else 0.0
        return self._total + running

    def pause(self) -> None:
        self._total = self.seconds
        self._since = None

    def resume(self) -> None:
        self._since = time.perf_counter()
