"""Which norm to take, a situation each: a case, what to take, what was published, and what was measured here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.config import RunConfig
from core.experiments.table import Table
from core.labels import listed
from core.lesson.drawing import FixedQuestion

WHICH = "{case} Which norm do you take?"


@dataclass(frozen=True, kw_only=True)
class Situation:
    """One line of the table of the decision.

    name: of it, in no sentence.  when, take: the situation, and what to take in it, for a sentence's middle.
    case: somebody who is in it.  instead: what else could be said, and would be worse.
    why: the reason, whole sentences.  published: what a paper measured, Markdown with its link; empty where the reason
    is enough.  here: what was measured with this app, from the lab's table ``table``; empty where there is none.
    borne_out: at which sizes of a batch that bears the advice out.
    """

    name: str
    when: str
    take: str
    case: str
    instead: tuple[str, ...]
    why: str
    published: str = ""
    table: str = ""
    here: Callable[[Table], str] = lambda table: ""
    borne_out: Callable[[Table], str] = lambda table: ""

    @property
    def question(self) -> FixedQuestion:
        """Which norm to take in it."""
        return FixedQuestion(
            text=WHICH.format(case=self.case),
            answer=self.take,
            wrong=self.instead,
            why=" ".join(filter(None, (self.why, self.published))),
        )

    @property
    def options(self) -> tuple[str, ...]:
        """Those of its question in an order that gives nothing away, and is always the same."""
        return tuple(sorted((self.take, *self.instead), key=str.lower))


def _paper(number: str) -> str:
    return f"[arXiv {number}](https://arxiv.org/abs/{number})"


BN, GN, LN = RunConfig(norm="bn", l1=1e-4).label, RunConfig(norm="gn").label, RunConfig(norm="ln").label
IN = RunConfig(norm="in").label
"""How the lab's tables name these networks of the study."""
RENEWED = f"{BN}, re-estimated"
DIM = 0.2

LIGHT = (
    "Here, with a fifth of the contrast, {bn} is wrong on {stored:.1f} % of the images with its stored statistics and "
    "on {renewed:.1f} % with statistics of 500 such images, IN on {of_in:.1f} %, {gn} on {of_gn:.1f} %, {ln} on "
    "{of_ln:.1f} %."
)
FORGOT = (
    "Here {bn}, left in training mode, is wrong on {one:.1f} % of the images one at a time and on {two:.1f} % in "
    "pairs; in inference mode on {inference:.1f} %, whatever the batch."
)
COMPANY = (
    "Here, trained on batches of one class of MNIST, BN is wrong on {bn:.1f} % of the test images, GN on {gn:.1f} %, "
    "LN on {ln:.1f} %."
)
HERE = "On MNIST here, "
SMALL = (
    "at {images} images a batch: with one number per image in a set BN is wrong on {one_bn:.1f} % and "
    "{gn} on {one_gn:.1f} %; with many, as is usual, on {own_bn:.1f} % and {own_gn:.1f} %."
)
ALONE = "with one image a batch BN is wrong on {bn:.1f} % of the test images and {gn} on {gn_error:.1f} %; "
LOSES_HERE = "On MNIST here BN loses, too, with {sizes}."
KEEPS_UP_HERE = (
    "On ImageNet BN loses with so few; on MNIST here it keeps up with {sizes}{but}. Nobody knows beforehand, so GN is "
    "the safe choice."
)
LOSES_AND_KEEPS_UP = "On MNIST here BN loses with {loses} and keeps up with {sizes}{but}."
BUT = ", except {at}in a network that leaves one number a channel of each image"
"""Where the usual network bears the advice out, and where it does not."""
PRUNED = (
    "Here, without {share} % of its weights and without training again, BN is wrong on {plain:.1f} % of the images, "
    "{bn} on {l1:.1f} %."
)
REMOVED = 80
"""Percent of the weights."""


def _light(table: Table) -> str:
    stored, renewed, alone, gn, ln = (
        table.mean("error", network=network, varied="contrast", amount=DIM) for network in (BN, RENEWED, IN, GN, LN)
    )
    return LIGHT.format(bn=BN, gn=GN, ln=LN, stored=stored, renewed=renewed, of_in=alone, of_gn=gn, of_ln=ln)


def _forgot(table: Table) -> str:
    one, two = (table.mean("error", network=BN, varied="size", amount=size) for size in (1, 2))
    return FORGOT.format(bn=BN, one=one, two=two, inference=table.mean("error", network=BN, varied="inference"))


def _company(table: Table) -> str:
    where = {"dataset": "mnist", "order": "one class"}
    errors = {norm: table.mean("inference", norm=norm, **where) for norm in ("bn", "gn", "ln")}
    return COMPANY.format(**errors)


def _alone(table: Table) -> str:
    """Of batches of one image in the usual network; where each image has one number, torch refuses them."""
    bn, gn = _errors(table, 1, pooled=False)
    return ALONE.format(bn=bn, gn=GN, gn_error=gn)


def _small(table: Table, images: int) -> str:
    one_bn, one_gn = _errors(table, images, pooled=True)
    own_bn, own_gn = _errors(table, images, pooled=False)
    return SMALL.format(images=images, gn=GN, one_bn=one_bn, one_gn=one_gn, own_bn=own_bn, own_gn=own_gn)


def _here(*sizes: int) -> Callable[[Table], str]:
    """Which of these sizes of a batch bear out in the usual network that BN is worse than GN."""

    def sentence(table: Table) -> str:
        loses = [size for size in sizes if _worse(table, size, pooled=False)]
        keeps = [size for size in sizes if size not in loses]
        if not keeps:
            return LOSES_HERE.format(sizes=_images(loses))
        parts = [size for size in keeps if _worse(table, size, pooled=True)]
        but = BUT.format(at="" if parts == keeps else f"with {_listed(parts)} ") if parts else ""
        if loses:
            return LOSES_AND_KEEPS_UP.format(loses=_images(loses), sizes=_listed(keeps), but=but)
        return KEEPS_UP_HERE.format(sizes=_images(keeps), but=but)

    return sentence


def _images(sizes: Sequence[int]) -> str:
    return f"{_listed(sizes)} {'image' if sizes == [1] else 'images'}"


def _listed(sizes: Sequence[int]) -> str:
    return listed([str(size) for size in sizes])


def _worse(table: Table, images: int, *, pooled: bool) -> bool:
    """Whether BN's error is higher than GN's, as they are told."""
    bn, gn = _errors(table, images, pooled=pooled)
    return round(bn, 1) > round(gn, 1)


def _errors(table: Table, images: int, *, pooled: bool) -> tuple[float, float]:
    """Of BN and of GN."""
    bn, gn = (table.mean("error", norm=norm, pooled=pooled, kind="batches", images=images) for norm in ("bn", "gn"))
    return bn, gn


def _pruned(table: Table) -> str:
    plain, l1 = (table.mean("error", method=method, renewed=False, share=REMOVED) for method in ("BN", BN))
    return PRUNED.format(share=REMOVED, bn=BN, plain=plain, l1=l1)


NO_MATTER = "any of them, it does not matter"
NO_NORM = "none of them"
SITUATIONS = (
    Situation(
        name="large",
        when="16 images a batch or more, tested on images like those of the training",
        take="BatchNorm",
        case="You train on photographs, 64 images a batch, and test on photographs of the same kind.",
        instead=("InstanceNorm", NO_NORM),
        why="Many images give a reliable mean and variance. GN does about as well, but in inference BN is a "
        "factor and a shift, which the convolution before it can take over: then it costs nothing.",
        published=f"ImageNet error at 32 images: BN 23.6 %, GN 24.1 %, LN 25.3 %, IN 28.4 % ({_paper('1803.08494')}).",
    ),
    Situation(
        name="some",
        when="4 or 8 images a batch",
        take="GroupNorm",
        case="You train on large images, of which 8 make a batch.",
        instead=("BatchNorm", NO_NORM),
        why="A mean over few images is a rough guess; GN takes its means within each image. How few are too few "
        "depends on the task and on how many numbers each image gives a set.",
        published="ImageNet error at 8 images: BN 24.8 %, GN 24.0 %; at 4: 27.3 % and 24.2 % "
        f"({_paper('1803.08494')}).",
        table="set-size",
        here=lambda table: f"{HERE}{_small(table, 4)}",
        borne_out=_here(4, 8),
    ),
    Situation(
        name="two",
        when="1 or 2 images a batch",
        take="GroupNorm or LayerNorm",
        case="You train a detector; 2 images fit on a GPU.",
        instead=("BatchNorm", NO_MATTER),
        why="The mean of two images says little of the next two. With one, BN trains on each image's own statistics, "
        "but is tested with running estimates; where a channel has a single value torch raises an error. GN and LN "
        "take their means within each image, whatever the batch.",
        published=f"ImageNet error at 2 images: BN 34.7 %, GN 24.1 % ({_paper('1803.08494')}).",
        table="set-size",
        here=lambda table: f"{HERE}{_alone(table)}{_small(table, 2)}",
        borne_out=_here(1, 2),
    ),
    Situation(
        name="light",
        when="Tested on other light, another camera, noise",
        take="GroupNorm, or BatchNorm with re-estimated statistics",
        case="You train by day, and the camera will look at dusk as well.",
        instead=("BatchNorm as it was trained", NO_MATTER),
        why="BN carries the statistics of its training images along, and on other images they are wrong. GN "
        "measures each image anew. IN measures each channel of it, which does away with a change of contrast, but "
        "costs accuracy elsewhere (first line).",
        published="ResNet-50 on ImageNet-C: mean corruption error 76.7 % with BN's stored statistics, 62.2 % with "
        f"those of the corrupted images ({_paper('2006.16971')}).",
        table="light",
        here=_light,
    ),
    Situation(
        name="single",
        when="Single images, or batches of another make-up, at inference",
        take="any, but BatchNorm only in eval() mode",
        case="Your trained network will get its images one at a time.",
        instead=("any, and BatchNorm in train() mode", "none: a norm needs a batch"),
        why="In train() mode BN takes the statistics of whatever batch comes; in eval() mode those of the "
        "training, so that an answer depends on its image alone.",
        published=f"In inference BN's output is to depend on the input alone ({_paper('1502.03167')}).",
        table="forgot-eval",
        here=_forgot,
    ),
    Situation(
        name="one-class",
        when="Batches of one class, one patient, one speaker in training",
        take="GroupNorm or LayerNorm",
        case="Each batch of your training comes from one patient.",
        instead=("BatchNorm", NO_MATTER),
        why="BN makes the network learn the make-up of its batches, which is another one at the test. GN and LN "
        "see one image at a time.",
        published=f"With BN a network learns the make-up of such batches ({_paper('1702.03275')}).",
        table="company",
        here=_company,
    ),
    Situation(
        name="micro-batches",
        when="Gradients of micro-batches added up",
        take="GroupNorm or LayerNorm",
        case="2 images fit into memory, so you add up the gradients of 16 such micro-batches.",
        instead=("BatchNorm", NO_MATTER),
        why="BN takes the statistics of each micro-batch, so the sum is not the gradient of the whole batch; with "
        "GN and LN it is.",
    ),
    Situation(
        name="sequences",
        when="A transformer, or another model of sequences",
        take="LayerNorm or RMSNorm at each position",
        case="You train a transformer on sentences of different lengths.",
        instead=("BatchNorm over the whole batch", NO_NORM),
        why="A transformer's LayerNorm is another one: a set for each position, of its own features. Lengths, padding "
        "and other sequences do not matter, and training and test compute the same.",
        published=f"LayerNorm: {_paper('1607.06450')}. RMSNorm: {_paper('1910.07467')}.",
    ),
    Situation(
        name="deep",
        when="A deep network, or a large learning rate",
        take="any of them rather than none",
        case="You stack 50 layers and want to learn in large steps.",
        instead=("none of them: the numbers keep their size", "BatchNorm alone, the others fail there"),
        why="A norm sets the size of the numbers anew in every layer: it neither shrinks nor grows with depth, "
        "and large steps do less harm.",
        published="Inception without BN needed 31.0 million steps for 72.2 % on ImageNet and diverged at 5 times the "
        f"learning rate; with BN it needed 2.1 million at that rate ({_paper('1502.03167')}).",
    ),
    Situation(
        name="pruning",
        when="Most weights are to be removed afterwards",
        take="any of them, with L1",
        case="The trained network has to run on a small chip, without most of its weights.",
        instead=("any of them, without a penalty", NO_NORM),
        why="L1 presses the weights that do little towards zero, so that they can be removed.",
        published="AlexNet kept its accuracy on ImageNet with 6.7 of its 61 million weights, trained again after each "
        f"removal ({_paper('1506.02626')}).",
        table="pruning",
        here=_pruned,
    ),
)
"""The first is the one of the study."""
