"""The arrays of a record as bytes and back: weights as safetensors, predictions as an archive without objects."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load as from_safetensors
from safetensors.numpy import save as to_safetensors

from core.quoting import quoted
from core.records.record import Predictions, RecordError

WEIGHTS_FILE, PREDICTIONS_FILE = "weights.safetensors", "predictions.npz"
MOST_OF_A_NAME = 60
"""Characters of a name that a message quotes: an array's, a tensor's, an entry's."""
MAX_HEADER_BYTES = 20_000
"""Longest table of contents of the weights, about six times that of a record: each entry becomes objects."""
COMPRESSIONS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""Of an archive's entries: what every program writes. Others have readers of their own, and more ways to fail."""
MAX_ARRAY_BYTES = 64_000_000
"""Largest array that a predictions file may unpack to: an archive of zeros can grow a thousandfold."""


def weights_bytes(weights: Mapping[str, NDArray[Any]]) -> bytes:
    """A safetensors file of tensors by name."""
    return to_safetensors({name: np.array(array, order="C") for name, array in weights.items()})


def predictions_bytes(predictions: Predictions) -> bytes:
    """An .npz archive, one array a field."""
    buffer = io.BytesIO()
    arrays = {f.name: getattr(predictions, f.name) for f in fields(Predictions)}
    np.savez_compressed(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()


def read_weights(data: bytes) -> dict[str, NDArray[Any]]:
    """Tensors by name. ``RecordError`` where ``data`` is no safetensors file of finite numbers with a short header."""
    if len(data) < 8 or int.from_bytes(data[:8], "little") > MAX_HEADER_BYTES:
        raise RecordError(f"{WEIGHTS_FILE}: not a safetensors file with a short header")
    try:
        weights = from_safetensors(data)
    except Exception as error:  # SafetensorError, and whatever numpy makes of a type that it does not have
        raise RecordError(f"{WEIGHTS_FILE}: not a safetensors file of numbers") from error
    for name, array in weights.items():
        if not np.isfinite(array).all():
            raise RecordError(f"{WEIGHTS_FILE}: tensor {quoted(name, MOST_OF_A_NAME)} holds values that are not finite")
    return weights


def read_predictions(data: bytes) -> Predictions:
    """The inverse of ``predictions_bytes``; ``RecordError`` names the field of another type, shape or range."""
    name = ""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for info in archive.infolist():
                if info.compress_type not in COMPRESSIONS:
                    raise _wrong(info.filename, f"is compressed by method {info.compress_type}; use deflate or none")
                if info.file_size > MAX_ARRAY_BYTES:
                    raise _wrong(info.filename, f"unpacks to more than {MAX_ARRAY_BYTES:,} bytes")
        arrays = {}
        with np.load(io.BytesIO(data), allow_pickle=False) as archive:
            expected = {f.name for f in fields(Predictions)}
            if set(archive.files) != expected:
                name = sorted(expected.symmetric_difference(archive.files))[0]
                raise _wrong(name, "is missing or unknown")
            for name in archive.files:
                arrays[name] = archive[name]
                if not isinstance(arrays[name], np.ndarray):  # numpy hands out a member without its header as bytes
                    raise _wrong(name, "cannot be read as an array of numbers")
    except RecordError:
        raise
    except Exception as error:  # a stranger's bytes fail in zip, zlib, the header's parser or for want of memory
        if not name:
            raise RecordError(f"{PREDICTIONS_FILE}: cannot be read as an archive of arrays") from error
        raise _wrong(name, "cannot be read as an array of numbers") from error
    return _check_predictions(arrays)


def _wrong(name: str, problem: str) -> RecordError:
    return RecordError(f"{PREDICTIONS_FILE}: field {quoted(name, MOST_OF_A_NAME)} {problem}")


def _check_predictions(arrays: dict[str, NDArray[Any]]) -> Predictions:
    true, wrong_index = arrays["true"], arrays["wrong_index"]
    if true.ndim != 1 or not 1 <= len(true) <= 1_000_000:
        raise _wrong("true", f"has shape {true.shape}")
    m, k = len(true), wrong_index.size
    for name, kind, shape in (
        ("true", "int64", (m,)),
        ("predicted", "int64", (m,)),
        ("confidence", "float32", (m,)),
        ("wrong_index", "int64", (k,)),
        ("wrong_image", "uint8", (k, 28, 28)),
        ("wrong_probabilities", "float32", (k, 10)),
    ):
        if arrays[name].dtype != kind or arrays[name].shape != shape:
            raise _wrong(name, f"is {arrays[name].dtype} of shape {arrays[name].shape}, not {kind} {shape}")
    for name in ("true", "predicted"):
        if arrays[name].min() < 0 or arrays[name].max() > 9:
            raise _wrong(name, "holds a class outside 0..9")
    for name in ("confidence", "wrong_probabilities"):
        if not ((arrays[name] >= 0) & (arrays[name] <= 1 + 1e-5)).all():
            raise _wrong(name, "holds a probability outside 0..1")
    if not np.array_equal(wrong_index, np.flatnonzero(true != arrays["predicted"])):
        raise _wrong("wrong_index", "does not list the images whose prediction differs from the label")
    fingerprint = arrays["fingerprint"]
    if fingerprint.dtype.kind != "U" or fingerprint.ndim or not re.fullmatch("[0-9a-f]{64}", str(fingerprint)):
        raise _wrong("fingerprint", "is not 64 hexadecimal digits")
    arrays = {name: array for name, array in arrays.items() if name != "fingerprint"}
    return Predictions(**arrays, fingerprint=str(fingerprint))
