"""Step 3, who shares a mean: point at all cells that share with the marked one, under BN, LN and GN."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.catalogue import NORMS, SetNorm
from core.four_images.source import Integers
from core.lesson.sharing import (
    ASKED,
    GROUPS,
    MARKED,
    SHAPE,
    Answer,
    answer_from_text,
    answer_to_text,
    compare,
    means,
    options,
    product,
)
from core.normalization import statistics
from pages.parts.lesson.address import SHOWN, say
from pages.parts.lesson.step import RIGHT, WRONG, just_show
from pages.parts.shared.address import Parameter, Table, keep, kept, segments
from pages.parts.shared.rules import one_of
from pages.parts.shared.shown import Shown
from pages.parts.shared.tensor_view import Choice, chosen_by_hand, tensor_view

NUMBER = 3
DONE = "done"
"""In the place of a prediction: all three norms are answered; what was said of each has a parameter of its own."""
EMPTY = Answer(np.zeros(SHAPE, dtype=bool))
NORM = Parameter[SetNorm]("sharing", one_of(ASKED), ASKED[0])
ANSWERS = {
    norm: Parameter[Answer | None](f"sharing_{norm}", answer_from_text, None, text=lambda a: answer_to_text(a or EMPTY))
    for norm in ASKED
}
PARAMETERS: Table = (NORM, *ANSWERS.values())
KEY = "lesson_tensor3"
AROUND = 360
"""As ``tensor_view`` has it: less stands above and below the tensor here."""
CHANNELS = {"c": SHAPE[1], "g": GROUPS, "each": SHAPE[1] // GROUPS}
"""All of them, the groups, and the channels of each group, by the names that they have in the sentences."""
NAMES = {"bn": "BatchNorm", "ln": "LayerNorm", "gn": f"GroupNorm with G = {GROUPS}"}
TITLE = "{name} on four images of six channels, whole numbers."
QUESTION = "Under **{name}**, which cells share their mean with the **marked cell**? Point at all of them."
PREDICT_OF = "**Predict first, {place} of {norms}.** {question}"
"""Says which of the norms is asked for, so that nobody goes on to the next step after the first."""
HOW = "A click or tap takes one channel of one image, {h} × {w} cells; a dragged frame takes all cells in it."
IN_GROUPS = "G = {g} groups: each has C/G = {c}/{g} = {each} neighbouring channels."
"""What G means, for who is asked for the sets of GroupNorm."""
ALL_FOUND = ":material/check_circle: **All {right} found, none too many.**"
SOME_FOUND = ":material/cancel: **{right} right, {missed} missed, {wrong} wrong.**"
SHARES = {
    "bn": "Its set is **its channel, in every image**: {product} cells, the marked one among them.",
    "ln": "Its set is **its image, in every channel**: {product} cells, the marked one among them.",
    "gn": "Its set is **its group of channels, in its image**: {product} cells, the marked one among them. You choose "
    "G: here {g} groups of {c}/{g} = {each} channels.",
}
FOLLOWING = "Now {name} ({place} of {norms})"
HOW_MANY = (
    "**How many means** does {name} compute for this tensor: N = {n} images, C = {c} channels, each of {h} × {w} cells?"
)
MEANS = {
    "bn": "One mean for each channel: {product}.",
    "ln": "One mean for each image: {product}.",
    "gn": "One mean for each image and group of channels: {product}.",
}


def draw(said: str, picture: DeltaGenerator, words: DeltaGenerator) -> None:
    """The tensor without its sets, to point at; then what was found, then its sets, for one norm after the other."""
    if said not in ("", DONE, SHOWN):
        say(NUMBER, SHOWN)
    answers = {norm: kept(ANSWERS[norm]) or EMPTY for norm in ASKED}
    if not said and all(answer.count is not None for answer in answers.values()):  # asked again
        for norm in ASKED:
            keep(ANSWERS[norm], None)
        keep(NORM, ASKED[0])
        answers = dict.fromkeys(ASKED, EMPTY)
    norm = kept(NORM)
    answer = answers[norm]
    with picture:
        _tensor(norm, answer, open_=bool(said) or answer.count is not None)
    with words:
        if not said and not answer.checked:
            question = QUESTION.format(name=NAMES[norm])
            st.markdown(PREDICT_OF.format(place=ASKED.index(norm) + 1, norms=len(ASKED), question=question))
            if NORMS[norm].grouping == "chosen":
                st.markdown(IN_GROUPS.format(**CHANNELS))
            st.caption(HOW.format(h=SHAPE[2], w=SHAPE[3]))
            st.button(
                "Check", icon=":material/check:", type="primary", key="lesson_check", on_click=_check, args=(norm,)
            )
            just_show(NUMBER, "Show me all three")
            return
        if said:
            segments("Norm", ASKED, NORM, name=lambda name: NORMS[name].title)  # all three are known now
        if answer.checked:
            found = compare(answer.chosen, norm)
            template = ALL_FOUND if found.all_found else SOME_FOUND
            st.markdown(template.format(right=found.right, missed=found.missed, wrong=found.wrong))
        st.markdown(SHARES[norm].format(product=_whole(product(norm, shared=True)), **CHANNELS))
        _means(norm, answer, said)


def _whole(product: str) -> str:
    """The same without a line break before or after a sign of multiplication."""
    return product.replace(" × ", "\N{NO-BREAK SPACE}×\N{NO-BREAK SPACE}")


def _tensor(norm: SetNorm, answer: Answer, *, open_: bool) -> None:
    x = Integers().batch(norm, GROUPS)
    marks = compare(answer.chosen, norm).marks if answer.checked else None
    closed = None if open_ and marks is None else Choice(norm, answer.chosen, marks, secret=not open_)
    tensor_view(
        Shown(x, statistics(x, norm, GROUPS)),
        MARKED,
        title=TITLE.format(name=NAMES[norm]),
        key=KEY,
        lean=True,
        around=AROUND,
        choice=closed,
        on_pin=lambda: None,
        on_choose=lambda: _chosen(norm),
    )


def _means(norm: SetNorm, answer: Answer, said: str) -> None:
    """How many means: asked, or answered."""
    n, c, h, w = SHAPE
    if answer.count is None and not said:
        key = f"lesson_means_{norm}"
        question = HOW_MANY.format(name=NAMES[norm], n=n, c=c, h=h, w=w)
        st.markdown(question)
        st.pills(question, options(), label_visibility="collapsed", key=key, on_change=_counted, args=(norm, key))
        return
    right = means(norm)
    if answer.count is not None:
        template = RIGHT if answer.count == right else WRONG
        st.markdown(template.format(said=answer.count, answer=right))
    st.markdown(MEANS[norm].format(product=_whole(product(norm, shared=False))))
    if not said:
        following = next(other for other in ASKED if (kept(ANSWERS[other]) or EMPTY).count is None)
        st.button(
            FOLLOWING.format(name=NAMES[following], place=ASKED.index(following) + 1, norms=len(ASKED)),
            icon=":material/arrow_forward:",
            type="primary",
            key="lesson_following",
            on_click=keep,
            args=(NORM, following),
        )


def _by_hand(norm: SetNorm) -> Answer:
    """What is chosen in the picture now, which is newer than what the address holds."""
    before = kept(ANSWERS[norm]) or EMPTY
    chosen = chosen_by_hand(KEY, norm, SHAPE)
    if chosen is None or before.checked:
        return before
    chosen[MARKED] = False
    return replace(before, chosen=chosen)


def _chosen(norm: SetNorm) -> None:
    answer = _by_hand(norm)
    keep(ANSWERS[norm], answer if answer.chosen.any() else None)


def _check(norm: SetNorm) -> None:
    keep(ANSWERS[norm], replace(_by_hand(norm), checked=True))


def _counted(norm: SetNorm, key: str) -> None:
    count = st.session_state[key]
    answer = kept(ANSWERS[norm]) or EMPTY
    if count is None or not answer.checked:
        return
    keep(ANSWERS[norm], replace(answer, count=int(count)))
    if all((kept(ANSWERS[other]) or EMPTY).count is not None for other in ASKED):
        say(NUMBER, DONE)
