"""The recorder: after every epoch, and where a run is stopped or diverges, the record holds what was reached."""

from __future__ import annotations

import re

import numpy as np
import pytest
import torch

from core.config import RunConfig
from core.jobs.recorder import Recorder
from core.records import network
from core.training.loop import train


def test_the_recorder_saves_after_every_epoch(store, few):
    config = RunConfig(norm="gn", groups=2, dataset="digits", epochs=3, batch_size=64)
    training = train(config, few)
    recorder = Recorder(training, store, 1)
    states = []
    for event in training:
        recorder.note(event)
        if event.name in ("epoch_done", "run_completed"):
            kept = store.load(config.run_id) if (store.root / config.run_id).exists() else None
            states.append((kept.status, len(kept.epochs)) if kept else None)
    assert states == [("running", 1), ("running", 2), ("running", 2), ("complete", 3)]
    kept = network.verify(store.root / config.run_id)
    assert kept.predictions.accuracy == pytest.approx(kept.epochs[-1].test_accuracy)
    assert kept.predictions.fingerprint == few.fingerprint
    assert kept.environment["torch"] == torch.__version__
    assert kept.environment["threads"] == 1
    np.testing.assert_array_equal(kept.predictions.wrong_image, few.test_images.numpy()[kept.predictions.wrong_index])


def test_an_interrupted_run_keeps_its_epochs_and_the_weights_of_the_last(store, few):
    config = RunConfig(norm="bn", dataset="digits", epochs=3, batch_size=64)
    training = train(config, few)
    recorder = Recorder(training, store, 1)
    for event in training:
        recorder.note(event)
        if event.name == "epoch_done":
            weights = {k: v.clone() for k, v in training.model.state_dict().items()}
        if event.name == "batch_done" and event.epoch == 2:
            break
    training.close()
    recorder.interrupt("stopped after 1 of 3 epochs")
    recorder.interrupt("a second time")
    kept = store.load(config.run_id)
    assert (kept.status, kept.message, len(kept.epochs)) == ("interrupted", "stopped after 1 of 3 epochs", 1)
    assert all(np.array_equal(kept.weights[k], v.numpy()) for k, v in weights.items())
    assert re.fullmatch("[0-9a-f]{16}", kept.run_id)


def test_a_diverged_run_keeps_its_epochs_and_its_reason(store, few):
    config = RunConfig(norm="none", dataset="digits", epochs=2, batch_size=64)
    training = train(config, few)
    recorder = Recorder(training, store, 1)
    for event in training:
        recorder.note(event)
        if event.name == "batch_done" and event.images == 256:  # the last step
            with torch.no_grad():
                training.model.head.bias.fill_(float("nan"))
    kept = store.load(config.run_id)
    assert (kept.status, len(kept.epochs)) == ("diverged", 1)
    assert kept.message.startswith("the test loss became nan after epoch 2; ")
    assert all(np.isfinite(a).all() for a in kept.weights.values())
