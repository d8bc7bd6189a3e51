"""What the address of the Misclassified page may say.

Choices whose options depend on the chosen runs are not bound: a bound widget writes its labels to the address.
They stand there as run ids, "4-9" for a kind of error, "101" for a combination, and start as "", the first option.
"""

from __future__ import annotations

import re

from core.misclassified.grid import ORDERS, Order
from pages.parts.shared.address import MINE, RUN_ID, Parameter, Table
from pages.parts.shared.rules import one_of, pattern, titled, whole

VIEWS = ("each run", "across runs", "confusion")
SETS = {"each run": "run", "methods, every seed": "every", "methods, any seed": "any"}
MOST_SEED = 9999
ALL, NOTHING = "all", "none"
_IMAGE_CODE = re.compile(r"([0-9]{1,7})(?:-([0-9a-f]{8}))?")

ImageCode = tuple[int, str]
"""A test image, and the start of the fingerprint where runs saw different test sets; else ""."""


def image_code(index: int, fingerprint: str = "") -> ImageCode:
    """The code of a test image."""
    return index, fingerprint[:8]


def read_image_code(text: str) -> ImageCode | None:
    """The code that ``text`` stands for: "24" or "24-cdcdcdcd"; None for anything else."""
    found = _IMAGE_CODE.fullmatch(text)
    return (int(found[1]), found[2] or "") if found else None


def write_image_code(code: ImageCode | None) -> str:
    """The inverse of ``read_image_code``."""
    return "" if code is None else "-".join(filter(None, (str(code[0]), code[1])))


RUNS = Parameter("wrong_runs", pattern(RUN_ID), "", many=True)
VIEW = Parameter("wrong_view", one_of(VIEWS), VIEWS[0], bound=True)
ORDER = Parameter[Order]("wrong_order", titled(ORDERS), "confident", bound=True)
SEED = Parameter("wrong_seed", whole(0, MOST_SEED), 0, bound=True)
SHOWN = Parameter("wrong_shown", pattern(RUN_ID), "", many=True)
PAGE = Parameter("wrong_page", whole(1, 9_999_999), 1)
SETS_OF = Parameter("wrong_sets", one_of(SETS), "each run", bound=True)
COMBINATION = Parameter("wrong_combination", pattern("[01]+"), "")
MATRIX = Parameter("wrong_matrix", pattern(RUN_ID), "")
MINUS = Parameter("wrong_minus", pattern(f"{NOTHING}|{RUN_ID}"), "")
PAIR = Parameter("wrong_pair", pattern(f"{ALL}|[0-9]+-[0-9]+"), "")
IMAGE = Parameter[ImageCode | None]("wrong_image", read_image_code, None, text=write_image_code)
LAYERS_OF = Parameter("wrong_layers", pattern(RUN_ID), "")

TABLE: Table = (RUNS, VIEW, ORDER, SEED, SHOWN, PAGE, SETS_OF, COMBINATION, MATRIX, MINUS, PAIR, IMAGE, LAYERS_OF, MINE)
