"""Real records of recipe 1: BN + L1, GN (4) and LN of seed 0 as they came with the versions up to 0.3.

Their wrong images are MNIST's, see README on its licence.
"""

from __future__ import annotations

from pathlib import Path

from core.records.record import RunRecord
from core.records.store import load

FOLDER = Path(__file__).parent / "data" / "recipe1"
IDS = ("a935b780718d57aa", "91d9e67f6a99cd13", "564623909d0186dc")
"""BN + L1, GN (4), LN."""


def former_runs() -> list[RunRecord]:
    """The three, whole."""
    return [load(FOLDER / run_id) for run_id in IDS]
