"""A record as bytes and back: three plain files, checked field by field, never executed.

    run.json               configuration, one row an epoch, environment, checksums
    weights.safetensors    the weights after the last finished epoch
    predictions.npz        what they say of every test image, and the images they get wrong

A record can come from a stranger: size, schema, shapes, ranges and checksums are checked, and an error says
which file and which field is wrong. JSON, safetensors and arrays without objects hold no code.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

from core.config import YOUNGER_FIELDS, ConfigError, RunConfig
from core.quoting import quoted
from core.records.arrays import (
    MOST_OF_A_NAME,
    PREDICTIONS_FILE,
    WEIGHTS_FILE,
    predictions_bytes,
    read_predictions,
    read_weights,
    weights_bytes,
)
from core.records.record import STATUSES, EpochRow, RecordError, Run, RunRecord, RunSummary

SCHEMA_VERSION = 1
RUN_FILE = "run.json"
MAX_BYTES = {RUN_FILE: 2_000_000, WEIGHTS_FILE: 32_000_000, PREDICTIONS_FILE: 32_000_000}
MAX_NUMBER = 1e300
"""Largest number of a row: JSON also holds whole numbers that no float can."""
MAX_ENVIRONMENT = 40
"""Entries that a record may have about where it was made."""


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _canonical(values: Mapping[str, Any]) -> bytes:
    return json.dumps(values, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def encode(run: Run) -> dict[str, bytes]:
    """The files of a run by name: all three of a record, run.json alone of a summary."""
    files: dict[str, bytes] = {}
    if isinstance(run, RunRecord):
        files[WEIGHTS_FILE] = weights_bytes(run.weights)
        files[PREDICTIONS_FILE] = predictions_bytes(run.predictions)
    values: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "run_id": run.run_id,
        "config": run.config.to_dict(),
        "status": run.status,
        "message": run.message,
        "epochs": [asdict(row) for row in run.epochs],
        "images_per_second": run.images_per_second,
        "parameters": run.parameters,
        "environment": dict(run.environment),
        "files": {name: _sha256(data) for name, data in files.items()},
    }
    values["checksum"] = _sha256(_canonical(values))
    files[RUN_FILE] = json.dumps(values, indent=1, allow_nan=False).encode()
    return files


def decode_summary(files: Mapping[str, bytes]) -> RunSummary:
    """What run.json says; the other files need not be there, and are not looked at.

    Raises ``RecordError`` naming the field that is missing, truncated, altered or foreign.
    """
    return _read_summary(files)[0]


def decode(files: Mapping[str, bytes]) -> RunRecord:
    """The whole record in ``files``.

    Raises ``RecordError`` naming the file and the field that is missing, truncated, altered or foreign, and
    for a run that stopped before its first epoch ended: of that there is a summary and nothing else.
    """
    summary, checksums = _read_summary(files)
    if not checksums and summary.epochs:
        raise _bad("files", "is empty, but a run with an epoch has weights and predictions")
    if not checksums:
        raise RecordError(f"{WEIGHTS_FILE}: the run stopped before its first epoch ended, so it has no weights")
    weights = read_weights(_checked(files, WEIGHTS_FILE, checksums))
    predictions = read_predictions(_checked(files, PREDICTIONS_FILE, checksums))
    accuracy = predictions.accuracy
    if not summary.epochs or not math.isclose(accuracy, summary.epochs[-1].test_accuracy, abs_tol=1e-6):
        raise RecordError(
            f"{PREDICTIONS_FILE}: the predictions are right for {accuracy:.2f} %, but {RUN_FILE} "
            "says otherwise of the last epoch"
        )
    return RunRecord(summary, weights, predictions)


def _read_summary(files: Mapping[str, bytes]) -> tuple[RunSummary, dict[str, Any]]:
    """The summary, and the checksums of the other two files by name: none where no epoch has ended."""
    values = _read_json(_take(files, RUN_FILE))
    config = _check_run(values)
    summary = RunSummary(
        config=config,
        status=values["status"],
        epochs=tuple(_row(row, i) for i, row in enumerate(values["epochs"])),
        message=values["message"],
        images_per_second=float(values["images_per_second"]),
        parameters=values["parameters"],
        environment=values["environment"],
    )
    return summary, values["files"]


def _take(files: Mapping[str, bytes], name: str) -> bytes:
    if name not in files:
        raise RecordError(f"{name}: missing")
    if len(files[name]) > MAX_BYTES[name]:
        raise RecordError(f"{name}: larger than {MAX_BYTES[name]:,} bytes")
    return files[name]


def _checked(files: Mapping[str, bytes], name: str, checksums: Mapping[str, Any]) -> bytes:
    data = _take(files, name)
    if checksums.get(name) != _sha256(data):
        raise RecordError(f"{name}: does not match its checksum in {RUN_FILE}; it is truncated or was altered")
    return data


def _read_json(data: bytes) -> dict[str, Any]:
    try:
        values = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise RecordError(f"{RUN_FILE}: not valid JSON") from error
    if not isinstance(values, dict):
        raise RecordError(f"{RUN_FILE}: not a JSON object")
    return values


_RUN_FIELDS: dict[str, type | tuple[type, ...]] = {
    "schema_version": int,
    "run_id": str,
    "config": dict,
    "status": str,
    "message": str,
    "epochs": list,
    "images_per_second": (int, float),
    "parameters": int,
    "environment": dict,
    "files": dict,
    "checksum": str,
}


def _bad(name: str, problem: str) -> RecordError:
    return RecordError(f"{RUN_FILE}: field {quoted(name, MOST_OF_A_NAME)} {problem}")


def _plain(value: Any) -> bool:
    return value is None or isinstance(value, str | int | float)


def _shown(value: Any) -> str:
    # what is nested may be so deeply that it cannot be printed
    return quoted(value, MOST_OF_A_NAME) if _plain(value) else f"of type {type(value).__name__}"


def _check_run(values: dict[str, Any]) -> RunConfig:
    version = values.get("schema_version")
    if not _plain(version) or version != SCHEMA_VERSION:
        raise _bad("schema_version", f"is {_shown(version)}; this version reads {SCHEMA_VERSION}")
    for name, kind in _RUN_FIELDS.items():
        if name not in values:
            raise _bad(name, "is missing")
        if not isinstance(values[name], kind) or isinstance(values[name], bool):
            raise _bad(name, f"is of type {type(values[name]).__name__}")
    extra = sorted(set(values) - set(_RUN_FIELDS))
    if extra:
        raise _bad(extra[0], "is unknown")
    for name in ("config", "environment", "files"):
        if not all(map(_plain, values[name].values())):
            raise _bad(name, "holds more than texts and numbers")
    if len(values["environment"]) > MAX_ENVIRONMENT:
        raise _bad("environment", f"has {len(values['environment'])} entries; {MAX_ENVIRONMENT} are allowed")
    try:
        config = RunConfig.from_dict(values["config"])
    except (ConfigError, TypeError) as error:
        raise _bad("config", f"is invalid: {error}") from error
    # a record that is older than a field was made with the field's default
    given = {**YOUNGER_FIELDS, **values["config"]}
    if missing := sorted(config.to_dict().keys() - given.keys()):
        raise _bad("config", f"lacks {quoted(missing[0])}")
    if config.to_dict() != given:
        raise _bad("config", "is not in its one form")
    if values["run_id"] != config.run_id:
        raise _bad("run_id", "does not match the configuration")
    if values["status"] not in STATUSES:
        raise _bad("status", f"is {_shown(values['status'])}; known are {', '.join(STATUSES)}")
    if not 0 <= values["images_per_second"] <= MAX_NUMBER:
        raise _bad("images_per_second", "is not a finite rate")
    if len(values["epochs"]) > config.epochs:
        raise _bad("epochs", f"has {len(values['epochs'])} rows for {config.epochs} epochs")
    if values["status"] == "complete" and len(values["epochs"]) != config.epochs:
        raise _bad("epochs", f"has {len(values['epochs'])} rows, but a complete run has {config.epochs}")
    if values["files"] and set(values["files"]) != {WEIGHTS_FILE, PREDICTIONS_FILE}:
        raise _bad("files", "names other files than the weights and the predictions")
    if values["status"] == "complete" and not values["files"]:
        raise _bad("files", "is empty, but a complete run has weights and predictions")
    try:
        checksum = _sha256(_canonical({k: v for k, v in values.items() if k != "checksum"}))
    except (ValueError, RecursionError) as error:
        raise RecordError(f"{RUN_FILE}: holds a number that is not finite, or is nested too deeply") from error
    if values["checksum"] != checksum:
        raise _bad("checksum", "does not match the content; the file was altered")
    return config


def _row(row: Any, i: int) -> EpochRow:
    names = [f.name for f in fields(EpochRow)]
    if not isinstance(row, dict) or set(row) != set(names):
        raise _bad("epochs", f"row {i + 1} does not have exactly {', '.join(names)}")
    for name in names:
        value = row[name]
        # nan fails the comparison too
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= MAX_NUMBER:
            raise _bad(f"epochs[{i}].{name}", f"is {_shown(value)}, not a finite number of at least 0")
        if name.endswith("accuracy") and value > 100:
            raise _bad(f"epochs[{i}].{name}", f"is {_shown(value)}, above 100 percent")
    if row["epoch"] != i + 1:
        raise _bad(f"epochs[{i}].epoch", f"is {_shown(row['epoch'])}, not {i + 1}")
    return EpochRow(**row)
