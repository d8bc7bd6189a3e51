"""A queue whose races wait at their start until a test lets them go on."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

import pytest

from core.jobs.queue import RaceRegistry
from core.training.loop import train
from tests.core.mirror import PATIENCE


@dataclass
class Gate:
    """Runs that wait at their start until they are told to go on; notes the seeds of those that came."""

    came: list[int] = field(default_factory=list)
    arrived: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    go: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def __call__(self, config, data, **given):
        self.came.append(config.seed)
        self.arrived.release()
        assert self.go.acquire(timeout=PATIENCE)
        return train(config, data, **given)

    def wait(self):
        assert self.arrived.acquire(timeout=PATIENCE)


@pytest.fixture
def gate():
    return Gate()


@pytest.fixture
def registry(store, gate, few):
    registry = RaceRegistry(store, lambda name, progress: (few, ""), threads=1, start=gate)
    yield registry
    for _ in range(50):
        gate.go.release()
    registry.close()
