"""Races that one click starts, each with the question that it answers."""

from __future__ import annotations

from dataclasses import dataclass, replace

import streamlit as st

from core.catalogue import DatasetName
from core.config import PresetName, RunConfig, preset
from core.jobs.limits import limits
from core.jobs.snapshots import RaceSnapshot
from core.jobs.verdict import Asked
from core.jobs.words import clock
from core.model import fastest_precision
from pages.parts.shared.runtime import registry
from pages.parts.train.form import fill_form
from pages.parts.train.shown import start

TIME = "{what} About {time} here."


@dataclass(frozen=True)
class OneClick:
    """A race: its question, what it is in a sentence, its variants as a preset or one by one, and what it answers."""

    name: str
    question: str
    what: str
    variants: PresetName | tuple[RunConfig, ...]
    dataset: DatasetName
    epochs: int
    asked: Asked

    def configs(self) -> list[RunConfig]:
        """Its variants, as many and as long as this server allows."""
        allowed = limits()
        variants = preset(self.variants) if isinstance(self.variants, str) else self.variants
        length = min(self.epochs, allowed.max_epochs)
        precision = fastest_precision()
        return [
            replace(variant, dataset=self.dataset, epochs=length, precision=precision)
            for variant in variants[: allowed.max_variants]
        ]


ONE_CLICKS = (
    OneClick(
        "why",
        "Why normalize at all?",
        "BN against no norm, 3 epochs of small MNIST.",
        (RunConfig(norm="bn"), RunConfig(norm="none")),
        "mnist-small",
        3,
        "who is fastest",
    ),
    OneClick(
        "exercise",
        "The exercise: BN + L1, GN or LN?",
        "The exercise that this app grew from: all of MNIST, 20 epochs.",
        "assignment",
        "mnist",
        20,
        "who is behind",
    ),
    OneClick(
        "all",
        "All of them: which learns fastest?",
        "BN, LN, GN, IN and no norm, 5 epochs of small MNIST.",
        "all",
        "mnist-small",
        5,
        "who is fastest",
    ),
)


def one_click_starts() -> None:
    """A button each, and below it what it starts, with the expected time where this server has measured its rate."""
    columns = st.columns(len(ONE_CLICKS), gap="small")
    for column, each in zip(columns, ONE_CLICKS, strict=True):
        with column, st.container(gap="xxsmall"):
            st.button(
                each.question,
                icon=":material/bolt:",
                key=f"train_one_click_{each.name}",
                width="stretch",
                on_click=_start,
                args=(each,),
            )
            seconds = registry().estimate(each.configs())
            st.caption(each.what if seconds is None else TIME.format(what=each.what, time=clock(seconds)))


def asked(race: RaceSnapshot) -> Asked:
    """What a race answers: the question of the one click that starts such a race, whatever its seed."""
    configs = [variant.config for variant in race.variants]
    for each in ONE_CLICKS:
        if [replace(config, seed=configs[0].seed) for config in each.configs()] == configs:
            return each.asked
    return "who is behind"


def _start(each: OneClick) -> None:
    configs = each.configs()
    if start(configs):
        fill_form(configs)
