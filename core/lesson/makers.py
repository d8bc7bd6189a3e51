"""The makers of the lesson's questions by the step that teaches the answer; what is a number, they compute."""

from __future__ import annotations

from core.lesson.drawing import Maker
from core.lesson.makers_on_choice import batch_of_two, fewer, in_pytorch, l1, one_seed, situation, small_set
from core.lesson.makers_on_inference import eval_mode, forgotten, inference, whose_mean
from core.lesson.makers_on_numbers import gamma, grows, purpose, scaled, stays, undone, x_hat
from core.lesson.makers_on_sets import in_parts, influence, reach

BY_STEP: dict[int, tuple[Maker, ...]] = {
    1: (grows, stays, purpose),
    2: (x_hat, scaled, undone, gamma),
    4: (influence, in_parts, reach),
    5: (inference, eval_mode, whose_mean, forgotten),
    6: (batch_of_two, small_set, fewer),
    7: (situation, one_seed, l1, in_pytorch),
}
"""Of every step but the third, whose three questions are ``makers_on_sets.sharing``; the seventh asks of the study, too
(``study_question``)."""
