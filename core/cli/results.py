"""How a finished run did, on one line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # numpy comes with it
    from core.records.record import EpochRow

RESULT = (
    "{label}: test accuracy {accuracy:.2f} %, test loss {loss:.4f} after {epochs}; {rate:,.0f} images/s; "
    "record in {folder}"
)
RESULT_AT_CHANCE = (
    "{label}: test accuracy {accuracy:.2f} %, test loss {loss:.4f} after {epochs}. {chance} {rate:,.0f} images/s; "
    "record in {folder}"
)


def result(label: str, row: EpochRow, *, chance: str, rate: float, folder: Path) -> str:
    """What a run came to.

    row: its last epoch.  chance: a sentence where it answers at chance level, else empty.  rate: training images a
    second.  folder: of its record.
    """
    return (RESULT_AT_CHANCE if chance else RESULT).format(
        label=label,
        accuracy=row.test_accuracy,
        loss=row.test_loss,
        epochs="1 epoch" if row.epoch == 1 else f"{row.epoch} epochs",
        chance=chance,
        rate=rate,
        folder=folder,
    )
