"""Which norm to take: a line a situation, with what was published, what was measured here, and where to see it.

The experiments themselves would bring torch, which this page spares: their tables are read by name.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import streamlit as st

from core.catalogue import DATASETS, NORMS
from core.comparison.methods import Method
from core.config import RunConfig
from core.experiments.table import Table
from core.labels import listed
from pages.parts.shared.measured import from_table

STATISTICS, LAB, COMPARE = "pages/statistics.py", "pages/lab.py", "pages/compare.py"
ICONS = {STATISTICS: ":material/grid_on:", LAB: ":material/science:", COMPARE: ":material/show_chart:"}
"""As the navigation has them."""


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """A place in this app that shows it."""

    page: str
    label: str
    query: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Situation:
    """One line of the table.

    when, take: the situation, and what to take in it.  published: what a paper says, Markdown with its link.
    here: what was measured with this app, from the lab's table ``table``; empty where there is none.
    """

    when: str
    take: str
    published: str
    evidence: tuple[Evidence, ...]
    table: str = ""
    here: Callable[[Table], str] = lambda table: ""


STYLE = """<style>
.st-key-situations > * { padding: 0.5rem 0; }
.st-key-situations > * + * { border-top: 1px solid color-mix(in srgb, currentColor 20%, transparent); }
.st-key-situations [data-testid="stColumn"] > * { row-gap: 0; }
</style>"""
"""Lines between the rows of the table."""


def _paper(number: str) -> str:
    return f"[arXiv {number}](https://arxiv.org/abs/{number})"


def _experiment(name: str, title: str) -> Evidence:
    return Evidence(page=LAB, label=title, query={"lab_experiment": name})


BN, GN, LN = RunConfig(norm="bn", l1=1e-4).label, RunConfig(norm="gn").label, RunConfig(norm="ln").label
"""How the lab's tables name these networks of the study."""
RENEWED = f"{BN}, re-estimated"
DIM = 0.2

LIGHT = (
    "Here, with a fifth of the ink, {bn} is wrong on {stored:.1f} % of the images with its stored statistics and on "
    "{renewed:.1f} % with statistics of 500 such images, {gn} on {of_gn:.1f} %, {ln} on {of_ln:.1f} %."
)
FORGOT = (
    "Here {bn}, left in training mode, is wrong on {one:.1f} % of the images one at a time and on {two:.1f} % in "
    "pairs; in inference mode on {inference:.1f} %, whatever the batch."
)
COMPANY = (
    "Here, trained on batches of one class of MNIST, BN is wrong on {bn:.1f} % of the test images, GN on {gn:.1f} %, "
    "LN on {ln:.1f} %."
)
SMALL = (
    "Here, at {images} images a batch, BN is wrong on {one_bn:.1f} % and {gn} on {one_gn:.1f} % where a set has one "
    "number an image, and on {own_bn:.1f} % and {own_gn:.1f} % in the network as it is, whose sets have more."
)
STUDY = (
    "Here, on {dataset} after {epochs}: {means} (means of {seeds} seeds; those of one method differ by up to "
    "{spread:.2f} points)."
)
TOO_CLOSE = (
    "The means lie {apart:.2f} points apart, less than two seeds of one method can: too little to decide by. Cost "
    "decides: in inference BN is a fixed factor and shift, which the convolution before it can take in."
)
PRUNED = (
    "Here, without {share} % of its weights and without training again, BN is wrong on {plain:.1f} % of the images, "
    "{bn} on {l1:.1f} %."
)
REMOVED = 80
"""Percent of the weights."""


def _light(table: Table) -> str:
    stored, renewed, gn, ln = (
        table.mean("error", network=network, varied="contrast", amount=DIM) for network in (BN, RENEWED, GN, LN)
    )
    return LIGHT.format(bn=BN, gn=GN, ln=LN, stored=stored, renewed=renewed, of_gn=gn, of_ln=ln)


def _forgot(table: Table) -> str:
    one, two = (table.mean("error", network=BN, varied="size", amount=size) for size in (1, 2))
    return FORGOT.format(bn=BN, one=one, two=two, inference=table.mean("error", network=BN, varied="inference"))


def _company(table: Table) -> str:
    where = {"dataset": "mnist", "order": "one class"}
    errors = {norm: table.mean("inference", norm=norm, **where) for norm in ("bn", "gn", "ln")}
    return COMPANY.format(**errors)


def _small(images: int) -> Callable[[Table], str]:
    def sentence(table: Table) -> str:
        one_bn, one_gn, own_bn, own_gn = (
            table.mean("error", norm=norm, pooled=pooled, kind="batches", images=images)
            for pooled in (True, False)
            for norm in ("bn", "gn")
        )
        return SMALL.format(images=images, gn=GN, one_bn=one_bn, one_gn=one_gn, own_bn=own_bn, own_gn=own_gn)

    return sentence


def _pruned(table: Table) -> str:
    plain, l1 = (table.mean("error", method=method, renewed=False, share=REMOVED) for method in ("BN", BN))
    return PRUNED.format(share=REMOVED, bn=BN, plain=plain, l1=l1)


BY_POSITION = next(row for row in NORMS.values() if row.shared and "H" in row.numbering)
"""The norm that tells positions apart."""
SET_SIZE = _experiment("set-size", "How many numbers are in a set?")
SITUATIONS = (
    Situation(
        when="16 images a batch or more, tested on images like those of the training",
        take="BatchNorm",
        published=f"ImageNet error at 32 images: BN 23.6 %, GN 24.1 %, LN 25.3 %, IN 28.4 % ({_paper('1803.08494')}).",
        evidence=(
            Evidence(page=COMPARE, label="See the tests"),
            _experiment("two-curves", "One network, two test curves"),
        ),
    ),
    Situation(
        when="4 or 8 images a batch",
        take="GroupNorm",
        published="ImageNet error at 8 images: BN 24.8 %, GN 24.0 %; at 4: 27.3 % and 24.2 % "
        f"({_paper('1803.08494')}).",
        table="set-size",
        here=_small(4),
        evidence=(SET_SIZE,),
    ),
    Situation(
        when="1 or 2 images a batch",
        take="GroupNorm or LayerNorm",
        published=f"ImageNet error at 2 images: BN 34.7 %, GN 24.1 % ({_paper('1803.08494')}). Of a single value BN "
        "can take no variance, and torch refuses it in training.",
        table="set-size",
        here=_small(2),
        evidence=(
            SET_SIZE,
            _experiment("small-ones", "Three small ones"),
            Evidence(
                page=STATISTICS,
                label="One value a channel",
                query={"stats_images": "1", "stats_side": "1", "stats_tab": "Write it in PyTorch"},
            ),
        ),
    ),
    Situation(
        when="Tested on other light, another camera, noise",
        take="GroupNorm, or BatchNorm with statistics taken anew",
        published="ResNet-50 on ImageNet-C: mean corruption error 76.7 % with BN's stored statistics, 62.2 % with "
        f"those of the corrupted images ({_paper('2006.16971')}).",
        table="light",
        here=_light,
        evidence=(_experiment("light", "Turn down the light"),),
    ),
    Situation(
        when="Single images, or batches of another make-up, at inference",
        take="Any, but BatchNorm only in eval() mode",
        published=f"In inference BN's output is to depend on the input alone ({_paper('1502.03167')}).",
        table="forgot-eval",
        here=_forgot,
        evidence=(_experiment("forgot-eval", "You forgot model.eval()"),),
    ),
    Situation(
        when="Batches of one class, one patient, one speaker in training",
        take="GroupNorm or LayerNorm",
        published=f"With BN a network learns the make-up of such batches ({_paper('1702.03275')}).",
        table="company",
        here=_company,
        evidence=(_experiment("company", "It learned, but not for you"),),
    ),
    Situation(
        when="Gradients of micro-batches added up",
        take="GroupNorm or LayerNorm",
        published="BN takes the statistics of each micro-batch, so the sum is not the gradient of the whole batch; "
        "with GN and LN it is.",
        evidence=(
            Evidence(page=STATISTICS, label="Four images as two and two", query={"stats_tab": "Accumulated gradients"}),
        ),
    ),
    Situation(
        when="A transformer, or another model of sequences",
        take="LayerNorm or RMSNorm at each position",
        published="A position takes its statistics from its own features: lengths, padding and other sequences do not "
        f"matter, and training and test compute the same ({_paper('1607.06450')}, {_paper('1910.07467')}).",
        evidence=(
            Evidence(
                page=STATISTICS,
                label="Over C at each position",
                query={"stats_more": "true", "stats_norm": BY_POSITION.title},
            ),
        ),
    ),
    Situation(
        when="A deep network, or a large learning rate",
        take="Any of them rather than none",
        published="Inception without BN needed 31.0 million steps for 72.2 % on ImageNet and diverged at 5 times the "
        f"learning rate; with BN it needed 2.1 million at that rate ({_paper('1502.03167')}).",
        evidence=(
            _experiment("learning-rate", "How fast can you learn?"),
            _experiment("depth", "How deep can you go?"),
        ),
    ),
    Situation(
        when="Most weights are to be removed afterwards",
        take="Any of them, with L1",
        published="AlexNet kept its accuracy on ImageNet with 6.7 of its 61 million weights, trained again after each "
        f"removal ({_paper('1506.02626')}).",
        table="pruning",
        here=_pruned,
        evidence=(_experiment("pruning", "What can be thrown away?"),),
    ),
)


def study_in_words(family: Sequence[Method]) -> str:
    """The mean test accuracy of each method of the study, how far its seeds differ, and what that decides.

    "" without a study.
    """
    if not family:
        return ""
    config = family[0].config
    average = [statistics.fmean(method.accuracies) for method in family]
    means = [f"{method.config.label} {mean:.2f} %" for method, mean in zip(family, average, strict=True)]
    spread = max(max(method.accuracies) - min(method.accuracies) for method in family)
    study = STUDY.format(
        dataset=DATASETS[config.dataset].title,
        epochs="1 epoch" if config.epochs == 1 else f"{config.epochs} epochs",
        means=listed(means),
        seeds=min(len(method.accuracies) for method in family),
        spread=spread,
    )
    apart = max(average) - min(average)
    return f"{study} {TOO_CLOSE.format(apart=apart)}" if apart < spread else study


def answer(family: Sequence[Method]) -> None:
    """Draw the table. family: the methods of the shipped study, which the first line tells of; or none."""
    st.html(STYLE)
    with st.container(key="situations", gap=None):
        for number, row in enumerate(SITUATIONS):
            here = from_table(row.table, row.here) if row.table else ""
            if number == 0:
                here = study_in_words(family)
            when, take, why, where = st.columns([3, 3, 6, 4], gap="small")
            when.markdown(row.when)
            take.markdown(f"**{row.take}**")
            why.markdown(f":small[{' '.join(filter(None, (row.published, here)))}]")
            with where:
                for link in row.evidence:
                    st.page_link(link.page, label=link.label, icon=ICONS[link.page], query_params=link.query or None)
