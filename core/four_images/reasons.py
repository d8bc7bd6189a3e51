"""Questions on when a norm matters and why it is there; the answers are computed where they can be."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from core.catalogue import BASIC_SET_NORMS, NORMS, SetNorm
from core.normalization import Shape, set_index, torch_refusal

YES, NO = "Yes", "No"


@dataclass(frozen=True)
class Question:
    """One question: its text, the options in the order shown, the right one, and why."""

    text: str
    options: tuple[str, ...]
    answer: str
    why: str

    def right(self, choice: str) -> bool:
        """Whether ``choice`` is the answer."""
        return choice == self.answer


def in_words(norm: SetNorm, groups: int) -> str:
    """A norm with its groups, where it has a choice of them."""
    row = NORMS[norm]
    return f"{row.title} with G = {groups}" if row.grouping == "chosen" else row.title


def asked(text: str, answer: str, wrong: Sequence[str], why: str, rng: np.random.Generator) -> Question:
    """A question whose options come in any order."""
    options = [answer, *wrong]
    rng.shuffle(options)
    return Question(text, tuple(options), answer, why)


def influence(shape: Shape, norm: SetNorm, groups: int, rng: np.random.Generator) -> Question:
    """Whether the last image can change what becomes of another one in training mode."""
    image = int(rng.integers(shape[0] - 1))
    row = NORMS[norm]
    answer = YES if row.crosses_images else NO
    why = (
        f"In training mode {row.short}'s mean of a channel is taken over all images, so every image moves it."
        if row.crosses_images
        else f"{row.title}'s sets never cross images."
    )
    return Question(
        f"Training mode, {in_words(norm, groups)}: can changing image {shape[0]} change the normalized values "
        f"of image {image + 1}?",
        (YES, NO),
        answer,
        why,
    )


def batch_of_two(shape: Shape, norm: SetNorm, groups: int, rng: np.random.Generator) -> Question:
    """Which norm holds its error on ImageNet at two images a batch."""
    return asked(
        "Only two images fit into memory. With which norm does the error on ImageNet hardly rise then?",
        NORMS["gn"].title,
        (NORMS["bn"].title, "with all of them", "with none of them"),
        "In Group Normalization (arXiv:1803.08494) BatchNorm's error goes from 23.6 % with 32 images to 34.7 % with 2, "
        "GroupNorm's stays at 24.1 %.",
        rng,
    )


def _batch_of_one(shape: Shape, norm: SetNorm, groups: int, rng: np.random.Generator) -> Question:
    alone = (1, *shape[1:])
    of_bn = set_index("bn", alone)
    same = next(n for n in BASIC_SET_NORMS if n != "bn" and np.array_equal(set_index(n, alone, groups), of_bn))
    others = [NORMS[n].title for n in BASIC_SET_NORMS if n not in ("bn", same)]
    return asked(
        f"Training mode, a batch of one image of {shape[2]} × {shape[3]}: which norm computes the same as BatchNorm?",
        NORMS[same].title,
        (*others, "none"),
        "With N = 1 a mean over N, H and W is one over H and W.",
        rng,
    )


def _refused(shape: Shape, norm: SetNorm, groups: int, rng: np.random.Generator) -> Question:
    single = (1, shape[1], 1, 1)
    refuses, zeros = "It raises an error", "It returns zeros"
    answer = refuses if torch_refusal("bn", single) else zeros
    return asked(
        f"What does torch's BatchNorm2d do in training mode with (N, C, H, W) = {single}?",
        answer,
        [o for o in (refuses, zeros, "It returns x as it is", "It takes the running estimates") if o != answer],
        "“Expected more than 1 value per channel when training”: a set of one cell has variance 0.",
        rng,
    )


def in_parts(shape: Shape, norm: SetNorm, groups: int, rng: np.random.Generator) -> Question:
    """Whether a batch in two halves is normalized as it is as a whole."""
    row = NORMS[norm]
    return Question(
        f"Training mode: 8 images go through {in_words(norm, groups)} in two halves, since only 4 fit into memory; the "
        "gradients of both are added up. Is each image normalized as if all 8 came at once?",
        (YES, NO),
        NO if row.crosses_images else YES,
        "Each half has means and variances of its own." if row.crosses_images else "Every set lies within one image.",
    )


def inference(shape: Shape, norm: SetNorm, groups: int, rng: np.random.Generator) -> Question:
    """Whether ``norm`` computes something else in inference than in training."""
    row = NORMS[norm]
    answer = YES if row.running else NO
    why = (
        f"In inference {row.short} takes the running mean and variance collected in training, so an image "
        "mostly gets another output than in a training batch."
        if row.running
        else f"{row.title} computes the same from the image itself in both modes; it keeps no running estimates."
    )
    return Question(
        f"Does {in_words(norm, groups)} compute something else in inference than in training?", (YES, NO), answer, why
    )


def _why_normalize(shape: Shape, norm: SetNorm, groups: int, rng: np.random.Generator) -> Question:
    return asked(
        "What did BatchNorm bring, measured on ImageNet when it was introduced?",
        "the same accuracy in far fewer steps",
        ("a network with fewer weights", "the same answers on every image", "no need of an activation function"),
        "Ioffe and Szegedy (arXiv:1502.03167) needed 14 times fewer steps, with larger learning rates. Why it works is "
        "less certain than that it does (arXiv:1805.11604).",
        rng,
    )


def gamma(shape: Shape, norm: SetNorm, groups: int, rng: np.random.Generator) -> Question:
    """What gamma and beta of ``norm`` are for."""
    shifts = NORMS[norm].shifts
    what, scale = ("γ and β", "scale and offset") if shifts else ("γ", "scale")
    verb = "are" if shifts else "is"
    return asked(
        f"What {verb} {what} of {NORMS[norm].title} for?",
        f"to learn any {scale} for a channel again",
        ("to keep the root from being zero", "to remember what training saw", "to choose the groups"),
        f"x̂ alone would hold every set to one spread; {what} {verb} learned for each channel as the weights are.",
        rng,
    )


def eval_mode(shape: Shape, norm: SetNorm, groups: int, rng: np.random.Generator) -> Question:
    """What ``model.eval()`` changes in ``norm``."""
    row = NORMS[norm]
    running, nothing = "It goes by the running estimates", "Nothing"
    answer = running if row.running else nothing
    return asked(
        f"What does model.eval() change in {in_words(norm, groups)}?",
        answer,
        [o for o in (running, nothing, "It leaves γ out", "It computes no gradients") if o != answer],
        "Without it, an answer depends on the rest of the batch."
        if row.running
        else "It keeps no running estimates: both modes are the same. (BatchNorm and dropout need eval().)",
        rng,
    )


def _epsilon(shape: Shape, norm: SetNorm, groups: int, rng: np.random.Generator) -> Question:
    return asked(
        "What does a larger ε do to a set of nearly equal numbers?",
        "It brings their x̂ closer to 0",
        ("It spreads their x̂", "It moves their mean", "Nothing"),
        "x̂ is divided by √(σ² + ε): where σ² is small, ε decides.",
        rng,
    )


Maker = Callable[[Shape, SetNorm, int, np.random.Generator], Question]
WHEN: tuple[Maker, ...] = (influence, batch_of_two, _batch_of_one, _refused, in_parts)
"""When a norm matters; asked in turn."""
WHY: tuple[Maker, ...] = (inference, _why_normalize, gamma, eval_mode, _epsilon)
"""Why a norm, or a part of it, is there; asked in turn."""
