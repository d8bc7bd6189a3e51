"""From a record to its network and back: whether the weights fit, and the network with them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from core.quoting import quoted, shortened
from core.records.arrays import MOST_OF_A_NAME, WEIGHTS_FILE
from core.records.files import RUN_FILE
from core.records.record import RecordError, Run, RunRecord, RunSummary
from core.records.store import load

if TYPE_CHECKING:
    from core.model import NormNet


def check_network(run: Run) -> None:
    """Raise ``RecordError`` unless parameters and weights are those of the network that the configuration names."""
    from core.model import get_model, parameter_count

    model = get_model(run.config)
    if run.parameters != parameter_count(model):
        raise RecordError(f"{RUN_FILE}: field 'parameters' is {_shown(run.parameters)}, not {parameter_count(model)}")
    if isinstance(run, RunSummary):
        return
    expected = {name: (tuple(t.shape), str(t.dtype).split(".")[1]) for name, t in model.state_dict().items()}
    found = {name: (array.shape, str(array.dtype)) for name, array in run.weights.items()}
    for name in sorted(expected.keys() | found.keys()):
        shape, kind = expected.get(name, (None, None))
        found_shape, found_kind = found.get(name, (None, None))
        if shape != found_shape:
            raise RecordError(f"{WEIGHTS_FILE}: tensor {_shown(name)} has shape {_shown(found_shape)}, not {shape}")
        if kind != found_kind:
            raise RecordError(f"{WEIGHTS_FILE}: tensor {_shown(name)} holds {found_kind}, not {kind}")


def _shown(value: object) -> str:
    return quoted(value, MOST_OF_A_NAME)


def verify(folder: Path) -> RunRecord:
    """``load``, and check that the weights are those of the network that the configuration names."""
    record = load(folder)
    try:
        check_network(record)
    except RecordError as error:
        raise RecordError(f"{shortened(folder)}: {error}") from error
    return record


def trained_model(record: RunRecord) -> NormNet:
    """The network of a record with its weights, in inference mode. ``RecordError`` where they are another one's."""
    import torch

    from core.model import get_model

    model = get_model(record.config)
    try:
        model.load_state_dict({name: torch.from_numpy(np.array(a)) for name, a in record.weights.items()})
    except RuntimeError as error:
        raise RecordError(f"{WEIGHTS_FILE}: the tensors are not those of {record.label}") from error
    return model.eval()
