"""Tables that are not whole: some trials have not run, or one came to nothing."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from typing import TypeVar

from core.experiments.table import Table

T = TypeVar("T")
LACKING = (LookupError, ValueError, TypeError, ArithmeticError)
"""What a function of a table raises where rows that it needs are missing, or hold no number, or where none are left:
no such row, a mean or a maximum of none, a null among numbers, a share of nothing."""

NO_NUMBER = re.compile(r"\bnan\b")
NO_NUMBER_SAID = "a number in the sentence is none"

_log = logging.getLogger(__name__)


def of_table(function: Callable[[Table], T], table: Table) -> T | None:
    """What ``function``, one of an experiment's own, makes of ``table``; None where it lacks rows for that.

    The one place that decides so: pictures, sentences and verdicts are written for whole tables. A sentence with a
    number that is none is such a lack, too: an error over no images, or the sum of a loss that is none.
    """
    try:
        found = function(table)
        if isinstance(found, str) and NO_NUMBER.search(found):
            raise ValueError(NO_NUMBER_SAID)
        return found
    except LACKING:
        _log.info("a table of %s lacks what is asked of it", table.experiment, exc_info=True)
        return None
