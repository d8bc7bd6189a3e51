"""What the address of the Lesson page may say: the step, and what was predicted at each.

All of it stays there from step to step, so that a refresh, a link sent to somebody, and the way back lose nothing.
"""

from __future__ import annotations

from core.four_images.source import MAX_SEED
from core.lesson.order import QUESTIONS, STEPS
from pages.parts.shared.address import Parameter, Table, keep, kept
from pages.parts.shared.rules import flag, flag_text, pattern, whole

SHOWN = "shown"
"""In the place of a prediction: the visitor wanted to see it without one."""
LONGEST = 120
"""Characters of a prediction."""

STEP = Parameter("step", whole(1, QUESTIONS), 1)
SAID = {number: Parameter(f"said{number}", pattern(f"[0-9a-z._-]{{1,{LONGEST}}}"), "") for number in STEPS}
"""By step; each step knows its own form and takes out what is none."""

CLASS_ROOM = Parameter("class_room", flag(), False, text=flag_text)
"""Whether what there is for a class is on the screen in the place of the step."""
SHEET_SEED = Parameter("sheet_seed", whole(0, MAX_SEED), 1, bound=True)
"""Of the exercises for a class."""
CLASS_FIGURE = Parameter("class_figure", pattern("[a-z0-9-]{1,40}"), "")
"""The picture that is to be saved."""


def table(more: Table = ()) -> Table:
    """All of it, and what the step on the screen adds."""
    return (STEP, *SAID.values(), CLASS_ROOM, SHEET_SEED, CLASS_FIGURE, *more)


def said(number: int) -> str:
    """What was predicted at a step; empty where nothing was yet."""
    return kept(SAID[number])


def say(number: int, text: str) -> None:
    """Keep a prediction; empty to be asked again."""
    keep(SAID[number], text)


def go(number: int) -> None:
    """Turn to a step, or to the questions."""
    keep(STEP, min(max(number, 1), QUESTIONS))
