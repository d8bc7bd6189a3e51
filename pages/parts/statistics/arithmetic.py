"""The lesson on arithmetic: the pinned set's numbers in the formulas, with gamma, beta and epsilon to turn."""

from __future__ import annotations

import streamlit as st

from core.catalogue import NORMS
from core.four_images.arithmetic import own_output, per_channel, steps, torch_output
from core.four_images.source import Cell
from core.normalization import EPS, set_name
from pages.parts.shared.address import take_link
from pages.parts.shared.shown import Shown
from pages.parts.statistics.address import BETA, EPSILON, EPSILONS, GAMMA
from pages.parts.statistics.controls import Setting

ELEMENTWISE = (
    "γ and β are one a channel here. torch's {layer} takes the same mean and variance, but has γ and β for every "
    "element: {both:,} numbers instead of {pairs}."
)
ELEMENTWISE_WITHOUT_BETA = (
    "γ is one a channel here. torch's {layer} takes the same root mean square, but has a γ for every element: "
    "{every:,} numbers instead of {channels}."
)
EPSILON_HELP = (
    "ε stands inside the root, added to the variance: it keeps a set of nearly equal numbers from being blown up. "
    "torch's default is 0.00001. Among 0, 0.01, 0.02 and 0.01 the 0.02 becomes 1.291 with it, and 0.309 with 0.001."
)
LEARNED = (
    "γ and β are learned, one each a channel: mean 0 and deviation 1 may not suit the next layer. With γ = σ and β = μ "
    "it would have x again."
)
LEARNED_WITHOUT_BETA = "γ is learned, one a channel: it gives a layer back the scale that suits it."
WHICH_SET = "**Set {number}: {name}** ({norm}). Its {cells:,} cells:"
NOT_TAKEN = "By torch: an error, since it does not take this batch in training mode."
TWICE = "By torch: **{torch:.6f}**. {same}; torch computes in float64 here."
EQUAL, DIFFERENT = "They are equal", "They differ by {difference:.0e}"


def arithmetic(setting: Setting, pinned: Cell) -> Shown:
    """The pinned set's numbers in the formulas, and torch's result beside the project's."""
    norm, x, stats = setting.norm, setting.x, setting.stats
    s, channel = int(stats.index[pinned]), pinned[1]
    row = NORMS[norm]
    mode = ", training mode" if row.running else ""
    take_link(EPSILON)
    with st.container(horizontal=True, gap="small"):
        gamma = st.slider("γ of this channel", -3.0, 3.0, GAMMA.default, 0.1, width=115, **GAMMA.widget())
        beta = 0.0
        if row.shifts:
            beta = st.slider("β of this channel", -3.0, 3.0, BETA.default, 0.1, width=115, **BETA.widget())
        eps = st.select_slider(
            "ε",
            EPSILONS,
            value=EPSILON.default,
            format_func=EPSILON.text,
            width=115,
            help=EPSILON_HELP,
            **EPSILON.widget(),
        )
    name = set_name(norm, s, x.shape, stats.groups)
    st.markdown(WHICH_SET.format(number=s + 1, name=name, norm=row.title + mode, cells=stats.cells))
    for step in steps(x, stats, pinned, gamma=gamma, beta=beta, eps=eps):
        st.markdown(f"{step.name} = **{step.result}**  \n{step.line}")
    gammas, betas = per_channel(x.shape[1], channel, gamma, beta)
    own = float(own_output(x, stats, gammas, betas, eps)[pinned])
    theirs = torch_output(x, norm, setting.groups, gammas, betas, eps)
    if theirs is None:
        st.markdown(NOT_TAKEN)
    else:
        other = float(theirs[pinned])
        same = EQUAL if own == other else DIFFERENT.format(difference=abs(own - other))
        st.markdown(TWICE.format(torch=other, same=same))
    st.caption(LEARNED if row.shifts else LEARNED_WITHOUT_BETA)
    if row.torch_elementwise:
        _, c, h, w = x.shape
        layer = row.torch_elementwise.format(c=c, h=h, w=w)
        template = ELEMENTWISE if row.shifts else ELEMENTWISE_WITHOUT_BETA
        st.caption(template.format(layer=layer, every=c * h * w, both=2 * c * h * w, channels=c, pairs=2 * c))
    return Shown(x, stats, gamma=gammas, beta=betas, eps=eps if eps else EPS)
