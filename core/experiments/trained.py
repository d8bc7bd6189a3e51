"""The networks that come with the app: the study's runs, by norm and seed."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from core.catalogue import NORMS, NormName
from core.config import races
from core.model import NormNet
from core.records.network import trained_model
from core.records.record import RecordError
from core.records.store import RunFolder, shipped_root


@lru_cache(maxsize=2)
def _shipped(root: Path) -> dict[tuple[NormName, float, float, int], str]:
    found = {}
    for run in RunFolder(root).summaries()[0]:
        config = run.config
        if run.status == "complete" and not config.former_recipe and config.dataset == "mnist":
            found[(config.norm, config.l1, config.l2, config.seed)] = run.run_id
    return found


def shipped_network(norm: NormName, seed: int, *, l1: float = 0.0, l2: float = 0.0) -> NormNet:
    """The trained network of the study with this method and seed, in inference mode.

    Its precision is fp32, so that a pass in training mode is not in mixed precision. A new object at every call: whose
    weights are changed is nobody else's. Raises ``RecordError`` where no such run ships.
    """
    root = shipped_root()
    run_id = _shipped(root).get((norm, l1, l2, seed))
    if run_id is None:
        raise RecordError(f"no run of {NORMS[norm].title} with seed {seed} comes with the app")
    model = trained_model(RunFolder(root).load(run_id))
    model.precision = "fp32"
    return model


def study_seeds(norm: NormName, *, l1: float = 0.0, l2: float = 0.0) -> list[int]:
    """The seeds that the study has of a method."""
    runs = [config for race in races() for config in race]
    return sorted(c.seed for c in runs if (c.norm, c.l1, c.l2) == (norm, l1, l2))
