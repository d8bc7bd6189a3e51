"""Step 7, which one now: a case and its line of the table of the decision, and what the seeds of the study say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import plotly.graph_objects as go
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.catalogue import NORMS, SetNorm
from core.comparison.captions import settings_in_words
from core.comparison.methods import Method, as_methods
from core.comparison.norms_alone import alone, penalties_differ
from core.comparison.study_findings import declared_family
from core.four_images.torch_layers import layer_code, network_code
from core.lesson.choice import accuracies_figure, all_seeds, between, common_seeds, effect_of_l1, one_seed
from core.lesson.situations import SITUATIONS, Situation
from pages.parts.lesson.address import say
from pages.parts.lesson.step import ask, outcome
from pages.parts.shared import address
from pages.parts.shared.address import Parameter, Table, keep, kept, segments
from pages.parts.shared.charts import NO_TOOLBAR
from pages.parts.shared.library import study_runs
from pages.parts.shared.rules import one_of, pattern
from pages.parts.shared.situations import links, measured, reason
from pages.parts.shared.study import shipped_findings, shipped_norms_alone, shipped_pairs_alone

NUMBER = 7
NORMS_SHOWN: tuple[SetNorm, ...] = ("bn", "ln", "gn")
SHAPE, GROUPS = (4, 16, 28, 28), 4
"""Of the code in PyTorch."""
BY_NAME = {row.name: row for row in SITUATIONS}
ALL = "all"
MOST_LINKS = 1
"""Places to go on to, on a screen that has room for no more."""

SITUATION = Parameter("situation", one_of(BY_NAME), SITUATIONS[0].name)
"""At first that of the study, of which the picture is."""
SEED = Parameter("seed7", pattern(f"{ALL}|[0-9]{{1,9}}"), "")
"""Empty: the first seed before the prediction, and all of them after it."""
PARAMETERS: Table = (SITUATION, SEED)

NO_STUDY = "The study's runs do not come with this server, so their intervals cannot be shown here."
ROW = "**{when}.** {why}"
PENALTY = "**L1** adds {l1:g} · Σ|w| to the loss: weights that do little are pressed towards zero, and can be removed."
WRITE = (
    "**In PyTorch**, for {channels} channels: BN `{bn}`, GN `{gn}` (groups first), LN `{ln}`, or with γ and β for "
    "every number `nn.LayerNorm([{channels}, H, W])`. A transformer's is `nn.LayerNorm(C)`."
)


def draw(said: str, picture: DeltaGenerator, words: DeltaGenerator) -> None:
    """The study, one seed before the prediction and all of them after it; beside it a case and its answer."""
    family = _family()
    row = BY_NAME[kept(SITUATION)]
    with picture:
        if family:
            _study(_shown(family), revealed=bool(said))
        else:
            st.info(NO_STUDY, icon=":material/info:")
        if said:
            with st.container(key="lesson_wide_only", gap="xsmall"):
                _effect(family, "wide")
                with st.container(key="lesson_in_pytorch", horizontal=True, vertical_alignment="center", gap="small"):
                    _written("wide")
                    with st.container(width="content"), st.popover("Code", icon=":material/code:"):
                        _code()
    options = row.options
    with words:
        if not said:
            ask(NUMBER, row.question.text, options)
            return
        outcome(NUMBER, said, options, options.index(row.take), row.case)
        _answer(row, family)


def _family() -> list[Method]:
    """The study's three methods in the order of the lesson; empty where they do not come with this server."""
    return sorted(declared_family(as_methods(study_runs())), key=lambda method: NORMS_SHOWN.index(method.config.norm))


def _shown(family: Sequence[Method]) -> list[Method]:
    """The three norms without penalties, and what of ``family`` has one below them; ``family`` where a norm lacks."""
    plain = alone(family, as_methods(study_runs()))
    return [*plain, *(method for method in family if all(method.config != other.config for other in plain))]


def intervals_to_save() -> tuple[go.Figure, str] | None:
    """The picture of all seeds, and what they say."""
    if not (family := _family()):
        return None
    shown = _shown(family)
    return accuracies_figure(shown, None), _all_seeds(shown)


def _all_seeds(shown: Sequence[Method]) -> str:
    """What all seeds of these methods say: without penalties first, where they are shown as well."""
    if len(shown) > len(NORMS_SHOWN):
        return all_seeds(shown, shipped_findings(), shipped_norms_alone())
    return f"{all_seeds(shown, shipped_findings())} {penalties_differ(shown)}".rstrip()


def _study(family: Sequence[Method], *, revealed: bool) -> None:
    """The accuracies of one seed or of all, and what they say."""
    seeds = common_seeds(family)
    options = [ALL, *map(str, seeds)]
    here = replace(SEED, rule=one_of([*options, ""]))
    address.say(address.refuse(here))
    shown = kept(here) or (ALL if revealed else str(seeds[0]))
    segments("Seed", options, SEED, shown=shown, name=lambda option: "All seeds" if option == ALL else option)
    seed = None if shown == ALL else int(shown)
    words = _all_seeds(family) if seed is None else one_seed(family, seed)
    st.plotly_chart(
        accuracies_figure(family, seed),
        key="lesson_study",
        config=NO_TOOLBAR,
        alt=f"{words} ({settings_in_words(family)})",
    )
    with st.container(key="lesson_small"):
        st.markdown(words)


def _answer(row: Situation, family: Sequence[Method]) -> None:
    """The line of the table, with its numbers: in a popover where the screen has no room for them."""
    plain = alone(family, as_methods(study_runs()))
    numbers = " ".join(filter(None, (row.published, measured(row, plain))))
    with st.container(key="lesson_small_row"):
        st.markdown(ROW.format(when=row.when, why=reason(row)))
        with st.container(key="lesson_wide_only_numbers"):
            st.markdown(numbers)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        with st.container(key="lesson_wide_only_links", width="content"):
            links(row, MOST_LINKS)
        st.button("Another case", icon=":material/shuffle:", key="lesson_case", on_click=_another, args=(row.name,))
        with st.container(key="lesson_phone_only", width="content"), st.popover("Numbers, L1, PyTorch"):
            st.markdown(numbers)
            links(row)
            _effect(family, "phone")
            _written("phone")
            _code()


def _effect(family: Sequence[Method], place: str) -> None:
    """What L1 does, of which somebody asks who chooses, too. place: where it stands, as a name."""
    if found := effect_of_l1(family, shipped_findings()) if family else []:
        l1 = next(method.config.l1 for method in family if method.config.l1)
        cost, *effect = (f"**{finding.question}** {finding.answer}" for finding in found)
        plain = alone(family, as_methods(study_runs()))
        halves = between(family, plain, [*shipped_findings(), *shipped_pairs_alone()])
        with st.container(key=f"lesson_small_{place}"):
            st.markdown(
                f"{PENALTY.format(l1=l1)} {measured(BY_NAME['pruning'], family)}  \n"
                + " ".join(filter(None, (cost, halves, *effect)))
            )


def _written(place: str) -> None:
    """The layers in PyTorch, a line. place: where it stands, as a name."""
    with st.container(key=f"lesson_small_write_{place}"):
        st.markdown(WRITE.format(channels=SHAPE[1], **{norm: _layer(norm) for norm in NORMS_SHOWN}))


def _code() -> None:
    """A small network with each norm."""
    for norm, tab in zip(NORMS_SHOWN, st.tabs([NORMS[norm].title for norm in NORMS_SHOWN]), strict=True):
        tab.code(network_code(norm, SHAPE, GROUPS), language=None)


def _layer(norm: SetNorm) -> str:
    """Torch's layer as one writes it, without the remark behind it."""
    return layer_code(norm, SHAPE, GROUPS)


def _another(name: str) -> None:
    names = list(BY_NAME)
    keep(SITUATION, names[(names.index(name) + 1) % len(names)])
    say(NUMBER, "")
