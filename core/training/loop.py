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
from itertools import islice
from typing import Self

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core.config import RECIPE, ConfigError, RunConfig
from core.data.batches import Batch, run_batches, standardize, to_float
from core.data.datasets import Dataset, hold_out
from core.model import NormNet, get_model, parameter_count
from core.training.events import BatchDone, Diverged, EpochDone, EvaluationProgress, Event, RunCompleted, RunStarted
from core.training.optimizer import Optimizer
from core.training.stopwatch import Clock, Stopwatch

EVALUATION_CHUNK = 100
"""Test images in one forward pass: more would cost memory and delay a stop, without being faster."""


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

    def __init__(
        self,
        config: RunConfig,
        data: Dataset,
        *,
        batches: Iterator[Batch] | None = None,
        clock: Clock = time.perf_counter,
    ) -> None:
        if config.recipe != RECIPE:
            raise ConfigError(
                f"recipe={config.recipe} is a former one: its records can be shown and evaluated, but not trained; "
                f"use {RECIPE}"
            )
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
        self._batches = math.ceil(len(data.train_images) / config.batch_size)
        self._stream = run_batches(config, data) if batches is None else batches
        self._images = 0
        self._training_seconds = 0.0
        self._watch = Stopwatch(clock)  # runs only while the generator does, whatever its consumer does between events
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

    def _run(self) -> Generator[Event, None, None]:
        config, data, watch = self.config, self.data, self._watch
        optimizer = Optimizer(self.model, config, self._batches * config.epochs)
        yield self._started()
        watch.resume()
        for epoch in range(1, config.epochs + 1):
            start = watch.seconds
            seen = yield from self._train(epoch, start, optimizer)
            if seen is None:
                return
            evaluation = yield from self._test(epoch)
            if evaluation is None:
                return
            watch.pause()
            yield EpochDone(
                run_id=config.run_id,
                label=config.label,
                epoch=epoch,
                train_loss=seen.loss / len(data.train_images),
                train_accuracy=100 * seen.correct / len(data.train_images),
                test_loss=evaluation.loss,
                test_accuracy=evaluation.accuracy,
                penalty=seen.penalty,
                seconds=watch.seconds - start,
            )
            watch.resume()
        watch.pause()
        yield self._completed()

    def _train(self, epoch: int, start: float, optimizer: Optimizer) -> Generator[Event, None, _Seen | None]:
        """One epoch of batches; returns None where it diverged, and has said so."""
        config, watch = self.config, self._watch
        before = self._training_seconds
        self.model.train()
        seen = _Seen()
        for batch, (x, y) in enumerate(islice(self._stream, self._batches), start=1):
            logits = self.model(x)  # (B, 10)
            loss = F.cross_entropy(logits, y)
            value, penalty = float(loss.detach()), optimizer.penalty()
            if not math.isfinite(value + penalty):
                what = f"the loss became {value + penalty} in epoch {epoch}, batch {batch}"
                yield self._diverged(what, epoch, batch)
                return None
            optimizer.step(loss)
            seen.penalty = penalty
            seen.loss += value * len(y)
            seen.correct += int((logits.detach().argmax(dim=1) == y).sum())
            self._images += len(y)
            watch.pause()
            self._training_seconds = before + watch.seconds - start
            yield BatchDone(
                run_id=config.run_id,
                label=config.label,
                epoch=epoch,
                batch=batch,
                batches=self._batches,
                loss=value,
                images=self._images,
            )
            watch.resume()
        return seen

    def _test(self, epoch: int) -> Generator[Event, None, Evaluation | None]:
        """The test set, chunk by chunk; returns None where the last step broke the network, and has said so."""
        for images, result in evaluation_steps(self.model, self.data):
            if result is not None and not math.isfinite(result.loss):
                what = f"the test loss became {result.loss} after epoch {epoch}"
                yield self._diverged(what, epoch, self._batches)
                return None
            self.evaluation = result or self.evaluation
            self._watch.pause()
            yield EvaluationProgress(
                run_id=self.config.run_id,
                label=self.config.label,
                epoch=epoch,
                images=images,
                total=len(self.data.test_images),
            )
            self._watch.resume()
        return self.evaluation

    def _started(self) -> RunStarted:
        return RunStarted(
            run_id=self.config.run_id,
            label=self.config.label,
            config=self.config.to_dict(),
            parameters=parameter_count(self.model),
            batches=self._batches,
            epochs=self.config.epochs,
            train_images=len(self.data.train_images),
            test_images=len(self.data.test_images),
        )

    def _diverged(self, what: str, epoch: int, batch: int) -> Diverged:
        return Diverged(
            run_id=self.config.run_id,
            label=self.config.label,
            epoch=epoch,
            batch=batch,
            reason=f"{what}; a smaller learning rate than {self.config.lr:g} or a normalization helps",
        )

    def _completed(self) -> RunCompleted:
        assert self.evaluation is not None  # a run has at least one epoch
        return RunCompleted(
            run_id=self.config.run_id,
            label=self.config.label,
            test_accuracy=self.evaluation.accuracy,
            test_loss=self.evaluation.loss,
            train_seconds=self._watch.seconds,
            images_per_second=self.images_per_second,
            parameters=parameter_count(self.model),
        )


@dataclass
class _Seen:
    """Sums over the images of one epoch, and the last batch's penalty."""

    loss: float = 0.0
    correct: int = 0
    penalty: float = 0.0


def train(
    config: RunConfig,
    data: Dataset,
    *,
    batches: Iterator[Batch] | None = None,
    clock: Clock = time.perf_counter,
) -> Training:
    """Start a run: an iterator of events (see ``core.training.events``), closed to stop it.

    Where ``config`` says validation, a part of the training images is held out of ``data`` to test on.
    batches: those of the whole run where somebody has them already, ``run_batches(config, data)`` by default.
    clock: gives the seconds that the events tell.
    Raises ``ConfigError`` where the batch size exceeds the training set, ``data`` is not the data set
    that ``config`` names, or its recipe is a former one.
    """
    return Training(config, data, batches=batches, clock=clock)
